package org.qiantang.app.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.collect.Storage;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;
import org.qiantang.org.OrgProblem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;

/** Turns whatever a controller throws into a problem; what nobody expected is logged here, once, under its trace id. */
@RestControllerAdvice
class ProblemAdvice {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

    private final Problems problems;
    private final Storage storage;

    ProblemAdvice(Problems problems, Storage storage) {
        this.storage = storage;
        this.problems = problems;
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<Map<String, Object>> handle(Exception e, HttpServletRequest request, HttpServletResponse response)
            throws Exception {
        if (response.isCommitted()) {
            if (e instanceof AsyncRequestNotUsableException) {
                return null;
            }
            // Half of the answer is on its way: the container must break it off rather than end it well.
            throw e;
        }
        Problem problem = (e instanceof DataAccessException || e instanceof TransactionException
                        ? storage.failed((RuntimeException) e)
                        : Optional.<Problem>empty())
                .orElseGet(() -> problem(e, request));
        if (problem.code() == CoreProblem.INTERNAL) {
            LOG.error("{} {} failed", request.getMethod(), request.getRequestURI(), e);
        }
        var answer = ResponseEntity.status(problem.code().status())
                .contentType(MediaType.parseMediaType(Problems.MEDIA_TYPE));
        Problems.headers(problem).forEach(answer::header);
        return answer.body(problems.body(problem, request));
    }

    private static Problem problem(Exception e, HttpServletRequest request) {
        return switch (e) {
            case Problem problem -> problem;
            case MethodArgumentNotValidException invalid ->
                badRequest(invalid.getBindingResult().getFieldErrors().stream()
                        .map(field -> field.getField() + ": " + field.getDefaultMessage())
                        .sorted()
                        .collect(Collectors.joining(", ")));
            case MethodArgumentTypeMismatchException mismatch ->
                badRequest(mismatch.getName() + " = " + mismatch.getValue());
            case HttpMessageNotReadableException unreadable -> whyUnreadable(unreadable);
            case LakeException lake ->
                new Problem(CatalogProblem.LAKE_UNAVAILABLE, "reason", String.valueOf(lake.getMessage()));
            case CannotGetJdbcConnectionException ignored -> new Problem(CoreProblem.UNAVAILABLE);
            case DataAccessResourceFailureException ignored -> new Problem(CoreProblem.UNAVAILABLE);
            case TransientDataAccessException ignored -> new Problem(CoreProblem.UNAVAILABLE);
            case TransactionException ignored -> new Problem(CoreProblem.UNAVAILABLE);
            default ->
                e instanceof ErrorResponse refused
                        ? byStatus(
                                refused.getStatusCode().value(),
                                refused.getBody().getDetail(),
                                request)
                        : new Problem(CoreProblem.INTERNAL);
        };
    }

    /** What was refused while it was read is not badly written. */
    private static Problem whyUnreadable(Throwable unreadable) {
        for (Throwable cause = unreadable; cause != null; cause = cause.getCause()) {
            if (cause instanceof Problem problem) {
                return problem;
            }
        }
        return badRequest("JSON");
    }

    static Problem byStatus(int status, @Nullable String detail, HttpServletRequest request) {
        return switch (status) {
            case 401 -> new Problem(OrgProblem.NOT_SIGNED_IN);
            case 403 -> new Problem(OrgProblem.NOT_ALLOWED);
            case 404 -> new Problem(CoreProblem.NOT_FOUND, "what", request.getRequestURI());
            case 405 -> new Problem(CoreProblem.METHOD_NOT_ALLOWED, "method", request.getMethod());
            case 406 -> new Problem(CoreProblem.NOT_ACCEPTABLE);
            case 413 -> new Problem(CoreProblem.TOO_LARGE);
            case 415 -> new Problem(CoreProblem.UNSUPPORTED_MEDIA_TYPE);
            default ->
                status >= 400 && status < 500
                        ? badRequest(detail == null ? "HTTP " + status : detail)
                        : new Problem(CoreProblem.INTERNAL);
        };
    }

    private static Problem badRequest(String reason) {
        return new Problem(CoreProblem.BAD_REQUEST, "reason", reason);
    }
}

package org.qiantang.app.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.exchange.PeerProblem;
import org.qiantang.invoke.InvokeProblem;
import org.qiantang.org.Account;
import org.qiantang.org.OrgProblem;
import org.qiantang.share.ShareProblem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Renders refusals as problem+json (RFC 9457): title and detail in the reader's language, both languages beside them, a code to look up
 * and a trace id to quote.
 */
@Component
public final class Problems {
    static final String MEDIA_TYPE = "application/problem+json";
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    /** What may be the trace of somebody who tries the doors. */
    private static final Set<Problem.Code> NOTED = Set.of(
            OrgProblem.NOT_ALLOWED,
            OrgProblem.NO_CSRF_TOKEN,
            OrgProblem.ACCOUNT_LOCKED,
            OrgProblem.TOO_MANY_ATTEMPTS,
            OrgProblem.ACCOUNT_DISABLED,
            OrgProblem.INVITATION_ENDED,
            CoreProblem.TOO_LARGE);

    private final JsonMapper json;

    Problems(JsonMapper json) {
        this.json = json;
    }

    Map<String, Object> body(Problem problem, HttpServletRequest request) {
        note(problem, request);
        String sentence = isEnglish(request) ? problem.en() : problem.zh();
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", "urn:qiantang:problem:" + problem.code().id());
        body.put("title", title(sentence));
        body.put("status", problem.code().status());
        body.put("detail", sentence);
        body.put("code", problem.code().id());
        body.put("zh", problem.zh());
        body.put("en", problem.en());
        body.put("traceId", TraceFilter.traceId(request));
        body.put("instance", request.getRequestURI());
        body.putAll(problem.members());
        return body;
    }

    /** Writes a refusal from outside the controllers. */
    public void write(Problem problem, HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setStatus(problem.code().status());
        headers(problem).forEach(response::setHeader);
        response.setContentType(MEDIA_TYPE);
        response.setCharacterEncoding("UTF-8");
        json.writeValue(response.getOutputStream(), body(problem, request));
    }

    private static void note(Problem problem, HttpServletRequest request) {
        if (NOTED.contains(problem.code())) {
            Authentication signedIn = SecurityContextHolder.getContext().getAuthentication();
            LOG.info(
                    "Refused with {}: {} from {}, {} {}",
                    problem.code().id(),
                    signedIn != null && signedIn.getPrincipal() instanceof Account account
                            ? account.username()
                            : "somebody",
                    request.getRemoteAddr(),
                    request.getMethod(),
                    request.getRequestURI());
        }
    }

    static Map<String, String> headers(Problem problem) {
        if (problem.code() == OrgProblem.TOO_MANY_ATTEMPTS) {
            return Map.of("Retry-After", problem.arguments().getOrDefault("seconds", "60"));
        }
        if (problem.code() == InvokeProblem.TOO_FAST) {
            return Map.of("Retry-After", problem.arguments().getOrDefault("seconds", "1"));
        }
        if (problem.code() == ShareProblem.QUOTA_USED) {
            // Days begin elsewhere at another hour; an hour is soon enough to look again.
            return Map.of("Retry-After", "3600");
        }
        if (problem.code() == PeerProblem.AWAY) {
            return Map.of("Retry-After", "10");
        }
        if (problem.code() == CollectProblem.EVENTS_BUSY
                || problem.code() == CollectProblem.EVENTS_NOT_DURABLE
                || problem.code() == CoreProblem.NO_SPACE
                || problem.code() == CoreProblem.STORAGE_FAILING) {
            return Map.of("Retry-After", "2");
        }
        return Map.of();
    }

    /** What could not be done, without the why and the way out. */
    private static String title(String sentence) {
        int end = sentence.length();
        for (String mark : new String[] {"：", ": ", "。", ". ", "（", " ("}) {
            int at = sentence.indexOf(mark);
            if (at > 0 && at < end) {
                end = at;
            }
        }
        return sentence.substring(0, end);
    }

    static boolean isEnglish(HttpServletRequest request) {
        var languages = request.getLocales();
        boolean asked = request.getHeader("Accept-Language") != null;
        while (asked && languages.hasMoreElements()) {
            String language = languages.nextElement().getLanguage();
            if (language.equals(Locale.CHINESE.getLanguage())) {
                return false;
            }
            if (language.equals(Locale.ENGLISH.getLanguage())) {
                return true;
            }
        }
        return false;
    }
}

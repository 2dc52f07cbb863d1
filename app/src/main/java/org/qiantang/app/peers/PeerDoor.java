package org.qiantang.app.peers;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.web.Problems;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Problem;
import org.qiantang.exchange.PeerMessages;
import org.springframework.dao.DataAccessException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Lets in what a peer has signed, as that peer, and signs what is answered, refusals too. What is not a peer's gets a refusal that nobody has
 * signed.
 */
final class PeerDoor extends OncePerRequestFilter {
    /** What a peer says is words; what is told to it may be larger. */
    static final int MOST_BYTES = 4 << 20;

    /** What an answer says beside its content that the asker has to be able to rely on. */
    private static final List<String> COUNT = List.of("Content-Type", "ETag", "Qiantang-Answers");

    private final PeerMessages messages;
    private final Problems problems;

    PeerDoor(PeerMessages messages, Problems problems) {
        this.messages = messages;
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        // Who does not even claim to have signed has nothing to say that is worth being kept.
        byte[] content = request.getHeader("Signature") == null
                ? new byte[0]
                : request.getInputStream().readNBytes(MOST_BYTES + 1);
        if (content.length > MOST_BYTES) {
            problems.write(new Problem(CoreProblem.TOO_LARGE), request, response);
            return;
        }
        PeerMessages.Came came;
        try {
            came = messages.accept(
                    new HttpSignature.Request(request.getMethod(), target(request), headers(request), content));
        } catch (Problem refused) {
            problems.write(refused, request, response);
            return;
        } catch (DataAccessException | TransactionException e) {
            problems.write(new Problem(CoreProblem.UNAVAILABLE), request, response);
            return;
        }
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(
                UsernamePasswordAuthenticationToken.authenticated(came.account(), null, AuthorityUtils.NO_AUTHORITIES));
        SecurityContextHolder.setContext(context);
        ContentCachingResponseWrapper said = new ContentCachingResponseWrapper(response);
        chain.doFilter(new SignedRequest(request, came.checked().headers(), content), said);
        answer(came, request, said);
    }

    /** As the peer knows it, whatever a proxy has made of the host. */
    private URI target(HttpServletRequest request) {
        String query = request.getQueryString();
        try {
            return URI.create(messages.address() + request.getRequestURI() + (query == null ? "" : "?" + query));
        } catch (IllegalArgumentException e) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "URI");
        }
    }

    private static Map<String, String> headers(HttpServletRequest request) {
        Map<String, String> headers = new HashMap<>();
        Collections.list(request.getHeaderNames())
                .forEach(name -> headers.put(
                        name.toLowerCase(Locale.ROOT), String.join(", ", Collections.list(request.getHeaders(name)))));
        return headers;
    }

    private void answer(PeerMessages.Came came, HttpServletRequest request, ContentCachingResponseWrapper said)
            throws IOException {
        byte[] content = said.getContentAsByteArray();
        if (request.getMethod().equals("GET") && said.getStatus() == HttpServletResponse.SC_OK) {
            if (said.getHeader("ETag") == null) {
                String digest = HttpSignature.digest(content);
                said.setHeader("ETag", "\"" + digest.substring(digest.indexOf(':') + 1, digest.length() - 1) + "\"");
            }
            String known = came.checked().header("if-none-match").orElse("");
            if (known.equals(said.getHeader("ETag"))) {
                said.resetBuffer();
                said.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
                content = new byte[0];
            }
        }
        Map<String, String> counting = new TreeMap<>();
        for (String name : COUNT) {
            @Nullable String value = name.equals("Content-Type") ? said.getContentType() : said.getHeader(name);
            if (value != null && (content.length > 0 || !name.equals("Content-Type"))) {
                counting.put(name, value);
            }
        }
        try {
            messages.answer(came, new HttpSignature.Response(said.getStatus(), counting, content))
                    .forEach(said::setHeader);
        } catch (Problem | DataAccessException | TransactionException e) {
            // What cannot be written down is not said.
            said.resetBuffer();
            problems.write(new Problem(CoreProblem.UNAVAILABLE), request, said);
        }
        said.copyBodyToResponse();
    }
}

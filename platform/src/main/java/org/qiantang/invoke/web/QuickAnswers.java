package org.qiantang.invoke.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.invoke.Calls;
import org.qiantang.invoke.QuickCalls;
import org.springframework.stereotype.Component;

/** Calls that are answered at the door, for those who have shown a token that holds; everything else goes on to where all calls go. */
@Component
public final class QuickAnswers {
    private static final Pattern CALL = Pattern.compile("/services/([a-z0-9-]{1,64})/v([0-9]{1,6})");
    private static final List<String> SAID = List.of("X-Grant", "X-Scenario", "X-Operator", "X-Case", "If-None-Match");

    private final QuickCalls calls;
    private final CallController controller;

    QuickAnswers(QuickCalls calls, CallController controller) {
        this.calls = calls;
        this.controller = controller;
    }

    /** What is known to be given and is written down; it is written out once. */
    @FunctionalInterface
    public interface Answer {
        void write(HttpServletResponse response) throws IOException;
    }

    /**
     * Answers a call.
     *
     * @param client whose token it was
     * @return empty where nothing has been answered or counted yet
     */
    public Optional<Answer> answer(String client, HttpServletRequest request) {
        if (!request.getMethod().equals("GET")) {
            return Optional.empty();
        }
        Matcher path = CALL.matcher(request.getRequestURI());
        if (!path.matches() || !isPlain(request)) {
            return Optional.empty();
        }
        Map<String, String> query = query(request);
        if (query == null) {
            return Optional.empty();
        }
        try {
            CallController.Format format = CallController.Format.of(query.get("format"), request.getHeader("Accept"));
            Optional<Calls.Page> page = calls.answer(
                    client,
                    path.group(1),
                    Integer.parseInt(path.group(2)),
                    CallController.wanted(query, request, format));
            return page.map(found -> response -> controller.write(found, format, request, response));
        } catch (Problem refused) {
            // Whoever refuses it the ordinary way says why.
            return Optional.empty();
        }
    }

    /** What somebody wrote into a header that is neither a letter nor a sign is looked at by the doors. */
    private static boolean isPlain(HttpServletRequest request) {
        for (String header : SAID) {
            String said = request.getHeader(header);
            for (int i = 0; said != null && i < said.length(); i++) {
                if (said.charAt(i) < ' ' || said.charAt(i) > '~') {
                    return false;
                }
            }
        }
        return true;
    }

    /** Null for one that is refused. */
    private static @Nullable Map<String, String> query(HttpServletRequest request) {
        Map<String, String> plain = plain(request.getQueryString());
        if (plain != null) {
            return plain;
        }
        try {
            return CallController.query(request);
        } catch (Problem | IllegalStateException wrong) {
            return null;
        }
    }

    /** A query that says what it says, with nothing written in another way and no name twice; null for any other, which is read as ever. */
    static @Nullable Map<String, String> plain(@Nullable String query) {
        Map<String, String> plain = new HashMap<>();
        if (query == null || query.isEmpty()) {
            return plain;
        }
        for (int i = 0; i < query.length(); i++) {
            if (!isPlain(query.charAt(i))) {
                return null;
            }
        }
        for (int from = 0; from <= query.length(); ) {
            int and = query.indexOf('&', from);
            int to = and < 0 ? query.length() : and;
            int equals = query.indexOf('=', from);
            if (equals <= from
                    || equals > to
                    || query.indexOf('=', equals + 1) >= 0 && query.indexOf('=', equals + 1) < to) {
                return null;
            }
            if (plain.put(query.substring(from, equals), query.substring(equals + 1, to)) != null) {
                return null;
            }
            from = to + 1;
        }
        return plain;
    }

    private static boolean isPlain(char c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || "-._~,&=".indexOf(c) >= 0;
    }
}

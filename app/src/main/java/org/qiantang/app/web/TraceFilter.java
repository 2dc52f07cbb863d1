package org.qiantang.app.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.MDC;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** Gives each request an id that stands in its answer and in every log line about it. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
public final class TraceFilter extends OncePerRequestFilter {
    public static final String HEADER = "X-Trace-Id";

    private static final String ATTRIBUTE = "qiantang.trace-id";

    static String traceId(HttpServletRequest request) {
        Object known = request.getAttribute(ATTRIBUTE);
        if (known instanceof String id) {
            return id;
        }
        String id = fresh();
        request.setAttribute(ATTRIBUTE, id);
        return id;
    }

    /** An id for a request of which nobody but its asker hears. */
    public static String fresh() {
        return HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String id = traceId(request);
        response.setHeader(HEADER, id);
        try (MDC.MDCCloseable closed = MDC.putCloseable("traceId", id)) {
            chain.doFilter(request, response);
        }
    }
}

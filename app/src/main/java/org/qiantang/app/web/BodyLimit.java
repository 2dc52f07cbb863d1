package org.qiantang.app.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Nobody fills the hub's memory with a request: who is about to sign in has little to say, and nothing else is larger than a spreadsheet.
 * What devices send has its own limit, counted unpacked.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
final class BodyLimit extends OncePerRequestFilter {
    static final int SIGN_IN_BYTES = 64 << 10;
    static final int MOST_BYTES = 32 << 20;

    private final Problems problems;

    BodyLimit(Problems problems) {
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        int limit = request.getRequestURI().startsWith("/api/session") ? SIGN_IN_BYTES : MOST_BYTES;
        if (request.getContentLengthLong() > limit) {
            problems.write(new Problem(CoreProblem.TOO_LARGE), request, response);
            return;
        }
        chain.doFilter(request.getContentLengthLong() < 0 ? new Counted(request, limit) : request, response);
    }

    /** A request that does not say how long it is. */
    private static final class Counted extends HttpServletRequestWrapper {
        private final int limit;

        Counted(HttpServletRequest request, int limit) {
            super(request);
            this.limit = limit;
        }

        @Override
        public ServletInputStream getInputStream() throws IOException {
            return new CountedInput(super.getInputStream(), limit);
        }
    }

    private static final class CountedInput extends ServletInputStream {
        private final ServletInputStream in;
        private long left;

        CountedInput(ServletInputStream in, int limit) {
            this.in = in;
            this.left = limit;
        }

        @Override
        public int read() throws IOException {
            int one = in.read();
            return one < 0 ? one : take(1, one);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = in.read(bytes, offset, length);
            return count < 0 ? count : take(count, count);
        }

        private int take(int count, int answer) {
            left -= count;
            if (left < 0) {
                throw new Problem(CoreProblem.TOO_LARGE);
            }
            return answer;
        }

        @Override
        public boolean isFinished() {
            return in.isFinished();
        }

        @Override
        public boolean isReady() {
            return in.isReady();
        }

        @Override
        public void setReadListener(ReadListener listener) {
            in.setReadListener(listener);
        }
    }
}

package org.qiantang.invoke.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.qiantang.core.Problem;
import org.qiantang.invoke.Calls;
import org.qiantang.invoke.QuickCalls;
import org.springframework.stereotype.Component;

/** Calls that are answered at the door, for those who have shown a token that holds; everything else goes on to where all calls go. */
@Component
public final class QuickAnswers {
    private static final Pattern CALL = Pattern.compile("/services/([a-z0-9-]{1,64})/v([0-9]{1,6})");

    private final QuickCalls calls;
    private final CallController controller;

    QuickAnswers(QuickCalls calls, CallController controller) {
        this.calls = calls;
        this.controller = controller;
    }

    /**
     * Answers a call, headers and all.
     *
     * @param client whose token it was
     * @return false where nothing has been answered or counted yet
     */
    public boolean answer(String client, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.getMethod().equals("GET")) {
            return false;
        }
        Matcher path = CALL.matcher(request.getRequestURI());
        if (!path.matches()) {
            return false;
        }
        CallController.Format format;
        Optional<Calls.Page> page;
        try {
            format = CallController.Format.of(request);
            page = calls.answer(
                    client, path.group(1), Integer.parseInt(path.group(2)), CallController.wanted(request, format));
        } catch (Problem refused) {
            // Whoever refuses it the ordinary way says why.
            return false;
        }
        if (page.isEmpty()) {
            return false;
        }
        controller.write(page.get(), format, request, response);
        return true;
    }
}

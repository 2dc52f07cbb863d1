package org.qiantang.flight;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.arrow.flight.CallHeaders;
import org.jspecify.annotations.Nullable;

/**
 * What a tool says with each of its calls; the JDBC driver sends every property of its address that it does not know itself.
 *
 * @param grant under which is asked; null for none
 * @param caseNumber of the affair it is asked for
 */
record Asked(@Nullable String grant, @Nullable String caseNumber) {
    static final String SECOND_FACTOR = "code";
    private static final String GRANT = "grant";
    private static final String CASE_NUMBER = "casenumber";
    private static final String LANGUAGE = "language";

    static Asked of(CallHeaders headers) {
        return new Asked(text(headers.get(GRANT)), text(headers.get(CASE_NUMBER)));
    }

    static String language(CallHeaders headers) {
        String language = headers.get(LANGUAGE);
        return language != null && language.matches("[A-Za-z-]{2,10}") ? language : "zh-CN";
    }

    /** Headers are ASCII; what is not is written as in an address. */
    private static @Nullable String text(@Nullable String header) {
        if (header == null || header.isBlank()) {
            return null;
        }
        try {
            return URLDecoder.decode(header.replace("+", "%2B"), StandardCharsets.UTF_8)
                    .strip();
        } catch (IllegalArgumentException notEncoded) {
            return header.strip();
        }
    }

    Map<String, Object> statement(String sql) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("sql", sql);
        if (grant != null) {
            body.put("grant", grant);
        }
        if (caseNumber != null) {
            body.put("caseNumber", caseNumber);
        }
        return body;
    }
}

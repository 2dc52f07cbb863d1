package org.qiantang.org;

import jakarta.servlet.http.HttpServletRequest;

/**
 * The names of the platform's cookies: over HTTPS they say by their beginning that this host alone has set them, which browsers enforce,
 * so that no other site of the city's domain can plant one.
 */
public final class HostCookies {
    public static final String PREFIX = "__Host-";

    private HostCookies() {}

    /** What the cookie is called in answers to such a request. */
    public static String name(String plain, HttpServletRequest request) {
        return request.isSecure() ? PREFIX + plain : plain;
    }

    /** Where it is sent to: such a beginning wants the whole host. */
    public static String path(String plain, HttpServletRequest request) {
        return request.isSecure() ? "/" : plain;
    }
}

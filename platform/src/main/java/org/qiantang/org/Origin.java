package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where an attempt to sign in comes from.
 *
 * @param devices what the browser shows of earlier sign-ins; nobody has looked yet whether it is true
 */
public record Origin(String address, List<String> devices) {
    private static final int MOST = 20;

    public Origin {
        requireNonNull(address, "address is null");
        devices = List.copyOf(devices);
    }

    /** A browser nobody has signed in with. */
    public static Origin of(String address) {
        return new Origin(address, List.of());
    }

    public static Origin of(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        return new Origin(
                request.getRemoteAddr(),
                cookies == null
                        ? List.of()
                        : Stream.of(cookies)
                                .filter(cookie ->
                                        cookie.getName().startsWith(HostCookies.name(TrustedDevices.COOKIE, request)))
                                .map(Cookie::getValue)
                                .limit(MOST)
                                .toList());
    }

    @Override
    public String toString() {
        return "Origin[" + address + "]";
    }
}

package org.qiantang.collect.internal.files;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * An address such as {@code sftp://host:port/path}.
 *
 * @param port -1 when none is given
 * @param path without the percent signs of URLs, empty or with a slash at its start
 */
record RemoteAddress(String scheme, String host, int port, String path) {
    static RemoteAddress parse(String location) {
        int colon = location.indexOf("://");
        int slash = location.indexOf('/', colon + 3);
        String authority = location.substring(colon + 3, slash < 0 ? location.length() : slash);
        try {
            URI uri = URI.create("x://" + authority);
            if (uri.getHost() == null || uri.getUserInfo() != null) {
                throw new Problem(CollectProblem.BAD_REMOTE_ADDRESS);
            }
            String path = slash < 0 ? "" : decode(location.substring(slash));
            return new RemoteAddress(
                    location.substring(0, colon).toLowerCase(java.util.Locale.ROOT),
                    uri.getHost(),
                    uri.getPort(),
                    path);
        } catch (IllegalArgumentException e) {
            throw new Problem(CollectProblem.BAD_REMOTE_ADDRESS);
        }
    }

    /** A path as URLs write it. */
    static String encode(String path) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "-._~/".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    /** A path as people write it; a percent sign without two digits is one. */
    static String decode(String path) {
        byte[] in = path.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[in.length];
        int n = 0;
        for (int i = 0; i < in.length; i++) {
            if (in[i] == '%'
                    && i + 2 < in.length
                    && HexFormat.isHexDigit(in[i + 1])
                    && HexFormat.isHexDigit(in[i + 2])) {
                out[n++] = (byte) (Character.digit(in[i + 1], 16) << 4 | Character.digit(in[i + 2], 16));
                i += 2;
            } else {
                out[n++] = in[i];
            }
        }
        return new String(out, 0, n, StandardCharsets.UTF_8);
    }
}

package org.qiantang.collect.internal.postgres;

import static java.util.Objects.requireNonNull;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.postgresql.Driver;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * Where a PostgreSQL source is and who may read it, with the credentials taken out of the URL so that it can be stored and shown.
 *
 * @param url a JDBC URL without user name and password
 */
public record PostgresLocation(String url, String username, String password) {
    private static final String PREFIX = "jdbc:postgresql:";

    /** What a URL may say; everything else pgjdbc knows can load classes or write files and is none of a source's business. */
    private static final Set<String> PARAMETERS = Set.of(
            "ApplicationName",
            "channelBinding",
            "connectTimeout",
            "gssEncMode",
            "hostRecheckSeconds",
            "loadBalanceHosts",
            "loginTimeout",
            "receiveBufferSize",
            "requireAuth",
            "socketTimeout",
            "ssl",
            "sslcert",
            "sslkey",
            "sslmode",
            "sslNegotiation",
            "sslrootcert",
            "targetServerType",
            "tcpKeepAlive",
            "tcpNoDelay");

    public PostgresLocation {
        requireNonNull(url, "url is null");
        requireNonNull(username, "username is null");
        requireNonNull(password, "password is null");
    }

    /**
     * Reads a location as people write it. A user name or password in the URL is honoured unless one is given beside it.
     *
     * @throws Problem {@code collect.bad_location} and its kin; it never repeats the URL, which may hold a password
     */
    public static PostgresLocation of(String text, String username, String password) {
        String url = text.strip();
        if (!url.startsWith(PREFIX)) {
            throw new Problem(CollectProblem.BAD_LOCATION);
        }
        String user = username;
        String secret = password;
        int question = url.indexOf('?');
        String base = question < 0 ? url : url.substring(0, question);
        List<String> kept = new ArrayList<>();
        for (String pair : question < 0
                ? List.<String>of()
                : List.of(url.substring(question + 1).split("&", -1))) {
            int equals = pair.indexOf('=');
            String key = decoded(equals < 0 ? pair : pair.substring(0, equals));
            String value = equals < 0 ? "" : decoded(pair.substring(equals + 1));
            if (key.equals("user")) {
                user = user.isEmpty() ? value : user;
            } else if (key.equals("password")) {
                secret = secret.isEmpty() ? value : secret;
            } else if (PARAMETERS.contains(key)) {
                kept.add(pair);
            } else if (!key.isEmpty()) {
                throw new Problem(CollectProblem.BAD_LOCATION_PARAMETER, "parameter", key);
            }
        }
        int host = base.indexOf("//") + 2;
        int at = base.lastIndexOf('@');
        if (host > 1 && at > host) {
            String[] credentials = base.substring(host, at).split(":", 2);
            user = user.isEmpty() ? decoded(credentials[0]) : user;
            secret = secret.isEmpty() && credentials.length > 1 ? decoded(credentials[1]) : secret;
            base = base.substring(0, host) + base.substring(at + 1);
        }
        String clean = kept.isEmpty() ? base : base + "?" + String.join("&", kept);
        Properties parsed = Driver.parseURL(clean, null);
        if (parsed == null) {
            throw new Problem(CollectProblem.BAD_LOCATION);
        }
        if (user.isEmpty()) {
            throw new Problem(CollectProblem.NO_USERNAME);
        }
        return new PostgresLocation(clean, user, secret);
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new Problem(CollectProblem.BAD_LOCATION);
        }
    }

    @Override
    public String toString() {
        return url;
    }
}

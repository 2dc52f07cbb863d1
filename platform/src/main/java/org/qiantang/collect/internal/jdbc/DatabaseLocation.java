package org.qiantang.collect.internal.jdbc;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * The JDBC URL of a database, held against what an address may say. Drivers can be told by their URL to run scripts, load classes, send
 * files or look names up elsewhere, so a parameter passes only when its name is known to do none of that.
 *
 * @param scheme what follows {@code jdbc:}, such as {@code mysql}
 */
public record DatabaseLocation(String url, String scheme) {
    private static final Pattern FORM = Pattern.compile("(?i)jdbc:([a-z][a-z0-9+.-]*):(.+)");

    private static final Set<String> PARAMETERS = Set.of(
            "access_mode_data",
            "allowpublickeyretrieval",
            "applicationintent",
            "applicationname",
            "autoreconnect",
            "characterencoding",
            "charset",
            "cipher",
            "connectiontimezone",
            "connecttimeout",
            "currentschema",
            "database",
            "databasename",
            "defaultschema",
            "encrypt",
            "hostnameincertificate",
            "ifexists",
            "immutable",
            "instancename",
            "integratedsecurity",
            "logintimeout",
            "mode",
            "multisubnetfailover",
            "portnumber",
            "requiressl",
            "rewritebatchedstatements",
            "schema",
            "servername",
            "servertimezone",
            "servicename",
            "sockettimeout",
            "ssl",
            "sslmode",
            "targetservertype",
            "tcpkeepalive",
            "tcpnodelay",
            "tlsversion",
            "trustservercertificate",
            "usessl",
            "useunicode",
            "verifyservercertificate",
            "zerodatetimebehavior");

    /** Products that can open a file of this machine; where the file lies decides whether they may. */
    private static final Set<String> EMBEDDED = Set.of("derby", "duckdb", "h2", "hsqldb", "sqlite");

    private static final Pattern SERVER = Pattern.compile("(?i)(?:(?:tcp|ssl|hsql|hsqls|http|https):)?//.*");
    private static final Pattern FILE = Pattern.compile("(?i)(?:file:)?(/(?!/).*)");

    public DatabaseLocation {
        requireNonNull(url, "url is null");
        requireNonNull(scheme, "scheme is null");
    }

    /** @throws Problem when it is no JDBC URL, or says something an address may not say */
    public static DatabaseLocation of(String text) {
        String url = text.strip();
        Matcher form = FORM.matcher(url);
        if (!form.matches()) {
            throw refusal("it is no JDBC URL");
        }
        String scheme = form.group(1).toLowerCase(Locale.ROOT);
        DatabaseLocation location = new DatabaseLocation(url, scheme);
        String place = location.place();
        for (String parameter : url.substring(url.length() - form.group(2).length() + place.length())
                .split("[?&;]", -1)) {
            String name = parameter.contains("=") ? parameter.substring(0, parameter.indexOf('=')) : parameter;
            if (!name.isEmpty() && !PARAMETERS.contains(name.strip().toLowerCase(Locale.ROOT))) {
                throw new Problem(CollectProblem.BAD_LOCATION_PARAMETER, "parameter", name);
            }
        }
        // Some drivers take parameters among the hosts as well; Oracle's descriptors are written that way.
        boolean isOracle = scheme.equals("oracle");
        if (place.matches(isOracle ? "(?i).*ldaps?:.*" : ".*[()=].*")) {
            throw refusal("parameters stand among the hosts");
        }
        if (EMBEDDED.contains(scheme)
                && !SERVER.matcher(place).matches()
                && location.file().isEmpty()) {
            throw refusal("the file needs an absolute path");
        }
        return location;
    }

    /** The database's file, where the address names one of this machine. */
    public Optional<Path> file() {
        Matcher file = FILE.matcher(place());
        return file.matches() ? Optional.of(Path.of(file.group(1))) : Optional.empty();
    }

    /** Whether it is MySQL, MariaDB or what calls itself so: these tell their changes by a binary log. */
    public boolean isMySql() {
        return scheme.equals("mysql") || scheme.equals("mariadb");
    }

    /** What stands between the scheme and the first parameter. */
    private String place() {
        String rest = url.substring("jdbc:".length() + scheme.length() + 1);
        int end = 0;
        while (end < rest.length() && "?;".indexOf(rest.charAt(end)) < 0) {
            end++;
        }
        return rest.substring(0, end);
    }

    private static Problem refusal(String reason) {
        return new Problem(CollectProblem.BAD_DATABASE_LOCATION, "reason", reason);
    }

    @Override
    public String toString() {
        return url;
    }
}

package org.qiantang.app.install;

import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.qiantang.app.QiantangProperties;
import org.qiantang.collect.Profiling;
import org.qiantang.core.Problem;
import org.qiantang.lake.ClusterSettings;

/**
 * What the operator of a home has decided: {@code qiantang.properties} of the home, above it the environment, above that system
 * properties. The file belongs to the home, so that every command on that home, with or without a running hub, decides alike.
 */
public final class Settings {
    private final Home home;
    private final Map<String, String> file;

    private Settings(Home home, Map<String, String> file) {
        this.home = home;
        this.file = file;
    }

    public static Settings of(Home home) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(Home.read(home.settings()).orElse("")));
        } catch (IOException | IllegalArgumentException e) {
            throw new Problem(
                    InstallProblem.HOME_UNUSABLE,
                    "home",
                    home.toString(),
                    "reason",
                    home.settings().getFileName() + ": " + e.getMessage());
        }
        Map<String, String> file = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> file.put(key, properties.getProperty(key)));
        return new Settings(home, Map.copyOf(file));
    }

    /** The PostgreSQL a production installation names; nothing on a trial installation, which starts its own. */
    public Optional<DatabaseSettings> database() {
        String url = get("qiantang.database.url");
        return url.isEmpty()
                ? Optional.empty()
                : Optional.of(new DatabaseSettings(
                        url, get("qiantang.database.username"), get("qiantang.database.password")));
    }

    /** How many workers collect at the same time. */
    int collectors() {
        return number("qiantang.collectors", 1, 16, 1);
    }

    /** For how many days the lake can be read as it was. */
    int historyDays() {
        return number("qiantang.history-days", 1, 1_100, QiantangProperties.HISTORY_DAYS);
    }

    /** Whether what is collected is profiled, which it is unless told otherwise. */
    Profiling profiling() {
        return switch (get("qiantang.profiles")) {
            case "", "on" -> Profiling.ON;
            case "off" -> Profiling.OFF;
            default ->
                throw new Problem(
                        InstallProblem.HOME_UNUSABLE,
                        "home",
                        home.toString(),
                        "reason",
                        "qiantang.profiles is on or off, not " + get("qiantang.profiles"));
        };
    }

    /** Where the city's clocks stand, if the operator says so. */
    Optional<ZoneId> timeZone() {
        String wanted = get("qiantang.time-zone");
        try {
            return wanted.isEmpty() ? Optional.empty() : Optional.of(ZoneId.of(wanted));
        } catch (DateTimeException e) {
            throw new Problem(
                    InstallProblem.HOME_UNUSABLE,
                    "home",
                    home.toString(),
                    "reason",
                    "qiantang.time-zone is a time zone such as Asia/Shanghai, not " + wanted);
        }
    }

    private int number(String key, int least, int most, int otherwise) {
        String wanted = get(key);
        if (wanted.isEmpty()) {
            return otherwise;
        }
        int number = wanted.matches("\\d{1,6}") ? Integer.parseInt(wanted) : -1;
        if (number < least || number > most) {
            throw new Problem(
                    InstallProblem.HOME_UNUSABLE,
                    "home",
                    home.toString(),
                    "reason",
                    key + " is a number between " + least + " and " + most + ", not " + wanted);
        }
        return number;
    }

    /** The Trino cluster that answers queries; nothing where the lake worker does, which is what it does unless told otherwise. */
    public Optional<ClusterSettings> cluster() {
        switch (get("qiantang.engine")) {
            case "", "duckdb" -> {
                return Optional.empty();
            }
            case "trino" -> {
                try {
                    String certificate = get("qiantang.trino.certificate");
                    return Optional.of(new ClusterSettings(
                            URI.create(get("qiantang.trino.url")),
                            get("qiantang.trino.username"),
                            get("qiantang.trino.password"),
                            certificate.isEmpty() ? null : Path.of(certificate).toAbsolutePath(),
                            "lake"));
                } catch (IllegalArgumentException e) {
                    throw new Problem(InstallProblem.CLUSTER_UNUSABLE, "reason", String.valueOf(e.getMessage()));
                }
            }
            default ->
                throw new Problem(
                        InstallProblem.CLUSTER_UNUSABLE,
                        "reason",
                        "qiantang.engine is duckdb or trino, not " + get("qiantang.engine"));
        }
    }

    /** The file's own lines. */
    Map<String, String> file() {
        return file;
    }

    private String get(String key) {
        // As Spring reads it, for it is asked too.
        String variable = key.toUpperCase(Locale.ROOT).replace('.', '_').replace("-", "");
        return Optional.ofNullable(System.getProperty(key))
                .or(() -> Optional.ofNullable(System.getenv(variable)))
                .or(() -> Optional.ofNullable(file.get(key)))
                .orElse("")
                .strip();
    }
}

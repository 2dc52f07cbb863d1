package org.qiantang.collect.internal.jdbc;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * What a person may say about how a database is read.
 *
 * @param maxConnections connections that may be open at the source at one time
 * @param schemas the schemas (of MySQL: databases) to collect; all of them when there are none
 */
public record DatabaseSettings(OptionalInt maxConnections, Set<String> schemas) {
    private static final int MOST_CONNECTIONS = 64;

    public DatabaseSettings {
        schemas = Set.copyOf(schemas);
    }

    /** Reads {@code maxConnections} and {@code schemas}, a comma list. */
    public static DatabaseSettings of(Map<String, String> settings) {
        Set<String> schemas = Arrays.stream(settings.getOrDefault("schemas", "").split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toSet());
        return new DatabaseSettings(connections(settings.getOrDefault("maxConnections", "")), schemas);
    }

    private static OptionalInt connections(String text) {
        if (text.isBlank()) {
            return OptionalInt.empty();
        }
        return Optional.of(text.strip())
                .filter(number -> number.matches("\\d{1,3}"))
                .map(Integer::parseInt)
                .filter(number -> number >= 1 && number <= MOST_CONNECTIONS)
                .map(OptionalInt::of)
                .orElseThrow(() -> new Problem(
                        CollectProblem.BAD_SETTING, "setting", "maxConnections", "reason", "1 – " + MOST_CONNECTIONS));
    }
}

package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * How a source is reached: all that the lake worker needs in order to open it.
 *
 * @param location a JDBC URL without credentials, a folder, or a URL
 * @param secret the account's password, an API's key
 * @param settings what the kind of source needs beyond that, by name; see the kind's page under docs/sources
 */
public record SourceAccess(
        SourceKind kind, String location, String username, String secret, Map<String, String> settings) {
    public SourceAccess {
        requireNonNull(kind, "kind is null");
        requireNonNull(location, "location is null");
        requireNonNull(username, "username is null");
        requireNonNull(secret, "secret is null");
        settings = Map.copyOf(settings);
    }

    @Override
    public String toString() {
        return "SourceAccess[" + kind + ", " + location + "]";
    }
}

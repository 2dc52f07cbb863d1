package org.qiantang.collect;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Whether a source's sealed secret may be used where an edited source leads. Nobody sees the secret, so nobody may send it to a place of
 * their choosing either: with another address, account or way of asking it has to be typed again.
 */
final class KeptSecret {
    /** What may change without the secret going anywhere else, or going there less protected. */
    private static final Set<String> HARMLESS = Set.of(
            "schemas",
            "maxConnections",
            "requestsPerSecond",
            "concurrency",
            "timeoutSeconds",
            "retries",
            "backoffMillis",
            "pageMegabytes",
            // An interface's lists: their paths begin with / or ?, so they stay at its server.
            "resources",
            "device",
            "time",
            "ignore",
            "devices",
            "topics",
            "topic-device",
            "version",
            "client",
            "group");

    private KeptSecret() {}

    static boolean mayBeUsed(SourceAccess now, SourceAccess next) {
        return now.secret().isEmpty()
                || now.kind() == next.kind()
                        && now.location().equals(next.location())
                        && now.username().equals(next.username())
                        && guarded(now).equals(guarded(next));
    }

    private static Map<String, String> guarded(SourceAccess access) {
        Map<String, String> settings = new HashMap<>(access.settings());
        settings.keySet().removeAll(HARMLESS);
        return settings;
    }
}

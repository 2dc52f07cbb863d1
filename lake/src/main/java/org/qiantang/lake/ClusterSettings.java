package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a Trino cluster is reached that reads the same tables.
 *
 * @param url {@code https://host:port} of the coordinator
 * @param password never sent without TLS
 * @param certificate PEM of whom to trust beside the authorities Java knows; null for these alone
 * @param catalog the lake's name in the cluster
 */
public record ClusterSettings(
        URI url, String username, String password, @Nullable Path certificate, String catalog) {
    public ClusterSettings {
        requireNonNull(username, "username is null");
        requireNonNull(password, "password is null");
        requireNonNull(catalog, "catalog is null");
        if (!"https".equals(url.getScheme()) || url.getHost() == null) {
            throw new IllegalArgumentException("A cluster's address is https://host:port, not " + url);
        }
    }

    @Override
    public String toString() {
        return "ClusterSettings[" + url + ", " + username + "]";
    }
}

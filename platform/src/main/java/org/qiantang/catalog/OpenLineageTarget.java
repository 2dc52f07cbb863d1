package org.qiantang.catalog;

import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is told of lineage in OpenLineage's words, as a city's own metadata platform may want to be.
 *
 * @param url where events are posted; null when nobody is told
 * @param apiKey what the receiver asks for, or null
 */
public record OpenLineageTarget(@Nullable URI url, @Nullable String apiKey) {
    public OpenLineageTarget {
        if (url != null && !"http".equals(url.getScheme()) && !"https".equals(url.getScheme())) {
            throw new IllegalArgumentException("Not an address of the web: " + url);
        }
    }

    Optional<URI> address() {
        return Optional.ofNullable(url);
    }

    @Override
    public String toString() {
        return "OpenLineageTarget[" + url + "]";
    }
}

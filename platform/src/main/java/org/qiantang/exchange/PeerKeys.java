package org.qiantang.exchange;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys by which an installation signs now and soon, as it tells its peers under the signature of one that counts. */
public record PeerKeys(List<Announced> keys) {
    public PeerKeys {
        keys = List.copyOf(keys);
    }

    /**
     * @param publicKey X.509, base64
     * @param until null for the newest
     */
    public record Announced(String publicKey, @Nullable Instant until) {}
}

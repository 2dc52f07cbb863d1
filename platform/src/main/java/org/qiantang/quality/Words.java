package org.qiantang.quality;

import static java.util.Objects.requireNonNull;

/** A sentence for people in both languages. */
public record Words(String zh, String en) {
    public Words {
        requireNonNull(zh, "zh is null");
        requireNonNull(en, "en is null");
    }
}

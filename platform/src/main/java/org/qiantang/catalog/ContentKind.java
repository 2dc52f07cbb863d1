package org.qiantang.catalog;

import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Mask;

/**
 * What the content of a column can be found to be, with the level it brings and the share of samples from which on it is believed: low
 * where a check digit or a shape hardly ever comes by chance, high where ordinary words look alike.
 */
public enum ContentKind {
    /** 公民身份号码, GB 11643. */
    ID_NUMBER(Level.L3, new Mask.KeepEnds(1, 2), 0.02),
    /** 统一社会信用代码, GB 32100: published, so not sensitive. */
    USCC(Level.L1, null, 0.3),
    PHONE(Level.L3, new Mask.KeepEnds(3, 4), 0.15),
    LANDLINE(Level.L3, new Mask.KeepEnds(4, 2), 0.3),
    NAME(Level.L3, new Mask.KeepEnds(1, 0), 0.7),
    ADDRESS(Level.L3, new Mask.KeepEnds(6, 0), 0.3),
    EMAIL(Level.L3, new Mask.KeepEnds(1, 0), 0.05),
    BANK_CARD(Level.L4, new Mask.KeepEnds(4, 4), 0.5),
    PLATE(Level.L3, new Mask.KeepEnds(3, 1), 0.3),
    IPV4(Level.L2, null, 0.5),
    /** A phone or identity number inside a longer text, such as a citizen's request. */
    FREE_TEXT_WITH_PERSONAL(Level.L3, new Mask.Hide(), 0.02);

    private final Level level;
    private final @Nullable Mask mask;
    private final double threshold;

    ContentKind(Level level, @Nullable Mask mask, double threshold) {
        this.level = level;
        this.mask = mask;
        this.threshold = threshold;
    }

    public Level level() {
        return level;
    }

    public @Nullable Mask mask() {
        return mask;
    }

    /** The share of samples, 0 to 1, from which on a column counts as being of this kind. */
    public double threshold() {
        return threshold;
    }
}

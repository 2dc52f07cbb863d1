package org.qiantang.catalog;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Mask;

/** Masks as the catalogue writes them down: {@code hide} and {@code keep(3,4)}. */
final class Masks {
    private static final Pattern KEEP = Pattern.compile("keep\\((\\d{1,3}),(\\d{1,3})\\)");

    private Masks() {}

    static @Nullable String write(@Nullable Mask mask) {
        return switch (mask) {
            case null -> null;
            case Mask.Hide ignored -> "hide";
            case Mask.KeepEnds ends -> "keep(" + ends.head() + "," + ends.tail() + ")";
        };
    }

    /** What cannot be read hides. */
    static Mask read(String text) {
        Matcher keep = KEEP.matcher(text);
        return keep.matches()
                ? new Mask.KeepEnds(Integer.parseInt(keep.group(1)), Integer.parseInt(keep.group(2)))
                : new Mask.Hide();
    }
}

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

    /** A value as the lake itself would show it. */
    static @Nullable String apply(@Nullable Mask mask, @Nullable String value) {
        return switch (mask) {
            case null -> value;
            case Mask.Hide ignored -> null;
            case Mask.KeepEnds ends -> value == null ? null : kept(ends, value);
        };
    }

    private static String kept(Mask.KeepEnds ends, String value) {
        int[] characters = value.codePoints().toArray();
        int hidden = characters.length - ends.head() - ends.tail();
        if (hidden <= 0) {
            return "*".repeat(characters.length);
        }
        return new String(characters, 0, ends.head())
                + "*".repeat(hidden)
                + new String(characters, characters.length - ends.tail(), ends.tail());
    }

    /** What cannot be read hides. */
    static Mask read(String text) {
        Matcher keep = KEEP.matcher(text);
        return keep.matches()
                ? new Mask.KeepEnds(Integer.parseInt(keep.group(1)), Integer.parseInt(keep.group(2)))
                : new Mask.Hide();
    }
}

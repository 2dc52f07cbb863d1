package org.qiantang.catalog;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Mask;

/** Masks as the catalogue writes them down: {@code hide} and {@code keep(3,4)}. */
final class Masks {
    private static final Pattern NETWORK = Pattern.compile("[0-9]{1,3}([.][0-9]{1,3}){3}");

    private Masks() {}

    static @Nullable String write(@Nullable Mask mask) {
        return mask == null ? null : mask.text();
    }

    /** A value as the lake itself would show it. */
    static @Nullable String apply(@Nullable Mask mask, @Nullable String value) {
        if (value == null) {
            return null;
        }
        return switch (mask) {
            case null -> value;
            case Mask.Clear ignored -> value;
            case Mask.Hide ignored -> null;
            case Mask.Omit ignored -> null;
            case Mask.KeepEnds ends -> kept(ends, value);
            case Mask.KeepYear ignored -> kept(new Mask.KeepEnds(4, 0), value);
            case Mask.KeepDomain ignored -> {
                int at = value.indexOf('@');
                yield at < 1
                        ? kept(new Mask.KeepEnds(0, 0), value)
                        : kept(new Mask.KeepEnds(1, 0), value.substring(0, at)) + value.substring(at);
            }
            case Mask.KeepNetwork ignored ->
                NETWORK.matcher(value).matches()
                        ? value.substring(0, value.indexOf('.')) + ".*.*.*"
                        : kept(new Mask.KeepEnds(0, 0), value);
            // Its key belongs to a grant, and what is shown here is shown without one.
            case Mask.Pseudonym ignored -> null;
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
        return Mask.of(text).orElseGet(Mask.Hide::new);
    }
}

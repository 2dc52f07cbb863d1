package org.qiantang.share;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a field is shown to who may read it: {@code clear}, {@code keep(3,4)}, {@code pseudonym} or {@code hide}. */
public sealed interface Showing {
    /** As it is. */
    record Clear() implements Showing {}

    /** Its ends, the rest as stars. */
    record Keep(int head, int tail) implements Showing {}

    /** By a token that is the same for the same value within one grant's purpose, and tells nothing else. */
    record Pseudonym() implements Showing {}

    /** Not at all; that there is such a field is known. */
    record Hide() implements Showing {}

    Pattern KEEP = Pattern.compile("keep\\((\\d{1,3}),(\\d{1,3})\\)");

    static Optional<Showing> find(String text) {
        Matcher keep = KEEP.matcher(text);
        if (keep.matches()) {
            return Optional.of(new Keep(Integer.parseInt(keep.group(1)), Integer.parseInt(keep.group(2))));
        }
        return switch (text) {
            case "clear" -> Optional.of(new Clear());
            case "pseudonym" -> Optional.of(new Pseudonym());
            case "hide" -> Optional.of(new Hide());
            default -> Optional.empty();
        };
    }

    /** A text that {@link #find} found. */
    static Showing of(String text) {
        return find(text).orElseThrow(() -> new IllegalArgumentException("No way to show a field: " + text));
    }

    /** Whether it tells nothing that the other does not tell. */
    default boolean isWithin(Showing other) {
        return switch (this) {
            case Hide ignored -> true;
            case Clear ignored -> other instanceof Clear;
            case Pseudonym ignored -> other instanceof Clear || other instanceof Pseudonym;
            case Keep keep ->
                other instanceof Clear
                        || other instanceof Keep wide && keep.head <= wide.head && keep.tail <= wide.tail;
        };
    }

    default String text() {
        return switch (this) {
            case Clear ignored -> "clear";
            case Keep keep -> "keep(" + keep.head + "," + keep.tail + ")";
            case Pseudonym ignored -> "pseudonym";
            case Hide ignored -> "hide";
        };
    }
}

package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How a column is shown to somebody: compiled into the read itself, never applied afterwards. */
public sealed interface Mask {
    /** The value as it is. */
    record Clear() implements Mask {}

    /** Nothing is shown: the value reads as null. */
    record Hide() implements Mask {}

    /** The reader's table has no such column. */
    record Omit() implements Mask {}

    /**
     * The first and the last characters stay, each other one reads as {@code *}; a value too short to hide anything reads as stars only.
     *
     * @param head characters that stay at the beginning
     * @param tail characters that stay at the end
     */
    record KeepEnds(int head, int tail) implements Mask {
        public KeepEnds {
            if (head < 0 || tail < 0) {
                throw new IllegalArgumentException("head and tail count characters");
            }
        }
    }

    /** Of an e-mail address the first character and what comes from the at sign on stay; what has none reads as stars. */
    record KeepDomain() implements Mask {}

    /** Of an IPv4 address the first number stays; what is none reads as stars. */
    record KeepNetwork() implements Mask {}

    /** Of a date or a time the year stays: it reads as that year's first day. Of anything else the first four characters stay. */
    record KeepYear() implements Mask {}

    /**
     * Another value stands for it, the same for the same value under the same key (HMAC-SHA-256, hexadecimal, of the value's exact text):
     * who has one purpose's can count and join within it, and with nobody who has another's.
     *
     * @param key hexadecimal, 32 bytes
     */
    record Pseudonym(String key) implements Mask {
        private static final Pattern KEY = Pattern.compile("[0-9a-f]{64}");

        public Pseudonym {
            if (!KEY.matcher(requireNonNull(key, "key is null")).matches()) {
                throw new IllegalArgumentException("A key is 32 bytes, written in small hexadecimal digits");
            }
        }

        @Override
        public String toString() {
            return "Pseudonym[key not shown]";
        }
    }

    /** A mask as policies write it; a pseudonym's key is not part of that. Empty when the text says none. */
    static Optional<Mask> of(String text) {
        Matcher keep = Text.KEEP.matcher(text);
        if (keep.matches()) {
            return Optional.of(new KeepEnds(Integer.parseInt(keep.group(1)), Integer.parseInt(keep.group(2))));
        }
        return switch (text) {
            case "clear" -> Optional.of(new Clear());
            case "hide" -> Optional.of(new Hide());
            case "omit" -> Optional.of(new Omit());
            case "keep-domain" -> Optional.of(new KeepDomain());
            case "keep-network" -> Optional.of(new KeepNetwork());
            case "keep-year" -> Optional.of(new KeepYear());
            default -> Optional.empty();
        };
    }

    /** As policies write it. */
    default String text() {
        return switch (this) {
            case Clear ignored -> "clear";
            case Hide ignored -> "hide";
            case Omit ignored -> "omit";
            case KeepEnds ends -> "keep(" + ends.head() + "," + ends.tail() + ")";
            case KeepDomain ignored -> "keep-domain";
            case KeepNetwork ignored -> "keep-network";
            case KeepYear ignored -> "keep-year";
            case Pseudonym ignored -> "pseudonym";
        };
    }

    /** How one is written. */
    final class Text {
        private static final Pattern KEEP = Pattern.compile("keep\\((\\d{1,3}),(\\d{1,3})\\)");

        private Text() {}
    }
}

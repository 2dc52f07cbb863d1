package org.qiantang.app.cli;

import java.util.Locale;
import java.util.regex.Pattern;

/** The short name of a source, which becomes part of its tables' names in the lake. */
final class SourceName {
    private static final Pattern VALID = Pattern.compile("[a-z][a-z0-9_]{0,39}");

    private SourceName() {}

    static boolean isValid(String name) {
        return VALID.matcher(name).matches();
    }

    /** A valid name as near as can be to the words given, such as a file's or database's name. */
    static String from(String words) {
        String plain =
                words.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("^_+|_+$", "");
        String begun = plain.isEmpty() ? "source" : Character.isDigit(plain.charAt(0)) ? "s_" + plain : plain;
        return begun.length() > 40 ? begun.substring(0, 40) : begun;
    }
}

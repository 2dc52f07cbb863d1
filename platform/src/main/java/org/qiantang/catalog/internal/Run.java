package org.qiantang.catalog.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * A stretch of text in one writing: Han characters, or letters and digits, in lower case. What is found is marked where it stands, so a
 * run knows its place.
 *
 * @param from its first character in the text
 * @param to after its last one
 */
public record Run(String text, boolean han, int from, int to) {
    /** A text's runs. {@code PollutionSource} and {@code pollution_source} are two each, {@code PM2.5} is one without its point. */
    public static List<Run> of(String text) {
        List<Run> runs = new ArrayList<>();
        int i = 0;
        while (i < text.length()) {
            int c = text.codePointAt(i);
            if (isHan(c)) {
                int from = i;
                while (i < text.length() && isHan(text.codePointAt(i))) {
                    i += Character.charCount(text.codePointAt(i));
                }
                runs.add(new Run(text.substring(from, i), true, from, i));
            } else if (isWord(c)) {
                i = word(text, i, runs);
            } else {
                i += Character.charCount(c);
            }
        }
        return runs;
    }

    private static int word(String text, int from, List<Run> runs) {
        StringBuilder word = new StringBuilder();
        int i = from;
        while (i < text.length()) {
            int c = text.codePointAt(i);
            boolean point = c == '.' && i > from && digit(text, i - 1) && digit(text, i + 1);
            if (!point && (!isWord(c) || isHan(c))) {
                break;
            }
            if (i > from && Character.isUpperCase(c) && Character.isLowerCase(text.charAt(i - 1))) {
                break;
            }
            if (!point) {
                word.appendCodePoint(narrow(c));
            }
            i += Character.charCount(c);
        }
        runs.add(new Run(word.toString(), false, from, i));
        return i;
    }

    private static boolean digit(String text, int at) {
        return at < text.length() && Character.isDigit(text.charAt(at));
    }

    /** Full-width letters and digits are what they look like. */
    private static int narrow(int c) {
        return Character.toLowerCase(c >= 0xFF01 && c <= 0xFF5E ? c - 0xFEE0 : c);
    }

    private static boolean isHan(int c) {
        return Character.UnicodeScript.of(c) == Character.UnicodeScript.HAN;
    }

    private static boolean isWord(int c) {
        return Character.isLetterOrDigit(c) && !isHan(c);
    }

    /** Pairs of neighbouring characters; the character itself when it stands alone. */
    public static List<String> pairs(String text) {
        int[] points = text.codePoints().toArray();
        if (points.length == 1) {
            return List.of(text);
        }
        List<String> pairs = new ArrayList<>();
        for (int i = 0; i + 1 < points.length; i++) {
            pairs.add(new String(points, i, 2));
        }
        return pairs;
    }
}

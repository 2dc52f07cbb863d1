package org.qiantang.collect.internal.files;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which of a table's first rows say what it is and which are already data.
 *
 * @param preamble rows above the header: titles and remarks
 * @param hasHeader whether the row after the preamble names the columns
 * @param width fields a row has
 * @param names the columns' names as the header has them, empty where it has none
 */
record Layout(int preamble, boolean hasHeader, int width, List<String> names) {
    private static final int MOST_PREAMBLE = 20;

    Layout {
        names = List.copyOf(names);
    }

    /** Rows that are not data. */
    int skipped() {
        return preamble + (hasHeader ? 1 : 0);
    }

    /**
     * Decides on a sample of rows from the table's top.
     */
    static Layout of(List<String[]> rows) {
        if (rows.isEmpty()) {
            return new Layout(0, false, 0, List.of());
        }
        int modal = modalWidth(rows);
        int typical = typicalFill(rows);
        int preamble = 0;
        while (preamble < Math.min(MOST_PREAMBLE, rows.size() - 1) && isRemark(rows, preamble, modal, typical)) {
            preamble++;
        }
        boolean header = hasHeader(rows.subList(preamble, rows.size()));
        if (!header) {
            // A title stands above a header; above bare data the same row may be data. Comments are comments anywhere.
            preamble = 0;
            while (preamble < rows.size() - 1
                    && rows.get(preamble)[0].startsWith("#")
                    && rows.get(preamble).length != modal) {
                preamble++;
            }
            header = hasHeader(rows.subList(preamble, rows.size()));
        }
        List<String[]> body = rows.subList(preamble, rows.size());
        String[] first = body.get(0);
        int width = header ? first.length : modalWidth(body);
        if (header && body.size() > 1) {
            int following = body.get(1).length;
            boolean agreed = body.subList(1, body.size()).stream().allMatch(row -> row.length == following);
            if (agreed && following > width) {
                width = following;
            } else if (agreed && following < width && isEmpty(first, following)) {
                width = following;
            }
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            names.add(header && i < first.length ? first[i] : "");
        }
        return new Layout(preamble, header, width, names);
    }

    private static boolean isEmpty(String[] row, int from) {
        for (int i = from; i < row.length; i++) {
            if (!row[i].isBlank()) {
                return false;
            }
        }
        return true;
    }

    private static int filled(String[] row) {
        int n = 0;
        for (String value : row) {
            if (!value.isBlank()) {
                n++;
            }
        }
        return n;
    }

    /** The width most rows have; the first row's when several are equally frequent. */
    static int modalWidth(List<String[]> rows) {
        Map<Integer, Integer> counts = new HashMap<>();
        for (String[] row : rows) {
            counts.merge(row.length, 1, Integer::sum);
        }
        int best = rows.get(0).length;
        for (Map.Entry<Integer, Integer> entry : counts.entrySet()) {
            if (entry.getValue() > counts.getOrDefault(best, 0)) {
                best = entry.getKey();
            }
        }
        return best;
    }

    /** How many values half of the rows have at most. */
    private static int typicalFill(List<String[]> rows) {
        int[] fills = rows.stream().mapToInt(Layout::filled).sorted().toArray();
        return fills[fills.length / 2];
    }

    /** A title or comment: little text in its row, above rows that hold more. */
    private static boolean isRemark(List<String[]> rows, int at, int modal, int typical) {
        String[] row = rows.get(at);
        if (modal < 2) {
            return false;
        }
        if (row[0].startsWith("#") && row.length != modal) {
            return true;
        }
        for (String value : row) {
            if (kind(value) != 't' && kind(value) != 'e') {
                return false;
            }
        }
        List<String[]> rest = rows.subList(at + 1, rows.size());
        if (row.length != modal) {
            long agreeing = rest.stream().filter(r -> r.length == modal).count();
            return row.length == 1 && agreeing * 10 >= rest.size() * 9L;
        }
        int filled = filled(row);
        return modal == 2 && filled == 1 && rest.size() > 1
                ? rest.stream().allMatch(r -> filled(r) == 2)
                : modal > 2 && filled * 2 < typical;
    }

    /**
     * Whether the first row names the columns. It does unless it looks like the rows below it: a number or date above numbers or
     * dates, a code of the same shape as the codes below it, or mostly values that come again in their columns.
     */
    private static boolean hasHeader(List<String[]> rows) {
        String[] first = rows.get(0);
        boolean alike = filled(first) == first.length;
        for (String value : first) {
            alike &= value.equals(first[0]);
        }
        if (alike && (first.length > 1 || rows.size() == 1)) {
            return false;
        }
        if (rows.size() == 1) {
            for (String value : first) {
                if (kind(value) != 't' && kind(value) != 'e') {
                    return false;
                }
            }
            return true;
        }
        int asData = 0;
        int asName = 0;
        int repeats = 0;
        int texts = 0;
        Set<String> yearsSeen = new HashSet<>();
        int years = 0;
        int words = 0;
        for (int c = 0; c < first.length; c++) {
            String value = first[c].strip();
            char kind = kind(value);
            if (kind == 'e') {
                continue;
            }
            if (kind == 't') {
                words++;
            }
            int below = 0;
            int typed = 0;
            int sameKind = 0;
            int sameShape = 0;
            int same = 0;
            int yearsBelow = 0;
            String shape = shape(value);
            for (int r = 1; r < rows.size(); r++) {
                String[] row = rows.get(r);
                String other = c < row.length ? row[c].strip() : "";
                if (other.isEmpty() || java.util.Arrays.equals(row, first)) {
                    continue;
                }
                below++;
                char otherKind = kind(other);
                if (otherKind != 't') {
                    typed++;
                }
                if (otherKind == kind) {
                    sameKind++;
                }
                if (shape(other).equals(shape)) {
                    sameShape++;
                }
                if (other.equals(value)) {
                    same++;
                }
                if (isYear(other)) {
                    yearsBelow++;
                }
            }
            if (below == 0) {
                continue;
            }
            if (kind != 't') {
                if (isYear(value) && yearsBelow < below && yearsSeen.add(value)) {
                    years++;
                } else if (sameKind * 10 >= below * 9) {
                    asData++;
                }
            } else if (typed == below) {
                asName++;
            } else {
                texts++;
                if (value.chars().anyMatch(Character::isDigit) && sameShape * 10 >= below * 9) {
                    asData++;
                } else if (same > 0) {
                    repeats++;
                }
            }
        }
        if (words == 0) {
            return years > 0;
        }
        if (asName > 0 || asData > 0) {
            return asName >= asData;
        }
        return years > 0 || texts == 0 || rows.size() < 4 || repeats * 2 < texts;
    }

    private static boolean isYear(String value) {
        return value.length() == 4 && (value.startsWith("19") || value.startsWith("20")) && kind(value) == 'n';
    }

    /** {@code n} number, {@code d} date or time, {@code b} truth value, {@code e} empty, {@code t} text. */
    private static char kind(String text) {
        String value = text.strip();
        if (value.isEmpty()) {
            return 'e';
        }
        String lower = value.toLowerCase(Locale.ROOT);
        if (lower.equals("true") || lower.equals("false")) {
            return 'b';
        }
        int digits = 0;
        int separators = 0;
        int points = 0;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= '0' && c <= '9') {
                digits++;
            } else if (c == '.' || c == ',') {
                points++;
            } else if (c == '-' || c == '/' || c == ':' || c == ' ' || c == 'T' || c == '+' || c == 'Z') {
                separators++;
            } else if (!(c == 'e' || c == 'E' || c == '%') || digits == 0) {
                return 't';
            }
        }
        if (digits == 0) {
            return 't';
        }
        char head = value.charAt(0);
        if (separators == 0 || (separators == 1 && (head == '-' || head == '+'))) {
            return points > 1 && value.indexOf(',') < 0 ? 'd' : 'n';
        }
        return head >= '0' && head <= '9' ? 'd' : 't';
    }

    private static String shape(String value) {
        StringBuilder shape = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            shape.append(Character.isDigit(c) ? '9' : Character.isLetter(c) ? 'a' : c);
        }
        return shape.toString();
    }
}

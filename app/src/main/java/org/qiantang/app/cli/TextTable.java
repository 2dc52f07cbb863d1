package org.qiantang.app.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** A table for a terminal, aligned also where characters are two columns wide. */
final class TextTable {
    private static final int WIDEST_CELL = 60;

    private final List<List<String>> rows = new ArrayList<>();
    private final boolean[] toTheRight;

    /** @param heads a head that starts with {@code >} makes its column align to the right */
    TextTable(List<String> heads) {
        toTheRight = new boolean[heads.size()];
        List<String> first = new ArrayList<>();
        for (int i = 0; i < heads.size(); i++) {
            toTheRight[i] = heads.get(i).startsWith(">");
            first.add(toTheRight[i] ? heads.get(i).substring(1) : heads.get(i));
        }
        rows.add(first);
    }

    void add(List<String> cells) {
        rows.add(cells.stream().map(TextTable::printable).toList());
    }

    void print(PrintStream out) {
        int[] widths = new int[toTheRight.length];
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        for (int r = 0; r < rows.size(); r++) {
            out.println(line(rows.get(r), widths));
            if (r == 0) {
                List<String> rule = new ArrayList<>();
                for (int width : widths) {
                    rule.add("─".repeat(width));
                }
                out.println(line(rule, widths));
            }
        }
    }

    private String line(List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            String space = " ".repeat(widths[i] - width(cell));
            line.append(i == 0 ? "" : "  ").append(toTheRight[i] ? space + cell : cell + space);
        }
        return line.toString().stripTrailing();
    }

    /** One line without control characters, cut where it would push the others off the screen. */
    private static String printable(String cell) {
        StringBuilder text = new StringBuilder();
        int width = 0;
        for (int i = 0; i < cell.length(); ) {
            int c = cell.codePointAt(i);
            i += Character.charCount(c);
            int shown = c == '\n' || c == '\r' || c == '\t' ? ' ' : Character.isISOControl(c) ? 0xFFFD : c;
            if (width + width(shown) > WIDEST_CELL) {
                return text.append('…').toString();
            }
            text.appendCodePoint(shown);
            width += width(shown);
        }
        return text.toString();
    }

    static int width(String text) {
        return text.codePoints().map(TextTable::width).sum();
    }

    /** The columns a character takes: Unicode's East Asian Width, wide and full-width, by block; marks that combine take none. */
    private static int width(int c) {
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        boolean wide = (c >= 0x1100 && c <= 0x115F)
                || (c >= 0x2E80 && c <= 0x303E)
                || (c >= 0x3041 && c <= 0xA4CF)
                || (c >= 0xA960 && c <= 0xA97F)
                || (c >= 0xAC00 && c <= 0xD7A3)
                || (c >= 0xF900 && c <= 0xFAFF)
                || (c >= 0xFE30 && c <= 0xFE6F)
                || (c >= 0xFF01 && c <= 0xFF60)
                || (c >= 0xFFE0 && c <= 0xFFE6)
                || (c >= 0x1F300 && c <= 0x1F64F)
                || (c >= 0x1F900 && c <= 0x1F9FF)
                || (c >= 0x20000 && c <= 0x3FFFD);
        return wide ? 2 : 1;
    }
}

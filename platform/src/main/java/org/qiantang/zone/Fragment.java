package org.qiantang.zone;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A piece of a file that somebody found, with how its values were written: what is in quotes is part of the mark. */
final class Fragment {
    private Fragment() {}

    /** A row; a value of nothing without quotes is null. */
    record Row(List<@Nullable String> values, boolean[] quoted) {}

    static List<Row> read(String text, int most) {
        List<Row> rows = new ArrayList<>();
        List<@Nullable String> values = new ArrayList<>();
        List<Boolean> quoted = new ArrayList<>();
        StringBuilder value = new StringBuilder();
        boolean inside = false;
        boolean quotes = false;
        for (int i = 0; i <= text.length() && rows.size() < most; i++) {
            char c = i == text.length() ? '\n' : text.charAt(i);
            if (inside && i < text.length()) {
                if (c != '"') {
                    value.append(c);
                } else if (i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    value.append('"');
                    i++;
                } else {
                    inside = false;
                }
            } else if (c == '"' && value.isEmpty()) {
                inside = true;
                quotes = true;
            } else if (c == ',' || c == '\n') {
                values.add(value.isEmpty() && !quotes ? null : value.toString());
                quoted.add(quotes);
                value.setLength(0);
                quotes = false;
                if (c == '\n') {
                    if (values.size() > 1 || values.getFirst() != null) {
                        boolean[] as = new boolean[quoted.size()];
                        for (int at = 0; at < as.length; at++) {
                            as[at] = quoted.get(at);
                        }
                        rows.add(new Row(new ArrayList<>(values), as));
                    }
                    values.clear();
                    quoted.clear();
                }
            } else if (c != '\r') {
                value.append(c);
            }
        }
        return rows;
    }
}

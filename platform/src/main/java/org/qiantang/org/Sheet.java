package org.qiantang.org;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.FilledWorkbook;
import org.qiantang.core.Problem;

/**
 * A spreadsheet as people save it, with a header: CSV in UTF-8 or in the Chinese encoding of their office program, or a sheet of a workbook.
 *
 * @param name the sheet's, in a workbook
 * @param columns those it has; of the others it says nothing
 */
record Sheet(@Nullable String name, Set<String> columns, List<Row> rows) {
    private static final Charset CHINESE = Charset.forName("GB18030");
    /** A large city has some ten thousand communities. */
    private static final FilledWorkbook.Limits LIMITS = new FilledWorkbook.Limits(200_000, 200);

    /** @param line on which it begins, counted from 1 */
    record Row(int line, Map<String, String> values) {
        String get(String column) {
            return values.getOrDefault(column, "");
        }

        @Nullable
        String find(String column) {
            String value = get(column);
            return value.isEmpty() ? null : value;
        }
    }

    /** The row with what there is already, in the columns that the sheet does not have: only an empty cell takes something away. */
    Row completed(Row row, Map<String, String> before) {
        Map<String, String> values = new HashMap<>(before);
        values.keySet().removeAll(columns);
        values.putAll(row.values);
        return new Row(row.line, Map.copyOf(values));
    }

    static Sheet of(byte[] file, ImportKind kind) {
        if (!FilledWorkbook.isOne(file)) {
            return of(null, split(text(file)), kind);
        }
        FilledWorkbook.Page page = page(file, kind);
        List<Row> lines = new ArrayList<>();
        for (int at = 0; at < page.lines().size(); at++) {
            Map<String, String> cells = new TreeMap<>();
            for (String cell : page.lines().get(at)) {
                cells.put(Integer.toString(cells.size()), value(cell));
            }
            if (cells.values().stream().anyMatch(each -> !each.isEmpty())) {
                lines.add(new Row(at + 1, Map.copyOf(cells)));
            }
        }
        return of(page.name(), lines, kind);
    }

    /** The sheet that is called as the kind is, or the only one. */
    private static FilledWorkbook.Page page(byte[] file, ImportKind kind) {
        List<FilledWorkbook.Page> pages;
        try {
            pages = FilledWorkbook.read(file, LIMITS).pages();
        } catch (FilledWorkbook.Unreadable | FilledWorkbook.TooLarge e) {
            throw new Problem(OrgProblem.IMPORT_UNREADABLE, "reason", "工作簿损坏或过大 workbook damaged or too large");
        }
        return pages.stream()
                .filter(each -> each.name().strip().equals(kind.title())
                        || each.name().strip().equalsIgnoreCase(kind.name()))
                .findFirst()
                .or(() -> pages.stream().filter(each -> pages.size() == 1).findFirst())
                .orElseThrow(() -> new Problem(
                        OrgProblem.IMPORT_UNREADABLE, "reason", "缺少工作表 missing sheet “" + kind.title() + "”"));
    }

    private static Sheet of(@Nullable String name, List<Row> lines, ImportKind kind) {
        if (lines.isEmpty()) {
            throw new Problem(OrgProblem.IMPORT_UNREADABLE, "reason", "空文件 empty");
        }
        Map<Integer, String> columns = header(lines.getFirst(), kind);
        List<Row> rows = new ArrayList<>();
        for (Row line : lines.subList(1, lines.size())) {
            Map<String, String> values = new HashMap<>();
            line.values.forEach((at, value) -> {
                String column = columns.get(Integer.valueOf(at));
                if (column != null && !value.isEmpty()) {
                    values.put(column, value);
                }
            });
            if (!values.isEmpty()) {
                rows.add(new Row(line.line, Map.copyOf(values)));
            }
        }
        return new Sheet(name, Set.copyOf(columns.values()), List.copyOf(rows));
    }

    private static Map<Integer, String> header(Row first, ImportKind kind) {
        Map<Integer, String> columns = new TreeMap<>();
        first.values.forEach((at, title) -> {
            String asked = title.toLowerCase(Locale.ROOT);
            if (asked.isEmpty()) {
                return;
            }
            String key = kind.columns().stream()
                    .filter(column ->
                            column.key().equals(asked) || column.title().equals(title))
                    .map(ImportKind.Column::key)
                    .findFirst()
                    .orElseThrow(() ->
                            new Problem(OrgProblem.IMPORT_UNREADABLE, "reason", "未知的列 unknown column “" + title + "”"));
            if (columns.containsValue(key)) {
                throw new Problem(OrgProblem.IMPORT_UNREADABLE, "reason", "重复的列 column twice “" + title + "”");
            }
            columns.put(Integer.valueOf(at), key);
        });
        for (ImportKind.Column column : kind.columns()) {
            if (column.need() == ImportKind.Column.Need.NEEDED && !columns.containsValue(column.key())) {
                throw new Problem(
                        OrgProblem.IMPORT_UNREADABLE,
                        "reason",
                        "缺少列 missing column “" + column.title() + "” (" + column.key() + ")");
            }
        }
        return columns;
    }

    private static String text(byte[] file) {
        for (Charset charset : List.of(StandardCharsets.UTF_8, CHINESE)) {
            try {
                String text = charset.newDecoder().decode(ByteBuffer.wrap(file)).toString();
                return text.startsWith("\uFEFF") ? text.substring(1) : text;
            } catch (CharacterCodingException e) {
                // The next one.
            }
        }
        throw new Problem(OrgProblem.IMPORT_UNREADABLE, "reason", "编码不是 UTF-8 或 GB18030 encoding");
    }

    /** The cells of each record by their number; a record may go over several lines where a cell is quoted. */
    private static List<Row> split(String text) {
        int end = text.indexOf('\n');
        String first = end < 0 ? text : text.substring(0, end);
        char separator = first.indexOf('\t') >= 0 && first.indexOf(',') < 0 ? '\t' : ',';
        List<Row> rows = new ArrayList<>();
        Map<String, String> cells = new TreeMap<>();
        StringBuilder cell = new StringBuilder();
        int line = 1;
        int began = 1;
        boolean quoted = false;
        for (int i = 0; i <= text.length(); i++) {
            char c = i < text.length() ? text.charAt(i) : '\n';
            if (quoted && i < text.length()) {
                if (c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    cell.append('"');
                    i++;
                } else if (c == '"') {
                    quoted = false;
                } else {
                    line += c == '\n' ? 1 : 0;
                    cell.append(c);
                }
            } else if (c == '"' && cell.isEmpty()) {
                quoted = true;
            } else if (c == separator || c == '\n') {
                cells.put(Integer.toString(cells.size()), value(cell));
                cell.setLength(0);
                if (c == '\n') {
                    if (cells.values().stream().anyMatch(each -> !each.isEmpty())) {
                        rows.add(new Row(began, Map.copyOf(cells)));
                    }
                    cells.clear();
                    line++;
                    began = line;
                }
            } else {
                cell.append(c);
            }
        }
        return rows;
    }

    /** Without the apostrophe that keeps a spreadsheet from calculating. */
    private static String value(CharSequence cell) {
        String text = cell.toString().strip();
        return text.length() > 1 && text.charAt(0) == '\'' && "=+-@".indexOf(text.charAt(1)) >= 0
                ? text.substring(1)
                : text;
    }
}

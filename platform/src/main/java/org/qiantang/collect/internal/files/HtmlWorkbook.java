package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * A page with tables that was given the name of a workbook, as many web systems export. Each table is a sheet. Only what makes a table
 * is understood; nothing is loaded, run or followed.
 */
final class HtmlWorkbook implements Workbook {
    private static final int LARGEST = 32 << 20;
    private static final int MOST_SPAN = 1000;
    private static final Pattern CHARSET =
            Pattern.compile("charset\\s*=\\s*[\"']?\\s*([A-Za-z0-9_\\-]+)", Pattern.CASE_INSENSITIVE);
    private static final Map<String, String> ENTITIES = Map.of(
            "amp", "&", "lt", "<", "gt", ">", "quot", "\"", "apos", "'", "nbsp", "\u00a0", "yen", "¥", "middot", "·",
            "deg", "°", "copy", "©");

    private final List<Sheet> sheets = new ArrayList<>();
    private final List<List<List<String>>> tables = new ArrayList<>();
    private final String charset;

    private HtmlWorkbook(String html, String charset) {
        this.charset = charset;
        parse(html);
        for (int i = 0; i < tables.size(); i++) {
            sheets.add(new Sheet("table " + (i + 1), "visible", true));
        }
    }

    static HtmlWorkbook open(FileBytes file) throws IOException {
        TextEncoding found = TextEncoding.detect(file::open);
        byte[] utf8;
        if (found.evidence() == TextEncoding.Evidence.BYTE_ORDER_MARK || found.isUtf8()) {
            try (InputStream in = found.toUtf8(file.open())) {
                utf8 = all(in);
            }
        } else {
            byte[] raw;
            try (InputStream in = file.open()) {
                raw = all(in);
            }
            Matcher named =
                    CHARSET.matcher(new String(raw, 0, Math.min(raw.length, 2048), StandardCharsets.ISO_8859_1));
            Charset charset = found.charset();
            if (named.find()) {
                String name = named.group(1).toLowerCase(Locale.ROOT);
                if (name.startsWith("gb")) {
                    charset = Charset.forName("GB18030");
                } else if (Charset.isSupported(name) && !name.startsWith("utf-8")) {
                    charset = Charset.forName(name);
                }
            }
            return new HtmlWorkbook(new String(raw, charset), charset.name());
        }
        return new HtmlWorkbook(
                new String(utf8, StandardCharsets.UTF_8), found.charset().name());
    }

    private static byte[] all(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(LARGEST + 1);
        if (bytes.length > LARGEST) {
            throw new Problem(CollectProblem.FILE_TOO_LARGE, "reason", "a page of more than " + LARGEST + " bytes");
        }
        return bytes;
    }

    String charset() {
        return charset;
    }

    @Override
    public List<Sheet> sheets() {
        return sheets;
    }

    @Override
    public Rows rows(int sheet) {
        return new HtmlRows(tables.get(sheet));
    }

    @Override
    public void close() {}

    /** Takes the cells of all tables; one inside another is a table of its own. */
    private void parse(String html) {
        List<Integer> open = new ArrayList<>();
        List<Cell> cells = new ArrayList<>();
        int i = 0;
        while (i < html.length()) {
            char c = html.charAt(i);
            if (c != '<') {
                int end = html.indexOf('<', i);
                end = end < 0 ? html.length() : end;
                if (!cells.isEmpty() && cells.getLast() != NO_CELL) {
                    cells.getLast().text.append(html.substring(i, end).replace('\n', ' '));
                }
                i = end;
                continue;
            }
            if (html.startsWith("<!--", i)) {
                int end = html.indexOf("-->", i + 4);
                i = end < 0 ? html.length() : end + 3;
                continue;
            }
            int end = tagEnd(html, i + 1);
            String tag = html.substring(i + 1, Math.min(end, html.length()));
            i = Math.min(html.length(), end + 1);
            String name = tagName(tag);
            switch (name) {
                case "script", "style" -> {
                    int close = html.indexOf("</", i);
                    while (close >= 0 && !html.regionMatches(true, close + 2, name, 0, name.length())) {
                        close = html.indexOf("</", close + 2);
                    }
                    i = close < 0 ? html.length() : close;
                }
                case "table" -> {
                    open.add(tables.size());
                    tables.add(new ArrayList<>());
                    cells.add(NO_CELL);
                }
                case "/table" -> {
                    if (!open.isEmpty()) {
                        endCell(open, cells);
                        open.removeLast();
                        cells.removeLast();
                    }
                }
                case "tr", "/tr" -> {
                    if (!open.isEmpty()) {
                        endCell(open, cells);
                        if (name.equals("tr")) {
                            tables.get(open.getLast()).add(new ArrayList<>());
                        }
                    }
                }
                case "td", "th" -> {
                    if (!open.isEmpty()) {
                        endCell(open, cells);
                        if (tables.get(open.getLast()).isEmpty()) {
                            tables.get(open.getLast()).add(new ArrayList<>());
                        }
                        cells.set(cells.size() - 1, new Cell(new StringBuilder(), span(tag)));
                    }
                }
                case "/td", "/th" -> {
                    if (!open.isEmpty()) {
                        endCell(open, cells);
                    }
                }
                case "br", "br/", "/p", "/div" -> {
                    if (!cells.isEmpty() && cells.getLast() != NO_CELL) {
                        cells.getLast().text.append('\n');
                    }
                }
                default -> {}
            }
        }
        while (!open.isEmpty()) {
            endCell(open, cells);
            open.removeLast();
            cells.removeLast();
        }
    }

    /** What stands where a table is open and no cell is. */
    private static final Cell NO_CELL = new Cell(new StringBuilder(), 1);

    private record Cell(StringBuilder text, int span) {}

    private void endCell(List<Integer> open, List<Cell> cells) {
        Cell cell = cells.getLast();
        if (cell == NO_CELL) {
            return;
        }
        List<List<String>> rows = tables.get(open.getLast());
        List<String> row = rows.getLast();
        row.add(plain(cell.text.toString()));
        for (int n = cell.span; n > 1; n--) {
            row.add("");
        }
        cells.set(cells.size() - 1, NO_CELL);
    }

    /** Where a tag ends, past any {@code >} inside its quoted values. */
    private static int tagEnd(String html, int from) {
        char quote = 0;
        for (int i = from; i < html.length(); i++) {
            char c = html.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if ((c == '"' || c == '\'') && html.charAt(i - 1) == '=') {
                quote = c;
            } else if (c == '>') {
                return i;
            }
        }
        return html.length();
    }

    private static String tagName(String tag) {
        int end = 0;
        while (end < tag.length() && !Character.isWhitespace(tag.charAt(end)) && (end == 0 || tag.charAt(end) != '/')) {
            end++;
        }
        return tag.substring(0, end).toLowerCase(Locale.ROOT);
    }

    private static int span(String tag) {
        Matcher span = SPAN.matcher(tag);
        return span.find() ? Math.min(MOST_SPAN, Math.max(1, Integer.parseInt(span.group(1)))) : 1;
    }

    private static final Pattern SPAN =
            Pattern.compile("colspan\\s*=\\s*[\"']?\\s*(\\d{1,4})", Pattern.CASE_INSENSITIVE);

    /** The text a browser would show: white space joined, entities resolved, lines only where the page breaks them. */
    private static String plain(String html) {
        StringBuilder out = new StringBuilder();
        for (String line : html.split("\n", -1)) {
            String joined = line.replaceAll("[ \\t\\r\\f]+", " ").strip();
            if (!out.isEmpty() && !joined.isEmpty()) {
                out.append('\n');
            }
            out.append(joined);
        }
        String text = out.toString();
        if (text.indexOf('&') < 0) {
            return text;
        }
        StringBuilder resolved = new StringBuilder();
        int i = 0;
        while (i < text.length()) {
            int semicolon = text.charAt(i) == '&' ? text.indexOf(';', i) : -1;
            String value = semicolon > i && semicolon - i < 12 ? entity(text.substring(i + 1, semicolon)) : "";
            if (value.isEmpty()) {
                resolved.append(text.charAt(i++));
            } else {
                resolved.append(value);
                i = semicolon + 1;
            }
        }
        return resolved.toString().replace('\u00a0', ' ').strip();
    }

    private static String entity(String name) {
        try {
            if (name.startsWith("#x") || name.startsWith("#X")) {
                return Character.toString(Integer.parseInt(name.substring(2), 16));
            }
            if (name.startsWith("#")) {
                return Character.toString(Integer.parseInt(name.substring(1)));
            }
        } catch (IllegalArgumentException e) {
            return "";
        }
        return ENTITIES.getOrDefault(name, "");
    }

    private static final class HtmlRows implements Rows {
        private final List<List<String>> rows;
        private final SheetRow row = new SheetRow();
        private int at;

        HtmlRows(List<List<String>> rows) {
            this.rows = rows;
        }

        @Override
        public boolean next() {
            if (at == rows.size()) {
                return false;
            }
            row.clear();
            List<String> cells = rows.get(at++);
            for (int i = 0; i < cells.size(); i++) {
                row.setText(i, cells.get(i));
            }
            return true;
        }

        @Override
        public SheetRow row() {
            return row;
        }
    }
}

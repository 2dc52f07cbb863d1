package org.qiantang.catalog;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.qiantang.core.Csv;
import org.qiantang.core.FilledWorkbook;
import org.qiantang.core.Problem;

/** The guide's form (编制表) as departments fill it in: a row for each item, what is said of the whole on the first of them. */
public enum DirectoryForm {
    XLSX("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx") {
        @Override
        void write(OutputStream out, Consumer<Consumer<List<String>>> rows) throws IOException {
            Workbook workbook = new Workbook(out, "Qiantang", "1.0");
            Worksheet sheet = workbook.newWorksheet("公共数据目录");
            List<String> headers = headers();
            for (int column = 0; column < headers.size(); column++) {
                sheet.value(0, column, headers.get(column));
                sheet.width(column, column == Column.SUMMARY.ordinal() ? 40 : 18);
            }
            sheet.range(0, 0, 0, headers.size() - 1).style().bold().set();
            sheet.freezePane(0, 1);
            int[] line = {0};
            rows.accept(row -> {
                line[0]++;
                for (int column = 0; column < row.size(); column++) {
                    if (!row.get(column).isEmpty()) {
                        sheet.value(line[0], column, row.get(column));
                    }
                }
                if (line[0] % FLUSHED == 0) {
                    flush(sheet);
                }
            });
            sheet.finish();
            workbook.finish();
        }
    },
    CSV("text/csv;charset=UTF-8", "csv") {
        @Override
        void write(OutputStream out, Consumer<Consumer<List<String>>> rows) throws IOException {
            out.write(Csv.Form.SPREADSHEET.beginning().getBytes(StandardCharsets.UTF_8));
            out.write(line(headers()));
            rows.accept(row -> {
                try {
                    out.write(line(row));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            out.flush();
        }
    };

    /** What stands in which column. */
    enum Column {
        CLASSIFICATION("信息资源分类"),
        TITLE("信息资源名称"),
        RESOURCE_CODE("信息资源代码"),
        PROVIDER("信息资源提供方"),
        PROVIDER_USCC("信息资源提供方代码"),
        SUMMARY("信息资源摘要"),
        THEME("主题"),
        FORMAT("信息资源格式"),
        ITEM("信息项名称"),
        ITEM_TYPE("数据类型"),
        ITEM_COLUMN("对应列"),
        SHARE_CLASS("共享类型"),
        SHARE_CONDITION("共享条件"),
        SHARE_MODE("共享方式"),
        OPEN_CLASS("开放属性"),
        OPEN_CONDITION("开放条件"),
        UPDATE_CYCLE("更新周期"),
        PUBLISHED_ON("发布日期"),
        RELATED("关联资源代码"),
        /** What ties a row to its entry whatever its name becomes. */
        ENTRY("目录项标识"),
        /** What the entry was when the form was taken out. */
        REVISION("修订号");

        private final String header;

        Column(String header) {
            this.header = header;
        }

        String header() {
            return header;
        }
    }

    private static final int FLUSHED = 1_000;
    private static final int MOST_ROWS = 100_000;
    private static final int MOST_COLUMNS = 200;
    private static final FilledWorkbook.Limits LIMITS = new FilledWorkbook.Limits(MOST_ROWS, MOST_COLUMNS);

    private final String mediaType;
    private final String extension;

    DirectoryForm(String mediaType, String extension) {
        this.mediaType = mediaType;
        this.extension = extension;
    }

    public String mediaType() {
        return mediaType;
    }

    public String extension() {
        return extension;
    }

    /** Writes the header and all rows that are handed to the consumer's consumer. */
    abstract void write(OutputStream out, Consumer<Consumer<List<String>>> rows) throws IOException;

    private static List<String> headers() {
        return Arrays.stream(Column.values()).map(Column::header).toList();
    }

    private static void flush(Worksheet sheet) {
        try {
            sheet.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] line(List<String> values) {
        // An empty cell is nothing, not an empty text.
        return Csv.line(
                        values.stream()
                                .<@org.jspecify.annotations.Nullable String>map(each -> each.isEmpty() ? null : each)
                                .toList(),
                        Csv.Form.SPREADSHEET)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** A filled row by {@link Column}, empty texts where nothing stands. */
    record Line(int number, List<String> cells) {
        String at(Column column) {
            return cells.get(column.ordinal());
        }

        boolean isBlank() {
            return cells.stream().allMatch(String::isEmpty);
        }
    }

    /**
     * A form as somebody filled it in.
     *
     * @param columns those that it has; what the others would say is not said by it
     */
    record Filled(Set<Column> columns, List<Line> lines) {}

    /** Reads a filled form of either kind; columns may stand in any order, and others beside them. */
    static Filled read(byte[] file) {
        boolean zipped = file.length > 2 && file[0] == 'P' && file[1] == 'K';
        List<List<String>> rows = zipped ? workbook(file) : csv(file);
        for (int at = 0; at < Math.min(20, rows.size()); at++) {
            List<String> header = rows.get(at).stream().map(String::strip).toList();
            if (header.contains(Column.TITLE.header)) {
                Set<Column> columns = EnumSet.noneOf(Column.class);
                for (Column column : Column.values()) {
                    if (header.contains(column.header)) {
                        columns.add(column);
                    }
                }
                return new Filled(columns, lines(rows, at, header));
            }
        }
        throw new Problem(DirectoryProblem.NO_FORM, "header", Column.TITLE.header);
    }

    private static List<Line> lines(List<List<String>> rows, int headerAt, List<String> header) {
        int[] places = Arrays.stream(Column.values())
                .mapToInt(column -> header.indexOf(column.header))
                .toArray();
        List<Line> lines = new ArrayList<>();
        for (int at = headerAt + 1; at < rows.size(); at++) {
            List<String> row = rows.get(at);
            List<String> cells = new ArrayList<>();
            for (int place : places) {
                cells.add(
                        place >= 0 && place < row.size()
                                ? unescaped(row.get(place).strip())
                                : "");
            }
            lines.add(new Line(at + 1, cells));
        }
        return lines;
    }

    /** Without the apostrophe that keeps a text from being run as a formula. */
    private static String unescaped(String cell) {
        return cell.length() > 1 && cell.charAt(0) == '\'' && "=+-@".indexOf(cell.charAt(1)) >= 0
                ? cell.substring(1)
                : cell;
    }

    private static List<List<String>> csv(byte[] file) {
        List<List<String>> rows = new ArrayList<>();
        Csv.read(new BufferedReader(new StringReader(text(file))), MOST_COLUMNS, row -> {
            requireRoom(rows);
            rows.add(row);
        });
        return rows;
    }

    private static void requireRoom(List<List<String>> rows) {
        if (rows.size() >= MOST_ROWS) {
            throw new Problem(DirectoryProblem.FORM_TOO_LONG, "rows", Integer.toString(MOST_ROWS));
        }
    }

    private static List<List<String>> workbook(byte[] file) {
        try {
            return FilledWorkbook.read(file, LIMITS).pages().getFirst().lines();
        } catch (FilledWorkbook.TooLarge e) {
            throw new Problem(DirectoryProblem.FORM_TOO_LONG, "rows", Integer.toString(MOST_ROWS));
        } catch (FilledWorkbook.Unreadable e) {
            throw new Problem(DirectoryProblem.NO_FORM, "header", Column.TITLE.header);
        }
    }

    /** Spreadsheet programs in Chinese save CSV as GB18030 unless told otherwise. */
    private static String text(byte[] file) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(file))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            return new String(file, Charset.forName("GB18030"));
        }
    }
}

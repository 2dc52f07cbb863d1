package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.core.Problem;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;

/**
 * One sheet of a workbook as a table: the box its cells lie in, without the blank rows and columns around and the titles above. A
 * column whose cells are of one kind has that type; any other is text, each cell in the words Excel would show or the digits it holds.
 */
final class SheetTable implements FileTable {
    private static final int SAMPLE = 200;
    private static final int BATCH_BYTES = 16 << 20;
    private static final byte[] EMPTY = {};

    private final FileBytes file;
    private final Workbook.Opener opener;
    private final int sheet;
    private final int firstColumn;
    private final int skipped;
    private final List<SourceColumn> columns;
    private final long rows;
    private final Map<String, String> details = new LinkedHashMap<>();

    private SheetTable(
            FileBytes file,
            Workbook.Opener opener,
            int sheet,
            Workbook.Sheet info,
            Workbook.Texts texts,
            Survey survey) {
        this.file = file;
        this.opener = opener;
        this.sheet = sheet;
        Layout layout = survey.layout();
        firstColumn = survey.first;
        skipped = layout.skipped();
        rows = survey.rows;
        int width = survey.last - survey.first + 1;
        List<String> names = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            int inLayout = i + survey.first - survey.sampleFirst;
            names.add(
                    inLayout >= 0 && inLayout < layout.names().size()
                            ? layout.names().get(inLayout)
                            : "");
        }
        List<String> lakeNames = Names.ofColumns(names);
        List<SourceColumn> list = new ArrayList<>();
        for (int i = 0; i < width; i++) {
            String own = names.get(i);
            CellGuess guess = survey.guess(i + survey.first);
            LakeType type = guess.type(own, texts);
            list.add(new SourceColumn(
                    own.isEmpty() ? lakeNames.get(i) : own,
                    new Column(lakeNames.get(i), type, guess.sourceType(), null),
                    true,
                    own.isEmpty() ? Map.of("unnamed", "true") : Map.of()));
        }
        columns = List.copyOf(list);
        details.put("sheet", info.name());
        details.put("visibility", info.visibility());
        details.put("header", layout.hasHeader() ? "yes" : "none");
        details.put("firstColumn", Integer.toString(firstColumn + 1));
        if (!survey.preamble.isEmpty()) {
            String text = String.join("\n", survey.preamble);
            details.put("preamble", text.substring(0, Math.min(1024, text.length())));
        }
        details.put("types", FileTable.types(columns));
    }

    /** Reads the whole sheet and says what it is; null when it has no cells. */
    static @Nullable SheetTable survey(
            FileBytes file, Workbook.Opener opener, Workbook book, int sheet, Workbook.Texts texts) throws IOException {
        Survey survey = new Survey();
        Workbook.Rows in = book.rows(sheet);
        while (in.next()) {
            if (!in.row().isBlank()) {
                survey.add(in.row());
            }
        }
        survey.end();
        if (survey.last < 0) {
            return null;
        }
        int width = survey.last - survey.first + 1;
        if (width > FileTable.MOST_COLUMNS) {
            throw new Problem(
                    CollectProblem.TOO_MANY_COLUMNS,
                    "reason",
                    "more than " + FileTable.MOST_COLUMNS + " (" + width + ")");
        }
        return new SheetTable(file, opener, sheet, book.sheets().get(sheet), texts, survey);
    }

    @Override
    public List<SourceColumn> columns() {
        return columns;
    }

    @Override
    public Map<String, String> details() {
        return details;
    }

    @Override
    public long rows() {
        return rows;
    }

    @Override
    public PartReader open(List<SourceColumn> asked, Consumer<RejectedRow> rejects) throws IOException {
        file.requireUnchanged();
        return new Reader(asked);
    }

    /** The reading of a whole sheet that finds its box, its header and its types. */
    private static final class Survey {
        private final List<SheetRow> sample = new ArrayList<>();
        private final List<CellGuess> guesses = new ArrayList<>();
        private final List<String> preamble = new ArrayList<>();
        private int first = Integer.MAX_VALUE;
        private int last = -1;
        private int sampleFirst;
        private @Nullable Layout layout;
        private long rows;

        void add(SheetRow row) {
            for (int c = 0; c < row.width(); c++) {
                if (row.kind(c) != SheetRow.Kind.EMPTY
                        && !(row.kind(c) == SheetRow.Kind.TEXT && row.text(c).length == 0)) {
                    first = Math.min(first, c);
                    last = Math.max(last, c);
                }
            }
            if (layout == null) {
                sample.add(row.copy());
                if (sample.size() == SAMPLE) {
                    decide();
                }
                return;
            }
            take(row);
        }

        void end() {
            if (layout == null) {
                decide();
            }
        }

        Layout layout() {
            return java.util.Objects.requireNonNull(layout, "layout is null");
        }

        CellGuess guess(int column) {
            while (guesses.size() <= column) {
                guesses.add(new CellGuess());
            }
            return guesses.get(column);
        }

        private void decide() {
            List<String[]> texts = new ArrayList<>();
            sampleFirst = first == Integer.MAX_VALUE ? 0 : first;
            for (SheetRow row : sample) {
                String[] values = new String[last - sampleFirst + 1];
                for (int c = 0; c < values.length; c++) {
                    values[c] = row.asString(c + sampleFirst);
                }
                texts.add(values);
            }
            Layout found = Layout.of(texts);
            layout = found;
            for (int i = 0; i < sample.size(); i++) {
                if (i < found.preamble()) {
                    preamble.add(String.join(" ", texts.get(i)).strip());
                } else if (i >= found.skipped()) {
                    take(sample.get(i));
                }
            }
            sample.clear();
        }

        private void take(SheetRow row) {
            rows++;
            for (int c = 0; c < row.width(); c++) {
                guess(c).add(row, c);
            }
        }
    }

    /** What the cells of a column have in common. */
    private static final class CellGuess {
        private final ColumnGuess texts = new ColumnGuess();
        private final long[] counts = new long[SheetRow.Kind.values().length];
        private boolean allIntegers = true;
        private boolean allDays = true;
        private int minDigits = Integer.MAX_VALUE;
        private int maxDigits;

        void add(SheetRow row, int column) {
            SheetRow.Kind kind = row.kind(column);
            switch (kind) {
                case EMPTY -> {
                    return;
                }
                case TEXT -> {
                    byte[] text = row.text(column);
                    if (text.length == 0) {
                        return;
                    }
                    texts.add(text, 0, text.length);
                }
                case NUMBER -> {
                    double value = row.number(column);
                    boolean integer = value == Math.rint(value) && Math.abs(value) < 1e15;
                    if (integer) {
                        int digits = value < 0 ? 0 : Long.toString((long) value).length();
                        minDigits = Math.min(minDigits, digits);
                        maxDigits = Math.max(maxDigits, digits);
                    }
                    allIntegers &= integer;
                }
                case DATE_TIME -> allDays &= row.isWholeDay(column);
                case TIME, BOOL -> {}
            }
            counts[kind.ordinal()]++;
        }

        LakeType type(String name, Workbook.Texts meaning) {
            SheetRow.@Nullable Kind only = only();
            if (only == null) {
                return LakeType.TEXT;
            }
            return switch (only) {
                case EMPTY -> LakeType.TEXT;
                case TEXT -> meaning == Workbook.Texts.UNTYPED ? texts.type(name) : LakeType.TEXT;
                case NUMBER ->
                    !allIntegers
                            ? LakeType.FLOAT64
                            : ColumnGuess.isCode(name, minDigits, maxDigits) ? LakeType.TEXT : LakeType.INT64;
                case DATE_TIME -> allDays ? LakeType.DATE : LakeType.TIMESTAMP;
                case TIME -> LakeType.TIME;
                case BOOL -> LakeType.BOOL;
            };
        }

        /** The kinds of cell there are, as a person would say. */
        String sourceType() {
            StringBuilder all = new StringBuilder();
            for (SheetRow.Kind kind : SheetRow.Kind.values()) {
                if (counts[kind.ordinal()] > 0) {
                    all.append(all.isEmpty() ? "" : " and ")
                            .append(kind.name()
                                    .toLowerCase(java.util.Locale.ROOT)
                                    .replace('_', ' '));
                }
            }
            return all.isEmpty() ? "blank" : all.toString();
        }

        private SheetRow.@Nullable Kind only() {
            SheetRow.Kind only = SheetRow.Kind.EMPTY;
            for (SheetRow.Kind kind : SheetRow.Kind.values()) {
                if (counts[kind.ordinal()] > 0) {
                    if (only != SheetRow.Kind.EMPTY) {
                        return null;
                    }
                    only = kind;
                }
            }
            return only;
        }
    }

    /** Hands the rows over. */
    private final class Reader implements PartReader {
        private final Workbook book;
        private final Workbook.Rows in;
        private final LakeType[] types;
        private int skip = skipped;
        private long seen;
        private boolean ended;

        Reader(List<SourceColumn> asked) throws IOException {
            types = asked.stream().map(column -> column.column().type()).toArray(LakeType[]::new);
            book = opener.open();
            try {
                in = book.rows(sheet);
            } catch (IOException | RuntimeException e) {
                book.close();
                throw e;
            }
        }

        @Override
        public int read(Batch batch) throws IOException {
            if (ended) {
                return 0;
            }
            int row = 0;
            long bytes = 0;
            int capacity = batch.capacity();
            while (row < capacity && bytes < BATCH_BYTES) {
                if (!in.next()) {
                    ended = true;
                    file.requireUnchanged();
                    if (seen != rows) {
                        throw file.changed("the sheet had " + rows + " rows and has " + seen);
                    }
                    break;
                }
                SheetRow cells = in.row();
                if (cells.isBlank()) {
                    continue;
                }
                if (skip > 0) {
                    skip--;
                    continue;
                }
                seen++;
                for (int c = 0; c < types.length; c++) {
                    bytes += set(batch, c, row, cells, c + firstColumn);
                }
                row++;
            }
            return row;
        }

        private int set(Batch batch, int c, int row, SheetRow cells, int cell) {
            SheetRow.Kind kind = cells.kind(cell);
            if (kind == SheetRow.Kind.EMPTY) {
                batch.setNull(c, row);
                return 8;
            }
            LakeType type = types[c];
            if (type instanceof LakeType.Text) {
                byte[] text = cells.asText(cell);
                batch.setText(c, row, text.length == 0 ? EMPTY : text);
                return text.length + 8;
            }
            if (kind == SheetRow.Kind.TEXT) {
                byte[] text = cells.text(cell);
                if (text.length == 0) {
                    batch.setNull(c, row);
                } else {
                    FileTable.setTyped(batch, c, row, type, text, file);
                }
                return 8;
            }
            switch (type) {
                case LakeType.Int64 ignored
                when kind == SheetRow.Kind.NUMBER -> batch.setLong(c, row, (long) cells.number(cell));
                case LakeType.Float64 ignored
                when kind == SheetRow.Kind.NUMBER -> batch.setDouble(c, row, cells.number(cell));
                case LakeType.Bool ignored
                when kind == SheetRow.Kind.BOOL -> batch.setBool(c, row, cells.number(cell) != 0);
                case LakeType.Date ignored
                when kind == SheetRow.Kind.DATE_TIME ->
                    batch.setLong(c, row, Math.floorDiv(cells.micros(cell), 86_400_000_000L));
                case LakeType.Timestamp ignored
                when kind == SheetRow.Kind.DATE_TIME -> batch.setLong(c, row, cells.micros(cell));
                case LakeType.Time ignored when kind == SheetRow.Kind.TIME -> batch.setLong(c, row, cells.micros(cell));
                default -> throw file.changed("a cell is of another kind than when the types were found");
            }
            return 8;
        }

        @Override
        public long bytesRead() {
            return ended ? file.size() : in.bytesRead();
        }

        @Override
        public OptionalLong rowsAtSource() {
            return OptionalLong.of(seen);
        }

        @Override
        public void close() {
            book.close();
        }
    }
}

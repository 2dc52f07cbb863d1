package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
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
 * A text file of rows, understood by reading all of it once: encoding, dialect, header, and the types that keep every value. Then it
 * can be read any number of times.
 */
final class CsvTable implements FileTable {
    private static final int SAMPLE = 1 << 20;
    private static final int RAW = 64 << 10;
    private static final int BATCH_BYTES = 16 << 20;
    private static final byte[] EMPTY = {};

    private final FileBytes file;
    private final TextEncoding encoding;
    private final Dialect dialect;
    private final Layout layout;
    private final List<SourceColumn> columns;
    private final long rows;
    private final long rejected;
    private final TextForm form;
    private final Map<String, String> details = new LinkedHashMap<>();

    /** How sure the name makes us that a text file is a table. */
    enum TextForm {
        /** Its name says so. */
        DELIMITED,
        /** Its name says nothing; its rows must agree. */
        UNKNOWN,
        /** It is named as a workbook: a text that was made to be opened by Excel, with {@code ="…"} around codes. */
        FOR_EXCEL,
    }

    private CsvTable(
            FileBytes file,
            TextEncoding encoding,
            Dialect dialect,
            Layout layout,
            TextForm form,
            Survey survey,
            List<String> preamble) {
        this.file = file;
        this.encoding = encoding;
        this.dialect = dialect;
        this.layout = layout;
        this.form = form;
        rows = survey.seen;
        rejected = survey.rejected;
        List<String> lakeNames = Names.ofColumns(layout.names());
        List<SourceColumn> list = new ArrayList<>();
        for (int i = 0; i < layout.width(); i++) {
            String own = layout.names().get(i);
            LakeType type = survey.guesses[i].type(own);
            String name = own.isEmpty() ? lakeNames.get(i) : own;
            list.add(new SourceColumn(
                    name,
                    new Column(lakeNames.get(i), type, "text", null),
                    true,
                    own.isEmpty() ? Map.of("unnamed", "true") : Map.of()));
        }
        columns = List.copyOf(list);
        details.put("format", form == TextForm.FOR_EXCEL ? "text named as a workbook" : "delimited text");
        details.putAll(encoding.details());
        details.put("delimiter", dialect.delimiterName());
        details.put("quote", dialect.quoteName());
        details.put("escape", dialect.escape() == Dialect.Escape.DOUBLED ? "doubled" : "backslash");
        details.put("lineEnd", dialect.lineEnd().name());
        details.put("header", layout.hasHeader() ? "yes" : "none");
        if (dialect.padding() == Dialect.Padding.SPACE) {
            details.put("padding", "one space after each delimiter");
        }
        if (!preamble.isEmpty()) {
            String text = String.join("\n", preamble);
            details.put("preamble", text.substring(0, Math.min(1024, text.length())));
        }
        details.put("types", FileTable.types(columns));
        details.put("rejected", Long.toString(rejected));
    }

    /** Whether the parser stands on a line of nothing; in a table of several columns white space is nothing too. */
    static boolean isBlank(CsvParser parser, int width) {
        if (parser.fields() != 1 || parser.defect() != CsvParser.Defect.NONE || parser.isQuoted(0)) {
            return false;
        }
        if (width < 2) {
            return parser.isBlankLine();
        }
        byte[] b = parser.buffer();
        for (int i = parser.start(0); i < parser.end(0); i++) {
            if (b[i] != ' ' && b[i] != '\t' && b[i] != 0x1a) {
                return false;
            }
        }
        return true;
    }

    /** Reads the whole file and says what it is; a {@link Problem} when it is no table. */
    static CsvTable survey(FileBytes file, TextForm form) throws IOException {
        TextEncoding.Opener opener = file::open;
        TextEncoding encoding = TextEncoding.detect(opener);
        byte[] sample;
        try (InputStream in = encoding.toUtf8(opener.open())) {
            sample = in.readNBytes(SAMPLE + 1);
        }
        boolean whole = sample.length <= SAMPLE;
        DialectDetector detector = new DialectDetector(sample, whole);
        boolean preferTab =
                file.fileName().toLowerCase(java.util.Locale.ROOT).contains(".tsv") || form == TextForm.FOR_EXCEL;
        DialectDetector.Trial trial = detector.detect(preferTab);
        if (trial.rows().isEmpty() && trial.defects() == 0) {
            throw new Problem(CollectProblem.EMPTY_FILE, "reason", "it holds blank lines only");
        }
        if (form != TextForm.DELIMITED
                && (trial.dialect().delimiter() == 0
                        || trial.rows().size() < 2
                        || trial.agreement() < 0.9
                        || trial.split() < 0.9)) {
            throw new Problem(CollectProblem.NOT_A_TABLE, "reason", "text without columns that agree");
        }
        Layout layout = Layout.of(trial.rows());
        if (trial.rows().isEmpty()) {
            layout = new Layout(0, false, 1, List.of(""));
        }
        if (layout.width() > FileTable.MOST_COLUMNS) {
            throw new Problem(
                    CollectProblem.TOO_MANY_COLUMNS,
                    "reason",
                    "more than " + FileTable.MOST_COLUMNS + " (" + layout.width() + ")");
        }
        Dialect dialect = trial.dialect();
        Survey survey = new Survey(layout.width());
        survey.run(file, encoding, dialect, layout, form);
        Dialect alternative = survey.badQuotes > 0 ? DialectDetector.alternative(dialect) : null;
        if (alternative != null) {
            Survey second = new Survey(layout.width());
            second.run(file, encoding, alternative, layout, form);
            if (second.rejected < survey.rejected) {
                survey = second;
                dialect = alternative;
            }
        }
        List<String> preamble = new ArrayList<>();
        for (String[] row : trial.rows().subList(0, layout.preamble())) {
            preamble.add(String.join(String.valueOf((char) dialect.delimiter()), row));
        }
        file.requireUnchanged();
        return new CsvTable(file, encoding, dialect, layout, form, survey, preamble);
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
        return new Reader(asked, rejects);
    }

    /** The value of {@code ="…"}, which tells Excel that digits are text; null when the field is not of that form. */
    private static byte @Nullable [] excelText(byte[] value) {
        int n = value.length;
        if (n < 3 || value[0] != '=' || value[1] != '"' || value[n - 1] != '"') {
            return null;
        }
        for (int i = 2; i < n - 1; i++) {
            if (value[i] == '"') {
                return null;
            }
        }
        return java.util.Arrays.copyOfRange(value, 2, n - 1);
    }

    /** Why the record the parser stands on is no row of the table; null when it is one. */
    private static @Nullable RejectedRow fault(CsvParser parser, int width, TextEncoding encoding) {
        switch (parser.defect()) {
            case NONE -> {
                if (parser.fields() != width) {
                    return reject(
                            parser,
                            parser.line(),
                            CollectProblem.RAGGED_ROW,
                            parser.fields() + " fields instead of " + width);
                }
                if (encoding.isDirty()
                        && !TextEncoding.isValidUtf8(parser.buffer(), parser.recordStart(), parser.recordEnd())) {
                    return reject(parser, parser.line(), CollectProblem.INVALID_ENCODING, "bytes that are not UTF-8");
                }
                return null;
            }
            case STRAY_QUOTE -> {
                return reject(
                        parser,
                        parser.defectLine(),
                        CollectProblem.STRAY_QUOTE,
                        "text follows the closing quote of a field");
            }
            case UNCLOSED_QUOTE -> {
                return reject(
                        parser,
                        parser.defectLine(),
                        CollectProblem.UNCLOSED_QUOTE,
                        "the quote opened in line " + parser.defectLine()
                                + " is not closed; reading goes on in the next");
            }
            case TOO_LONG -> {
                return reject(
                        parser,
                        parser.line(),
                        CollectProblem.ROW_TOO_LONG,
                        "more than " + CsvParser.MAX_RECORD + " bytes");
            }
        }
        throw new IllegalStateException("No such defect: " + parser.defect());
    }

    private static RejectedRow reject(CsvParser parser, long line, CollectProblem code, String reason) {
        byte[] raw = parser.raw();
        return new RejectedRow(
                "line " + line,
                "",
                code.id(),
                reason,
                new String(raw, 0, Math.min(raw.length, RAW), StandardCharsets.UTF_8));
    }

    /** The reading of the whole file that finds the types. */
    private static final class Survey {
        private final ColumnGuess[] guesses;
        private long seen;
        private long rejected;
        private long badQuotes;

        Survey(int width) {
            guesses = new ColumnGuess[width];
            for (int i = 0; i < width; i++) {
                guesses[i] = new ColumnGuess();
            }
        }

        void run(FileBytes file, TextEncoding encoding, Dialect dialect, Layout layout, TextForm form)
                throws IOException {
            int width = layout.width();
            int skip = layout.skipped();
            try (CsvParser parser = new CsvParser(encoding.toUtf8(file.open()), dialect)) {
                while (parser.next()) {
                    if (isBlank(parser, width)) {
                        continue;
                    }
                    if (skip > 0 && parser.defect() == CsvParser.Defect.NONE) {
                        skip--;
                        continue;
                    }
                    seen++;
                    if (fault(parser, width, encoding) != null) {
                        rejected++;
                        if (parser.defect() != CsvParser.Defect.NONE) {
                            badQuotes++;
                        }
                        continue;
                    }
                    byte[] b = parser.buffer();
                    for (int i = 0; i < width; i++) {
                        int start = parser.start(i);
                        if (parser.isEscaped(i)
                                || (form == TextForm.FOR_EXCEL && start < parser.end(i) && b[start] == '=')) {
                            guesses[i].addText();
                        } else {
                            guesses[i].add(b, start, parser.end(i));
                        }
                    }
                }
            }
        }
    }

    /** Hands the rows over. */
    private final class Reader implements PartReader {
        private static final int TEXT = 0;
        private static final int LONG = 1;
        private static final int BIG = 2;
        private static final int DOUBLE = 3;
        private static final int DATE = 4;
        private static final int TIMESTAMP = 5;
        private static final int BOOL = 6;

        private final FileBytes.Counting raw;
        private final CsvParser parser;
        private final Consumer<RejectedRow> rejects;
        private final int[] kinds;
        private long seen;
        private int skip = layout.skipped();
        private boolean ended;

        Reader(List<SourceColumn> asked, Consumer<RejectedRow> rejects) throws IOException {
            this.rejects = rejects;
            kinds = new int[asked.size()];
            for (int i = 0; i < kinds.length; i++) {
                kinds[i] = kind(asked.get(i).column().type());
            }
            raw = file.open();
            try {
                parser = new CsvParser(encoding.toUtf8(raw), dialect);
            } catch (IOException | RuntimeException e) {
                raw.close();
                throw e;
            }
        }

        private static int kind(LakeType type) {
            return switch (type) {
                case LakeType.Int64 ignored -> LONG;
                case LakeType.Decimal decimal -> decimal.precision() <= 18 ? LONG : BIG;
                case LakeType.Float64 ignored -> DOUBLE;
                case LakeType.Date ignored -> DATE;
                case LakeType.Timestamp ignored -> TIMESTAMP;
                case LakeType.Bool ignored -> BOOL;
                case LakeType.Text ignored -> TEXT;
                default -> throw new IllegalArgumentException("No file column is " + type);
            };
        }

        @Override
        public int read(Batch batch) throws IOException {
            if (ended) {
                return 0;
            }
            int row = 0;
            int width = kinds.length;
            int bytes = 0;
            int capacity = batch.capacity();
            while (row < capacity && bytes < BATCH_BYTES) {
                if (!next()) {
                    ended = true;
                    finish();
                    break;
                }
                if (isBlank(parser, width)) {
                    continue;
                }
                if (skip > 0 && parser.defect() == CsvParser.Defect.NONE) {
                    skip--;
                    continue;
                }
                seen++;
                RejectedRow fault = fault(parser, width, encoding);
                if (fault != null) {
                    rejects.accept(fault);
                    continue;
                }
                for (int c = 0; c < width; c++) {
                    set(batch, c, row);
                }
                bytes += parser.recordEnd() - parser.recordStart();
                row++;
            }
            return row;
        }

        private boolean next() throws IOException {
            try {
                return parser.next();
            } catch (java.nio.charset.CharacterCodingException | java.util.zip.ZipException | java.io.EOFException e) {
                throw file.changed(String.valueOf(e.getMessage()));
            }
        }

        private void set(Batch batch, int c, int row) {
            byte[] b = parser.buffer();
            int start = parser.start(c);
            int end = parser.end(c);
            int kind = kinds[c];
            if (kind == TEXT) {
                if (start == end) {
                    batch.setText(c, row, EMPTY);
                    return;
                }
                byte[] value = parser.value(c);
                byte[] inner = form == TextForm.FOR_EXCEL ? excelText(value) : null;
                batch.setText(c, row, inner == null ? value : inner);
                return;
            }
            if (start == end) {
                batch.setNull(c, row);
                return;
            }
            switch (kind) {
                case LONG -> batch.setLong(c, row, known(Values.unscaled(b, start, end)));
                case BIG -> batch.setDecimal(c, row, Values.bigUnscaled(b, start, end));
                case DOUBLE -> {
                    known(Values.unscaled(b, start, end));
                    batch.setDouble(c, row, Values.toDouble(b, start, end));
                }
                case DATE -> batch.setLong(c, row, known(Values.date(b, start, end)));
                case TIMESTAMP -> batch.setLong(c, row, known(Values.timestamp(b, start, end)));
                default -> batch.setBool(c, row, Values.isTrue(b, start, end));
            }
        }

        private long known(long value) {
            if (value == Values.NONE) {
                throw file.changed(
                        "line " + parser.line() + " holds a value that was not there when the types were found");
            }
            return value;
        }

        private void finish() throws IOException {
            file.requireUnchanged();
            if (seen != rows) {
                throw file.changed("it had " + rows + " rows and has " + seen);
            }
        }

        @Override
        public long bytesRead() {
            return raw.count();
        }

        @Override
        public OptionalLong rowsAtSource() {
            return OptionalLong.of(seen);
        }

        @Override
        public void close() {
            try {
                parser.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}

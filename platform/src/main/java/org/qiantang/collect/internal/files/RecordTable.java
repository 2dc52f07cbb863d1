package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.collect.internal.files.Records.Kind;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;

/**
 * A file of records with named values as a table. It is read through once to learn every name there is and the types that keep every
 * value, so that a field that first comes in the last record has its column too. A name that comes twice in a record has two columns; a
 * value without a name is in the column {@code value}; records of more different names than a table can have are each one exact text.
 */
final class RecordTable implements FileTable {
    private static final int BATCH_BYTES = 16 << 20;
    private static final int RAW = 64 << 10;
    private static final String BARE = "value";

    private final FileBytes file;
    private final Opener opener;
    private final Fields fields;
    private final List<SourceColumn> columns;
    private final Map<String, String> details;
    private final long rows;

    /** Opens the records from the first. */
    interface Opener {
        Records open() throws IOException;
    }

    private RecordTable(FileBytes file, Opener opener, Survey survey, Map<String, String> known) {
        this.file = file;
        this.opener = opener;
        fields = survey.fields;
        rows = survey.rows;
        columns = fields.columns();
        details = new LinkedHashMap<>(known);
        if (fields.isWhole()) {
            details.put("columns", "more than " + MOST_COLUMNS + " different fields; each record is kept as text");
        }
        details.put("types", FileTable.types(columns));
        details.put("rejected", Long.toString(survey.rejected));
    }

    /** Reads all records and says what they are. */
    static RecordTable survey(FileBytes file, Opener opener, Map<String, String> details) throws IOException {
        Survey survey = new Survey();
        try (Records records = opener.open()) {
            survey.run(records);
        }
        file.requireUnchanged();
        return new RecordTable(file, opener, survey, details);
    }

    /** A record as a reject shows it. */
    static RejectedRow reject(String where, CollectProblem code, String reason, byte[] raw) {
        return new RejectedRow(where, "", code.id(), reason, shown(raw));
    }

    private static String shown(byte[] raw) {
        return new String(raw, 0, Math.min(raw.length, RAW), StandardCharsets.UTF_8);
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
        return new Reader(asked, rejects);
    }

    /** A field of the records: its name, which of the equal names in one record it is, and its type. */
    private static final class Field {
        private final String name;
        private final byte[] utf8;
        private final ValueGuess guess = new ValueGuess();
        /** The field that takes a second value of the same name. */
        private int again = -1;

        Field(String name) {
            this.name = name;
            utf8 = name.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** The fields of all records in the order in which they first come. */
    private static final class Fields {
        private static final int NONE = -1;

        private final List<Field> list = new ArrayList<>();
        private final Map<String, Integer> first = new HashMap<>();
        private final ValueGuess bare = new ValueGuess();
        private boolean anyBare;
        private boolean whole;

        boolean isWhole() {
            return whole;
        }

        boolean hasBare() {
            return whole || anyBare || list.isEmpty();
        }

        int size() {
            return list.size() + (hasBare() ? 1 : 0);
        }

        /** The first field of the name of the record's n-th value, most likely the one after {@code previous}; or {@link #NONE}. */
        int find(Records records, int n, int previous) {
            int expected = previous + 1;
            if (expected < list.size() && records.isName(n, list.get(expected).utf8)) {
                Integer place = first.get(list.get(expected).name);
                if (place != null) {
                    return place;
                }
            }
            return first.getOrDefault(records.name(n), NONE);
        }

        int add(String name) {
            list.add(new Field(name));
            first.putIfAbsent(name, list.size() - 1);
            return list.size() - 1;
        }

        void makeWhole() {
            whole = true;
            list.clear();
            first.clear();
        }

        List<SourceColumn> columns() {
            List<String> names = new ArrayList<>();
            list.forEach(field -> names.add(field.name));
            if (hasBare()) {
                names.add(BARE);
            }
            List<String> lakeNames = Names.ofColumns(names);
            List<SourceColumn> columns = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                ValueGuess guess = i < list.size() ? list.get(i).guess : bare;
                LakeType type = whole ? LakeType.TEXT : guess.type(names.get(i));
                columns.add(new SourceColumn(
                        names.get(i),
                        new Column(lakeNames.get(i), type, whole ? "record" : guess.sourceType(), null),
                        true,
                        Map.of()));
            }
            return List.copyOf(columns);
        }
    }

    /** The reading of the whole file that finds the fields and their types. */
    private static final class Survey {
        private final Fields fields = new Fields();
        private long[] seenIn = new long[64];
        private long rows;
        private long rejected;

        void run(Records records) throws IOException {
            while (records.next()) {
                rows++;
                if (records.fault() != null) {
                    rejected++;
                } else if (!fields.whole) {
                    take(records);
                }
            }
        }

        private void take(Records records) {
            if (records.isBare()) {
                fields.anyBare = true;
                fields.bare.add(records.kind(0), records.value(0));
                return;
            }
            int previous = -1;
            for (int n = 0; n < records.fields(); n++) {
                int at = fields.find(records, n, previous);
                if (at == Fields.NONE) {
                    at = fields.add(records.name(n));
                }
                while (seen(at)) {
                    Field field = fields.list.get(at);
                    if (field.again < 0) {
                        field.again = fields.add(field.name);
                    }
                    at = field.again;
                }
                if (fields.size() > MOST_COLUMNS) {
                    fields.makeWhole();
                    return;
                }
                fields.list.get(at).guess.add(records.kind(n), records.value(n));
                previous = at;
            }
        }

        /** Whether the field has had a value in this record; from now on it has. */
        private boolean seen(int field) {
            if (field >= seenIn.length) {
                seenIn = Arrays.copyOf(seenIn, Math.max(field + 1, seenIn.length * 2));
            }
            boolean seen = seenIn[field] == rows;
            seenIn[field] = rows;
            return seen;
        }
    }

    /** Hands the rows over. */
    private final class Reader implements PartReader {
        private final Records records;
        private final Consumer<RejectedRow> rejects;
        private final List<SourceColumn> asked;
        private final LakeType[] types;
        private final long[] setIn;
        private long seen;
        private boolean ended;

        Reader(List<SourceColumn> asked, Consumer<RejectedRow> rejects) throws IOException {
            this.asked = asked;
            this.rejects = rejects;
            types = asked.stream().map(column -> column.column().type()).toArray(LakeType[]::new);
            setIn = new long[types.length];
            records = opener.open();
        }

        @Override
        public int read(Batch batch) throws IOException {
            int row = 0;
            long bytes = 0;
            while (!ended && row < batch.capacity() && bytes < BATCH_BYTES) {
                if (!next()) {
                    ended = true;
                    file.requireUnchanged();
                    if (seen != rows) {
                        throw file.changed("it had " + rows + " records and has " + seen);
                    }
                    break;
                }
                seen++;
                RejectedRow fault = records.fault();
                if (fault != null) {
                    rejects.accept(fault);
                    continue;
                }
                bytes += take(batch, row++);
            }
            return row;
        }

        private boolean next() throws IOException {
            try {
                return records.next();
            } catch (IOException e) {
                throw file.changed(FileTables.explain(e));
            }
        }

        private long take(Batch batch, int row) {
            long bytes = 0;
            if (fields.isWhole()) {
                byte[] raw = records.raw();
                batch.setText(0, row, raw);
                return raw.length;
            }
            if (records.isBare()) {
                bytes += set(batch, types.length - 1, row, 0);
            } else {
                int previous = -1;
                for (int n = 0; n < records.fields(); n++) {
                    int at = fields.find(records, n, previous);
                    while (at >= 0 && setIn[at] == seen) {
                        at = fields.list.get(at).again;
                    }
                    if (at < 0) {
                        throw file.changed("it has a field that was not there: " + records.name(n));
                    }
                    bytes += set(batch, at, row, n);
                    previous = at;
                }
            }
            for (int c = 0; c < types.length; c++) {
                if (setIn[c] != seen) {
                    batch.setNull(c, row);
                }
            }
            return bytes;
        }

        private long set(Batch batch, int c, int row, int n) {
            setIn[c] = seen;
            Kind kind = records.kind(n);
            if (kind == Kind.NULL) {
                batch.setNull(c, row);
                return 0;
            }
            byte[] value = records.value(n);
            if (kind == Kind.BROKEN) {
                batch.setNull(c, row);
                rejects.accept(new RejectedRow(
                        records.where(),
                        asked.get(c).name(),
                        CollectProblem.INVALID_TEXT.id(),
                        "half of a surrogate pair",
                        shown(value)));
                return 0;
            }
            switch (types[c]) {
                case LakeType.Text ignored -> batch.setText(c, row, value);
                case LakeType.Bool ignored when kind == Kind.BOOL -> batch.setBool(c, row, value[0] == 't');
                case LakeType.Int64 ignored when kind == Kind.NUMBER -> batch.setLong(c, row, number(value));
                case LakeType.Float64 ignored
                when kind == Kind.NUMBER -> batch.setDouble(c, row, Double.parseDouble(text(value)));
                case LakeType.Decimal decimal when kind == Kind.NUMBER -> setDecimal(batch, c, row, decimal, value);
                case LakeType type when kind == Kind.UNTYPED && value.length == 0 -> batch.setNull(c, row);
                case LakeType type
                when kind == Kind.UNTYPED || kind == Kind.TEXT -> FileTable.setTyped(batch, c, row, type, value, file);
                default -> throw file.changed("a value is of another kind than when the types were found");
            }
            return value.length + 8L;
        }

        private long number(byte[] value) {
            try {
                return Long.parseLong(text(value));
            } catch (NumberFormatException e) {
                throw file.changed("it holds a number that was not there when the types were found");
            }
        }

        private void setDecimal(Batch batch, int c, int row, LakeType.Decimal type, byte[] value) {
            try {
                batch.setDecimal(
                        c,
                        row,
                        new BigDecimal(text(value)).setScale(type.scale()).unscaledValue());
            } catch (ArithmeticException e) {
                throw file.changed("it holds a number that was not there when the types were found");
            }
        }

        private static String text(byte[] value) {
            return new String(value, StandardCharsets.US_ASCII);
        }

        @Override
        public long bytesRead() {
            return records.bytesRead();
        }

        @Override
        public OptionalLong rowsAtSource() {
            return OptionalLong.of(seen);
        }

        @Override
        public void close() {
            try {
                records.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }
}

package org.qiantang.collect.internal.jdbc;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.collect.internal.jdbc.TableQuery.Selected;
import org.qiantang.lake.Batch;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;

/**
 * Reads one part as its rows stream in, each value straight into the batch. Stopping it half-way stops the statement at the source, whose
 * connection is kept: it may be the only one that sees the state that is collected.
 */
final class TableReader implements PartReader {
    /** A batch ends here even when it has room for more rows. */
    private static final int BATCH_BYTES = 8 << 20;

    private static final int EXCERPT = 1_000;
    private static final int NANOS_PER_MICRO = 1_000;
    private static final long SECOND_MICROS = 1_000_000;
    private static final int SRID_DIGITS = 8;

    private final Sessions sessions;
    private final Table table;
    private final TableQuery query;
    private final int fetchSize;
    private final long largest;
    private final Consumer<RejectedRow> rejects;

    /** Held while the statement is stopped, or taken out of reach of those who would stop it. */
    private final Object reach = new Object();

    private @Nullable PreparedStatement statement;
    private volatile boolean closed;
    private volatile long bytesRead;
    private volatile long rowsAtSource = -1;
    private @Nullable Connection connection;
    private @Nullable ResultSet result;
    private boolean ended;
    private long rows;
    private long taken;

    TableReader(
            Sessions sessions,
            Table table,
            TableQuery query,
            int fetchSize,
            long largest,
            Consumer<RejectedRow> rejects) {
        this.sessions = sessions;
        this.table = table;
        this.query = query;
        this.fetchSize = fetchSize;
        this.largest = largest;
        this.rejects = rejects;
    }

    @Override
    public long bytesRead() {
        return bytesRead;
    }

    /** A result set does not say how many rows it had, so the source is asked, wherever it still sees what it gave. */
    @Override
    public OptionalLong rowsAtSource() {
        return rowsAtSource < 0 ? OptionalLong.empty() : OptionalLong.of(rowsAtSource);
    }

    @Override
    public synchronized int read(Batch batch) throws Exception {
        if (ended) {
            return 0;
        }
        try {
            ResultSet from = result;
            if (from == null) {
                from = start();
            }
            int filled = fill(from, batch);
            if (filled == 0) {
                finish();
            }
            return filled;
        } catch (SQLException e) {
            Exception why = closed ? stopped(e) : sessions.explained(e, connection, table);
            release();
            throw why;
        } catch (Exception | Error e) {
            release();
            throw e;
        }
    }

    private LakeException stopped(Exception e) {
        return new LakeException(LakeException.Kind.CANCELLED, "Reading " + table.qualifiedName() + " was stopped", e);
    }

    @Override
    public void close() {
        closed = true;
        stop();
        synchronized (this) {
            release();
        }
    }

    private void stop() {
        synchronized (reach) {
            PreparedStatement running = statement;
            if (running != null) {
                try {
                    running.cancel();
                } catch (SQLException cannotBeStopped) {
                    // Then it is read to its end, or its connection is closed under it.
                }
            }
        }
    }

    private ResultSet start() throws SQLException, InterruptedException {
        Connection borrowed = sessions.borrow(() -> closed);
        connection = borrowed;
        PreparedStatement prepared =
                borrowed.prepareStatement(query.sql(), ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
        prepared.setFetchSize(fetchSize);
        query.range().bind(prepared, query.byNumber());
        synchronized (reach) {
            statement = prepared;
            if (closed) {
                throw new SQLException("closed");
            }
        }
        ResultSet opened = prepared.executeQuery();
        result = opened;
        return opened;
    }

    /** The rows have ended by themselves. */
    private void finish() throws SQLException {
        ended = true;
        ResultSet finished = result;
        PreparedStatement done;
        synchronized (reach) {
            done = statement;
            statement = null;
        }
        result = null;
        if (finished != null) {
            finished.close();
        }
        if (done != null) {
            done.close();
        }
        Connection used = connection;
        if (used != null) {
            if (sessions.isHeld() && table.isSteady) {
                rowsAtSource = counted(used);
            }
            connection = null;
            sessions.giveBack(used);
        }
    }

    private long counted(Connection used) throws SQLException {
        try (PreparedStatement count = used.prepareStatement(query.count())) {
            query.range().bind(count, query.byNumber());
            try (ResultSet answer = count.executeQuery()) {
                answer.next();
                return answer.getLong(1);
            }
        }
    }

    /** The reading ends before its rows do. */
    private void release() {
        ended = true;
        stop();
        PreparedStatement left;
        synchronized (reach) {
            left = statement;
            statement = null;
        }
        for (AutoCloseable each : Arrays.asList(result, left)) {
            try {
                if (each != null) {
                    each.close();
                }
            } catch (Exception stopping) {
                // The stop itself comes back as an error.
            }
        }
        result = null;
        Connection used = connection;
        connection = null;
        if (used != null) {
            sessions.giveBackStopped(used);
        }
    }

    private int fill(ResultSet from, Batch batch) throws SQLException, IOException {
        int capacity = batch.capacity();
        int filled = 0;
        long before = taken;
        while (filled < capacity && taken - before < BATCH_BYTES) {
            if (closed) {
                throw new SQLException("closed");
            }
            if (!from.next()) {
                break;
            }
            if (query.countsRows()) {
                batch.setLong(0, filled, rows);
            } else {
                for (int column = 0; column < query.columns().size(); column++) {
                    take(from, column, batch, filled);
                }
            }
            filled++;
            rows++;
        }
        bytesRead = taken;
        return filled;
    }

    private void take(ResultSet from, int column, Batch batch, int to) throws SQLException, IOException {
        Selected selected = query.columns().get(column);
        int at = column + 1;
        switch (selected.reading()) {
            case BOOL -> {
                boolean value = from.getBoolean(at);
                if (!isNull(from, batch, column, to)) {
                    batch.setBool(column, to, value);
                }
            }
            case INTEGER -> {
                long value = from.getLong(at);
                if (!isNull(from, batch, column, to)) {
                    integer(selected, column, batch, to, value);
                }
            }
            case FLOAT -> {
                float value = from.getFloat(at);
                if (!isNull(from, batch, column, to)) {
                    batch.setDouble(column, to, value);
                }
            }
            case DOUBLE -> {
                double value = from.getDouble(at);
                if (!isNull(from, batch, column, to)) {
                    batch.setDouble(column, to, value);
                }
            }
            default -> object(from, at, selected, column, batch, to);
        }
    }

    private boolean isNull(ResultSet from, Batch batch, int column, int to) throws SQLException {
        taken += Long.BYTES;
        if (from.wasNull()) {
            batch.setNull(column, to);
            return true;
        }
        return false;
    }

    private void integer(Selected selected, int column, Batch batch, int to, long value) {
        if (selected.type() instanceof LakeType.Int32 && (int) value != value) {
            throw doesNotFit(selected, "" + value);
        }
        batch.setLong(column, to, value);
    }

    /** Values that come as objects, where null is null. */
    private void object(ResultSet from, int at, Selected selected, int column, Batch batch, int to)
            throws SQLException, IOException {
        Object value = switch (selected.reading()) {
            case BOOL, INTEGER, FLOAT, DOUBLE -> throw new IllegalStateException("taken above");
            case DECIMAL -> from.getBigDecimal(at);
            case DECIMAL_DIGITS, DATE_DIGITS, TIME_DIGITS, TIMESTAMP_DIGITS, UUID_DIGITS, UTF8, BYTES, GEOMETRY ->
                from.getBytes(at);
            case DATE -> asked(from, at, LocalDate.class, selected);
            case TIME -> asked(from, at, LocalTime.class, selected);
            case TIMESTAMP -> asked(from, at, LocalDateTime.class, selected);
            case INSTANT -> asked(from, at, OffsetDateTime.class, selected);
            case UUID -> asked(from, at, UUID.class, selected);
            case BLOB -> blob(from, at, selected);
            case CLOB -> clob(from, at, selected);
            case STRING -> from.getString(at);
            case ARRAY -> from.getArray(at);
            case OWN_INTEGER, OWN_DOUBLE, OWN_TEXT, OWN_BYTES, OWN_ANY -> from.getObject(at);
        };
        if (value == null) {
            batch.setNull(column, to);
            tellOfRefused(from, selected, column);
            return;
        }
        set(from, at, value, selected, column, batch, to);
    }

    /** A driver that does not know a class of java.time has the column as its text. */
    private static <T> @Nullable T asked(ResultSet from, int at, Class<T> type, Selected selected) throws SQLException {
        try {
            return from.getObject(at, type);
        } catch (SQLException | AbstractMethodError | ClassCastException e) {
            String text = from.getString(at);
            if (text == null) {
                return null;
            }
            throw doesNotFit(selected, text);
        }
    }

    private void set(ResultSet from, int at, Object value, Selected selected, int column, Batch batch, int to)
            throws SQLException {
        switch (selected.reading()) {
            case BOOL, INTEGER, FLOAT, DOUBLE -> throw new IllegalStateException("taken above");
            case DECIMAL -> decimal((BigDecimal) value, selected, column, batch, to);
            case DECIMAL_DIGITS -> digits((byte[]) value, selected, column, batch, to);
            case DATE_DIGITS -> micros(Ascii.date((byte[]) value), (byte[]) value, selected, column, batch, to);
            case TIME_DIGITS -> micros(Ascii.time((byte[]) value), (byte[]) value, selected, column, batch, to);
            case TIMESTAMP_DIGITS ->
                micros(Ascii.timestamp((byte[]) value), (byte[]) value, selected, column, batch, to);
            case DATE -> batch.setLong(column, to, day((LocalDate) value, selected));
            case TIME -> batch.setLong(column, to, whole(((LocalTime) value).toNanoOfDay(), value, selected));
            case TIMESTAMP -> batch.setLong(column, to, instant((LocalDateTime) value, selected));
            case INSTANT ->
                batch.setLong(
                        column,
                        to,
                        instant(
                                ((OffsetDateTime) value)
                                        .withOffsetSameInstant(ZoneOffset.UTC)
                                        .toLocalDateTime(),
                                selected));
            case UUID -> uuid((UUID) value, column, batch, to);
            case UUID_DIGITS -> uuid(UUID.fromString(new String((byte[]) value, US_ASCII)), column, batch, to);
            case BYTES, BLOB -> bytes(from, (byte[]) value, selected, column, batch, to);
            case UTF8 -> utf8(from, (byte[]) value, selected, column, batch, to);
            case STRING, CLOB -> string(from, (String) value, selected, column, batch, to);
            case ARRAY -> string(from, json((Array) value), selected, column, batch, to);
            case GEOMETRY -> batch.setText(column, to, wellKnown((byte[]) value));
            case OWN_INTEGER -> {
                if (!(value instanceof Integer) && !(value instanceof Long)) {
                    throw doesNotFit(selected, value.toString());
                }
                batch.setLong(column, to, ((Number) value).longValue());
            }
            case OWN_DOUBLE -> {
                if (!(value instanceof Double number)) {
                    throw doesNotFit(selected, value.toString());
                }
                batch.setDouble(column, to, number);
            }
            case OWN_TEXT -> {
                if (!(value instanceof String text)) {
                    throw doesNotFit(selected, value.toString());
                }
                ownText(from, at, text, selected, column, batch, to);
            }
            case OWN_BYTES -> {
                if (!(value instanceof byte[] content)) {
                    throw doesNotFit(selected, value.toString());
                }
                bytes(from, content, selected, column, batch, to);
            }
            case OWN_ANY -> {
                switch (value) {
                    case String text -> ownText(from, at, text, selected, column, batch, to);
                    case byte[] content ->
                        string(from, "x'" + HexFormat.of().formatHex(content) + "'", selected, column, batch, to);
                    default -> string(from, value.toString(), selected, column, batch, to);
                }
            }
        }
    }

    private void decimal(BigDecimal value, Selected selected, int column, Batch batch, int to) {
        LakeType.Decimal type = (LakeType.Decimal) selected.type();
        taken += Long.BYTES;
        BigInteger unscaled;
        try {
            unscaled = value.setScale(type.scale()).unscaledValue();
        } catch (ArithmeticException e) {
            throw doesNotFit(selected, value.toPlainString());
        }
        if (unscaled.abs().compareTo(BigInteger.TEN.pow(type.precision())) >= 0) {
            throw doesNotFit(selected, value.toPlainString());
        }
        batch.setDecimal(column, to, unscaled);
    }

    private void digits(byte[] text, Selected selected, int column, Batch batch, int to) {
        LakeType.Decimal type = (LakeType.Decimal) selected.type();
        long unscaled = type.precision() <= 18 ? Ascii.decimal(text, type.precision(), type.scale()) : Ascii.NONE;
        if (unscaled == Ascii.NONE) {
            decimal(new BigDecimal(new String(text, US_ASCII)), selected, column, batch, to);
        } else {
            taken += text.length;
            batch.setLong(column, to, unscaled);
        }
    }

    private void micros(long value, byte[] text, Selected selected, int column, Batch batch, int to) {
        if (value == Ascii.NONE) {
            throw doesNotFit(selected, new String(text, US_ASCII));
        }
        taken += Long.BYTES;
        batch.setLong(column, to, value);
    }

    private long day(LocalDate value, Selected selected) {
        long day = value.toEpochDay();
        if (Math.abs(day) >= Batch.INFINITE_DATE) {
            throw doesNotFit(selected, value.toString());
        }
        taken += Long.BYTES;
        return day;
    }

    private long instant(LocalDateTime value, Selected selected) {
        if (value.getNano() % NANOS_PER_MICRO != 0) {
            throw doesNotFit(selected, value.toString());
        }
        taken += Long.BYTES;
        try {
            return Math.addExact(
                    Math.multiplyExact(value.toEpochSecond(ZoneOffset.UTC), SECOND_MICROS),
                    value.getNano() / NANOS_PER_MICRO);
        } catch (ArithmeticException e) {
            throw doesNotFit(selected, value.toString());
        }
    }

    private long whole(long nanos, Object value, Selected selected) {
        if (nanos % NANOS_PER_MICRO != 0) {
            throw doesNotFit(selected, value.toString());
        }
        taken += Long.BYTES;
        return nanos / NANOS_PER_MICRO;
    }

    private void uuid(UUID value, int column, Batch batch, int to) {
        taken += 2 * Long.BYTES;
        batch.setUuid(column, to, value.getMostSignificantBits(), value.getLeastSignificantBits());
    }

    private void bytes(ResultSet from, byte[] value, Selected selected, int column, Batch batch, int to)
            throws SQLException {
        taken += value.length;
        if (value.length > largest) {
            batch.setNull(column, to);
            tooLarge(from, selected, value.length, HexFormat.of().formatHex(value, 0, EXCERPT / 2));
            return;
        }
        batch.setBinary(column, to, value);
    }

    private void utf8(ResultSet from, byte[] value, Selected selected, int column, Batch batch, int to)
            throws SQLException {
        taken += value.length;
        if (!Ascii.isUtf8(value)) {
            batch.setNull(column, to);
            invalid(
                    from,
                    selected,
                    value.length,
                    HexFormat.of().formatHex(value, 0, Math.min(value.length, EXCERPT / 2)));
            return;
        }
        batch.setText(column, to, value);
    }

    private void string(ResultSet from, String value, Selected selected, int column, Batch batch, int to)
            throws SQLException {
        if (value.length() > largest) {
            batch.setNull(column, to);
            tooLarge(from, selected, value.length(), value.substring(0, EXCERPT));
            return;
        }
        byte[] text;
        try {
            ByteBuffer encoded = UTF_8.newEncoder().encode(CharBuffer.wrap(value));
            text = Arrays.copyOf(encoded.array(), encoded.limit());
        } catch (CharacterCodingException halfOfAPair) {
            batch.setNull(column, to);
            invalid(from, selected, value.length(), escaped(value));
            return;
        }
        taken += text.length;
        batch.setText(column, to, text);
    }

    /** The driver puts a mark where SQLite has bytes that are no text; then the bytes themselves are looked at. */
    private void ownText(ResultSet from, int at, String value, Selected selected, int column, Batch batch, int to)
            throws SQLException {
        if (value.indexOf('\ufffd') >= 0) {
            utf8(from, from.getBytes(at), selected, column, batch, to);
        } else {
            string(from, value, selected, column, batch, to);
        }
    }

    private byte @Nullable [] blob(ResultSet from, int at, Selected selected) throws SQLException, IOException {
        try (InputStream in = from.getBinaryStream(at)) {
            if (in == null) {
                return null;
            }
            byte[] value = in.readNBytes((int) largest + 1);
            if (value.length <= largest) {
                return value;
            }
            tooLarge(from, selected, value.length, HexFormat.of().formatHex(value, 0, EXCERPT / 2));
            return null;
        }
    }

    private @Nullable String clob(ResultSet from, int at, Selected selected) throws SQLException, IOException {
        try (Reader in = from.getCharacterStream(at)) {
            if (in == null) {
                return null;
            }
            StringBuilder value = new StringBuilder();
            char[] some = new char[8192];
            for (int n = in.read(some); n >= 0; n = in.read(some)) {
                value.append(some, 0, n);
                if (value.length() > largest) {
                    tooLarge(from, selected, value.length(), value.substring(0, EXCERPT));
                    return null;
                }
            }
            return value.toString();
        }
    }

    private static String json(Array array) throws SQLException {
        Object elements = array.getArray();
        return MySqlCatalogue.json(elements instanceof Object[] some ? texts(some) : elements);
    }

    private static List<@Nullable Object> texts(Object[] elements) throws SQLException {
        List<@Nullable Object> texts = new ArrayList<>();
        for (Object element : elements) {
            texts.add(
                    switch (element) {
                        case null -> null;
                        case Object[] some -> texts(some);
                        case Array some when some.getArray() instanceof Object[] inner -> texts(inner);
                        case Number number -> number;
                        case Boolean truth -> truth;
                        case byte[] content -> HexFormat.of().formatHex(content);
                        default -> element.toString();
                    });
        }
        return texts;
    }

    /** From MySQL's own form to the one that others read: its SRID moves behind the type of the geometry, where WKB has room for it. */
    static byte[] wellKnown(byte[] hex) {
        String text = new String(hex, US_ASCII);
        if (text.length() < SRID_DIGITS + 10) {
            return hex;
        }
        String srid = text.substring(0, SRID_DIGITS);
        String geometry = text.substring(SRID_DIGITS);
        if (srid.equals("00000000") || !geometry.startsWith("01")) {
            return geometry.getBytes(US_ASCII);
        }
        // The fourth byte of the little-endian type takes the flag 0x20.
        return (geometry.substring(0, 8) + "20" + srid + geometry.substring(10)).getBytes(US_ASCII);
    }

    private static LakeException doesNotFit(Selected selected, String value) {
        return LakeException.doesNotFit(selected.lakeName(), value);
    }

    /** Whether a null is one that the source put in the place of a value that is too large. */
    private void tellOfRefused(ResultSet from, Selected selected, int column) throws SQLException {
        int place = query.large()[column];
        if (place == 0) {
            return;
        }
        long size = from.getLong(place);
        if (!from.wasNull()) {
            tooLarge(from, selected, size, "" + from.getString(place + 1));
        }
    }

    private void tooLarge(ResultSet from, Selected selected, long size, String excerpt) throws SQLException {
        reject(
                from,
                selected,
                CollectProblem.VALUE_TOO_LARGE,
                size + " bytes; a value and the large values of a row together may have " + largest,
                excerpt);
    }

    private void invalid(ResultSet from, Selected selected, long size, String raw) throws SQLException {
        reject(from, selected, CollectProblem.INVALID_TEXT, size + " bytes or characters that are not Unicode", raw);
    }

    private void reject(ResultSet from, Selected selected, CollectProblem code, String reason, String raw)
            throws SQLException {
        List<String> key = new ArrayList<>();
        for (int place : query.key()) {
            key.add(query.columns().get(place).name() + " = " + from.getString(place + 1));
        }
        String where = key.isEmpty() ? "row " + (rows + 1) : String.join(", ", key);
        rejects.accept(new RejectedRow(where, selected.lakeName(), code.id(), reason, raw));
    }

    private static String escaped(String value) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < value.length() && escaped.length() < EXCERPT; i++) {
            char c = value.charAt(i);
            escaped.append(Character.isSurrogate(c) ? String.format("\\u%04x", (int) c) : "" + c);
        }
        return escaped.toString();
    }
}

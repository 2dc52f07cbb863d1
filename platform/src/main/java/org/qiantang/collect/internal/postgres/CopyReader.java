package org.qiantang.collect.internal.postgres;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.core.Problem;
import org.qiantang.lake.Batch;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;

/**
 * Reads one part by binary COPY and decodes it straight from the bytes of each row. The server sends one message per row, the first of
 * them after a header.
 */
final class CopyReader implements PartReader {
    private static final VarHandle SHORTS = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** A batch ends here even when it has room for more rows. */
    private static final int BATCH_BYTES = 8 << 20;

    /**
     * Of rows as large as this, the lanes decode one at a time, until its batch has been written. The wait has an end, for memory is only
     * likely to be short where two lanes in each other's way would be certain to stand still.
     */
    private static final int GIANT_BYTES = 16 << 20;

    private static final int GIANT_WAIT_SECONDS = 60;
    private static final int HEADER_BYTES = 19;
    private static final int EXTENSION_AT = 15;
    private static final int EXCERPT_BYTES = 500;

    /** From PostgreSQL's epoch, 2000-01-01, to the lake's, 1970-01-01. */
    private static final int EPOCH_DAYS = 10_957;

    private static final long EPOCH_MICROS = EPOCH_DAYS * 86_400_000_000L;
    private static final long DAY_MICROS = 86_400_000_000L;

    private static final int NEGATIVE = 0x4000;
    private static final int NOT_A_NUMBER = 0xc000;
    private static final int INFINITY = 0xd000;
    private static final int MINUS_INFINITY = 0xf000;
    private static final int LONG_DIGITS = 18;
    private static final int NUMERIC_HEADER = 8;

    private static final long[] POWERS = new long[LONG_DIGITS + 1];

    static {
        POWERS[0] = 1;
        for (int i = 1; i < POWERS.length; i++) {
            POWERS[i] = 10 * POWERS[i - 1];
        }
    }

    private final Sessions sessions;
    private final CopyQuery query;
    private final Consumer<RejectedRow> rejects;
    private final long largestValue;
    private final Wire[] wires;
    private final int[] precisions;
    private final int[] scales;
    private final @Nullable CharsetDecoder checker;

    private final AtomicBoolean holdsGiant = new AtomicBoolean();
    private volatile @Nullable Connection connection;
    private volatile boolean closed;
    private volatile long bytesRead;
    private volatile long rowsAtSource = -1;
    private @Nullable CopyOut copy;
    private byte @Nullable [] pending;
    private boolean started;
    private boolean drained;
    private boolean ended;
    private long rows;
    private long arrived;

    CopyReader(Sessions sessions, CopyQuery query, Consumer<RejectedRow> rejects, long largestValue) {
        this.sessions = sessions;
        this.query = query;
        this.rejects = rejects;
        this.largestValue = largestValue;
        int n = query.fields().size();
        wires = new Wire[n];
        precisions = new int[n];
        scales = new int[n];
        for (int i = 0; i < n; i++) {
            wires[i] = query.fields().get(i).wire();
            if (query.fields().get(i).type() instanceof LakeType.Decimal decimal) {
                precisions[i] = decimal.precision();
                scales[i] = decimal.scale();
            }
        }
        checker = query.checksText() ? UTF_8.newDecoder() : null;
    }

    @Override
    public long bytesRead() {
        return bytesRead;
    }

    @Override
    public OptionalLong rowsAtSource() {
        return rowsAtSource < 0 ? OptionalLong.empty() : OptionalLong.of(rowsAtSource);
    }

    @Override
    public int read(Batch batch) throws Exception {
        if (ended) {
            return 0;
        }
        releaseGiant();
        try {
            if (!started) {
                start();
            }
            int filled = drained ? 0 : fill(batch);
            if (filled == 0) {
                finish();
            }
            return filled;
        } catch (Exception | Error e) {
            boolean cancelled = closed;
            close();
            if (cancelled && e instanceof SQLException) {
                throw new LakeException(LakeException.Kind.CANCELLED, "Reading " + query.object() + " was stopped", e);
            }
            throw e;
        }
    }

    @Override
    public void close() {
        closed = true;
        releaseGiant();
        Connection busy = connection;
        if (busy != null) {
            sessions.discard(busy);
        }
    }

    private void releaseGiant() {
        if (holdsGiant.getAndSet(false)) {
            sessions.giants().release();
        }
    }

    private void start() throws SQLException, InterruptedException {
        started = true;
        Connection borrowed = sessions.borrow();
        connection = borrowed;
        if (closed) {
            throw new SQLException("closed");
        }
        copy = borrowed.unwrap(PGConnection.class).getCopyAPI().copyOut(query.sql());
    }

    private void finish() throws SQLException {
        ended = true;
        CopyOut finished = copy;
        Connection used = connection;
        if (finished == null || used == null) {
            return;
        }
        rowsAtSource = finished.getHandledRowCount();
        copy = null;
        if (!query.rewritten().isEmpty() && isRewritten(used)) {
            throw new Problem(CollectProblem.TABLE_REWRITTEN, "reason", query.object());
        }
        sessions.giveBack(used);
        connection = null;
    }

    private boolean isRewritten(Connection used) throws SQLException {
        try (Statement statement = used.createStatement();
                ResultSet answer = statement.executeQuery(query.rewritten())) {
            return answer.next() && answer.getBoolean(1);
        }
    }

    private int fill(Batch batch) throws SQLException, InterruptedException {
        CopyOut source = copy;
        if (source == null) {
            return 0;
        }
        int capacity = batch.capacity();
        int filled = 0;
        long taken = 0;
        while (filled < capacity && taken < BATCH_BYTES) {
            byte[] row = pending;
            pending = null;
            if (row == null) {
                row = source.readFromCopy();
                if (row == null) {
                    drained = true;
                    break;
                }
                arrived += row.length;
                if (row.length > BATCH_BYTES && filled > 0) {
                    // A giant travels alone, always in the first row, so that a batch never holds on to two of them.
                    pending = row;
                    break;
                }
            }
            int at = rows == 0 ? HEADER_BYTES + (int) INTS.get(row, EXTENSION_AT) : 0;
            int fields = (short) SHORTS.get(row, at);
            if (fields < 0) {
                continue;
            }
            if (row.length > GIANT_BYTES && !holdsGiant.get()) {
                holdsGiant.set(sessions.giants().tryAcquire(GIANT_WAIT_SECONDS, TimeUnit.SECONDS));
            }
            decode(row, at + 2, batch, filled);
            taken += row.length;
            filled++;
            rows++;
        }
        bytesRead = arrived;
        return filled;
    }

    private void decode(byte[] row, int start, Batch batch, int to) {
        if (query.countsRows()) {
            batch.setLong(0, to, rows);
            return;
        }
        int at = start;
        for (int column = 0; column < wires.length; column++) {
            int length = (int) INTS.get(row, at);
            at += 4;
            if (length < 0) {
                batch.setNull(column, to);
                continue;
            }
            switch (wires[column]) {
                case BOOL -> batch.setBool(column, to, row[at] != 0);
                case INT2 -> batch.setLong(column, to, (short) SHORTS.get(row, at));
                case INT4 -> batch.setLong(column, to, (int) INTS.get(row, at));
                case INT8 -> batch.setLong(column, to, (long) LONGS.get(row, at));
                case OID -> batch.setLong(column, to, Integer.toUnsignedLong((int) INTS.get(row, at)));
                case FLOAT4 -> batch.setDouble(column, to, Float.intBitsToFloat((int) INTS.get(row, at)));
                case FLOAT8 -> batch.setDouble(column, to, Double.longBitsToDouble((long) LONGS.get(row, at)));
                case NUMERIC -> numeric(row, at, batch, column, to);
                case DATE -> batch.setLong(column, to, date((int) INTS.get(row, at)));
                case TIME -> batch.setLong(column, to, time((long) LONGS.get(row, at), column));
                case TIMESTAMP -> batch.setLong(column, to, timestamp((long) LONGS.get(row, at), column));
                case UUID -> batch.setUuid(column, to, (long) LONGS.get(row, at), (long) LONGS.get(row, at + 8));
                case BYTEA -> batch.setBinary(column, to, Arrays.copyOfRange(row, at, at + length));
                case TEXT, CAST -> text(row, start, at, length, batch, column, to);
                case JSONB -> text(row, start, at + 1, length - 1, batch, column, to);
            }
            at += length;
        }
        if (query.hasNote()) {
            int length = (int) INTS.get(row, at);
            if (length >= 0) {
                refuse(row, at + 4, length);
            }
        }
    }

    private void text(byte[] row, int start, int at, int length, Batch batch, int column, int to) {
        if (checker != null && !isUtf8(checker, row, at, length)) {
            batch.setNull(column, to);
            rejects.accept(new RejectedRow(
                    place(row, start),
                    query.fields().get(column).lakeName(),
                    CollectProblem.INVALID_TEXT.id(),
                    length + " bytes that are not UTF-8",
                    HexFormat.of().formatHex(row, at, at + Math.min(length, EXCERPT_BYTES))));
            return;
        }
        batch.setText(column, to, row, at, length);
    }

    private static boolean isUtf8(CharsetDecoder decoder, byte[] row, int at, int length) {
        int end = at + length;
        int i = at;
        while (i < end && row[i] >= 0) {
            i++;
        }
        if (i == end) {
            return true;
        }
        try {
            decoder.decode(ByteBuffer.wrap(row, i, end - i));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static long date(int days) {
        return switch (days) {
            case Integer.MAX_VALUE -> Batch.INFINITE_DATE;
            case Integer.MIN_VALUE -> -Batch.INFINITE_DATE;
            default -> (long) days + EPOCH_DAYS;
        };
    }

    private long time(long micros, int column) {
        if (micros >= DAY_MICROS) {
            throw doesNotFit(column, "24:00:00");
        }
        return micros;
    }

    private long timestamp(long micros, int column) {
        if (micros == Long.MAX_VALUE) {
            return Long.MAX_VALUE;
        }
        if (micros == Long.MIN_VALUE) {
            return -Long.MAX_VALUE;
        }
        long value = micros + EPOCH_MICROS;
        if (value < micros || value == Long.MAX_VALUE) {
            throw doesNotFit(column, "a time " + micros + " microseconds after 2000-01-01");
        }
        return value;
    }

    private void numeric(byte[] row, int at, Batch batch, int column, int to) {
        int digits = (short) SHORTS.get(row, at);
        int weight = (short) SHORTS.get(row, at + 2);
        int sign = (short) SHORTS.get(row, at + 4) & 0xffff;
        int precision = precisions[column];
        // The last group of four digits stands at 10^shift of the unscaled value.
        int shift = scales[column] + 4 * (weight - digits + 1);
        if (sign > NEGATIVE) {
            throw doesNotFit(column, special(sign));
        }
        if (digits == 0) {
            decimal(batch, column, to, precision, 0);
            return;
        }
        int first = (short) SHORTS.get(row, at + NUMERIC_HEADER);
        int length = 4 * (digits - 1) + (first < 10 ? 1 : first < 100 ? 2 : first < 1_000 ? 3 : 4) + shift;
        if (digits <= 5 && length <= LONG_DIGITS && shift > -4 && shift <= LONG_DIGITS) {
            long value = 0;
            int group = at + NUMERIC_HEADER;
            for (int i = 1; i < digits; i++, group += 2) {
                value = value * 10_000 + (short) SHORTS.get(row, group);
            }
            int last = (short) SHORTS.get(row, group);
            long unscaled;
            if (shift >= 0) {
                unscaled = (value * 10_000 + last) * POWERS[shift];
            } else {
                long part = POWERS[-shift];
                if (last % part != 0) {
                    throw doesNotFit(column, plain(row, at, digits, weight, sign));
                }
                unscaled = value * POWERS[4 + shift] + last / part;
            }
            if (precision < LONG_DIGITS && unscaled >= POWERS[precision]) {
                throw doesNotFit(column, plain(row, at, digits, weight, sign));
            }
            decimal(batch, column, to, precision, sign == NEGATIVE ? -unscaled : unscaled);
            return;
        }
        BigDecimal value = big(row, at, digits, weight, sign);
        BigInteger unscaled;
        try {
            unscaled = value.setScale(scales[column]).unscaledValue();
        } catch (ArithmeticException e) {
            throw doesNotFit(column, value.toPlainString());
        }
        if (unscaled.abs().compareTo(BigInteger.TEN.pow(precision)) >= 0) {
            throw doesNotFit(column, value.toPlainString());
        }
        if (precision <= LONG_DIGITS) {
            batch.setLong(column, to, unscaled.longValueExact());
        } else {
            batch.setDecimal(column, to, unscaled);
        }
    }

    private static void decimal(Batch batch, int column, int to, int precision, long unscaled) {
        if (precision <= LONG_DIGITS) {
            batch.setLong(column, to, unscaled);
        } else {
            batch.setDecimal(column, to, BigInteger.valueOf(unscaled));
        }
    }

    private static BigDecimal big(byte[] row, int at, int digits, int weight, int sign) {
        BigInteger value = BigInteger.ZERO;
        for (int i = 0; i < digits; i++) {
            value = value.multiply(BigInteger.valueOf(10_000))
                    .add(BigInteger.valueOf((short) SHORTS.get(row, at + NUMERIC_HEADER + 2 * i)));
        }
        return new BigDecimal(sign == NEGATIVE ? value.negate() : value, -4 * (weight - digits + 1));
    }

    private static String plain(byte[] row, int at, int digits, int weight, int sign) {
        return big(row, at, digits, weight, sign).stripTrailingZeros().toPlainString();
    }

    private static String special(int sign) {
        return switch (sign) {
            case NOT_A_NUMBER -> "NaN";
            case INFINITY -> "Infinity";
            case MINUS_INFINITY -> "-Infinity";
            default -> "a numeric with sign " + sign;
        };
    }

    private LakeException doesNotFit(int column, String value) {
        return LakeException.doesNotFit(query.fields().get(column).lakeName(), value);
    }

    /** Reports the values that the server has left out; see {@link CopyQuery} for the form of a note. */
    private void refuse(byte[] row, int start, int length) {
        Note note = new Note(row, start);
        String where = where(note.counted());
        while (note.at < start + length) {
            CopyQuery.Field field = query.fields().get((int) note.number());
            long size = note.number();
            String excerpt = note.counted();
            rejects.accept(new RejectedRow(
                    where,
                    field.lakeName(),
                    CollectProblem.VALUE_TOO_LARGE.id(),
                    size + " bytes; a value and the large values of a row together may have " + largestValue,
                    excerpt));
        }
    }

    /** The place of the row whose fields start there, from the note behind them. */
    private String place(byte[] row, int start) {
        int at = start;
        for (int i = 0; i < wires.length; i++) {
            at += 4 + Math.max(0, (int) INTS.get(row, at));
        }
        return where((int) INTS.get(row, at) < 0 ? "" : new Note(row, at + 4).counted());
    }

    private String where(String place) {
        return query.name() + (place.isEmpty() ? "row " + (rows + 1) : place);
    }

    /** Numbers that end with a space, and texts preceded by their length. */
    private static final class Note {
        private final byte[] bytes;
        private int at;

        Note(byte[] bytes, int at) {
            this.bytes = bytes;
            this.at = at;
        }

        long number() {
            int from = at;
            while (bytes[at] != ' ') {
                at++;
            }
            return Long.parseLong(new String(bytes, from, at++ - from, US_ASCII));
        }

        String counted() {
            int length = (int) number();
            at += length;
            return new String(bytes, at - length, length, UTF_8);
        }
    }
}

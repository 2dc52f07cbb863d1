package org.qiantang.lake;

import java.io.IOException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.RowSink.ResultColumn;

/**
 * A Trino cluster that answers statements over the same tables. Its values are read as what the platform's own engine says the columns
 * of the answer are, and printed by that engine, so that an answer reads the same whoever gave it. A value that is not of that type is
 * an error, never another value.
 */
final class Trino {
    /** So many rows wait until more come, so that an answer of this size can be asked for again when a machine dies meanwhile. */
    private static final int HELD_BACK = 10_000;

    private static final int TRIES = 3;

    /** Trino's codes for a machine that is gone, or about to be: asking again asks the others. */
    private static final Set<Integer> MACHINE_LOST = Set.of(
            0x1_0001, 0x1_0003, 0x1_0004, 0x1_0005, 0x1_0006, 0x1_0008, 0x1_0009, 0x1_000b, 0x1_000c, 0x1_0011,
            0x1_0016, 0x1_001b);

    private static final int USER_CANCELED = 3;
    private static final int ADMINISTRATIVELY_KILLED = 25;
    private static final int EXCEEDED_TIME_LIMIT = 0x2_0003;

    private final ClusterSettings settings;
    private final LakeSettings lake;
    private final Engine printer;

    Trino(ClusterSettings settings, LakeSettings lake, Engine printer) {
        this.settings = settings;
        this.lake = lake;
        this.printer = printer;
        ClusterCatalogue.prepare(lake);
    }

    /** Who is told which statement can be cancelled, and says whether somebody has. */
    interface Watched {
        void on(@Nullable Statement statement);

        boolean stopped();
    }

    /** What stands behind FROM in the place of a table. */
    String relation(Scan scan) {
        return scan.trino(settings.catalog(), lake.zone());
    }

    /**
     * Runs a statement in Trino's words and hands over its rows.
     *
     * @return rows handed over, and whether there were more than the limit
     */
    Handed run(String sql, List<ResultColumn> columns, long limit, RowSink sink, Watched watched) throws SQLException {
        List<LakeType> types = columns.stream().map(Trino::type).toList();
        Handed handed = new Handed(sink, limit);
        for (int attempt = 1; ; attempt++) {
            try {
                attempt(sql, columns, types, handed, watched);
                handed.flush();
                return handed;
            } catch (SQLException e) {
                if (attempt == TRIES
                        || watched.stopped()
                        || handed.begun()
                        || !MACHINE_LOST.contains(e.getErrorCode())) {
                    throw failure(e);
                }
                handed.forget();
                System.getLogger(Trino.class.getName())
                        .log(System.Logger.Level.WARNING, "A query is asked again: {0}", e.getMessage());
            }
        }
    }

    private void attempt(String sql, List<ResultColumn> columns, List<LakeType> types, Handed handed, Watched watched)
            throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                Printer print = new Printer(columns, types)) {
            watched.on(statement);
            try (ResultSet rows = statement.executeQuery(sql)) {
                if (rows.getMetaData().getColumnCount() != types.size()) {
                    throw new IllegalStateException("The cluster's answer has other columns");
                }
                while (!handed.full() && rows.next()) {
                    print.add(rows, handed::row);
                }
                print.flush(handed::row);
            } finally {
                watched.on(null);
            }
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", settings.username());
        properties.setProperty("password", settings.password());
        properties.setProperty("SSL", "true");
        if (settings.certificate() != null) {
            properties.setProperty("SSLTrustStorePath", settings.certificate().toString());
        }
        properties.setProperty("timezone", lake.zone().getId());
        properties.setProperty("source", "qiantang");
        String url = "jdbc:trino://" + settings.url().getHost() + ":"
                + (settings.url().getPort() < 0 ? 443 : settings.url().getPort()) + "/" + settings.catalog();
        return DriverManager.getConnection(url, properties);
    }

    private static LakeException failure(SQLException e) {
        String message = String.valueOf(e.getMessage()).replaceFirst("^Query failed \\(#[^)]*\\): ", "");
        int code = e.getErrorCode();
        if (code == USER_CANCELED || code == ADMINISTRATIVELY_KILLED) {
            return new LakeException(LakeException.Kind.CANCELLED, "The cluster ended the query: " + message, e);
        }
        if (code == EXCEEDED_TIME_LIMIT) {
            return new LakeException(LakeException.Kind.TOO_LONG, "The cluster ended the query: " + message, e);
        }
        if (code >> 16 == 2) {
            return new LakeException(LakeException.Kind.OUT_OF_MEMORY, "The cluster cannot hold it: " + message, e);
        }
        boolean unreachable = code == 0 && hasCause(e, IOException.class);
        if (unreachable || code == 0 || MACHINE_LOST.contains(code)) {
            return new LakeException(
                    LakeException.Kind.UNAVAILABLE, "The cluster is not there at the moment: " + message, e);
        }
        if (message.contains("Millis overflow")) {
            return new LakeException(
                    LakeException.Kind.NOT_ALLOWED,
                    "A column of times with a zone holds an infinite one, which the cluster cannot read. Leave the column out",
                    e);
        }
        return code >> 16 == 0
                ? LakeException.badStatement("The cluster says: " + message, -1, e)
                : new LakeException(LakeException.Kind.STORAGE, "The cluster failed: " + message, e);
    }

    private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }

    /** The type as which a column of the answer travels. */
    private static LakeType type(ResultColumn column) {
        return switch (column.type()) {
            case "BOOLEAN" -> LakeType.BOOL;
            case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER" -> LakeType.INT64;
            case "HUGEINT", "UBIGINT", "UHUGEINT" -> LakeType.decimal(38, 0);
            case "FLOAT" -> LakeType.FLOAT32;
            case "DOUBLE" -> LakeType.FLOAT64;
            case "DATE" -> LakeType.DATE;
            case "TIME" -> LakeType.TIME;
            case "TIMESTAMP" -> LakeType.TIMESTAMP;
            case "TIMESTAMP WITH TIME ZONE" -> LakeType.TIMESTAMP_TZ;
            case "VARCHAR", "\"NULL\"" -> LakeType.TEXT;
            case "UUID" -> LakeType.UUID;
            case "BLOB" -> LakeType.BINARY;
            default -> {
                if (!column.type().startsWith("DECIMAL(")) {
                    throw new LakeException(
                            LakeException.Kind.NOT_ALLOWED,
                            "Column " + column.name() + " is of type " + column.type()
                                    + ", which the cluster's answers cannot carry");
                }
                yield LakeType.of(column.type().toLowerCase(Locale.ROOT));
            }
        };
    }

    /** Takes rows of the cluster and gives them as the platform's engine writes them. */
    private final class Printer implements AutoCloseable {
        private final List<LakeType> types;
        private final Batch batch;
        private final Connection connection;
        private final String print;
        private int filled;

        Printer(List<ResultColumn> columns, List<LakeType> types) throws SQLException {
            this.types = types;
            List<Column> travelling = IntStream.range(0, types.size())
                    .mapToObj(i -> new Column("c" + i, types.get(i), "", null))
                    .toList();
            batch = new Batch(travelling);
            connection = printer.connect();
            print = "SELECT " + Lake.texts(columns) + " FROM (SELECT "
                    + IntStream.range(0, types.size())
                            .mapToObj(i -> Types.fromVector(types.get(i), "c" + i) + " AS c" + i)
                            .collect(Collectors.joining(", "))
                    + " FROM " + Engine.FEED + "(";
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET TimeZone = " + Sql.text(lake.zone().getId()));
            }
        }

        void add(ResultSet row, Consumer<List<@Nullable String>> to) throws SQLException {
            for (int i = 0; i < types.size(); i++) {
                set(row, i);
            }
            filled++;
            if (filled == Batch.CAPACITY || batch.bytesHeld() > 8 << 20) {
                flush(to);
            }
        }

        void flush(Consumer<List<@Nullable String>> to) throws SQLException {
            if (filled == 0) {
                return;
            }
            try (Engine.Feed feed = printer.feed(batch, filled);
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(print + feed.number() + "))")) {
                while (rows.next()) {
                    List<@Nullable String> values = new ArrayList<>(types.size());
                    for (int i = 0; i < types.size(); i++) {
                        values.add(rows.getString(i + 1));
                    }
                    to.accept(values);
                }
            }
            filled = 0;
            batch.clear();
        }

        private void set(ResultSet row, int column) throws SQLException {
            int at = column + 1;
            Object value = row.getObject(at);
            if (value == null) {
                batch.setNull(column, filled);
                return;
            }
            switch (types.get(column)) {
                case LakeType.Bool ignored -> batch.setBool(column, filled, row.getBoolean(at));
                case LakeType.Int32 ignored ->
                    batch.setLong(column, filled, exact(value, 0).longValueExact());
                case LakeType.Int64 ignored ->
                    batch.setLong(column, filled, exact(value, 0).longValueExact());
                case LakeType.Float32 ignored -> batch.setDouble(column, filled, row.getFloat(at));
                case LakeType.Float64 ignored -> batch.setDouble(column, filled, row.getDouble(at));
                case LakeType.Decimal decimal -> {
                    BigDecimal number = exact(value, decimal.scale());
                    if (decimal.precision() > 18) {
                        batch.setDecimal(column, filled, number.unscaledValue());
                    } else {
                        batch.setLong(column, filled, number.unscaledValue().longValueExact());
                    }
                }
                case LakeType.Date ignored ->
                    batch.setLong(column, filled, date(row.getString(at)).toEpochDay());
                case LakeType.Time ignored ->
                    batch.setLong(
                            column, filled, LocalTime.parse(row.getString(at)).toNanoOfDay() / 1_000);
                case LakeType.Timestamp ignored -> batch.setLong(column, filled, micros(row.getString(at)));
                case LakeType.TimestampTz ignored -> batch.setLong(column, filled, micros(row.getString(at)));
                case LakeType.Text ignored -> {
                    if (!(value instanceof String text)) {
                        throw new IllegalStateException("A text of the cluster is a " + value.getClass());
                    }
                    batch.setText(column, filled, text);
                }
                case LakeType.Uuid ignored -> {
                    java.util.UUID uuid = java.util.UUID.fromString(row.getString(at));
                    batch.setUuid(column, filled, uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
                }
                case LakeType.Binary ignored -> batch.setBinary(column, filled, row.getBytes(at));
            }
        }

        private static BigDecimal exact(Object value, int scale) {
            BigDecimal number = value instanceof BigDecimal decimal ? decimal : new BigDecimal(value.toString());
            return number.setScale(scale, java.math.RoundingMode.UNNECESSARY);
        }

        @Override
        public void close() throws SQLException {
            batch.close();
            connection.close();
        }
    }

    /** A date as Trino writes it, its year of any length and sign. */
    static LocalDate date(String text) {
        int dash = text.indexOf('-', 1);
        return LocalDate.of(
                Integer.parseInt(text.substring(0, dash)),
                Integer.parseInt(text.substring(dash + 1, dash + 3)),
                Integer.parseInt(text.substring(dash + 4)));
    }

    /** Microseconds since 1970 of a date, or of a date and a time with perhaps a zone behind it, as Trino writes them. */
    static long micros(String text) {
        String[] parts = text.split(" ", 3);
        LocalDateTime time = date(parts[0]).atTime(parts.length == 1 ? LocalTime.MIDNIGHT : LocalTime.parse(parts[1]));
        ZoneOffset offset = parts.length < 3
                ? ZoneOffset.UTC
                : ZoneId.of(parts[2]).getRules().getOffset(time);
        return Math.addExact(Math.multiplyExact(time.toEpochSecond(offset), 1_000_000L), time.getNano() / 1_000);
    }

    /** The rows on their way to whoever asked. */
    static final class Handed {
        private final RowSink sink;
        private final long limit;
        private final List<List<@Nullable String>> waiting = new ArrayList<>();
        private long rows;
        private boolean begun;
        private boolean truncated;

        Handed(RowSink sink, long limit) {
            this.sink = sink;
            this.limit = limit;
        }

        long rows() {
            return rows;
        }

        boolean truncated() {
            return truncated;
        }

        private boolean begun() {
            return begun;
        }

        private boolean full() {
            return truncated;
        }

        private void row(List<@Nullable String> values) {
            if (rows == limit) {
                truncated = true;
                return;
            }
            rows++;
            waiting.add(values);
            if (waiting.size() >= HELD_BACK) {
                flush();
            }
        }

        private void flush() {
            begun |= !waiting.isEmpty();
            waiting.forEach(sink::row);
            waiting.clear();
        }

        private void forget() {
            waiting.clear();
            rows = 0;
            truncated = false;
        }
    }
}

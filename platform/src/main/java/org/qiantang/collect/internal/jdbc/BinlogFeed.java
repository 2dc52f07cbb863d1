package org.qiantang.collect.internal.jdbc;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.ByteArrayEventData;
import com.github.shyiko.mysql.binlog.event.Event;
import com.github.shyiko.mysql.binlog.event.EventHeaderV4;
import com.github.shyiko.mysql.binlog.event.EventType;
import com.github.shyiko.mysql.binlog.event.MariadbGtidEventData;
import com.github.shyiko.mysql.binlog.event.QueryEventData;
import com.github.shyiko.mysql.binlog.event.RotateEventData;
import com.github.shyiko.mysql.binlog.event.TableMapEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.ByteArrayEventDataDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.network.SSLMode;
import com.github.shyiko.mysql.binlog.network.ServerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.internal.ChangeFeed;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.TableChanges;

/**
 * The changes of a MySQL or MariaDB server by its binary log, which must be written in rows and in full. The server forgets its log by
 * its own clock and keeps nothing for us, so whoever follows must remember the position that was confirmed.
 *
 * <p>A table whose columns change is collected anew: the log does not say what the rows of before have in a new column.
 */
public final class BinlogFeed implements ChangeFeed {
    /** Events that wait to be read; when there are more the server waits. */
    private static final int WAITING_EVENTS = 512;

    /** Rows handed over before the caller gets a chance to do something else. */
    private static final int PIECE = 20_000;

    private static final int CONNECT_SECONDS = 15;
    private static final int DEFAULT_PORT = 3306;
    private static final int STANDALONE = 1;
    private static final int LOG_IS_GONE = 1236;
    private static final int TABLE_ID_BYTES = 6;
    private static final int FLAG_BYTES = 2;
    private static final long FIRST_SERVER_ID = 1_000_000_000L;

    private static final Pattern HOST = Pattern.compile("//([^:/,]+)(?::(\\d+))?");
    private static final Pattern COMMENTS =
            Pattern.compile("^(?:\\s|/\\*.*?\\*/|--[^\\n]*\\n|#[^\\n]*\\n)+", Pattern.DOTALL);
    private static final Pattern TABLE = Pattern.compile(
            "(?is)^(?:ALTER\\s+(?:ONLINE\\s+)?(?:IGNORE\\s+)?TABLE|TRUNCATE(?:\\s+TABLE)?)\\s+(?:IF\\s+EXISTS\\s+)?"
                    + "(?:(`(?:[^`]|``)+`|[^\\s.`;]+)\\s*\\.\\s*)?(`(?:[^`]|``)+`|[^\\s.`;(]+)(.*)$");

    /** What an ALTER TABLE says when it may change what stands in rows. */
    private static final Pattern CHANGES_ROWS = Pattern.compile(
            "(?is)\\b(?:ADD|DROP|CHANGE|MODIFY|CONVERT|DISCARD|IMPORT|EXCHANGE|TRUNCATE|RENAME\\s+COLUMN)\\b(?!\\s+(?:INDEX|KEY|CONSTRAINT|UNIQUE|"
                    + "FOREIGN|FULLTEXT|SPATIAL|CHECK)\\b)");

    private final Connection control;
    private final MySqlDialect dialect;
    private final Set<String> schemas;
    private final boolean isMariaDb;
    private final BinaryLogClient client;
    private final String confirmed;
    private final BlockingQueue<Event> arrived = new ArrayBlockingQueue<>(WAITING_EVENTS);
    private final Map<Long, BinlogTable.Written> written = new HashMap<>();
    private final Set<String> touched = new HashSet<>();
    private Map<List<String>, BinlogTable> known;
    private volatile @Nullable Exception failure;
    private volatile boolean closed;

    /** Behind the newest event that was taken. */
    private BinlogPosition position = new BinlogPosition("", 0, 0);

    private BinlogPosition begunAt = position;
    private boolean inTransaction;
    private boolean isTold;

    private BinlogFeed(
            Connection control, MySqlDialect dialect, Set<String> schemas, BinaryLogClient client, String confirmed)
            throws SQLException {
        this.control = control;
        this.dialect = dialect;
        this.schemas = schemas;
        this.client = client;
        this.confirmed = confirmed;
        isMariaDb = control.getMetaData().getDatabaseProductVersion().contains("MariaDB");
        known = BinlogTable.all(dialect.tables(control, schemas), isMariaDb);
    }

    /**
     * Looks at what there is to follow; {@link #start} begins.
     *
     * @param from the position that was confirmed last, or an empty string
     * @throws Problem when the source does not allow it, or does not have the log any more
     */
    public static BinlogFeed open(SourceAccess access, Drivers drivers, String from) {
        DatabaseLocation location = DatabaseLocation.of(access.location());
        if (!location.isMySql()) {
            throw impossible(location.scheme());
        }
        MySqlDialect dialect = new MySqlDialect();
        Opening opening = new Opening(drivers.find(location), dialect, access.username(), access.secret());
        Connection control = null;
        try {
            control = opening.connect();
            dialect.settle(control);
            demand(control);
            return new BinlogFeed(
                    control, dialect, DatabaseSettings.of(access.settings()).schemas(), client(location, access), from);
        } catch (SQLException e) {
            closeQuietly(control);
            throw Opening.problem(e);
        } catch (RuntimeException e) {
            closeQuietly(control);
            throw e;
        }
    }

    /** From where both the caller and every table have what came before; without either from now on. */
    @Override
    public void start(String earliest) {
        String latest = confirmed.compareTo(earliest) > 0 ? confirmed : earliest;
        BinlogPosition end = dialect.logEnd(control);
        if (latest.isEmpty() && end == null) {
            throw impossible("SHOW MASTER STATUS");
        }
        position = latest.isEmpty() && end != null ? end : BinlogPosition.parse(latest);
        begunAt = position;
        client.setBinlogFilename(position.name());
        client.setBinlogPosition(position.offset());
        connect();
    }

    private static Problem impossible(String reason) {
        return new Problem(CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", reason);
    }

    /** Says what the server's settings lack. */
    private static void demand(Connection control) throws SQLException {
        Map<String, String> demanded = Map.of("log_bin", "1", "binlog_format", "ROW", "binlog_row_image", "FULL");
        for (Map.Entry<String, String> setting : demanded.entrySet()) {
            String value = value(control, "SELECT @@GLOBAL." + setting.getKey());
            if (!setting.getValue().equals(value)) {
                throw impossible(setting.getKey() + " = " + value);
            }
        }
        if ("1".equals(tried(control, "SELECT @@GLOBAL.log_bin_compress"))) {
            throw impossible("log_bin_compress = 1");
        }
    }

    private static BinaryLogClient client(DatabaseLocation location, SourceAccess access) {
        Matcher host = HOST.matcher(location.url());
        if (!host.find()) {
            throw new Problem(CollectProblem.BAD_DATABASE_LOCATION, "reason", "it names no host");
        }
        int port = host.group(2) == null ? DEFAULT_PORT : Integer.parseInt(host.group(2));
        BinaryLogClient client = new BinaryLogClient(host.group(1), port, access.username(), access.secret());
        client.setServerId(FIRST_SERVER_ID + ThreadLocalRandom.current().nextInt(1_000_000_000));
        client.setKeepAlive(false);
        client.setHeartbeatInterval(TimeUnit.SECONDS.toMillis(5));
        client.setConnectTimeout(TimeUnit.SECONDS.toMillis(10));
        client.setSSLMode(sslMode(location.url().toLowerCase(Locale.ROOT)));
        EventDeserializer deserializer = new EventDeserializer();
        ByteArrayEventDataDeserializer asItIs = new ByteArrayEventDataDeserializer();
        for (EventType type : EventType.values()) {
            if (EventType.isRowMutation(type)) {
                deserializer.setEventDataDeserializer(type, asItIs);
            }
        }
        client.setEventDeserializer(deserializer);
        return client;
    }

    private static SSLMode sslMode(String url) {
        if (url.contains("sslmode=verify-full") || url.contains("sslmode=verify_identity")) {
            return SSLMode.VERIFY_IDENTITY;
        }
        if (url.contains("sslmode=verify-ca") || url.contains("sslmode=verify_ca")) {
            return SSLMode.VERIFY_CA;
        }
        return url.matches(".*(?:usessl=true|requiressl=true|sslmode=(?:trust|required)).*")
                ? SSLMode.REQUIRED
                : SSLMode.DISABLED;
    }

    private void connect() {
        CountDownLatch connected = new CountDownLatch(1);
        client.registerEventListener(event -> {
            try {
                while (!closed && !arrived.offer(event, 1, TimeUnit.SECONDS)) {
                    // The reader is busy; the server waits with us.
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        client.registerLifecycleListener(new BinaryLogClient.AbstractLifecycleListener() {
            @Override
            public void onConnect(BinaryLogClient which) {
                connected.countDown();
            }

            @Override
            public void onCommunicationFailure(BinaryLogClient which, Exception e) {
                fail(e);
            }

            @Override
            public void onEventDeserializationFailure(BinaryLogClient which, Exception e) {
                fail(e);
            }

            @Override
            public void onDisconnect(BinaryLogClient which) {
                fail(new IOException("the source closed the connection"));
            }
        });
        Thread.ofPlatform().daemon().name("binlog").start(() -> {
            try {
                client.connect();
            } catch (IOException | RuntimeException e) {
                fail(e);
            } finally {
                connected.countDown();
            }
        });
        try {
            if (!connected.await(CONNECT_SECONDS, TimeUnit.SECONDS)) {
                throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "no answer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throwFailure();
    }

    private synchronized void fail(Exception e) {
        if (failure == null && !closed) {
            failure = e;
        }
    }

    private void throwFailure() {
        Exception why = failure;
        if (why == null) {
            return;
        }
        for (Throwable cause = why; cause != null; cause = cause.getCause()) {
            if (cause instanceof ServerException refused) {
                throw switch (refused.getErrorCode()) {
                    case LOG_IS_GONE -> new Problem(CollectProblem.POSITION_LOST);
                    case 1045 -> new Problem(CollectProblem.SIGN_IN_REFUSED, "reason", "" + refused.getMessage());
                    default -> impossible("" + refused.getMessage());
                };
            }
        }
        throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "" + why.getMessage());
    }

    @Override
    public List<FollowedTable> tables() {
        return known.values().stream().map(BinlogTable::followed).toList();
    }

    @Override
    public void read(Sink sink, Duration patience) throws SQLException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        int taken = 0;
        while (!closed && taken < PIECE) {
            Event event = arrived.poll();
            if (event == null) {
                throwFailure();
                if (taken > 0 && !inTransaction) {
                    return;
                }
                event = arrived.poll(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (event == null) {
                    return;
                }
            }
            taken += take(event, sink);
        }
    }

    /** How much there was in it, a row or an event counting for one. */
    private int take(Event event, Sink sink) throws SQLException {
        EventHeaderV4 header = event.getHeader();
        int taken = 1;
        switch (header.getEventType()) {
            case ROTATE -> {
                RotateEventData next = event.getData();
                position = BinlogPosition.of(next.getBinlogFilename(), next.getBinlogPosition());
                return 0;
            }
            case FORMAT_DESCRIPTION -> {
                return 0;
            }
            case MARIADB_GTID -> {
                MariadbGtidEventData group = event.getData();
                begunAt = position;
                inTransaction = (group.getFlags() & STANDALONE) == 0;
            }
            case GTID, ANONYMOUS_GTID -> begunAt = position;
            case QUERY -> {
                BinlogPosition end = behind(header);
                query(event.getData(), end, at(header), sink);
            }
            case TABLE_MAP -> map(event.getData());
            case WRITE_ROWS, UPDATE_ROWS, DELETE_ROWS, EXT_WRITE_ROWS, EXT_UPDATE_ROWS, EXT_DELETE_ROWS -> {
                ByteArrayEventData rows = event.getData();
                taken = rows(header.getEventType(), ByteBuffer.wrap(rows.getData()), sink);
            }
            case XID -> commit(behind(header), at(header), sink);
            case XA_PREPARE, PARTIAL_UPDATE_ROWS_EVENT -> spoil(Set.copyOf(touched), sink);
            default -> {
                // what others say to each other
            }
        }
        position = behind(header);
        return taken;
    }

    private BinlogPosition behind(EventHeaderV4 header) {
        return header.getNextPosition() > 0 ? position.at(header.getNextPosition()) : position;
    }

    private static Instant at(EventHeaderV4 header) {
        return Instant.ofEpochMilli(header.getTimestamp());
    }

    private void tell(Sink sink) {
        if (!isTold) {
            isTold = true;
            sink.begin(begunAt.text());
        }
    }

    private void commit(BinlogPosition end, Instant at, Sink sink) {
        inTransaction = false;
        touched.clear();
        if (isTold) {
            isTold = false;
            sink.committed(end.text(), at);
        }
    }

    /** Tables whose changes the log does not tell row by row. */
    private void spoil(Set<String> lakeNames, Sink sink) {
        if (!lakeNames.isEmpty()) {
            tell(sink);
        }
        lakeNames.forEach(name -> sink.collectAnew(name, CollectProblem.FOLLOWING_DIVERGED.id(), ""));
    }

    private void query(QueryEventData query, BinlogPosition end, Instant at, Sink sink) throws SQLException {
        String sql = COMMENTS.matcher(query.getSql()).replaceFirst("").strip();
        String word = sql.split("[^A-Za-z]", 2)[0].toUpperCase(Locale.ROOT);
        switch (word) {
            case "BEGIN", "XA" -> inTransaction = true;
            case "COMMIT" -> commit(end, at, sink);
            case "ROLLBACK" -> {
                // It is only in the log when something in the transaction could not be undone.
                spoil(Set.copyOf(touched), sink);
                if (!sql.toUpperCase(Locale.ROOT).matches("ROLLBACK\\s+(?:WORK\\s+)?TO\\b.*")) {
                    commit(end, at, sink);
                }
            }
            case "INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "WITH", "CALL" -> {
                Set<String> names = new HashSet<>();
                known.forEach((name, table) -> {
                    if (table.isFollowed()) {
                        names.add(table.lakeName());
                    }
                });
                spoil(names, sink);
            }
            case "TRUNCATE" -> {
                BinlogTable table = named(sql, query.getDatabase());
                if (table != null && table.isFollowed()) {
                    tell(sink);
                    TableChanges changes = sink.changes(table.lakeName());
                    if (changes != null) {
                        changes.truncate();
                    }
                }
                commit(end, at, sink);
            }
            case "ALTER", "CREATE", "DROP", "RENAME" -> {
                // CREATE TABLE … SELECT is a transaction of its own with rows in it.
                boolean goesOn = inTransaction;
                define(sql, query.getDatabase(), sink);
                if (!goesOn) {
                    commit(end, at, sink);
                }
            }
            default -> {
                // SAVEPOINT, GRANT, ANALYZE … change no rows
            }
        }
    }

    private @Nullable BinlogTable named(String sql, String database) {
        Matcher matcher = TABLE.matcher(sql);
        if (!matcher.matches()) {
            return null;
        }
        String schema = matcher.group(1) == null ? database : unquoted(matcher.group(1));
        return known.get(List.of(schema, unquoted(matcher.group(2))));
    }

    private static String unquoted(String name) {
        return name.startsWith("`") ? name.substring(1, name.length() - 1).replace("``", "`") : name;
    }

    /** Looks at the catalogue after a statement that may have changed it. */
    private void define(String sql, String database, Sink sink) throws SQLException {
        BinlogTable altered = named(sql, database);
        Matcher matcher = TABLE.matcher(sql);
        if (altered != null
                && altered.isFollowed()
                && matcher.matches()
                && CHANGES_ROWS.matcher(matcher.group(3)).find()) {
            tell(sink);
            sink.collectAnew(altered.lakeName(), CollectProblem.SHAPE_CHANGED.id(), "");
        }
        Map<List<String>, BinlogTable> now = BinlogTable.all(dialect.tables(control, schemas), isMariaDb);
        known.forEach((name, table) -> {
            BinlogTable next = now.get(name);
            if (next == null) {
                sink.vanished(table.lakeName());
            } else if (table.isFollowed() && !table.isLike(next)) {
                tell(sink);
                sink.collectAnew(table.lakeName(), CollectProblem.SHAPE_CHANGED.id(), "");
            }
        });
        now.forEach((name, table) -> {
            if (!known.containsKey(name)) {
                sink.appeared(table.followed());
            }
        });
        known = now;
        written.clear();
    }

    private void map(TableMapEventData map) {
        BinlogTable table = known.get(List.of(map.getDatabase(), map.getTable()));
        if (table == null || !table.isFollowed()) {
            written.remove(map.getTableId());
        } else {
            written.put(
                    map.getTableId(), new BinlogTable.Written(table, map.getColumnTypes(), map.getColumnMetadata()));
        }
    }

    private int rows(EventType type, ByteBuffer rows, Sink sink) {
        BinlogTable.Written shape = written.get(BinlogColumn.little(rows, 0, TABLE_ID_BYTES));
        if (shape == null) {
            return 1;
        }
        String lakeName = shape.table().lakeName();
        tell(sink);
        touched.add(lakeName);
        TableChanges changes = sink.changes(lakeName);
        if (changes == null) {
            return 1;
        }
        if (!shape.table().fits(shape.types(), shape.metadata())) {
            sink.collectAnew(lakeName, CollectProblem.SHAPE_CHANGED.id(), "");
            return 1;
        }
        try {
            return apply(type, rows, shape, changes);
        } catch (LakeException e) {
            if (e.kind() != LakeException.Kind.VALUE_DOES_NOT_FIT && e.kind() != LakeException.Kind.PROOF_FAILED) {
                throw e;
            }
            sink.collectAnew(lakeName, CollectProblem.FOLLOWING_DIVERGED.id(), String.valueOf(e.getMessage()));
            return 1;
        }
    }

    private static int apply(EventType type, ByteBuffer rows, BinlogTable.Written shape, TableChanges changes) {
        boolean isExtended = EventType.isRowMutation(type) && type.name().startsWith("EXT_");
        int at = TABLE_ID_BYTES + FLAG_BYTES;
        if (isExtended) {
            at += (int) BinlogColumn.little(rows, at, 2);
        }
        int n = rows.get(at) & 0xff;
        at++;
        if (n >= 251) {
            n = (int) BinlogColumn.little(rows, at, 2);
            at += 2;
        }
        boolean isUpdate = EventType.isUpdate(type);
        for (int i = 0; i < (isUpdate ? 2 * n : n); i++) {
            int column = i % n;
            if ((rows.get(at + i / n * ((n + 7) / 8) + column / 8) >> column % 8 & 1) == 0) {
                throw new LakeException(LakeException.Kind.PROOF_FAILED, "The binary log leaves columns out");
            }
        }
        at += (isUpdate ? 2 : 1) * ((n + 7) / 8);
        BinlogTable.Image image = new BinlogTable.Image(n);
        BinlogTable.Image after = new BinlogTable.Image(n);
        int count = 0;
        while (at < rows.limit()) {
            image.read(rows, at, shape.types(), shape.metadata());
            at = image.end;
            if (isUpdate) {
                after.read(rows, at, shape.types(), shape.metadata());
                at = after.end;
                shape.update(changes, rows, image, after);
            } else if (EventType.isDelete(type)) {
                shape.delete(changes, rows, image);
            } else {
                shape.insert(changes, rows, image);
            }
            count++;
        }
        return count;
    }

    /** The server is not told: it keeps its log by its own clock. */
    @Override
    public void confirm(String upTo) {}

    @Override
    public @Nullable String caughtUpTo() {
        return inTransaction || isTold ? null : position.text();
    }

    @Override
    public Lag lag() throws SQLException {
        BinlogPosition end = dialect.logEnd(control);
        if (end == null) {
            return new Lag(0, 0);
        }
        long behind = end.file() == position.file() ? end.offset() - position.offset() : end.offset();
        if (end.file() != position.file()) {
            try (Statement statement = control.createStatement();
                    ResultSet row = statement.executeQuery("SHOW BINARY LOGS")) {
                while (row.next()) {
                    BinlogPosition file = BinlogPosition.of(row.getString(1), row.getLong(2));
                    if (file.file() >= position.file() && file.file() < end.file()) {
                        behind += file.offset() - (file.file() == position.file() ? position.offset() : 0);
                    }
                }
            }
        }
        return new Lag(Math.max(0, behind), 0);
    }

    /** Whatever changes a table's shape stands in the log. */
    @Override
    public void look(Sink sink) {}

    @Override
    public void close() {
        closed = true;
        try {
            client.disconnect();
        } catch (IOException e) {
            // It was to go.
        }
        closeQuietly(control);
    }

    @Override
    public void forget() {
        close();
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? "" + row.getString(1) : "";
        }
    }

    private static String tried(Connection connection, String sql) {
        try {
            return value(connection, sql);
        } catch (SQLException notKnown) {
            return "";
        }
    }

    private static void closeQuietly(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // It was to go.
            }
        }
    }
}

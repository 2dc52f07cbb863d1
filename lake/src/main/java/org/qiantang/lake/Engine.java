package org.qiantang.lake;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBLogicalType;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.jspecify.annotations.Nullable;

/**
 * The one DuckDB instance through which the lake writes. What is to be written reaches it through a table function: a batch at a time,
 * with back pressure, on the thread that runs the statement.
 */
final class Engine implements AutoCloseable {
    /** The table function's name; its argument is a feed's number. */
    static final String FEED = "lake_feed";

    /** Above this a table is wide: what it needs grows with its columns, and it is written with no other beside it. */
    private static final int WIDE = 1_000;

    private static final long BYTES_PER_COLUMN = 224 << 10;

    /** Memory that stays with the engine once it had it. */
    private static final long KEPT_BYTES = 128L << 20;

    private final DuckDBConnection root;
    private final long memoryBytes;
    private final ReentrantReadWriteLock room = new ReentrantReadWriteLock(true);
    private final Map<Long, Feed> feeds = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();

    Engine(LakeSettings settings) {
        try {
            memoryBytes = settings.writeMemoryBytes();
            root = open(settings, memoryBytes);
            try (Statement statement = root.createStatement()) {
                // Each write runs on its caller's thread; a pool beside them only makes callers wait for it.
                statement.execute("SET threads = 1");
                // Blocks that are given back and taken again all the time; to return them to the system costs a fault
                // for each page.
                statement.execute(
                        "SET block_allocator_memory = '" + Math.min(memoryBytes / 2, KEPT_BYTES) / (1 << 20) + "MiB'");
            }
            try (var function = DuckDBFunctions.tableFunction()) {
                function.withName(FEED)
                        .withParameter(DuckDBColumnType.BIGINT)
                        .withFunction(new FeedFunction(feeds))
                        .register(root);
            }
        } catch (SQLException e) {
            throw new LakeException(LakeException.Kind.STORAGE, "The engine does not start: " + e.getMessage(), e);
        }
    }

    /** A new, empty instance. Nothing is loaded from outside; times with a zone are read as UTC until told otherwise. */
    static DuckDBConnection open(LakeSettings settings, long memoryBytes) throws SQLException {
        return open(settings, memoryBytes, new Properties());
    }

    /** The same, but it hands over an answer row by row while it is made, whatever its size. */
    static DuckDBConnection openRowByRow(LakeSettings settings, long memoryBytes) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("jdbc_stream_results", "true");
        return open(settings, memoryBytes, properties);
    }

    private static DuckDBConnection open(LakeSettings settings, long memoryBytes, Properties properties)
            throws SQLException {
        DuckDBConnection connection =
                DriverManager.getConnection("jdbc:duckdb:", properties).unwrap(DuckDBConnection.class);
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET memory_limit = '" + memoryBytes / (1 << 20) + "MiB'");
            statement.execute("SET threads = " + settings.threads());
            statement.execute("SET temp_directory = " + Sql.text(settings.temp().toString()));
            statement.execute("SET autoinstall_known_extensions = false");
            statement.execute("SET autoload_known_extensions = false");
            statement.execute("SET TimeZone = 'UTC'");
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
        return connection;
    }

    /** Another connection to the same instance. */
    Connection connect() throws SQLException {
        Connection connection = root.duplicate();
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET preserve_insertion_order = false");
        }
        return connection;
    }

    /** Memory enough to write a table of so many columns; closing gives it back. */
    Room room(int columns) throws SQLException {
        if (columns <= WIDE) {
            room.readLock().lock();
            return room.readLock()::unlock;
        }
        room.writeLock().lock();
        try {
            limit(Math.max(memoryBytes, columns * BYTES_PER_COLUMN));
        } catch (SQLException e) {
            room.writeLock().unlock();
            throw e;
        }
        return () -> {
            try {
                limit(memoryBytes);
            } finally {
                room.writeLock().unlock();
            }
        };
    }

    /** The right to write, held while writing. */
    interface Room extends AutoCloseable {
        @Override
        void close() throws SQLException;
    }

    private void limit(long bytes) throws SQLException {
        try (Statement statement = root.createStatement()) {
            statement.execute("SET memory_limit = '" + bytes / (1 << 20) + "MiB'");
        }
    }

    /** Makes a reader available as {@code lake_feed(n)}; the caller closes the feed. */
    Feed feed(List<Column> columns, boolean profiled, ChunkReader reader) {
        ChunkReader clearing = batch -> {
            batch.clear();
            return reader.read(batch);
        };
        return feed(new Batch(columns, profiled), true, clearing);
    }

    /** Makes a batch that somebody else has filled available, once. */
    Feed feed(Batch filled, int rows) {
        int[] left = {rows};
        return feed(filled, false, batch -> {
            int all = left[0];
            left[0] = 0;
            return all;
        });
    }

    private Feed feed(Batch batch, boolean owned, ChunkReader reader) {
        Feed feed = new Feed(numbers.incrementAndGet(), batch, owned, reader);
        feeds.put(feed.number, feed);
        return feed;
    }

    @Override
    public void close() {
        try {
            root.close();
        } catch (SQLException e) {
            throw new LakeException(LakeException.Kind.STORAGE, "The engine does not stop: " + e.getMessage(), e);
        }
    }

    /** One reader on its way through one statement. */
    final class Feed implements AutoCloseable {
        private final long number;
        private final Batch batch;
        private final boolean owned;
        private final ChunkReader reader;
        private long rows;
        private boolean ended;
        private @Nullable Exception failure;

        Feed(long number, Batch batch, boolean owned, ChunkReader reader) {
            this.number = number;
            this.batch = batch;
            this.owned = owned;
            this.reader = reader;
        }

        long number() {
            return number;
        }

        Batch batch() {
            return batch;
        }

        /** Rows handed over so far. */
        long rows() {
            return rows;
        }

        /** What the reader threw, for the engine only passes on its words. */
        @Nullable
        Exception failure() {
            return failure;
        }

        @Override
        public void close() {
            feeds.remove(number);
            if (owned) {
                batch.close();
            }
        }

        private int next() throws Exception {
            if (ended) {
                return 0;
            }
            try {
                int n = reader.read(batch);
                batch.sampleNumbers(n);
                batch.sketch(n);
                rows += n;
                ended = n == 0;
                return n;
            } catch (Exception e) {
                failure = e;
                throw e;
            }
        }
    }

    private static final class FeedFunction implements DuckDBTableFunction<Feed, Feed, Feed> {
        private final Map<Long, Feed> feeds;

        FeedFunction(Map<Long, Feed> feeds) {
            this.feeds = feeds;
        }

        @Override
        public Feed bind(DuckDBTableFunctionBindInfo info) throws Exception {
            Feed feed = feeds.get(info.getParameter(0).getLong());
            if (feed == null) {
                throw new IllegalStateException("No such feed");
            }
            List<Column> columns = feed.batch.columns;
            for (int i = 0; i < columns.size(); i++) {
                try (DuckDBLogicalType type = Vectors.type(columns.get(i).type())) {
                    info.addResultColumn("c" + i, type);
                }
            }
            return feed;
        }

        @Override
        public Feed init(DuckDBTableFunctionInitInfo info) {
            info.setMaxThreads(1);
            return info.getBindData();
        }

        @Override
        public Feed localInit(DuckDBTableFunctionInitInfo info) {
            return info.getBindData();
        }

        @Override
        public long apply(DuckDBTableFunctionCallInfo info, DuckDBDataChunkWriter chunk) throws Exception {
            Feed feed = info.getInitData();
            int rows = feed.next();
            for (int column = 0; column < feed.batch.columns.size(); column++) {
                Vectors.fill(chunk.vector(column), feed.batch, column, rows);
            }
            return rows;
        }
    }
}

package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.iceberg.NullOrder;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * A lake on one machine: Iceberg tables on a local disk, their catalogue in PostgreSQL, read and written by DuckDB in this process.
 *
 * <p>Thread-safe; one writer per table at a time. A write is seen whole or not at all and survives whatever happens after
 * {@link TableWrite#commit} has returned. Reads are governed: one SELECT, lake tables only, masks compiled in, in an engine of its own that
 * can reach nothing but the files of the tables it was given.
 */
public final class Lake implements Queries, Derivations, Feeds, AutoCloseable {
    private static final String CATALOG = "lake";
    private static final String DESCRIBE = "DESCRIBE ";
    private static final int MOST_UNDERSTOOD = 512;
    private static final int LONGEST_UNDERSTOOD = 20_000;
    private static final long LOOK_MILLIS = 100;
    private static final Duration LOOK_AT_SPACE = Duration.ofMillis(50);
    private static final Duration LONGEST_DERIVATION = Duration.ofHours(6);
    private static final Duration LONGEST_EXTRACT = Duration.ofHours(1);
    private static final Query NOW = new Query("", null, 0, Map.of());

    private final LakeSettings settings;
    private final Durable durable;
    private final LakeCatalogue catalog;
    private final Engine engine;
    private final QueryEngines queryEngines;
    /** What statements that may run read, by their text alone; dashboards and services ask the same ones over and over. */
    private final Map<String, References> understood =
            Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<String, References> eldest) {
                    return size() > MOST_UNDERSTOOD;
                }
            });

    private final SeenFiles liveFiles = new SeenFiles();
    private final Feeding feeding;
    private final Map<TableName, ReentrantLock> turns = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("lake-timer").factory());

    private final Set<Watch> underWay = ConcurrentHashMap.newKeySet();
    private final Set<Held> held = ConcurrentHashMap.newKeySet();
    private final Map<TableName, Integer> commits = new ConcurrentHashMap<>();
    private volatile long lookedAtSpace = System.nanoTime() - LOOK_AT_SPACE.toNanos();

    private Lake(LakeSettings settings, Durable durable) {
        this.settings = settings;
        this.durable = durable;
        try {
            durable.createDirectories(settings.warehouse());
            Files.createDirectories(settings.temp());
        } catch (IOException e) {
            throw LakeException.storage("Cannot use " + settings.warehouse(), e);
        }
        Map<String, String> properties = Map.of(
                "uri", settings.catalogUrl(),
                "jdbc.user", settings.user(),
                "jdbc.password", settings.password(),
                "jdbc.schema-version", "V1",
                "warehouse", LocalFileIO.location(settings.warehouse()));
        catalog =
                new LakeCatalogue(new LocalFileIO(durable), new CatalogConnections(settings.catalogUrl(), properties));
        catalog.initialize(CATALOG, properties);
        engine = new Engine(settings);
        queryEngines = new QueryEngines(settings);
        feeding = new Feeding(this, settings);
    }

    /** Opens a lake, creating its catalogue tables when there are none. */
    public static Lake open(LakeSettings settings) {
        return open(settings, Durable.Witness.NONE);
    }

    static Lake open(LakeSettings settings, Durable.Witness witness) {
        return new Lake(settings, new Durable(settings.warehouse(), witness));
    }

    /** Starts a write after which the table has these columns and just the rows that were written; its history stays. */
    public TableWrite replace(TableName name, List<Column> columns) {
        return new TableWrite(this, name, columns, true, transaction(name, columns));
    }

    /** In which dates and moments of no particular zone are. */
    ZoneId zone() {
        return settings.zone();
    }

    /** Starts a write that adds rows to the table, creating it when there is none. */
    public TableWrite append(TableName name, List<Column> columns) {
        return new TableWrite(this, name, columns, false, transaction(name, columns));
    }

    /**
     * The same for a table that {@link Upkeep} keeps sorted by some of its columns. What is appended need not be. Nothing but appends may
     * go to such a table, for it is rewritten while they go on.
     */
    public TableWrite append(TableName name, List<Column> columns, List<String> sortedBy) {
        Transaction transaction = transaction(name, columns);
        SortOrder.Builder order = SortOrder.builderFor(transaction.table().schema());
        sortedBy.forEach(column -> order.asc(column, NullOrder.NULLS_LAST));
        if (!transaction.table().sortOrder().sameOrder(order.build())) {
            var replaced = transaction.replaceSortOrder();
            sortedBy.forEach(column -> replaced.asc(column, NullOrder.NULLS_LAST));
            replaced.commit();
        }
        return new TableWrite(this, name, columns, false, transaction);
    }

    /** Makes a table of the newest rows of another follow it. */
    public Newest newest(TableName of, TableName into, Newest.Rule rule) {
        return new Newest(this, of, into, rule);
    }

    /**
     * Starts to take changes of rows, which {@link TableChanges#commit} applies to the table at once.
     *
     * @param columns the table's columns as they are at the source now; the table follows them
     * @param key names of the columns that tell rows apart; empty when only the whole row does
     */
    public TableChanges change(TableName name, List<Column> columns, List<String> key, TableChanges.Delivery delivery) {
        return new TableChanges(this, name, columns, key, delivery);
    }

    /**
     * Starts to hold a table against its source.
     *
     * @param snapshot as of which the table is compared
     * @param columns as the source hands them over, in the table's own names, types and order
     * @param key names of the columns that tell rows apart; empty when only the whole row does
     */
    public Comparison compare(TableName name, long snapshot, List<Column> columns, List<String> key) {
        return new Comparison(this, name, snapshot, columns, key);
    }

    /**
     * Gives a table the columns that its source has now; rows of before read null in what is new. Its snapshot stays.
     *
     * @param renamed new names of columns by their former ones
     */
    public void reshape(TableName name, List<Column> columns, Map<String, String> renamed) {
        try (Turn turn = turn(name)) {
            Transaction transaction = table(name).newTransaction();
            if (!renamed.isEmpty()) {
                UpdateSchema update = transaction.updateSchema();
                renamed.forEach(update::renameColumn);
                update.commit();
            }
            evolve(transaction, columns);
            transaction.commitTransaction();
        } catch (CommitFailedException | CommitStateUnknownException e) {
            throw LakeException.storage("Cannot reshape " + name, e);
        }
    }

    /** Names and types of a table's columns, in order; empty when there is no such table. */
    public Map<String, LakeType> shape(TableName name) {
        Map<String, LakeType> shape = new LinkedHashMap<>();
        find(name)
                .ifPresent(table ->
                        table.schema().columns().forEach(field -> shape.put(field.name(), Types.lake(field.type()))));
        return shape;
    }

    /**
     * What was kept with the table's newest snapshot by {@link TableWrite#commit}; empty when there is no such table. Another engine's
     * commit keeps nothing, so what came before it still holds.
     */
    public Optional<Map<String, String>> summary(TableName name) {
        return find(name).map(Lake::ours).map(Snapshot::summary);
    }

    /** The newest snapshot that carries anything of ours, else the newest. */
    static @Nullable Snapshot ours(Table table) {
        Snapshot newest = table.currentSnapshot();
        if (newest == null || isOurs(newest)) {
            return newest;
        }
        return StreamSupport.stream(table.snapshots().spliterator(), false)
                .filter(Lake::isOurs)
                .max(Comparator.comparingLong(Snapshot::sequenceNumber))
                .orElse(newest);
    }

    private static boolean isOurs(Snapshot snapshot) {
        return snapshot.summary().keySet().stream().anyMatch(key -> key.startsWith("qiantang."));
    }

    /** What was kept with a snapshot; empty when it is not there any more. */
    public Map<String, String> summary(TableName name, long snapshot) {
        return find(name)
                .map(table -> table.snapshot(snapshot))
                .map(Snapshot::summary)
                .orElse(Map.of());
    }

    /** Reads everything a reader gives and keeps nothing of it. */
    public void skim(List<Column> columns, ChunkReader reader) throws Exception {
        try (Batch batch = new Batch(columns)) {
            while (reader.read(batch) > 0) {
                batch.clear();
            }
        }
    }

    @Override
    public References references(String sql) {
        References known = understood.get(sql);
        if (known != null) {
            return known;
        }
        References found;
        try (Connection connection = engine.connect()) {
            found = StatementGuard.check(connection, sql);
        } catch (SQLException e) {
            throw failure("Cannot read the statement", e);
        }
        if (sql.length() <= LONGEST_UNDERSTOOD) {
            understood.put(sql, found);
        }
        return found;
    }

    /** The tables are there without their rows: nothing is read but the statement. */
    @Override
    public ColumnLineage lineage(String sql, Map<TableName, Long> snapshots) {
        Map<TableName, List<String>> columns = new TreeMap<>();
        try (QueryEngines.Lease own = queryEngines.take();
                Statement statement = own.connection().createStatement()) {
            for (TableName name : references(sql).tables()) {
                Schema shape = shape(name, snapshots.get(name));
                statement.execute("CREATE SCHEMA IF NOT EXISTS " + Sql.name(name.namespace()));
                statement.execute("CREATE TABLE " + Sql.name(name.namespace()) + "." + Sql.name(name.name())
                        + shape.columns().stream()
                                .map(field -> Sql.name(field.name()) + " " + Types.duckdb(field.type()))
                                .collect(Collectors.joining(", ", " (", ")")));
                columns.put(
                        name, shape.columns().stream().map(NestedField::name).toList());
            }
            statement.execute("SET TimeZone = " + Sql.text(settings.zone().getId()));
            statement.execute("SET enable_external_access = false");
            statement.execute("SET lock_configuration = true");
            return LineageReader.read(own.connection(), sql, columns);
        } catch (SQLException e) {
            throw failure("Cannot read the statement", e);
        }
    }

    private Schema shape(TableName name, @Nullable Long snapshot) {
        Table table = table(name);
        Snapshot then = snapshot == null ? table.currentSnapshot() : table.snapshot(snapshot);
        Integer schema = then == null ? null : then.schemaId();
        return schema == null ? table.schema() : table.schemas().getOrDefault(schema, table.schema());
    }

    @Override
    public Answer run(Query query, RowSink sink) {
        return run(query, sink, null);
    }

    @Override
    public Extract.Made extract(Extract extract) {
        Query query = extract.query();
        try (Watch watch = new Watch(query.id(), LONGEST_EXTRACT)) {
            Map<TableName, Scan> scans = new TreeMap<>();
            for (TableName name : references(query.sql()).tables()) {
                scans.put(name, scan(name, query, false, watch.holds));
            }
            ScheduledFuture<?> room = timer.scheduleWithFixedDelay(
                    () -> {
                        if (!hasRoom(extract)) {
                            watch.stop(LakeException.Kind.NO_SPACE);
                        }
                    },
                    0,
                    LOOK_MILLIS,
                    TimeUnit.MILLISECONDS);
            try {
                return Extracting.run(settings, extract, essence(query), scans, watch);
            } catch (SQLException | LakeException e) {
                throw ended(watch, e);
            } finally {
                room.cancel(false);
            }
        }
    }

    private static boolean hasRoom(Extract extract) {
        try {
            return !DiskSpace.of(requireNonNull(extract.file().getParent(), "the file is in no folder"))
                            .isFull()
                    && (!Files.exists(extract.file()) || Files.size(extract.file()) <= extract.mostBytes());
        } catch (IOException unknown) {
            // Whoever writes there will hear of it.
            return true;
        }
    }

    /** The statement without what may stand behind it. */
    private static String essence(Query query) {
        String sql = query.sql().stripTrailing();
        while (sql.endsWith(";")) {
            sql = sql.substring(0, sql.length() - 1).stripTrailing();
        }
        return sql;
    }

    private Answer run(Query query, RowSink sink, @Nullable Trino cluster) {
        try (Watch watch = new Watch(query.id(), settings.queryTimeout())) {
            return run(query, sink, cluster, watch);
        }
    }

    /**
     * The same lake with a cluster answering what is asked; what is written, and all that this lake is asked directly, goes on in this
     * process. Both have the same statements under way.
     */
    public Queries through(ClusterSettings answering) {
        Trino cluster = new Trino(answering, settings, engine);
        return new Queries() {
            @Override
            public References references(String sql) {
                return Lake.this.references(sql);
            }

            @Override
            public ColumnLineage lineage(String sql, Map<TableName, Long> snapshots) {
                return Lake.this.lineage(sql, snapshots);
            }

            @Override
            public Answer run(Query query, RowSink sink) {
                // whoever wants no rows wants to know the columns, which are known here
                boolean here = query.limit() == 0
                        || !query.parameters().isEmpty()
                        || !query.policies().values().stream().allMatch(TablePolicy::isForAnyEngine);
                return Lake.this.run(query, sink, here ? null : cluster);
            }

            @Override
            public Extract.Made extract(Extract extract) {
                return Lake.this.extract(extract);
            }

            @Override
            public void stop(String id) {
                Lake.this.stop(id);
            }

            @Override
            public List<TableState> tables() {
                return Lake.this.tables();
            }
        };
    }

    @Override
    public void stop(String id) {
        for (Watch watch : underWay) {
            if (watch.id.equals(id)) {
                watch.stop(LakeException.Kind.CANCELLED);
            }
        }
    }

    private Answer run(Query query, RowSink sink, @Nullable Trino cluster, Watch watch) {
        Map<TableName, Scan> scans = new TreeMap<>();
        for (TableName name : references(query.sql()).tables()) {
            scans.put(name, scan(name, query, cluster != null, watch.holds));
        }
        String sql = essence(query);
        try (QueryEngines.Lease own = queryEngines.take(scans)) {
            Connection connection = own.connection();
            Answer answer = cluster == null
                    ? answer(own, sql, query, sink, scans, watch)
                    : answer(cluster, connection, sql, query.limit(), sink, scans, watch);
            own.keep();
            return answer;
        } catch (SQLException | LakeException e) {
            throw ended(watch, e);
        }
    }

    private static LakeException ended(Watch watch, Exception e) {
        LakeException.Kind stopped = watch.stopped;
        if (stopped != null) {
            return new LakeException(stopped, "The query was stopped", e);
        }
        return e instanceof SQLException failed ? failure("The query failed", failed) : (LakeException) e;
    }

    @Override
    public Derivation.Result derive(Derivation derivation) {
        try (Watch watch = new Watch(derivation.id(), LONGEST_DERIVATION)) {
            Map<TableName, Scan> inputs = new TreeMap<>();
            for (TableName name : references(derivation.sql()).tables()) {
                inputs.put(name, scan(name, NOW, false, watch.holds));
            }
            if (derivation.basis() != null) {
                derivation.basis().inputs().forEach(seen -> watch.holds.add(hold(seen.table(), seen.snapshot())));
            }
            Optional<Scan> present =
                    state(derivation.table()).map(state -> scan(derivation.table(), NOW, false, watch.holds));
            try {
                return new Deriving(this, settings, derivation, inputs, present, watch).run();
            } catch (SQLException | LakeException e) {
                throw ended(watch, e);
            }
        }
    }

    @Override
    public TableProfile profile(TableName table) {
        try (Watch watch = new Watch(UUID.randomUUID().toString(), LONGEST_DERIVATION)) {
            Scan scan = scan(table, NOW, false, watch.holds);
            try {
                return StoredProfile.of(settings, scan, watch);
            } catch (SQLException | LakeException e) {
                throw ended(watch, e);
            }
        }
    }

    @Override
    public Rehearsal.Outcome rehearse(Rehearsal rehearsal) {
        try (Watch watch = new Watch(UUID.randomUUID().toString(), settings.queryTimeout())) {
            Map<TableName, Map<String, String>> tables = new TreeMap<>();
            for (TableName name : references(rehearsal.sql()).tables()) {
                tables.put(name, engineShape(name));
            }
            try (QueryEngines.Lease own = queryEngines.take()) {
                return Rehearsing.run(own.connection(), settings, rehearsal, tables, watch);
            } catch (SQLException | LakeException e) {
                throw ended(watch, e);
            }
        }
    }

    @Override
    public Head head(TableName table, TablePolicy policy) {
        return feeding.head(table, policy);
    }

    @Override
    public Part read(Step step, RowSink sink) {
        try (Watch watch = new Watch(step.id(), LONGEST_DERIVATION)) {
            try {
                return feeding.read(step, sink, watch.holds, watch);
            } catch (SQLException | LakeException e) {
                throw ended(watch, e);
            }
        }
    }

    @Override
    public Set<Long> kept(TableName table) {
        return find(table).map(Feeding::kept).orElse(Set.of());
    }

    @Override
    public void keep(TableName table, long snapshot) {
        feeding.keep(table, snapshot);
    }

    @Override
    public void release(TableName table, Set<Long> snapshots) {
        feeding.release(table, snapshots);
    }

    private Map<String, String> engineShape(TableName name) {
        return engineShape(table(name).schema());
    }

    static Map<String, String> engineShape(Schema schema) {
        Map<String, String> shape = new LinkedHashMap<>();
        schema.columns().forEach(field -> shape.put(field.name(), Types.duckdb(field.type())));
        return shape;
    }

    @Override
    public List<TableState> tables() {
        return names().stream().flatMap(name -> state(name).stream()).toList();
    }

    /** Every table, in order; one may hold nothing yet, or be gone before it is looked at. */
    public List<TableName> names() {
        return catalog.listNamespaces().stream()
                .flatMap(namespace -> catalog.listTables(namespace).stream()
                        .map(table -> new TableName(namespace.toString(), table.name())))
                .sorted()
                .toList();
    }

    /** A table as it is now; empty when there is none, or when it holds nothing yet. */
    public Optional<TableState> state(TableName name) {
        return find(name).map(Table::currentSnapshot).map(snapshot -> state(name, snapshot));
    }

    @Override
    public void close() {
        timer.shutdownNow();
        queryEngines.close();
        engine.close();
        catalog.close();
    }

    /** The right to commit to a table, held while its snapshot must not change under a writer's feet. */
    Turn turn(TableName name) {
        ReentrantLock lock = turns.computeIfAbsent(name, any -> new ReentrantLock());
        lock.lock();
        return lock::unlock;
    }

    /** A writer's turn at a table. */
    interface Turn extends AutoCloseable {
        @Override
        void close();
    }

    /** Keeps a snapshot readable until the answer is closed, however old it gets. */
    Turn hold(TableName name, long snapshot) {
        Held hold = new Held(name, snapshot, new Object());
        held.add(hold);
        return () -> held.remove(hold);
    }

    /** Whether somebody reads a snapshot. */
    boolean isHeld(TableName name, long snapshot) {
        return held.stream().anyMatch(hold -> hold.table.equals(name) && hold.snapshot == snapshot);
    }

    private record Held(TableName table, long snapshot, Object by) {}

    /** Notes that a table has a file more. */
    void grew(TableName name) {
        commits.merge(name, 1, Integer::sum);
    }

    /** The tables that grew so often since they were in an answer last. */
    Set<TableName> grownBy(int times) {
        Set<TableName> grown = new TreeSet<>();
        commits.forEach((name, count) -> {
            if (count >= times && commits.remove(name, count)) {
                grown.add(name);
            }
        });
        return grown;
    }

    Engine engine() {
        return engine;
    }

    /** An engine of its own for work that may spill; it takes what a query may take, on one thread. */
    Connection aside() throws SQLException {
        Connection connection = Engine.open(settings, settings.queryMemoryBytes());
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET threads = 1");
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    Durable durable() {
        return durable;
    }

    /** Removes a file that no snapshot knows. That it may stay behind is no harm: nothing reads it. */
    void discard(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException staysBehind) {
            System.getLogger(Lake.class.getName()).log(System.Logger.Level.WARNING, "An unused file stays: " + path);
        }
    }

    /**
     * Refuses what would eat up the disk's reserve.
     *
     * @throws LakeException {@code NO_SPACE}
     */
    void requireSpace() {
        long now = System.nanoTime();
        if (now - lookedAtSpace < LOOK_AT_SPACE.toNanos()) {
            return;
        }
        try {
            DiskSpace space = DiskSpace.of(settings.warehouse());
            if (space.isFull()) {
                throw new LakeException(
                        LakeException.Kind.NO_SPACE,
                        "Of the disk of " + settings.warehouse() + " only " + space.freeBytes() + " bytes are free");
            }
            lookedAtSpace = now;
        } catch (IOException e) {
            throw LakeException.storage("Cannot look at the disk of " + settings.warehouse(), e);
        }
    }

    /** Whether a commit that failed may have been carried out all the same: its connection broke, or nobody waited for the answer. */
    static boolean mayBeCommitted(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException
                    || cause instanceof InterruptedException
                    || cause instanceof CommitStateUnknownException) {
                return true;
            }
        }
        return false;
    }

    static LakeException failure(String what, SQLException e) {
        EngineError error = EngineError.of(e);
        return new LakeException(error.kind(), what + ": " + error.words(), e);
    }

    Table table(TableName name) {
        return find(name)
                .orElseThrow(() -> new LakeException(LakeException.Kind.NO_SUCH_TABLE, "No such table: " + name));
    }

    Optional<Table> find(TableName name) {
        try {
            return Optional.of(catalog.loadTable(identifier(name)));
        } catch (NoSuchTableException e) {
            return Optional.empty();
        }
    }

    private static TableIdentifier identifier(TableName name) {
        return TableIdentifier.of(Namespace.of(name.namespace()), name.name());
    }

    Transaction transaction(TableName name, List<Column> columns) {
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.name().toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("Two columns of " + name + " differ in case only: " + column.name());
            }
        }
        Optional<Table> existing = find(name);
        if (existing.isPresent()) {
            Transaction transaction = existing.get().newTransaction();
            evolve(transaction, columns);
            return transaction;
        }
        catalog.ensure(Namespace.of(name.namespace()));
        List<NestedField> fields = new ArrayList<>();
        for (Column column : columns) {
            fields.add(NestedField.optional(
                    fields.size() + 1, column.name(), Types.iceberg(column.type()), column.comment()));
        }
        return catalog.buildTable(identifier(name), new Schema(fields))
                .withLocation(LocalFileIO.location(settings.warehouse().resolve(folder(name))))
                .withProperties(Map.of(
                        TableProperties.FORMAT_VERSION, "3",
                        TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED, "true",
                        TableProperties.METADATA_PREVIOUS_VERSIONS_MAX, "20"))
                .createTransaction();
    }

    /** Any name becomes a folder that every file system takes and no other table has. */
    private static Path folder(TableName name) {
        String id = UUID.nameUUIDFromBytes((name.namespace() + "\0" + name.name()).getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring(0, 8);
        return Path.of(plain(name.namespace()), plain(name.name()) + "-" + id);
    }

    private static String plain(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9_]", "_");
        return plain.substring(0, Math.min(plain.length(), 80));
    }

    /** Makes the table's schema what the source's is now; the ids of columns that stay do not change. */
    private static void evolve(Transaction transaction, List<Column> columns) {
        Schema current = transaction.table().schema();
        if (isLike(current, columns)) {
            return;
        }
        UpdateSchema update = transaction.updateSchema();
        Set<String> wanted = columns.stream().map(Column::name).collect(Collectors.toSet());
        for (NestedField field : current.columns()) {
            if (!wanted.contains(field.name())) {
                update.deleteColumn(field.name());
            }
        }
        for (Column column : columns) {
            Type type = Types.iceberg(column.type());
            NestedField field = current.findField(column.name());
            if (field == null) {
                update.addColumn(column.name(), type, column.comment());
            } else if (!field.type().equals(type)) {
                if (field.type().isPrimitiveType()
                        && TypeUtil.isPromotionAllowed(field.type(), type.asPrimitiveType())) {
                    update.updateColumn(column.name(), type.asPrimitiveType());
                } else {
                    update.deleteColumn(column.name()).addColumn(column.name(), type, column.comment());
                }
            }
        }
        for (int i = 0; i < columns.size(); i++) {
            if (i == 0) {
                update.moveFirst(columns.get(i).name());
            } else {
                update.moveAfter(columns.get(i).name(), columns.get(i - 1).name());
            }
        }
        update.commit();
    }

    static boolean isLike(Schema schema, List<Column> columns) {
        List<NestedField> fields = schema.columns();
        if (fields.size() != columns.size()) {
            return false;
        }
        for (int i = 0; i < fields.size(); i++) {
            if (!fields.get(i).name().equals(columns.get(i).name())
                    || !fields.get(i).type().equals(Types.iceberg(columns.get(i).type()))) {
                return false;
            }
        }
        return true;
    }

    /**
     * @param elsewhere whether another engine looks for the files
     * @param holds keeps the snapshot readable
     */
    private Scan scan(TableName name, Query query, boolean elsewhere, List<Turn> holds) {
        Table table = table(name);
        Snapshot snapshot = snapshot(name, table, query.asOf());
        holds.add(hold(name, snapshot.snapshotId()));
        if (query.asOf() != null) {
            // It may have ended just before it was held.
            snapshot(name, table(name), Long.toString(snapshot.snapshotId()));
        }
        return scan(name, table, snapshot, query, elsewhere);
    }

    private Scan scan(TableName name, Table table, Snapshot snapshot, Query query, boolean elsewhere) {
        Schema stored = snapshot.schemaId() == null
                ? table.schema()
                : table.schemas().getOrDefault(snapshot.schemaId(), table.schema());
        return new Scan(
                state(name, snapshot),
                query.asOf() == null ? table.schema() : stored,
                stored,
                elsewhere ? LiveFiles.NONE : liveFiles.of(table, snapshot),
                query.policy(name));
    }

    private static Snapshot snapshot(TableName name, Table table, @Nullable String asOf) {
        Snapshot snapshot;
        if (asOf == null) {
            snapshot = table.currentSnapshot();
        } else if (asOf.chars().allMatch(Character::isDigit)) {
            snapshot = table.snapshot(Long.parseLong(asOf));
        } else {
            snapshot = snapshotAt(table, asOf);
        }
        if (snapshot == null) {
            throw new LakeException(
                    LakeException.Kind.NO_SUCH_SNAPSHOT,
                    name + (asOf == null ? " holds nothing yet" : " has no snapshot as of " + asOf));
        }
        return snapshot;
    }

    private static @Nullable Snapshot snapshotAt(Table table, String time) {
        Instant instant;
        try {
            instant = java.time.OffsetDateTime.parse(time).toInstant();
        } catch (java.time.format.DateTimeParseException e) {
            throw new LakeException(
                    LakeException.Kind.BAD_STATEMENT,
                    "As of when? Give a snapshot id or a time such as 2026-11-23T08:00:00Z, not " + time,
                    e);
        }
        // Not by the table's own log, which forgets what came before a snapshot that ended.
        return StreamSupport.stream(table.snapshots().spliterator(), false)
                .filter(snapshot -> snapshot.timestampMillis() <= instant.toEpochMilli())
                .max(Comparator.comparingLong(Snapshot::sequenceNumber))
                .orElse(null);
    }

    static TableState state(TableName name, Snapshot snapshot) {
        Map<String, String> summary = snapshot.summary();
        return new TableState(
                name,
                snapshot.snapshotId(),
                Instant.ofEpochMilli(snapshot.timestampMillis()),
                Long.parseLong(summary.getOrDefault("total-records", "0")),
                Long.parseLong(summary.getOrDefault("total-files-size", "0")));
    }

    /**
     * Lets the cluster answer. This process's engine, which sees the same tables without their rows, says whether the statement is right
     * and what the answer's columns are.
     */
    private Answer answer(
            Trino cluster,
            Connection connection,
            String sql,
            long limit,
            RowSink sink,
            Map<TableName, Scan> scans,
            Watch watch)
            throws SQLException {
        List<RowSink.ResultColumn> columns = describe(connection, sql);
        Map<String, LakeType> types = new HashMap<>();
        for (Scan scan : scans.values()) {
            for (NestedField field : scan.schema().columns()) {
                types.merge(
                        field.name().toLowerCase(Locale.ROOT),
                        scan.shownType(field),
                        (one, two) -> one.equals(two) ? one : TrinoSql.UNSURE);
            }
        }
        String statement;
        try (Connection parser = engine.connect()) {
            statement = TrinoSql.of(
                    StatementGuard.essence(parser, sql),
                    name -> cluster.relation(requireNonNull(scans.get(name), "a table the guard did not see")),
                    types,
                    settings.zone(),
                    limit == Long.MAX_VALUE ? limit : limit + 1);
        }
        sink.columns(columns);
        Trino.Handed handed = cluster.run(statement, columns, limit, sink, watch);
        return new Answer(
                handed.rows(),
                handed.truncated(),
                scans.values().stream().map(Scan::state).toList());
    }

    /** A table as another engine is to read it. */
    Scan scanElsewhere(TableName name, TablePolicy policy) {
        Table table = table(name);
        Query query = new Query("", null, 0, Map.of(name, policy));
        return scan(name, table, snapshot(name, table, null), query, true);
    }

    /** Creates a view of each table. */
    static void show(Connection connection, Map<TableName, Scan> scans) throws SQLException {
        Set<String> namespaces = new HashSet<>();
        for (Scan scan : scans.values()) {
            scan.files().loadDeletes(connection);
        }
        try (Statement statement = connection.createStatement()) {
            for (Map.Entry<TableName, Scan> scan : scans.entrySet()) {
                TableName name = scan.getKey();
                if (namespaces.add(name.namespace())) {
                    statement.execute("CREATE SCHEMA IF NOT EXISTS " + Sql.name(name.namespace()));
                }
                statement.execute("CREATE VIEW " + Sql.name(name.namespace()) + "." + Sql.name(name.name()) + " AS "
                        + scan.getValue().sql());
            }
        }
    }

    /** Closes every door of an engine but those to the files of its tables, to some more and to where it may spill. */
    static void close(Connection connection, LakeSettings settings, Map<TableName, Scan> scans, List<String> more)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SET TimeZone = " + Sql.text(settings.zone().getId()));
            List<String> reachable = Stream.concat(
                            more.stream(), scans.values().stream().flatMap(scan -> scan.files().paths().stream()))
                    .toList();
            statement.execute("SET allowed_paths = " + Sql.list(reachable));
            statement.execute("SET allowed_directories = "
                    + Sql.list(List.of(settings.temp().toString())));
            statement.execute("SET errors_as_json = true");
            statement.execute("SET enable_external_access = false");
            statement.execute("SET lock_configuration = true");
        }
    }

    private static Answer answer(
            QueryEngines.Lease own, String sql, Query query, RowSink sink, Map<TableName, Scan> scans, Watch watch)
            throws SQLException {
        long limit = query.limit();
        if (limit == 0) {
            // Who wants no rows must not be able to tell by an error what is in them: nothing is run.
            sink.columns(describe(own.connection(), sql, query.parameters()));
            return new Answer(0, false, scans.values().stream().map(Scan::state).toList());
        }
        QueryEngines.Ready ready = own.ready(sql, limit, () -> {
            List<RowSink.ResultColumn> columns = describe(own.connection(), sql, query.parameters());
            String bounded = "SELECT " + texts(columns) + " FROM (" + sql + "\n) AS answer(" + aliases(columns)
                    + ") LIMIT " + (limit == Long.MAX_VALUE ? limit : limit + 1);
            return new QueryEngines.Ready(columns, own.connection().prepareStatement(bounded));
        });
        int width = ready.columns().size();
        sink.columns(ready.columns());
        long rows = 0;
        boolean truncated = false;
        PreparedStatement statement = ready.statement();
        bind(statement, query.parameters());
        watch.statement = statement;
        try (ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                if (rows == limit) {
                    truncated = true;
                    break;
                }
                @Nullable String[] values = new @Nullable String[width];
                for (int i = 0; i < width; i++) {
                    values[i] = result.getString(i + 1);
                }
                sink.row(Arrays.asList(values));
                rows++;
            }
        } finally {
            watch.statement = null;
        }
        return new Answer(
                rows, truncated, scans.values().stream().map(Scan::state).toList());
    }

    private static void bind(PreparedStatement statement, List<@Nullable String> parameters) throws SQLException {
        for (int i = 0; i < parameters.size(); i++) {
            statement.setString(i + 1, parameters.get(i));
        }
    }

    static List<RowSink.ResultColumn> describe(Connection connection, String sql) throws SQLException {
        return describe(connection, sql, List.of());
    }

    private static List<RowSink.ResultColumn> describe(
            Connection connection, String sql, List<@Nullable String> parameters) throws SQLException {
        List<RowSink.ResultColumn> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(DESCRIBE + sql)) {
            bind(statement, parameters);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.add(new RowSink.ResultColumn(rows.getString("column_name"), rows.getString("column_type")));
                }
            }
        } catch (SQLException e) {
            EngineError error = EngineError.of(e);
            if (error.kind() != LakeException.Kind.BAD_STATEMENT) {
                throw e;
            }
            throw LakeException.badStatement(
                    error.words(), EngineError.character(sql, error.position() - DESCRIBE.length()), e);
        }
        return columns;
    }

    static String aliases(List<RowSink.ResultColumn> columns) {
        StringBuilder aliases = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            aliases.append(i == 0 ? "" : ", ").append('c').append(i);
        }
        return aliases.toString();
    }

    /** Every value as its exact text; bytes as PostgreSQL writes them. */
    static String texts(List<RowSink.ResultColumn> columns) {
        StringBuilder texts = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            texts.append(i == 0 ? "" : ", ").append(text(columns.get(i).type(), "c" + i));
        }
        return texts.toString();
    }

    /** A value as its exact text; bytes as PostgreSQL writes them. */
    static String text(String type, String value) {
        if (type.equals("BLOB")) {
            return "'\\x' || lower(hex(" + value + "))";
        } else if (type.startsWith("DECIMAL")) {
            // the engine leaves out the zero before the point when a type has no digits there
            return "regexp_replace(CAST(" + value + " AS VARCHAR), '^(-?)\\.', '\\10.')";
        }
        return "CAST(" + value + " AS VARCHAR)";
    }

    /** One query under way. Once it is to end it is interrupted again and again: the engine forgets one that comes before it has begun. */
    private final class Watch implements Trino.Watched, AutoCloseable {
        private final String id;
        private final ScheduledFuture<?> latest;
        private final ScheduledFuture<?> looking;
        private final List<Turn> holds = new ArrayList<>();
        private volatile @Nullable Statement statement;
        private volatile LakeException.@Nullable Kind stopped;

        Watch(String id, Duration longest) {
            this.id = id;
            underWay.add(this);
            latest = timer.schedule(() -> stop(LakeException.Kind.TOO_LONG), longest.toMillis(), TimeUnit.MILLISECONDS);
            looking = timer.scheduleWithFixedDelay(this::interrupt, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }

        @Override
        public void on(@Nullable Statement running) {
            statement = running;
        }

        @Override
        public boolean stopped() {
            return stopped != null;
        }

        void stop(LakeException.Kind why) {
            if (stopped == null) {
                stopped = why;
            }
        }

        private void interrupt() {
            Statement now = statement;
            if (stopped != null && now != null) {
                try {
                    now.cancel();
                } catch (SQLException ended) {
                    return;
                }
            }
        }

        @Override
        public void close() {
            underWay.remove(this);
            holds.forEach(Turn::close);
            latest.cancel(false);
            looking.cancel(false);
        }
    }
}

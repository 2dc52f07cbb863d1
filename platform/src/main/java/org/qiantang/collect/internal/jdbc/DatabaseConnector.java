package org.qiantang.collect.internal.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;

/**
 * A department's database, reached through a JDBC driver.
 *
 * <p>Thread-safe once {@link #discover} has returned. As many parts are read at the same time as there are connections; the first
 * {@link PartReader#read} of another one waits.
 */
public final class DatabaseConnector implements Connector {
    /** Stands in for the columns of a table that has none, whose rows are still to be counted. */
    static final SourceColumn ROW_COLUMN = new SourceColumn(
            "_row", new Column("_row", LakeType.INT64, "", null), false, Map.of("synthetic", "ordinal"));

    /** The largest value taken. */
    private static final long LARGEST_VALUE_BYTES = 32L << 20;

    private static final long PART_BYTES = 96L << 20;
    private static final long GUESSED_ROW_BYTES = 100;
    private static final int MOST_PARTS = 256;

    private final String follower;
    private final Dialect dialect;
    private final Sessions sessions;
    private final DatabaseSettings settings;
    private final int fetchSize;
    private final long largestValueBytes;
    private final long partBytes;
    private final Map<List<String>, Table> tables = new HashMap<>();
    private final String product;
    private final String version;
    private @Nullable List<SourceObject> objects;

    DatabaseConnector(
            SourceAccess access, Drivers drivers, int lanes, String follower, long largestValueBytes, long partBytes) {
        this.follower = follower;
        DatabaseLocation location = DatabaseLocation.of(access.location());
        settings = DatabaseSettings.of(access.settings());
        this.largestValueBytes = largestValueBytes;
        this.partBytes = partBytes;
        Drivers.Found driver = drivers.find(location);
        dialect = Dialect.of(location);
        fetchSize = dialect.fetchSize(driver);
        sessions = new Sessions(
                new Opening(driver, dialect, access.username(), access.secret()), lanes, settings.maxConnections());
        try {
            Connection connection = sessions.borrow(() -> false);
            DatabaseMetaData metadata = connection.getMetaData();
            product = metadata.getDatabaseProductName();
            version = metadata.getDatabaseProductVersion();
            sessions.giveBack(connection);
            if (!follower.isEmpty() && sessions.followPosition().isEmpty()) {
                throw new Problem(
                        CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", "RELOAD, REPLICATION CLIENT: " + position());
            }
        } catch (Problem e) {
            sessions.close();
            throw e;
        } catch (SQLException e) {
            sessions.close();
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", Sessions.sentence(e));
        } catch (InterruptedException e) {
            sessions.close();
            Thread.currentThread().interrupt();
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "interrupted");
        }
    }

    /**
     * Connects, and begins to hold one state of the source where it can be held.
     *
     * @param lanes how many parts are read at the same time
     * @param follower the name under which changes are followed from this state on; empty when nobody follows
     * @throws Problem when the address is none, there is no driver, the source does not answer, or it refuses the account
     */
    public static DatabaseConnector open(SourceAccess access, Drivers drivers, int lanes, String follower) {
        return new DatabaseConnector(access, drivers, lanes, follower, LARGEST_VALUE_BYTES, PART_BYTES);
    }

    @Override
    public String product() {
        return product;
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public String position() {
        return sessions.position();
    }

    @Override
    public Optional<String> followPosition() {
        return follower.isEmpty()
                ? Optional.empty()
                : sessions.followPosition().map(position -> follower + " " + position);
    }

    @Override
    public synchronized List<SourceObject> discover() {
        List<SourceObject> known = objects;
        if (known == null) {
            try {
                Connection connection = sessions.borrow(() -> false);
                known = read(connection);
                sessions.giveBack(connection);
            } catch (SQLException e) {
                throw new Problem(CollectProblem.CATALOGUE_UNREADABLE, "reason", Sessions.sentence(e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new Problem(CollectProblem.CATALOGUE_UNREADABLE, "reason", "interrupted");
            }
            objects = known;
        }
        return known;
    }

    /** In the order of collection, the largest first. */
    private List<SourceObject> read(Connection connection) throws SQLException {
        Map<Table, SourceObject> all = objects(dialect.tables(connection, settings.schemas()));
        for (Table table : all.keySet()) {
            tables.put(List.of(table.schema, table.name), table);
            if (table.isCopied && table.unreadable.isEmpty()) {
                cut(connection, table);
            }
        }
        return all.values().stream()
                .sorted(Comparator.comparing((SourceObject object) -> !object.isCopied())
                        .thenComparing(Comparator.comparingLong((SourceObject object) ->
                                        object.estimatedBytes().orElse(0))
                                .reversed()))
                .toList();
    }

    /** The tables as everybody else sees them. To the source two names may be equal that are not: the order is ours. */
    static Map<Table, SourceObject> objects(List<Table> tables) {
        LakeNames names = new LakeNames();
        Map<Table, SourceObject> all = new LinkedHashMap<>();
        List<Table> ordered = new ArrayList<>(tables);
        ordered.sort(Comparator.comparing((Table table) -> table.schema).thenComparing(table -> table.name));
        for (Table table : ordered) {
            String lakeName = table.schema.isEmpty() ? table.name : table.schema + "__" + table.name;
            all.put(table, object(table, table.isCopied ? names.claim(lakeName) : null));
        }
        return all;
    }

    private void cut(Connection connection, Table table) throws SQLException {
        long bytes = table.bytes.orElse(table.rows.orElse(0) * GUESSED_ROW_BYTES);
        long parts = Math.min((bytes + partBytes - 1) / partBytes, MOST_PARTS);
        Optional<Field> key = table.rangeKey();
        if (parts > 1 && key.isPresent()) {
            table.ranges = KeyRange.cut(
                    connection, table, key.get(), dialect.quoted(key.get().name()), (int) parts);
        }
    }

    private static SourceObject object(Table table, @Nullable String lakeName) {
        List<SourceColumn> collected = table.columns;
        if (lakeName != null) {
            List<String> refused = table.fields.stream()
                    .filter(field -> !field.readable())
                    .map(Field::name)
                    .toList();
            if (!refused.isEmpty() && refused.size() == table.fields.size()) {
                table.unreadable = Optional.of(new Unreadable(
                        CollectProblem.NO_SELECT_PRIVILEGE.id(),
                        "no column of " + table.qualifiedName() + " may be read"));
            } else if (!refused.isEmpty()) {
                collected = table.columns.stream()
                        .filter(column -> !refused.contains(column.name()))
                        .toList();
                table.details.put("unreadableColumns", MySqlCatalogue.json(refused));
            }
            if (collected.isEmpty()) {
                collected = List.of(ROW_COLUMN);
            }
        }
        return new SourceObject(
                table.kind,
                table.schema,
                table.name,
                lakeName,
                table.comment,
                collected,
                table.rows,
                table.bytes.isPresent() || table.rows.isEmpty()
                        ? table.bytes
                        : OptionalLong.of(table.rows.getAsLong() * GUESSED_ROW_BYTES),
                table.details);
    }

    @Override
    public Optional<Unreadable> unreadable(SourceObject object) {
        return object.isCopied() ? table(object).unreadable : Optional.empty();
    }

    @Override
    public List<Part> parts(SourceObject object) {
        List<KeyRange> ranges = table(object).ranges;
        long weight = object.estimatedBytes().orElse(0) / ranges.size();
        List<Part> parts = new ArrayList<>();
        for (KeyRange range : ranges) {
            parts.add(new Part(range.spec(), Math.max(1, weight)));
        }
        return parts;
    }

    @Override
    public PartReader open(SourceObject object, Part part, Consumer<RejectedRow> rejects) {
        Table table = table(object);
        return new TableReader(sessions, table, query(object, part), fetchSize, largestValueBytes, rejects);
    }

    private TableQuery query(SourceObject object, Part part) {
        return TableQuery.of(object, table(object), KeyRange.of(part.spec()), dialect, largestValueBytes);
    }

    @Override
    public OptionalLong count(SourceObject object, Part part) throws Exception {
        Connection connection = sessions.borrow(() -> false);
        TableQuery query = query(object, part);
        try (PreparedStatement count = connection.prepareStatement(query.count())) {
            query.range().bind(count, query.byNumber());
            try (ResultSet row = count.executeQuery()) {
                row.next();
                return OptionalLong.of(row.getLong(1));
            }
        } catch (SQLException e) {
            throw sessions.explained(e, connection, table(object));
        } finally {
            sessions.giveBackStopped(connection);
        }
    }

    @Override
    public SourceObject asText(SourceObject object, String lakeColumn) {
        return object.withTextColumn(lakeColumn);
    }

    /** How many parts are read at the same time. */
    int connections() {
        return sessions.count();
    }

    @Override
    public void close() {
        sessions.close();
    }

    private Table table(SourceObject object) {
        discover();
        Table table = tables.get(List.of(object.schema(), object.name()));
        if (table == null) {
            throw new IllegalArgumentException("Not a table of this source: " + object.qualifiedName());
        }
        return table;
    }
}

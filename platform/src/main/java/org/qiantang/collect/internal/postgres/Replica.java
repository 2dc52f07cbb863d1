package org.qiantang.collect.internal.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.ChangeFeed.FollowedTable;
import org.qiantang.collect.internal.ChangeFeed.Lag;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What we own at a source that is followed: a publication of the tables whose rows tell themselves apart, and a slot that keeps the log
 * for us; both have the follower's name. A table without identity is never published, for the server would then refuse its owners'
 * updates.
 */
final class Replica implements AutoCloseable {
    private static final int OLDEST_VERSION = 130_000;
    /** From here on the log's reader may ask for values that the server computed when a row was written. */
    private static final int SENDS_STORED = 180_000;

    private static final String STORED = "(publish_generated_columns = stored)";
    private static final int PATIENCE_SECONDS = 60;
    private static final int DROP_PATIENCE_SECONDS = 10;
    private static final String IN_USE = "55006";
    private static final TypeReference<List<String>> NAMES = new TypeReference<>() {};

    private final PostgresLocation location;
    private final String name;
    private @Nullable Connection control;

    Replica(PostgresLocation location, String name) {
        this.location = location;
        this.name = name;
        if (!name.matches("[a-z][a-z0-9_]{0,62}")) {
            throw new IllegalArgumentException("No name for a slot: " + name);
        }
    }

    /** A table or partitioned table and how its changes come. */
    record Table(
            long oid,
            String quotedName,
            FollowedTable followed,
            Map<String, String> sourceNames,
            Map<String, Relation.Identity> columns,
            Map<Long, Long> fileNodes) {
        boolean isFollowed() {
            return followed.why() == null;
        }

        /** The relations that hold its rows. */
        Set<Long> leaves() {
            return fileNodes.keySet();
        }

        String sourceName(String lakeColumn) {
            return sourceNames.getOrDefault(lakeColumn, lakeColumn);
        }

        private Table withRowsOf(Table now) {
            return new Table(oid, quotedName, followed, sourceNames, columns, now.fileNodes);
        }

        /**
         * How columns are called now, lake name by former lake name; empty when rows of before may have other values than the lake would
         * give them.
         */
        Optional<Map<String, String>> renamedIn(Table now) {
            if (!now.isFollowed()
                    || !now.followed.key().isEmpty() && followed.key().isEmpty()) {
                return Optional.empty();
            }
            for (Map.Entry<Long, Long> file : fileNodes.entrySet()) {
                Long present = now.fileNodes.get(file.getKey());
                if (present != null && !present.equals(file.getValue())) {
                    return Optional.empty();
                }
            }
            Map<Integer, String> before = byNumber();
            Map<String, Column> shapeBefore = shape();
            Map<String, Column> shapeNow = now.shape();
            Map<String, String> renamed = new HashMap<>();
            for (Map.Entry<Integer, String> column : now.byNumber().entrySet()) {
                String former = before.get(column.getKey());
                Column is = shapeNow.get(column.getValue());
                Relation.Identity identity = now.columns.get(column.getValue());
                if (former == null) {
                    if (identity != null && identity.hasDefault()) {
                        return Optional.empty();
                    }
                    continue;
                }
                Column was = shapeBefore.get(former);
                if (was == null || is == null || !was.type().equals(is.type())) {
                    return Optional.empty();
                }
                if (!was.name().equals(is.name())) {
                    renamed.put(was.name(), is.name());
                }
            }
            return Optional.of(renamed);
        }

        private Map<Integer, String> byNumber() {
            Map<Integer, String> names = new HashMap<>();
            columns.forEach((name, identity) -> names.put(identity.number(), name));
            return names;
        }

        private Map<String, Column> shape() {
            return followed.columns().stream()
                    .collect(Collectors.toMap(column -> sourceName(column.name()), column -> column));
        }
    }

    /** Every table of the source. */
    record Tables(Map<Long, Table> byOid, Map<Long, Long> roots, boolean sendsStored) {
        List<FollowedTable> followed() {
            return byOid.values().stream().map(Table::followed).toList();
        }

        /** The table to which a relation's rows belong. */
        @Nullable
        Table tableOf(long relation) {
            Long root = roots.get(relation);
            return root == null ? null : byOid.get(root);
        }

        /** As it is now, but for the columns of tables that have others: those change where the feed says so. */
        Tables with(Tables now) {
            Map<Long, Table> merged = new LinkedHashMap<>();
            now.byOid.forEach((oid, table) -> {
                Table former = byOid.get(oid);
                boolean isSame = former == null || former.columns.equals(table.columns);
                merged.put(oid, isSame || former == null ? table : former.withRowsOf(table));
            });
            return new Tables(merged, now.roots, now.sendsStored);
        }

        Tables with(Table table) {
            Map<Long, Table> merged = new LinkedHashMap<>(byOid);
            merged.put(table.oid, table);
            return new Tables(merged, roots, sendsStored);
        }
    }

    /** Reads the catalogue, and makes the publication what it should be. */
    Tables publish() throws SQLException {
        Tables tables;
        try (Sessions sessions = new Sessions(location, 1)) {
            if (sessions.serverVersion() < OLDEST_VERSION) {
                throw new Problem(
                        CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", "PostgreSQL " + sessions.version() + " < 13");
            }
            tables = tables(sessions);
        }
        Map<Long, String> missing = new LinkedHashMap<>();
        tables.byOid.values().stream()
                .filter(Table::isFollowed)
                .forEach(table -> missing.put(table.oid, table.quotedName));
        if (!isThere("SELECT 1 FROM pg_publication WHERE pubname = ?", name)) {
            run("CREATE PUBLICATION " + name + (missing.isEmpty() ? "" : " FOR TABLE " + list(missing))
                    + (tables.sendsStored ? " WITH " + STORED : ""));
            return tables;
        }
        if (tables.sendsStored
                && !isThere("SELECT 1 FROM pg_publication WHERE pubname = ? AND pubgencols = 's'", name)) {
            run("ALTER PUBLICATION " + name + " SET " + STORED);
        }
        Map<Long, String> surplus = published();
        Set<Long> present = new HashSet<>(surplus.keySet());
        surplus.keySet().removeAll(missing.keySet());
        missing.keySet().removeAll(present);
        if (!missing.isEmpty()) {
            run("ALTER PUBLICATION " + name + " ADD TABLE " + list(missing));
        }
        if (!surplus.isEmpty()) {
            run("ALTER PUBLICATION " + name + " DROP TABLE " + list(surplus));
        }
        return tables;
    }

    private static String list(Map<Long, String> tables) {
        return String.join(", ", tables.values());
    }

    /** Names of the published tables by OID, quoted. */
    private Map<Long, String> published() throws SQLException {
        Map<Long, String> published = new LinkedHashMap<>();
        try (PreparedStatement statement = control().prepareStatement("""
                SELECT c.oid, c.relkind, n.nspname, c.relname
                FROM pg_publication p
                JOIN pg_publication_rel r ON r.prpubid = p.oid
                JOIN pg_class c ON c.oid = r.prrelid
                JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE p.pubname = ?""")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    published.put(
                            row.getLong(1),
                            (row.getString(2).equals("p") ? "" : "ONLY ") + Names.quoted(row.getString(3)) + "."
                                    + Names.quoted(row.getString(4)));
                }
            }
        }
        return published;
    }

    /** Makes the slot when there is none; one whose log the server has removed is made anew. Slots of former followers go. */
    void makeSlot() throws SQLException {
        if (!text("SHOW wal_level").equals("logical")) {
            throw new Problem(CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", "wal_level = " + text("SHOW wal_level"));
        }
        String former = name.substring(0, name.lastIndexOf('_') + 1).replace("_", "\\_") + "%";
        try (PreparedStatement statement = control().prepareStatement("""
                SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
                WHERE slot_name LIKE ? AND slot_name <> ? AND NOT active""")) {
            statement.setString(1, former);
            statement.setString(2, name);
            statement.execute();
        }
        if (isThere(
                "SELECT 1 FROM pg_replication_slots WHERE slot_name = ? AND coalesce(wal_status, '') = 'lost'", name)) {
            dropSlot();
        }
        if (!isThere("SELECT 1 FROM pg_replication_slots WHERE slot_name = ?", name)) {
            try (PreparedStatement statement =
                    control().prepareStatement("SELECT pg_create_logical_replication_slot(?, 'pgoutput')")) {
                statement.setQueryTimeout(PATIENCE_SECONDS);
                statement.setString(1, name);
                statement.execute();
            }
        }
    }

    /** @throws Problem when the server has no log for us any more */
    void requireSlot() throws SQLException {
        if (!isThere(
                "SELECT 1 FROM pg_replication_slots WHERE slot_name = ? AND coalesce(wal_status, '') <> 'lost'",
                name)) {
            throw new Problem(CollectProblem.POSITION_LOST);
        }
    }

    /** Drops the slot; a server that has not noticed yet that its reader has gone is asked again for some seconds. */
    void dropSlot() throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DROP_PATIENCE_SECONDS);
        while (true) {
            try (PreparedStatement statement = control()
                    .prepareStatement(
                            "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ?")) {
                statement.setString(1, name);
                statement.execute();
                return;
            } catch (SQLException e) {
                if (!IN_USE.equals(e.getSQLState()) || System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            }
        }
    }

    /** Leaves nothing of ours behind. */
    void leave() throws SQLException {
        dropSlot();
        run("DROP PUBLICATION IF EXISTS " + name);
    }

    Lag lag() throws SQLException {
        try (PreparedStatement statement = control().prepareStatement("""
                SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn),
                    pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)
                FROM pg_replication_slots WHERE slot_name = ? AND coalesce(wal_status, '') <> 'lost'""")) {
            statement.setString(1, name);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    throw new Problem(CollectProblem.POSITION_LOST);
                }
                return new Lag(Math.max(0, row.getLong(1)), Math.max(0, row.getLong(2)));
            }
        }
    }

    /** Whether a partition has rows from before it became one: no feed ever had them. */
    boolean cameWithRows(long partition) throws SQLException {
        String quoted;
        try (PreparedStatement statement = control().prepareStatement("""
                SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = ? AND c.relkind = 'r'""")) {
            statement.setLong(1, partition);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next()) {
                    return false;
                }
                quoted = Names.quoted(row.getString(1)) + "." + Names.quoted(row.getString(2));
            }
        }
        try (PreparedStatement statement = control()
                .prepareStatement("SELECT EXISTS (SELECT 1 FROM ONLY " + quoted
                        + " l JOIN pg_inherits i ON i.inhrelid = ? WHERE age(l.xmin) >= age(i.xmin))")) {
            statement.setLong(1, partition);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }

    @Override
    public void close() {
        close(control);
        control = null;
    }

    private Tables tables(Sessions sessions) throws SQLException {
        Catalogue catalogue = new Catalogue(sessions);
        Map<Long, Character> identities = new HashMap<>();
        Map<Long, List<String>> chosen = new HashMap<>();
        try (PreparedStatement statement = sessions.coordinator().prepareStatement("""
                        SELECT c.oid, c.relreplident, (
                            SELECT json_agg(a.attname ORDER BY k.n)::text
                            FROM pg_index i
                            CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, n)
                            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
                            WHERE i.indrelid = c.oid AND i.indisreplident)
                        FROM pg_class c WHERE c.relkind IN ('r', 'p')""");
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                identities.put(row.getLong(1), row.getString(2).charAt(0));
                if (row.getString(3) != null) {
                    chosen.put(row.getLong(1), JsonMapper.shared().readValue(row.getString(3), NAMES));
                }
            }
        }
        boolean sendsStored = sessions.serverVersion() >= SENDS_STORED;
        Map<Long, Table> tables = new LinkedHashMap<>();
        Map<Long, Long> roots = new HashMap<>();
        for (SourceObject object : catalogue.objects()) {
            if (!object.isCopied()) {
                continue;
            }
            Relation relation = catalogue.relation(object);
            tables.put(relation.oid, table(object, relation, sendsStored, identities, chosen));
            roots.put(relation.oid, relation.oid);
            relation.leaves().forEach(leaf -> roots.put(leaf.oid, relation.oid));
        }
        return new Tables(tables, roots, sendsStored);
    }

    private static Table table(
            SourceObject object,
            Relation relation,
            boolean sendsStored,
            Map<Long, Character> identities,
            Map<Long, List<String>> chosen) {
        Map<String, String> lakeNames = new HashMap<>();
        Map<String, String> sourceNames = new HashMap<>();
        for (SourceColumn column : object.columns()) {
            lakeNames.put(column.name(), column.column().name());
            sourceNames.put(column.column().name(), column.name());
        }
        List<String> key = new ArrayList<>();
        Unreadable why = unfollowable(object, relation, sendsStored);
        if (why == null) {
            Set<Character> identity = relation.leaves().stream()
                    .map(leaf -> identities.getOrDefault(leaf.oid, 'n'))
                    .collect(Collectors.toSet());
            String primary = object.details().get("primaryKey");
            List<String> index = chosen.get(relation.oid);
            if (primary != null && !identity.contains('n') && !identity.contains('i')) {
                key.addAll(JsonMapper.shared().readValue(primary, NAMES));
            } else if (identity.equals(Set.of('i')) && index != null) {
                key.addAll(index);
            } else if (!identity.equals(Set.of('f'))) {
                why = new Unreadable(CollectProblem.NO_IDENTITY.id(), "REPLICA IDENTITY " + identity);
            }
        }
        Map<Long, Long> fileNodes = new HashMap<>();
        relation.leaves().forEach(leaf -> fileNodes.put(leaf.oid, leaf.fileNode));
        Map<String, Relation.Identity> columns = new HashMap<>();
        relation.attributes.forEach(attribute -> columns.put(attribute.name(), attribute.identity()));
        return new Table(
                relation.oid,
                (relation.isPartitioned() ? "" : "ONLY ") + relation.quotedName(),
                new FollowedTable(
                        object.qualifiedName(),
                        java.util.Objects.requireNonNull(object.lakeName(), "only what is copied"),
                        object.columns().stream().map(SourceColumn::column).toList(),
                        key.stream()
                                .map(column -> lakeNames.getOrDefault(column, column))
                                .toList(),
                        why),
                Map.copyOf(sourceNames),
                Map.copyOf(columns),
                Map.copyOf(fileNodes));
    }

    private static @Nullable Unreadable unfollowable(SourceObject object, Relation relation, boolean sendsStored) {
        String reason = null;
        if (relation.isForeign()) {
            reason = "foreign table";
        } else if ("unlogged".equals(object.details().get("persistence"))) {
            reason = "unlogged";
        } else if (has(relation, Relation.Computed.VIRTUAL)) {
            reason = "virtual generated columns, whose values are in no log";
        } else if (!sendsStored && has(relation, Relation.Computed.STORED)) {
            reason = "generated columns, which PostgreSQL sends from version 18 on";
        } else if (relation.attributes.isEmpty()) {
            reason = "no columns";
        } else if (relation.readable().size() != relation.attributes.size() || !relation.access.whole()) {
            reason = "not readable as a whole";
        }
        return reason == null ? null : new Unreadable(CollectProblem.NO_IDENTITY.id(), reason);
    }

    private static boolean has(Relation relation, Relation.Computed computed) {
        return relation.attributes.stream()
                .anyMatch(attribute -> attribute.identity().computed() == computed);
    }

    /** A connection that speaks the replication protocol, with the settings that make text exact. */
    static Connection replicating(PostgresLocation location) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("replication", "database");
        properties.setProperty("preferQueryMode", "simple");
        properties.setProperty("assumeMinServerVersion", "13");
        properties.setProperty(
                "options",
                "-c DateStyle=ISO,YMD -c IntervalStyle=postgres -c TimeZone=UTC -c extra_float_digits=3"
                        + " -c bytea_output=hex -c statement_timeout=0 -c idle_session_timeout=0");
        return connect(location, properties);
    }

    private static Connection connect(PostgresLocation location, Properties properties) throws SQLException {
        properties.setProperty("user", location.username());
        properties.setProperty("password", location.password());
        properties.setProperty("ApplicationName", "qiantang");
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("loginTimeout", "15");
        properties.setProperty("tcpKeepAlive", "true");
        Connection connection = new Driver().connect(location.url(), properties);
        if (connection == null) {
            throw new Problem(CollectProblem.BAD_LOCATION);
        }
        return connection;
    }

    static void close(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException alreadyGone) {
                // It was to go.
            }
        }
    }

    /** What the source refuses, in its words. */
    static Problem problem(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        CollectProblem code = state.startsWith("08") || state.startsWith("57P0")
                ? CollectProblem.SOURCE_UNREACHABLE
                : state.startsWith("28") ? CollectProblem.SIGN_IN_REFUSED : CollectProblem.FOLLOWING_IMPOSSIBLE;
        return new Problem(code, "reason", Sessions.sentence(e));
    }

    private Connection control() throws SQLException {
        Connection open = control;
        if (open == null || open.isClosed()) {
            open = connect(location, new Properties());
            control = open;
            Sessions.run(open, "SET search_path = ''");
        }
        return open;
    }

    private void run(String sql) throws SQLException {
        Sessions.run(control(), sql);
    }

    private String text(String sql) throws SQLException {
        try (PreparedStatement statement = control().prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            row.next();
            return row.getString(1);
        }
    }

    private boolean isThere(String sql, String argument) throws SQLException {
        try (PreparedStatement statement = control().prepareStatement(sql)) {
            statement.setString(1, argument);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }
}

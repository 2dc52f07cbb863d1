package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types.NestedField;

/**
 * A derivation's tables as far as the keys need them that may have changed: which rows of what is read were added or removed since the
 * last one, which keys of the answer these concern, and of each table only what those keys need. It is refused unless the result is
 * exactly what the whole would give.
 */
final class ByKey {
    /** The keys that are asked for, with the types of the answer's columns. */
    static final String WANTED = "temp.main.wanted";

    /** The rows of these keys that the table holds. */
    static final String HELD = "temp.main.held";

    /** Above one row in so many the whole is less work. */
    private static final int MUCH = 5;

    private final Lake lake;
    private final LakeSettings settings;
    private final Derivation derivation;
    private final Derivation.Basis basis;
    private final Map<TableName, Scan> inputs;
    private final Scan present;

    ByKey(
            Lake lake,
            LakeSettings settings,
            Derivation derivation,
            Derivation.Basis basis,
            Map<TableName, Scan> inputs,
            Scan present) {
        this.lake = lake;
        this.settings = settings;
        this.derivation = derivation;
        this.basis = basis;
        this.inputs = inputs;
        this.present = present;
    }

    /** It is not exactly right, or not worth it, to make only a part. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;
        private final Derivation.Why why;
        private final String about;

        Refused(Derivation.Why why, Object about) {
            super(why + " " + about);
            this.why = why;
            this.about = about.toString();
        }

        Derivation.Why why() {
            return why;
        }

        String about() {
            return about;
        }
    }

    /**
     * An engine in which the statement can be run for the keys concerned.
     *
     * @param columns the answer's, with the engine's types
     * @param by those columns of the key that say which rows are needed; none when nothing has changed
     * @param nulls whether there is a null among the keys
     */
    record Part(List<RowSink.ResultColumn> columns, List<String> by, boolean nulls, List<Derivation.Read> read) {
        /** How a key that is wanted is compared. */
        String same() {
            return nulls ? " IS NOT DISTINCT FROM " : " = ";
        }

        /** Which of the answer's columns, called {@code c0} and so on, are wanted. */
        String condition() {
            List<String> names =
                    columns.stream().map(RowSink.ResultColumn::name).toList();
            return IntStream.range(0, by.size())
                    .mapToObj(i -> "answer.c" + names.indexOf(by.get(i)) + same() + "wanted." + key(i))
                    .collect(Collectors.joining(" AND "));
        }
    }

    /** Stands for a statement and all that may change what it gives for the same tables. */
    static String statement(Connection connection, LakeSettings settings, Derivation derivation) throws SQLException {
        String all = String.join(
                "\n\0",
                derivation.sql(),
                String.join(",", derivation.key()),
                settings.zone().getId(),
                connection.getMetaData().getDatabaseProductVersion());
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Fills an empty engine, and closes its doors. */
    Part prepare(Connection connection, String sql) throws SQLException, Refused {
        requireSame(connection);
        Map<TableName, ChangedRows> changed = changed();
        if (changed.isEmpty()) {
            return new Part(List.of(), List.of(), false, List.of());
        }
        KeyLocality.Local local = local(connection, sql);
        List<String> by = choose(local, changed.keySet());
        for (Map.Entry<TableName, ChangedRows> each : changed.entrySet()) {
            if (each.getValue().rows() > input(each.getKey()).state().rows() / MUCH) {
                throw new Refused(Derivation.Why.MUCH, each.getKey());
            }
        }
        Map<TableName, Set<List<String>>> bound = bound(local, by);
        requireLike(local.columns());
        Map<TableName, Scan> others = new TreeMap<>(inputs);
        others.keySet().removeAll(bound.keySet());
        others.put(derivation.table(), present);
        Lake.show(connection, others);
        for (TableName table : bound.keySet()) {
            input(table).files().loadDeletes(connection);
        }
        List<String> more = new ArrayList<>();
        for (ChangedRows rows : changed.values()) {
            rows.load(connection);
            more.addAll(rows.paths());
        }
        Map<TableName, Scan> all = new TreeMap<>(inputs);
        all.put(derivation.table(), present);
        Lake.close(connection, settings, all, more);
        boolean nulls = want(connection, local, by, bound, changed);
        Part part = new Part(local.columns(), by, nulls, List.of());
        List<Derivation.Read> read = new ArrayList<>();
        for (Map.Entry<TableName, Scan> input : inputs.entrySet()) {
            Set<List<String>> conditions = bound.get(input.getKey());
            long of = input.getValue().state().rows();
            read.add(new Derivation.Read(
                    input.getKey(),
                    conditions == null ? of : take(connection, part, input.getValue(), conditions, local.named()),
                    of));
        }
        hold(connection, part);
        return new Part(local.columns(), by, nulls, read);
    }

    private void requireSame(Connection connection) throws SQLException, Refused {
        if (derivation.key().isEmpty()) {
            throw new Refused(Derivation.Why.NO_KEY, "");
        }
        if (!basis.statement().equals(statement(connection, settings, derivation))) {
            throw new Refused(Derivation.Why.STATEMENT, "");
        }
        Table own = lake.table(derivation.table());
        if (!ChangedRows.isSame(
                own, basis.snapshot(), own.snapshot(present.state().snapshotId()))) {
            throw new Refused(Derivation.Why.TABLE, derivation.table());
        }
        Set<TableName> seen =
                basis.inputs().stream().map(Derivation.Seen::table).collect(Collectors.toSet());
        if (!seen.equals(inputs.keySet())) {
            throw new Refused(Derivation.Why.STATEMENT, "");
        }
        for (Derivation.Seen each : basis.inputs()) {
            if (each.schema() != input(each.table()).schema().schemaId()) {
                throw new Refused(Derivation.Why.SHAPE, each.table());
            }
        }
    }

    private void requireLike(List<RowSink.ResultColumn> columns) throws Refused {
        List<Column> wanted = new ArrayList<>();
        for (RowSink.ResultColumn column : columns) {
            wanted.add(new Column(column.name(), Deriving.type(column), column.type(), null));
        }
        if (!Lake.isLike(present.schema(), wanted)) {
            throw new Refused(Derivation.Why.SHAPE, derivation.table());
        }
    }

    /** By table that holds something else than then. */
    private Map<TableName, ChangedRows> changed() throws Refused {
        Map<TableName, ChangedRows> changed = new TreeMap<>();
        for (Derivation.Seen seen : basis.inputs()) {
            Scan scan = input(seen.table());
            Table table = lake.table(seen.table());
            var now = requireNonNull(table.snapshot(scan.state().snapshotId()), "a snapshot that is held");
            if (!ChangedRows.isSame(table, seen.snapshot(), now)) {
                ChangedRows rows = ChangedRows.between(table, seen.snapshot(), now)
                        .orElseThrow(() -> new Refused(Derivation.Why.HISTORY, seen.table()));
                changed.put(seen.table(), rows);
            }
        }
        return changed;
    }

    /** Reads the statement over tables without rows, which are gone afterwards. */
    private KeyLocality.Local local(Connection connection, String sql) throws SQLException, Refused {
        Set<String> namespaces = new HashSet<>();
        try (Statement statement = connection.createStatement()) {
            for (Map.Entry<TableName, Scan> input : inputs.entrySet()) {
                if (namespaces.add(input.getKey().namespace())) {
                    statement.execute("CREATE SCHEMA " + Sql.name(input.getKey().namespace()));
                }
                statement.execute("CREATE TABLE " + Sql.table(input.getKey())
                        + Lake.engineShape(input.getValue().schema()).entrySet().stream()
                                .map(column -> Sql.name(column.getKey()) + " " + column.getValue())
                                .collect(Collectors.joining(", ", " (", ")")));
            }
            statement.execute("SET TimeZone = " + Sql.text(settings.zone().getId()));
            KeyLocality.Found found = KeyLocality.of(connection, sql, inputs.keySet(), derivation.key());
            for (String namespace : namespaces) {
                statement.execute("DROP SCHEMA " + Sql.name(namespace) + " CASCADE");
            }
            return switch (found) {
                case KeyLocality.Local local -> local;
                case KeyLocality.Moment moment -> throw new Refused(Derivation.Why.MOMENT, moment.what());
            };
        }
    }

    /** The columns of the key that bind all tables that have changed and most of what is to be read. */
    private List<String> choose(KeyLocality.Local local, Set<TableName> changed) throws Refused {
        Optional<String> best = derivation.key().stream()
                .filter(column -> local.tables(column).containsAll(changed))
                .max(Comparator.comparingLong(column -> local.tables(column).stream()
                        .mapToLong(table -> input(table).state().rows())
                        .sum()));
        if (best.isEmpty()) {
            Set<TableName> ever = derivation.key().stream()
                    .flatMap(column -> local.tables(column).stream())
                    .collect(Collectors.toCollection(TreeSet::new));
            Optional<TableName> never =
                    changed.stream().filter(table -> !ever.contains(table)).findFirst();
            throw ever.isEmpty() || never.isEmpty()
                    ? new Refused(Derivation.Why.NOT_BY_KEY, "")
                    : new Refused(Derivation.Why.LOOKED_UP, never.get());
        }
        Set<TableName> tables = local.tables(best.get());
        return derivation.key().stream()
                .filter(column -> local.tables(column).containsAll(tables))
                .toList();
    }

    /** For each table the expressions, one for each column, at each place where it stands. */
    private Map<TableName, Set<List<String>>> bound(KeyLocality.Local local, List<String> by) {
        Map<TableName, Set<List<String>>> bound = new TreeMap<>();
        Set<TableName> tables = new TreeSet<>(inputs.keySet());
        by.forEach(column -> tables.retainAll(local.tables(column)));
        for (TableName table : tables) {
            Set<List<String>> conditions = new LinkedHashSet<>();
            for (int place = 0; place < local.expressions(by.getFirst(), table).size(); place++) {
                int at = place;
                conditions.add(by.stream()
                        .map(column -> local.expressions(column, table).get(at))
                        .toList());
            }
            bound.put(table, conditions);
        }
        return bound;
    }

    private Scan input(TableName table) {
        return requireNonNull(inputs.get(table), "a table that is read");
    }

    private static String key(int i) {
        return Sql.name("wanted key " + i);
    }

    private static String keys(int n) {
        return IntStream.range(0, n).mapToObj(ByKey::key).collect(Collectors.joining(", "));
    }

    /** Writes down which keys are wanted; whether there is a null among them. */
    private boolean want(
            Connection connection,
            KeyLocality.Local local,
            List<String> by,
            Map<TableName, Set<List<String>>> bound,
            Map<TableName, ChangedRows> changed)
            throws SQLException, Refused {
        List<String> parts = new ArrayList<>();
        changed.forEach((table, rows) -> {
            Schema schema = input(table).schema();
            bound.getOrDefault(table, Set.of())
                    .forEach(expressions -> parts.add("SELECT "
                            + IntStream.range(0, by.size())
                                    .mapToObj(i -> expressions.get(i) + " AS " + key(i))
                                    .collect(Collectors.joining(", "))
                            + " FROM " + rows.relation(schema) + " AS row"));
        });
        execute(
                connection,
                "CREATE TEMP TABLE wanted AS SELECT DISTINCT " + keys(by.size()) + " FROM ("
                        + String.join(" UNION ALL ", parts) + ")");
        long wanted = count(connection, "SELECT count(*) FROM " + WANTED);
        if (wanted > Math.max(basis.rows(), 1) / MUCH) {
            throw new Refused(Derivation.Why.MUCH, derivation.table());
        }
        return count(
                        connection,
                        "SELECT count(*) FROM " + WANTED + " WHERE "
                                + IntStream.range(0, by.size())
                                        .mapToObj(i -> key(i) + " IS NULL")
                                        .collect(Collectors.joining(" OR ")))
                > 0;
    }

    /** Takes over the rows of a table that the keys need, in its own name; columns that the statement does not name are left out. */
    private long take(Connection connection, Part part, Scan scan, Set<List<String>> conditions, boolean named)
            throws SQLException {
        TableName table = scan.state().table();
        Queries.References references = lake.references(derivation.sql());
        List<String> columns = scan.schema().columns().stream()
                .map(NestedField::name)
                .filter(name -> !named || references.mayRead(name))
                .map(name -> "r." + Sql.name(name))
                .toList();
        List<String> matches = conditions.stream()
                .map(expressions -> IntStream.range(0, expressions.size())
                        .mapToObj(i -> expressions.get(i) + part.same() + "wanted." + key(i))
                        .collect(Collectors.joining(" AND ")))
                .toList();
        execute(connection, "CREATE SCHEMA IF NOT EXISTS " + Sql.name(table.namespace()));
        execute(
                connection,
                "CREATE TABLE " + Sql.table(table) + " AS SELECT "
                        + (columns.isEmpty() ? "r.*" : String.join(", ", columns)) + " FROM (" + scan.sql()
                        + ") AS r"
                        + (matches.size() == 1
                                ? " SEMI JOIN " + WANTED + " AS wanted ON " + matches.getFirst()
                                : matches.stream()
                                        .map(match -> "EXISTS (FROM " + WANTED + " AS wanted WHERE " + match + ")")
                                        .collect(Collectors.joining(" OR ", " WHERE ", ""))));
        return count(connection, "SELECT count(*) FROM " + Sql.table(table));
    }

    private void hold(Connection connection, Part part) throws SQLException {
        List<String> names =
                part.columns().stream().map(RowSink.ResultColumn::name).toList();
        String same = part.by().stream()
                .map(column ->
                        "t." + Sql.name(column) + " = wanted." + key(part.by().indexOf(column)) + "::"
                                + Types.duckdb(present.schema()
                                        .columns()
                                        .get(names.indexOf(column))
                                        .type()))
                .collect(Collectors.joining(" AND "));
        execute(
                connection,
                "CREATE TEMP TABLE held AS SELECT t.* FROM " + Sql.table(derivation.table()) + " AS t SEMI JOIN "
                        + WANTED + " AS wanted ON " + same);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long count(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}

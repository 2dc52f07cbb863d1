package org.qiantang.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One derivation under way. The statement runs in an engine of its own that can reach the files of what it reads and the one it writes:
 * for the keys concerned where that is exactly right ({@link ByKey}), else for all.
 * Of a table with a key only the rows that differ are written; what is equal row for row is left alone.
 */
final class Deriving {
    private static final String MADE = "temp.main.made";
    private static final String CHANGED = "temp.main.changed";
    private static final int SAMPLED_ROWS = 2_000;
    private static final int SAMPLES = 500;
    private static final int SAMPLE_LENGTH = 512;

    private final Lake lake;
    private final LakeSettings settings;
    private final Derivation derivation;
    private final Map<TableName, Scan> inputs;
    private final Optional<Scan> present;
    private final Trino.Watched watch;
    private String statement = "";
    private Derivation.@Nullable Why why = Derivation.Why.ASKED;
    private String about = "";
    private List<Derivation.Read> read = List.of();

    Deriving(
            Lake lake,
            LakeSettings settings,
            Derivation derivation,
            Map<TableName, Scan> inputs,
            Optional<Scan> present,
            Trino.Watched watch) {
        this.lake = lake;
        this.settings = settings;
        this.derivation = derivation;
        this.inputs = inputs;
        this.present = present;
        this.watch = watch;
        if (inputs.containsKey(derivation.table())) {
            throw new LakeException(LakeException.Kind.NOT_ALLOWED, derivation.table() + " cannot be made of itself");
        }
    }

    Derivation.Result run() throws SQLException {
        Optional<Derivation.Result> part = part();
        return part.isPresent() ? part.get() : whole();
    }

    private Derivation.Result whole() throws SQLException {
        Map<TableName, Scan> scans = new TreeMap<>(inputs);
        present.ifPresent(scan -> scans.put(derivation.table(), scan));
        try (Connection connection = lake.aside()) {
            statement = ByKey.statement(connection, settings, derivation);
            Lake.show(connection, scans);
            List<RowSink.ResultColumn> described = Lake.describe(connection, sql());
            List<Column> columns = columns(described);
            try (TableWrite write = lake.replace(derivation.table(), columns);
                    NewFile file = write.file()) {
                Lake.close(connection, settings, scans, List.of(file.path().toString()));
                make(connection, described, columns, "");
                Schema schema = write.schema();
                Sums sums = Sums.of(connection, MADE, schema);
                requireKey(connection, sums.rows());
                Optional<Scan> alike = present.filter(scan -> Lake.isLike(scan.schema(), columns));
                return alike.isPresent()
                        ? change(connection, columns, write, file, sums)
                        : result(
                                columns,
                                sums,
                                sums.rows(),
                                0,
                                samples(connection, columns, MADE),
                                replace(connection, write, file, sums));
            }
        }
    }

    /** Makes only what the keys concerned need, where that is exactly right; otherwise it is noted why not. */
    private Optional<Derivation.Result> part() throws SQLException {
        Derivation.Basis basis = derivation.basis();
        if (basis == null || present.isEmpty()) {
            why = basis == null ? Derivation.Why.ASKED : Derivation.Why.TABLE;
            about = basis == null ? "" : derivation.table().toString();
            return Optional.empty();
        }
        Scan stored = present.get();
        try (Connection connection = lake.aside()) {
            List<Column> columns;
            Sums sums;
            Changes changes;
            try {
                ByKey.Part part =
                        new ByKey(lake, settings, derivation, basis, inputs, stored).prepare(connection, sql());
                statement = basis.statement();
                read = part.read();
                why = null;
                if (part.by().isEmpty()) {
                    return Optional.of(unchanged(basis));
                }
                columns = columns(part.columns());
                make(
                        connection,
                        part.columns(),
                        columns,
                        " SEMI JOIN " + ByKey.WANTED + " AS wanted ON " + part.condition());
                Sums made = Sums.of(connection, MADE, stored.schema());
                requireKey(connection, made.rows());
                sums = sums(basis).changed(Sums.of(connection, ByKey.HELD, stored.schema()), made);
                findChanges(connection, columns, ByKey.HELD);
                changes = changes(connection);
            } catch (ByKey.Refused e) {
                why = e.why();
                about = e.about();
                return Optional.empty();
            } catch (SQLException | LakeException e) {
                if (watch.stopped()) {
                    throw e;
                }
                // The whole says what is wrong, if anything is; the engine's words may hold values.
                why = Derivation.Why.REFUSED;
                return Optional.empty();
            }
            if (changes.all() == 0) {
                return Optional.of(unchanged(columns, sums));
            }
            // What is looked at in a column must not depend on how little of it has changed.
            LiveFiles most =
                    LiveFiles.whole(stored.files().all().max(Comparator.comparingLong(DataFile::recordCount)).stream()
                            .toList());
            Map<String, List<String>> samples = samples(
                    connection,
                    columns,
                    "((FROM " + MADE + " LIMIT " + SAMPLED_ROWS + ") UNION ALL (FROM "
                            + Scan.relation(stored.schema(), most) + " LIMIT " + SAMPLED_ROWS + "))");
            return Optional.of(result(
                    columns,
                    sums,
                    changes.inserted + changes.updated,
                    changes.updated + changes.deleted,
                    samples,
                    apply(connection, columns)));
        }
    }

    private static Sums sums(Derivation.Basis basis) {
        return new Sums(
                basis.rows(),
                basis.columns().stream()
                        .map(column -> Sums.Of.of(column.nulls(), column.checksum()))
                        .toList());
    }

    private record Changes(long inserted, long updated, long deleted) {
        long all() {
            return inserted + updated + deleted;
        }
    }

    private Changes changes(Connection connection) throws SQLException {
        return new Changes(
                count(connection, "SELECT count(*) FROM " + CHANGED + " WHERE op = 0"),
                count(connection, "SELECT count(*) FROM " + CHANGED + " WHERE op = 1"),
                count(connection, "SELECT count(*) FROM " + CHANGED + " WHERE op = 2"));
    }

    private String sql() {
        String sql = derivation.sql().stripTrailing();
        while (sql.endsWith(";")) {
            sql = sql.substring(0, sql.length() - 1).stripTrailing();
        }
        return sql;
    }

    private List<Column> columns(List<RowSink.ResultColumn> described) {
        List<Column> columns = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (RowSink.ResultColumn column : described) {
            if (!names.add(column.name().toLowerCase(Locale.ROOT))) {
                throw LakeException.badStatement("Two columns are called " + column.name(), -1, null);
            }
            LakeType type = type(column);
            columns.add(new Column(
                    column.name(), type, column.type(), derivation.comments().get(column.name())));
        }
        List<String> unknown = derivation.key().stream()
                .filter(key ->
                        columns.stream().noneMatch(column -> column.name().equals(key)))
                .toList();
        if (!unknown.isEmpty()) {
            throw LakeException.badStatement(
                    "The key is not among the columns: " + String.join(", ", unknown), -1, null);
        }
        return columns;
    }

    static LakeType type(RowSink.ResultColumn column) {
        String type = column.type();
        if (type.equals("HUGEINT") || type.equals("UHUGEINT")) {
            return LakeType.decimal(38, 0);
        }
        if (type.equals("JSON") || type.startsWith("ENUM(") || type.equals("\"NULL\"")) {
            return LakeType.TEXT;
        }
        return Types.ofEngine(type)
                .orElseThrow(() -> LakeException.badStatement(
                        "Column " + column.name() + " is a " + type
                                + ", which no column of a table can be; write to_json(" + column.name() + ")::VARCHAR",
                        -1,
                        null));
    }

    /** @param only which rows of the answer, as what stands behind it; empty for all */
    private void make(Connection connection, List<RowSink.ResultColumn> described, List<Column> columns, String only)
            throws SQLException {
        String cast = IntStream.range(0, columns.size())
                .mapToObj(i -> "c" + i + "::"
                        + Types.duckdb(Types.iceberg(columns.get(i).type())) + " AS "
                        + Sql.name(columns.get(i).name()))
                .collect(Collectors.joining(", "));
        String aliases =
                IntStream.range(0, described.size()).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        execute(
                connection,
                "CREATE TEMP TABLE made AS SELECT " + cast + " FROM (" + sql() + "\n) AS answer(" + aliases + ")"
                        + only);
    }

    private void requireKey(Connection connection, long rows) throws SQLException {
        if (derivation.key().isEmpty()) {
            return;
        }
        String key = names(derivation.key(), "");
        String whole = derivation.key().stream()
                .map(column -> Sql.name(column) + " IS NOT NULL")
                .collect(Collectors.joining(" AND "));
        long distinct = count(
                connection, "SELECT count(*) FROM (SELECT DISTINCT " + key + " FROM " + MADE + " WHERE " + whole + ")");
        if (distinct != rows) {
            throw LakeException.badStatement(
                    "The key (" + String.join(", ", derivation.key()) + ") does not tell rows apart: " + rows
                            + " rows have " + distinct + " keys without a null",
                    -1,
                    null);
        }
    }

    private Derivation.Result change(
            Connection connection, List<Column> columns, TableWrite write, NewFile file, Sums sums)
            throws SQLException {
        String stored = Sql.name(derivation.table().namespace()) + "."
                + Sql.name(derivation.table().name());
        if (derivation.key().isEmpty()) {
            long added = count(connection, "SELECT count(*) FROM (FROM " + MADE + " EXCEPT ALL FROM " + stored + ")");
            long removed = count(connection, "SELECT count(*) FROM (FROM " + stored + " EXCEPT ALL FROM " + MADE + ")");
            return added + removed == 0
                    ? unchanged(columns, sums)
                    : result(
                            columns,
                            sums,
                            added,
                            removed,
                            samples(connection, columns, MADE),
                            replace(connection, write, file, sums));
        }
        findChanges(connection, columns, stored);
        Changes changes = changes(connection);
        if (changes.all() == 0) {
            return unchanged(columns, sums);
        }
        Map<String, List<String>> samples = samples(connection, columns, MADE);
        Queries.TableState now =
                changes.all() > sums.rows() / 2 ? replace(connection, write, file, sums) : apply(connection, columns);
        return result(
                columns, sums, changes.inserted + changes.updated, changes.updated + changes.deleted, samples, now);
    }

    /** Writes down what differs: the columns, and as {@code op} the number of a {@link TableChanges.Op}. */
    private void findChanges(Connection connection, List<Column> columns, String stored) throws SQLException {
        String same = derivation.key().stream()
                .map(key -> "m." + Sql.name(key) + " = t." + Sql.name(key))
                .collect(Collectors.joining(" AND "));
        String first = Sql.name(derivation.key().getFirst());
        List<String> others = columns.stream()
                .map(Column::name)
                .filter(name -> !derivation.key().contains(name))
                .toList();
        String differs = others.isEmpty()
                ? ""
                : " OR row(" + names(others, "m.") + ") IS DISTINCT FROM row(" + names(others, "t.") + ")";
        String gone = columns.stream()
                .map(column -> (derivation.key().contains(column.name())
                                ? "t." + Sql.name(column.name())
                                : "NULL::" + Types.duckdb(Types.iceberg(column.type())))
                        + " AS " + Sql.name(column.name()))
                .collect(Collectors.joining(", "));
        execute(
                connection,
                "CREATE TEMP TABLE changed AS SELECT m.*, CASE WHEN t." + first
                        + " IS NULL THEN 0 ELSE 1 END AS op FROM "
                        + MADE + " m LEFT JOIN " + stored + " t ON " + same + " WHERE t." + first + " IS NULL" + differs
                        + " UNION ALL SELECT " + gone + ", 2 AS op FROM " + stored + " t ANTI JOIN " + MADE + " m ON "
                        + same);
    }

    private Queries.TableState replace(Connection connection, TableWrite write, NewFile file, Sums sums)
            throws SQLException {
        DataFile written = file.write(connection, "FROM " + MADE);
        if (written != null) {
            Sums read =
                    Sums.of(connection, "read_parquet(" + Sql.text(file.path().toString()) + ")", write.schema());
            if (!read.equals(sums)) {
                throw new LakeException(
                        LakeException.Kind.PROOF_FAILED,
                        "What was written of " + derivation.table() + " does not read back as it was made");
            }
            file.keep();
            write.add(written, read);
        }
        requireGoingOn();
        write.commit(derivation.summary());
        return now();
    }

    private Queries.TableState apply(Connection connection, List<Column> columns) throws SQLException {
        Path between = settings.temp().resolve("derived-" + UUID.randomUUID() + ".parquet");
        try (TableChanges changes =
                lake.change(derivation.table(), columns, derivation.key(), TableChanges.Delivery.AT_LEAST_ONCE)) {
            lake.requireSpace();
            execute(connection, "COPY " + CHANGED + " TO " + Sql.text(between.toString()) + " (FORMAT parquet)");
            changes.spool("SELECT " + names(columns.stream().map(Column::name).toList(), "") + ", op FROM read_parquet("
                    + Sql.text(between.toString()) + ")");
            requireGoingOn();
            changes.commit(derivation.summary());
            return now();
        } finally {
            try {
                Files.deleteIfExists(between);
            } catch (IOException staysBehind) {
                System.getLogger(Deriving.class.getName()).log(System.Logger.Level.WARNING, "A file stays: " + between);
            }
        }
    }

    private Queries.TableState now() {
        return lake.state(derivation.table()).orElseThrow();
    }

    private Derivation.Result unchanged(List<Column> columns, Sums sums) {
        return result(columns, sums, 0, 0, Map.of(), present.orElseThrow().state());
    }

    /** Nothing of what is read has changed. */
    private Derivation.Result unchanged(Derivation.Basis basis) {
        Queries.TableState now = present.orElseThrow().state();
        return result(basis.columns(), basis.rows(), 0, 0, Map.of(), now);
    }

    private Derivation.Result result(
            List<Column> columns,
            Sums sums,
            long added,
            long removed,
            Map<String, List<String>> samples,
            Queries.TableState now) {
        List<Derivation.Made> made = IntStream.range(0, columns.size())
                .mapToObj(i -> new Derivation.Made(
                        columns.get(i).name(),
                        columns.get(i).type().label(),
                        sums.columns().get(i).nulls(),
                        sums.columns().get(i).hex()))
                .toList();
        return result(made, sums.rows(), added, removed, samples, now);
    }

    private Derivation.Result result(
            List<Derivation.Made> made,
            long rows,
            long added,
            long removed,
            Map<String, List<String>> samples,
            Queries.TableState now) {
        List<Queries.TableState> of = inputs.values().stream().map(Scan::state).toList();
        return new Derivation.Result(
                // What a snapshot counts are the rows of its files, also those that are deleted.
                new Queries.TableState(now.table(), now.snapshotId(), now.committedAt(), rows, now.bytes()),
                of,
                added,
                removed,
                made,
                samples,
                new Derivation.Course(
                        why,
                        about,
                        why == null
                                ? read
                                : of.stream()
                                        .map(each -> new Derivation.Read(each.table(), each.rows(), each.rows()))
                                        .toList()),
                new Derivation.Basis(
                        statement,
                        now.snapshotId(),
                        inputs.values().stream()
                                .map(scan -> new Derivation.Seen(
                                        scan.state().table(),
                                        scan.state().snapshotId(),
                                        scan.schema().schemaId()))
                                .toList(),
                        rows,
                        made));
    }

    private Map<String, List<String>> samples(Connection connection, List<Column> columns, String of)
            throws SQLException {
        execute(
                connection,
                "CREATE TEMP TABLE sampled AS SELECT * FROM " + of + " USING SAMPLE " + SAMPLED_ROWS + " ROWS");
        Map<String, List<String>> samples = new HashMap<>();
        for (Column column : columns) {
            if (column.type() instanceof LakeType.Binary) {
                continue;
            }
            String name = Sql.name(column.name());
            List<String> some = new ArrayList<>();
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(
                            "SELECT DISTINCT left(CAST(" + name + " AS VARCHAR), " + SAMPLE_LENGTH
                                    + ") FROM temp.main.sampled WHERE " + name + " IS NOT NULL LIMIT " + SAMPLES)) {
                while (rows.next()) {
                    some.add(rows.getString(1));
                }
            }
            samples.put(column.name(), some);
        }
        return samples;
    }

    private static String names(List<String> columns, String of) {
        return columns.stream().map(column -> of + Sql.name(column)).collect(Collectors.joining(", "));
    }

    /** A statement that was stopped too late for its engine must not be committed either. */
    private void requireGoingOn() {
        if (watch.stopped()) {
            throw new LakeException(LakeException.Kind.CANCELLED, "The derivation was stopped");
        }
    }

    private void execute(Connection connection, String sql) throws SQLException {
        requireGoingOn();
        try (Statement statement = connection.createStatement()) {
            watch.on(statement);
            statement.execute(sql);
        } finally {
            watch.on(null);
        }
    }

    private long count(Connection connection, String sql) throws SQLException {
        requireGoingOn();
        try (Statement statement = connection.createStatement()) {
            watch.on(statement);
            try (ResultSet row = statement.executeQuery(sql)) {
                row.next();
                return row.getLong(1);
            }
        } finally {
            watch.on(null);
        }
    }
}

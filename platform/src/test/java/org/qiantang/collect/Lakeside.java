package org.qiantang.collect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.qiantang.collect.CollectionWorker.RunOrder;
import org.qiantang.collect.RunEvent.ObjectResult;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.lake.LakeType;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.TestPostgres;

/** A lake of its own with a collector beside it, and the means to hold what is in it against its source. */
final class Lakeside implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();

    final Lake lake;
    final Collector collector;
    /** Where JDBC drivers may be dropped. */
    final Path drivers;

    Lakeside(Path folder) throws IOException {
        String url = TestPostgres.shared().createDatabase("collection_" + COUNT.incrementAndGet());
        Files.createDirectories(folder);
        drivers = folder.resolve("drivers");
        lake = Lake.open(new LakeSettings(
                url,
                TestPostgres.USER,
                TestPostgres.PASSWORD,
                folder.resolve("lake"),
                folder.resolve("tmp"),
                384L << 20,
                512L << 20,
                2,
                Duration.ofMinutes(5),
                ZoneId.of("UTC")));
        collector = new Collector(lake, 2, drivers);
    }

    @Override
    public void close() {
        lake.close();
    }

    /** What a run said. */
    record Told(RunEvent.Discovered discovered, Map<String, ObjectResult> results) {
        ObjectResult of(String object) {
            ObjectResult result = results.get(object);
            if (result == null) {
                throw new AssertionError("Nothing was said of " + object + ", only of " + results.keySet());
            }
            return result;
        }

        SourceObject found(String qualifiedName) {
            return discovered.objects().stream()
                    .filter(object -> object.qualifiedName().equals(qualifiedName))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("Not found: " + qualifiedName));
        }
    }

    Told collect(String source, SourceKind kind, String location) {
        return collect(source, kind, location, TestPostgres.USER, TestPostgres.PASSWORD, Set.of());
    }

    Told collect(String source, SourceKind kind, String location, String user, String password, Set<String> finished) {
        return collect(source, kind, location, user, password, "", finished);
    }

    Told collect(
            String source,
            SourceKind kind,
            String location,
            String user,
            String password,
            String follower,
            Set<String> finished) {
        return collect(source, new SourceAccess(kind, location, user, password, Map.of()), follower, finished);
    }

    Told collect(String source, SourceAccess access, Set<String> finished) {
        return collect(source, access, "", finished);
    }

    Told collect(String source, SourceAccess access, String follower, Set<String> finished) {
        return collect(new RunOrder(UUID.randomUUID().toString(), source, access, follower, finished));
    }

    Told collect(RunOrder order) {
        RunEvent.Discovered[] discovered = new RunEvent.Discovered[1];
        Map<String, ObjectResult> results = new HashMap<>();
        collector.run(order, event -> {
            switch (event) {
                case RunEvent.Discovered d -> discovered[0] = d;
                case RunEvent.Ended e -> {
                    if (results.put(e.result().object(), e.result()) != null) {
                        throw new AssertionError(e.result().object() + " ended twice");
                    }
                }
                case RunEvent.Progress ignored -> {}
            }
        });
        return new Told(discovered[0], results);
    }

    /** Holds the lake against the source and says how each table stands, by its lake name. */
    Map<String, TableComparison> verify(CollectionWorker.VerifyOrder order) {
        Map<String, TableComparison> compared = new HashMap<>();
        collector.verify(order, event -> {
            if (event instanceof VerifyEvent.Compared one
                    && compared.put(one.table().lakeName(), one.table()) != null) {
                throw new AssertionError(one.table().lakeName() + " was compared twice");
            }
        });
        return compared;
    }

    List<List<String>> rows(String sql) {
        return Lakes.rows(lake, sql);
    }

    /** The table's rows in the lake, each value written as PostgreSQL writes it, in any order. */
    List<List<String>> lakeRows(String source, ObjectResult table) {
        List<List<String>> rows = rows("SELECT * FROM " + quote("raw_" + source) + "." + quote(table.lakeName()));
        List<LakeType> types = table.columns().stream()
                .map(column -> LakeType.of(column.type()))
                .toList();
        return rows.stream()
                .map(row -> {
                    List<String> values = new ArrayList<>();
                    for (int i = 0; i < row.size(); i++) {
                        values.add(row.get(i) == null ? null : asPostgres(types.get(i), row.get(i)));
                    }
                    return values;
                })
                .toList();
    }

    /** The same columns as the server itself casts them to text. */
    static List<List<String>> sourceRows(String url, SourceObject object, ObjectResult table) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, TestPostgres.USER, TestPostgres.PASSWORD);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "SET search_path = ''; SET TimeZone = 'UTC'; SET extra_float_digits = 3; SET DateStyle = ISO");
            String columns = table.columns().stream()
                    .map(column -> {
                        // char(n)::text drops the padding, which is part of the value
                        String text =
                                quote(column.name()) + (column.sourceType().startsWith("character(") ? "" : "::text");
                        return LakeType.of(column.type()) instanceof LakeType.Float32
                                        || LakeType.of(column.type()) instanceof LakeType.Float64
                                ? quote(column.name()) + "::float8::text"
                                : text;
                    })
                    .collect(Collectors.joining(", "));
            List<List<String>> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery("SELECT " + columns + " FROM "
                    + (object.kind() == SourceObject.Kind.PARTITIONED_TABLE ? "" : "ONLY ") + quote(object.schema())
                    + "."
                    + quote(object.name()))) {
                while (result.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 1; i <= table.columns().size(); i++) {
                        String value = result.getString(i);
                        values.add(
                                value == null
                                        ? null
                                        : canonical(
                                                LakeType.of(table.columns()
                                                        .get(i - 1)
                                                        .type()),
                                                value));
                    }
                    rows.add(values);
                }
            }
            return rows;
        }
    }

    private static String asPostgres(LakeType type, String text) {
        return switch (type) {
            case LakeType.Date ignored -> text.endsWith(" (BC)") ? text.substring(0, text.length() - 5) + " BC" : text;
            case LakeType.Timestamp ignored -> text.contains(" (BC)") ? text.replace(" (BC)", "") + " BC" : text;
            case LakeType.TimestampTz ignored -> text.contains(" (BC)") ? text.replace(" (BC)", "") + " BC" : text;
            default -> canonical(type, text);
        };
    }

    /** Floating point has many spellings; its bits have one. */
    private static String canonical(LakeType type, String text) {
        return switch (type) {
            case LakeType.Float32 ignored -> bits(text, true);
            case LakeType.Float64 ignored -> bits(text, false);
            default -> text;
        };
    }

    private static String bits(String text, boolean single) {
        double value = switch (text.toLowerCase(java.util.Locale.ROOT)) {
            case "nan" -> Double.NaN;
            case "inf", "infinity" -> Double.POSITIVE_INFINITY;
            case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
        return single ? Float.toHexString((float) value) : Double.toHexString(value);
    }

    static String quote(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}

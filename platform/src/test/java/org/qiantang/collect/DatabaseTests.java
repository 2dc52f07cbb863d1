package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.RunEvent.ColumnResult;
import org.qiantang.collect.RunEvent.ObjectResult;
import org.qiantang.collect.RunEvent.State;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeType;
import org.qiantang.testing.SharedData;
import org.qiantang.testing.TestMariaDb;

/** From a database with a JDBC driver to rows in the lake, with nothing in between left out. */
class DatabaseTests {
    private static final Set<String> GEOMETRIES = Set.of("geometry", "point", "linestring", "polygon");

    @TempDir
    Path folder;

    private Lakeside lakeside;

    @BeforeEach
    void open() throws Exception {
        lakeside = new Lakeside(folder);
    }

    @AfterEach
    void close() {
        lakeside.close();
    }

    private Lakeside.Told collect(String source, String url, Map<String, String> settings) {
        return lakeside.collect(
                source,
                new SourceAccess(SourceKind.DATABASE, url, TestMariaDb.USER, TestMariaDb.PASSWORD, settings),
                "",
                Set.of());
    }

    @Test
    void sakilaIsCollectedWithEveryTableRowAndValue() throws Exception {
        TestMariaDb server = TestMariaDb.shared();
        Path sakila = SharedData.folder("sakila-mysql");
        server.execute("", "DROP DATABASE IF EXISTS sakila");
        server.run("", sakila.resolve("sakila-mv-schema.sql"));
        List<String> refused = server.run("sakila", sakila.resolve("sakila-mv-data.sql"));
        assertThat(refused).isEmpty();

        Lakeside.Told told = collect("sakila", server.url("sakila"), Map.of());

        assertThat(told.results().values().stream()
                        .collect(Collectors.toMap(ObjectResult::object, ObjectResult::rowsLanded)))
                .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                        Map.entry("sakila.actor", 200L),
                        Map.entry("sakila.address", 603L),
                        Map.entry("sakila.category", 16L),
                        Map.entry("sakila.city", 600L),
                        Map.entry("sakila.country", 109L),
                        Map.entry("sakila.customer", 599L),
                        Map.entry("sakila.film", 1000L),
                        Map.entry("sakila.film_actor", 5462L),
                        Map.entry("sakila.film_category", 1000L),
                        Map.entry("sakila.film_text", 1000L),
                        Map.entry("sakila.inventory", 4581L),
                        Map.entry("sakila.language", 6L),
                        Map.entry("sakila.payment", 16049L),
                        Map.entry("sakila.rental", 16044L),
                        Map.entry("sakila.staff", 2L),
                        Map.entry("sakila.store", 2L)));
        assertThat(told.discovered().position()).contains("binlog bin.", "for 2 connections");
        for (ObjectResult table : told.results().values()) {
            assertThat(table.state()).as(table.object() + ": " + table.reason()).isEqualTo(State.COMPLETE);
            assertEqualToMariaDb("sakila", told, table);
        }
        assertThat(told.discovered().objects())
                .filteredOn(object -> object.kind() == SourceObject.Kind.VIEW)
                .extracting(SourceObject::name)
                .contains("customer_list", "film_list", "sales_by_store");
        assertThat(told.found("sakila.film").columns())
                .filteredOn(column -> column.name().equals("special_features"))
                .singleElement()
                .satisfies(column -> assertThat(column.column().sourceType()).startsWith("set('Trailers'"));
    }

    @Test
    void hostileMariaDbIsInTheLakeValueByValue() throws Exception {
        TestMariaDb server = TestMariaDb.shared();
        hostile(server, "hostile");
        String wide = IntStream.rangeClosed(1, 1000)
                .mapToObj(i -> "c" + i + " "
                        + List.of("INT", "TEXT", "BIT(1)", "DECIMAL(9, 2)").get(i % 4))
                .collect(Collectors.joining(", "));
        server.execute(
                "hostile",
                "CREATE TABLE wide (" + wide + ") ENGINE = MyISAM",
                "INSERT INTO wide (c1, c2, c3, c4) SELECT CONCAT('x', seq), seq % 2, seq, seq FROM seq_1_to_3000");

        Lakeside.Told told = collect("hostile", server.url("hostile"), Map.of());

        assertThat(told.results()).hasSizeGreaterThan(24);
        for (ObjectResult table : told.results().values()) {
            assertThat(table.state()).as(table.object() + ": " + table.reason()).isEqualTo(State.COMPLETE);
            assertEqualToMariaDb("hostile", told, table);
        }
        assertThat(told.of("hostile.impossible_times").columns())
                .extracting(ColumnResult::type)
                .containsExactly("int", "string", "string", "string", "string", "string", "string");
        assertThat(lakeside.rows("SELECT d, t, ts FROM raw_hostile.hostile__impossible_times ORDER BY id"))
                .contains(List.of("0000-00-00", "-838:59:59.500000", "0000-00-00 00:00:00"));
        assertThat(lakeside.rows("SELECT bu FROM raw_hostile.hostile__integers WHERE id = 2"))
                .containsExactly(List.of("18446744073709551615"));
        assertThat(lakeside.rows("SELECT p, pg FROM raw_hostile.hostile__shapes WHERE id = 1"))
                .containsExactly(List.of(
                        "0101000020E61000009A99999999095E4048E17A14AE473E40",
                        "01030000000100000004000000" + "00".repeat(16) + "000000000000F03F" + "00".repeat(8)
                                + "000000000000F03F000000000000F03F" + "00".repeat(16)));
    }

    @Test
    void valueThatIsTooLargeIsRefusedByItsKeyAndTheRestIsTaken() throws Exception {
        TestMariaDb server = TestMariaDb.shared();
        server.createDatabase("giants");
        server.execute(
                "giants",
                "CREATE TABLE giant (id INT, part CHAR(1), scan LONGBLOB, text LONGTEXT, PRIMARY KEY (id, part))",
                "INSERT INTO giant VALUES (1, 'a', REPEAT(x'01', 33554433), 'small'), (2, 'b', x'02', REPEAT('y', 20000000)),"
                        + " (3, 'c', REPEAT(x'03', 20000000), REPEAT('z', 20000000))");

        Lakeside.Told told = collect("giants", server.url("giants"), Map.of());

        assertThat(told.of("giants.giant").state()).isEqualTo(State.INCOMPLETE);
        assertThat(told.of("giants.giant").valuesRejected()).isEqualTo(3);
        assertThat(lakeside.rows(
                        "SELECT id, octet_length(scan), length(text) FROM raw_giants.giants__giant ORDER BY id"))
                .containsExactly(
                        Arrays.asList("1", null, "5"), List.of("2", "1", "20000000"), Arrays.asList("3", null, null));
        assertThat(lakeside.rows(
                        "SELECT \"where\", \"column\", code, left(raw, 4) FROM ops_collect.rejects ORDER BY 1, 2"))
                .containsExactly(
                        List.of("id = 1, part = a", "scan", "collect.value_too_large", "0101"),
                        List.of("id = 3, part = c", "scan", "collect.value_too_large", "0303"),
                        List.of("id = 3, part = c", "text", "collect.value_too_large", "zzzz"));
    }

    @Test
    void rowsThatChangeDuringTheRunAreNotSeenHalf() {
        TestMariaDb server = TestMariaDb.shared();
        server.createDatabase("moving");
        server.execute(
                "moving",
                "CREATE TABLE a (id INT PRIMARY KEY, v TEXT)",
                "INSERT INTO a SELECT seq, CONCAT('x', seq) FROM seq_1_to_200000",
                "CREATE TABLE b (id INT PRIMARY KEY)",
                "INSERT INTO b SELECT seq FROM seq_1_to_1000");
        List<ObjectResult> results = new ArrayList<>();
        lakeside.collector.run(
                new CollectionWorker.RunOrder(
                        "run",
                        "moving",
                        new SourceAccess(
                                SourceKind.DATABASE,
                                server.url("moving"),
                                TestMariaDb.USER,
                                TestMariaDb.PASSWORD,
                                Map.of()),
                        "",
                        Set.of()),
                event -> {
                    if (event instanceof RunEvent.Discovered) {
                        server.execute(
                                "moving",
                                "DELETE FROM a WHERE id % 2 = 0",
                                "INSERT INTO b SELECT -seq FROM seq_1_to_500");
                    }
                    if (event instanceof RunEvent.Ended ended) {
                        results.add(ended.result());
                    }
                });

        assertThat(results).hasSize(2).allMatch(result -> result.state() == State.COMPLETE);
        assertThat(lakeside.rows("SELECT count(*), count(DISTINCT id) FROM raw_moving.moving__a"))
                .containsExactly(List.of("200000", "200000"));
        assertThat(lakeside.rows("SELECT count(*) FROM raw_moving.moving__b")).containsExactly(List.of("1000"));
    }

    @Test
    void whatTheAccountMayNotReadIsNamed() {
        TestMariaDb server = TestMariaDb.shared();
        server.createDatabase("partly");
        server.execute(
                "partly",
                "CREATE TABLE open (id INT)",
                "INSERT INTO open VALUES (1)",
                "CREATE TABLE some (id INT, hidden TEXT)",
                "INSERT INTO some VALUES (7, 'x')",
                "CREATE TABLE written (id INT)");
        server.createAccount(
                "clerk",
                "SELECT ON partly.open",
                "SELECT (id), INSERT (hidden) ON partly.some",
                "INSERT ON partly.written");

        Lakeside.Told told = lakeside.collect(
                "partly",
                new SourceAccess(SourceKind.DATABASE, server.url("partly"), "clerk", TestMariaDb.PASSWORD, Map.of()),
                "",
                Set.of());

        assertThat(told.discovered().position()).contains("one connection", "no global read lock");
        assertThat(told.of("partly.open").state()).isEqualTo(State.COMPLETE);
        assertThat(told.of("partly.some").state()).isEqualTo(State.INCOMPLETE);
        assertThat(told.of("partly.some").reason()).isEqualTo("[\"hidden\"]");
        assertThat(lakeside.rows("SELECT * FROM raw_partly.partly__some")).containsExactly(List.of("7"));
        assertThat(told.of("partly.written").state()).isEqualTo(State.UNREADABLE);
        assertThat(told.of("partly.written").reasonCode()).isEqualTo("collect.no_select_privilege");
    }

    @Test
    void hostileH2IsInTheLakeValueByValue() throws Exception {
        dropIn("org.h2.Driver");
        Path file = folder.resolve("hostile");
        try (Connection connection = DriverManager.getConnection("jdbc:h2:" + file, "sa", "secret of h2")) {
            script(connection, "hostile-h2.sql");
        }

        Lakeside.Told told = lakeside.collect(
                "h2",
                new SourceAccess(SourceKind.DATABASE, "jdbc:h2:" + file, "sa", "secret of h2", Map.of()),
                "",
                Set.of());

        assertThat(told.results()).hasSize(12);
        assertThat(told.discovered().position()).contains("serializable, one transaction on one connection");
        for (ObjectResult table : told.results().values()) {
            if (table.object().equals("PUBLIC.HALVES")) {
                continue;
            }
            assertThat(table.state()).as(table.object() + ": " + table.reason()).isEqualTo(State.COMPLETE);
        }
        try (Connection connection = DriverManager.getConnection("jdbc:h2:" + file, "sa", "secret of h2")) {
            for (ObjectResult table : told.results().values()) {
                if (!table.columns().isEmpty()
                        && !table.columns().getFirst().lakeName().equals("_row")) {
                    assertThat(lakeRows("h2", table))
                            .as(table.object())
                            .containsExactlyInAnyOrderElementsOf(h2Rows(connection, told.found(table.object()), table));
                }
            }
        }
        assertThat(told.of("PUBLIC.NO_COLUMNS").rowsLanded()).isEqualTo(2);
        assertThat(told.of("PUBLIC.HALVES").state()).isEqualTo(State.INCOMPLETE);
        assertThat(lakeside.rows("SELECT \"where\", \"column\", code, raw FROM ops_collect.rejects"))
                .containsExactly(List.of("ID = 1", "T", "collect.invalid_text", "a\\ud842b"));
        assertThat(told.found("PUBLIC.LOOKING").kind()).isEqualTo(SourceObject.Kind.VIEW);
        assertThat(told.found("PUBLIC.CHILD").details())
                .containsEntry("primaryKey", "[\"ID\"]")
                .hasEntrySatisfying(
                        "foreignKeys",
                        keys -> assertThat(keys)
                                .contains(
                                        "\"columns\":[\"PARENT\"]",
                                        "\"table\":\"INTEGERS\"",
                                        "\"referencedColumns\":[\"ID\"]"));
        assertThat(told.found("PUBLIC.INTEGERS").comment()).isEqualTo("整数 𠮷");
    }

    @Test
    void hostileSqliteIsInTheLakeValueByValue() throws Exception {
        dropIn("org.sqlite.JDBC");
        Path file = folder.resolve("hostile.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            script(connection, "hostile-sqlite.sql");
        }

        Lakeside.Told told = lakeside.collect(
                "sqlite", new SourceAccess(SourceKind.DATABASE, "jdbc:sqlite:" + file, "", "", Map.of()), "", Set.of());

        assertThat(told.results()).hasSize(7);
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            for (ObjectResult table : told.results().values()) {
                assertThat(table.state())
                        .as(table.object() + ": " + table.reason())
                        .isEqualTo(table.object().equals("no_text") ? State.INCOMPLETE : State.COMPLETE);
                assertThat(lakeRows("sqlite", table))
                        .as(table.object())
                        .containsExactlyInAnyOrderElementsOf(sqliteRows(connection, told.found(table.object()), table));
            }
        }
        assertThat(lakeside.rows("SELECT * FROM raw_sqlite.anything ORDER BY id"))
                .containsExactly(
                        Arrays.asList("1", "12", "0.1", "0.1", "x'00ff'", "12"),
                        Arrays.asList("2", "twelve", "x", "text", "1.0E300", "one"),
                        Arrays.asList("3", null, null, null, null, null));
        assertThat(lakeside.rows("SELECT \"where\", \"column\", code, raw FROM ops_collect.rejects"))
                .containsExactly(List.of("id = 1", "t", "collect.invalid_text", "61ff62"));
    }

    @Test
    void missingDriverIsRefusedWithTheFolderAndTheJar() {
        assertThatThrownBy(() -> collect("oracle", "jdbc:oracle:thin:@//db.example:1521/hr", Map.of()))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.code()).isEqualTo(CollectProblem.NO_DRIVER);
                    assertThat(problem.arguments())
                            .containsEntry("product", "oracle")
                            .containsEntry("jar", "ojdbc11.jar")
                            .containsEntry("folder", lakeside.drivers.toString());
                });
    }

    @Test
    void driverThatIsDroppedInIsThereForTheNextConnectionAndOneThatIsNoneIsNamed() throws Exception {
        Files.createDirectories(lakeside.drivers);
        Files.writeString(lakeside.drivers.resolve("broken.jar"), "no archive");
        SourceAccess access =
                new SourceAccess(SourceKind.DATABASE, "jdbc:sqlite:" + folder.resolve("late.db"), "", "", Map.of());
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("late.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)");
        }

        assertThatThrownBy(() -> lakeside.collector.inspect(access))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.arguments())
                                .hasEntrySatisfying(
                                        "unusable",
                                        names -> assertThat("" + names).contains("broken.jar")));
        dropIn("org.sqlite.JDBC");
        CollectionWorker.SourceReport report = lakeside.collector.inspect(access);

        assertThat(report.product()).isEqualTo("SQLite");
        assertThat(report.objects()).containsExactly(Map.entry(SourceObject.Kind.TABLE, 1));
    }

    @Test
    void schemasAndConnectionsAreAsThePersonWantsThem() {
        TestMariaDb server = TestMariaDb.shared();
        for (String name : List.of("one", "two", "three")) {
            server.createDatabase(name);
            server.execute(name, "CREATE TABLE t (id INT)", "INSERT INTO t VALUES (1)");
        }

        Lakeside.Told told = collect("chosen", server.url(""), Map.of("schemas", "one, three", "maxConnections", "1"));

        assertThat(told.results()).containsOnlyKeys("one.t", "three.t");
        assertThat(told.discovered().position()).contains("one snapshot for one connection");
        assertThatThrownBy(() -> collect("none", server.url(""), Map.of("schemas", "one,four")))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.BAD_SETTING));
    }

    static void hostile(TestMariaDb server, String database) throws Exception {
        server.createDatabase(database);
        Path script = Files.createTempFile("hostile", ".sql");
        try (InputStream in = DatabaseTests.class.getResourceAsStream("/jdbc/hostile-mariadb.sql")) {
            Files.write(script, in.readAllBytes());
        }
        assertThat(server.run(database, script)).isEmpty();
        Files.delete(script);
    }

    /** Copies a driver of the tests' class path to where a person would drop it. */
    private void dropIn(String driver) throws Exception {
        Files.createDirectories(lakeside.drivers);
        Path jar = Path.of(Class.forName(driver)
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Files.copy(jar, lakeside.drivers.resolve(jar.getFileName()));
    }

    private static void script(Connection connection, String name) throws Exception {
        try (InputStream in = DatabaseTests.class.getResourceAsStream("/jdbc/" + name);
                Statement statement = connection.createStatement()) {
            for (String sql : new String(in.readAllBytes(), StandardCharsets.UTF_8).split(";\\R")) {
                if (!sql.isBlank()) {
                    statement.execute(sql);
                }
            }
        }
    }

    private void assertEqualToMariaDb(String source, Lakeside.Told told, ObjectResult table) throws Exception {
        assertThat(table.columns()).allMatch(column -> column.checksumRead().equals(column.checksumWritten()));
        assertThat(lakeRows(source, table))
                .as(table.object())
                .containsExactlyInAnyOrderElementsOf(mariaDbRows(told.found(table.object()), table));
    }

    /** Each value in the one spelling that both sides are brought to. */
    private List<List<String>> lakeRows(String source, ObjectResult table) {
        List<ColumnResult> columns = table.columns();
        return lakeside
                .rows("SELECT * FROM " + Lakeside.quote("raw_" + source) + "." + Lakeside.quote(table.lakeName()))
                .stream()
                .map(row -> IntStream.range(0, row.size())
                        .mapToObj(i -> canonical(columns.get(i).type(), row.get(i)))
                        .toList())
                .toList();
    }

    private static List<List<String>> mariaDbRows(SourceObject object, ObjectResult table) throws SQLException {
        String columns = table.columns().stream()
                .map(column -> {
                    String name = "`" + column.name().replace("`", "``") + "`";
                    if (GEOMETRIES.contains(column.sourceType())) {
                        return "CASE WHEN " + name + " IS NULL THEN NULL WHEN ST_SRID(" + name
                                + ") = 0 THEN HEX(ST_AsWKB("
                                + name + ")) ELSE CONCAT(LEFT(HEX(ST_AsWKB(" + name + ")), 8), '20', LEFT(HEX(" + name
                                + "), 8), SUBSTR(HEX(ST_AsWKB(" + name + ")), 11)) END";
                    }
                    return switch (LakeType.of(column.type())) {
                        case LakeType.Binary ignored -> "CONCAT('\\\\x', LOWER(HEX(" + name + ")))";
                        case LakeType.Float32 ignored -> name;
                        case LakeType.Float64 ignored -> name;
                        default ->
                            column.sourceType().startsWith("bit")
                                    ? "CAST(" + name + " + 0 AS CHAR)"
                                    : "CAST(" + name + " AS CHAR)";
                    };
                })
                .collect(Collectors.joining(", "));
        try (Connection connection = TestMariaDb.shared().connect(object.schema());
                Statement statement = connection.createStatement()) {
            statement.execute("SET time_zone = '+00:00'");
            try (PreparedStatement select = connection.prepareStatement(
                            "SELECT " + columns + " FROM `" + object.name().replace("`", "``") + "`");
                    ResultSet row = select.executeQuery()) {
                List<List<String>> rows = new ArrayList<>();
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 0; i < table.columns().size(); i++) {
                        String type = table.columns().get(i).type();
                        String value = row.getString(i + 1);
                        if (value != null && (type.equals("float") || type.equals("double"))) {
                            value = type.equals("float") ? "" + row.getFloat(i + 1) : "" + row.getDouble(i + 1);
                        }
                        values.add(canonical(type, value));
                    }
                    rows.add(values);
                }
                return rows;
            }
        }
    }

    private static String canonical(String type, String value) {
        if (value == null) {
            return null;
        }
        return switch (LakeType.of(type)) {
            case LakeType.Bool ignored -> value.equals("1") || value.equalsIgnoreCase("true") ? "true" : "false";
            // A YEAR of 0 is written 0000, and ZEROFILL is how a number is shown.
            case LakeType.Int32 ignored -> "" + Long.parseLong(value);
            case LakeType.Int64 ignored -> "" + Long.parseLong(value);
            case LakeType.Float32 ignored -> Float.toHexString(Float.parseFloat(number(value)));
            case LakeType.Float64 ignored -> Double.toHexString(Double.parseDouble(number(value)));
            case LakeType.Decimal ignored -> new BigDecimal(value).toPlainString();
            case LakeType.Time ignored -> withoutZeros(value);
            case LakeType.Timestamp ignored -> withoutZeros(value);
            case LakeType.TimestampTz ignored -> withoutZeros(value.replaceAll("[+]00(:00)?$", ""));
            default -> value;
        };
    }

    private static String number(String value) {
        return switch (value) {
            case "inf" -> "Infinity";
            case "-inf" -> "-Infinity";
            case "nan" -> "NaN";
            default -> value;
        };
    }

    private static String withoutZeros(String time) {
        return time.contains(".") ? time.replaceAll("0+$", "").replaceAll("[.]$", "") : time;
    }

    private static List<List<String>> h2Rows(Connection connection, SourceObject object, ObjectResult table)
            throws SQLException {
        String columns = table.columns().stream()
                .map(column -> {
                    String name = Lakeside.quote(column.name());
                    if (column.sourceType().contains("ARRAY")) {
                        return "CAST(" + name + " AS JSON) FORMAT JSON";
                    }
                    return switch (LakeType.of(column.type())) {
                        case LakeType.Binary ignored -> "'\\x' || RAWTOHEX(" + name + ")";
                        default -> name;
                    };
                })
                .collect(Collectors.joining(", "));
        List<List<String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT "
                        + columns.replace(" FORMAT JSON", "") + " FROM " + Lakeside.quote(object.schema()) + "."
                        + Lakeside.quote(object.name()))) {
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 0; i < table.columns().size(); i++) {
                    ColumnResult column = table.columns().get(i);
                    String value = row.getString(i + 1);
                    values.add(
                            column.name().equals("T") && object.name().equals("HALVES") && value.contains("\ud842b")
                                    ? null
                                    : canonical(column.type(), value));
                }
                rows.add(values);
            }
        }
        return rows;
    }

    private static List<List<String>> sqliteRows(Connection connection, SourceObject object, ObjectResult table)
            throws SQLException {
        String columns = table.columns().stream()
                .map(column -> {
                    String name = Lakeside.quote(column.name());
                    String bytes = "CASE WHEN typeof(" + name + ") = 'blob' THEN '%s' || lower(hex(" + name
                            + ")) || '%s' ELSE " + name + " END";
                    return LakeType.of(column.type()) instanceof LakeType.Binary
                            ? bytes.formatted("\\x", "")
                            : bytes.formatted("x''", "''");
                })
                .collect(Collectors.joining(", "));
        List<List<String>> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT " + columns + " FROM " + Lakeside.quote(object.name()))) {
            while (row.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 0; i < table.columns().size(); i++) {
                    Object value = row.getObject(i + 1);
                    String text = value == null ? null : value.toString();
                    values.add(
                            text != null && text.contains("\ufffd")
                                    ? null
                                    : canonical(table.columns().get(i).type(), text));
                }
                rows.add(values);
            }
        }
        return rows;
    }
}

package org.qiantang.collect.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.lake.LakeType;
import org.qiantang.testing.TestPostgres;

/** Every type that PostgreSQL has, asked of the server itself, with the values at its edges. */
class EveryTypeTests {
    private static final String DATABASE = "every_type";

    /** Types that have no way to write a value. */
    private static final Set<String> WITHOUT_VALUES = Set.of(
            "gtsvector",
            "pg_node_tree",
            "pg_ndistinct",
            "pg_dependencies",
            "pg_mcv_list",
            "pg_brin_bloom_summary",
            "pg_brin_minmax_multi_summary");

    private static final Map<String, List<String>> VALUES = values();

    private static String url;
    private static List<String> types;
    private static List<String> arrays;

    private static Map<String, List<String>> values() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        values.put("bool", List.of("t", "f"));
        values.put("bytea", List.of("", "\\x00", "\\x00ff5c27220a"));
        values.put("char", List.of("", "x", "\\377"));
        values.put("name", List.of("", "名", "x".repeat(63)));
        values.put("int2", List.of("-32768", "32767", "0"));
        values.put("int4", List.of("-2147483648", "2147483647", "0"));
        values.put("int8", List.of("-9223372036854775808", "9223372036854775807", "0"));
        values.put("oid", List.of("0", "4294967295"));
        values.put("xid", List.of("0", "4294967295"));
        values.put("xid8", List.of("0", "18446744073709551615"));
        values.put("cid", List.of("0", "4294967295"));
        values.put("tid", List.of("(0,0)", "(4294967295,65535)"));
        values.put("int2vector", List.of("", "1 -2 3"));
        values.put("oidvector", List.of("", "1 4294967295"));
        values.put("text", List.of("", " ", "NULL", "𠮷\t\n\\N\u0001", "x".repeat(9000)));
        values.put("bpchar", List.of("", "a ", "名"));
        values.put("varchar", List.of("", "b ", "名"));
        values.put("json", List.of("null", " {\"a\" : 1, \"a\":2} ", "[1e999]"));
        values.put("jsonb", List.of("null", "{\"b\": 1, \"a\": [1.10, 1e300]}", "\"𠮷\""));
        values.put("jsonpath", List.of("$", "$.a[*] ? (@ > 1)"));
        values.put("xml", List.of("", "<a b='c'>𠮷</a>", "<?xml version=\"1.0\"?><a/>", "text only"));
        values.put("float4", List.of("0", "-0", "NaN", "Infinity", "-Infinity", "3.4028235e38", "1e-45", "0.1"));
        values.put(
                "float8",
                List.of("0", "-0", "NaN", "Infinity", "-Infinity", "1.7976931348623157e308", "5e-324", "0.1"));
        values.put(
                "numeric",
                List.of("0", "0.00", "NaN", "Infinity", "-Infinity", "1e100", "-0.000000000000000000000000000001"));
        values.put("money", List.of("-92233720368547758.08", "92233720368547758.07", "0.01"));
        values.put(
                "date",
                List.of("infinity", "-infinity", "4713-01-01 BC", "0001-12-31 BC", "1970-01-01", "5874897-12-31"));
        values.put("time", List.of("00:00", "23:59:59.999999", "12:00:00.1"));
        values.put("timetz", List.of("00:00+15:59:59", "24:00:00-15:59", "12:30:00.5+08"));
        values.put(
                "timestamp",
                List.of(
                        "infinity",
                        "-infinity",
                        "4713-01-01 00:00 BC",
                        "1969-12-31 23:59:59.999999",
                        "2000-01-01",
                        "294246-12-31 23:59:59.999999"));
        values.put(
                "timestamptz",
                List.of(
                        "infinity",
                        "-infinity",
                        "4713-01-01 00:00+00 BC",
                        "2026-11-23 08:00+08",
                        "294246-12-31 23:59:59.999999+00"));
        values.put(
                "interval",
                List.of("infinity", "-infinity", "-178000000 years", "1 mon -1 day 00:00:00.000001", "0", "-1 s"));
        values.put("uuid", List.of("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-fffffffffffe"));
        values.put("inet", List.of("0.0.0.0", "255.255.255.255/8", "::1/128", "2001:db8::/32"));
        values.put("cidr", List.of("10.0.0.0/8", "2001:db8::/32"));
        values.put("macaddr", List.of("00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff"));
        values.put("macaddr8", List.of("00:00:00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff:ff:ff"));
        values.put("bit", List.of("0", "1"));
        values.put("varbit", List.of("", "1", "0101010101010"));
        values.put("point", List.of("(0,0)", "(-1e300,NaN)", "(Infinity,0.1)"));
        values.put("line", List.of("{1,2,3}"));
        values.put("lseg", List.of("[(0,0),(1,1)]"));
        values.put("path", List.of("((0,0),(1,1))", "[(0,0),(1,1)]"));
        values.put("box", List.of("(1,1),(0,0)"));
        values.put("polygon", List.of("((0,0),(1,1),(1,0))"));
        values.put("circle", List.of("<(0,0),1>"));
        values.put("tsvector", List.of("", "'a':1A 'b':2,3 '名'"));
        values.put("tsquery", List.of("", "'a' & !'b' <-> 'c':*"));
        values.put("pg_lsn", List.of("0/0", "FFFFFFFF/FFFFFFFF"));
        values.put("pg_snapshot", List.of("10:20:10,14,15"));
        values.put("txid_snapshot", List.of("10:20:10,14,15"));
        values.put("refcursor", List.of("", "cursor 一"));
        values.put("aclitem", List.of("postgres=r/postgres"));
        values.put("regproc", List.of("-", "pg_backend_pid"));
        values.put("regprocedure", List.of("-", "abs(integer)"));
        values.put("regoper", List.of("0", "pg_catalog.||/"));
        values.put("regoperator", List.of("0", "+(integer,integer)"));
        values.put("regclass", List.of("-", "pg_class"));
        values.put("regcollation", List.of("-", "\"C\""));
        values.put("regtype", List.of("-", "integer"));
        values.put("regrole", List.of("-", "postgres"));
        values.put("regnamespace", List.of("-", "pg_catalog"));
        values.put("regconfig", List.of("simple"));
        values.put("regdictionary", List.of("simple"));
        values.put("regdatabase", List.of("-", "postgres"));
        values.put("int4range", List.of("empty", "(,)", "[1,2147483647)"));
        values.put("int8range", List.of("empty", "[-9223372036854775808,1)"));
        values.put("numrange", List.of("empty", "[0.10,1e50]", "(,NaN)"));
        values.put("tsrange", List.of("[-infinity,infinity]", "[2000-01-01,)"));
        values.put("tstzrange", List.of("(,)", "[2000-01-01 00:00+08,)"));
        values.put("daterange", List.of("[2000-01-01,2000-01-02]", "[,infinity]"));
        values.put("int4multirange", List.of("{}", "{[1,2),[5,7)}"));
        values.put("int8multirange", List.of("{}", "{(,)}"));
        values.put("nummultirange", List.of("{[0.10,1]}"));
        values.put("tsmultirange", List.of("{[2000-01-01,)}"));
        values.put("tstzmultirange", List.of("{[2000-01-01 00:00+08,)}"));
        values.put("datemultirange", List.of("{[2000-01-01,2000-01-02]}"));
        return values;
    }

    @BeforeAll
    static void create() throws SQLException {
        TestPostgres postgres = TestPostgres.shared();
        url = postgres.createDatabase(DATABASE);
        try (Connection connection = postgres.connect(DATABASE)) {
            types = names(
                    connection,
                    "SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace"
                            + " AND typtype IN ('b', 'r', 'm') AND typcategory <> 'A' ORDER BY oid");
            arrays = names(
                    connection,
                    "SELECT e.typname FROM pg_type a JOIN pg_type e ON e.oid = a.typelem"
                            + " WHERE a.typnamespace = 'pg_catalog'::regnamespace AND a.typcategory = 'A'"
                            + " AND a.typtype = 'b' AND e.typtype IN ('b', 'r', 'm') AND a.typname LIKE '\\_%'"
                            + " ORDER BY a.oid");
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE every_type (" + columns(types, "") + ")");
                statement.execute("CREATE TABLE every_array (" + columns(arrays, "[]") + ")");
                for (String type : types) {
                    for (String value : VALUES.getOrDefault(type, List.of())) {
                        statement.execute("INSERT INTO every_type (" + quoted(type) + ") VALUES (" + literal(value)
                                + "::pg_catalog." + quoted(type) + ")");
                    }
                }
                for (String type : arrays) {
                    String elements = VALUES.getOrDefault(type, List.of()).stream()
                            .map(value -> literal(value) + "::pg_catalog." + quoted(type))
                            .collect(Collectors.joining(", "));
                    if (!elements.isEmpty()) {
                        statement.execute("INSERT INTO every_array (" + quoted(type) + ") VALUES (ARRAY[" + elements
                                + ", NULL]), ('{}'), (ARRAY[ARRAY[NULL, " + elements + "]]::pg_catalog."
                                + quoted(type) + "[])");
                    }
                }
                statement.execute("INSERT INTO every_type DEFAULT VALUES");
                statement.execute("INSERT INTO every_array DEFAULT VALUES");
            }
        }
    }

    @Test
    void everyTypeHasValuesHere() {
        List<String> missing = new ArrayList<>(types);
        missing.removeAll(VALUES.keySet());
        missing.removeAll(WITHOUT_VALUES);

        assertThat(missing).isEmpty();
        assertThat(types).hasSizeGreaterThan(70);
        assertThat(arrays).hasSizeGreaterThan(60);
    }

    @Test
    void everyValueIsWhatTheServerSays() throws Exception {
        try (PostgresConnector connector = PostgresConnector.open(url, TestPostgres.USER, TestPostgres.PASSWORD, 1)) {
            for (SourceObject object : connector.discover()) {
                Reading reading = Reading.of(connector, object);

                List<List<String>> expected =
                        Reading.sorted(Reading.byJdbc(url, TestPostgres.USER, TestPostgres.PASSWORD, reading.object()));
                List<List<String>> read = Reading.sorted(reading.rows());
                assertThat(read).hasSameSizeAs(expected).hasSizeGreaterThan(150);
                for (int row = 0; row < expected.size(); row++) {
                    for (int column = 0; column < expected.get(row).size(); column++) {
                        assertThat(read.get(row).get(column))
                                .as(reading.object().columns().get(column).name())
                                .isEqualTo(expected.get(row).get(column));
                    }
                }
            }
        }
    }

    @Test
    void nativeTypesStayNative() {
        try (PostgresConnector connector = PostgresConnector.open(url, TestPostgres.USER, TestPostgres.PASSWORD, 1)) {
            Map<String, LakeType> found = connector.discover().stream()
                    .filter(object -> object.name().equals("every_type"))
                    .flatMap(object -> object.columns().stream())
                    .filter(column -> !column.column().type().equals(LakeType.TEXT))
                    .collect(Collectors.toMap(
                            SourceColumn::name, column -> column.column().type(), (a, b) -> a, TreeMap::new));

            assertThat(found)
                    .isEqualTo(Map.ofEntries(
                            Map.entry("bool", LakeType.BOOL),
                            Map.entry("bytea", LakeType.BINARY),
                            Map.entry("date", LakeType.DATE),
                            Map.entry("float4", LakeType.FLOAT32),
                            Map.entry("float8", LakeType.FLOAT64),
                            Map.entry("int2", LakeType.INT32),
                            Map.entry("int4", LakeType.INT32),
                            Map.entry("int8", LakeType.INT64),
                            Map.entry("oid", LakeType.INT64),
                            Map.entry("time", LakeType.TIME),
                            Map.entry("timestamp", LakeType.TIMESTAMP),
                            Map.entry("timestamptz", LakeType.TIMESTAMP_TZ),
                            Map.entry("uuid", LakeType.UUID)));
        }
    }

    private static List<String> names(Connection connection, String sql) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                names.add(row.getString(1));
            }
        }
        return names;
    }

    private static String columns(List<String> types, String suffix) {
        return types.stream()
                .map(type -> quoted(type) + " pg_catalog." + quoted(type) + suffix)
                .collect(Collectors.joining(", "));
    }

    private static String quoted(String name) {
        return '"' + name + '"';
    }

    private static String literal(String value) {
        return "'" + value.replace("'", "''") + "'";
    }
}

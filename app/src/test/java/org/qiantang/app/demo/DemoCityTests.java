package org.qiantang.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;

/** The demo city in a real PostgreSQL server and in real folders. */
class DemoCityTests {
    @TempDir
    static Path folder;

    private static final TestPostgres POSTGRES = TestPostgres.shared();
    private static final DatabaseServer SERVER =
            new DatabaseServer("127.0.0.1", POSTGRES.port(), TestPostgres.USER, TestPostgres.PASSWORD);
    private static List<DemoSource> sources;
    private static final DemoCity CITY = new DemoCity(42, 0.02);

    @BeforeAll
    static void generate() throws IOException, SQLException, InterruptedException {
        sources =
                CITY.generate(SERVER, DemoCityTests::password, folder.resolve("sources"), folder.resolve("truth.json"));
    }

    private static String password(String account) {
        return "pass'" + account;
    }

    @Test
    void theReadingAccountsSeeEveryRowThatWasWrittenAndCannotWrite() throws Exception {
        JsonNode rows = truth().path("rows");
        int tables = 0;
        for (DemoSource source : sources) {
            if (source.kind() == DemoSource.Kind.POSTGRES) {
                try (Connection connection = DriverManager.getConnection(
                                source.location(), source.username(), password(String.valueOf(source.username())));
                        Statement statement = connection.createStatement()) {
                    for (Table table :
                            CityFolder.builtIn().system(source.name()).tables()) {
                        String name = "\"" + table.schema() + "\".\"" + table.name() + "\"";
                        try (ResultSet result = statement.executeQuery("SELECT count(*) FROM " + name)) {
                            result.next();
                            assertThat(result.getLong(1))
                                    .as(name)
                                    .isEqualTo(rows.path(source.name() + "/" + Truth.qualified(table))
                                            .asLong());
                        }
                        assertThatThrownBy(() -> statement.execute("DELETE FROM " + name))
                                .isInstanceOf(SQLException.class);
                        tables++;
                    }
                }
            }
        }

        assertThat(tables).isGreaterThanOrEqualTo(60);
    }

    @Test
    void theCatalogueLooksLikeACitys() throws Exception {
        Map<String, Long> counts = new TreeMap<>();
        for (DemoSource source : sources) {
            if (source.kind() == DemoSource.Kind.POSTGRES) {
                try (Connection connection = POSTGRES.connect("src_" + source.name());
                        Statement statement = connection.createStatement();
                        ResultSet result = statement.executeQuery("""
                                SELECT (SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conparentid = 0),
                                  (SELECT count(*) FROM pg_class WHERE relkind = 'v' AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')),
                                  (SELECT count(*) FROM pg_class WHERE relkind = 'S'),
                                  (SELECT count(*) FROM pg_class WHERE relkind = 'p'),
                                  (SELECT count(*) FROM pg_type WHERE typtype = 'e'),
                                  (SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                                    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                                    AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL)""")) {
                    result.next();
                    String[] names = {
                        "foreign keys", "views", "sequences", "partitioned", "enums", "columns without comment"
                    };
                    for (int i = 0; i < names.length; i++) {
                        counts.merge(names[i], result.getLong(i + 1), Long::sum);
                    }
                }
            }
        }

        assertThat(counts.get("foreign keys")).isGreaterThan(40);
        assertThat(counts.get("views")).isGreaterThan(4);
        assertThat(counts.get("sequences")).isGreaterThan(1);
        assertThat(counts.get("partitioned")).isEqualTo(1);
        assertThat(counts.get("enums")).isGreaterThan(4);
        assertThat(counts.get("columns without comment")).isZero();
    }

    @Test
    void foldersHoldTheFilesOfficesExport() throws Exception {
        byte[] withMark = Files.readAllBytes(folder.resolve("sources/culture/event_signup.csv"));
        assertThat(withMark).startsWith(0xEF, 0xBB, 0xBF);
        String chinese = Files.readString(folder.resolve("sources/culture/活动.csv"), FileForm.GB18030);
        assertThat(chinese).startsWith("活动编号,活动名称").contains("\"地点：一楼大厅\n请携带\"\"身份证\"\"");
        try (Stream<Path> workbooks = Files.walk(folder.resolve("sources"))) {
            assertThat(workbooks.filter(p -> p.toString().endsWith(".xlsx"))).hasSizeGreaterThanOrEqualTo(4);
        }
        try (Stream<Path> all = Files.walk(folder.resolve("sources"))) {
            assertThat(all.filter(
                            p -> p.toString().endsWith(".raw") || p.toString().endsWith(".part")))
                    .isEmpty();
        }
    }

    @Test
    void theRaggedLinesStandWhereTheTruthSays() throws Exception {
        JsonNode ragged = truth().path("raggedLines");

        assertThat(ragged.size()).isEqualTo(3);
        for (JsonNode line : ragged) {
            Path file = folder.resolve("sources")
                    .resolve(line.path("source").asString())
                    .resolve(line.path("file").asString());
            List<String> lines = Files.readAllLines(file, FileForm.GB18030);
            assertThat(lines.get(line.path("line").asInt() - 1))
                    .isEqualTo(line.path("raw").asString());
        }
    }

    @Test
    void aSecondCallLeavesAWholeCityAsItIsAndAHalfMadeOneIsMadeAnew() throws Exception {
        JsonNode before = truth();
        long oid = oid("src_police");

        generateAgain();
        assertThat(oid("src_police")).isEqualTo(oid);

        try (Connection connection = POSTGRES.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("COMMENT ON DATABASE src_police IS NULL");
        }
        generateAgain();
        assertThat(oid("src_police")).isNotEqualTo(oid);
        assertThat(truth()).isEqualTo(before);
        assertThat(DemoCity.find(CityFolder.builtIn(), folder.resolve("truth.json")))
                .hasValueSatisfying(city -> {
                    assertThat(city.seed()).isEqualTo(42);
                    assertThat(city.scale()).isEqualTo(0.02);
                });
    }

    private static void generateAgain() throws IOException, SQLException, InterruptedException {
        CITY.generate(SERVER, DemoCityTests::password, folder.resolve("sources"), folder.resolve("truth.json"));
    }

    private static long oid(String database) throws SQLException {
        try (Connection connection = POSTGRES.connect("postgres");
                Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery("SELECT oid FROM pg_database WHERE datname = '" + database + "'")) {
            result.next();
            return result.getLong(1);
        }
    }

    private static JsonNode truth() throws IOException {
        return TruthFile.read(folder.resolve("truth.json")).orElseThrow();
    }
}

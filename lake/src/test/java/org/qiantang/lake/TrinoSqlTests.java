package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.TestPostgres;

/** What is sent to a cluster and what is not; that both engines then answer alike is for {@link ClusterTests}. */
class TrinoSqlTests {
    private static final TableName PERSON = new TableName("raw_test", "person");

    @TempDir
    Path folder;

    private Lake lake;
    private Queries throughCluster;

    @BeforeEach
    void open() throws Exception {
        LakeSettings settings = LakeSettings.small(
                TestPostgres.shared().createDatabase("trino_sql"),
                TestPostgres.USER,
                TestPostgres.PASSWORD,
                folder.resolve("lake"),
                folder.resolve("tmp"));
        // nobody listens there, so that whatever is sent is UNAVAILABLE
        lake = Lake.open(settings);
        throughCluster =
                lake.through(new ClusterSettings(URI.create("https://127.0.0.1:1"), "reader", "secret", null, "lake"));
        try (TableWrite write = lake.replace(
                PERSON,
                List.of(
                        column("id", LakeType.INT64),
                        column("name", LakeType.TEXT),
                        column("born", LakeType.DATE),
                        column("seen", LakeType.TIMESTAMP),
                        column("weight", LakeType.FLOAT64)))) {
            write.write(batch -> 0);
            write.commit(Map.of());
        }
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @Test
    void whatMayMeanSomethingElseThereIsRefusedByName() {
        for (Map.Entry<String, String> each : Map.ofEntries(
                        Map.entry("SELECT md5(name) FROM raw_test.person", "md5"),
                        Map.entry("SELECT * FROM range(3)", "range"),
                        Map.entry("SELECT greatest(id, 1) FROM raw_test.person", "greatest"),
                        Map.entry("SELECT weight::VARCHAR FROM raw_test.person", "double"),
                        Map.entry("SELECT seen || '' FROM raw_test.person", "timestamp"),
                        Map.entry("SELECT weight::INTEGER FROM raw_test.person", "double"),
                        Map.entry("SELECT x::VARCHAR FROM (SELECT weight AS x FROM raw_test.person)", "depends"),
                        Map.entry("SELECT id::VARCHAR FROM (SELECT weight AS id FROM raw_test.person)", "depends"),
                        Map.entry("SELECT TRY_CAST(name AS INTEGER) FROM raw_test.person", "TRY_CAST"),
                        Map.entry("SELECT * EXCLUDE (id) FROM raw_test.person", "exclude"),
                        Map.entry("SELECT [1, 2]", "list_value"),
                        Map.entry("SELECT INTERVAL 1 DAY", "to_days"),
                        Map.entry("SELECT p FROM raw_test.person p", "The name p"),
                        Map.entry("SELECT substr(name, 0, 2) FROM raw_test.person", "position"),
                        Map.entry("SELECT weight // 2 FROM raw_test.person", "//"),
                        Map.entry("SELECT * FROM raw_test.person a JOIN raw_test.person b USING (id)", "USING"),
                        Map.entry("SELECT string_agg(name, ',') FROM raw_test.person", "ORDER BY"),
                        Map.entry("SELECT id FROM raw_test.person USING SAMPLE 3", "sample"),
                        Map.entry(
                                "SELECT id FROM raw_test.person QUALIFY row_number() OVER (ORDER BY id) = 1",
                                "qualify"))
                .entrySet()) {
            assertThatThrownBy(() -> ask(each.getKey(), Map.of()))
                    .as(each.getKey())
                    .isInstanceOfSatisfying(
                            LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.NOT_ALLOWED))
                    .hasMessageContaining(each.getValue());
        }
    }

    @Test
    void nothingButAReadOfLakeTablesIsSent() {
        for (String sql : List.of(
                "DROP TABLE raw_test.person",
                "SELECT 1; SELECT 2",
                "SELECT * FROM system.runtime.nodes",
                "SELECT * FROM lake.raw_test.person",
                "SELECT * FROM raw_test.\"person$files\"",
                "SELECT * FROM information_schema.tables",
                "SELECT current_user",
                "SELECT * FROM read_parquet('/etc/passwd')",
                "SELECT (SELECT count(*) FROM read_blob('/etc/passwd'))",
                "SELECT nothing FROM raw_test.person",
                "selec 1")) {
            assertThatThrownBy(() -> ask(sql, Map.of()))
                    .as(sql)
                    .isInstanceOfSatisfying(
                            LakeException.class,
                            e -> assertThat(e.kind())
                                    .isIn(
                                            LakeException.Kind.NOT_ALLOWED,
                                            LakeException.Kind.NO_SUCH_TABLE,
                                            LakeException.Kind.BAD_STATEMENT));
        }
    }

    @Test
    void aClusterThatIsNotThereMayBeAskedAgain() {
        assertThatThrownBy(() -> ask("SELECT id FROM raw_test.person", Map.of()))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.UNAVAILABLE))
                .hasMessageNotContaining("secret");
    }

    @Test
    void tablesAreSentAsWhatMayBeSeenOfThemAtOneSnapshot() {
        String seen = lake.scanElsewhere(
                        PERSON,
                        TablePolicy.masking(Map.of(
                                "name", new Mask.KeepEnds(1, 0),
                                "born", new Mask.Hide(),
                                "seen", new Mask.KeepEnds(1, 1))))
                .trino("lake", ZoneId.of("UTC"));

        assertThat(seen)
                .matches("\\(SELECT .* FROM \"lake\".\"raw_test\".\"person\" FOR VERSION AS OF [0-9]+\\)")
                .contains("\"id\" AS \"id\"")
                .contains("lpad('', length(CAST(\"name\" AS varchar)) - 1, '*') || '' ELSE")
                .contains("CAST(NULL AS date) AS \"born\"")
                .contains("CAST(NULL AS varchar) AS \"seen\"");
    }

    private void ask(String sql, Map<TableName, TablePolicy> masks) {
        throughCluster.run(new Query(sql, null, 10, masks), Lakes.NOBODY);
    }

    private static Column column(String name, LakeType type) {
        return new Column(name, type, "test", null);
    }
}

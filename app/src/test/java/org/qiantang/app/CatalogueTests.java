package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.ScriptedWorker.Table;
import org.qiantang.evidence.LogKey;
import org.qiantang.evidence.Proof;
import org.qiantang.lake.TableName;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What people find in the catalogue, and how little they see of what they may not see. */
class CatalogueTests {
    private static final String RESIDENT = "raw_police.public__resident";

    @TempDir
    static Path home;

    private static RunningHub hub;

    @BeforeAll
    static void collect() throws Exception {
        Files.createDirectories(home.resolve("extracts"));
        Files.writeString(home.resolve("extracts/left-by-a-kill.parquet"), "half");
        hub = new RunningHub(home);
        hub.worker.script("police", run -> {
            run.discover(CollectionFlowTests.RESIDENT, CollectionFlowTests.STATION);
            run.land(CollectionFlowTests.RESIDENT);
            run.land(CollectionFlowTests.STATION);
        });
        hub.collect(hub.addSource("police", "police"));
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @Test
    void aResourceIsFoundByEverythingThatIsSaidOfIt() {
        assertThat(found("resident")).containsExactly(RESIDENT);
        assertThat(found("常住人口")).containsExactly(RESIDENT);
        assertThat(found("RESIDENT 身份")).containsExactly(RESIDENT);
        assertThat(found("站点")).containsExactly("raw_police.public__station");
        assertThat(found("公安局")).hasSize(2);
        assertThat(found("Security Bureau")).hasSize(2);
        assertThat(found("没有这样的表")).isEmpty();
        assertThat(found("%")).isEmpty();
        assertThat(found("pm_25")).containsExactly("raw_police.public__station");
        assertThat(found("pmx25")).isEmpty();
        JsonNode item = search("?q=联系电话").path("items").get(0);
        assertThat(item.path("matched").toString()).isEqualTo("[\"mobile\"]");
        assertThat(search("?level=L3").path("total").asInt()).isEqualTo(1);
        assertThat(search("?completeness=COMPLETE").path("total").asInt()).isEqualTo(2);
        assertThat(search("?completeness=INCOMPLETE,FAILED").path("total").asInt())
                .isZero();
        assertThat(search("?department=health").path("total").asInt()).isZero();
        assertThat(search("?limit=1").path("items")).hasSize(1);
        assertThat(search("?limit=1").path("total").asInt()).isEqualTo(2);
    }

    @Test
    void columnsAreClassifiedByWhatStandsInThem() {
        JsonNode resource =
                hub.as(Role.OFFICER).get("/api/resources/" + id(RESIDENT)).json();

        assertThat(resource.path("level").asString()).isEqualTo("L3");
        assertThat(resource.path("title").asString()).isEqualTo("常住人口登记");
        assertThat(resource.path("rows").asLong()).isEqualTo(3);
        assertThat(resource.path("completeness").asString()).isEqualTo("COMPLETE");
        assertThat(resource.path("receipts")).hasSize(1);
        Map<String, String> kinds = new java.util.HashMap<>();
        resource.path("columns")
                .forEach(column -> kinds.put(
                        column.path("name").asString(),
                        column.path("detected").path("kind").asString("")));
        assertThat(kinds)
                .containsEntry("xm", "NAME")
                .containsEntry("id_number", "ID_NUMBER")
                .containsEntry("mobile", "PHONE")
                .containsEntry("home_address", "ADDRESS")
                .containsEntry("remark", "");
        assertThat(resource.path("columns").get(0).path("key").asBoolean()).isTrue();
    }

    @Test
    void aPreviewIsMaskedForEverybody() {
        for (JsonNode preview : List.of(
                hub.as(Role.ANALYST)
                        .get("/api/resources/" + id(RESIDENT) + "/preview")
                        .json(),
                hub.operator()
                        .get("/api/resources/" + id(RESIDENT) + "/preview")
                        .json())) {
            JsonNode row = preview.path("rows").get(0);
            assertThat(row.get(1).asString()).isEqualTo("王**");
            assertThat(row.get(2).asString()).isEqualTo("1" + "*".repeat(15) + "2X");
            assertThat(row.get(3).asString()).isEqualTo("138****5678");
            assertThat(row.get(4).asString()).startsWith("浙江省杭州市*").doesNotContain("文三路");
            assertThat(preview.path("columns").get(2).path("masked").asBoolean())
                    .isTrue();
            assertThat(preview.path("columns").get(0).path("masked").asBoolean())
                    .isFalse();
            assertThat(preview.toString()).doesNotContain("11010519491231002X");
        }
    }

    @Test
    void sqlSeesMaskedValuesAndTheOperatorSeesThemAllAndBothAreWrittenDown() {
        Map<String, String> sql = Map.of(
                "sql",
                "select mobile, count(*) n from raw_police.public__resident where mobile like '1381%' group by 1");

        Answer analyst = hub.as(Role.ANALYST).post("/api/sql", sql);
        Answer masked = hub.as(Role.ANALYST)
                .post("/api/sql", Map.of("sql", "select id_number from raw_police.public__resident order by id"));
        Answer operator = hub.operator().post("/api/sql", sql);

        assertThat(analyst.json().path("rowCount").asInt()).isZero();
        assertThat(masked.json().path("rows").get(0).get(0).asString()).startsWith("1*****");
        assertThat(operator.json().path("rows").toString()).isEqualTo("[[\"13812345678\",\"1\"]]");
        assertThat(operator.json().path("tables").get(0).path("name").asString())
                .isEqualTo(RESIDENT);
        assertThat(operator.json().path("tables").get(0).path("completeness").asString())
                .isEqualTo("COMPLETE");
        List<String> access = hub.bean(JdbcClient.class)
                .sql(
                        "select who || ' ' || unmasked || ' ' || array_to_string(tables, ',') || ' ' || rows from catalog_access where sql = ?")
                .param(sql.get("sql"))
                .query(String.class)
                .list();
        assertThat(access).contains("analyst false " + RESIDENT + " 0", "operator true " + RESIDENT + " 1");
    }

    @Test
    void whoAskedGetsTheProofOfWhatTheyWereGivenAndNobodyElseButTheAuditor() throws Exception {
        Answer answer = hub.as(Role.ANALYST).post("/api/sql", Map.of("sql", "select count(*) from " + RESIDENT));
        String path =
                "/api/evidence/" + answer.json().path("evidence").path("index").asLong(-1);
        await().until(() -> hub.as(Role.ANALYST).get(path).status() == 200);

        Proof proof = Proof.parse(hub.as(Role.ANALYST).get(path).text());
        proof.verify(LogKey.parse(
                hub.as(Role.AUDITOR).get("/api/evidence").json().path("key").asString()));

        assertThat(proof.entryText()).contains("\"kind\":\"given\"", "\"rows\":1", RESIDENT, "analyst");
        assertThat(hub.as(Role.AUDITOR).get(path).text()).contains("c2sp.org/tlog-proof@v1");
        assertThat(hub.as(Role.OFFICER).get(path).status()).isEqualTo(404);
        assertThat(hub.as(Role.OFFICER).get("/api/evidence/999999999").status()).isEqualTo(404);
    }

    @Test
    void anAnswerSaysWhatOfItIsMasked() {
        String from = " from raw_police.public__resident";

        assertThat(masked("select id, mobile as phone, upper(mobile) u" + from))
                .isEqualTo("[id false][phone true][u false]");
        assertThat(masked("with x as (select mobile m" + from + ") select m from x"))
                .isEqualTo("[m true]");
        assertThat(masked("select *" + from)).contains("[mobile true]").contains("[id false]");
        assertThat(maskedReads(sql("select count(distinct mobile)" + from))).isEqualTo("[\"mobile\"]");
        assertThat(maskedReads(sql("select count(*)" + from))).isEqualTo("[]");
        assertThat(maskedReads(hub.operator().post("/api/sql", Map.of("sql", "select *" + from))))
                .isEqualTo("[]");
    }

    private static String masked(String statement) {
        StringBuilder columns = new StringBuilder();
        sql(statement)
                .json()
                .path("columns")
                .forEach(column -> columns.append('[')
                        .append(column.path("name").asString())
                        .append(' ')
                        .append(column.path("masked").asBoolean())
                        .append(']'));
        return columns.toString();
    }

    private static String maskedReads(Answer answer) {
        return answer.json().path("tables").get(0).path("masked").toString();
    }

    @Test
    void aSavedQueryIsItsOwnersAndIsSeenByTheDepartmentItIsSharedWith() {
        RunningHub.Client analyst = hub.as(Role.ANALYST);
        Map<String, Object> query = Map.of(
                "title",
                "每区人数",
                "sql",
                "select 1",
                "chart",
                Map.of("kind", "BAR", "x", "district", "y", List.of("n")),
                "shared",
                false);
        String id = analyst.post("/api/sql/saved", query).json().path("id").asString();

        assertThat(analyst.post("/api/sql/saved", query).code()).isEqualTo("catalog.saved_title_taken");
        assertThat(titles(Role.ENGINEER)).isEmpty();
        Map<String, Object> shared = Map.of("title", "每区人数", "sql", "select 2", "shared", true);
        assertThat(analyst.call("PUT", "/api/sql/saved/" + id, shared)
                        .json()
                        .path("chart")
                        .isNull())
                .isTrue();
        // Both are of the data bureau, the officer is not.
        assertThat(titles(Role.ENGINEER)).containsExactly("每区人数");
        assertThat(titles(Role.OFFICER)).isEmpty();
        assertThat(hub.as(Role.ENGINEER)
                        .call("PUT", "/api/sql/saved/" + id, shared)
                        .status())
                .isEqualTo(404);
        assertThat(hub.as(Role.ENGINEER)
                        .call("DELETE", "/api/sql/saved/" + id, null)
                        .status())
                .isEqualTo(404);
        assertThat(analyst.call("DELETE", "/api/sql/saved/" + id, null).status())
                .isEqualTo(204);
        assertThat(titles(Role.ANALYST)).isEmpty();
    }

    private static List<String> titles(Role role) {
        return hub.as(role)
                .get("/api/sql/saved")
                .json()
                .valueStream()
                .map(each -> each.path("title").asString())
                .toList();
    }

    @Test
    void aWrongStatementSaysWhere() {
        Answer answer = sql("select 1,\n  nothing from raw_police.public__resident");

        assertThat(answer.code()).isEqualTo("catalog.sql_wrong");
        assertThat(answer.json().path("position").asInt()).isEqualTo("select 1,\n  ".length());
    }

    @Test
    void aColumnTheCatalogueHasNotHeardOfIsHidden() throws Exception {
        hub.worker.write(
                new TableName("raw_police", "public__station"),
                new Table("public", "station", "监测站点", List.of("code", "secret"), List.of(List.of("A1", "unseen"))));

        Answer answer = hub.as(Role.ANALYST)
                .post("/api/sql", Map.of("sql", "select code, secret from raw_police.public__station"));

        assertThat(answer.json().path("rows").toString()).isEqualTo("[[\"A1\",null]]");
    }

    @Test
    void statementsThatMayNotRunAreRefusedInWordsThatHelp() {
        assertThat(sqlCode("select * from raw_police.public__residents")).isEqualTo("catalog.no_such_table");
        assertThat(sql("select * from raw_police.public__residents").text()).contains(RESIDENT);
        assertThat(sqlCode("select * from ops_collect.rejects")).isEqualTo("catalog.no_such_table");
        assertThat(sqlCode("drop table x")).isIn("catalog.sql_not_allowed", "catalog.sql_wrong");
        assertThat(sqlCode("select 1; select 2")).isEqualTo("catalog.sql_not_allowed");
        assertThat(sqlCode("selec 1")).isEqualTo("catalog.sql_wrong");
        assertThat(sqlCode("select * from read_csv('/etc/passwd')")).isEqualTo("catalog.sql_not_allowed");
    }

    @Test
    void anExportIsWholeCsvThatNoSpreadsheetRuns() {
        Answer csv = hub.as(Role.ANALYST)
                .post(
                        "/api/sql/export?format=csv",
                        Map.of(
                                "sql",
                                "select '=1+1' a, '-3.5' b, 'x,\"y\"' c, null d, '' e, mobile from raw_police.public__resident order by id limit 1"));
        Answer wrong = hub.as(Role.ANALYST).post("/api/sql/export?format=csv", Map.of("sql", "nonsense"));

        assertThat(csv.headers().firstValue("Content-Type").orElse("")).startsWith("text/csv");
        assertThat(csv.text()).isEqualTo("\uFEFFa,b,c,d,e,mobile\r\n'=1+1,-3.5,\"x,\"\"y\"\"\",,\"\",138****5678\r\n");
        assertThat(wrong.code()).isEqualTo("catalog.sql_wrong");
    }

    @Test
    void aResourceIsDownloadedMaskedAndItsReceiverCanTellThatItIsWhole() throws Exception {
        Answer file = hub.as(Role.ANALYST)
                .post(
                        "/api/resources/" + id(RESIDENT) + "/export",
                        Map.of(
                                "fields",
                                List.of("id", "mobile"),
                                "conditions",
                                List.of(Map.of(
                                        "column", "mobile", "operator", "STARTS_WITH", "values", List.of("138*")))));

        assertThat(file.status()).isEqualTo(200);
        assertThat(file.headers().firstValue("Content-Type").orElse("")).isEqualTo("application/vnd.apache.parquet");
        assertThat(file.headers().firstValue("Content-Length").orElse(""))
                .isEqualTo(Integer.toString(file.body().length));
        assertThat(file.headers().firstValue("Repr-Digest").orElse(""))
                .isEqualTo("sha-256=:"
                        + Base64.getEncoder()
                                .encodeToString(
                                        MessageDigest.getInstance("SHA-256").digest(file.body()))
                        + ":");
        assertThat(file.headers().firstValue("Qiantang-Rows").orElse("")).isEqualTo("1");
        assertThat(file.headers().firstValue("Qiantang-Evidence").orElse("")).matches(".+/\\d+");
        assertThat(parquet(file.body())).containsExactly("{'id': 1, 'mobile': 138****5678}");
        assertThat(home.resolve("extracts")).isEmptyDirectory();
    }

    @Test
    void aStatementIsExportedAsAFileOrRefusedAsAProblem() throws Exception {
        Map<String, Object> sql = Map.of("sql", "select count(*) n, max(id_number) most from " + RESIDENT);

        Answer parquet = hub.as(Role.ANALYST).post("/api/sql/export?format=parquet", sql);
        Answer arrow = hub.as(Role.ANALYST).post("/api/sql/export?format=arrow", sql);

        assertThat(parquet(parquet.body()))
                .singleElement()
                .asString()
                .isEqualTo("{'n': 3, 'most': 3***************10}");
        assertThat(arrow.headers().firstValue("Content-Type").orElse(""))
                .isEqualTo("application/vnd.apache.arrow.stream");
        assertThat(arrow.headers().firstValue("Content-Disposition").orElse("")).contains("query.arrows");
        assertThat(arrow.body()).startsWith(0xff, 0xff, 0xff, 0xff);
        assertThat(hub.as(Role.OFFICER)
                        .post("/api/sql/export?format=parquet", sql)
                        .code())
                .isEqualTo("catalog.no_grant_named");
        assertThat(hub.as(Role.ANALYST)
                        .post("/api/sql/export?format=arrow", Map.of("sql", "select nothing from " + RESIDENT))
                        .code())
                .isEqualTo("catalog.sql_wrong");
        assertThat(hub.as(Role.ANALYST).post("/api/sql/export?format=xml", sql).code())
                .isEqualTo("core.bad_request");
        assertThat(hub.as(Role.ANALYST)
                        .post(
                                "/api/resources/" + id(RESIDENT) + "/export",
                                Map.of("fields", List.of("id\" from raw_police.public__station --")))
                        .code())
                .isEqualTo("catalog.sql_wrong");
        assertThat(home.resolve("extracts")).isEmptyDirectory();
    }

    private static List<String> parquet(byte[] body) throws Exception {
        Path file = Files.write(Files.createTempFile(home, "read", ".parquet"), body);
        List<String> rows = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                ResultSet result = duckdb.createStatement()
                        .executeQuery("SELECT CAST(r AS VARCHAR) FROM '" + file + "' r ORDER BY 1")) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    @Test
    void aRunWithoutRejectsHasNone() {
        JsonNode run = hub.operator().get("/api/runs").json().get(0);

        JsonNode rejects = hub.as(Role.AUDITOR)
                .get("/api/runs/" + run.path("id").asString() + "/rejects")
                .json();

        assertThat(rejects.path("total").asInt()).isZero();
    }

    private static Answer sql(String sql) {
        return hub.as(Role.ANALYST).post("/api/sql", Map.of("sql", sql));
    }

    private static String sqlCode(String sql) {
        return sql(sql).code();
    }

    private static JsonNode search(String query) {
        String path =
                query.replace("联系电话", java.net.URLEncoder.encode("联系电话", java.nio.charset.StandardCharsets.UTF_8));
        return hub.operator().get("/api/resources" + path).json();
    }

    private static List<String> found(String text) {
        String q = java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
        List<String> tables = new ArrayList<>();
        hub.operator()
                .get("/api/resources?q=" + q)
                .json()
                .path("items")
                .forEach(item -> tables.add(item.path("lakeTable").asString()));
        return tables;
    }

    private static String id(String lakeTable) {
        for (JsonNode item : hub.operator().get("/api/resources").json().path("items")) {
            if (item.path("lakeTable").asString().equals(lakeTable)) {
                return item.path("id").asString();
            }
        }
        throw new AssertionError("No resource " + lakeTable);
    }
}

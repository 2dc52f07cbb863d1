package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.core.CanonicalJson;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.TableName;
import org.qiantang.org.Role;
import tools.jackson.databind.JsonNode;

/** The lake held against its sources, as people see it. */
class VerificationFlowTests {
    private static final Set<String> ENDED = Set.of("EQUAL", "DIFFERENT", "INCOMPLETE", "CANCELLED", "FAILED");
    private static final String PEOPLE = "编号,姓名,公民身份号码,备注\n1,王小明,11010519491231002X,a\n2,李芳,330106180012310008,b\n";

    @TempDir
    static Path home;

    private static RunningHub hub;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @Test
    void aDifferenceIsShownMaskedRepairedKeptAndSigned() throws Exception {
        String source = folder("register", PEOPLE);
        Files.writeString(file("register"), PEOPLE.replace(",a\n", ",ä\n"));

        JsonNode found = verify(hub.as(Role.ENGINEER), source, Map.of("values", true));

        assertThat(found.path("state").asString()).isEqualTo("DIFFERENT");
        assertThat(found.path("totals").path("differing").asLong()).isEqualTo(2);
        assertThat(found.path("totals").path("repaired").asLong()).isEqualTo(2);
        JsonNode table = found.path("tables").path(0);
        assertThat(table.path("repair").asString()).isEqualTo("ROWS_REPAIRED");
        List<String> differing = new ArrayList<>();
        table.path("columns").forEach(column -> {
            if (!column.path("source").equals(column.path("lake"))) {
                differing.add(column.path("column").asString());
            }
        });
        assertThat(differing).containsExactly("备注");
        assertThat(table.path("rows").size()).isEqualTo(2);
        assertThat(table.path("rows").toString())
                .doesNotContain("11010519491231002X")
                .doesNotContain("王小明")
                .contains("ä");
        assertThat(hub.lake.summary(new TableName("raw_register", "people")).orElseThrow())
                .containsEntry("qiantang.verification", found.path("id").asString());
        JsonNode document = hub.as(Role.AUDITOR)
                .get("/api/verifications/" + found.path("id").asString() + "/document")
                .json();
        Signature signature = Signature.getInstance("Ed25519");
        signature.initVerify(hub.receiptKeys.getPublic());
        signature.update(CanonicalJson.bytes(document.path("verification")));
        assertThat(signature.verify(Base64.getDecoder()
                        .decode(document.path("signature").path("value").asString())))
                .isTrue();
        assertThat(attention(source)).containsExactly("VERIFICATION_DIFFERENT");

        assertThat(verify(hub.as(Role.ENGINEER), source, Map.of("values", true))
                        .path("state")
                        .asString())
                .isEqualTo("EQUAL");
        assertThat(attention(source)).isEmpty();
        assertThat(hub.as(Role.AUDITOR)
                        .get("/api/sources/" + source + "/verifications")
                        .json()
                        .size())
                .isEqualTo(2);
    }

    @Test
    void whatCannotBeRepairedRowByRowIsCollectedAnew() throws Exception {
        String source = folder("widened", PEOPLE);
        Files.writeString(file("widened"), "编号,姓名\nA1,王小明\nA2,李芳\nA3,张伟\n");

        JsonNode found = verify(hub.operator(), source, Map.of("tables", List.of("people.csv")));

        assertThat(found.path("tables").path(0).path("reasonCode").asString()).isEqualTo("collect.shape_changed");
        JsonNode repaired = Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> hub.operator()
                                .get("/api/verifications/" + found.path("id").asString())
                                .json(),
                        json -> json.path("repairRun").isString());
        hub.awaitEnd(repaired.path("repairRun").asString());
        assertThat(verify(hub.operator(), source, Map.of()).path("state").asString())
                .isEqualTo("EQUAL");
    }

    @Test
    void whoOnlyLooksIsToldWhatDiffersAndNothingIsChanged() throws Exception {
        String source = folder("looked", PEOPLE);
        TableName table = new TableName("raw_looked", "people");
        long before = hub.lake.state(table).orElseThrow().snapshotId();
        Files.writeString(file("looked"), PEOPLE.replace(",a\n", ",ä\n"));

        JsonNode rows = verify(hub.as(Role.ENGINEER), source, Map.of("values", true, "aim", "LOOK"));
        Files.writeString(file("looked"), "编号,姓名\nA1,王小明\n");
        JsonNode whole = verify(hub.as(Role.ENGINEER), source, Map.of("aim", "LOOK"));

        assertThat(rows.path("state").asString()).isEqualTo("DIFFERENT");
        assertThat(rows.path("aim").asString()).isEqualTo("LOOK");
        assertThat(rows.path("totals").path("differing").asLong()).isEqualTo(2);
        assertThat(whole.path("tables").path(0).path("reasonCode").asString()).isEqualTo("collect.shape_changed");
        for (JsonNode found : List.of(rows, whole)) {
            assertThat(found.path("tables").path(0).path("repair").asString()).isEqualTo("LEFT");
            assertThat(found.path("totals").path("repaired").asLong()).isZero();
            assertThat(found.path("totals").path("toBeCollected").asLong()).isZero();
        }
        assertThat(hub.as(Role.AUDITOR)
                        .get("/api/verifications/" + rows.path("id").asString() + "/document")
                        .json()
                        .path("verification")
                        .path("verification")
                        .path("aim")
                        .asString())
                .isEqualTo("LOOK");
        // What is to be collected anew of a verification that came later is begun after what came before it.
        String other = folder("looked_after", PEOPLE);
        Files.writeString(file("looked_after"), "编号,姓名\nA1,王小明\n");
        JsonNode later = verify(hub.as(Role.ENGINEER), other, Map.of());
        JsonNode repaired = Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> hub.operator()
                                .get("/api/verifications/" + later.path("id").asString())
                                .json(),
                        json -> json.path("repairRun").isString());
        hub.awaitEnd(repaired.path("repairRun").asString());
        assertThat(hub.lake.state(table).orElseThrow().snapshotId()).isEqualTo(before);
        assertThat(hub.operator().get("/api/sources/" + source + "/runs").json().size())
                .as("the first collection only")
                .isEqualTo(1);
        assertThat(attention(source)).containsExactly("VERIFICATION_DIFFERENT");
    }

    @Test
    void whatTheLakeLostIsBroughtBackFromAFileThatDidNotChange() throws Exception {
        String source = folder("damaged", PEOPLE);
        TableName table = new TableName("raw_damaged", "people");
        hub.lake.reshape(table, List.of(new Column("编号", LakeType.INT64, "text", null)), Map.of());
        assertThat(hub.collect(source).path("state").asString()).isEqualTo("COMPLETE");
        assertThat(hub.lake.shape(table))
                .as("a file that did not change is not read")
                .hasSize(1);

        JsonNode found = verify(hub.operator(), source, Map.of());
        JsonNode repaired = Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> hub.operator()
                                .get("/api/verifications/" + found.path("id").asString())
                                .json(),
                        json -> json.path("repairRun").isString());
        hub.awaitEnd(repaired.path("repairRun").asString());

        assertThat(hub.lake.shape(table)).hasSize(4);
        assertThat(verify(hub.operator(), source, Map.of("values", true))
                        .path("state")
                        .asString())
                .isEqualTo("EQUAL");
    }

    @Test
    void aFileThatIsAsItWasBeforeARepairIsReadAgain() throws Exception {
        String source = folder("reverted", PEOPLE);
        Files.writeString(file("reverted"), PEOPLE.replace(",a\n", ",z\n"));
        assertThat(verify(hub.operator(), source, Map.of())
                        .path("totals")
                        .path("repaired")
                        .asLong())
                .isEqualTo(2);
        Files.writeString(file("reverted"), PEOPLE);

        hub.collect(source);

        assertThat(verify(hub.operator(), source, Map.of()).path("state").asString())
                .isEqualTo("EQUAL");
    }

    @Test
    void thereIsOneAtATimeAndOnlyOfWhatWasCollected() throws Exception {
        String source = hub.addSource("never", "police");

        assertThat(hub.operator()
                        .post("/api/sources/" + source + "/verification", Map.of())
                        .code())
                .isEqualTo("collect.not_verifiable");
        String known = folder("known", PEOPLE);
        assertThat(hub.operator()
                        .post("/api/sources/" + known + "/verification", Map.of("tables", List.of("none")))
                        .code())
                .isEqualTo("collect.no_such_source_table");
    }

    private static List<String> attention(String source) {
        List<String> kinds = new ArrayList<>();
        hub.operator().get("/api/overview").json().path("attention").forEach(each -> {
            if (each.path("sourceId").asString().equals(source)) {
                kinds.add(each.path("kind").asString());
            }
        });
        return kinds;
    }

    private static Path file(String name) {
        return home.resolve("sources").resolve(name).resolve("people.csv");
    }

    private static String folder(String name, String content) throws Exception {
        Files.createDirectories(file(name).getParent());
        Files.writeString(file(name), content);
        hub.worker.script(name, run -> run.reallyCollect());
        Answer answer = hub.operator()
                .post(
                        "/api/sources",
                        Map.of(
                                "name",
                                name,
                                "departmentId",
                                "police",
                                "location",
                                file(name).getParent().toString()));
        String source = answer.json().path("id").asString();
        assertThat(hub.collect(source).path("state").asString()).isEqualTo("COMPLETE");
        return source;
    }

    private static JsonNode verify(Client who, String source, Map<String, Object> wanted) {
        Answer started = who.post("/api/sources/" + source + "/verification", wanted);
        assertThat(started.status()).as(started.toString()).isEqualTo(202);
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> who.get("/api/verifications/"
                                        + started.json().path("id").asString())
                                .json(),
                        json -> ENDED.contains(json.path("state").asString()));
    }
}

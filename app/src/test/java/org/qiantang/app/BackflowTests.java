package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.collect.Collector;
import org.qiantang.testing.OtherPlatform;
import org.qiantang.testing.OtherPlatform.Way;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** What an upper level says it has sent back, what arrived, and that it is asked for again until both are equal. */
class BackflowTests {
    @TempDir
    Path home;

    private RunningHub hub;
    private OtherPlatform upper;

    @BeforeEach
    void start() throws Exception {
        hub = new RunningHub(home);
        upper = new OtherPlatform();
        Collector collector = new Collector(hub.lake, 1, home.resolve("drivers"), home.resolve("tmp"));
        hub.worker.script("upper", run -> collector.run(run.order, run::say));
        upper.send("people", "a", "{\"id\": 1}", "{\"id\": 21}");
        upper.send("people", "b", "{\"id\": 3}");
        upper.send("houses", "a", "{\"no\": \"1-1\"}");
    }

    @AfterEach
    void stop() {
        upper.close();
        hub.close();
    }

    private String add(String location, String token) {
        Answer answer = hub.operator()
                .post(
                        "/api/sources",
                        Map.of("name", "upper", "departmentId", "police", "location", location, "password", token));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        assertThat(answer.json().path("kind").asString()).isEqualTo("PLATFORM");
        return answer.json().path("id").asString();
    }

    private JsonNode ledger(String source) {
        return hub.operator().get("/api/sources/" + source + "/deliveries").json();
    }

    private List<String> standings(String source) {
        return ledger(source)
                .path("entries")
                .valueStream()
                .map(entry -> entry.path("delivery").path("resource").asString() + "/"
                        + entry.path("delivery").path("batch").asString() + " "
                        + entry.path("standing").asString())
                .sorted()
                .toList();
    }

    @Test
    void whatDiffersIsNamedAndAskedForAgainByItselfUntilBothAreEqual() {
        String source = add(upper.location(), OtherPlatform.TOKEN);
        upper.lead("people", "a", Way.SHORT);
        upper.lead("houses", "a", Way.GONE);

        JsonNode run = hub.collect(source);

        assertThat(run.path("state").asString()).isEqualTo("INCOMPLETE");
        JsonNode people = run.path("objects")
                .valueStream()
                .filter(object -> object.path("lakeTable").asString("").equals("raw_upper.people"))
                .findFirst()
                .orElseThrow();
        assertThat(people.path("reason").path("code").asString()).isEqualTo("collect.delivery_differs");
        assertThat(standings(source)).containsExactly("houses/a MISSING", "people/a DIFFERENT", "people/b EQUAL");
        JsonNode ledger = ledger(source);
        assertThat(ledger.path("batchesSent").asLong()).isEqualTo(3);
        assertThat(ledger.path("batchesDiffering").asLong()).isEqualTo(2);
        assertThat(ledger.path("rowsSent").asLong()).isEqualTo(4);
        assertThat(ledger.path("rowsArrived").asLong()).isEqualTo(1);
        assertThat(ledger.path("entries").path(0).path("nextAskAt").asString(""))
                .isNotEmpty();
        assertThat(hub.operator()
                        .get("/api/runs/" + run.path("id").asString() + "/receipt")
                        .text())
                .contains("\"verdict\":\"incomplete\"")
                .contains("arrivedRows");

        upper.lead("people", "a", Way.WHOLE);
        timePasses(source);
        await().atMost(Duration.ofSeconds(60)).until(() -> standings(source).contains("people/a EQUAL"));
        assertThat(standings(source)).containsExactly("houses/a MISSING", "people/a EQUAL", "people/b EQUAL");
        assertThat(count("raw_upper.people")).isEqualTo("3");
        assertThat(hub.bean(JdbcClient.class)
                        .sql("select queued_by from collect_runs where source_id = ? order by queued_at desc limit 1")
                        .param(UUID.fromString(source))
                        .query(String.class)
                        .single())
                .isEqualTo("backflow");

        upper.withdraw("houses", "a");
        timePasses(source);
        await().atMost(Duration.ofSeconds(60)).until(() -> standings(source).contains("houses/a WITHDRAWN"));
        assertThat(ledger(source).path("batchesDiffering").asLong()).isZero();
    }

    @Test
    void onlyAPlatformWithATokenIsTakenAndNobodyElseHasALedger() {
        Answer without = hub.operator()
                .post("/api/sources", Map.of("name", "upper", "departmentId", "police", "location", upper.location()));
        Answer inTheOpen = hub.operator()
                .post(
                        "/api/sources",
                        Map.of(
                                "name", "upper",
                                "departmentId", "police",
                                "location", "platform+http://192.0.2.1/",
                                "password", "token"));

        assertThat(without.code()).isEqualTo("collect.sign_in_refused");
        assertThat(inTheOpen.code()).isEqualTo("collect.address_refused");
        assertThat(ledger(hub.addSource("register", "police")).path("entries")).isEmpty();
    }

    /** Long enough for what is open to be due again. */
    private void timePasses(String source) {
        hub.bean(JdbcClient.class)
                .sql("update collect_deliveries set asked_at = asked_at - interval '1 day' where source_id = ?")
                .param(UUID.fromString(source))
                .update();
    }

    private String count(String table) {
        return hub.operator()
                .post("/api/sql", Map.of("sql", "SELECT count(*) FROM " + table))
                .json()
                .path("rows")
                .path(0)
                .path(0)
                .asString();
    }
}

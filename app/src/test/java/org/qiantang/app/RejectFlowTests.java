package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.collect.internal.Rejects;
import org.qiantang.lake.Upkeep;
import org.qiantang.org.Role;
import tools.jackson.databind.JsonNode;

/** What could not be taken, as people list, take away and replay it. */
class RejectFlowTests {
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
    void rejectsAreListedCountedAndTakenAwayAndStayOpenWhileTheyAreRefused() throws Exception {
        String source = folder("ragged");
        write("ragged", "people.csv", "id,name\n1,王小明\n2,李芳,=cmd()\n3,张伟\n");
        write("ragged", "more.csv", "a,b\n1,2\n3\n4,5,6\n");
        hub.worker.script("ragged", run -> run.reallyCollect());
        hub.collect(source);

        Client engineer = hub.as(Role.ENGINEER);
        JsonNode all = engineer.get("/api/sources/" + source + "/rejects").json();
        assertThat(all.path("total").asLong()).isEqualTo(3);
        JsonNode people = engineer.get("/api/sources/" + source + "/rejects?object=people.csv")
                .json()
                .path("items");
        assertThat(people.size()).isEqualTo(1);
        assertThat(people.path(0).path("raw").asString()).isEqualTo("2,李芳,=cmd()");
        assertThat(people.path(0).path("where").asString()).isEqualTo("line 3");
        assertThat(people.path(0).path("state").asString()).isEqualTo("OPEN");
        assertThat(engineer.get("/api/sources/" + source + "/rejects?code=collect.no_such")
                        .json()
                        .path("total")
                        .asLong())
                .isZero();
        JsonNode counts =
                engineer.get("/api/sources/" + source + "/rejects/counts").json();
        assertThat(counts.size()).isEqualTo(2);
        assertThat(counts.path(0).path("object").asString()).isEqualTo("more.csv");
        assertThat(counts.path(0).path("code").asString()).isEqualTo("collect.ragged_row");
        assertThat(counts.path(0).path("open").asLong()).isEqualTo(2);
        String csv = engineer.get("/api/sources/" + source + "/rejects/export?object=people.csv")
                .text();
        assertThat(csv).startsWith("\uFEFFobject,where,column,code").contains("\"2,李芳,=cmd()\"");
        String lines = engineer.get("/api/sources/" + source + "/rejects/export?format=ndjson")
                .text();
        assertThat(lines.lines()).hasSize(3).allMatch(line -> line.startsWith("{"));
        String blind = hub.as(Role.AUDITOR)
                .get("/api/sources/" + source + "/rejects/export?format=ndjson")
                .text();
        assertThat(blind.lines()).hasSize(3).noneMatch(line -> line.contains("李芳"));

        Answer replayed = engineer.post("/api/sources/" + source + "/rejects/replay", Map.of("object", "people.csv"));
        assertThat(replayed.status()).as(replayed.toString()).isEqualTo(202);
        hub.awaitEnd(replayed.json().path("run").path("id").asString());

        JsonNode after =
                engineer.get("/api/sources/" + source + "/rejects?open=true").json();
        assertThat(after.path("total").asLong()).as("of both tables, each once").isEqualTo(3);
        assertThat(after.path("items").path(2).path("runs").asLong()).isEqualTo(2);
        assertThat(after.path("items").path(0).path("runs").asLong())
                .as("the other table was carried over")
                .isEqualTo(1);
    }

    @Test
    void whatIsTakenNowIsMarkedAndNothingIsEverDeleted() throws Exception {
        String source = folder("fixed");
        write("fixed", "people.csv", "id,name\n1,王小明\n");
        hub.worker.script(
                "fixed",
                run -> {
                    // A rule that refuses what the rules of later runs take.
                    Rejects.Of refused = new Rejects(hub.lake, run.order.runId(), "fixed").of("people.csv");
                    refused.add(new RejectedRow("line 2", "", "collect.ragged_row", "too strict", "1,王小明"));
                    refused.commit();
                    run.reallyCollect();
                },
                run -> run.reallyCollect());
        hub.collect(source);
        Client engineer = hub.as(Role.ENGINEER);
        assertThat(states(engineer, source)).containsExactly("OPEN");

        Answer replayed = engineer.post("/api/sources/" + source + "/rejects/replay", Map.of());
        String run = replayed.json().path("run").path("id").asString();
        hub.awaitEnd(run);

        JsonNode item = engineer.get("/api/sources/" + source + "/rejects")
                .json()
                .path("items")
                .path(0);
        assertThat(item.path("state").asString()).isEqualTo("REPLAYED");
        assertThat(item.path("replay").path("run").asString()).isEqualTo(run);
        assertThat(item.path("replay").path("by").asString()).isEqualTo("engineer");
        assertThat(item.path("replay").path("snapshot").asString())
                .isEqualTo(hub.operator()
                        .get("/api/runs/" + run + "/receipt")
                        .json()
                        .path("receipt")
                        .path("objects")
                        .path(0)
                        .path("snapshotId")
                        .asString());
        assertThat(engineer.post("/api/sources/" + source + "/rejects/replay", Map.of())
                        .code())
                .isEqualTo("collect.nothing_to_replay");

        hub.collect(source);
        new Upkeep(hub.lake, new Upkeep.Policy(Duration.ZERO, 1, Duration.ZERO)).all();

        assertThat(states(engineer, source)).containsExactly("REPLAYED");
    }

    @Test
    void whatTheSourceDoesNotHaveAnyMoreIsKept() throws Exception {
        String source = folder("gone");
        write("gone", "people.csv", "id,name\n1,王小明\n2\n");
        hub.worker.script("gone", run -> run.reallyCollect());
        hub.collect(source);
        write("gone", "people.csv", "id,name\n1,王小明\n3,李芳\n");
        hub.collect(source);

        assertThat(states(hub.as(Role.ENGINEER), source)).containsExactly("SUPERSEDED");
        assertThat(hub.as(Role.ENGINEER)
                        .get("/api/sources/" + source + "/rejects")
                        .json()
                        .path("items")
                        .path(0)
                        .path("raw")
                        .asString())
                .isEqualTo("2");
    }

    private static List<String> states(Client who, String source) {
        return who.get("/api/sources/" + source + "/rejects")
                .json()
                .path("items")
                .valueStream()
                .map(item -> item.path("state").asString())
                .toList();
    }

    private static void write(String source, String file, String content) throws Exception {
        Files.writeString(home.resolve("sources").resolve(source).resolve(file), content);
    }

    private static String folder(String name) throws Exception {
        Path folder = Files.createDirectories(home.resolve("sources").resolve(name));
        return hub.operator()
                .post("/api/sources", Map.of("name", name, "departmentId", "police", "location", folder.toString()))
                .json()
                .path("id")
                .asString();
    }
}

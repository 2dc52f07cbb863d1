package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.app.ScriptedWorker.Table;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.TableCollected;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Sources change their shape: what is noted of it, who is told, and the picture of thousands of tables. */
class DriftTests {
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
    void columnsAndTablesThatChangeAreVersionsWithTheRunThatBroughtThem() {
        Table before = table("public", "person", "id", "name", "phone");
        Table other = table("public", "house", "id", "street");
        Table after = table("public", "person", "id", "name", "email");
        Table renamed = table("public", "home", "id", "street");
        Table added = table("public", "pet", "id", "kind");
        String source = hub.addSource("drift", "police");
        collect(source, "drift", before, other);

        assertThat(versions("raw_drift.public__person")).singleElement().satisfies(version -> {
            assertThat(version.path("version").asInt()).isEqualTo(1);
            assertThat(version.path("changes")).isEmpty();
        });
        String run = collect(source, "drift", after, renamed, added);

        JsonNode newest = versions("raw_drift.public__person").getFirst();
        assertThat(newest.path("version").asInt()).isEqualTo(2);
        assertThat(newest.path("runId").asString()).isEqualTo(run);
        assertThat(newest.path("position").asString()).isEqualTo("0/16B3748");
        assertThat(changes(newest)).containsExactly("COLUMN_NEW email", "COLUMN_GONE phone");
        assertThat(changes(versions("raw_drift.public__house").getFirst())).containsExactly("TABLE_GONE public.house");
        assertThat(changes(versions("raw_drift.public__home").getFirst())).containsExactly("TABLE_RENAMED public.home");
        assertThat(versions("raw_drift.public__home")
                        .getFirst()
                        .path("changes")
                        .path(0)
                        .path("from")
                        .asString())
                .isEqualTo("public.house");
        assertThat(changes(versions("raw_drift.public__pet").getFirst())).containsExactly("TABLE_NEW public.pet");

        collect(source, "drift", after, renamed, added);
        assertThat(versions("raw_drift.public__person")).hasSize(2);
        assertThat(versions("raw_drift.public__house")).hasSize(2);

        collect(source, "drift", after, other, renamed, added);
        assertThat(changes(versions("raw_drift.public__house").getFirst())).containsExactly("TABLE_BACK public.house");
    }

    @Test
    void theDepartmentsOfficerIsToldUntilTakingNoteAndNoOtherOfficerIs() {
        Client own = officer("owner", "culture");
        Client stranger = officer("stranger", "health");
        String source = hub.addSource("told", "culture");
        collect(source, "told", table("public", "book", "id", "title"));
        assertThat(told(own, source)).isEmpty();

        collect(source, "told", table("public", "book", "id", "title", "isbn"));

        assertThat(told(own, source)).singleElement().satisfies(item -> {
            assertThat(item.path("resourceId").asString()).isEqualTo(resource("raw_told.public__book"));
            assertThat(item.path("zh").asString()).contains("结构有变化");
        });
        assertThat(told(stranger, source)).isEmpty();
        assertThat(told(hub.as(Role.ANALYST), source)).hasSize(1);
        String seen = "/api/resources/schemas/seen?resource=" + resource("raw_told.public__book");
        assertThat(stranger.post(seen, null).status()).isEqualTo(204);
        assertThat(told(own, source)).hasSize(1);

        assertThat(own.post(seen, null).status()).isEqualTo(204);
        assertThat(told(own, source)).isEmpty();
        assertThat(told(hub.as(Role.ANALYST), source)).hasSize(1);

        collect(source, "told", table("public", "book", "id", "title", "isbn", "price"));
        assertThat(told(own, source)).hasSize(1);
    }

    @Test
    void aColumnThatTheFollowerSaysWasRenamedStaysAsSensitiveAsItWas() {
        String source = hub.addSource("renaming", "police");
        collect(source, "renaming", CollectionFlowTests.RESIDENT);
        TableName table = new TableName("raw_renaming", "public__resident");
        Resources resources = hub.bean(Resources.class);
        String level = levelOf("raw_renaming.public__resident", "id_number");
        assertThat(level).isGreaterThanOrEqualTo("L3");

        resources.reshaped(
                table, List.of(field("id", 1), field("paper", 0)), Map.of("id_number", "paper"), "0/17", Instant.now());

        JsonNode whole = hub.operator()
                .get("/api/resources/" + resource("raw_renaming.public__resident"))
                .json();
        assertThat(whole.path("columns")).hasSize(2);
        assertThat(whole.path("columns").path(1).path("name").asString()).isEqualTo("paper");
        assertThat(levelOf("raw_renaming.public__resident", "paper")).isEqualTo(level);
        assertThat(whole.path("columns").path(1).path("mask").isNull()).isFalse();
        JsonNode newest = versions("raw_renaming.public__resident").getFirst();
        assertThat(changes(newest)).contains("COLUMN_RENAMED paper", "COLUMN_GONE mobile");
        assertThat(newest.path("position").asString()).isEqualTo("0/17");
        assertThat(newest.path("runId").isNull()).isTrue();
    }

    @Test
    void fiveThousandTablesAreOneAnswerWhoseCountsAreOfAllOfThem() {
        String source = hub.addSource("many", "transport");
        hub.bean(JdbcClient.class).sql("""
                        insert into catalog_resources (id, namespace, table_name, name, title, department_id, source_id, source_name, kind,
                            rows, bytes, as_of, completeness, level, details, search_names, search_titles, search_fields, first_seen)
                        select gen_random_uuid(), 'raw_many', 'public__t' || i, 'public.t' || i, '第' || i || '张表', 'transport',
                            cast(:source as uuid), 'many', 'TABLE', i * 10, i, now() - case when i % 10 = 1 then interval '9 days'
                            else interval '1 hour' end,
                            case when i % 50 = 0 then 'FAILED' when i % 20 = 0 then 'INCOMPLETE' else 'COMPLETE' end, 'L1', '{}', '', '', '',
                            now()
                        from generate_series(1, 5000) i""").param("source", source).update();

        Answer answer = hub.as(Role.OFFICER).get("/api/fleet?department=transport");

        assertThat(answer.body().length).isLessThan(1 << 20);
        JsonNode fleet = answer.json();
        assertThat(fleet.path("total").asInt()).isEqualTo(5000);
        assertThat(count(fleet, "FAILED")).isEqualTo(100);
        assertThat(count(fleet, "INCOMPLETE")).isEqualTo(200);
        assertThat(count(fleet, "LATE")).isEqualTo(500);
        assertThat(count(fleet, "FRESH")).isEqualTo(4200);
        for (String column : List.of("ids", "sources", "names", "titles", "states", "rows", "asOf", "lags")) {
            assertThat(fleet.path("tables").path(column)).as(column).hasSize(5000);
        }
        JsonNode failed = hub.operator()
                .get("/api/fleet?department=transport&state=FAILED&q=" + "public.t4")
                .json();
        assertThat(failed.path("total").asInt()).isEqualTo(22);
        assertThat(count(failed, "LATE")).isGreaterThan(0);
    }

    @Test
    void aPlannedSourceThatDidNotComeIsLate() {
        String source = hub.addSource("planned", "hotline");
        collect(source, "planned", table("public", "gauge", "id"));
        hub.operator().call("PUT", "/api/sources/" + source + "/schedule", Map.of("rhythm", "every 15 minutes"));
        assertThat(stateOf("public.gauge")).isEqualTo("FRESH");

        hub.bean(JdbcClient.class)
                .sql(
                        "update collect_schedules set last_at = now() + interval '1 second', next_at = now() + interval '1 hour'"
                                + " where source_id = cast(? as uuid)")
                .param(source)
                .update();
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(stateOf("public.gauge")).isEqualTo("LATE"));
    }

    private static String levelOf(String lakeTable, String column) {
        for (JsonNode each : hub.operator()
                .get("/api/resources/" + resource(lakeTable))
                .json()
                .path("columns")) {
            if (each.path("name").asString().equals(column)) {
                return each.path("level").asString();
            }
        }
        throw new AssertionError("No column " + column);
    }

    private static String stateOf(String name) {
        JsonNode tables = hub.operator().get("/api/fleet?q=" + name).json().path("tables");
        assertThat(tables.path("names").path(0).asString()).isEqualTo(name);
        return tables.path("states").path(0).asString();
    }

    private static int count(JsonNode fleet, String state) {
        int count = 0;
        for (JsonNode each : fleet.path("counts")) {
            if (each.path("state").asString().equals(state)) {
                count += each.path("tables").asInt();
            }
        }
        return count;
    }

    private static TableCollected.Field field(String name, int key) {
        return new TableCollected.Field(
                name, name, "string", "text", null, true, key, null, null, null, org.qiantang.catalog.Findings.NONE);
    }

    private static Table table(String schema, String name, String... columns) {
        String[] row = new String[columns.length];
        Arrays.fill(row, "1");
        return new Table(schema, name, null, List.of(columns), List.of(List.of(row)));
    }

    private static String collect(String source, String name, Table... tables) {
        hub.worker.script(name, run -> {
            run.discover(tables);
            for (Table table : tables) {
                run.land(table);
            }
        });
        JsonNode run = hub.collect(source);
        assertThat(run.path("state").asString()).as(run.toString()).isEqualTo("COMPLETE");
        return run.path("id").asString();
    }

    private static String resource(String lakeTable) {
        for (JsonNode item :
                hub.operator().get("/api/resources?q=" + lakeTable).json().path("items")) {
            if (item.path("lakeTable").asString().equals(lakeTable)) {
                return item.path("id").asString();
            }
        }
        throw new AssertionError("No resource " + lakeTable);
    }

    private static List<JsonNode> versions(String lakeTable) {
        List<JsonNode> versions = new ArrayList<>();
        hub.operator()
                .get("/api/resources/" + resource(lakeTable) + "/schemas")
                .json()
                .path("versions")
                .forEach(versions::add);
        return versions;
    }

    private static List<String> changes(JsonNode version) {
        List<String> changes = new ArrayList<>();
        version.path("changes")
                .forEach(change -> changes.add((change.path("kind").asString() + " "
                                + change.path("name").asString())
                        .strip()));
        return changes;
    }

    private static List<JsonNode> told(Client who, String source) {
        List<JsonNode> told = new ArrayList<>();
        who.get("/api/overview").json().path("attention").forEach(item -> {
            if (item.path("kind").asString().equals("SCHEMA_CHANGED")
                    && item.path("sourceId").asString().equals(source)) {
                told.add(item);
            }
        });
        return told;
    }

    private static Client officer(String name, String department) {
        Department own = hub.bean(Departments.class).get(department);
        String password = UUID.randomUUID().toString();
        hub.bean(Accounts.class).ensure(new Account(name, name, Set.of(Role.OFFICER), own), password);
        Client client = hub.anonymous();
        client.get("/api/health");
        assertThat(client.post("/api/session", Map.of("username", name, "password", password))
                        .status())
                .isEqualTo(200);
        return client;
    }
}

package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.demo.CityFolder;
import org.qiantang.catalog.Classifier;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.Entries;
import org.qiantang.catalog.Entry;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.TableCollected;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.qiantang.share.Applications;
import org.qiantang.share.Asked;
import org.qiantang.share.Carts;
import org.qiantang.share.Grants;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** A system that holds a stream open hears what changes, goes on where it was after its line was lost, and is told when it is over. */
class SubscriptionStreamTests {
    private static final Account ENGINEER = new Account("wu", "wu", Set.of(Role.ENGINEER), null);

    @TempDir
    Path folder;

    private RunningHub hub;
    private TableName table;
    private Account receiver;
    private Account provider;

    @BeforeEach
    void open() throws IOException {
        hub = new RunningHub(folder);
        var departments = CityFolder.builtIn().departments();
        provider =
                officer("provider", departments.get(0).id(), departments.get(0).name());
        receiver =
                officer("officer", departments.get(1).id(), departments.get(1).name());
        hub.bean(JdbcClient.class)
                .sql("update org_accounts set department_id = ? where username = 'officer'")
                .param(receiver.department().id())
                .update();
        table = new TableName("raw_provider", "resident");
    }

    private static Account officer(String name, String department, String named) {
        return new Account(name, name, Set.of(Role.OFFICER), new Department(department, named, named));
    }

    @AfterEach
    void close() {
        hub.close();
    }

    @Test
    void whoHoldsAStreamOpenHearsWhatChangesGoesOnWhereTheyWereAndIsToldOfTheEnd() throws Exception {
        hold("('1')", "('2')");
        UUID grant = granted();
        RunningHub.Client officer = hub.as(Role.OFFICER);
        RunningHub.Answer made = officer.post(
                "/api/exchange/subscriptions",
                Map.of(
                        "grant",
                        grant,
                        "table",
                        Map.of("namespace", table.namespace(), "name", table.name()),
                        "title",
                        "区划变更",
                        "delivery",
                        "STREAM",
                        "from",
                        "earliest"));
        assertThat(made.status()).as(made.toString()).isEqualTo(201);
        String path = "/api/exchange/subscriptions/"
                + made.json().path("subscription").path("id").asString();

        String second;
        Map<String, String> session =
                Map.of("Cookie", "QTSESSION=" + officer.cookie("QTSESSION").orElseThrow());
        try (Stream stream = new Stream(session, path, null)) {
            assertThat(stream.next())
                    .containsEntry("event", "change")
                    .satisfies(event -> assertThat(event.get("data")).contains("org.qiantang.change.reset"));
            Map<String, String> first = stream.next();
            assertThat(first.get("data")).contains("\"area\":\"1\"");
            second = first.get("id");
        }
        try (Stream stream = new Stream(session, path, second)) {
            assertThat(stream.next().get("data")).contains("\"area\":\"2\"");
            hold("('2')", "('3')");
            assertThat(stream.next().get("data"))
                    .contains("org.qiantang.change.delete")
                    .contains("\"area\":\"1\"");
            assertThat(stream.next().get("data"))
                    .contains("org.qiantang.change.insert")
                    .contains("\"area\":\"3\"");
            hub.bean(Grants.class).suspend(provider, grant, "核查使用情况");
            assertThat(stream.next())
                    .containsEntry("event", "end")
                    .satisfies(event -> assertThat(event.get("data")).contains("catalog.no_such_grant"));
            assertThat(stream.next()).isEmpty();
        }
        assertThat(officer.get(path + "/stream").status()).isEqualTo(403);
        assertThat(hub.as(Role.ENGINEER).get(path + "/events").status()).isEqualTo(403);
        assertThat(hub.as(Role.AUDITOR)
                        .get(path)
                        .json()
                        .path("halt")
                        .path("code")
                        .asString())
                .isEqualTo("catalog.no_such_grant");
    }

    private String subscribed(RunningHub.Client officer, UUID grant, String delivery) {
        RunningHub.Answer made = officer.post(
                "/api/exchange/subscriptions",
                Map.of(
                        "grant",
                        grant,
                        "table",
                        Map.of("namespace", table.namespace(), "name", table.name()),
                        "title",
                        "区划变更",
                        "delivery",
                        delivery,
                        "from",
                        "earliest"));
        assertThat(made.status()).as(made.toString()).isEqualTo(201);
        return made.json().path("subscription").path("id").asString();
    }

    private KeyPair registered(String client, String department) {
        KeyPair key = Programs.newKey();
        RunningHub.Answer made = hub.as(Role.ENGINEER)
                .post(
                        "/api/clients",
                        Map.of(
                                "id",
                                client,
                                "title",
                                "业务系统",
                                "department",
                                department,
                                "publicKey",
                                Programs.pem(key)));
        assertThat(made.status()).as(made.toString()).isEqualTo(201);
        return key;
    }

    private void mayHave(String client, String... scopes) {
        RunningHub.Answer set = hub.as(Role.ENGINEER)
                .call("PUT", "/api/clients/" + client + "/scopes", Map.of("scopes", List.of(scopes)));
        assertThat(set.status()).as(set.toString()).isEqualTo(200);
    }

    private static void needs(String scope, RunningHub.Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("invoke.scope_missing");
        assertThat(answer.headers().firstValue("WWW-Authenticate"))
                .contains("Bearer error=\"insufficient_scope\", scope=\"" + scope + "\"");
    }

    private String token(String scope, String client, KeyPair key) {
        RunningHub.Answer given = new Programs(hub).tokenFor(scope, client, key);
        assertThat(given.status()).as(given.toString()).isEqualTo(200);
        assertThat(given.json().path("scope").asString()).isEqualTo(scope);
        return given.json().path("access_token").asString();
    }

    @Test
    void programTakesItsDepartmentsChangesAndFilesByAScopeOfTheirOwnAndNothingElse() throws Exception {
        hold("('1')", "('2')");
        UUID grant = granted();
        Programs programs = new Programs(hub);
        String feed = "/feeds/" + subscribed(hub.as(Role.OFFICER), grant, "PULL");
        KeyPair key = registered("rescue", receiver.department().id());

        needs("subscriptions", programs.get(feed + "/events", programs.token("rescue", key)));
        assertThat(programs.tokenFor("subscriptions", "rescue", key)
                        .json()
                        .path("error")
                        .asString())
                .isEqualTo("invalid_scope");
        mayHave("rescue", "SERVICES", "SUBSCRIPTIONS", "EXTRACTS");
        needs("subscriptions", programs.get(feed + "/events", programs.token("rescue", key)));

        String pulling = token("subscriptions", "rescue", key);
        RunningHub.Answer events = programs.get(feed + "/events", pulling);
        assertThat(events.status()).as(events.toString()).isEqualTo(200);
        assertThat(events.json().path("events")).hasSize(3);
        String position = events.json().path("position").asString();
        RunningHub.Answer acknowledged = programs.post(feed + "/acknowledge", pulling, Map.of("position", position));
        assertThat(acknowledged.status()).as(acknowledged.toString()).isEqualTo(200);
        assertThat(acknowledged.json().path("position").asString()).isEqualTo(position);
        assertThat(programs.get("/feeds", pulling).json()).hasSize(1);
        assertThat(hub.bean(JdbcClient.class)
                        .sql(
                                "select who || '|' || purpose || '|' || rows from catalog_access where purpose = 'subscription' order by id desc limit 1")
                        .query(String.class)
                        .single())
                .isEqualTo("client:rescue|subscription|2");
        needs("services", programs.get("/services/nothing/v1/mock", pulling));
        UUID resource = hub.bean(Resources.class).find(table).orElseThrow().id();
        needs("extracts", programs.post("/extracts/" + resource, pulling, Map.of("grant", grant)));

        String taking = token("extracts", "rescue", key);
        RunningHub.Answer file =
                programs.post("/extracts/" + resource, taking, Map.of("grant", grant, "caseNumber", "JZ-1"));
        assertThat(file.status()).as(file.toString()).isEqualTo(200);
        assertThat(new String(file.body(), 0, 4, StandardCharsets.US_ASCII)).isEqualTo("PAR1");
        assertThat(file.headers().firstValue("Qiantang-Rows")).contains("2");
        assertThat(file.headers().firstValue("Qiantang-Evidence")).isPresent();
        assertThat(programs.post("/extracts/" + resource, taking, Map.of()).code())
                .isEqualTo("catalog.no_grant_named");
        assertThat(programs.get("/api/exchange/subscriptions", pulling).status())
                .isEqualTo(401);

        KeyPair other = registered("stranger", provider.department().id());
        mayHave("stranger", "SUBSCRIPTIONS", "EXTRACTS");
        String strange = token("subscriptions", "stranger", other);
        assertThat(programs.get(feed + "/events", strange).status()).isEqualTo(404);
        assertThat(programs.get(feed, strange).status()).isEqualTo(200); // who gives the data sees who is told of it
        assertThat(programs.post("/extracts/" + resource, token("extracts", "stranger", other), Map.of("grant", grant))
                        .code())
                .isEqualTo("catalog.no_such_grant");
        mayHave("rescue", "SERVICES");
        needs("subscriptions", programs.get(feed + "/events", pulling));
    }

    @Test
    void lineOfAProgramEndsWhenItMayNotAnyMore() throws Exception {
        hold("('1')");
        UUID grant = granted();
        String feed = "/feeds/" + subscribed(hub.as(Role.OFFICER), grant, "STREAM");
        KeyPair key = registered("rescue", receiver.department().id());
        mayHave("rescue", "SUBSCRIPTIONS");
        String token = token("subscriptions", "rescue", key);

        try (Stream stream = new Stream(Map.of("Authorization", "Bearer " + token), feed, null)) {
            assertThat(stream.next().get("data")).contains("org.qiantang.change.reset");
            assertThat(stream.next().get("data")).contains("\"area\":\"1\"");
            mayHave("rescue", "SERVICES");
            assertThat(stream.next())
                    .containsEntry("event", "end")
                    .satisfies(event -> assertThat(event.get("data")).contains("exchange.token_ended"));
            assertThat(stream.next()).isEmpty();
        }
    }

    @Test
    void clientsInJavaAndTypeScriptTakeAFeedAndGoOnWhereTheyWere() throws Exception {
        hold("('1')", "('2')");
        String feed = "/feeds/" + subscribed(hub.as(Role.OFFICER), granted(), "PULL");
        KeyPair key = registered("rescue", receiver.department().id());
        mayHave("rescue", "SUBSCRIPTIONS");
        Path pem = Files.writeString(folder.resolve("rescue.pem"), Programs.privatePem(key));
        Path repository = ErrorsDocumentTest.repository();

        assertThat(ran(
                        pem,
                        feed,
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        repository.resolve("docs/clients/ServiceClient.java").toString()))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("reset"),
                        line -> assertThat(line).startsWith("insert").contains("\"area\":\"1\""),
                        line -> assertThat(line).startsWith("insert").contains("\"area\":\"2\""));
        hold("('2')", "('3')");
        Assumptions.assumeTrue(
                Files.isDirectory(repository.resolve("web/node_modules/typescript")), "npm ci has not run");
        Path script = Files.createTempFile(folder, "run", ".mjs");
        Files.write(
                script,
                SubscriptionStreamTests.class
                        .getResourceAsStream("/clients/run-typescript.mjs")
                        .readAllBytes());
        assertThat(ran(
                        pem,
                        feed,
                        "node",
                        script.toString(),
                        repository.resolve("web").toString(),
                        repository.resolve("docs/clients/service-client.ts").toString(),
                        folder.resolve("service-client.mjs").toString()))
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("delete").contains("\"area\":\"1\""),
                        line -> assertThat(line).startsWith("insert").contains("\"area\":\"3\""));
    }

    private List<String> ran(Path pem, String feed, String... command) throws Exception {
        List<String> whole = new ArrayList<>(List.of(command));
        whole.addAll(List.of(hub.uri("/").toString(), "rescue", pem.toString(), feed));
        Path out = folder.resolve("client.out");
        Path said = folder.resolve("client.err");
        Process process = new ProcessBuilder(whole)
                .redirectOutput(out.toFile())
                .redirectError(said.toFile())
                .start();
        boolean ended = process.waitFor(120, TimeUnit.SECONDS);
        assertThat(ended).isTrue();
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        return Files.readAllLines(out);
    }

    /** What comes on a line that is held open. */
    private final class Stream implements AutoCloseable {
        private final HttpClient client = HttpClient.newHttpClient();
        private final BufferedReader lines;

        Stream(Map<String, String> shown, String path, String last) throws IOException, InterruptedException {
            HttpRequest.Builder request = HttpRequest.newBuilder(hub.uri(path + "/stream"));
            shown.forEach(request::header);
            if (last != null) {
                request.header("Last-Event-ID", last);
            }
            HttpResponse<java.io.InputStream> answer =
                    client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            assertThat(answer.statusCode()).isEqualTo(200);
            lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8));
        }

        /** The next event; empty at the end. */
        Map<String, String> next() throws IOException {
            Map<String, String> event = new HashMap<>();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.isEmpty() && !event.isEmpty()) {
                    return event;
                }
                int colon = line.indexOf(':');
                if (colon > 0) {
                    event.put(
                            line.substring(0, colon), line.substring(colon + 1).strip());
                }
            }
            return event;
        }

        @Override
        public void close() {
            client.shutdownNow();
        }
    }

    private void hold(String... rows) {
        hub.lake.derive(new Derivation(
                UUID.randomUUID().toString(),
                table,
                "SELECT * FROM (VALUES " + String.join(", ", rows) + ") AS r(area)",
                List.of(),
                Map.of(),
                Map.of()));
    }

    private UUID granted() {
        hub.bean(TransactionTemplate.class)
                .executeWithoutResult(status -> hub.bean(Resources.class)
                        .record(new TableCollected(
                                UUID.randomUUID(),
                                UUID.randomUUID(),
                                "provider",
                                provider.department().id(),
                                table,
                                "TABLE",
                                "public.resident",
                                "resident",
                                Completeness.COMPLETE,
                                Instant.now(),
                                null,
                                new TableCollected.Landed(1, 2, 100),
                                List.of(new TableCollected.Field(
                                        "area",
                                        "area",
                                        "string",
                                        "text",
                                        null,
                                        true,
                                        0,
                                        0L,
                                        null,
                                        null,
                                        Classifier.look("string", List.of("1", "2")))),
                                Map.of())));
        UUID resource = hub.bean(Resources.class).find(table).orElseThrow().id();
        Entries entries = hub.bean(Entries.class);
        UUID id = entries.findByResource(resource).orElseThrow();
        Entry entry = entries.get(id);
        Entry.Statement draft = entry.statement();
        entry = entries.save(
                id,
                entry.revision(),
                new Entry.Statement(
                        "307001",
                        draft.title(),
                        null,
                        "登记的全部记录",
                        Guide.Theme.PUBLIC_SERVICE,
                        Guide.Format.DATABASE,
                        draft.items(),
                        Guide.ShareClass.CONDITIONAL,
                        "凭事项共享",
                        Guide.ShareMode.DB_TABLE,
                        Guide.OpenClass.FORBIDDEN,
                        null,
                        Guide.UpdateCycle.DAILY,
                        List.of()),
                provider);
        entry = entries.submit(id, entry.revision(), provider);
        entry = entries.take(id, entry.revision(), ENGINEER);
        entries.publish(id, entry.revision(), null, ENGINEER);
        hub.bean(Carts.class).add(receiver, id);
        Applications applications = hub.bean(Applications.class);
        UUID application = applications.begin(receiver).application().id();
        LocalDate today = LocalDate.now(ZoneId.of("Asia/Shanghai"));
        List<Asked.Table> tables = new ArrayList<>();
        tables.add(new Asked.Table(id, List.of(new Asked.Field("area", "clear", "核对区划")), List.of(), null));
        applications.save(
                receiver,
                application,
                0,
                new Asked(
                        "区划核对",
                        "办法第十七条",
                        "核对区划",
                        today,
                        today.plusDays(300),
                        1_000,
                        10_000,
                        "业务系统",
                        3,
                        "0571-85000000",
                        true,
                        tables));
        applications.submit(receiver, application);
        applications.pass(ENGINEER, application, null);
        UUID part = applications
                .get(receiver, application)
                .parts()
                .getFirst()
                .part()
                .id();
        applications.grantPart(provider, part, null, null);
        return hub.bean(Grants.class)
                .list(receiver, Grants.Of.RECEIVED)
                .getFirst()
                .id();
    }
}

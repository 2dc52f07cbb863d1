package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Departments;
import org.qiantang.org.Role;
import tools.jackson.databind.JsonNode;

/** What departments state of their data, over the API: from a collected table to what other portals harvest. */
@TestMethodOrder(org.junit.jupiter.api.MethodOrderer.OrderAnnotation.class)
class DirectoryTests {
    @TempDir
    static Path home;

    private static RunningHub hub;
    private static Client officer;
    private static String id;

    @BeforeAll
    static void collect() throws Exception {
        hub = new RunningHub(home);
        hub.worker.script("police", run -> {
            run.discover(CollectionFlowTests.RESIDENT, CollectionFlowTests.STATION);
            run.land(CollectionFlowTests.RESIDENT);
            run.land(CollectionFlowTests.STATION);
        });
        hub.collect(hub.addSource("police", "police"));
        hub.bean(Accounts.class)
                .ensure(
                        new Account(
                                "officer-police",
                                "officer-police",
                                Set.of(Role.OFFICER),
                                hub.bean(Departments.class).get("police")),
                        "only for tests: police");
        officer = hub.anonymous();
        officer.get("/api/health");
        Answer in = officer.post(
                "/api/session", Map.of("username", "officer-police", "password", "only for tests: police"));
        assertThat(in.status()).isEqualTo(200);
        id = hub.operator()
                .get("/api/directory?q=" + encoded("常住人口"))
                .json()
                .path("items")
                .get(0)
                .path("id")
                .asString();
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private static String encoded(String text) {
        return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
    }

    private static Map<String, Object> statement(String title) {
        return Map.ofEntries(
                Map.entry("classification", "306001"),
                Map.entry("title", title),
                Map.entry("summary", "本市常住人口的登记。"),
                Map.entry("theme", "PUBLIC_SERVICE"),
                Map.entry("format", "DATABASE"),
                Map.entry("items", List.of(Map.of("name", "姓名", "column", "xm", "type", "C"))),
                Map.entry("shareClass", "CONDITIONAL"),
                Map.entry("shareCondition", "限办理政务服务事项时核验"),
                Map.entry("shareMode", "API"),
                Map.entry("openClass", "FORBIDDEN"),
                Map.entry("updateCycle", "DAILY"),
                Map.entry("relatedResourceCodes", List.of()));
    }

    private static Answer step(Client who, String step, int revision, String words) {
        return who.post("/api/directory/" + id + "/" + step, Map.of("revision", revision, "words", words));
    }

    @Test
    @org.junit.jupiter.api.Order(1)
    void aDraftIsThereAsSoonAsATableIs() {
        JsonNode page = officer.get("/api/directory").json();
        JsonNode draft = officer.get("/api/directory/" + id).json();

        assertThat(page.path("total").asInt()).isEqualTo(2);
        assertThat(page.path("facets").toString()).contains("\"value\":\"DRAFT\",\"count\":2");
        assertThat(draft.path("state").asString()).isEqualTo("DRAFT");
        assertThat(draft.path("discovered").asBoolean()).isTrue();
        assertThat(draft.path("acts").toString()).isEqualTo("[\"EDIT\",\"SUBMIT\"]");
        assertThat(draft.path("statement").path("items").size()).isGreaterThan(3);
        assertThat(draft.path("violations").toString())
                .contains("directory.classification_missing")
                .contains("shareClass")
                .contains("请选择共享类型");
        assertThat(hub.as(Role.ANALYST).get("/api/directory/" + id).json().path("acts"))
                .isEmpty();
    }

    @Test
    @org.junit.jupiter.api.Order(2)
    void itsDepartmentWritesItAndTheBureauPublishesIt() {
        Answer tooEarly = step(officer, "submit", 0, "");
        assertThat(tooEarly.code()).isEqualTo("directory.incomplete");
        assertThat(tooEarly.status()).isEqualTo(422);
        assertThat(tooEarly.json().path("violations").get(0).path("field").asString())
                .isNotEmpty();
        Answer notTheirs = hub.as(Role.OFFICER)
                .call("PUT", "/api/directory/" + id, Map.of("revision", 0, "statement", statement("人口")));
        assertThat(notTheirs.code()).isEqualTo("directory.not_yours");

        Answer saved =
                officer.call("PUT", "/api/directory/" + id, Map.of("revision", 0, "statement", statement("常住人口登记")));
        Answer conflict =
                officer.call("PUT", "/api/directory/" + id, Map.of("revision", 0, "statement", statement("另一个标题")));
        Answer nonsense = officer.call(
                "PUT",
                "/api/directory/" + id,
                Map.of("revision", 1, "statement", Map.of("classification", "x".repeat(300))));
        Answer submitted = step(officer, "submit", 1, "");
        Answer taken = step(hub.as(Role.ENGINEER), "take", 2, "");
        Answer published = step(hub.as(Role.ENGINEER), "publish", 3, "");

        assertThat(saved.json().path("violations")).isEmpty();
        assertThat(conflict.status()).isEqualTo(409);
        assertThat(conflict.json()
                        .path("current")
                        .path("statement")
                        .path("title")
                        .asString())
                .isEqualTo("常住人口登记");
        assertThat(conflict.json().path("yours").path("title").asString()).isEqualTo("另一个标题");
        assertThat(nonsense.code()).isEqualTo("core.bad_request");
        assertThat(submitted.json().path("state").asString()).isEqualTo("SUBMITTED");
        assertThat(taken.json().path("acts").toString()).isEqualTo("[\"RETURN\",\"PUBLISH\"]");
        assertThat(published.json().path("resourceCode").asString()).isEqualTo("306001/1");
        assertThat(published.json().path("events").get(0).path("who").asString())
                .isEqualTo("engineer");
        assertThat(officer.get("/api/directory/" + id + "/versions").json()).hasSize(1);
    }

    @Test
    @org.junit.jupiter.api.Order(3)
    void otherPortalsGetTheFormTheyAskFor() throws Exception {
        assertThat(dcat("", "text/turtle").body()).contains("@prefix dcat:").contains("常住人口登记");
        assertThat(dcat("", "application/rdf+xml").body()).startsWith("<?xml").contains("常住人口登记");
        assertThat(dcat("", "application/ld+json").headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/ld+json"));
        assertThat(dcat("", "application/rdf+xml;q=0.2, text/turtle;q=0.9").body())
                .contains("@prefix dcat:");
        assertThat(dcat("?form=TURTLE", "*/*").body()).contains("@prefix dcat:");
        assertThat(dcat("", "image/png").statusCode()).isEqualTo(406);
    }

    private static HttpResponse<String> dcat(String query, String accept) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(hub.uri("/api/directory/dcat" + query))
                            .header("Authorization", "Bearer " + RunningHub.OPERATOR_TOKEN)
                            .header("Accept", accept)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}

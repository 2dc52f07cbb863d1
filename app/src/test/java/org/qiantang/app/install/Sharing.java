package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The way from a collected table to a grant, as the people of two departments and the bureau go it on a trial installation. */
final class Sharing {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Home home;
    private final String url;

    Sharing(Home home, String url) {
        this.home = home;
        this.url = url;
    }

    /** Somebody of the trial, signed in. */
    Visitor as(String username) throws Exception {
        return Visitor.signedIn(
                url,
                username,
                Secrets.of(home).trialAccounts().stream()
                        .filter(account -> account.username().equals(username))
                        .findFirst()
                        .orElseThrow()
                        .password());
    }

    /**
     * What the trial's {@code officer} gives to its {@code applicant}.
     *
     * @param table of the officer's department, in the lake
     * @param fields how each is shown
     * @return the grant's id
     */
    String grant(String table, Map<String, String> fields, int rowsADay) throws Exception {
        String resource = resource(table);
        String entry = publish(resource);
        Visitor applicant = as("applicant");
        call(applicant, "PUT", "/api/share/cart/resources/" + resource, Map.of());
        String id = call(applicant, "POST", "/api/share/applications", Map.of())
                .path("application")
                .path("id")
                .asString();
        LocalDate today = LocalDate.now(ZoneId.of("Asia/Shanghai"));
        List<Map<String, String>> asked = fields.entrySet().stream()
                .map(field -> Map.of("name", field.getKey(), "showing", field.getValue(), "reason", "按申请人核对"))
                .toList();
        call(
                applicant,
                "PUT",
                "/api/share/applications/" + id,
                Map.of(
                        "revision",
                        0,
                        "asked",
                        Map.ofEntries(
                                Map.entry("scenario", "低保资格复核"),
                                Map.entry("legalBasis", "《社会救助暂行办法》第十七条"),
                                Map.entry("purpose", "核对申请人的情况"),
                                Map.entry("from", today.toString()),
                                Map.entry("to", today.plusMonths(6).toString()),
                                Map.entry("callsADay", 1_000),
                                Map.entry("rowsADay", rowsADay),
                                Map.entry("system", "大救助系统"),
                                Map.entry("systemLevel", 3),
                                Map.entry("contact", "0571-12345"),
                                Map.entry("undertaken", true),
                                Map.entry(
                                        "tables",
                                        List.of(Map.of("entry", entry, "fields", asked, "rows", List.of()))))));
        call(applicant, "POST", "/api/share/applications/" + id + "/submit", Map.of());
        String part = call(as("engineer"), "POST", "/api/share/applications/" + id + "/pass", Map.of())
                .path("parts")
                .get(0)
                .path("part")
                .path("id")
                .asString();
        return call(as("officer"), "POST", "/api/share/parts/" + part + "/grant", Map.of())
                .path("parts")
                .get(0)
                .path("part")
                .path("grant")
                .asString();
    }

    String resource(String table) throws Exception {
        return get(as("engineer"), "/api/resources?limit=200")
                .path("items")
                .valueStream()
                .filter(each -> each.path("lakeTable").asString().equals(table))
                .findFirst()
                .orElseThrow()
                .path("id")
                .asString();
    }

    String publish(String resource) throws Exception {
        Visitor officer = as("officer");
        JsonNode draft = IntStream.iterate(0, offset -> offset < 1_000, offset -> offset + 100)
                .boxed()
                .flatMap(offset -> get(officer, "/api/directory?limit=100&offset=" + offset)
                        .path("items")
                        .valueStream())
                .map(each -> get(officer, "/api/directory/" + each.path("id").asString()))
                .filter(each -> each.path("resource").asString("").equals(resource))
                .findFirst()
                .orElseThrow();
        String entry = "/api/directory/" + draft.path("id").asString();
        int revision = draft.path("revision").asInt();
        Map<String, Object> statement = Map.ofEntries(
                Map.entry("classification", "306001"),
                Map.entry("title", "居民登记"),
                Map.entry("summary", "本市居民的登记。"),
                Map.entry("theme", "PUBLIC_SERVICE"),
                Map.entry("format", "DATABASE"),
                Map.entry("items", draft.path("statement").path("items")),
                Map.entry("shareClass", "CONDITIONAL"),
                Map.entry("shareCondition", "限办理政务服务事项时核验"),
                Map.entry("shareMode", "API"),
                Map.entry("openClass", "FORBIDDEN"),
                Map.entry("updateCycle", "DAILY"),
                Map.entry("relatedResourceCodes", List.of()));
        call(officer, "PUT", entry, Map.of("revision", revision, "statement", statement));
        call(officer, "POST", entry + "/submit", Map.of("revision", revision + 1, "words", ""));
        Visitor engineer = as("engineer");
        call(engineer, "POST", entry + "/take", Map.of("revision", revision + 2, "words", ""));
        call(engineer, "POST", entry + "/publish", Map.of("revision", revision + 3, "words", ""));
        return draft.path("id").asString();
    }

    static JsonNode get(Visitor who, String path) {
        try {
            return JSON.readTree(who.get(path, "en").body());
        } catch (Exception e) {
            throw new IllegalStateException(path, e);
        }
    }

    /** Does something that has to succeed. */
    static JsonNode call(Visitor who, String method, String path, Map<String, ?> body) throws Exception {
        HttpResponse<String> answer = who.send(method, path, "application/json", JSON.writeValueAsString(body));
        assertThat(answer.statusCode()).as(path + " " + answer.body()).isLessThan(300);
        return answer.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(answer.body());
    }
}

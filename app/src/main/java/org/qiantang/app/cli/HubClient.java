package org.qiantang.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Speaks to a hub's API as the operator of its home. */
public final class HubClient {
    private static final Set<String> ENDED = Set.of("COMPLETE", "INCOMPLETE", "FAILED", "CANCELLED");
    private static final Duration FIRST_LOOK = Duration.ofMillis(50);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int PAGE = 200;

    private final HttpClient http;
    private final URI base;
    private final String token;
    private final String language;

    /** What the hub answered instead of the thing asked for. */
    public static final class Refusal extends RuntimeException {
        private final int status;
        private final JsonNode problem;

        Refusal(int status, JsonNode problem) {
            super(message(status, problem));
            this.status = status;
            this.problem = problem;
        }

        public int status() {
            return status;
        }

        /** The stable code, such as {@code collect.already_running}; empty when the answer had none. */
        public String code() {
            return problem.path("code").asString("");
        }

        JsonNode problem() {
            return problem;
        }

        private static String message(int status, JsonNode problem) {
            String text = problem.path("detail").asString(problem.path("title").asString(""));
            String code = problem.path("code").asString("");
            return (text.isEmpty() ? "The hub answered " + status : text) + (code.isEmpty() ? "" : " [" + code + "]");
        }
    }

    /**
     * @param url of the hub, such as {@code http://127.0.0.1:8080/}
     * @param language of its sentences: {@code zh-CN} or {@code en}
     */
    public HubClient(String url, String token, String language) {
        this.base = URI.create(requireNonNull(url, "url is null"));
        this.token = requireNonNull(token, "token is null");
        this.language = requireNonNull(language, "language is null");
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /** The city at a glance. */
    public JsonNode overview() {
        return get("api/overview");
    }

    public List<JsonNode> listDepartments() {
        return list(get("api/departments"));
    }

    public List<JsonNode> listSources() {
        return list(get("api/sources"));
    }

    public Optional<JsonNode> findSource(String name) {
        return listSources().stream()
                .filter(source -> source.path("name").asString("").equals(name))
                .findFirst();
    }

    /** Registers a source and returns it. */
    public JsonNode createSource(
            String name, String title, String departmentId, String location, String username, String password) {
        return createSource(name, title, departmentId, location, username, password, Map.of());
    }

    /** @param settings what its kind needs beyond address and account */
    public JsonNode createSource(
            String name,
            String title,
            String departmentId,
            String location,
            String username,
            String password,
            Map<String, String> settings) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("name", name);
        body.put("title", title);
        body.put("departmentId", departmentId);
        body.put("location", location);
        body.put("username", username);
        body.put("password", password);
        body.put("settings", settings);
        return post("api/sources", body);
    }

    /** Starts a run of a source, or returns the one that is running already. */
    public JsonNode startRun(String sourceId) {
        try {
            return post("api/sources/" + encoded(sourceId) + "/runs", null);
        } catch (Refusal refusal) {
            JsonNode running = refusal.problem().path("run");
            if (refusal.code().equals("collect.already_running") && running.isObject()) {
                return running;
            }
            throw refusal;
        }
    }

    /** How a source is followed. */
    public JsonNode getFollowing(String sourceId) {
        return get("api/sources/" + encoded(sourceId) + "/following");
    }

    /** Asks for a source's changes to be followed. */
    public JsonNode startFollowing(String sourceId) {
        return post("api/sources/" + encoded(sourceId) + "/following", null);
    }

    /** What another platform says it has sent against what arrived. */
    public JsonNode getDeliveries(String sourceId) {
        return get("api/sources/" + encoded(sourceId) + "/deliveries");
    }

    /** Ends the following of a source. */
    public JsonNode stopFollowing(String sourceId) {
        return json(
                send(request("api/sources/" + encoded(sourceId) + "/following").DELETE()));
    }

    /** Starts to hold the lake against a source; all tables where none is named. */
    public JsonNode startVerification(String sourceId, Map<String, Object> wanted) {
        return post("api/sources/" + encoded(sourceId) + "/verification", new TreeMap<>(wanted));
    }

    public JsonNode getVerification(String id) {
        return get("api/verifications/" + encoded(id));
    }

    /** How many rejects a source has, by object and code. */
    public List<JsonNode> countRejects(String sourceId) {
        return list(get("api/sources/" + encoded(sourceId) + "/rejects/counts"));
    }

    /** The rejects of a source as a file, as it is produced. The caller closes it. */
    public InputStream exportRejects(String sourceId, String object, String code, String format) {
        return send(request("api/sources/" + encoded(sourceId) + "/rejects/export?format=" + encoded(format)
                        + "&object=" + encoded(object) + "&code=" + encoded(code)))
                .body();
    }

    /** Has what was refused read again; returns the run that does, or what became of messages. */
    public JsonNode replayRejects(String sourceId, String object, String code) {
        return post(
                "api/sources/" + encoded(sourceId) + "/rejects/replay",
                new TreeMap<>(Map.of("object", object, "code", code)));
    }

    /** Whether a run, as the hub tells of it, has come to an end of whichever kind. */
    public static boolean hasEnded(JsonNode run) {
        return ENDED.contains(run.path("state").asString(""));
    }

    public JsonNode getRun(String runId) {
        return get("api/runs/" + encoded(runId));
    }

    /** How far a run is, without what it found: that may be thousands of tables. */
    public JsonNode getRunSummary(String runId) {
        return get("api/runs/" + encoded(runId) + "?objects=false");
    }

    /** Newest first. */
    public List<JsonNode> listRuns(String sourceId) {
        return list(get("api/sources/" + encoded(sourceId) + "/runs"));
    }

    /** The signed receipt, byte for byte as the hub keeps it. */
    public String getReceipt(String runId) {
        HttpResponse<InputStream> response = send(request("api/runs/" + encoded(runId) + "/receipt"));
        return new String(bytes(response), UTF_8);
    }

    /** Every table of the catalogue. */
    public List<JsonNode> listTables() {
        List<JsonNode> all = new ArrayList<>();
        while (true) {
            JsonNode page = get("api/resources?offset=" + all.size() + "&limit=" + PAGE);
            List<JsonNode> items = list(page.path("items"));
            all.addAll(items);
            if (items.isEmpty() || all.size() >= page.path("total").asInt(0)) {
                return all;
            }
        }
    }

    /** What the city has that answers. */
    public JsonNode search(String text, int limit) {
        return get("api/search?limit=" + limit + "&q=" + encoded(text));
    }

    public JsonNode query(String sql, Optional<String> asOf) {
        return post("api/sql", sqlBody(sql, asOf));
    }

    /** The result of a query as CSV, as it is produced. The caller closes it. */
    public InputStream exportCsv(String sql, Optional<String> asOf) {
        return send(request("api/sql/export?format=csv")
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(JSON.writeValueAsString(sqlBody(sql, asOf)))))
                .body();
    }

    private static Map<String, Object> sqlBody(String sql, Optional<String> asOf) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("sql", sql);
        asOf.ifPresent(at -> body.put("asOf", at));
        return body;
    }

    public List<JsonNode> listMappings() {
        return list(get("api/mappings"));
    }

    public JsonNode getMapping(String table) {
        return get("api/mappings/" + encoded(table));
    }

    /** Keeps a text as its mapping's newest version. */
    public JsonNode applyMapping(String text) {
        return post("api/mappings", Map.of("text", text));
    }

    public void runMapping(String table) {
        post("api/mappings/" + encoded(table) + "/run", null);
    }

    /** Waits until a mapping's table is made, or cannot be. */
    public JsonNode awaitMapping(String table) {
        return await(() -> getMapping(table), mapping -> {
            String state = mapping.path("state").path("state").asString("");
            return !state.equals("DUE") && !state.equals("RUNNING");
        });
    }

    /** Asks how something stands, soon at first and then five times a second, until that is enough. */
    static JsonNode await(Supplier<JsonNode> look, Predicate<JsonNode> enough) {
        Duration pause = FIRST_LOOK;
        JsonNode now = look.get();
        try {
            while (!enough.test(now)) {
                Thread.sleep(pause);
                Duration longer = pause.multipliedBy(3).dividedBy(2);
                pause = longer.compareTo(LOOK_AGAIN) > 0 ? LOOK_AGAIN : longer;
                now = look.get();
            }
            return now;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    private JsonNode get(String path) {
        return json(send(request(path)));
    }

    private JsonNode post(String path, @Nullable Object body) {
        return json(send(request(path)
                .header("Content-Type", "application/json")
                .POST(
                        body == null
                                ? BodyPublishers.noBody()
                                : BodyPublishers.ofString(JSON.writeValueAsString(body)))));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path))
                .header("Authorization", "Bearer " + token)
                .header("Accept-Language", language);
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder request) {
        try {
            HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
            if (response.statusCode() >= 300) {
                throw new Refusal(response.statusCode(), problem(bytes(response)));
            }
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException("The hub at " + base + " does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted", e);
        }
    }

    private static byte[] bytes(HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            return body.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("The hub's answer broke off", e);
        }
    }

    private static JsonNode json(HttpResponse<InputStream> response) {
        byte[] bytes = bytes(response);
        return bytes.length == 0 ? JSON.createObjectNode() : JSON.readTree(bytes);
    }

    private static JsonNode problem(byte[] body) {
        try {
            return body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
        } catch (JacksonException e) {
            return JSON.createObjectNode();
        }
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> list = new ArrayList<>();
        array.forEach(list::add);
        return list;
    }

    private static String encoded(String part) {
        return URLEncoder.encode(part, UTF_8);
    }
}

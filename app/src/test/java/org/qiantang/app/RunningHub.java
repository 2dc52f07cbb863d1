package org.qiantang.app;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.qiantang.app.demo.CityFolder;
import org.qiantang.core.Sealing;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.Role;
import org.qiantang.testing.TestPostgres;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The real hub on a real port with a real PostgreSQL and a real lake; only the worker follows a script. */
final class RunningHub implements AutoCloseable {
    static final String OPERATOR_TOKEN = "operator-token-only-for-tests-0123456789";
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final JsonMapper JSON = JsonMapper.shared();

    final Lake lake;
    final ScriptedWorker worker;
    final KeyPair receiptKeys = Sealing.newKeyPair();
    private final Path home;
    private final Clock clock;
    private final String database;
    private final Map<Role, String> passwords = new EnumMap<>(Role.class);
    private ConfigurableApplicationContext context;

    RunningHub(Path home) throws IOException {
        this(home, null);
    }

    /** @param clock by which it lives; null for the city's */
    RunningHub(Path home, Clock clock) throws IOException {
        this.home = home;
        this.clock = clock;
        int number = DATABASES.incrementAndGet();
        database = TestPostgres.shared().createDatabase("hub_" + number);
        String catalog = TestPostgres.shared().createDatabase("hub_lake_" + number);
        lake = Lake.open(LakeSettings.small(
                catalog, TestPostgres.USER, TestPostgres.PASSWORD, home.resolve("lake"), home.resolve("tmp")));
        worker = new ScriptedWorker(lake);
        Files.createDirectories(home.resolve("secrets"));
        Files.createDirectories(home.resolve("sources"));
        Files.writeString(
                home.resolve("secrets/master.key"), Base64.getEncoder().encodeToString(new byte[32]));
        Files.write(
                home.resolve("secrets/receipt.key"), receiptKeys.getPrivate().getEncoded());
        Files.writeString(home.resolve("secrets/operator.token"), OPERATOR_TOKEN + "\n");
        start();
        context.getBean(Departments.class)
                .ensure(CityFolder.builtIn().departments().stream()
                        .map(each -> new Department(each.id(), each.name(), each.nameEn()))
                        .toList());
        for (Role role : EnumSet.complementOf(EnumSet.of(Role.OPERATOR))) {
            String name = role.name().toLowerCase(Locale.ROOT);
            passwords.put(role, "for tests alone " + role.ordinal());
            context.getBean(Accounts.class).ensure(new Account(name, name, Set.of(role), null), passwords.get(role));
        }
    }

    void start(String... more) {
        SpringApplication application = new SpringApplication(QiantangHub.class);
        application.setDefaultProperties(Map.of(
                "server.port",
                0,
                "server.address",
                "127.0.0.1",
                "spring.datasource.url",
                database,
                "spring.datasource.username",
                TestPostgres.USER,
                "spring.datasource.password",
                TestPostgres.PASSWORD,
                "spring.datasource.hikari.maximum-pool-size",
                8,
                "qiantang.home",
                home.toString(),
                "qiantang.trial",
                true,
                "logging.level.root",
                "WARN"));
        application.addInitializers(
                beans -> ((GenericApplicationContext) beans).getBeanFactory().registerSingleton("worker", worker));
        application.addInitializers(
                beans -> ((GenericApplicationContext) beans).getBeanFactory().registerSingleton("queries", lake));
        if (clock != null) {
            application.addInitializers(beans -> ((GenericApplicationContext) beans)
                    .registerBean("heldClock", Clock.class, () -> clock, definition -> definition.setPrimary(true)));
        }
        context = application.run(more);
    }

    void stop() {
        context.close();
    }

    @Override
    public void close() {
        stop();
        lake.close();
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    /** Says it to all parts, as the part would whose event it is. */
    void publish(Object event) {
        context.publishEvent(event);
    }

    <T> Collection<T> beans(Class<T> type) {
        return context.getBeansOfType(type).values();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port") + path);
    }

    Client anonymous() {
        return new Client(null);
    }

    Client operator() {
        return new Client(OPERATOR_TOKEN);
    }

    String passwordOf(Role role) {
        return passwords.get(role);
    }

    Client as(Role role) {
        Client client = anonymous();
        client.get("/api/health");
        Answer answer = client.post(
                "/api/session",
                Map.of("username", role.name().toLowerCase(Locale.ROOT), "password", passwords.get(role)));
        if (answer.status() != 200) {
            throw new AssertionError("Cannot sign in as " + role + ": " + answer);
        }
        return client;
    }

    /** Adds a source and returns its id. */
    String addSource(String name, String department) {
        Answer answer = operator()
                .post(
                        "/api/sources",
                        Map.of(
                                "name",
                                name,
                                "title",
                                "来源 " + name,
                                "departmentId",
                                department,
                                "location",
                                "jdbc:postgresql://127.0.0.1:5432/" + name,
                                "username",
                                "reader",
                                "password",
                                "geheim"));
        if (answer.status() != 201) {
            throw new AssertionError(answer.toString());
        }
        return answer.json().path("id").asString();
    }

    String start(String source) {
        Answer answer = operator().post("/api/sources/" + source + "/runs", null);
        if (answer.status() != 202) {
            throw new AssertionError(answer.toString());
        }
        return answer.json().path("id").asString();
    }

    JsonNode awaitEnd(String run) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> operator().get("/api/runs/" + run).json(),
                        json -> Set.of("COMPLETE", "INCOMPLETE", "FAILED", "CANCELLED")
                                .contains(json.path("state").asString()));
    }

    JsonNode collect(String source) {
        return awaitEnd(start(source));
    }

    /** An answer of the hub. */
    record Answer(int status, java.net.http.HttpHeaders headers, byte[] body) {
        JsonNode json() {
            return JSON.readTree(body);
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        String code() {
            return json().path("code").asString("");
        }

        @Override
        public String toString() {
            return status + " " + text();
        }
    }

    /** Somebody at the other end, with cookies of their own. */
    final class Client {
        private final CookieManager cookies = new CookieManager();
        private final HttpClient http =
                HttpClient.newBuilder().cookieHandler(cookies).build();
        private final String token;
        String language = "zh-CN";
        boolean sendsCsrf = true;

        private Client(String token) {
            this.token = token;
        }

        Answer get(String path) {
            return call("GET", path, null);
        }

        Answer post(String path, Object body) {
            return call("POST", path, body);
        }

        Answer delete(String path) {
            return call("DELETE", path, null);
        }

        /** Sends a spreadsheet. */
        Answer csv(String path, String body) {
            return send("POST", path, body.getBytes(StandardCharsets.UTF_8), "text/csv");
        }

        /** As a page without scripts sends it. */
        Answer form(String path, String body) {
            return send("POST", path, body.getBytes(StandardCharsets.UTF_8), "application/x-www-form-urlencoded");
        }

        /** Without saying beforehand how long it is. */
        Answer stream(String path, String body) {
            return send(
                    "POST",
                    path,
                    HttpRequest.BodyPublishers.ofInputStream(
                            () -> new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8))),
                    "application/json");
        }

        Answer call(String method, String path, Object body) {
            byte[] bytes = body == null
                    ? null
                    : body instanceof String text
                            ? text.getBytes(StandardCharsets.UTF_8)
                            : JSON.writeValueAsBytes(body);
            return send(method, path, bytes, "application/json");
        }

        private Answer send(String method, String path, byte[] body, String type) {
            return send(
                    method,
                    path,
                    body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body),
                    body == null ? null : type);
        }

        private Answer send(String method, String path, HttpRequest.BodyPublisher body, String type) {
            HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                    .timeout(Duration.ofSeconds(60))
                    .header("Accept-Language", language)
                    .method(method, body);
            if (type != null) {
                request.header("Content-Type", type);
            }
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            if (sendsCsrf) {
                cookie("QT-CSRF").ifPresent(value -> request.header("X-CSRF-Token", value));
            }
            try {
                HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
                return new Answer(response.statusCode(), response.headers(), response.body());
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(method + " " + path, e);
            }
        }

        java.util.Optional<String> cookie(String name) {
            return cookies.getCookieStore().getCookies().stream()
                    .filter(cookie -> cookie.getName().equals(name))
                    .map(HttpCookie::getValue)
                    .findFirst();
        }
    }

    static String unknownId() {
        return UUID.randomUUID().toString();
    }
}

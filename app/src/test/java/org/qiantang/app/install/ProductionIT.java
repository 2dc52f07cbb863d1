package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An installation that names a PostgreSQL of its city instead of starting one. */
class ProductionIT {
    private static final String ROLE = "qiantang_production";
    private static final Pattern ADMINISTRATOR = Pattern.compile("\\badmin +(\\S+)");
    private static final Pattern SYSTEM_ADMINISTRATOR = Pattern.compile("sysadmin +(\\S+)");

    @TempDir
    Path folder;

    private final TestPostgres postgres = TestPostgres.shared();
    private final List<HubProcess> started = new ArrayList<>();
    private Home home;

    @BeforeEach
    void aDatabaseOfTheCity() throws IOException {
        postgres.createDatabase("production");
        postgres.createRole(ROLE);
        // Nothing but the owner of its database, as an administrator would give it.
        postgres.execute("postgres", "ALTER DATABASE production OWNER TO " + ROLE);
        home = Home.at(folder.resolve("home")).create();
        settings(postgres.url("production"), TestPostgres.PASSWORD);
    }

    @AfterEach
    void endWhatIsLeft() {
        started.forEach(HubProcess::kill);
        await().atMost(Duration.ofSeconds(30)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void whatWasCollectedIsFoundAgainAndNoOtherDatabaseIsStarted() throws Exception {
        Path exports = Files.createDirectory(folder.resolve("exports"));
        Files.writeString(exports.resolve("stops.csv"), "id,name\n1,武林广场\n2,西湖\n3,\n");
        HubProcess hub = start();
        HubAddress address = hub.awaitAddress();
        HubClient client = hub.client();

        assertThat(client.overview().path("installation").path("name").asString())
                .isEqualTo("杭州");
        assertThat(client.overview().path("installation").path("trial").asBoolean(true))
                .isFalse();
        assertThat(client.listSources()).isEmpty();
        assertThat(home.postgres()).doesNotExist();
        assertThat(home.secrets().resolve("trial-accounts.json")).doesNotExist();
        assertThat(home.demo()).isEmptyDirectory();
        assertThat(accounts()).isEqualTo("admin,auditadmin,secadmin,sysadmin");
        String password = announced(hub).orElseThrow();
        assertThat(signIn(address, "admin", password)).isEqualTo(200);
        assertThat(signIn(address, "admin", password + "x")).isEqualTo(401);

        // Not one name of another city stands in the way of this one's.
        assertThat(client.listDepartments()).isEmpty();
        HubProcess nobody = started(HubProcess.start("collect", home, Map.of(), exports.toString()));
        assertThat(nobody.awaitEnd()).as(nobody.said()).isEqualTo(2);
        assertThat(nobody.said()).contains("There is no department yet");
        importDepartments(address, announced(hub, SYSTEM_ADMINISTRATOR).orElseThrow());
        assertThat(client.listDepartments())
                .extracting(department -> department.path("id").asString())
                .containsExactly("transport");

        String source = client.createSource("exports", "exports", "transport", exports.toString(), "", "")
                .path("id")
                .asString();
        String run = client.startRun(source).path("id").asString();
        await().atMost(HubProcess.PATIENCE)
                .until(() -> client.getRun(run).path("state").asString().equals("COMPLETE"));
        hub.stop();
        hub.awaitEnd();
        assertThat(Processes.of(folder)).isEmpty();

        HubProcess again = start();
        assertThat(count(again.client())).isEqualTo("3");
        assertThat(again.client().getReceipt(run)).contains("\"verdict\":\"complete\"");
        assertThat(announced(again)).isEmpty();
        assertThat(signIn(again.awaitAddress(), "admin", password)).isEqualTo(200);
        Processes.kill(again.pid());
        await().atMost(Duration.ofSeconds(30)).until(() -> Processes.of(folder).isEmpty());

        HubProcess command = started(HubProcess.start("tables", home, Map.of(), "--json"));
        assertThat(command.awaitEnd()).as(command.said()).isZero();
        assertThat(command.said()).contains("raw_exports.stops");
    }

    @Test
    void aLostPasswordIsMadeAnewWhenItsFileIsGone() throws Exception {
        HubProcess hub = start();
        hub.awaitAddress();
        String lost = announced(hub).orElseThrow();
        assertThat(Files.readString(home.administratorPassword()).strip()).isEqualTo(lost);
        hub.stop();
        hub.awaitEnd();

        Files.delete(home.administratorPassword());
        HubProcess next = start();
        HubAddress address = next.awaitAddress();

        String fresh = announced(next).orElseThrow();
        assertThat(signIn(address, "admin", lost)).isEqualTo(401);
        assertThat(signIn(address, "admin", fresh)).isEqualTo(200);
        assertThat(accounts()).isEqualTo("admin,auditadmin,secadmin,sysadmin");
    }

    @Test
    void aDatabaseThatCannotBeUsedIsSaidInOneLine() throws Exception {
        settings(postgres.url("production"), "wrong");
        assertThat(refused()).contains("password authentication failed").doesNotContain("wrong");

        settings("jdbc:postgresql://127.0.0.1:1/production?ssl=false", TestPostgres.PASSWORD);
        assertThat(refused()).contains("jdbc:postgresql://127.0.0.1:1/production cannot be used");

        settings("jdbc:mysql://127.0.0.1/production?password=secret", TestPostgres.PASSWORD);
        assertThat(refused()).contains("jdbc:postgresql://host:port/database").doesNotContain("secret");

        // The environment stands above the file.
        settings(postgres.url("production"), TestPostgres.PASSWORD);
        assertThat(refused(Map.of("QIANTANG_DATABASE_USERNAME", "nobody_at_all")))
                .contains("nobody_at_all");
        assertThat(home.postgres()).doesNotExist();
    }

    @Test
    void aHomeStaysWithTheDatabaseItWasSetUpWith() throws Exception {
        HubProcess hub = start();
        hub.awaitAddress();
        hub.stop();
        hub.awaitEnd();

        Files.delete(home.settings());
        assertThat(refused()).contains(postgres.url("production")).contains("qiantang.database.url");
        assertThat(home.postgres()).doesNotExist();
    }

    @Test
    void anUnknownKeyInTheFileStopsTheStartAndIsNamed() throws Exception {
        Files.writeString(home.settings(), Files.readString(home.settings()) + "qiantang.databse.url=x\n");

        assertThat(refused()).contains("qiantang.databse.url");
    }

    private void settings(String url, String password) throws IOException {
        Files.writeString(home.settings(), """
                qiantang.installation=杭州
                qiantang.database.url=%s
                qiantang.database.username=%s
                qiantang.database.password=%s
                """.formatted(url, ROLE, password));
    }

    private HubProcess start() throws IOException {
        return started(HubProcess.start(home, "--port", "0"));
    }

    private HubProcess started(HubProcess process) {
        started.add(process);
        return process;
    }

    private String refused() throws Exception {
        return refused(Map.of());
    }

    /** What a start that is refused says; everything it started is gone by then. */
    private String refused(Map<String, String> environment) throws Exception {
        HubProcess hub = started(HubProcess.start(home, environment, "--port", "0"));
        assertThat(hub.awaitEnd()).as(hub.said()).isEqualTo(1);
        assertThat(hub.said().strip().lines()).as(hub.said()).hasSize(1);
        assertThat(Processes.of(folder)).isEmpty();
        return hub.said();
    }

    /** The city's departments, the way its system administrator brings them in. */
    private static void importDepartments(HubAddress address, String password) throws Exception {
        Visitor administrator = Visitor.signedIn(address.url(), "sysadmin", password);
        administrator.send(
                "PUT",
                "/api/session/password",
                "application/json",
                "{\"before\":\"%s\",\"after\":\"a city of our own\"}".formatted(password));
        String key = JsonMapper.shared()
                .readTree(administrator
                        .send("POST", "/api/session/second-factor", "application/json", "")
                        .body())
                .path("key")
                .asString();
        administrator.send(
                "PUT",
                "/api/session/second-factor",
                "application/json",
                "{\"code\":\"%s\"}".formatted(Authenticator.code(key)));
        assertThat(administrator.get("/api/divisions", "en").body()).isEqualTo("[]");
        String list = "id,name,name_en\ntransport,交通局,Transport\n";
        String token = JsonMapper.shared()
                .readTree(administrator
                        .send("POST", "/api/organisation/import/DEPARTMENTS", "text/csv", list)
                        .body())
                .path("token")
                .asString();
        HttpResponse<String> done = administrator.send(
                "POST", "/api/organisation/import/DEPARTMENTS/apply?token=" + token, "text/csv", list);
        assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    }

    private static Optional<String> announced(HubProcess hub) {
        return announced(hub, ADMINISTRATOR);
    }

    private static Optional<String> announced(HubProcess hub, Pattern account) {
        await().atMost(HubProcess.PATIENCE).until(() -> hub.said().contains("Ctrl-C"));
        Matcher line = account.matcher(hub.said());
        return line.find() ? Optional.of(line.group(1)) : Optional.empty();
    }

    private String accounts() throws Exception {
        try (var connection = postgres.connect("production");
                var rows = connection
                        .createStatement()
                        .executeQuery("SELECT string_agg(username, ',' ORDER BY username) FROM org_accounts")) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static String count(HubClient client) {
        JsonNode answer = client.query("SELECT count(*) FROM raw_exports.stops", Optional.empty());
        return answer.path("rows").path(0).path(0).asString();
    }

    private static int signIn(HubAddress address, String username, String password) throws Exception {
        CookieManager cookies = new CookieManager();
        try (HttpClient http = HttpClient.newBuilder().cookieHandler(cookies).build()) {
            http.send(
                    HttpRequest.newBuilder(URI.create(address.url() + "api/health"))
                            .build(),
                    BodyHandlers.discarding());
            String token = cookies.getCookieStore().getCookies().getFirst().getValue();
            HttpRequest request = HttpRequest.newBuilder(URI.create(address.url() + "api/session"))
                    .header("Content-Type", "application/json")
                    .header("X-CSRF-Token", token)
                    .POST(BodyPublishers.ofString(
                            "{\"username\":\"%s\",\"password\":\"%s\"}".formatted(username, password)))
                    .build();
            return http.send(request, BodyHandlers.discarding()).statusCode();
        }
    }
}

package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.qiantang.app.HostileProvider.Signing;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Role;
import org.springframework.web.util.UriComponentsBuilder;
import tools.jackson.databind.JsonNode;

/** Signing in by a provider of identities: a real one, and one that lies. */
class OidcTests {
    @TempDir
    static Path home;

    private static RunningHub hub;
    private static IdentityProvider real;
    private static HostileProvider hostile;
    private static HostileProvider away;
    private static Client system;
    private static Client audit;

    @BeforeAll
    static void start() throws Exception {
        real = new IdentityProvider();
        hostile = new HostileProvider();
        away = new HostileProvider();
        Path secret = Files.writeString(home.resolve("oidc.secret"), IdentityProvider.SECRET + "\n");
        hub = new RunningHub(home);
        hub.stop();
        hub.start(
                "--qiantang.oidc.city.issuer=" + real.issuer(),
                "--qiantang.oidc.city.client-id=" + IdentityProvider.CLIENT,
                "--qiantang.oidc.city.client-secret-file=" + secret,
                "--qiantang.oidc.city.name=全市统一认证",
                "--qiantang.oidc.odd.issuer=" + hostile.issuer(),
                "--qiantang.oidc.odd.client-id=" + HostileProvider.CLIENT,
                "--qiantang.oidc.odd.name=怪认证",
                "--qiantang.oidc.odd.username-claim=preferred_username",
                "--qiantang.oidc.odd.second-factor-amr=mfa",
                "--qiantang.oidc.away.issuer=" + away.issuer(),
                "--qiantang.oidc.away.client-id=" + HostileProvider.CLIENT,
                "--qiantang.oidc.away.name=远方认证");
        real.register(hub.uri("/sign-in/city"), hub.uri("/sign-in"));
        system = hub.as(Role.SYSTEM_ADMIN);
        audit = hub.as(Role.AUDIT_ADMIN);
    }

    @AfterAll
    static void stop() {
        hub.close();
        real.close();
        hostile.close();
        away.close();
    }

    @BeforeEach
    void behave() {
        hostile.behave();
        hostile.subject = "x-1";
    }

    private static Client visitor() {
        Client client = hub.anonymous();
        client.get("/api/health");
        return client;
    }

    private static Map<String, String> begin(Client client, String provider) {
        Answer answer = client.post("/api/session/oidc/" + provider + "/request", null);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        String url = answer.json().path("url").asString();
        Map<String, String> asked = new HashMap<>(
                UriComponentsBuilder.fromUriString(url).build().getQueryParams().toSingleValueMap());
        asked.replaceAll((name, value) -> java.net.URLDecoder.decode(value, StandardCharsets.UTF_8));
        asked.put("url", url);
        return asked;
    }

    /** What the real provider sends back to the browser of somebody who shows this name and password. */
    private static Map<String, String> authorize(Map<String, String> asked, String person) throws Exception {
        String[] shown = person.split(":");
        HttpRequest showing = HttpRequest.newBuilder(URI.create(real.issuer() + "/login"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("username=" + shown[0] + "&password=" + shown[1]))
                .build();
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(asked.get("url"))).build();
        try (HttpClient browser =
                HttpClient.newBuilder().cookieHandler(new CookieManager()).build()) {
            browser.send(showing, HttpResponse.BodyHandlers.discarding());
            HttpResponse<String> response = browser.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(302);
            String back = response.headers().firstValue("Location").orElseThrow();
            assertThat(back).startsWith(hub.uri("/sign-in/city").toString());
            Map<String, String> parameters = new HashMap<>(UriComponentsBuilder.fromUriString(back)
                    .build()
                    .getQueryParams()
                    .toSingleValueMap());
            parameters.replaceAll((name, value) -> java.net.URLDecoder.decode(value, StandardCharsets.UTF_8));
            return parameters;
        }
    }

    private static Answer signInByReal(Client client, String person) throws Exception {
        return client.post("/api/session/oidc/city", authorize(begin(client, "city"), person));
    }

    private static Answer signInByHostile(Client client) {
        Map<String, String> asked = begin(client, "odd");
        hostile.nonce = asked.get("nonce");
        return client.post("/api/session/oidc/odd", Map.of("state", asked.get("state"), "code", "c"));
    }

    private static JsonNode lastRefusal() {
        return audit.get("/api/audit?act=IDENTITY_REFUSED&limit=1").json().get(0);
    }

    private static String account(String name, Role... roles) {
        hub.bean(Accounts.class).ensure(new Account(name, name, Set.of(roles), null), "only for these tests");
        return name;
    }

    @Test
    void aNewcomerOfARealProviderIsRefusedAndBoundByAnAdministratorComesInAndLeaves() throws Exception {
        String officer = account("bound", Role.OFFICER);
        Client client = visitor();

        Answer newcomer = signInByReal(client, "u-1001:one");
        assertThat(newcomer.status()).as(newcomer.toString()).isEqualTo(403);
        assertThat(newcomer.code()).isEqualTo("org.identity_unknown");
        assertThat(client.get("/api/session").status()).isEqualTo(401);
        assertThat(lastRefusal().path("after").path("code").asString()).isEqualTo("org.identity_unknown");
        assertThat(lastRefusal().path("subject").asString()).isEqualTo("u-1001");
        JsonNode waiting = system.get("/api/identities/newcomers").json();
        assertThat(waiting.findValuesAsString("subject")).contains("u-1001");

        Answer bound = system.post(
                "/api/accounts/" + officer + "/identities", Map.of("issuer", real.issuer(), "subject", "u-1001"));
        assertThat(bound.status()).as(bound.toString()).isEqualTo(204);
        assertThat(system.get("/api/identities/newcomers").json().findValuesAsString("subject"))
                .doesNotContain("u-1001");
        assertThat(system.post("/api/accounts/officer/identities", Map.of("issuer", real.issuer(), "subject", "u-1001"))
                        .code())
                .isEqualTo("org.identity_taken");

        Answer entered = signInByReal(client, "u-1001:one");
        assertThat(entered.status()).as(entered.toString()).isEqualTo(204);
        JsonNode session = client.get("/api/session").json();
        assertThat(session.path("username").asString()).isEqualTo(officer);
        assertThat(session.path("provider").asString()).isEqualTo("city");
        assertThat(client.get("/api/overview").status()).isEqualTo(200);
        assertThat(client.get("/api/session/identities").json().findValuesAsString("subject"))
                .containsExactly("u-1001");

        Answer left = client.delete("/api/session/oidc");
        String end = left.json().path("url").asString();
        assertThat(end).startsWith(real.issuer()).contains("id_token_hint=").contains("post_logout_redirect_uri=");
        assertThat(client.get("/api/session").status()).isEqualTo(401);
        try (HttpClient browser = HttpClient.newHttpClient()) {
            HttpResponse<String> goodbye =
                    browser.send(HttpRequest.newBuilder(URI.create(end)).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(goodbye.headers().firstValue("Location"))
                    .hasValue(hub.uri("/sign-in").toString());
        }

        Client again = visitor();
        signInByReal(again, "u-1001:one");
        system.delete("/api/accounts/" + officer + "/identities?issuer=" + real.issuer() + "&subject=u-1001");
        assertThat(again.get("/api/session").status()).isEqualTo(401);
        assertThat(signInByReal(again, "u-1001:one").code()).isEqualTo("org.identity_unknown");
    }

    @Test
    void theRequestHasAProofKeyANonceAndAStateAndGoesWithACookieOfOurPagesAlone() {
        Client client = visitor();
        Answer answer = client.post("/api/session/oidc/city/request", null);
        Map<String, String> asked = begin(client, "city");

        assertThat(asked)
                .containsEntry("code_challenge_method", "S256")
                .containsEntry("response_type", "code")
                .containsKeys("code_challenge", "nonce", "state");
        String cookie = answer.headers().allValues("Set-Cookie").stream()
                .filter(each -> each.startsWith("QT-OIDC="))
                .findFirst()
                .orElseThrow();
        assertThat(cookie).contains("HttpOnly", "SameSite=Strict", "Path=/api/session/oidc", "Max-Age=600");
        assertThat(new String(
                        Base64.getUrlDecoder().decode(cookie.substring(8, cookie.indexOf(';'))),
                        StandardCharsets.ISO_8859_1))
                .doesNotContain(asked.get("state"), "verifier");
    }

    @Test
    void anAnswerCountsOnceAndOnlyInTheBrowserThatAsked() throws Exception {
        Client asker = visitor();
        Map<String, String> back = authorize(begin(asker, "city"), "u-1002:two");

        assertThat(visitor().post("/api/session/oidc/city", back).code()).isEqualTo("oidc.bad_state");
        Client other = visitor();
        begin(other, "city");
        assertThat(other.post("/api/session/oidc/city", back).code()).isEqualTo("oidc.bad_state");
        assertThat(lastRefusal().path("after").path("code").asString()).isEqualTo("oidc.bad_state");
        assertThat(asker.post("/api/session/oidc/city", back).code()).isEqualTo("org.identity_unknown");
        assertThat(asker.post("/api/session/oidc/city", back).code()).isEqualTo("oidc.bad_state");
    }

    static Stream<Lie> lies() {
        return Stream.of(
                new Lie("wrong audience", "oidc.wrong_audience", () -> hostile.claims = set -> set.audience("another")),
                new Lie(
                        "several audiences and another's name",
                        "oidc.bad_token",
                        () -> hostile.claims = set -> set.audience(List.of(HostileProvider.CLIENT, "b"))
                                .claim("azp", "b")),
                new Lie("wrong issuer", "oidc.wrong_issuer", () -> hostile.claims = set -> set.issuer(real.issuer())),
                new Lie(
                        "expired beyond the skew of clocks",
                        "oidc.expired",
                        () -> hostile.claims =
                                set -> set.issueTime(Date.from(Instant.now().minusSeconds(600)))
                                        .expirationTime(Date.from(Instant.now().minusSeconds(90)))),
                new Lie(
                        "not valid yet",
                        "oidc.expired",
                        () -> hostile.claims =
                                set -> set.notBeforeTime(Date.from(Instant.now().plusSeconds(600)))),
                new Lie("no end", "oidc.bad_token", () -> hostile.claims = set -> set.expirationTime(null)),
                new Lie("another's nonce", "oidc.bad_nonce", () -> hostile.claims = set -> set.claim("nonce", "n")),
                new Lie("no nonce", "oidc.bad_nonce", () -> hostile.claims = set -> set.claim("nonce", null)),
                new Lie("no subject", "oidc.bad_token", () -> hostile.claims = set -> set.subject(null)),
                new Lie("not signed", "oidc.bad_token", () -> hostile.signing = Signing.NOT_AT_ALL),
                new Lie("signed by a stranger", "oidc.bad_token", () -> hostile.signing = Signing.STRANGERS_KEY),
                new Lie("signed with the public key", "oidc.bad_token", () -> hostile.signing = Signing.SHARED_SECRET));
    }

    record Lie(String what, String code, Runnable told) {
        @Override
        public String toString() {
            return what;
        }
    }

    @ParameterizedTest
    @MethodSource("lies")
    void aTokenThatLiesIsRefusedWithItsCodeAndKeptInTheTrail(Lie lie) {
        lie.told.run();
        Client client = visitor();

        Answer answer = signInByHostile(client);

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.code()).as(answer.toString()).isEqualTo(lie.code);
        assertThat(answer.json().path("zh").asString()).contains("无法登录");
        assertThat(client.get("/api/session").status()).isEqualTo(401);
        assertThat(lastRefusal().path("after").path("code").asString()).isEqualTo(lie.code);
        assertThat(lastRefusal().path("actor").asString()).isEqualTo("odd");
    }

    @Test
    void anAnswerThatNamesAnotherSenderIsRefused() {
        Client client = visitor();
        Map<String, String> asked = begin(client, "odd");
        hostile.nonce = asked.get("nonce");

        Answer answer = client.post(
                "/api/session/oidc/odd", Map.of("state", asked.get("state"), "code", "c", "iss", real.issuer()));

        assertThat(answer.code()).isEqualTo("oidc.wrong_issuer");
    }

    @Test
    void whatOneProviderWasAskedAnotherCannotAnswer() {
        Client client = visitor();
        Map<String, String> asked = begin(client, "odd");

        assertThat(client.post("/api/session/oidc/city", Map.of("state", asked.get("state"), "code", "c"))
                        .code())
                .isEqualTo("oidc.bad_state");
    }

    @Test
    void clocksMayDifferByHalfAMinuteAndKeysMayChange() {
        account("roller", Role.OFFICER);
        hostile.subject = "roller-1";
        system.post("/api/accounts/roller/identities", Map.of("issuer", hostile.issuer(), "subject", "roller-1"));
        hostile.claims = set -> set.issueTime(Date.from(Instant.now().minusSeconds(300)))
                .expirationTime(Date.from(Instant.now().minusSeconds(30)));
        assertThat(signInByHostile(visitor()).status()).isEqualTo(204);

        hostile.behave();
        hostile.rotate();
        Answer answer = signInByHostile(visitor());

        assertThat(answer.status()).as(answer.toString()).isEqualTo(204);
        assertThat(hostile.asked).contains("code_verifier=").contains("grant_type=authorization_code");
    }

    @Test
    void aClaimedNameBindsOnceAndNeverAnAdministrator() {
        account("newbie", Role.ANALYST);
        hostile.subject = "n-1";
        hostile.claims = set -> set.claim("preferred_username", "newbie");
        Client client = visitor();
        assertThat(signInByHostile(client).status()).isEqualTo(204);
        assertThat(client.get("/api/session").json().path("username").asString())
                .isEqualTo("newbie");

        hostile.subject = "n-2";
        assertThat(signInByHostile(visitor()).code()).isEqualTo("org.identity_unknown");
        hostile.subject = "n-3";
        hostile.claims =
                set -> set.claim("preferred_username", "security_admin").claim("amr", List.of("mfa"));
        assertThat(signInByHostile(visitor()).code()).isEqualTo("org.identity_unknown");
    }

    @Test
    void whoeverBindsAnAdministratorDoesNotComeInAsThem() {
        hostile.subject = "thief";
        assertThat(system.post(
                                "/api/accounts/security_admin/identities",
                                Map.of("issuer", hostile.issuer(), "subject", "thief"))
                        .status())
                .isEqualTo(204);
        assertThat(system.post(
                                "/api/accounts/system_admin/identities",
                                Map.of("issuer", hostile.issuer(), "subject", "own"))
                        .code())
                .isEqualTo("org.not_oneself");
        hostile.claims = set -> set.claim("amr", List.of("mfa"));

        assertThat(signInByHostile(visitor()).code()).isEqualTo("org.identity_unconfirmed");
    }

    @Test
    void aProviderThatIsAwayIsNamedAndComesBackWhilePasswordsAlwaysWork() {
        away.goAway();
        Client client = visitor();
        assertThat(client.get("/api/session/oidc").json().findValuesAsString("name"))
                .contains("远方认证");
        Answer answer = client.post("/api/session/oidc/away/request", null);
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("oidc.unreachable");
        assertThat(answer.json().path("zh").asString()).contains("远方认证");
        assertThat(hub.as(Role.OFFICER).get("/api/session").status()).isEqualTo(200);

        away.metadata = said -> said.put("issuer", "http://127.0.0.1:1");
        away.comeBack();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> begins(client).code().equals("oidc.wrong_issuer"));
        away.behave();
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> begins(client).status() == 200);
    }

    private static Answer begins(Client client) {
        return client.post("/api/session/oidc/away/request", null);
    }
}

package org.qiantang.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.exchange.ExchangeKeys;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Actor;
import org.qiantang.org.Departments;
import org.qiantang.org.KeyRing;
import org.qiantang.org.Role;
import tools.jackson.databind.JsonNode;

/** How a program proves who it is, for how long that holds, and what takes it away. */
class TokensTests {
    @TempDir
    static Path home;

    private static final HeldClock CLOCK = new HeldClock();
    private static RunningHub hub;
    private static Programs programs;
    private static Client engineer;
    private String id;
    private KeyPair key;

    /** Stands until the test moves it. */
    private static final class HeldClock extends Clock {
        private volatile Instant now = Instant.now();

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }

        void pass(Duration time) {
            now = now.plus(time);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home, CLOCK);
        programs = new Programs(hub);
        engineer = hub.as(Role.ENGINEER);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @BeforeEach
    void register() {
        // A session does not last as long as some of what is tried here.
        engineer = hub.as(Role.ENGINEER);
        id = "t-" + UUID.randomUUID();
        key = Programs.newKey();
        Answer answer = engineer.post(
                "/api/clients",
                Map.of("id", id, "title", "社会救助系统", "department", "civil_affairs", "publicKey", Programs.pem(key)));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(201);
        assertThat(answer.json().path("secret").isNull()).isTrue();
    }

    private Answer asked(String client, KeyPair by) {
        return programs.tokenBy(Programs.signed(programs.claims(client, CLOCK.now), by));
    }

    private String token() {
        Answer answer = asked(id, key);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.json().path("access_token").asString();
    }

    /** Whoever gets in is told that there is no such service. */
    private static void getsIn(String token) {
        Answer answer = programs.get("/services/nothing/v1/mock", token);
        assertThat(answer.code()).as(answer.toString()).isEqualTo("invoke.no_such_service");
    }

    private static void isRefused(String token) {
        Answer answer = programs.get("/services/nothing/v1/mock", token);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(401);
        assertThat(answer.code()).isEqualTo("invoke.token_refused");
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
                .isEqualTo("Bearer error=\"invalid_token\"");
        assertThat(answer.headers().firstValue("Content-Type").orElse("")).startsWith("application/problem+json");
    }

    private static void isNobody(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(401);
        assertThat(answer.json().path("error").asString()).isEqualTo("invalid_client");
        assertThat(answer.headers().firstValue("WWW-Authenticate").orElse("")).startsWith("Basic");
    }

    private static JsonNode header(String token) {
        return tools.jackson.databind.json.JsonMapper.shared()
                .readTree(Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.'))));
    }

    private static List<String> keys() {
        return StreamSupport.stream(
                        programs.get("/oauth2/jwks", Map.of())
                                .json()
                                .path("keys")
                                .spliterator(),
                        false)
                .map(each -> each.path("kid").asString())
                .toList();
    }

    @Test
    void clientThatSignsWithItsKeyGetsATokenThatAnybodyCanCheck() {
        JsonNode metadata = programs.get("/.well-known/oauth-authorization-server", Map.of())
                .json();
        Answer answer = asked(id, key);

        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.json().path("token_type").asString()).isEqualTo("Bearer");
        assertThat(answer.json().path("expires_in").asInt()).isBetween(1, 300);
        String token = answer.json().path("access_token").asString();
        assertThat(header(token).path("alg").asString()).isEqualTo("ES256");
        assertThat(header(token).path("typ").asString()).isEqualTo("at+jwt");
        getsIn(token);
        assertThat(metadata.path("token_endpoint").asString())
                .isEqualTo(hub.uri("/oauth2/token").toString());
        assertThat(metadata.path("jwks_uri").asString())
                .isEqualTo(hub.uri("/oauth2/jwks").toString());
        Answer published = programs.get("/oauth2/jwks", Map.of());
        assertThat(keys()).contains(header(token).path("kid").asString());
        assertThat(published.text()).doesNotContain("\"d\"");
    }

    @Test
    void assertionThatIsNotJustRightProvesNothing() {
        Map<String, Object> good = programs.claims(id, CLOCK.now);
        String shown = Programs.signed(good, key);
        assertThat(programs.tokenBy(shown).status()).isEqualTo(200);

        isNobody(programs.tokenBy(shown));
        isNobody(programs.tokenBy(Programs.signed(programs.claims(id, CLOCK.now), Programs.newKey())));
        isNobody(programs.tokenBy(Programs.signed(programs.claims("nobody", CLOCK.now), key)));
        isNobody(programs.tokenBy(changed("aud", "https://elsewhere.example/oauth2/token")));
        isNobody(programs.tokenBy(changed("exp", CLOCK.now.getEpochSecond() - 60)));
        isNobody(programs.tokenBy(changed("exp", CLOCK.now.getEpochSecond() + 86_400)));
        isNobody(programs.tokenBy(changed("jti", null)));
        isNobody(programs.tokenBy(changed("sub", "another")));
        String unsigned = Programs.base64("{\"alg\":\"none\"}".getBytes(UTF_8)) + "." + shown.split("\\.")[1] + ".";
        isNobody(programs.tokenBy(unsigned));
        isNobody(programs.tokenBySecret(id, "guessed"));
        isNobody(programs.tokenBySecret("nobody", "guessed"));
    }

    private String changed(String claim, Object value) {
        Map<String, Object> claims = new HashMap<>(programs.claims(id, CLOCK.now));
        if (value == null) {
            claims.remove(claim);
        } else {
            claims.put(claim, value);
        }
        return Programs.signed(claims, key);
    }

    @Test
    void tokenEndsWithItsTime() {
        String token = token();
        CLOCK.pass(Duration.ofSeconds(290));
        getsIn(token);

        CLOCK.pass(Duration.ofSeconds(15));
        isRefused(token);
    }

    @Test
    void tokenThatTheHubDidNotSignIsNone() {
        String token = token();
        Map<String, Object> claims = new HashMap<>(programs.claims(id, CLOCK.now));
        claims.put("aud", List.of("urn:qiantang:services"));
        String kid = header(token).path("kid").asString();

        isRefused(Programs.signed(Map.of("alg", "ES256", "typ", "at+jwt", "kid", kid), claims, Programs.newKey()));
        isRefused(Programs.signed(Map.of("alg", "ES256", "typ", "at+jwt"), claims, key));
        isRefused(Programs.base64("{\"alg\":\"none\",\"typ\":\"at+jwt\"}".getBytes(UTF_8)) + "." + token.split("\\.")[1]
                + ".");
        isRefused(RunningHub.OPERATOR_TOKEN);
    }

    @Test
    void signingKeyGoesToTheNextWithoutAMomentInBetween() {
        String before = token();
        String oldKey = header(before).path("kid").asString();

        Answer rotated = hub.as(Role.SECURITY_ADMIN).post("/api/signing-keys/rotate", null);
        assertThat(rotated.status()).as(rotated.toString()).isEqualTo(200);

        assertThat(rotated.json().get(0).path("state").asString()).isEqualTo("SIGNS");
        assertThat(rotated.json().get(1).path("state").asString()).isEqualTo("COUNTS");
        String after = token();
        String newKey = header(after).path("kid").asString();
        assertThat(newKey).isNotEqualTo(oldKey);
        assertThat(keys()).contains(oldKey, newKey);
        getsIn(before);
        getsIn(after);
        CLOCK.pass(Duration.ofMinutes(7));
        assertThat(keys()).contains(newKey).doesNotContain(oldKey);
        getsIn(token());
        assertThat(hub.as(Role.AUDIT_ADMIN)
                        .get("/api/audit?act=SIGNING_KEY_ROTATED")
                        .text())
                .contains(newKey);
    }

    @Test
    void keyForPeersIsAnnouncedBeforeItSignsAndOnlyOneIs() {
        ExchangeKeys keys = hub.bean(ExchangeKeys.class);
        String present = keys.list().getFirst().keyId();
        Actor security = new Actor("security_admin", "127.0.0.1");

        keys.rotate(security);
        List<KeyRing.PublishedKey> announced = keys.rotate(security);

        assertThat(announced)
                .extracting(KeyRing.PublishedKey::state)
                .containsExactly(KeyRing.State.ANNOUNCED, KeyRing.State.SIGNS);
        assertThat(announced.get(1).keyId()).isEqualTo(present);
        assertThat(announced.get(1).until()).isAfter(announced.get(0).signsFrom());
    }

    @Test
    void oneCredentialTakesOverFromTheOther() {
        Answer given = engineer.post("/api/clients/" + id + "/credentials", Map.of());
        assertThat(given.status()).as(given.toString()).isEqualTo(201);
        String secret = given.json().path("secret").asString();
        assertThat(programs.tokenBySecret(id, secret).status()).isEqualTo(200);
        assertThat(engineer.post("/api/clients/" + id + "/credentials", Map.of())
                        .code())
                .isEqualTo("invoke.two_credentials");
        String first = StreamSupport.stream(
                        given.json().path("client").path("credentials").spliterator(), false)
                .filter(each -> each.path("kind").asString().equals("KEY"))
                .map(each -> each.path("id").asString())
                .findFirst()
                .orElseThrow();

        assertThat(engineer.delete("/api/clients/" + id + "/credentials/" + first)
                        .status())
                .isEqualTo(200);

        isNobody(asked(id, key));
        assertThat(programs.tokenBySecret(id, secret).status()).isEqualTo(200);
        assertThat(engineer.get("/api/clients").text()).doesNotContain(secret);
    }

    @Test
    void credentialEndsWithItsDay() {
        Answer given = engineer.post(
                "/api/clients/" + id + "/credentials",
                Map.of("expiresAt", CLOCK.now.plus(Duration.ofDays(1)).toString()));
        String secret = given.json().path("secret").asString();
        assertThat(programs.tokenBySecret(id, secret).status()).isEqualTo(200);

        CLOCK.pass(Duration.ofDays(1));
        isNobody(programs.tokenBySecret(id, secret));
    }

    @Test
    void whoGuessesASecretWaitsAndNobodyElse() {
        String secret = engineer.post("/api/clients/" + id + "/credentials", Map.of())
                .json()
                .path("secret")
                .asString();
        for (int i = 0; i < 11; i++) {
            isNobody(programs.tokenBySecret(id, "guessed " + i));
        }

        Answer soon = programs.tokenBySecret(id, secret);
        assertThat(soon.status()).as(soon.toString()).isEqualTo(429);
        assertThat(soon.headers().firstValue("Retry-After").orElse("")).matches("[12]");
        assertThat(soon.json().path("error").asString()).isEqualTo("temporarily_unavailable");
        // Whoever signs guesses nothing.
        assertThat(asked(id, key).status()).isEqualTo(200);
        String other = "o-" + UUID.randomUUID();
        String its = engineer.post("/api/clients", Map.of("id", other, "title", "户籍系统", "department", "police"))
                .json()
                .path("secret")
                .asString();
        assertThat(programs.tokenBySecret(other, its).status()).isEqualTo(200);
        isNobody(programs.tokenBySecret("made-up", "guessed"));

        CLOCK.pass(Duration.ofSeconds(2));
        assertThat(programs.tokenBySecret(id, secret).status()).isEqualTo(200);
        isNobody(programs.tokenBySecret(id, "guessed"));
        assertThat(programs.tokenBySecret(id, secret).status()).isEqualTo(200);
    }

    @Test
    void clientThatIsRevokedIsNobodyAtOnce() {
        String token = token();
        getsIn(token);

        assertThat(engineer.post("/api/clients/" + id + "/revoke", null).status())
                .isEqualTo(200);

        isRefused(token);
        isNobody(asked(id, key));
        assertThat(engineer.post("/api/clients/" + id + "/credentials", Map.of())
                        .code())
                .isEqualTo("invoke.client_revoked");
    }

    @Test
    void departmentKeepsItsOwnClientsAndNobodyElses() {
        hub.bean(Accounts.class)
                .ensure(
                        new Account(
                                "lin",
                                "lin",
                                Set.of(Role.OFFICER),
                                hub.bean(Departments.class).get("police")),
                        "only for tests: police");
        Client police = hub.anonymous();
        police.get("/api/health");
        police.post("/api/session", Map.of("username", "lin", "password", "only for tests: police"));

        assertThat(police.get("/api/clients").text()).doesNotContain(id);
        assertThat(police.post("/api/clients/" + id + "/revoke", null).code()).isEqualTo("invoke.not_yours");
        assertThat(police.post(
                                "/api/clients",
                                Map.of("id", "p-" + UUID.randomUUID(), "title", "户籍系统", "department", "civil_affairs"))
                        .code())
                .isEqualTo("invoke.not_yours");
        assertThat(police.post("/api/clients", Map.of("id", id, "title", "户籍系统"))
                        .code())
                .isEqualTo("invoke.name_taken");
        assertThat(hub.as(Role.OFFICER)
                        .post("/api/clients", Map.of("id", "n-" + UUID.randomUUID(), "title", "x"))
                        .code())
                .isEqualTo("invoke.no_department");
    }

    @Test
    void privateKeyAndWeakKeyAreNotTaken() throws Exception {
        java.security.KeyPairGenerator rsa = java.security.KeyPairGenerator.getInstance("RSA");
        rsa.initialize(1_024);
        for (String text : List.of(
                Programs.privatePem(Programs.newKey()),
                "{\"kty\":\"oct\",\"k\":\"AAAA\"}",
                "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
                Programs.pem(rsa.generateKeyPair()))) {
            assertThat(engineer.post("/api/clients/" + id + "/credentials", Map.of("publicKey", text))
                            .code())
                    .as(text)
                    .isEqualTo("invoke.bad_key");
        }
    }
}

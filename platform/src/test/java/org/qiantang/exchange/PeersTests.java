package org.qiantang.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.SignatureProblem;
import org.qiantang.core.Site;
import org.qiantang.evidence.Proof;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.Departments;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.share.AnswerDays;
import org.qiantang.share.TestShare;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Two installations, each with a database and evidence of its own, over a real line that a test can cut and tap. */
class PeersTests {
    private static final Actor ENGINEER = new Actor("wu", "10.0.0.1");
    private static final Actor SECURITY = new Actor("bao", "10.0.0.2");

    @TempDir
    Path folder;

    private Installation a;
    private Installation b;

    /** One of the two: what the hub wires, with a door that knows signed messages alone. */
    private static final class Installation implements AutoCloseable {
        final TestShare share;
        final HttpServer server;
        final ExchangeKeys keys;
        final Peers peers;
        final PeerMessages messages;
        final PeerClient client;
        final List<HttpSignature.Request> came = new ArrayList<>();
        UnaryOperator<byte[]> wire = UnaryOperator.identity();
        int status = 200;

        Installation(Path folder, String name) throws IOException {
            share = new TestShare(folder, AnswerDays.Silence.ESCALATE, "exchange");
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            String address = "http://127.0.0.1:" + server.getAddress().getPort();
            AuditTrail trail = share.bean(AuditTrail.class);
            EvidenceRecords evidence = share.bean(EvidenceRecords.class);
            TransactionTemplate transaction = share.bean(TransactionTemplate.class);
            keys = new ExchangeKeys(share.jdbc, transaction, share.bean(Sealing.class), trail, share.clock);
            peers = new Peers(
                    share.jdbc,
                    transaction,
                    keys,
                    share.bean(Departments.class),
                    trail,
                    evidence,
                    () -> Optional.of(address),
                    new ReceiverRules(List.of(), ReceiverRules.PlainHttp.REFUSED),
                    new Site(name, Site.Kind.TRIAL),
                    share.clock);
            messages = new PeerMessages(share.jdbc, peers, keys, evidence, share.clock);
            client = new PeerClient(peers, messages);
            server.setExecutor(java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor());
            server.createContext("/peer/", this::answer);
            server.start();
        }

        private synchronized void answer(HttpExchange exchange) throws IOException {
            Map<String, String> headers = new HashMap<>();
            exchange.getRequestHeaders().forEach((key, values) -> headers.put(key, String.join(", ", values)));
            HttpSignature.Request request = new HttpSignature.Request(
                    exchange.getRequestMethod(),
                    URI.create(messages.address() + exchange.getRequestURI()),
                    headers,
                    exchange.getRequestBody().readAllBytes());
            came.add(request);
            int status = this.status;
            byte[] content;
            Map<String, String> signed = Map.of();
            try {
                PeerMessages.Came from = messages.accept(request);
                content = exchange.getRequestURI().getPath().equals("/peer/calls")
                        ? answers(request)
                        : exchange.getRequestURI().getPath().equals("/peer/keys")
                                ? JsonMapper.shared().writeValueAsBytes(messages.announced())
                                : (from.account().username() + " asked " + new String(request.content(), UTF_8))
                                        .getBytes(UTF_8);
                Map<String, String> said = new HashMap<>(Map.of("Content-Type", "application/json"));
                if (!stated.isEmpty()) {
                    said.put("Qiantang-Answers", stated);
                    exchange.getResponseHeaders().set("Qiantang-Answers", stated);
                    stated = "";
                }
                signed = messages.answer(from, new HttpSignature.Response(status, said, content));
            } catch (Problem problem) {
                status = problem.code().status();
                content = ("{\"code\":\"" + problem.code().id() + "\"}").getBytes(UTF_8);
            }
            signed.forEach(exchange.getResponseHeaders()::set);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            byte[] sent = wire.apply(content);
            exchange.sendResponseHeaders(status, sent.length);
            exchange.getResponseBody().write(sent);
            exchange.close();
        }

        private String stated = "";
        UnaryOperator<List<String>> mixing = UnaryOperator.identity();

        /** Each call is answered by what it asked for; the digests are of what was meant. */
        private byte[] answers(HttpSignature.Request request) {
            List<String> answers = new ArrayList<>();
            JsonNode asked = JsonMapper.shared().readTree(request.content()).path("calls");
            together.add(asked.size());
            asked.forEach(each -> answers.add(JsonMapper.shared()
                    .writeValueAsString(Map.of(
                            "status",
                            200,
                            "headers",
                            Map.of("Content-Type", "application/json"),
                            "body",
                            "answer to "
                                    + JsonMapper.shared()
                                            .readTree(each.asString())
                                            .path("query")
                                            .path("id")
                                            .asString()))));
            stated = String.join(
                    ", ",
                    answers.stream()
                            .map(each -> HttpSignature.digest(each.getBytes(UTF_8)))
                            .toList());
            return JsonMapper.shared().writeValueAsBytes(Map.of("answers", mixing.apply(answers)));
        }

        final List<Integer> together = new ArrayList<>();

        String ask(String peer, String words) {
            return new String(client.ask(peer, "POST", "/peer/words?of=1", words.getBytes(UTF_8)), UTF_8);
        }

        /** The newest entry of evidence about an exchange, proved. */
        Map<String, String> newest() {
            EvidenceRecords evidence = share.bean(EvidenceRecords.class);
            long index = evidence.record(
                            Map.of("kind", "mark", "at", share.clock.instant().toString()))
                    .index();
            Awaitility.await()
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> evidence.prove(index).isPresent());
            for (long each = index - 1; each >= 0; each--) {
                Proof proof = evidence.prove(each).orElseThrow();
                JsonNode entry = JsonMapper.shared().readTree(proof.entry());
                if (entry.path("kind").asString().equals("exchange")) {
                    Map<String, String> found = new HashMap<>();
                    entry.properties()
                            .forEach(one ->
                                    found.put(one.getKey(), one.getValue().asString()));
                    return found;
                }
            }
            throw new AssertionError("No exchange is in evidence");
        }

        @Override
        public void close() {
            server.stop(0);
            share.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        a = new Installation(folder.resolve("a"), "省平台");
        b = new Installation(folder.resolve("b"), "市平台");
    }

    @AfterEach
    void stop() {
        a.close();
        b.close();
    }

    private void peer() {
        a.peers.propose(ENGINEER, "city", b.peers.card());
        b.peers.propose(ENGINEER, "province", a.peers.card());
        String digits = a.peers.get("city").fingerprint();
        assertThat(digits)
                .matches("(\\d{5} ){5}\\d{5}")
                .isEqualTo(b.peers.get("province").fingerprint());
        a.peers.confirm(SECURITY, "city", digits);
        b.peers.confirm(SECURITY, "province", digits.replace(" ", ""));
    }

    @Test
    void nothingPassesBeforeBothHaveConfirmed() {
        a.peers.propose(ENGINEER, "city", b.peers.card());
        b.peers.propose(ENGINEER, "province", a.peers.card());
        String digits = a.peers.get("city").fingerprint();

        assertCode(PeerProblem.NOT_CONFIRMED, () -> a.ask("city", "one"));
        assertThat(b.came).isEmpty();
        assertCode(PeerProblem.ONE_PERSON, () -> a.peers.confirm(ENGINEER, "city", digits));
        assertCode(
                PeerProblem.FINGERPRINT_DIFFERS,
                () -> a.peers.confirm(
                        SECURITY, "city", digits.replace(digits.charAt(0), (char) (digits.charAt(0) ^ 1))));
        a.peers.confirm(SECURITY, "city", digits);
        assertThatThrownBy(() -> a.ask("city", "two"))
                .isInstanceOf(PeerLine.Away.class)
                .hasMessageContaining("exchange.peer_not_confirmed");
        b.peers.confirm(SECURITY, "province", digits);

        assertThat(a.ask("city", "three")).isEqualTo("peer:province asked three");

        b.peers.suspend(SECURITY, "province");
        assertThatThrownBy(() -> a.ask("city", "four")).hasMessageContaining("exchange.peer_not_confirmed");
        b.peers.resume(SECURITY, "province");
        assertThat(a.ask("city", "five")).isEqualTo("peer:province asked five");
        a.peers.end(SECURITY, "city");
        assertCode(PeerProblem.NOT_CONFIRMED, () -> a.ask("city", "six"));
        assertCode(PeerProblem.WRONG_STATE, () -> a.peers.resume(SECURITY, "city"));
    }

    @Test
    void cardIsHeldAgainstWhatACardIs() {
        PeerCard good = b.peers.card();
        for (PeerCard bad : List.of(
                new PeerCard(" ", good.address(), good.publicKey(), good.evidenceKey()),
                new PeerCard("x", "http://peer.example.gov.cn", good.publicKey(), good.evidenceKey()),
                new PeerCard("x", "https://u:p@peer.example.gov.cn", good.publicKey(), good.evidenceKey()),
                new PeerCard("x", "https://peer.example.gov.cn/path", good.publicKey(), good.evidenceKey()),
                new PeerCard("x", a.peers.card().address(), good.publicKey(), good.evidenceKey()),
                new PeerCard("x", good.address(), "AAAA", good.evidenceKey()),
                new PeerCard("x\ny", good.address(), good.publicKey(), good.evidenceKey()),
                new PeerCard("x", good.address(), good.publicKey(), "anything"),
                // What would let one text be read as two cards.
                new PeerCard(
                        "x",
                        good.address(),
                        good.publicKey(),
                        good.evidenceKey() + "\n\n" + a.peers.card().address()))) {
            assertCode(PeerProblem.BAD_CARD, () -> a.peers.propose(ENGINEER, "city", bad));
        }
        a.peers.propose(ENGINEER, "city", good);
        assertCode(PeerProblem.NAME_TAKEN, () -> a.peers.propose(ENGINEER, "city", good));
        assertCode(PeerProblem.NAME_TAKEN, () -> a.peers.propose(ENGINEER, "other", good));
        assertThat(a.peers.list()).extracting(Peer::name).containsExactly("city");
    }

    /** Whatever differs on a card, the digits do. */
    @Test
    void digitsCoverAllOfBothCards() {
        PeerCard one = a.peers.card();
        PeerCard other = b.peers.card();
        String digits = PeerCard.fingerprint(one, other);
        assertThat(PeerCard.fingerprint(other, one)).isEqualTo(digits);
        for (PeerCard changed : List.of(
                new PeerCard("别的", other.address(), other.publicKey(), other.evidenceKey()),
                new PeerCard(other.name(), other.address() + "1", other.publicKey(), other.evidenceKey()),
                new PeerCard(other.name(), other.address(), one.publicKey(), other.evidenceKey()),
                new PeerCard(other.name(), other.address(), other.publicKey(), one.evidenceKey()),
                new PeerCard(other.name() + other.address(), "", other.publicKey(), other.evidenceKey()))) {
            assertThat(PeerCard.fingerprint(one, changed)).isNotEqualTo(digits);
        }
    }

    /** A key that was taken away while an answer was on its way brings no other in. */
    @Test
    void replacedKeyBringsNoOtherIn() {
        peer();
        String before = a.keys.active().keyId();
        PeerKeys announced =
                JsonMapper.shared().readValue(b.client.ask("province", "GET", "/peer/keys", null), PeerKeys.class);
        PeerCard card = a.peers.card();
        b.peers.replaceCard(
                ENGINEER,
                "province",
                new PeerCard(
                        card.name(),
                        card.address(),
                        java.util.Base64.getEncoder()
                                .encodeToString(Sealing.newKeyPair().getPublic().getEncoded()),
                        card.evidenceKey()));

        b.peers.learn("province", before, announced.keys());

        assertThat(b.peers.byKey(before)).isEmpty();
        assertThatThrownBy(() -> a.ask("city", "one")).hasMessageContaining("core.signature_key_unknown");
    }

    /** Each caller has the answer to its own call; those that come at once share messages; what was mixed up is nobody's answer. */
    @Test
    void callsThatWaitGoTogether() throws Exception {
        peer();
        granted();
        PeerCalls calls = new PeerCalls(
                a.client, a.share.bean(PeerGrants.class), a.share.bean(org.qiantang.org.Enclosures.class));
        assertThat(answer(calls, 0)).isEqualTo("answer to 0");
        assertThat(b.together).containsExactly(1);
        b.together.clear();
        try (var callers = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            List<java.util.concurrent.Future<String>> all = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                int id = i;
                all.add(callers.submit(() -> answer(calls, id)));
            }
            for (int i = 0; i < 300; i++) {
                assertThat(all.get(i).get()).isEqualTo("answer to " + i);
            }
        }
        assertThat(b.together.stream().mapToInt(Integer::intValue).sum()).isEqualTo(300);
        assertThat(b.together).hasSizeLessThan(150).allMatch(size -> size <= 32);
        Map<String, String> entry = a.newest();
        assertThat(PeerMessages.Proved.holds(
                        entry,
                        a.keys.active().pair().getPublic(),
                        b.keys.active().pair().getPublic()))
                .isTrue();
        assertThat(entry.get("request")).contains("\"qiantang-calls\": sha-256=");

        b.mixing = answers -> answers.stream()
                .map(each -> each.replace("answer", "falsehood"))
                .toList();
        assertCode(PeerProblem.AWAY, () -> answer(calls, 1));
        b.mixing = answers -> List.of();
        assertCode(PeerProblem.AWAY, () -> answer(calls, 2));
        b.mixing = UnaryOperator.identity();
        b.status = 403;
        assertCode(PeerProblem.REFUSED, () -> answer(calls, 3));
        b.status = 200;
        assertThat(answer(calls, 4)).isEqualTo("answer to 4");
        b.server.stop(0);
        assertCode(PeerProblem.AWAY, () -> answer(calls, 5));
        assertCode(PeerProblem.NO_GRANT, () -> calls.call(TestExchange.NURSE, "city", "x", 1, wanted(6)));
    }

    private static PeerCalls.Wanted wanted(int id) {
        return new PeerCalls.Wanted(
                Map.of("id", Integer.toString(id)), null, null, null, null, null, "json", "/peers/city/services/x/v1");
    }

    private static String answer(PeerCalls calls, int id) {
        return new String(
                calls.call(TestExchange.SHEN, "city", "x", 1, wanted(id)).content(), UTF_8);
    }

    /** What the city says that it has granted to the civil affairs bureau. */
    private void granted() {
        java.util.UUID application = java.util.UUID.randomUUID();
        a.share.jdbc.sql("""
                        insert into exchange_applications (id, peer, department_id, applicant, applicant_name, state, asked, created_at, remote_at)
                        values (?, 'city', 'civil', 'shen', '沈', 'SENT', '{}', now(), now())""").param(application).update();
        java.util.UUID id = java.util.UUID.randomUUID();
        java.time.Instant from = java.time.Instant.parse("2026-01-01T00:00:00Z");
        java.time.Instant to = java.time.Instant.parse("2028-01-01T00:00:00Z");
        a.share
                .jdbc
                .sql("""
                        insert into exchange_grants (peer, id, application_id, department_id, number, in_force, content)
                        values ('city', ?, ?, 'civil', 'GX1', true, cast(? as jsonb))""")
                .params(
                        id,
                        application,
                        JsonMapper.shared()
                                .writeValueAsString(new org.qiantang.share.Grants.GrantWhole(
                                        new org.qiantang.share.Grants.GrantBrief(
                                                id,
                                                "GX1",
                                                1,
                                                TestShare.CIVIL,
                                                TestShare.POLICE,
                                                "核对",
                                                org.qiantang.share.GrantState.GRANTED,
                                                true,
                                                from,
                                                to,
                                                List.of()),
                                        new org.qiantang.share.Grant(
                                                id,
                                                "GX1",
                                                "peer_province",
                                                "核对",
                                                "依据",
                                                "目的",
                                                from,
                                                to,
                                                new org.qiantang.share.Quota(1, 1),
                                                List.of()),
                                        application,
                                        "系统",
                                        3,
                                        List.of(),
                                        List.of(),
                                        java.util.Set.of())))
                .update();
    }

    /** That something is wrong over there is no refusal of theirs. */
    @Test
    void failureThereIsNoRefusal() {
        peer();
        b.status = 503;
        assertThatThrownBy(() -> a.ask("city", "one")).isInstanceOf(PeerLine.Away.class);
        b.status = 409;
        assertThatThrownBy(() -> a.ask("city", "one")).isInstanceOf(PeerLine.Refused.class);
    }

    /** Out of either side's log alone, by the other side's key alone: just this was answered to just that. */
    @Test
    void neitherCanDenyIt() {
        peer();
        a.ask("city", "谁");

        var keyOfA = a.keys.active().pair().getPublic();
        var keyOfB = b.keys.active().pair().getPublic();
        for (Map<String, String> entry : List.of(a.newest(), b.newest())) {
            assertThat(PeerMessages.Proved.holds(entry, keyOfA, keyOfB)).isTrue();
            assertThat(PeerMessages.Proved.holds(entry, keyOfB, keyOfA)).isFalse();
            assertThat(entry.get("request")).contains(HttpSignature.digest("谁".getBytes(UTF_8)));
            assertThat(entry.get("response")).contains(HttpSignature.digest("peer:province asked 谁".getBytes(UTF_8)));
            for (String name : List.of("request", "requestSignature", "response", "responseSignature")) {
                String value = entry.get(name);
                for (int i = 0; i < value.length(); i += 7) {
                    Map<String, String> changed = new HashMap<>(entry);
                    char other = value.charAt(i) == 'x' ? 'y' : 'x';
                    changed.put(name, value.substring(0, i) + other + value.substring(i + 1));
                    assertThat(PeerMessages.Proved.holds(changed, keyOfA, keyOfB))
                            .as(name + " " + i)
                            .isFalse();
                }
            }
        }
        Map<String, String> first = a.newest();
        a.ask("city", "什么");
        Map<String, String> swapped = new HashMap<>(a.newest());
        swapped.put("response", first.get("response"));
        swapped.put("responseSignature", first.get("responseSignature"));
        assertThat(PeerMessages.Proved.holds(swapped, keyOfA, keyOfB)).isFalse();
    }

    @Test
    void whatCameOnceIsRefusedAndClocksMustAgree() {
        peer();
        a.ask("city", "one");

        assertCode(SignatureProblem.REPLAYED, () -> b.messages.accept(b.came.getLast()));
        b.share.clock.now = b.share.clock.now.plus(PeerMessages.WINDOW).plusSeconds(1);
        assertThatThrownBy(() -> a.ask("city", "two"))
                .isInstanceOf(PeerLine.Away.class)
                .hasMessageContaining("core.signature_clock");
        // Once a message is forgotten its time is over.
        b.share.clock.now = b.share.clock.now.plus(PeerMessages.WINDOW.multipliedBy(4));
        b.messages.forgetNonces();
        assertThat(b.share
                        .jdbc
                        .sql("select count(*) from exchange_nonces")
                        .query(Long.class)
                        .single())
                .isZero();
        assertCode(SignatureProblem.CLOCK, () -> b.messages.accept(b.came.getFirst()));
    }

    @Test
    void answerThatWasTouchedIsNone() {
        peer();
        b.wire = content ->
                new String(content, UTF_8).replace("province", "provinze").getBytes(UTF_8);
        assertThatThrownBy(() -> a.ask("city", "one"))
                .isInstanceOf(PeerLine.Away.class)
                .hasMessageContaining("core.signature_digest_wrong");
        b.wire = UnaryOperator.identity();
        assertThat(a.ask("city", "one")).isEqualTo("peer:province asked one");
    }

    @Test
    void whoIsAwayIsSaidToBeAndThatWeAskedStays() {
        peer();
        b.server.stop(0);
        assertThatThrownBy(() -> a.ask("city", "one")).isInstanceOf(PeerLine.Away.class);
        assertThat(a.newest()).containsKey("failure").doesNotContainKey("response");
    }

    @Test
    void nextKeyIsHeardOfBeforeItSigns() {
        peer();
        String before = a.keys.active().keyId();
        a.keys.rotate(SECURITY);
        a.keys.rotate(SECURITY);
        assertThat(a.keys.active().keyId()).isEqualTo(before);
        assertThat(a.messages.announced().keys()).hasSize(2);
        b.peers.learn(
                "province",
                before,
                JsonMapper.shared()
                        .readValue(b.client.ask("province", "GET", "/peer/keys", null), PeerKeys.class)
                        .keys());

        for (Installation each : List.of(a, b)) {
            each.share.clock.now =
                    each.share.clock.now.plus(ExchangeKeys.ANNOUNCED).plusSeconds(10);
        }
        assertThat(a.keys.active().keyId()).isNotEqualTo(before);
        assertThat(a.ask("city", "one")).isEqualTo("peer:province asked one");
        for (Installation each : List.of(a, b)) {
            each.share.clock.now = each.share.clock.now.plus(Duration.ofDays(1));
        }
        assertThat(b.peers.byKey(before)).isEmpty();
        assertThat(a.ask("city", "two")).isEqualTo("peer:province asked two");
    }

    private static void assertCode(Problem.Code code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }
}

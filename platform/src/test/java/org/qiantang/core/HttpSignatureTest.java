package org.qiantang.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.qiantang.core.HttpSignature.Checked;
import org.qiantang.core.HttpSignature.Request;
import org.qiantang.core.HttpSignature.Response;

class HttpSignatureTest {
    private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
    private static final URI TARGET = URI.create("https://b.example.gov.cn/peer/calls?one=%E4%B8%80&two=2");

    private final KeyPair a = Sealing.newKeyPair();
    private final KeyPair b = Sealing.newKeyPair();

    /** RFC 9421, B.2.6: the same base and the same 64 bytes, since Ed25519 has no chance in it. */
    @Test
    void theVectorOfTheStandard() {
        KeyPair key = Sealing.keyPair(
                Base64.getDecoder().decode("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"));
        Request request = new Request(
                "POST",
                URI.create("https://example.com/foo?param=Value&Pet=dog"),
                Map.of(
                        "date", "Tue, 20 Apr 2021 02:07:55 GMT",
                        "content-type", "application/json",
                        "content-length", "18"),
                "{\"hello\": \"world\"}".getBytes(StandardCharsets.UTF_8));
        String parameters = "(\"date\" \"@method\" \"@path\" \"@authority\" \"content-type\" \"content-length\")"
                + ";created=1618884473;keyid=\"test-key-ed25519\"";
        String base = HttpSignature.base(
                List.of(
                        "\"date\"",
                        "\"@method\"",
                        "\"@path\"",
                        "\"@authority\"",
                        "\"content-type\"",
                        "\"content-length\""),
                parameters,
                request);

        assertThat(base).isEqualTo("""
                "date": Tue, 20 Apr 2021 02:07:55 GMT
                "@method": POST
                "@path": /foo
                "@authority": example.com
                "content-type": application/json
                "content-length": 18
                "@signature-params": %s""".formatted(parameters));
        byte[] expected = Base64.getDecoder()
                .decode("wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==");
        assertThat(new Sealing(new byte[32], key).sign(base.getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(expected);
        assertThat(HttpSignature.of(base, expected).holds(key.getPublic())).isTrue();
    }

    @Test
    void whatIsSignedIsWhatArrives() {
        Random random = new Random(9421);
        for (int i = 0; i < 50; i++) {
            byte[] content = new byte[random.nextInt(300)];
            random.nextBytes(content);
            Request sent = request(content);
            HttpSignature signature =
                    HttpSignature.sign(sent, a.getPrivate(), HttpSignature.keyId(a.getPublic()), NOW, "n".repeat(22));
            Request came = with(sent, signature);
            Checked checked = HttpSignature.check(came, this::key);
            assertThat(checked.keyId()).isEqualTo(HttpSignature.keyId(a.getPublic()));
            assertThat(checked.nonce()).isEqualTo("n".repeat(22));
            assertThat(checked.header("X-Grant")).contains("SQ2026-000001");
            assertThat(checked.created()).isEqualTo(NOW);

            Response answer = new Response(200, Map.of("Content-Type", "application/json"), content);
            HttpSignature second = HttpSignature.sign(
                    answer, came, checked.signature(), b.getPrivate(), HttpSignature.keyId(b.getPublic()), NOW);
            Checked back = HttpSignature.check(with(answer, second), sent, signature, this::key);
            assertThat(back.keyId()).isEqualTo(HttpSignature.keyId(b.getPublic()));

            HttpSignature kept =
                    HttpSignature.of(back.signature().base(), back.signature().signature());
            assertThat(kept.holds(b.getPublic())).isTrue();
            assertThat(kept.holds(a.getPublic())).isFalse();
            assertThat(kept.keyId()).isEqualTo(HttpSignature.keyId(b.getPublic()));
        }
    }

    /** Each bit of whatever counts, one at a time. */
    @Test
    void aChangedBitIsRefused() {
        Request sent = request("{\"name\":\"people\"}".getBytes(StandardCharsets.UTF_8));
        HttpSignature signature =
                HttpSignature.sign(sent, a.getPrivate(), HttpSignature.keyId(a.getPublic()), NOW, "n".repeat(22));
        Request came = with(sent, signature);
        List<Request> changed = new ArrayList<>();
        changed.add(new Request("GET", came.target(), came.headers(), came.content()));
        for (String other : List.of(
                "http://b.example.gov.cn/peer/calls?one=%E4%B8%80&two=2",
                "https://c.example.gov.cn/peer/calls?one=%E4%B8%80&two=2",
                "https://b.example.gov.cn/peer/call?one=%E4%B8%80&two=2",
                "https://b.example.gov.cn/peer/calls?one=%E4%B8%80&two=3",
                "https://b.example.gov.cn/peer/calls?two=2&one=%E4%B8%80",
                "https://b.example.gov.cn/peer/calls")) {
            changed.add(new Request("POST", URI.create(other), came.headers(), came.content()));
        }
        for (int i = 0; i < came.content().length * 8; i++) {
            changed.add(new Request("POST", came.target(), came.headers(), flipped(came.content(), i)));
        }
        for (String name : came.headers().keySet()) {
            byte[] bytes = came.headers().get(name).getBytes(StandardCharsets.ISO_8859_1);
            for (int i = 0; i < bytes.length * 8; i++) {
                Map<String, String> headers = new HashMap<>(came.headers());
                headers.put(name, new String(flipped(bytes, i), StandardCharsets.ISO_8859_1));
                changed.add(new Request("POST", came.target(), headers, came.content()));
            }
            Map<String, String> without = new HashMap<>(came.headers());
            without.remove(name);
            changed.add(new Request("POST", came.target(), without, came.content()));
        }
        assertThat(changed)
                .hasSizeGreaterThan(3_000)
                .allSatisfy(each -> assertThatThrownBy(() -> HttpSignature.check(each, this::key))
                        .isInstanceOfSatisfying(
                                Problem.class,
                                problem -> assertThat(problem.code()).isInstanceOf(SignatureProblem.class)));
    }

    @Test
    void anAnswerBelongsToItsQuestion() {
        Request one = request("1".getBytes(StandardCharsets.UTF_8));
        HttpSignature first =
                HttpSignature.sign(one, a.getPrivate(), HttpSignature.keyId(a.getPublic()), NOW, "a".repeat(22));
        HttpSignature again =
                HttpSignature.sign(one, a.getPrivate(), HttpSignature.keyId(a.getPublic()), NOW, "b".repeat(22));
        Request two = request("2".getBytes(StandardCharsets.UTF_8));
        Response answer = new Response(200, Map.of("Content-Type", "application/json"), new byte[] {'x'});
        HttpSignature signed =
                HttpSignature.sign(answer, one, first, b.getPrivate(), HttpSignature.keyId(b.getPublic()), NOW);
        Response came = with(answer, signed);

        assertThat(HttpSignature.check(came, one, first, this::key).header("content-type"))
                .contains("application/json");
        assertWrong(() -> HttpSignature.check(came, one, again, this::key));
        assertWrong(() -> HttpSignature.check(came, two, first, this::key));
        assertWrong(
                () -> HttpSignature.check(new Response(404, came.headers(), came.content()), one, first, this::key));
        assertThatThrownBy(() ->
                        HttpSignature.check(new Response(200, came.headers(), new byte[] {'y'}), one, first, this::key))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(SignatureProblem.DIGEST_WRONG));
        Map<String, String> unbound = new HashMap<>(came.headers());
        unbound.put("signature-input", unbound.get("signature-input").replace(" \"content-digest\";req", ""));
        assertThatThrownBy(() -> HttpSignature.check(new Response(200, unbound, came.content()), one, first, this::key))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(SignatureProblem.MISSING));
    }

    /** A header that somebody adds on the way is not among those that may be believed. */
    @Test
    void whatIsNotCoveredIsNotBelieved() {
        Request sent = request(new byte[0]);
        HttpSignature signature =
                HttpSignature.sign(sent, a.getPrivate(), HttpSignature.keyId(a.getPublic()), NOW, "n".repeat(22));
        Map<String, String> more = new TreeMap<>(with(sent, signature).headers());
        more.put("x-case", "another");
        Checked checked = HttpSignature.check(new Request("POST", TARGET, more, new byte[0]), this::key);
        assertThat(checked.header("X-Case")).isEmpty();
    }

    @Test
    void clocksMustAgree() {
        Checked checked =
                new Checked(HttpSignature.of("\"@signature-params\": ()", new byte[64]), "k", NOW, "", Map.of());
        checked.requireTimely(NOW.plusSeconds(60), Duration.ofMinutes(1));
        for (Instant other : List.of(NOW.plusSeconds(61), NOW.minusSeconds(61))) {
            assertThatThrownBy(() -> checked.requireTimely(other, Duration.ofMinutes(1)))
                    .isInstanceOfSatisfying(Problem.class, problem -> {
                        assertThat(problem.code()).isEqualTo(SignatureProblem.CLOCK);
                        assertThat(problem.arguments()).containsEntry("seconds", "61");
                    });
        }
    }

    private static Request request(byte[] content) {
        return new Request(
                "POST", TARGET, Map.of("Content-Type", "application/json", "X-Grant", "SQ2026-000001"), content);
    }

    private static Request with(Request request, HttpSignature signature) {
        Map<String, String> headers = new HashMap<>(request.headers());
        headers.putAll(signature.headers(request.content()));
        return new Request(request.method(), request.target(), headers, request.content());
    }

    private static Response with(Response response, HttpSignature signature) {
        Map<String, String> headers = new HashMap<>(response.headers());
        headers.putAll(signature.headers(response.content()));
        return new Response(response.status(), headers, response.content());
    }

    private Optional<java.security.PublicKey> key(String id) {
        return java.util.stream.Stream.of(a, b)
                .map(KeyPair::getPublic)
                .filter(key -> HttpSignature.keyId(key).equals(id))
                .findFirst();
    }

    private static void assertWrong(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(SignatureProblem.WRONG));
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] changed = bytes.clone();
        changed[bit / 8] ^= (byte) (1 << (bit % 8));
        return changed;
    }

    /** What the JDK signs and checks, and what we do, is the same. */
    @Test
    void signaturesAreThoseOfTheStandard() throws Exception {
        for (int i = 0; i < 200; i++) {
            java.security.KeyPair pair = Sealing.newKeyPair();
            byte[] message = new byte[i * 7];
            new java.util.Random(i).nextBytes(message);
            java.security.Signature theirs = java.security.Signature.getInstance("Ed25519");
            theirs.initSign(pair.getPrivate());
            theirs.update(message);
            byte[] signature = theirs.sign();

            assertThat(Ed25519Messages.sign(pair.getPrivate(), message)).isEqualTo(signature);
            assertThat(Ed25519Messages.verify(pair.getPublic(), message, signature))
                    .isTrue();
            signature[i % 64] ^= 1;
            assertThat(Ed25519Messages.verify(pair.getPublic(), message, signature))
                    .isFalse();
        }
        assertThat(Ed25519Messages.verify(Sealing.newKeyPair().getPublic(), new byte[1], new byte[63]))
                .isFalse();
    }
}

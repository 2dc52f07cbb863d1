package org.qiantang.exchange;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Problem;
import org.qiantang.org.EvidenceRecords;
import org.springframework.stereotype.Service;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Asks peers, signed, over connections that are kept; believes nothing that the peer has not signed in answer to just that question. */
@Service
final class PeerClient implements PeerLine {
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ANSWER = Duration.ofSeconds(30);
    /** The whole answer, its content too. */
    private static final Duration WHOLE = Duration.ofSeconds(60);

    private static final long MOST_BYTES = 64L << 20;
    private static final int LONGEST_REASON = 300;
    private static final int TOO_MANY = 429;
    private static final int THEIR_FAULT = 500;

    private final Peers peers;
    private final PeerMessages messages;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT)
            .build();

    PeerClient(Peers peers, PeerMessages messages) {
        this.peers = peers;
        this.messages = messages;
    }

    /**
     * What is asked.
     *
     * @param who on whose behalf, for our own evidence
     * @param path from the peer's root on
     */
    record Question(String who, String method, String path, Map<String, String> headers, byte[] content) {}

    /**
     * A checked answer.
     *
     * @param keyId of the key that signed it
     * @param headers those that are signed, in lower case
     * @param evidence where we wrote it down; null when nothing had changed
     */
    record Answer(
            int status,
            String keyId,
            Map<String, String> headers,
            byte[] content,
            EvidenceRecords.@Nullable Recorded evidence) {
        JsonNode json() {
            return JsonMapper.shared().readTree(content);
        }
    }

    /** @throws Away when there is no answer, or none that is the peer's */
    Answer send(String name, Question question) {
        Peers.Line line = peers.line(name);
        line.requireConfirmed();
        HttpSignature.Request request = new HttpSignature.Request(
                question.method, URI.create(line.address() + question.path), question.headers, question.content);
        HttpSignature signed = messages.sign(request);
        HttpRequest.Builder out = HttpRequest.newBuilder(request.target())
                .timeout(ANSWER)
                .method(
                        question.method,
                        question.content.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(question.content));
        question.headers.forEach(out::header);
        signed.headers(question.content).forEach(out::header);
        try {
            HttpResponse<byte[]> came = sent(out.build());
            Map<String, String> headers = new HashMap<>();
            came.headers()
                    .map()
                    .forEach((key, values) -> headers.put(key.toLowerCase(Locale.ROOT), String.join(", ", values)));
            HttpSignature.Response response = new HttpSignature.Response(came.statusCode(), headers, came.body());
            HttpSignature.Checked checked = checked(name, question, request, signed, response);
            return new Answer(
                    came.statusCode(),
                    checked.keyId(),
                    new TreeMap<>(checked.headers()),
                    came.body(),
                    came.statusCode() == PeerMessages.NOT_MODIFIED
                            ? null
                            : messages.asked(name, question.who, signed, checked.signature(), null));
        } catch (IOException e) {
            throw away(name, question, signed, e.getClass().getSimpleName() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away(name, question, signed, "interrupted");
        }
    }

    /** A question has a time for all of its answer; a body that only drips would hold whoever waits for ever. */
    private HttpResponse<byte[]> sent(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> coming = http.sendAsync(
                request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), MOST_BYTES));
        try {
            return coming.get(WHOLE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no whole answer within " + WHOLE.toSeconds() + " s", e);
        } finally {
            coming.cancel(true);
        }
    }

    private HttpSignature.Checked checked(
            String name,
            Question question,
            HttpSignature.Request request,
            HttpSignature signed,
            HttpSignature.Response response) {
        try {
            return messages.check(name, response, request, signed);
        } catch (Problem notTheirs) {
            // Whoever could not make out who asks does not sign; what they say is worth being read, not believed.
            String said = "";
            try {
                said = JsonMapper.shared()
                        .readTree(response.content())
                        .path("code")
                        .asString("");
            } catch (JacksonException e) {
                said = "";
            }
            throw away(
                    name,
                    question,
                    signed,
                    "HTTP " + response.status() + " " + said.replaceAll("[^a-z_.]", "") + " "
                            + notTheirs.code().id());
        }
    }

    /** That something was asked of which no answer is known is written down where it may have done something. */
    private Away away(String name, Question question, HttpSignature signed, String reason) {
        String text = reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
        if (!question.method.equals("GET")) {
            messages.asked(name, question.who, signed, null, text);
        }
        return new Away(text);
    }

    @Override
    public byte[] ask(String peer, String method, String path, byte @Nullable [] body) {
        Map<String, String> headers = body == null ? Map.of() : Map.of("Content-Type", "application/json");
        Answer answer = send(peer, new Question("exchange", method, path, headers, body == null ? new byte[0] : body));
        requireGood(answer);
        return answer.content;
    }

    /** What it refuses is its word; that something is wrong with it, or too much for it, passes. */
    static void requireGood(Answer answer) {
        if (answer.status >= THEIR_FAULT || answer.status == TOO_MANY) {
            throw new Away("HTTP " + answer.status);
        }
        if (answer.status >= 400) {
            throw refused(answer);
        }
    }

    static Refused refused(Answer answer) {
        try {
            JsonNode problem = answer.json();
            return new Refused(
                    problem.path("code").asString("?"),
                    problem.path("zh").asString("?"),
                    problem.path("en").asString("?"));
        } catch (JacksonException e) {
            return new Refused("HTTP " + answer.status, "?", "?");
        }
    }
}

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
    private static final int LONGEST_REASON = 300;

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
     * @param headers those that are signed, in lower case
     * @param evidence where we wrote it down; null when nothing had changed
     */
    record Answer(
            int status, Map<String, String> headers, byte[] content, EvidenceRecords.@Nullable Recorded evidence) {
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
            HttpResponse<byte[]> came = http.send(out.build(), HttpResponse.BodyHandlers.ofByteArray());
            Map<String, String> headers = new HashMap<>();
            came.headers()
                    .map()
                    .forEach((key, values) -> headers.put(key.toLowerCase(Locale.ROOT), String.join(", ", values)));
            HttpSignature.Response response = new HttpSignature.Response(came.statusCode(), headers, came.body());
            HttpSignature.Checked checked = checked(name, request, signed, response);
            return new Answer(
                    came.statusCode(),
                    new TreeMap<>(checked.headers()),
                    came.body(),
                    came.statusCode() == PeerMessages.NOT_MODIFIED
                            ? null
                            : messages.asked(name, question.who, signed, checked.signature(), null));
        } catch (IOException e) {
            throw away(name, question, signed, e.getClass().getSimpleName() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Away("interrupted");
        }
    }

    private HttpSignature.Checked checked(
            String name, HttpSignature.Request request, HttpSignature signed, HttpSignature.Response response) {
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
            throw new Away("HTTP " + response.status() + " " + said + " "
                    + notTheirs.code().id());
        }
    }

    /** That something was asked of which no answer is known is written down where it may have done something. */
    private Away away(String name, Question question, HttpSignature signed, String reason) {
        String text = reason.length() > LONGEST_REASON ? reason.substring(0, LONGEST_REASON) : reason;
        if (question.method.equals("POST")) {
            messages.asked(name, question.who, signed, null, text);
        }
        return new Away(text);
    }

    @Override
    public byte[] ask(String peer, String method, String path, byte @Nullable [] body) {
        Map<String, String> headers = body == null ? Map.of() : Map.of("Content-Type", "application/json");
        Answer answer = send(peer, new Question("exchange", method, path, headers, body == null ? new byte[0] : body));
        if (answer.status >= 400) {
            throw refused(answer);
        }
        return answer.content;
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

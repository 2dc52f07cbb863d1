package org.qiantang.exchange;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Enclosures;
import org.qiantang.org.EvidenceRecords;
import org.springframework.stereotype.Service;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls of data services that another installation gives (跨平台调用): a system of ours asks here as it asks for our own, and both sides can
 * prove what was asked and answered. A call goes at once while few are under way; those that come meanwhile go together in the next message,
 * so that what signing and evidence cost is shared. Each is a text of its own with a random text in it, and the message's signature covers
 * the digest of each: one is proved without the others, and nobody guesses what had a digest.
 */
@Service
public final class PeerCalls {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SALT_BYTES = 16;

    /** So many calls go in one message, and so many messages to a peer are under way. */
    private static final int MOST_TOGETHER = 32;

    private static final int MOST_UNDER_WAY = 2;

    private final PeerClient client;
    private final PeerGrants grants;
    private final Enclosures enclosures;
    private final Map<String, Lane> lanes = new ConcurrentHashMap<>();

    PeerCalls(PeerClient client, PeerGrants grants, Enclosures enclosures) {
        this.client = client;
        this.grants = grants;
        this.enclosures = enclosures;
    }

    /**
     * What a caller says.
     *
     * @param query by names
     * @param grant its number or id at the peer; null where the department has only one there
     * @param scenario what for, in their words
     * @param operator the person at the other end
     * @param caseNumber of the affair
     * @param known the marks of answers that they have, as {@code If-None-Match} has them
     * @param format {@code json} or {@code csv}
     * @param path where the caller asks, for the link to the next page
     */
    public record Wanted(
            Map<String, String> query,
            @Nullable String grant,
            @Nullable String scenario,
            @Nullable String operator,
            @Nullable String caseNumber,
            @Nullable String known,
            String format,
            String path) {
        public Wanted {
            query = Map.copyOf(query);
        }
    }

    /**
     * What the peer has answered, which may be its refusal.
     *
     * @param headers in lower case
     * @param evidence where we wrote it down; null when nothing was to be written
     */
    public record Answered(
            int status, Map<String, String> headers, byte[] content, EvidenceRecords.@Nullable Recorded evidence) {}

    private record Waiting(String who, String text, CompletableFuture<Answered> answered) {}

    /** What waits for a peer. */
    private static final class Lane {
        private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        private int underWay;

        /** Whether somebody has to carry it: those under way take it along otherwise. */
        synchronized boolean add(Waiting one) {
            waiting.add(one);
            if (underWay >= MOST_UNDER_WAY) {
                return false;
            }
            underWay++;
            return true;
        }

        /** Empty when nothing waits any more, and whoever asked need not come back. */
        synchronized List<Waiting> take() {
            List<Waiting> together = new ArrayList<>();
            while (together.size() < MOST_TOGETHER && !waiting.isEmpty()) {
                together.add(waiting.remove());
            }
            if (together.isEmpty()) {
                underWay--;
            }
            return together;
        }
    }

    public Answered call(Account who, String peer, String service, int version, Wanted wanted) {
        UUID grant = grants.require(who, peer, wanted.query.getOrDefault("grant", wanted.grant));
        Map<String, String> query = new HashMap<>(wanted.query);
        query.remove("grant");
        Map<String, @Nullable Object> asked = new TreeMap<>();
        asked.put("service", service);
        asked.put("version", version);
        asked.put("query", query);
        asked.put("grant", grant.toString());
        asked.put("scenario", wanted.scenario);
        asked.put("operator", wanted.operator);
        asked.put("caseNumber", wanted.caseNumber);
        asked.put("known", wanted.known);
        asked.put("format", wanted.format);
        asked.put("path", wanted.path);
        asked.put("salt", salt());
        Waiting one = new Waiting(who.username(), JSON.writeValueAsString(asked), new CompletableFuture<>());
        Lane lane = lanes.computeIfAbsent(peer, any -> new Lane());
        if (lane.add(one)) {
            Thread.ofVirtual().name("peer-calls-" + peer).start(() -> carry(peer, lane));
        }
        try {
            return one.answered.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof Problem refused ? refused : new IllegalStateException(e.getCause());
        }
    }

    private void carry(String peer, Lane lane) {
        for (List<Waiting> together = lane.take(); !together.isEmpty(); together = lane.take()) {
            try {
                send(peer, together);
            } catch (RuntimeException | Error e) {
                Throwable why = e instanceof PeerLine.Away away ? away(String.valueOf(away.getMessage())) : e;
                together.forEach(each -> each.answered.completeExceptionally(why));
            }
        }
    }

    private void send(String peer, List<Waiting> together) {
        List<String> texts = together.stream().map(Waiting::text).toList();
        String who = together.stream().map(Waiting::who).distinct().count() == 1 ? together.getFirst().who : "exchange";
        PeerClient.Answer answer = client.send(
                peer,
                new PeerClient.Question(
                        who,
                        "POST",
                        "/peer/calls",
                        Map.of("Content-Type", "application/json", "Qiantang-Calls", HttpSignature.digests(texts)),
                        JSON.writeValueAsString(Map.of("calls", texts)).getBytes(UTF_8)));
        try {
            PeerClient.requireGood(answer);
        } catch (PeerLine.Refused refused) {
            throw PeerApplications.refusal(refused);
        }
        List<String> answers = new ArrayList<>();
        answer.json().path("answers").forEach(each -> answers.add(each.asString("")));
        if (answers.size() != together.size()
                || !HttpSignature.digests(answers).equals(answer.headers().get("qiantang-answers"))) {
            throw new PeerLine.Away("the answers are not those that are signed");
        }
        for (int i = 0; i < answers.size(); i++) {
            CompletableFuture<Answered> waits = together.get(i).answered;
            try {
                waits.complete(answered(JSON.readTree(answers.get(i)), answer.evidence()));
            } catch (JacksonException e) {
                waits.completeExceptionally(away("the answer cannot be read"));
            }
        }
    }

    private static Answered answered(JsonNode answer, EvidenceRecords.@Nullable Recorded evidence) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        answer.path("headers")
                .properties()
                .forEach(each -> headers.put(each.getKey(), each.getValue().asString("")));
        return new Answered(
                answer.path("status").asInt(),
                headers,
                answer.path("body").asString("").getBytes(UTF_8),
                evidence);
    }

    /** The services that a peer gives to us under what it has granted. */
    public Answered services(Account who, String peer) {
        enclosures.requireOutside(who);
        try {
            PeerClient.Answer answer = client.send(
                    peer, new PeerClient.Question(who.username(), "GET", "/peer/services", Map.of(), new byte[0]));
            return new Answered(answer.status(), answer.headers(), answer.content(), answer.evidence());
        } catch (PeerLine.Away away) {
            throw away(String.valueOf(away.getMessage()));
        }
    }

    private static Problem away(String reason) {
        return new Problem(PeerProblem.AWAY, "reason", reason);
    }

    private static String salt() {
        byte[] bytes = new byte[SALT_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}

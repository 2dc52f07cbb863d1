package org.qiantang.exchange;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Enclosures;
import org.qiantang.org.EvidenceRecords;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * Calls of data services that another installation gives (跨平台调用): a system of ours asks here as it asks for our own, and both sides can
 * prove what was asked and answered. What is asked goes in the content, of which evidence keeps the digest alone; a random text in it keeps
 * anybody from guessing what had that digest.
 */
@Service
public final class PeerCalls {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int SALT_BYTES = 16;

    private final PeerClient client;
    private final PeerGrants grants;
    private final Enclosures enclosures;

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
     * @param headers those that it has signed, in lower case
     * @param evidence where we wrote it down; null when the caller has the answer already
     */
    public record Answered(
            int status, Map<String, String> headers, byte[] content, EvidenceRecords.@Nullable Recorded evidence) {}

    public Answered call(Account who, String peer, String service, int version, Wanted wanted) {
        PeerGrant grant = grants.require(who, peer, wanted.query.getOrDefault("grant", wanted.grant));
        Map<String, String> query = new HashMap<>(wanted.query);
        query.remove("grant");
        Map<String, @Nullable Object> asked = new TreeMap<>();
        asked.put("query", query);
        asked.put("grant", grant.id().toString());
        asked.put("scenario", wanted.scenario);
        asked.put("operator", wanted.operator);
        asked.put("caseNumber", wanted.caseNumber);
        asked.put("known", wanted.known);
        asked.put("format", wanted.format);
        asked.put("path", wanted.path);
        asked.put("salt", salt());
        return send(
                peer,
                new PeerClient.Question(
                        who.username(),
                        "POST",
                        "/peer/services/" + service + "/v" + version,
                        Map.of("Content-Type", "application/json"),
                        JSON.writeValueAsString(asked).getBytes(StandardCharsets.UTF_8)));
    }

    /** The services that a peer gives to us under what it has granted. */
    public Answered services(Account who, String peer) {
        enclosures.requireOutside(who);
        return send(peer, new PeerClient.Question(who.username(), "GET", "/peer/services", Map.of(), new byte[0]));
    }

    private Answered send(String peer, PeerClient.Question question) {
        try {
            PeerClient.Answer answer = client.send(peer, question);
            return new Answered(answer.status(), answer.headers(), answer.content(), answer.evidence());
        } catch (PeerLine.Away away) {
            throw new Problem(PeerProblem.AWAY, "reason", String.valueOf(away.getMessage()));
        }
    }

    private static String salt() {
        byte[] bytes = new byte[SALT_BYTES];
        RANDOM.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}

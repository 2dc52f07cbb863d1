package org.qiantang.exchange;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Problem;
import org.qiantang.core.SignatureProblem;
import org.qiantang.org.Account;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.KeyRing;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * What passes between two installations, taken in, answered and written down. Each exchange is an entry of kind {@code exchange} in the
 * evidence of both: what was asked and what was answered, as it was signed. Whoever has one side's entry and the other side's key can prove
 * that just this was answered to just that.
 */
@Service
public final class PeerMessages {
    /** So far apart the clocks of two installations may be. */
    public static final Duration WINDOW = Duration.ofMinutes(1);

    private final JdbcClient jdbc;
    private final Peers peers;
    private final ExchangeKeys keys;
    private final EvidenceRecords evidence;
    private final Clock clock;

    PeerMessages(JdbcClient jdbc, Peers peers, ExchangeKeys keys, EvidenceRecords evidence, Clock clock) {
        this.jdbc = jdbc;
        this.peers = peers;
        this.keys = keys;
        this.evidence = evidence;
        this.clock = clock;
    }

    /** A request of a peer that was checked. */
    public record Came(String peer, Account account, HttpSignature.Request request, HttpSignature.Checked checked) {}

    /** The address under which peers reach us, which is what they sign. */
    public String address() {
        return peers.address();
    }

    /** Takes in what a peer asks: signed by it, now, for the first time, while it is confirmed. */
    public Came accept(HttpSignature.Request request) {
        Peers.Line[] found = new Peers.Line[1];
        HttpSignature.Checked checked = HttpSignature.check(
                request,
                id -> peers.byKey(id).map(line -> {
                    found[0] = line;
                    return line.key();
                }));
        Peers.Line line = found[0];
        Instant now = clock.instant();
        checked.requireTimely(now, WINDOW);
        line.requireConfirmed();
        if (!isFirst(checked, now)) {
            throw new Problem(SignatureProblem.REPLAYED);
        }
        return new Came(line.name(), line.account(), request, checked);
    }

    /** Not waited for until it is on disk: a database that fell and is back within the window refuses clocks before it forgets. */
    private boolean isFirst(HttpSignature.Checked checked, Instant now) {
        return jdbc.sql("""
                        with loose as (select set_config('synchronous_commit', 'off', true))
                        insert into exchange_nonces (key_id, nonce, expires_at) select :key, :nonce, :until from loose
                        on conflict do nothing""")
                        .param("key", checked.keyId())
                        .param("nonce", checked.nonce())
                        .param("until", Timestamp.from(now.plus(WINDOW.multipliedBy(3))))
                        .update()
                == 1;
    }

    void forgetNonces() {
        jdbc.sql("delete from exchange_nonces where expires_at < ?")
                .param(Timestamp.from(clock.instant()))
                .update();
    }

    /**
     * Signs an answer and writes the exchange down, unless nothing was said but that nothing has changed.
     *
     * @return the headers to answer with
     */
    public Map<String, String> answer(Came came, HttpSignature.Response response) {
        KeyRing.SigningKey key = keys.active();
        HttpSignature signed = HttpSignature.sign(
                response,
                came.request,
                came.checked.signature(),
                key.pair().getPrivate(),
                key.keyId(),
                clock.instant());
        if (response.status() != NOT_MODIFIED) {
            record("answered", came.peer, came.account.username(), came.checked.signature(), signed, null);
        }
        return signed.headers(response.content());
    }

    static final int NOT_MODIFIED = 304;

    /** The keys that count now and soon. */
    public PeerKeys announced() {
        return new PeerKeys(keys.valid().stream()
                .map(key -> new PeerKeys.Announced(
                        Base64.getEncoder()
                                .encodeToString(key.pair().getPublic().getEncoded()),
                        key.until()))
                .toList());
    }

    HttpSignature sign(HttpSignature.Request request) {
        KeyRing.SigningKey key = keys.active();
        return HttpSignature.sign(request, key.pair().getPrivate(), key.keyId(), clock.instant(), Nonces.next());
    }

    /** Whether an answer is that peer's to that question. */
    HttpSignature.Checked check(
            String peer, HttpSignature.Response response, HttpSignature.Request request, HttpSignature asked) {
        HttpSignature.Checked checked = HttpSignature.check(
                response,
                request,
                asked,
                id -> peers.byKey(id).filter(line -> line.name().equals(peer)).map(Peers.Line::key));
        checked.requireTimely(clock.instant(), WINDOW);
        return checked;
    }

    EvidenceRecords.Recorded asked(
            String peer, String who, HttpSignature asked, @Nullable HttpSignature answered, @Nullable String failure) {
        return record("asked", peer, who, asked, answered, failure);
    }

    private EvidenceRecords.Recorded record(
            String direction,
            String peer,
            String who,
            HttpSignature asked,
            @Nullable HttpSignature answered,
            @Nullable String failure) {
        Map<String, @Nullable Object> entry = new TreeMap<>();
        entry.put("kind", "exchange");
        entry.put("at", clock.instant().truncatedTo(ChronoUnit.MICROS).toString());
        entry.put("who", who);
        entry.put("direction", direction);
        entry.put("peer", peer);
        entry.put("request", asked.base());
        entry.put("requestSignature", Base64.getEncoder().encodeToString(asked.signature()));
        if (answered != null) {
            entry.put("response", answered.base());
            entry.put("responseSignature", Base64.getEncoder().encodeToString(answered.signature()));
        }
        if (failure != null) {
            entry.put("failure", failure);
        }
        return evidence.record(entry);
    }

    /** Random texts that come once. */
    private static final class Nonces {
        private static final java.security.SecureRandom RANDOM = new java.security.SecureRandom();

        static String next() {
            byte[] bytes = new byte[18];
            RANDOM.nextBytes(bytes);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        }
    }

    /** What an entry of evidence proves. */
    public static final class Proved {
        private Proved() {}

        /**
         * Whether an entry's request was signed by one key and its answer by the other, and the answer is to that very request.
         *
         * @param entry {@code request}, {@code requestSignature}, {@code response}, {@code responseSignature} of it
         */
        public static boolean holds(
                Map<String, String> entry, java.security.PublicKey asker, java.security.PublicKey answerer) {
            Optional<HttpSignature> asked = kept(entry, "request");
            Optional<HttpSignature> answered = kept(entry, "response");
            return asked.isPresent()
                    && answered.isPresent()
                    && asked.get().holds(asker)
                    && answered.get().holds(answerer)
                    && belongs(asked.get(), answered.get());
        }

        private static Optional<HttpSignature> kept(Map<String, String> entry, String name) {
            String base = entry.get(name);
            String signature = entry.get(name + "Signature");
            if (base == null || signature == null) {
                return Optional.empty();
            }
            try {
                return Optional.of(HttpSignature.of(base, Base64.getDecoder().decode(signature)));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        private static boolean belongs(HttpSignature asked, HttpSignature answered) {
            List<String> lines = answered.base().lines().toList();
            String signature = ":" + Base64.getEncoder().encodeToString(asked.signature()) + ":";
            boolean same = lines.contains("\"signature\";req;key=\"" + HttpSignature.LABEL + "\": " + signature);
            for (String name : List.of("@method", "@target-uri", "content-digest")) {
                String value = asked.base()
                        .lines()
                        .filter(line -> line.startsWith("\"" + name + "\": "))
                        .map(line -> line.substring(line.indexOf(": ")))
                        .findFirst()
                        .orElse("");
                same &= lines.contains("\"" + name + "\";req" + value);
            }
            return same;
        }
    }
}

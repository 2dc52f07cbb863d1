package org.qiantang.exchange;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What goes on between us and a peer without anybody asking: we bring what was released, and hear its keys, its directory, and how what is
 * between us stands. Each is asked for by the mark of what we have, so that nothing passes while nothing changes.
 */
@Service
final class PeerVisits {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration BETWEEN = Duration.ofSeconds(3);
    private static final Duration BETWEEN_KEYS = Duration.ofMinutes(10);
    private static final Duration BETWEEN_CATALOGUES = Duration.ofMinutes(2);
    private static final String CATALOGUE = "catalogue";
    private static final int MOST_PIECES = 1_000;
    private static final System.Logger LOG = System.getLogger(PeerVisits.class.getName());

    private final JdbcClient jdbc;
    private final Peers peers;
    private final PeerApplications applications;
    private final PeerOffers offers;
    private final PeerClient client;
    private final Clock clock;

    PeerVisits(
            JdbcClient jdbc,
            Peers peers,
            PeerApplications applications,
            PeerOffers offers,
            PeerClient client,
            Clock clock) {
        this.jdbc = jdbc;
        this.peers = peers;
        this.applications = applications;
        this.offers = offers;
        this.client = client;
        this.clock = clock;
    }

    void visit(String peer) {
        try {
            if (isDue(peer, "keys", BETWEEN_KEYS)) {
                copy(
                        peer,
                        "keys",
                        "/peer/keys",
                        PeerKeys.class,
                        (keys, answer) -> peers.learn(peer, answer.keyId(), keys.keys()));
            }
            for (UUID id : applications.due(peer)) {
                applications.send(id);
            }
            Instant asked = clock.instant();
            copy(
                    peer,
                    "standing",
                    "/peer/standing",
                    PeerDesk.Standing.class,
                    (standing, answer) -> applications.hear(peer, standing, asked));
            for (UUID id : applications.takenBack(peer)) {
                applications.takeBack(peer, id);
            }
            if (isDue(peer, CATALOGUE, BETWEEN_CATALOGUES)) {
                catalogue(peer);
            }
            peers.heard(peer, BETWEEN);
        } catch (PeerLine.Away | PeerLine.Refused away) {
            peers.away(peer, String.valueOf(away.getMessage()));
        } catch (Problem | JacksonException | IllegalArgumentException | NullPointerException unreadable) {
            // What is signed is still not always what we understand: another version of it, or something wrong there.
            LOG.log(System.Logger.Level.WARNING, "Peer " + peer + " says what cannot be understood", unreadable);
            peers.away(peer, "answer: " + unreadable.getClass().getSimpleName());
        }
    }

    /** Piece by piece: one that has not changed stays. */
    private void catalogue(String peer) {
        Set<String> pieces = new HashSet<>(Set.of(CATALOGUE));
        @Nullable UUID after = null;
        boolean more = true;
        for (int n = 0; more && n < MOST_PIECES; n++) {
            String what = CATALOGUE + " " + (after == null ? "" : after);
            pieces.add(what);
            String path = "/peer/catalogue" + (after == null ? "" : "?after=" + after);
            @Nullable UUID from = after;
            copy(peer, what, path, PeerDesk.Catalogue.class, (piece, answer) -> {
                requireOnward(from, piece);
                offers.replace(peer, from, piece.next(), piece.offers());
                note(peer, what, "", piece.next());
            });
            after = next(peer, what);
            more = after != null;
        }
        jdbc.sql("delete from exchange_copies where peer = :peer and what like 'catalogue %' and what not in (:pieces)")
                .param("peer", peer)
                .param("pieces", pieces)
                .update();
        note(peer, CATALOGUE, "", null);
    }

    /** A piece goes on behind its last offer, and so comes to an end. */
    private static void requireOnward(@Nullable UUID after, PeerDesk.Catalogue piece) {
        UUID next = piece.next();
        boolean onward = piece.offers().size() <= PeerDesk.PAGE
                && (next == null
                        || !piece.offers().isEmpty()
                                && piece.offers().getLast().entry().equals(next)
                                // In the order of their text, as databases have it.
                                && (after == null || next.toString().compareTo(after.toString()) > 0));
        if (!onward) {
            throw new IllegalArgumentException("The directory does not go on behind " + after);
        }
    }

    private @Nullable UUID next(String peer, String what) {
        return jdbc.sql("select next from exchange_copies where peer = ? and what = ? and next is not null")
                .params(peer, what)
                .query((row, n) -> row.getObject(1, UUID.class))
                .optional()
                .orElse(null);
    }

    private boolean isDue(String peer, String what, Duration between) {
        return jdbc.sql("select not exists (select from exchange_copies where peer = ? and what = ? and at > ?)")
                .params(peer, what, Timestamp.from(clock.instant().minus(between)))
                .query(Boolean.class)
                .single();
    }

    /** Takes in what a peer says at an address, unless it has not changed since we took it in last. */
    private <T> void copy(
            String peer, String what, String path, Class<T> type, BiConsumer<T, PeerClient.Answer> taken) {
        String known = jdbc.sql("select tag from exchange_copies where peer = ? and what = ?")
                .params(peer, what)
                .query(String.class)
                .optional()
                .orElse("");
        PeerClient.Answer answer = client.send(
                peer,
                new PeerClient.Question(
                        "exchange",
                        "GET",
                        path,
                        known.isEmpty() ? Map.of() : Map.of("If-None-Match", known),
                        new byte[0]));
        PeerClient.requireGood(answer);
        if (answer.status() != PeerMessages.NOT_MODIFIED) {
            taken.accept(JSON.readValue(answer.content(), type), answer);
        }
        // After it was taken in: what fails in between is asked for again.
        note(peer, what, answer.headers().getOrDefault("etag", known), next(peer, what));
    }

    private void note(String peer, String what, String tag, @Nullable UUID next) {
        jdbc.sql("""
                        insert into exchange_copies (peer, what, tag, at, next) values (:peer, :what, :tag, :at, cast(:next as uuid))
                        on conflict (peer, what) do update set tag = excluded.tag, at = excluded.at, next = excluded.next""")
                .param("peer", peer)
                .param("what", what)
                .param("tag", tag)
                .param("at", Timestamp.from(clock.instant()))
                .param("next", next == null ? null : next.toString())
                .update();
    }
}

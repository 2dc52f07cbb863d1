package org.qiantang.share;

import static java.util.Objects.requireNonNull;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The history of applications and grants: it only grows. */
@Component
final class Steps {
    private static final String PLATFORM = "share";

    private final JdbcClient jdbc;
    private final Clock clock;

    Steps(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /** What a step is about. */
    record About(
            UUID application, @Nullable UUID part, @Nullable UUID grant) {
        static About application(UUID id) {
            return new About(id, null, null);
        }
    }

    /** Who does what, and says what about it. */
    record Did(
            @Nullable Account who,
            Side side,
            ShareAct act,
            @Nullable String words,
            @Nullable String legalBasis) {
        static Did platform(ShareAct act, @Nullable String words) {
            return new Did(null, Side.PLATFORM, act, words, null);
        }
    }

    /** Inside the caller's transaction. */
    void add(About about, Did did, Enum<?> before, Enum<?> after) {
        Account who = did.who;
        jdbc.sql("""
                        insert into share_steps (application_id, part_id, grant_id, at, who, who_name, side, act, before, after, words,
                            legal_basis)
                        values (:application, cast(:part as uuid), cast(:grant as uuid), :at, :who, :name, :side, :act, :before, :after,
                            :words, :basis)""")
                .param("application", about.application)
                .param("part", about.part == null ? null : about.part.toString())
                .param("grant", about.grant == null ? null : about.grant.toString())
                .param("at", Timestamp.from(now()))
                .param("who", who == null ? PLATFORM : who.username())
                .param("name", who == null ? "钱塘" : who.displayName())
                .param("side", did.side.name())
                .param("act", did.act.name())
                .param("before", before.name())
                .param("after", after.name())
                .param("words", did.words)
                .param("basis", did.legalBasis)
                .update();
    }

    Instant now() {
        return clock.instant();
    }

    /** The newest first. */
    List<Application.Step> list(UUID application) {
        return jdbc.sql("select * from share_steps where application_id = ? order by id desc")
                .param(application)
                .query((row, n) -> new Application.Step(
                        row.getObject("part_id", UUID.class),
                        row.getObject("grant_id", UUID.class),
                        row.getTimestamp("at").toInstant(),
                        requireNonNull(row.getString("who")),
                        requireNonNull(row.getString("who_name")),
                        Side.valueOf(row.getString("side")),
                        ShareAct.valueOf(row.getString("act")),
                        requireNonNull(row.getString("before")),
                        requireNonNull(row.getString("after")),
                        row.getString("words"),
                        row.getString("legal_basis")))
                .list();
    }

    /** What has to be said is not left out. */
    static String required(ShareAct act, @Nullable String words, String zh, String en) {
        if (words == null || words.isBlank()) {
            throw new Problem(ShareProblem.WORDS_MISSING, "act", act.named(), "what", zh + " (" + en + ")");
        }
        return words.strip();
    }
}

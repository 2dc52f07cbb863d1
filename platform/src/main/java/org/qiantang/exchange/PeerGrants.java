package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Enclosures;
import org.qiantang.org.Role;
import org.qiantang.share.Grants;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * What our departments were granted by other installations. To the other side this installation is one recipient: that a department uses
 * nothing but what it was granted itself is for us to see to.
 */
@Service
public final class PeerGrants {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String GRANT = """
            select g.*, d.name d_name, d.name_en d_name_en, a.remote_at from exchange_grants g
            join org_departments d on d.id = g.department_id join exchange_applications a on a.id = g.application_id
            """;

    private final JdbcClient jdbc;
    private final Enclosures enclosures;
    private final Clock clock;

    PeerGrants(JdbcClient jdbc, Enclosures enclosures, Clock clock) {
        this.jdbc = jdbc;
        this.enclosures = enclosures;
        this.clock = clock;
    }

    /** One's department's; who watches over all sees all. The newest first. */
    public List<PeerGrant> list(Account who) {
        Department own = who.department();
        return jdbc.sql(GRANT + " where :all or g.department_id = :own order by g.number desc, g.id limit 500")
                .param("all", who.has(Role.ENGINEER) || who.has(Role.AUDITOR))
                .param("own", own == null ? "" : own.id())
                .query((row, n) -> grant(row))
                .list();
    }

    /**
     * The grant of a department by which it uses something of a peer.
     *
     * @param named its number or id; null where the department has only one there
     */
    UUID require(Account who, String peer, @Nullable String named) {
        record Fit(UUID id, String number) {}
        enclosures.requireOutside(who);
        Department own = who.department();
        List<Fit> fit = own == null
                ? List.of()
                : jdbc.sql("""
                                select id, number from exchange_grants where peer = :peer and department_id = :own and in_force
                                    and cast(content -> 'brief' ->> 'to' as timestamptz) > :now
                                    and (cast(:named as text) is null or number = :named or cast(id as text) = :named)
                                order by number""")
                        .param("peer", peer)
                        .param("own", own.id())
                        .param("now", Timestamp.from(clock.instant()))
                        .param("named", named)
                        .query((row, n) -> new Fit(row.getObject("id", UUID.class), row.getString("number")))
                        .list();
        if (fit.isEmpty()) {
            throw new Problem(PeerProblem.NO_GRANT);
        }
        if (fit.size() > 1) {
            throw new Problem(
                    PeerProblem.WHICH_GRANT,
                    "grants",
                    fit.stream().map(Fit::number).collect(Collectors.joining(", ")));
        }
        return fit.getFirst().id();
    }

    /** Inside the caller's transaction: what a peer says now of what it has granted. */
    void replace(String peer, List<Grants.GrantWhole> grants) {
        jdbc.sql("delete from exchange_grants where peer = ?").param(peer).update();
        for (Grants.GrantWhole each : grants) {
            jdbc.sql("""
                            insert into exchange_grants (peer, id, application_id, department_id, number, in_force, content)
                            select :peer, :id, a.id, a.department_id, :number, :force, cast(:content as jsonb)
                            from exchange_applications a where a.id = :application and a.peer = :peer""")
                    .param("peer", peer)
                    .param("id", each.brief().id())
                    .param("number", each.brief().number())
                    .param("force", each.brief().inForce())
                    .param("content", JSON.writeValueAsString(each))
                    .param("application", each.application())
                    .update();
        }
    }

    private static PeerGrant grant(ResultSet row) throws SQLException {
        Timestamp heard = requireNonNull(row.getTimestamp("remote_at"));
        return new PeerGrant(
                requireNonNull(row.getString("peer")),
                row.getObject("id", UUID.class),
                row.getObject("application_id", UUID.class),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                requireNonNull(row.getString("number")),
                row.getBoolean("in_force"),
                JSON.readValue(row.getString("content"), Grants.GrantWhole.class),
                heard.toInstant());
    }
}

package org.qiantang.org;

import java.sql.Timestamp;
import java.time.Clock;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Which departments work inside an authorised operation zone (授权运营域). Raw data never leaves one, so whoever is of such a department has
 * no role but {@link Role#ZONE_MEMBER}, whatever they were given, and no read is answered to them by an ordinary door. A department stays
 * enclosed when its zone has ended: what it was granted was for inside.
 */
@Service
public final class Enclosures {
    private final JdbcClient jdbc;
    private final Clock clock;

    Enclosures(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    public boolean holds(@Nullable Department department) {
        return department != null && holds(department.id());
    }

    public boolean holds(String department) {
        return jdbc.sql("select exists (select from org_enclosures where department_id = ?)")
                .param(department)
                .query(Boolean.class)
                .single();
    }

    /** Refuses whoever works inside a zone ({@link OrgProblem#INSIDE_ZONE}). */
    public void requireOutside(Account who) {
        if (holds(who.department())) {
            throw new Problem(OrgProblem.INSIDE_ZONE);
        }
    }

    /**
     * From now on, for everybody of the department, sessions that are open included. Inside the caller's transaction. Refuses where somebody
     * of it keeps the platform: they would be shut out of their own work.
     */
    public void enclose(Department department) {
        Set<String> keepers = new TreeSet<>(jdbc.sql("""
                        select a.username from org_accounts a join org_account_roles r on r.username = a.username
                        where a.department_id = ? and r.role in ('ENGINEER', 'AUDITOR', 'SYSTEM_ADMIN', 'SECURITY_ADMIN', 'AUDIT_ADMIN')""")
                .param(department.id())
                .query((row, n) -> row.getString(1))
                .list());
        if (!keepers.isEmpty()) {
            throw new Problem(
                    OrgProblem.KEEPERS_CANNOT_BE_ENCLOSED,
                    "department",
                    department.name(),
                    "accounts",
                    String.join(", ", keepers));
        }
        jdbc.sql("insert into org_enclosures (department_id, since) values (?, ?) on conflict do nothing")
                .params(department.id(), Timestamp.from(clock.instant()))
                .update();
        jdbc.sql("update org_accounts set revision = revision + 1 where department_id = ?")
                .param(department.id())
                .update();
    }
}

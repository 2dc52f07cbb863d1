package org.qiantang.catalog;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The resources whose records the law keeps from those whom they are about (PIPL Art. 18, 35): people are told that there are such data and
 * by which law they do not see them. The bureau says which, and why.
 */
@Service
public final class Withheld {
    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Resources resources;
    private final AuditTrail audit;
    private final Clock clock;

    Withheld(JdbcClient jdbc, TransactionTemplate transaction, Resources resources, AuditTrail audit, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.resources = resources;
        this.audit = audit;
        this.clock = clock;
    }

    /** One of them. */
    public record WithheldResource(
            UUID resource, String title, String lakeTable, String law, String reason, Instant at, String by) {}

    /** Which they are, by name. */
    public List<WithheldResource> list() {
        return jdbc.sql("""
                        select w.*, r.title, r.namespace || '.' || r.table_name lake_table
                        from catalog_withheld w join catalog_resources r on r.id = w.resource_id order by r.title collate "C", r.id""")
                .query((row, n) -> new WithheldResource(
                        row.getObject("resource_id", UUID.class),
                        row.getString("title"),
                        row.getString("lake_table"),
                        row.getString("legal_basis"),
                        row.getString("reason"),
                        row.getTimestamp("set_at").toInstant(),
                        row.getString("set_by")))
                .list();
    }

    /** The law of each. */
    public Map<UUID, String> laws() {
        Map<UUID, String> laws = new HashMap<>();
        jdbc.sql("select resource_id, legal_basis from catalog_withheld").query(row -> {
            laws.put(row.getObject(1, UUID.class), row.getString(2));
        });
        return laws;
    }

    /** From here on nobody sees there what it holds about them. */
    public void withhold(Actor who, UUID resource, String law, String reason) {
        resources.get(resource);
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            insert into catalog_withheld (resource_id, legal_basis, reason, set_at, set_by)
                            values (:resource, :law, :reason, :at, :by)
                            on conflict (resource_id) do update set legal_basis = excluded.legal_basis, reason = excluded.reason,
                                set_at = excluded.set_at, set_by = excluded.set_by""")
                    .param("resource", resource)
                    .param("law", law.strip())
                    .param("reason", reason.strip())
                    .param("at", Timestamp.from(clock.instant()))
                    .param("by", who.username())
                    .update();
            audit.record(
                    who,
                    Act.RECORDS_WITHHELD,
                    resource.toString(),
                    Map.of(),
                    Map.of("law", law.strip(), "reason", reason.strip()));
        });
    }

    /** From here on people see again what it holds about them; nothing happens where they did. */
    public void show(Actor who, UUID resource) {
        transaction.executeWithoutResult(status -> {
            int was = jdbc.sql("delete from catalog_withheld where resource_id = ?")
                    .param(resource)
                    .update();
            if (was > 0) {
                audit.record(who, Act.RECORDS_SHOWN_AGAIN, resource.toString(), Map.of(), Map.of());
            }
        });
    }
}

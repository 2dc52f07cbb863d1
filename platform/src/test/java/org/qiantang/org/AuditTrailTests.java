package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.Sm3;

/** What the trail says when somebody who owns the database, and nothing else, has been at it. */
class AuditTrailTests {
    private static final Actor AUDITOR = new Actor("auditadmin", "10.0.0.1");

    private Organisations city;

    @BeforeEach
    void open() {
        city = new Organisations();
        for (int i = 1; i <= 5; i++) {
            city.audit.record(
                    new Actor("sysadmin", "10.0.0.1"), Act.ACCOUNT_CREATED, "somebody" + i, Map.of(), Map.of("n", i));
        }
        city.jdbc.sql("alter table org_audit disable trigger all").update();
    }

    private AuditTrail.Verdict verify() {
        return city.audit.verify(AUDITOR);
    }

    private void sql(String statement) {
        city.jdbc.sql(statement).update();
    }

    @Test
    void anUntouchedTrailIsIntactAndNamesItsNewestEntry() {
        AuditTrail.Verdict verdict = verify();

        assertThat(verdict.isIntact()).isTrue();
        assertThat(verdict.entries()).isEqualTo(5);
        assertThat(verdict.newest()).isNotNull();
        assertThat(verdict.newest().ordinal()).isEqualTo(5);
        assertThat(verify().entries()).isEqualTo(6);
    }

    @Test
    void aCutEndIsNoticedAlsoAfterMoreWasWritten() {
        sql("delete from org_audit where subject = 'somebody5'");

        assertThat(verify().end()).isEqualTo(AuditTrail.End.CUT);
        for (int i = 0; i < 5; i++) {
            assertThat(verify().end()).isEqualTo(AuditTrail.End.CUT);
        }
        assertThat(verify().broken()).isNull();
        assertThat(city.audit.list(new AuditTrail.Wanted(null, Act.AUDIT_VERIFIED, null, 0, 1)))
                .singleElement()
                .satisfies(entry -> assertThat(entry.after()).containsEntry("intact", false));
    }

    @Test
    void aTrailThatWasEmptiedIsNoticed() {
        sql("truncate org_audit restart identity");

        assertThat(verify().end()).isEqualTo(AuditTrail.End.CUT);
    }

    @Test
    void whoMakesAllHashesAnewWithoutTheKeyIsFoundOut() {
        String previous = "";
        for (long id : city.jdbc
                .sql("select id from org_audit order by id")
                .query(Long.class)
                .list()) {
            String hash = forged(id, previous);
            city.jdbc
                    .sql("update org_audit set actor = 'nobody', previous = ?, hash = ? where id = ?")
                    .params(previous, hash, id)
                    .update();
            previous = hash;
        }
        AuditTrail.Verdict verdict = verify();
        assertThat(verdict.broken()).isEqualTo(1);
        assertThat(verdict.end()).isEqualTo(AuditTrail.End.CUT);
    }

    @Test
    void entriesPassedOffAsOlderThanTheKeyAreFoundOut() {
        String previous = "";
        for (long id : city.jdbc
                .sql("select id from org_audit order by id")
                .query(Long.class)
                .list()) {
            String hash = forged(id, previous);
            city.jdbc
                    .sql("update org_audit set ordinal = null, actor = 'nobody', previous = ?, hash = ? where id = ?")
                    .params(previous, hash, id)
                    .update();
            previous = hash;
        }
        assertThat(verify().end()).isEqualTo(AuditTrail.End.CUT);
    }

    /** The hash as it is made without a key. */
    private String forged(long id, String previous) {
        return city.jdbc
                .sql("select at, address, act, subject, before, after from org_audit where id = ?")
                .param(id)
                .query((row, n) -> {
                    byte[] entry = CanonicalJson.bytes(List.of(
                            row.getObject(1, java.time.OffsetDateTime.class)
                                    .toInstant()
                                    .toString(),
                            "nobody",
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            row.getString(5),
                            row.getString(6),
                            previous));
                    return HexFormat.of().formatHex(Sm3.digest(entry));
                })
                .single();
    }

    @Test
    void anEntryTakenOutOfTheMiddleOrTheBeginningIsNamed() {
        long third = city.jdbc
                .sql("select id from org_audit where subject = 'somebody3'")
                .query(Long.class)
                .single();
        sql("delete from org_audit where subject = 'somebody2'");
        assertThat(verify().broken()).isEqualTo(third);
        sql("delete from org_audit where subject = 'somebody1'");
        assertThat(verify().broken()).isEqualTo(third);
    }

    @Test
    void withoutItsHeadTheTrailIsNotCalledIntactAndTheNextEntryKeepsItAnew() throws IOException {
        Files.delete(city.headFile);

        assertThat(verify().end()).isEqualTo(AuditTrail.End.UNKNOWN);
        assertThat(verify().end()).isEqualTo(AuditTrail.End.THERE);
        assertThat(city.audit.list(new AuditTrail.Wanted(null, Act.TRAIL_HEAD_LOST, null, 0, 10)))
                .hasSize(1);
    }

    @Test
    void theFirstEntriesOfAllMayComeInOneTransaction() {
        Organisations fresh = new Organisations();
        fresh.transaction.executeWithoutResult(status -> {
            fresh.audit.record(AUDITOR, Act.ACCOUNT_CREATED, "a", Map.of(), Map.of());
            fresh.audit.record(AUDITOR, Act.ACCOUNT_CREATED, "b", Map.of(), Map.of());
        });
        AuditTrail.Verdict verdict = fresh.audit.verify(AUDITOR);
        assertThat(verdict.isIntact()).isTrue();
        assertThat(verdict.entries()).isEqualTo(2);
    }

    @Test
    void anEntryThatWasRolledBackIsNotRemembered() throws IOException {
        byte[] before = Files.readAllBytes(city.headFile);
        city.transaction.executeWithoutResult(status -> {
            city.audit.record(AUDITOR, Act.ACCOUNT_CREATED, "never", Map.of(), Map.of());
            status.setRollbackOnly();
        });
        assertThat(Files.readAllBytes(city.headFile)).isEqualTo(before);
        assertThat(verify().isIntact()).isTrue();
    }

    @Test
    void entriesFromBeforeTheKeyAreHeldOnToByAMarkedOne() {
        Organisations old = new Organisations(Organisations.Migrated.BEFORE_THE_KEY);
        old.jdbc
                .sql("""
                insert into org_audit (at, actor, address, act, subject, before, after, previous, hash)
                values ('2026-01-01T00:00:00Z', 'sysadmin', 'x', 'ACCOUNT_CREATED', 'a', '{}', '{}', '', ?)""")
                .param(HexFormat.of()
                        .formatHex(Sm3.digest(CanonicalJson.bytes(List.of(
                                "2026-01-01T00:00:00Z", "sysadmin", "x", "ACCOUNT_CREATED", "a", "{}", "{}", "")))))
                .update();
        old.migrate();

        assertThat(old.audit.verify(AUDITOR).isIntact()).isTrue();
        assertThat(old.audit.list(new AuditTrail.Wanted(null, Act.TRAIL_BEGUN, null, 0, 10)))
                .singleElement()
                .satisfies(entry -> assertThat(entry.after()).containsEntry("before", 1));
        assertThat(old.audit.verify(AUDITOR).isIntact()).isTrue();

        old.jdbc.sql("alter table org_audit disable trigger all").update();
        old.jdbc.sql("update org_audit set subject = 'b' where subject = 'a'").update();
        assertThat(old.audit.verify(AUDITOR).broken()).isEqualTo(1);
    }
}

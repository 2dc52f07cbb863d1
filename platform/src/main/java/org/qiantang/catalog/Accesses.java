package org.qiantang.catalog;

import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Sm3;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.TableName;
import org.qiantang.org.EvidenceRecords;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * What is written down of every read of the lake: before its first row that somebody asks, what for and by which right, and at its end what
 * they were given.
 */
@Service
final class Accesses {
    private final JdbcClient jdbc;
    private final Clock clock;
    private final EvidenceRecords evidence;

    Accesses(JdbcClient jdbc, Clock clock, EvidenceRecords evidence) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.evidence = evidence;
    }

    /** Who reads, what for, and whether anything sensitive is seen in clear. */
    record Errand(
            String who,
            String purpose,
            @Nullable String caseNumber,
            @Nullable Entitlement entitlement,
            boolean unmasked,
            LakeReader.@Nullable Call call) {}

    /** A read that goes on, or one that is carried out elsewhere. */
    record Access(long id, String who, EvidenceRecords.Recorded asked) {}

    /** Returns when it is evidence that somebody asks; refuses where it cannot be made so. */
    Access begin(Errand errand, Query query, Set<TableName> tables) {
        Entitlement entitlement = errand.entitlement;
        LakeReader.Call call = errand.call;
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        long id = jdbc.sql("""
                        insert into catalog_access (at, who, purpose, sql, as_of, tables, unmasked, entitlement, entitlement_number, case_number,
                            parameters, service, scenario, operator)
                        values (:at, :who, :purpose, :sql, :asOf, :tables, :unmasked, :entitlement, :number, :case, :parameters, :service,
                            :scenario, :operator) returning id""")
                .param(
                        "parameters",
                        query.parameters().isEmpty() ? null : query.parameters().toArray(String[]::new))
                .param("service", call == null ? null : call.service())
                .param("scenario", call == null ? null : call.scenario())
                .param("operator", call == null ? null : call.operator())
                .param("entitlement", entitlement == null ? null : entitlement.id())
                .param("number", entitlement == null ? null : entitlement.number())
                .param("case", errand.caseNumber)
                .param("at", Timestamp.from(now))
                .param("who", errand.who)
                .param("purpose", errand.purpose)
                .param("sql", query.sql())
                .param("asOf", query.asOf())
                .param("tables", tables.stream().map(TableName::toString).toArray(String[]::new))
                .param("unmasked", errand.unmasked)
                .query(Long.class)
                .single();
        Map<String, @Nullable Object> entry = new TreeMap<>();
        entry.put("kind", "access");
        entry.put("id", id);
        entry.put("at", now.toString());
        entry.put("who", errand.who);
        entry.put("purpose", errand.purpose);
        // Not its text, which may hold what is personal; that can be deleted when its time has come.
        entry.put("statement", hash(query.sql()));
        entry.put("asOf", query.asOf());
        entry.put("tables", tables.stream().map(TableName::toString).sorted().toList());
        entry.put("unmasked", errand.unmasked);
        entry.put("grant", entitlement == null ? null : entitlement.number());
        entry.put("scenario", entitlement == null ? null : entitlement.scenario());
        entry.put("case", errand.caseNumber);
        if (call != null) {
            entry.put("service", call.service());
            entry.put("calledFor", call.scenario());
            entry.put("operator", call.operator());
        }
        return new Access(id, errand.who, evidence.record(entry));
    }

    /** Makes evidence that the asker was told to have the answer. */
    EvidenceRecords.Recorded unchanged(Access access) {
        return end(access, 0, null, "unchanged");
    }

    /**
     * Makes evidence of what was handed out.
     *
     * @param answer null when it did not come to its end
     */
    EvidenceRecords.Recorded end(Access access, long rows, Queries.@Nullable Answer answer) {
        return end(access, rows, answer, answer == null ? "failed" : answer.truncated() ? "cut" : "whole");
    }

    private EvidenceRecords.Recorded end(Access access, long rows, Queries.@Nullable Answer answer, String ended) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        Map<String, @Nullable Object> entry = new TreeMap<>();
        entry.put("kind", "given");
        entry.put("id", access.id);
        entry.put("asked", access.asked.index());
        entry.put("at", now.toString());
        entry.put("who", access.who);
        entry.put("rows", rows);
        entry.put("ended", ended);
        Map<String, String> snapshots = new TreeMap<>();
        if (answer != null) {
            answer.tables()
                    .forEach(table -> snapshots.put(table.table().toString(), Long.toString(table.snapshotId())));
        }
        entry.put("snapshots", snapshots);
        EvidenceRecords.Recorded given = evidence.record(entry);
        jdbc.sql("""
                        update catalog_access
                        set rows = ?, ended_at = ?, evidence_log = ?, evidence_asked = ?, evidence_given = ? where id = ?""")
                .params(rows, Timestamp.from(now), given.log(), access.asked.index(), given.index(), access.id)
                .update();
        return given;
    }

    private static String hash(String sql) {
        return "sm3:" + HexFormat.of().formatHex(Sm3.digest(sql.getBytes(StandardCharsets.UTF_8)));
    }
}

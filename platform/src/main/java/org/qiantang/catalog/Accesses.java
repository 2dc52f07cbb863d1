package org.qiantang.catalog;

import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
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
    private final Persons persons;

    Accesses(JdbcClient jdbc, Clock clock, EvidenceRecords evidence, Persons persons) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.evidence = evidence;
        this.persons = persons;
    }

    /** Who reads, what for, and whether anything sensitive is seen in clear. */
    record Errand(
            String who,
            @Nullable String department,
            String purpose,
            @Nullable String caseNumber,
            @Nullable Entitlement entitlement,
            boolean unmasked,
            LakeReader.@Nullable Call call) {
        /** Of somebody without a right of their own, or of a part of the platform, which is in no department. */
        static Errand without(String who, @Nullable String department, String purpose, boolean unmasked) {
            return new Errand(who, department, purpose, null, null, unmasked, null);
        }
    }

    /** A read that goes on, or one that is carried out elsewhere. */
    record Access(long id, String who, EvidenceRecords.Recorded asked) {}

    /** Returns when it is evidence that somebody asks; refuses where it cannot be made so. */
    Access begin(Errand errand, Query query, Set<TableName> tables, Trail trail) {
        Entitlement entitlement = errand.entitlement;
        LakeReader.Call call = errand.call;
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        long id = jdbc.sql("""
                        insert into catalog_access (at, who, purpose, sql, as_of, tables, unmasked, entitlement, entitlement_number, case_number,
                            scenario, department, everybody, summary, parameters, service, called_for, operator)
                        values (:at, :who, :purpose, :sql, :asOf, :tables, :unmasked, :entitlement, :number, :case,
                            :scenario, :department, :everybody, :summary, :parameters, :service, :calledFor, :operator) returning id""")
                .param("scenario", entitlement == null ? null : entitlement.scenario())
                .param("department", errand.department)
                // Should this hub end in the middle, everybody counts who may have been read by then.
                .param("everybody", names(trail.mayBeRead()), Types.ARRAY)
                .param("summary", names(trail.summary()), Types.ARRAY)
                .param(
                        "parameters",
                        query.parameters().isEmpty() ? null : query.parameters().toArray(String[]::new),
                        Types.ARRAY)
                .param("service", call == null ? null : call.service())
                .param("calledFor", call == null ? null : call.scenario())
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
    EvidenceRecords.Recorded unchanged(Access access, Trail trail) {
        return end(access, 0, null, trail, "unchanged");
    }

    /**
     * Makes evidence of what was handed out.
     *
     * @param answer null when it did not come to its end
     */
    EvidenceRecords.Recorded end(Access access, long rows, Queries.@Nullable Answer answer, Trail trail) {
        return end(access, rows, answer, trail, answer == null ? "failed" : answer.truncated() ? "cut" : "whole");
    }

    private EvidenceRecords.Recorded end(
            Access access, long rows, Queries.@Nullable Answer answer, Trail trail, String ended) {
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
        if (!trail.mayBeRead().isEmpty()) {
            keep(access.id, trail);
        }
        return given;
    }

    /** Whom it was of, in one statement: it is all there or not at all. */
    private void keep(long access, Trail trail) {
        Map<TableName, Set<String>> named = trail.named();
        List<String> keys = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        int place = 0;
        for (Set<String> numbers : named.values()) {
            place++;
            for (String number : numbers) {
                keys.add(persons.key(number));
                places.add(place);
            }
        }
        jdbc.sql("""
                        with kept as (update catalog_access set named = :named, everybody = :everybody where id = :id returning id)
                        insert into catalog_footprints (person, access_id, place)
                        select decode(p.key, 'hex'), kept.id, p.place
                        from kept, unnest(cast(:keys as text[]), cast(:places as int[])) p (key, place)""")
                .param("id", access)
                .param("named", names(named.keySet()), Types.ARRAY)
                .param("everybody", names(trail.everybody()), Types.ARRAY)
                .param("keys", keys.toArray(String[]::new))
                .param("places", places.toArray(Integer[]::new))
                .update();
    }

    private static String @Nullable [] names(Collection<TableName> tables) {
        return tables.isEmpty()
                ? null
                : tables.stream().map(TableName::toString).toArray(String[]::new);
    }

    private static String hash(String sql) {
        return "sm3:" + HexFormat.of().formatHex(Sm3.digest(sql.getBytes(StandardCharsets.UTF_8)));
    }
}

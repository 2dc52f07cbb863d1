package org.qiantang.catalog;

import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
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
    private static final int NUMBERS_AT_ONCE = 1_000;

    private final ArrayDeque<Long> numbers = new ArrayDeque<>();
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
        about(
                entry,
                errand,
                hash(query.sql()),
                query.asOf(),
                tables.stream().map(TableName::toString).sorted().toList());
        return new Access(id, errand.who, evidence.record(entry));
    }

    private static void about(
            Map<String, @Nullable Object> entry,
            Errand errand,
            String statement,
            @Nullable String asOf,
            List<String> tables) {
        Entitlement entitlement = errand.entitlement;
        LakeReader.Call call = errand.call;
        entry.put("who", errand.who);
        entry.put("purpose", errand.purpose);
        // Not its text, which may hold what is personal; that can be deleted when its time has come.
        entry.put("statement", statement);
        entry.put("asOf", asOf);
        entry.put("tables", tables);
        entry.put("unmasked", errand.unmasked);
        entry.put("grant", entitlement == null ? null : entitlement.number());
        entry.put("scenario", entitlement == null ? null : entitlement.scenario());
        entry.put("case", errand.caseNumber);
        if (call != null) {
            entry.put("service", call.service());
            entry.put("calledFor", call.scenario());
            entry.put("operator", call.operator());
        }
    }

    /**
     * A read whose answer is known before it is written down: that it was asked for and what is given are one entry.
     *
     * @param entry by which it is made evidence
     * @param rows that are handed out
     * @param ended whole, cut or unchanged, as in the entry of any other read
     */
    record Served(
            Errand errand,
            LakeReader.Call call,
            String sql,
            ServedEntry entry,
            TableName table,
            List<String> parameters,
            Trail trail,
            long rows,
            String ended) {}

    /**
     * Writes down many such reads at once, in the transaction of whoever calls. None of them may be handed out before that transaction has
     * ended well and its entry is on disk.
     */
    List<EvidenceRecords.Underway> served(List<Served> all) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        String at = now.toString();
        List<Long> ids = ids(all.size());
        List<EvidenceRecords.Underway> underway = new ArrayList<>(all.size());
        for (int i = 0; i < all.size(); i++) {
            Served each = all.get(i);
            underway.add(evidence.begin(
                    each.entry.bytes(ids.get(i), at, each.errand.caseNumber, each.call, each.rows, each.ended)));
        }
        insert(all, ids, underway, Timestamp.from(now));
        return underway;
    }

    /** Their numbers, of which many are fetched at once. */
    private List<Long> ids(int count) {
        List<Long> taken = new ArrayList<>(count);
        synchronized (numbers) {
            while (numbers.size() < count) {
                numbers.addAll(jdbc.sql(
                                "select nextval(pg_get_serial_sequence('catalog_access', 'id')) from generate_series(1, ?)")
                        .param(NUMBERS_AT_ONCE)
                        .query((row, n) -> row.getLong(1))
                        .list());
            }
            for (int i = 0; i < count; i++) {
                taken.add(numbers.remove());
            }
        }
        return taken;
    }

    private void insert(List<Served> all, List<Long> ids, List<EvidenceRecords.Underway> underway, Timestamp now) {
        int count = all.size();
        // What many have in common is sent once.
        Map<Common, Integer> commons = new LinkedHashMap<>();
        Integer[] common = new Integer[count];
        @Nullable String[] cases = new String[count];
        @Nullable String[] parameters = new String[count];
        @Nullable String[] calledFor = new String[count];
        @Nullable String[] operators = new String[count];
        Long[] rows = new Long[count];
        Long[] indexes = new Long[count];
        Boolean[] named = new Boolean[count];
        Boolean[] everybody = new Boolean[count];
        Boolean[] summary = new Boolean[count];
        List<Long> of = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Served each = all.get(i);
            Errand errand = each.errand;
            common[i] = commons.computeIfAbsent(Common.of(each), any -> commons.size() + 1);
            cases[i] = errand.caseNumber;
            parameters[i] = literal(each.parameters);
            calledFor[i] = each.call.scenario();
            operators[i] = each.call.operator();
            rows[i] = each.rows;
            indexes[i] = underway.get(i).recorded().index();
            Set<String> numbers = each.trail.named().getOrDefault(each.table, Set.of());
            for (String number : numbers) {
                of.add(ids.get(i));
                keys.add(persons.key(number));
            }
            boolean clear = !each.trail.mayBeRead().isEmpty();
            named[i] = clear && !numbers.isEmpty();
            everybody[i] = clear && each.trail.everybody().contains(each.table);
            summary[i] = each.trail.summary().contains(each.table);
        }
        List<Common> shared = List.copyOf(commons.keySet());
        jdbc.sql("""
                        insert into catalog_access (id, at, who, purpose, sql, tables, unmasked, rows, ended_at, entitlement,
                            entitlement_number, case_number, scenario, department, named, everybody, summary, parameters, service,
                            called_for, operator, evidence_log, evidence_asked, evidence_given)
                        overriding system value
                        select v.id, :at, c.who, c.purpose, c.sql, array[c.name], c.unmasked, v.rows, :at, c.entitlement,
                            c.number, v.in_case, c.scenario, c.department, case when v.named then array[c.name] end,
                            case when v.everybody then array[c.name] end, case when v.summary then array[c.name] end,
                            cast(v.parameters as text[]), c.service, v.called_for, v.operator, :log, v.index, v.index
                        from unnest(cast(:ids as bigint[]), cast(:common as int[]), cast(:cases as text[]), cast(:parameters as text[]),
                            cast(:calledFor as text[]), cast(:operators as text[]), cast(:rows as bigint[]), cast(:indexes as bigint[]),
                            cast(:named as boolean[]), cast(:everybody as boolean[]), cast(:summary as boolean[]))
                            v (id, common, in_case, parameters, called_for, operator, rows, index, named, everybody, summary)
                        join unnest(cast(:who as text[]), cast(:purposes as text[]), cast(:sql as text[]), cast(:tables as text[]),
                            cast(:unmasked as boolean[]), cast(:entitlements as uuid[]), cast(:numbers as text[]),
                            cast(:scenarios as text[]), cast(:departments as text[]), cast(:services as text[])) with ordinality
                            c (who, purpose, sql, name, unmasked, entitlement, number, scenario, department, service, place)
                            on c.place = v.common""")
                .param("at", now)
                .param("log", underway.getFirst().recorded().log())
                .param("ids", ids.toArray(Long[]::new))
                .param("common", common)
                .param("cases", cases)
                .param("parameters", parameters)
                .param("calledFor", calledFor)
                .param("operators", operators)
                .param("rows", rows)
                .param("indexes", indexes)
                .param("named", named)
                .param("everybody", everybody)
                .param("summary", summary)
                .param("who", column(shared, Common::who))
                .param("purposes", column(shared, Common::purpose))
                .param("sql", column(shared, Common::sql))
                .param("tables", column(shared, Common::table))
                .param("unmasked", shared.stream().map(Common::unmasked).toArray(Boolean[]::new))
                .param(
                        "entitlements",
                        column(shared, each -> each.entitlement == null ? null : each.entitlement.toString()))
                .param("numbers", column(shared, Common::number))
                .param("scenarios", column(shared, Common::scenario))
                .param("departments", column(shared, Common::department))
                .param("services", column(shared, Common::service))
                .update();
        if (!of.isEmpty()) {
            jdbc.sql("""
                            insert into catalog_footprints (person, access_id, place)
                            select decode(p.key, 'hex'), p.id, 1
                            from unnest(cast(:keys as text[]), cast(:of as bigint[])) p (key, id)""")
                    .param("keys", keys.toArray(String[]::new))
                    .param("of", of.toArray(Long[]::new))
                    .update();
        }
    }

    /** What the calls of one client of one service are the same in. */
    private record Common(
            String who,
            String purpose,
            String sql,
            String table,
            boolean unmasked,
            @Nullable UUID entitlement,
            @Nullable String number,
            @Nullable String scenario,
            @Nullable String department,
            String service) {
        static Common of(Served served) {
            Errand errand = served.errand;
            Entitlement entitlement = errand.entitlement;
            return new Common(
                    errand.who,
                    errand.purpose,
                    served.sql,
                    served.table.toString(),
                    errand.unmasked,
                    entitlement == null ? null : entitlement.id(),
                    entitlement == null ? null : entitlement.number(),
                    entitlement == null ? null : entitlement.scenario(),
                    errand.department,
                    served.call.service());
        }
    }

    private static @Nullable String[] column(List<Common> rows, Function<Common, @Nullable String> column) {
        @Nullable String[] values = new String[rows.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = column.apply(rows.get(i));
        }
        return values;
    }

    /** An array of the database as text, for arrays do not nest in one of different lengths. */
    static @Nullable String literal(List<String> values) {
        if (values.isEmpty()) {
            return null;
        }
        StringBuilder text = new StringBuilder("{");
        for (String value : values) {
            text.append(text.length() == 1 ? "\"" : ",\"")
                    .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                    .append('"');
        }
        return text.append('}').toString();
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

    static String hash(String sql) {
        return "sm3:" + HexFormat.of().formatHex(Sm3.digest(sql.getBytes(StandardCharsets.UTF_8)));
    }
}

package org.qiantang.invoke;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.LakeReader;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.invoke.DataService.Version;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.Role;
import org.qiantang.share.Grant;
import org.qiantang.share.GrantedTable;
import org.qiantang.share.Grants;
import org.springframework.stereotype.Service;

/** Calls of data services: by whom and what for, under which grant, how much of it and how fast, and whether the caller has the answer. */
@Service
public final class Calls {
    /** What a call says beside the service's own parameters. */
    static final Set<String> RESERVED = Set.of("limit", "after", "sort", "fields", "format", "grant");

    private static final int LONGEST_WORDS = 200;

    private final DataServices services;
    private final LakeReader reader;
    private final Grants grants;
    private final Pace pace;
    private final Sealing sealing;

    Calls(DataServices services, LakeReader reader, Grants grants, Pace pace, Sealing sealing) {
        this.services = services;
        this.reader = reader;
        this.grants = grants;
        this.pace = pace;
        this.sealing = sealing;
    }

    /**
     * What a caller says.
     *
     * @param query by names, the reserved ones included
     * @param grant its number or id; null where one must fit
     * @param scenario what for, in their words
     * @param operator the person at the other end
     * @param caseNumber of the affair
     * @param known states whose answers they have
     */
    public record Wanted(
            Map<String, String> query,
            @Nullable String grant,
            @Nullable String scenario,
            @Nullable String operator,
            @Nullable String caseNumber,
            Set<String> known) {
        public Wanted {
            query = Map.copyOf(query);
            known = Set.copyOf(known);
        }
    }

    /**
     * What they get.
     *
     * @param state the same state is the same page
     * @param answer null when they have it
     * @param next where to go on; null at the end
     * @param cut whether the grant's quota of the day ended it before its time
     */
    public record Page(
            Version version,
            String state,
            LakeReader.@Nullable SqlAnswer answer,
            @Nullable String next,
            boolean cut,
            Left left,
            EvidenceRecords.Recorded evidence) {}

    /**
     * How often they may still call.
     *
     * @param calls at once
     * @param perSecond that come back
     * @param burst at the most
     */
    public record Left(long calls, int perSecond, int burst) {}

    /** Answers a call, or says that the caller has the answer; either counts. */
    public Page call(Account who, String service, int number, Wanted wanted) {
        Version version = services.open(service, number);
        Definition definition = version.definition();
        Pace.Standing standing = pace.take(who.username() + " " + version.named(), definition.rate());
        if (standing.waitNanos() > 0) {
            String seconds = Long.toString(standing.waitSeconds());
            throw new Problem(
                            InvokeProblem.TOO_FAST,
                            "service",
                            version.named(),
                            "rate",
                            Integer.toString(definition.rate().perSecond()),
                            "seconds",
                            seconds)
                    .with("retryAfter", standing.waitSeconds());
        }
        Map<String, String> given = given(definition, wanted.query);
        requireErrand(definition, wanted);
        List<String> fields = fields(definition, wanted.query.get("fields"));
        List<Question.Order> orders = orders(definition, wanted.query.get("sort"));
        int limit = limit(definition, wanted.query.get("limit"));
        Question first = Question.of(definition, given, fields, orders, 0);
        String asked = asked(version, first);
        Place place = place(asked, wanted.query.get("after"));
        UUID grant = grant(who, definition, first, fields, named(wanted));
        Question question = Question.of(definition, given, fields, orders, place.rows());
        LakeReader.Conditional answered = reader.askUnless(
                who,
                new LakeReader.Asked(
                        null,
                        question.sql(),
                        place.asOf(),
                        grant,
                        wanted.caseNumber,
                        question.bound(),
                        new LakeReader.Call(version.named(), wanted.scenario, wanted.operator)),
                limit,
                wanted.known);
        LakeReader.SqlAnswer answer = answered.answer();
        boolean cut = answer != null && answer.truncated() && answer.rows().size() < limit;
        String next = answer == null || !answer.truncated()
                ? null
                : new Place(asOf(place, answer), place.rows() + answer.rows().size()).write(sealing, asked);
        return new Page(
                version,
                answered.state(),
                answer,
                next,
                cut,
                new Left(
                        standing.left(),
                        definition.rate().perSecond(),
                        definition.rate().burst()),
                answered.evidence());
    }

    /** What a place in an answer is a place of. */
    static String asked(Version version, Question first) {
        return version.named() + "\0" + first.sql() + "\0" + first.bound();
    }

    private Place place(String asked, @Nullable String after) {
        return after == null
                ? new Place("", 0)
                : Place.read(sealing, asked, after)
                        .orElseThrow(() -> Parameter.wrong("after", "上一页给出的值 (what the page before gave)"));
    }

    /** As of which state the next page is. Of one table by its snapshot; of several by the newest of theirs. */
    static String asOf(Place place, LakeReader.SqlAnswer answer) {
        if (!place.asOf().isEmpty()) {
            return place.asOf();
        }
        if (answer.tables().size() == 1) {
            return answer.tables().getFirst().snapshotId();
        }
        return answer.tables().stream()
                .map(LakeReader.TableRead::asOf)
                .max(java.util.Comparator.naturalOrder())
                .map(Instant::toString)
                .orElse("");
    }

    static Map<String, String> given(Definition definition, Map<String, String> query) {
        Map<String, Parameter> known = definition.byName();
        Map<String, String> given = new HashMap<>();
        query.forEach((name, value) -> {
            if (known.containsKey(name)) {
                given.put(name, value);
            } else if (!RESERVED.contains(name)) {
                Set<String> names = new LinkedHashSet<>(known.keySet());
                RESERVED.stream().sorted().forEach(names::add);
                throw new Problem(InvokeProblem.PARAMETER_UNKNOWN, "parameter", name, "known", String.join(", ", names))
                        .with("parameter", name);
            }
        });
        return given;
    }

    static void requireErrand(Definition definition, Wanted wanted) {
        requireShort("X-Scenario", wanted.scenario);
        requireShort("X-Operator", wanted.operator);
        requireShort("X-Case", wanted.caseNumber);
        if (definition.personal()) {
            requireSaid("X-Operator", wanted.operator);
            requireSaid("X-Case", wanted.caseNumber);
        }
    }

    private static void requireShort(String header, @Nullable String said) {
        if (said != null && said.length() > LONGEST_WORDS) {
            throw Parameter.wrong(header, "≤ " + LONGEST_WORDS);
        }
    }

    private static void requireSaid(String header, @Nullable String said) {
        if (said == null || said.isBlank()) {
            throw new Problem(InvokeProblem.ERRAND_MISSING, "header", header).with("header", header);
        }
    }

    static int limit(Definition definition, @Nullable String limit) {
        if (limit == null) {
            return definition.pageSize();
        }
        return Parameter.Type.INTEGER
                .read(limit)
                .map(Long::parseLong)
                .filter(rows -> rows >= 1 && rows <= definition.mostRows())
                .map(Long::intValue)
                .orElseThrow(() -> Parameter.wrong("limit", "1–" + definition.mostRows()));
    }

    /** The definition's, or of them those that were named, in their order. */
    static List<String> fields(Definition definition, @Nullable String wanted) {
        List<String> all =
                definition.fields().stream().map(Definition.Field::name).toList();
        if (wanted == null) {
            return all;
        }
        Set<String> names = new LinkedHashSet<>(List.of(wanted.split(",", -1)));
        if (!all.containsAll(names)) {
            throw Parameter.wrong("fields", String.join(",", all));
        }
        return List.copyOf(names);
    }

    static List<Question.Order> orders(Definition definition, @Nullable String sort) {
        List<Question.Order> orders = new ArrayList<>();
        for (String each : sort == null ? new String[0] : sort.split(",", -1)) {
            boolean down = each.startsWith("-");
            String field = down ? each.substring(1) : each;
            if (!definition.sortable().contains(field)) {
                throw Parameter.wrong("sort", String.join(",", definition.sortable()));
            }
            orders.add(new Question.Order(field, down ? Question.Way.DESCENDING : Question.Way.ASCENDING));
        }
        return orders;
    }

    static @Nullable String named(Wanted wanted) {
        String parameter = wanted.query.get("grant");
        return parameter != null ? parameter : wanted.grant;
    }

    /** The grant to read under: the one that is named, or the only one that covers what is read. Null for who reads without one. */
    @Nullable
    UUID grant(Account who, Definition definition, Question question, List<String> fields, @Nullable String named) {
        Set<TableName> tables = reader.reads(question.sql()).keySet();
        List<Grant> fit = grants.of(who).stream()
                .filter(grant -> named == null
                        ? grant.tables().stream()
                                .map(GrantedTable::table)
                                .collect(Collectors.toSet())
                                .containsAll(tables)
                        : named.equals(grant.number())
                                || named.equals(grant.id().toString()))
                .toList();
        if (fit.isEmpty()) {
            // Who works with the whole lake sees what is not sensitive.
            if (named == null && (who.has(Role.ENGINEER) || who.has(Role.ANALYST))) {
                return null;
            }
            throw new Problem(InvokeProblem.NO_GRANT);
        }
        if (fit.size() > 1) {
            throw new Problem(
                    InvokeProblem.WHICH_GRANT,
                    "grants",
                    fit.stream().map(Grant::number).collect(Collectors.joining(", ")));
        }
        Grant grant = fit.getFirst();
        if (definition.table() != null) {
            requireGranted(grant, Question.table(definition), fields);
        }
        return grant.id();
    }

    /** The versions that answer a caller under what their department was granted. */
    public List<Version> callable(Account who) {
        return services.list(who).stream()
                .flatMap(service -> service.versions().stream())
                .filter(version -> version.state().isOpen() && isGranted(who, version.definition()))
                .toList();
    }

    private boolean isGranted(Account who, Definition definition) {
        String table = definition.table();
        Set<TableName> tables = table != null
                ? Set.of(Question.table(definition))
                : reader.reads(Question.bare(definition).sql()).keySet();
        return grants.of(who).stream()
                .anyMatch(grant -> grant.tables().stream()
                        .map(GrantedTable::table)
                        .collect(Collectors.toSet())
                        .containsAll(tables));
    }

    private static void requireGranted(Grant grant, TableName table, List<String> fields) {
        Optional<GrantedTable> granted = grant.tables().stream()
                .filter(each -> each.table().equals(table))
                .findFirst();
        List<String> missing = fields.stream()
                .filter(field -> granted.isPresent() && !granted.get().fields().containsKey(field))
                .toList();
        if (!missing.isEmpty()) {
            throw new Problem(
                            InvokeProblem.FIELD_NOT_GRANTED,
                            "fields",
                            String.join(", ", missing),
                            "number",
                            grant.number())
                    .with("fields", missing);
        }
    }
}

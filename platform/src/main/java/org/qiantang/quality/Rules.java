package org.qiantang.quality;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.ContentKind;
import org.qiantang.catalog.Entries;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * The rules (质量规则) of the city's data: proposed by what the catalogue knows, made by the department that answers for the data or by the
 * bureau, each version kept; and how a rule looks at the lake.
 */
@Service
public final class Rules {
    static final String PURPOSE = "quality";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final double ROWS_THAT_MAY_GO = 0.2;
    private static final String MOBILE = "(\\+?86[- ]?)?1[3-9][0-9]{9}";
    private static final int SHOWN_OUTCOMES = 60;
    /** Above that, comparing rows as a whole takes more memory than it is worth. */
    private static final long MOST_WHOLE_ROWS = 5_000_000;

    private static final String RULE = """
            select r.id, r.resource_id, r.version, r.retired_at, v.characteristic, v.requirement, v.note, v.tolerance, v.severity, v.author,
                v.at, o.version o_version, o.snapshot_id o_snapshot, o.at o_at, o.checked o_checked, o.failed o_failed, o.millis o_millis,
                o.error_zh o_zh, o.error_en o_en
            from quality_rules r join quality_rule_versions v on v.rule_id = r.id and v.version = r.version
            left join quality_outcomes o on o.id = r.newest
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Resources resources;
    private final Entries entries;
    private final LakeReader reader;
    private final Queries queries;
    private final Scores scores;
    private final CityCalendar calendar;
    private final Clock clock;

    Rules(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Resources resources,
            Entries entries,
            LakeReader reader,
            Queries queries,
            Scores scores,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.resources = resources;
        this.entries = entries;
        this.reader = reader;
        this.queries = queries;
        this.scores = scores;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** A rule that the catalogue's own knowledge suggests; nobody has to want it. */
    public record Proposal(
            Characteristic characteristic, Requirement requirement, Words words, double tolerance, Severity severity) {
        static Proposal of(Requirement requirement, double tolerance, Severity severity) {
            return new Proposal(
                    requirement.kind().characteristic(), requirement, requirement.words(), tolerance, severity);
        }

        Rule.Wanted wanted() {
            return new Rule.Wanted(characteristic, requirement, "", tolerance, severity);
        }
    }

    /**
     * What a rule would find now; nothing of it is kept.
     *
     * @param sample some of the failing rows, masked; null where it does not look at rows, or none fails
     * @param sql finds them again; null where it does not look at rows
     */
    public record Trial(
            Rule.Outcome outcome,
            LakeReader.@Nullable Preview sample,
            @Nullable String sql) {}

    /** The rules of a resource in force, by characteristic. */
    public List<Rule> list(UUID resource) {
        return jdbc
                .sql(RULE + " where r.resource_id = ? and r.retired_at is null")
                .param(resource)
                .query((row, n) -> rule(row))
                .list()
                .stream()
                .sorted(Comparator.comparing(Rule::characteristic)
                        .thenComparing(rule -> rule.requirement().kind())
                        .thenComparing(rule -> rule.words().zh()))
                .toList();
    }

    public Rule get(UUID id) {
        return jdbc.sql(RULE + " where r.id = ?")
                .param(id)
                .query((row, n) -> rule(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    /** The versions of a rule, the newest first. */
    public List<Rule.Version> versions(UUID id) {
        return jdbc.sql("select * from quality_rule_versions where rule_id = ? order by version desc")
                .param(id)
                .query((row, n) -> {
                    Requirement requirement = requirement(row);
                    return new Rule.Version(
                            row.getInt("version"),
                            Characteristic.valueOf(row.getString("characteristic")),
                            requirement,
                            requirement.words(),
                            requireNonNull(row.getString("note")),
                            row.getDouble("tolerance"),
                            Severity.valueOf(row.getString("severity")),
                            requireNonNull(row.getString("author")),
                            row.getTimestamp("at").toInstant());
                })
                .list();
    }

    /** What came of looking, the newest first. */
    public List<Rule.Outcome> outcomes(UUID id) {
        return jdbc.sql("select * from quality_outcomes where rule_id = ? order by id desc limit ?")
                .params(id, SHOWN_OUTCOMES)
                .query((row, n) -> outcome(row, ""))
                .list();
    }

    /** Adds a rule to a resource; it is looked at shortly. */
    public Rule create(Account who, UUID resource, Rule.Wanted wanted) {
        Resource about = resources.get(resource);
        requireMayRule(who, about);
        Rule.Wanted checked = checked(who, about, wanted);
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(status -> insert(id, resource, who, checked));
        return get(id);
    }

    /** Takes up the proposals of a resource that nobody has made a rule of yet. Returns how many. */
    public int adopt(Account who, UUID resource) {
        Resource about = resources.get(resource);
        requireMayRule(who, about);
        List<Proposal> proposals = propose(resource);
        transaction.executeWithoutResult(
                status -> proposals.forEach(each -> insert(UUID.randomUUID(), resource, who, each.wanted())));
        return proposals.size();
    }

    /** Takes up the proposals of all the resources that somebody may make rules for. Returns how many. */
    public int adoptAll(Account who) {
        Department own = who.department();
        String department = who.has(Role.ENGINEER) ? null : own == null ? "" : own.id();
        List<UUID> all = jdbc.sql("""
                        select id from catalog_resources where snapshot_id is not null and gone_since is null
                            and (cast(:department as text) is null or department_id = :department)""")
                .param("department", department)
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
        return all.stream().mapToInt(resource -> adopt(who, resource)).sum();
    }

    private void insert(UUID id, UUID resource, Account who, Rule.Wanted wanted) {
        Timestamp now = Timestamp.from(clock.instant());
        jdbc.sql("insert into quality_rules (id, resource_id, version, not_before) values (?, ?, 1, ?)")
                .params(id, resource, now)
                .update();
        insertVersion(id, 1, who, wanted, now);
    }

    private void insertVersion(UUID id, int version, Account who, Rule.Wanted wanted, Timestamp now) {
        jdbc.sql("""
                        insert into quality_rule_versions (rule_id, version, characteristic, requirement, note, tolerance, severity, author, at)
                        values (:id, :version, :characteristic, cast(:requirement as jsonb), :note, :tolerance, :severity, :author, :at)""")
                .param("id", id)
                .param("version", version)
                .param("characteristic", wanted.characteristic().name())
                .param("requirement", JSON.writeValueAsString(wanted.requirement()))
                .param("note", wanted.note())
                .param("tolerance", wanted.tolerance())
                .param("severity", wanted.severity().name())
                .param("author", who.username())
                .param("at", now)
                .update();
    }

    /**
     * Makes a new version of a rule.
     *
     * @param seen the version its author had before them
     */
    public Rule change(Account who, UUID id, int seen, Rule.Wanted wanted) {
        Rule before = get(id);
        Resource about = resources.get(before.resource());
        requireMayRule(who, about);
        requireMayWeaken(who, id);
        Rule.Wanted checked = checked(who, about, wanted);
        transaction.executeWithoutResult(status -> {
            int changed = jdbc.sql("""
                            update quality_rules set version = version + 1, not_before = :now
                            where id = :id and version = :seen and retired_at is null""")
                    .param("now", Timestamp.from(clock.instant()))
                    .param("id", id)
                    .param("seen", seen)
                    .update();
            if (changed == 0) {
                throw new Problem(QualityProblem.CHANGED_MEANWHILE);
            }
            insertVersion(id, seen + 1, who, checked, Timestamp.from(clock.instant()));
        });
        return get(id);
    }

    /** Demands it no more. What was found stays. */
    public void retire(Account who, UUID id) {
        Rule rule = get(id);
        Resource about = resources.get(rule.resource());
        requireMayRule(who, about);
        requireMayWeaken(who, id);
        transaction.executeWithoutResult(status -> {
            jdbc.sql("update quality_rules set retired_at = ?, retired_by = ? where id = ? and retired_at is null")
                    .params(Timestamp.from(clock.instant()), who.username(), id)
                    .update();
            scores.settle(about);
        });
    }

    /** Who has to mend what a rule found does not change the rule meanwhile. */
    private void requireMayWeaken(Account who, UUID id) {
        boolean owed = jdbc.sql("select exists (select from quality_tickets where rule_id = ? and closed_at is null)")
                .param(id)
                .query(Boolean.class)
                .single();
        if (owed && !who.has(Role.ENGINEER)) {
            throw new Problem(QualityProblem.RULE_HAS_TICKET);
        }
    }

    /** Has a rule looked at now, whether anything changed or not. */
    public void ask(Account who, UUID id) {
        Rule rule = get(id);
        requireMayRule(who, resources.get(rule.resource()));
        jdbc.sql("update quality_rules set asked = true, not_before = ? where id = ?")
                .params(Timestamp.from(clock.instant()), id)
                .update();
    }

    /** Tries a rule on what there is now, with some of the rows that fail. */
    public Trial attempt(Account who, UUID resource, Rule.Wanted wanted, int rows) {
        Resource about = resources.get(resource);
        requireMayRule(who, about);
        Rule.Wanted checked = checked(who, about, wanted);
        Requirement requirement = checked.requirement();
        Rule.Outcome outcome = look(who.username(), about, requirement, 0, null);
        if (requirement.kind().isOfTable()) {
            return new Trial(outcome, null, null);
        }
        String sql = compile(about, requirement).find();
        return new Trial(
                outcome, outcome.failed() == 0 ? null : reader.find(who.username(), PURPOSE, sql, null, rows), sql);
    }

    /**
     * The rows that fail a rule, masked, as of its newest outcome.
     *
     * @param sql finds them again by hand
     * @param asOf where it has to be asked: a snapshot or a time
     */
    public record Failing(
            LakeReader.Preview rows, String sql, @Nullable String asOf) {}

    public Failing failing(Account who, UUID id, int rows) {
        Rule rule = get(id);
        Resource about = resources.get(rule.resource());
        if (!who.has(Role.ANALYST)) {
            requireMayRule(who, about);
        }
        if (rule.requirement().kind().isOfTable()) {
            throw new Problem(QualityProblem.NO_ROWS_TO_SHOW);
        }
        Rule.Outcome newest = rule.newest();
        String sql = compile(about, rule.requirement()).find();
        boolean alone = rule.requirement().table() == null && rule.requirement().sql() == null;
        // A snapshot's number is one table's own; several are read as they stood at one time.
        String asOf = newest == null || newest.error() != null
                ? null
                : alone ? newest.snapshotId() : newest.at().toString();
        return new Failing(reader.find(who.username(), PURPOSE, sql, asOf, rows), sql, asOf);
    }

    /** What the catalogue's knowledge suggests to demand of a resource beyond what is demanded already. */
    public List<Proposal> propose(UUID resource) {
        Resource.Whole whole = resources.getWhole(resource);
        List<Proposal> proposals = new ArrayList<>();
        List<String> keys = whole.columns().stream()
                .filter(Resource.Field::key)
                .map(Resource.Field::name)
                .toList();
        proposals.add(Proposal.of(Requirement.of(Requirement.Kind.REACHABLE), 0, Severity.HIGH));
        proposals.add(Proposal.of(Requirement.of(Requirement.Kind.ROWS_KEPT), ROWS_THAT_MAY_GO, Severity.MEDIUM));
        Long rows = whole.resource().rows();
        boolean comparable =
                whole.columns().stream().noneMatch(field -> field.type().equals("binary"));
        if (!keys.isEmpty() || comparable && rows != null && rows <= MOST_WHOLE_ROWS) {
            proposals.add(Proposal.of(
                    Requirement.of(Requirement.Kind.UNIQUE, keys.toArray(String[]::new)), 0, Severity.MEDIUM));
        }
        for (Resource.Field field : whole.columns()) {
            proposals.addAll(proposeOf(field));
        }
        cycle(resource).ifPresent(cycle -> proposals.add(Proposal.of(Requirement.timely(cycle), 0, Severity.MEDIUM)));
        Set<Requirement> there = list(resource).stream().map(Rule::requirement).collect(Collectors.toSet());
        return proposals.stream()
                .filter(each -> !there.contains(each.requirement()))
                .toList();
    }

    private static List<Proposal> proposeOf(Resource.Field field) {
        List<Proposal> proposals = new ArrayList<>();
        String name = field.name();
        if (field.key() && field.nullable()) {
            proposals.add(Proposal.of(Requirement.of(Requirement.Kind.NOT_NULL, name), 0, Severity.HIGH));
        }
        Resource.Detected detected = field.detected();
        ContentKind kind = detected == null ? null : detected.kind();
        if (kind != null && RuleSql.hasCheckDigit(kind) && field.type().equals("string")) {
            proposals.add(Proposal.of(Requirement.checkDigit(name, kind), 0, Severity.HIGH));
        } else if (kind == ContentKind.PHONE && detected != null && detected.share() > 0.9) {
            proposals.add(Proposal.of(Requirement.format(name, MOBILE), 0.01, Severity.LOW));
        } else if (kind == ContentKind.BIRTH_DATE) {
            proposals.add(Proposal.of(Requirement.within(name, "1890-01-01", Requirement.TODAY), 0, Severity.MEDIUM));
        }
        return proposals;
    }

    private Optional<Guide.UpdateCycle> cycle(UUID resource) {
        return entries.findByResource(resource)
                .map(id -> entries.get(id).statement().updateCycle())
                .filter(cycle -> cycle != Guide.UpdateCycle.IRREGULAR && cycle != Guide.UpdateCycle.ONCE);
    }

    /**
     * Looks at a resource by a requirement.
     *
     * @param who on whose behalf
     * @param rowsBefore how many there were the time before; null when there was none
     * @throws Problem {@link org.qiantang.catalog.CatalogProblem#LAKE_UNAVAILABLE} when the lake does not answer now
     */
    Rule.Outcome look(String who, Resource about, Requirement requirement, int version, @Nullable Long rowsBefore) {
        Instant start = clock.instant();
        return switch (requirement.kind()) {
            case REACHABLE -> {
                boolean whole = about.snapshotId() != null
                        && about.completeness() == org.qiantang.catalog.Completeness.COMPLETE;
                yield ofTable(version, about, start, 1, whole ? 0 : 1);
            }
            case TIMELY -> ofTable(version, about, start, 1, isLate(about, requirement, start) ? 1 : 0);
            case ROWS_KEPT -> {
                long now = about.rows() == null ? 0 : about.rows();
                long before = rowsBefore == null ? now : rowsBefore;
                yield ofTable(version, about, start, before, Math.max(0, before - now));
            }
            default -> ofRows(who, about, requirement, version, start);
        };
    }

    private static Rule.Outcome ofTable(int version, Resource about, Instant at, long checked, long failed) {
        return new Rule.Outcome(version, about.snapshotId(), at, checked, failed, 0, null);
    }

    private Rule.Outcome ofRows(String who, Resource about, Requirement requirement, int version, Instant start) {
        String sql = compile(about, requirement).count();
        List<String> numbers = new ArrayList<>();
        Queries.Answer answer = reader.readInClear(who, PURPOSE, new Query(sql, null, 1, Map.of()), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // Always the same two.
            }

            @Override
            public void row(List<@Nullable String> values) {
                values.forEach(value -> numbers.add(requireNonNull(value, "a count is null")));
            }
        });
        String snapshot = answer.tables().stream()
                .filter(state -> state.table().toString().equals(about.lakeTable()))
                .map(state -> Long.toString(state.snapshotId()))
                .findFirst()
                .orElse(about.snapshotId());
        return new Rule.Outcome(
                version,
                snapshot,
                start,
                Long.parseLong(numbers.get(0)),
                Long.parseLong(numbers.get(1)),
                java.time.Duration.between(start, clock.instant()).toMillis(),
                null);
    }

    private static boolean isLate(Resource about, Requirement requirement, Instant now) {
        Instant asOf = about.asOf();
        return asOf == null
                || Cycles.allowance(requireNonNull(requirement.cycle()))
                        .map(allowed -> asOf.plus(allowed).isBefore(now))
                        .orElse(false);
    }

    RuleSql.Compiled compile(Resource about, Requirement requirement) {
        Map<String, String> columns = new LinkedHashMap<>();
        resources.getWhole(about.id()).columns().forEach(field -> columns.put(field.name(), field.type()));
        LocalDate today = clock.instant().atZone(calendar.zone()).toLocalDate();
        return new RuleSql(tableName(about.lakeTable()), columns, today).compile(requirement);
    }

    static TableName tableName(String lakeTable) {
        int dot = lakeTable.indexOf('.');
        return new TableName(lakeTable.substring(0, dot), lakeTable.substring(dot + 1));
    }

    private Rule.Wanted checked(Account who, Resource about, Rule.Wanted wanted) {
        Requirement requirement = wanted.requirement().checked();
        if (!requirement.kind().isOfTable()) {
            compile(about, requirement);
        }
        Set<TableName> read = new java.util.TreeSet<>();
        TableName other = requirement.other();
        if (other != null) {
            read.add(other);
        }
        if (requirement.sql() != null) {
            try {
                // By itself, so that no text can end the statement it is put into.
                read.addAll(queries.references(requirement.sql()).tables());
            } catch (LakeException e) {
                throw new Problem(
                        QualityProblem.RULE_INCOMPLETE, "kind", "STATEMENT", "what", "sql: " + e.getMessage());
            }
        }
        read.forEach(table -> requireMayRead(who, table));
        return new Rule.Wanted(
                wanted.characteristic(), requirement, wanted.note(), wanted.tolerance(), wanted.severity());
    }

    /** A department's people make rules about their own data; a rule over others' would tell them of it. */
    private void requireMayRead(Account who, TableName table) {
        Resource read =
                resources.find(table).orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", table.toString()));
        if (!mayChange(who, read)) {
            throw new Problem(QualityProblem.NOT_YOURS_TO_READ, "table", table.toString());
        }
    }

    /** Whether somebody may make rules for a resource: its department, and the bureau. */
    public static boolean mayChange(Account who, Resource resource) {
        Department own = who.department();
        return who.has(Role.ENGINEER)
                || who.has(Role.OFFICER)
                        && own != null
                        && own.id().equals(resource.department().id());
    }

    private static void requireMayRule(Account who, Resource resource) {
        if (!mayChange(who, resource)) {
            throw new Problem(
                    QualityProblem.NOT_YOURS,
                    "department",
                    resource.department().name());
        }
    }

    private static Requirement requirement(ResultSet row) throws SQLException {
        return JSON.readValue(row.getString("requirement"), Requirement.class);
    }

    static Rule rule(ResultSet row) throws SQLException {
        Requirement requirement = requirement(row);
        boolean looked = row.getTimestamp("o_at") != null;
        return new Rule(
                row.getObject("id", UUID.class),
                row.getObject("resource_id", UUID.class),
                row.getInt("version"),
                Characteristic.valueOf(row.getString("characteristic")),
                requirement,
                requirement.words(),
                requireNonNull(row.getString("note")),
                row.getDouble("tolerance"),
                Severity.valueOf(row.getString("severity")),
                requireNonNull(row.getString("author")),
                row.getTimestamp("at").toInstant(),
                row.getTimestamp("retired_at") != null,
                looked ? outcome(row, "o_") : null);
    }

    private static Rule.Outcome outcome(ResultSet row, String prefix) throws SQLException {
        @Nullable String zh = row.getString(prefix.isEmpty() ? "error_zh" : "o_zh");
        @Nullable String en = row.getString(prefix.isEmpty() ? "error_en" : "o_en");
        return new Rule.Outcome(
                row.getInt(prefix + "version"),
                row.getString(prefix.isEmpty() ? "snapshot_id" : "o_snapshot"),
                row.getTimestamp(prefix + "at").toInstant(),
                row.getLong(prefix + "checked"),
                row.getLong(prefix + "failed"),
                row.getLong(prefix + "millis"),
                zh == null || en == null ? null : new Words(zh, en));
    }
}

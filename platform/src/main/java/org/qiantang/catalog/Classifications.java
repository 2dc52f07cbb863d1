package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.Mask;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * What people decide of classes and levels. The machine proposes and may only raise; what a person decided holds until a person decides
 * otherwise, and every read shows it from then on. Nothing that was decided is ever forgotten.
 */
@Service
public final class Classifications {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final Resources resources;
    private final TransactionTemplate transaction;
    private final Clock clock;

    Classifications(JdbcClient jdbc, Resources resources, TransactionTemplate transaction, Clock clock) {
        this.jdbc = jdbc;
        this.resources = resources;
        this.transaction = transaction;
        this.clock = clock;
    }

    /**
     * The classes of a resource's fields.
     *
     * @param mayDecide whether whoever asks may decide; who may not sees no shapes of samples
     */
    public record Classified(Level level, Grade grade, Guide.Theme theme, boolean mayDecide, List<FieldClass> fields) {
        public Classified {
            fields = List.copyOf(fields);
        }
    }

    /**
     * A person's decision.
     *
     * @param kind what the field holds, or null for none of the kinds
     */
    public record Wanted(Level level, @Nullable ContentKind kind, Grade grade, String reason) {}

    /**
     * What a person had before them when deciding; when it is not so any more, they look again.
     *
     * @param decision the newest of the field; null when there was none
     * @param level what was proposed
     */
    public record Seen(
            @Nullable Long decision, Level level, @Nullable ContentKind kind) {}

    /** A field that another is made of. */
    public record Origin(TableName table, String field) {}

    public Classified get(Account who, UUID id) {
        Resource resource = resources.get(id);
        boolean mayDecide = mayDecide(who, resource);
        Map<String, List<FieldClass.Decision>> decisions = decisions(id);
        List<FieldClass> fields = jdbc.sql("""
                        select f.*, c.at contradicted_at, c.level contradicting_level, c.kind contradicting_kind
                        from catalog_fields f left join catalog_contradictions c
                            on c.resource_id = f.resource_id and c.field = f.name and c.closed_at is null
                        where f.resource_id = ? and f.present order by f.ordinal""")
                .param(id)
                .query((row, n) -> field(row, decisions, mayDecide))
                .list();
        Guide.Theme theme = Guide.Theme.valueOf(jdbc.sql("select theme from catalog_resources where id = ?")
                .param(id)
                .query(String.class)
                .single());
        Grade grade = fields.stream()
                .map(FieldClass::grade)
                .max(Comparator.naturalOrder())
                .orElse(Grade.GENERAL);
        return new Classified(resource.level(), grade, theme, mayDecide, fields);
    }

    /** Confirms or overrules what is proposed of a field; it is in force at once. */
    public void decide(Account who, UUID id, String field, Wanted wanted, Seen seen) {
        requireMayDecide(who, resources.get(id));
        transaction.executeWithoutResult(status -> {
            State state = locked(id, field);
            List<FieldClass.Decision> former = decisions(id).getOrDefault(field, List.of());
            Long newest = former.isEmpty() ? null : former.getFirst().id();
            if (!seen.equals(new Seen(newest, state.proposedLevel, state.proposedKind))) {
                throw new Problem(CatalogProblem.DECIDED_MEANWHILE, "field", field);
            }
            long decision = append(who, id, field, state, wanted, null);
            apply(id, field, wanted, maskOf(wanted, state), decision);
            resources.summarise(id);
        });
    }

    /**
     * Takes the newest decision back that was not taken back yet; what held before it holds again.
     *
     * @param after the newest decision that the person had seen, which may be one that took another back
     */
    public void undo(Account who, UUID id, String field, long after) {
        requireMayDecide(who, resources.get(id));
        transaction.executeWithoutResult(status -> {
            State state = locked(id, field);
            List<FieldClass.Decision> all = decisions(id).getOrDefault(field, List.of());
            List<FieldClass.Decision> standing = all.stream()
                    .filter(each -> !each.undone() && !each.undoes())
                    .toList();
            if (standing.isEmpty()) {
                throw new Problem(CatalogProblem.NOTHING_TO_UNDO, "field", field);
            }
            if (all.getFirst().id() != after) {
                throw new Problem(CatalogProblem.DECIDED_MEANWHILE, "field", field);
            }
            FieldClass.Decision taken = standing.getFirst();
            Wanted before = standing.size() == 1
                    ? new Wanted(state.proposedLevel, state.proposedKind, state.proposedGrade, taken.reason())
                    : wanted(standing.get(1));
            append(who, id, field, state, before, taken.id());
            if (standing.size() == 1) {
                jdbc.sql("""
                                update catalog_fields set level = proposed_level, mask = proposed_mask, decided_level = null,
                                    decided_kind = null, decided_grade = null, decision = null where resource_id = ? and name = ?""").params(id, field).update();
                close(id, field);
            } else {
                apply(id, field, before, maskOf(before, state), standing.get(1).id());
                resources.contradict(id, clock.instant());
            }
            resources.summarise(id);
        });
    }

    /**
     * Recomputes the levels of a table that was made of others: a field is as sensitive as the most sensitive it is made of, and one made
     * of something the catalogue does not know is hidden. Like every machine's proposal it only raises, and leaves what a person decided.
     * From then on every rise of an origin's level comes through by itself where the catalogue knows the lineage.
     *
     * @param origins by field of the derived table
     */
    public void derive(TableName derived, Map<String, Set<Origin>> origins) {
        UUID id = resources.find(derived).map(Resource::id).orElseThrow();
        transaction.executeWithoutResult(status -> resources.raise(id, origins));
    }

    private static boolean mayDecide(Account who, Resource resource) {
        Department own = who.department();
        return who.has(Role.ENGINEER)
                || who.has(Role.OFFICER)
                        && own != null
                        && own.id().equals(resource.department().id());
    }

    private static void requireMayDecide(Account who, Resource resource) {
        if (!mayDecide(who, resource)) {
            throw new Problem(
                    CatalogProblem.NOT_YOURS_TO_CLASSIFY,
                    "department",
                    resource.department().name());
        }
    }

    private record State(
            Level level,
            Level proposedLevel,
            @Nullable String proposedMask,
            @Nullable ContentKind proposedKind,
            Grade proposedGrade) {}

    private State locked(UUID id, String field) {
        return jdbc.sql("""
                        select level, proposed_level, proposed_mask, detected_kind, grade from catalog_fields
                        where resource_id = ? and name = ? and present for update""")
                .params(id, field)
                .query((row, n) -> new State(
                        Level.valueOf(row.getString(1)),
                        Level.valueOf(row.getString(2)),
                        row.getString(3),
                        kind(row.getString(4)),
                        Grade.valueOf(row.getString(5))))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", field));
    }

    private long append(Account who, UUID id, String field, State state, Wanted wanted, @Nullable Long undoes) {
        ContentKind kind = wanted.kind();
        return jdbc.sql("""
                        insert into catalog_decisions (resource_id, field, at, who, who_name, level, kind, grade, reason,
                            proposed_level, proposed_kind, former_level, undoes)
                        values (:id, :field, :at, :who, :name, :level, :kind, :grade, :reason, :proposed, :proposedKind, :former, :undoes)
                        returning id""")
                .param("id", id)
                .param("field", field)
                .param("at", Timestamp.from(clock.instant()))
                .param("who", who.username())
                .param("name", who.displayName())
                .param("level", wanted.level().name())
                .param("kind", kind == null ? null : kind.name())
                .param("grade", wanted.grade().name())
                .param("reason", wanted.reason())
                .param("proposed", state.proposedLevel.name())
                .param("proposedKind", state.proposedKind == null ? null : state.proposedKind.name())
                .param("former", state.level.name())
                .param("undoes", undoes)
                .query(Long.class)
                .single();
    }

    private void apply(UUID id, String field, Wanted wanted, @Nullable Mask mask, long decision) {
        ContentKind kind = wanted.kind();
        jdbc.sql("""
                        update catalog_fields set level = :level, mask = :mask, decided_level = :level, decided_kind = :kind,
                            decided_grade = :grade, decision = :decision where resource_id = :id and name = :field""")
                .param("level", wanted.level().name())
                .param("mask", Masks.write(mask))
                .param("kind", kind == null ? null : kind.name())
                .param("grade", wanted.grade().name())
                .param("decision", decision)
                .param("id", id)
                .param("field", field)
                .update();
        close(id, field);
    }

    private void close(UUID id, String field) {
        jdbc.sql(
                        "update catalog_contradictions set closed_at = ? where resource_id = ? and field = ? and closed_at is null")
                .params(Timestamp.from(clock.instant()), id, field)
                .update();
    }

    /** As the kind is shown; where it has no way of its own, as it was proposed; and hidden rather than seen. */
    private static @Nullable Mask maskOf(Wanted wanted, State state) {
        if (!wanted.level().isMasked()) {
            return null;
        }
        ContentKind kind = wanted.kind();
        if (kind != null && kind.mask() != null) {
            return kind.mask();
        }
        return state.proposedMask == null ? new Mask.Hide() : Masks.read(state.proposedMask);
    }

    private static Wanted wanted(FieldClass.Decision decision) {
        return new Wanted(decision.level(), decision.kind(), decision.grade(), decision.reason());
    }

    private Map<String, List<FieldClass.Decision>> decisions(UUID id) {
        Map<String, List<FieldClass.Decision>> decisions = new HashMap<>();
        jdbc.sql("""
                        select d.*, exists (select from catalog_decisions u where u.undoes = d.id) undone
                        from catalog_decisions d where d.resource_id = ? order by d.id desc""").param(id).query(row -> {
            decisions
                    .computeIfAbsent(row.getString("field"), any -> new ArrayList<>())
                    .add(new FieldClass.Decision(
                            row.getLong("id"),
                            row.getTimestamp("at").toInstant(),
                            row.getString("who_name"),
                            Level.valueOf(row.getString("level")),
                            kind(row.getString("kind")),
                            Grade.valueOf(row.getString("grade")),
                            Level.valueOf(row.getString("former_level")),
                            row.getString("reason"),
                            row.getBoolean("undone"),
                            row.getObject("undoes") != null));
        });
        return decisions;
    }

    private static FieldClass field(ResultSet row, Map<String, List<FieldClass.Decision>> decisions, boolean withShapes)
            throws SQLException {
        String name = requireNonNull(row.getString("name"), "name is null");
        boolean decided = row.getString("decided_level") != null;
        @Nullable String said = row.getString("evidence");
        Evidence evidence = said == null ? null : JSON.readValue(said, Evidence.class);
        Timestamp contradicted = row.getTimestamp("contradicted_at");
        ContentKind proposed = kind(row.getString("detected_kind"));
        return new FieldClass(
                name,
                row.getString("comment"),
                row.getString("type"),
                Level.valueOf(row.getString("level")),
                decided ? kind(row.getString("decided_kind")) : proposed,
                Subject.valueOf(row.getString("subject")),
                Grade.valueOf(decided ? row.getString("decided_grade") : row.getString("grade")),
                row.getString("grade_rule"),
                Level.valueOf(row.getString("proposed_level")),
                proposed,
                evidence == null || withShapes ? evidence : evidence.withoutShapes(),
                decided,
                decisions.getOrDefault(name, List.of()),
                contradicted == null
                        ? null
                        : new FieldClass.Contradiction(
                                contradicted.toInstant(),
                                Level.valueOf(row.getString("contradicting_level")),
                                kind(row.getString("contradicting_kind"))));
    }

    private static @Nullable ContentKind kind(@Nullable String name) {
        return name == null ? null : ContentKind.valueOf(name);
    }
}

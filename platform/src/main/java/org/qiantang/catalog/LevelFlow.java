package org.qiantang.catalog;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.qiantang.catalog.Classifications.Origin;
import org.qiantang.lake.ColumnLineage.Way;
import org.qiantang.lake.Mask;
import org.qiantang.lake.TableName;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * Carries levels from the columns that something was made of to what was made of them, as far as it goes, in the transaction in which a
 * level changed. It only raises; where a person decided less, somebody must look again and the flow ends.
 */
final class LevelFlow {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final List<String> REVEALING = Stream.concat(
                    Stream.of(Way.values()).filter(Way::reveals).map(Way::name), Stream.of("UNKNOWN"))
            .toList();

    private final JdbcClient jdbc;
    private final Resources resources;

    LevelFlow(JdbcClient jdbc, Resources resources) {
        this.jdbc = jdbc;
        this.resources = resources;
    }

    /** Takes in that a resource's fields, their levels or their origins may have changed. */
    void flow(UUID id) {
        settle(id);
        for (UUID lower : lagging(id)) {
            raise(lower, origins(lower));
        }
    }

    private void settle(UUID id) {
        Map<String, Set<Origin>> origins = origins(id);
        if (!origins.isEmpty()) {
            raise(id, origins);
        }
    }

    /** Raises what is less sensitive than its origins; ends what it began by looking further down. */
    void raise(UUID id, Map<String, Set<Origin>> origins) {
        int raised = 0;
        for (Map.Entry<String, Set<Origin>> field : origins.entrySet()) {
            Optional<Map.Entry<Origin, Resources.Known>> highest = field.getValue().stream()
                    .map(each -> Map.entry(each, known(each)))
                    .max(Comparator.comparing(each -> each.getValue().level()));
            if (highest.isPresent()) {
                Resources.Known known = highest.get().getValue();
                long ways = field.getValue().stream()
                        .map(this::known)
                        .filter(each -> each.level().isMasked())
                        .map(Resources.Known::mask)
                        .distinct()
                        .count();
                // Made of values that are hidden in different ways, it can be shown in none of them.
                raised += raise(
                        id,
                        field.getKey(),
                        highest.get().getKey(),
                        ways > 1 ? new Resources.Known(known.level(), new Mask.Hide()) : known);
            }
        }
        if (raised > 0) {
            Instant now = jdbc.sql("select now()")
                    .query((row, n) -> row.getTimestamp(1).toInstant())
                    .single();
            resources.contradict(id, now);
            resources.summarise(id);
        }
    }

    private Resources.Known known(Origin origin) {
        return resources
                .known(origin.table())
                .flatMap(fields -> Optional.ofNullable(fields.get(origin.field())))
                .orElse(new Resources.Known(Level.L4, new Mask.Hide()));
    }

    private int raise(UUID id, String field, Origin origin, Resources.Known known) {
        Evidence evidence =
                new Evidence(Evidence.Basis.ORIGIN, 0, 0, 0, 0, origin.table() + "." + origin.field(), List.of());
        return jdbc.sql("""
                        update catalog_fields set proposed_level = :level, proposed_mask = :mask, found_level = :level,
                            evidence = cast(:evidence as jsonb),
                            level = case when decided_level is null then :level else level end,
                            mask = case when decided_level is null then :mask else mask end
                        where resource_id = :id and name = :field and proposed_level < :level""")
                .param("level", known.level().name())
                .param("mask", Masks.write(known.mask()))
                .param("evidence", JSON.writeValueAsString(evidence))
                .param("id", id)
                .param("field", field)
                .update();
    }

    /** Those origins of a resource's fields that are more sensitive than what is proposed of the field. */
    private Map<String, Set<Origin>> origins(UUID id) {
        Map<String, Set<Origin>> origins = new HashMap<>();
        jdbc.sql("""
                        select f.name, coalesce(e.from_namespace, d.namespace), coalesce(e.from_table, d.table_name),
                            coalesce(e.from_column, '?')
                        from catalog_resources r
                        join catalog_derivations d on d.namespace = r.namespace and d.table_name = r.table_name and d.current
                        join catalog_lineage_edges e on e.derivation_id = d.id and e.column_name is not null and e.way in (:ways)
                        join catalog_fields f on f.resource_id = r.id and e.column_name in (f.name, '*')
                        left join catalog_resources s on s.namespace = e.from_namespace and s.table_name = e.from_table
                        left join catalog_fields o on o.resource_id = s.id and o.name = e.from_column
                        where r.id = :id and f.proposed_level < coalesce(o.level, 'L4')""").param("id", id).param("ways", REVEALING).query(row -> {
            origins.computeIfAbsent(row.getString(1), any -> new HashSet<>())
                    .add(new Origin(new TableName(row.getString(2), row.getString(3)), row.getString(4)));
        });
        return origins;
    }

    /** The resources made of this one of which less is proposed. */
    private Set<UUID> lagging(UUID id) {
        return jdbc.sql("""
                        select distinct t.id from catalog_resources r
                        join catalog_fields o on o.resource_id = r.id
                        join catalog_lineage_edges e on e.from_namespace = r.namespace and e.from_table = r.table_name
                            and e.from_column = o.name and e.column_name is not null and e.way in (:ways)
                        join catalog_derivations d on d.id = e.derivation_id and d.current
                        join catalog_resources t on t.namespace = d.namespace and t.table_name = d.table_name and t.id <> r.id
                        join catalog_fields f on f.resource_id = t.id and e.column_name in (f.name, '*')
                        where r.id = :id and f.proposed_level < o.level""").param("id", id).param("ways", REVEALING).query(UUID.class).list().stream()
                .collect(Collectors.toSet());
    }
}

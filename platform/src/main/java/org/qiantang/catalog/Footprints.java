package org.qiantang.catalog;

import java.sql.ResultSet;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.Mask;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * Of whom a read is (数据足迹), so that they can be told who read it. By the lineage of its columns it is known which values of an answer are
 * identity numbers as they are; where that cannot be known, everybody in the table counts.
 */
@Service
final class Footprints {
    private static final int MOST_REMEMBERED = 256;

    private final JdbcClient jdbc;
    private final Queries queries;

    /** Services ask the same statement over and over. */
    private final Map<Asked, ColumnLineage> lineages =
            Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Asked, ColumnLineage> eldest) {
                    return size() > MOST_REMEMBERED;
                }
            });

    Footprints(JdbcClient jdbc, Queries queries) {
        this.jdbc = jdbc;
        this.queries = queries;
    }

    private record Asked(String sql, Map<TableName, Long> snapshots) {}

    /** A table in which there are persons. */
    private record Subject(long snapshot, Set<String> numbers, Set<String> sensitive) {}

    /** What a statement of a person gives: rows as the policies show them. */
    Trail of(Query query, Set<TableName> tables) {
        return plan(query, tables).trail(query.parameters());
    }

    /** The same for a statement that is asked again and again, as long as its tables and their fields stay what they are. */
    Plan plan(Query query, Set<TableName> tables) {
        String sql = query.sql();
        Map<TableName, TablePolicy> policies = query.policies();
        Map<TableName, Subject> subjects = subjects(tables);
        Map<TableName, Set<String>> pinned = new TreeMap<>();
        Map<TableName, Subject> unclear = new TreeMap<>();
        subjects.forEach((table, subject) -> {
            TablePolicy policy = policies.getOrDefault(table, TablePolicy.OPEN);
            Optional<Set<String>> by = pinned(sql, tables, policy, subject);
            if (by.isPresent() && by.get().size() <= Trail.MOST_PERSONS) {
                pinned.put(table, by.get());
            } else if (Stream.concat(subject.numbers.stream(), subject.sensitive.stream())
                    .anyMatch(column -> policy.mask(column) instanceof Mask.Clear)) {
                unclear.put(table, subject);
            }
        });
        Map<TableName, Long> snapshots = new HashMap<>();
        subjects.forEach((table, subject) -> snapshots.put(table, subject.snapshot));
        return new Plan(
                sql,
                policies,
                subjects,
                pinned,
                unclear,
                unclear.isEmpty() ? Optional.empty() : lineage(new Asked(sql, snapshots)));
    }

    /** What of a statement is the same whatever is bound to it. */
    final class Plan {
        private final Set<String> written;
        private final Map<TableName, TablePolicy> policies;
        private final Map<TableName, Subject> subjects;
        private final Map<TableName, Set<String>> pinned;
        private final Map<TableName, Subject> unclear;
        private final Optional<ColumnLineage> lineage;

        private Plan(
                String sql,
                Map<TableName, TablePolicy> policies,
                Map<TableName, Subject> subjects,
                Map<TableName, Set<String>> pinned,
                Map<TableName, Subject> unclear,
                Optional<ColumnLineage> lineage) {
            written = Persons.numbersIn(sql);
            this.policies = policies;
            this.subjects = subjects;
            this.pinned = pinned;
            this.unclear = unclear;
            this.lineage = lineage;
        }

        Trail trail(List<@Nullable String> parameters) {
            if (subjects.isEmpty()) {
                return Trail.NOBODY;
            }
            Trail trail = new Trail();
            Set<String> literals = new HashSet<>(written);
            for (String bound : parameters) {
                if (bound != null) {
                    literals.addAll(Persons.numbersIn(bound));
                }
            }
            for (TableName table : subjects.keySet()) {
                Set<String> by = pinned.get(table);
                if (by != null) {
                    trail.name(table, by);
                    continue;
                }
                // That somebody looked for a number concerns whose it is, whatever the answer shows.
                trail.name(table, literals);
                if (!unclear.containsKey(table)) {
                    trail.summarise(table);
                }
            }
            if (!unclear.isEmpty()) {
                follow(trail, unclear, policies, lineage);
            }
            return trail;
        }
    }

    /** What the platform reads to judge, and of which people see numbers, masked values or what is about themselves. */
    Trail ofOwnWork(String sql, Set<TableName> tables) {
        Map<TableName, Subject> subjects = subjects(tables);
        if (subjects.isEmpty()) {
            return Trail.NOBODY;
        }
        Trail trail = new Trail();
        Set<String> literals = Persons.numbersIn(sql);
        subjects.keySet().forEach(table -> {
            if (literals.isEmpty()) {
                trail.summarise(table);
            } else {
                trail.name(table, literals);
            }
        });
        return trail;
    }

    private static Optional<Set<String>> pinned(
            String sql, Set<TableName> tables, TablePolicy policy, Subject subject) {
        for (RowCondition condition : policy.rows()) {
            if (condition.operator() == RowCondition.Operator.IN && subject.numbers.contains(condition.column())) {
                return Optional.of(numbers(condition.values()));
            }
        }
        if (tables.size() != 1) {
            return Optional.empty();
        }
        Set<String> names = new HashSet<>();
        for (String column : subject.numbers) {
            // What is compared with a number that is masked is the mask.
            if (policy.mask(column) instanceof Mask.Clear) {
                names.add(column.toLowerCase(Locale.ROOT));
            }
        }
        return Pinned.by(sql, names).map(Footprints::numbers);
    }

    private static Set<String> numbers(Collection<String> texts) {
        Set<String> numbers = new HashSet<>();
        texts.forEach(text -> Persons.number(text).ifPresent(numbers::add));
        return numbers;
    }

    private void follow(
            Trail trail,
            Map<TableName, Subject> unclear,
            Map<TableName, TablePolicy> policies,
            Optional<ColumnLineage> found) {
        if (found.isEmpty() || !found.get().isWhole()) {
            unclear.keySet().forEach(trail::everybody);
            return;
        }
        ColumnLineage lineage = found.get();
        List<ColumnLineage.Result> columns = answered(lineage, policies);
        trail.expect(columns);
        Set<TableName> silent = new TreeSet<>();
        unclear.forEach((table, subject) -> {
            TablePolicy policy = policies.getOrDefault(table, TablePolicy.OPEN);
            boolean told = false;
            boolean shown = false;
            for (int i = 0; i < columns.size(); i++) {
                for (ColumnLineage.Origin origin : columns.get(i).origins()) {
                    boolean clear = origin.table().equals(table)
                            && origin.way().reveals()
                            && policy.mask(origin.column()) instanceof Mask.Clear;
                    if (clear && subject.numbers.contains(origin.column())) {
                        trail.watch(table, i, origin.way() == ColumnLineage.Way.IDENTITY);
                        told = true;
                    } else if (clear && subject.sensitive.contains(origin.column())) {
                        shown |= origin.way() != ColumnLineage.Way.AGGREGATION;
                    }
                }
            }
            if (told) {
                return;
            }
            if (shown) {
                trail.everybody(table);
            } else if (lineage.influences().stream()
                    .anyMatch(each -> each.table().equals(table) && subject.numbers.contains(each.column()))) {
                silent.add(table);
            } else {
                trail.summarise(table);
            }
        });
        // Whoever is named in an answer for being in a second table was looked up there too.
        silent.forEach(table -> {
            if (!trail.isWatching()) {
                trail.summarise(table);
            } else {
                trail.alike(table);
            }
        });
    }

    /** The columns of the answer: a star stands for those alone that the policies leave there. */
    static List<ColumnLineage.Result> answered(ColumnLineage lineage, Map<TableName, TablePolicy> policies) {
        return lineage.columns().stream()
                .filter(column -> column.origins().stream()
                        .noneMatch(origin -> policies.getOrDefault(origin.table(), TablePolicy.OPEN)
                                        .mask(origin.column())
                                instanceof Mask.Omit))
                .toList();
    }

    /**
     * Where an answer's columns come from; empty where it cannot be told.
     *
     * @param snapshots of its tables, by which their columns are known
     */
    Optional<ColumnLineage> lineage(String sql, Map<TableName, Long> snapshots) {
        return lineage(new Asked(sql, snapshots));
    }

    private Optional<ColumnLineage> lineage(Asked asked) {
        ColumnLineage known = lineages.get(asked);
        if (known == null) {
            try {
                known = queries.lineage(asked.sql, Map.of());
            } catch (LakeException unclear) {
                // The read itself says what is wrong with the statement, if anything is.
                return Optional.empty();
            }
            lineages.put(asked, known);
        }
        return Optional.of(known);
    }

    private Map<TableName, Subject> subjects(Set<TableName> tables) {
        if (tables.isEmpty()) {
            return Map.of();
        }
        Map<TableName, Subject> found = new TreeMap<>();
        jdbc.sql("""
                        select r.namespace, r.table_name, coalesce(r.snapshot_id, 0), f.name, f.level > 'L2',
                            f.detected_kind in ('ID_NUMBER', 'USCC') or f.decided_kind in ('ID_NUMBER', 'USCC')
                        from catalog_resources r join catalog_fields f on f.resource_id = r.id
                        where (r.namespace, r.table_name) in (:tables) and exists (select from catalog_fields s where s.resource_id = r.id
                            and (s.detected_kind in ('ID_NUMBER', 'USCC') or s.decided_kind in ('ID_NUMBER', 'USCC')))""")
                .param(
                        "tables",
                        tables.stream()
                                .map(table -> new Object[] {table.namespace(), table.name()})
                                .toList())
                .query((ResultSet row) -> {
                    Subject subject = found.get(new TableName(row.getString(1), row.getString(2)));
                    if (subject == null) {
                        subject = new Subject(row.getLong(3), new HashSet<>(), new HashSet<>());
                        found.put(new TableName(row.getString(1), row.getString(2)), subject);
                    }
                    if (row.getBoolean(6)) {
                        subject.numbers.add(row.getString(4));
                    } else if (row.getBoolean(5)) {
                        subject.sensitive.add(row.getString(4));
                    }
                });
        return found;
    }
}

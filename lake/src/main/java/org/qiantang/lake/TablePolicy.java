package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What somebody may see of one table: the outcome of grant, purpose, level and jurisdiction, in the only form in which a read takes it.
 * The worker compiles it into the table itself, so that no statement, however it is written, is about anything else.
 *
 * @param columns how each is shown, by name; a name that the table does not have says nothing
 * @param others how a column is shown that {@code columns} does not name
 * @param rows which rows there are; all of the conditions hold, and a column that one names must be there
 */
public record TablePolicy(Map<String, Mask> columns, Mask others, List<RowCondition> rows) {
    /** Everything, as it is: for the platform's own work. */
    public static final TablePolicy OPEN = new TablePolicy(Map.of(), new Mask.Clear(), List.of());

    public TablePolicy {
        columns = Map.copyOf(columns);
        requireNonNull(others, "others is null");
        rows = List.copyOf(rows);
    }

    /** These columns are masked, the others as they are. */
    public static TablePolicy masking(Map<String, Mask> columns) {
        return new TablePolicy(columns, new Mask.Clear(), List.of());
    }

    /** How a column is shown. */
    public Mask mask(String column) {
        return columns.getOrDefault(column, others);
    }

    /** The same for two policies just when they say the same; tells nothing of them. */
    public String fingerprint() {
        List<String> parts = new java.util.ArrayList<>();
        columns.forEach((name, mask) -> parts.add(Sql.name(name) + " " + exactly(mask)));
        rows.forEach(row -> parts.add(Sql.name(row.column()) + " " + row.operator() + " " + Sql.list(row.values())));
        parts.sort(java.util.Comparator.naturalOrder());
        parts.add(exactly(others));
        return Feeding.hash(String.join("\n", parts));
    }

    private static String exactly(Mask mask) {
        return mask instanceof Mask.Pseudonym pseudonym ? mask.text() + " " + pseudonym.key() : mask.text();
    }

    /** Whether every row and every column is shown as it is. */
    public boolean isOpen() {
        return rows.isEmpty()
                && others instanceof Mask.Clear
                && columns.values().stream().allMatch(Mask.Clear.class::isInstance);
    }

    /** Whether a cluster may answer, which knows fewer masks, and of which nobody has looked whether it leaves failing conditions where they are. */
    boolean isForAnyEngine() {
        return rows.isEmpty()
                && java.util.stream.Stream.concat(java.util.stream.Stream.of(others), columns.values().stream())
                        .allMatch(mask -> mask instanceof Mask.Clear
                                || mask instanceof Mask.Hide
                                || mask instanceof Mask.KeepEnds);
    }

    /** By two policies at once: only what both show. Where both mask a column, {@code this} says how. */
    public TablePolicy and(TablePolicy other) {
        Map<String, Mask> both = java.util.stream.Stream.concat(
                        columns.keySet().stream(), other.columns.keySet().stream())
                .distinct()
                .collect(Collectors.toMap(name -> name, name -> stricter(mask(name), other.mask(name))));
        List<RowCondition> conditions = java.util.stream.Stream.concat(rows.stream(), other.rows.stream())
                .distinct()
                .toList();
        return new TablePolicy(both, stricter(others, other.others), conditions);
    }

    private static Mask stricter(Mask one, Mask two) {
        if (one instanceof Mask.Omit || two instanceof Mask.Omit) {
            return new Mask.Omit();
        }
        if (one instanceof Mask.Hide || two instanceof Mask.Hide) {
            return new Mask.Hide();
        }
        return one instanceof Mask.Clear ? two : one;
    }
}

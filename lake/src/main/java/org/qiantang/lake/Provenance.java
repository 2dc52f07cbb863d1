package org.qiantang.lake;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.qiantang.lake.ColumnLineage.Origin;
import org.qiantang.lake.ColumnLineage.Way;

/** Where one value comes from, and why that may not be all. */
record Provenance(Map<Place, EnumSet<Way>> origins, Set<String> unknown) {
    static final Provenance NONE = new Provenance(Map.of(), Set.of());

    /** A column of a table. */
    record Place(TableName table, String column) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            int byTable = table.compareTo(other.table);
            return byTable != 0 ? byTable : column.compareTo(other.column);
        }
    }

    static Provenance of(TableName table, String column) {
        return new Provenance(Map.of(new Place(table, column), EnumSet.of(Way.IDENTITY)), Set.of());
    }

    static Provenance unknown(String why) {
        return new Provenance(Map.of(), Set.of(why));
    }

    Provenance and(Provenance other) {
        if (other.isNone()) {
            return this;
        }
        if (isNone()) {
            return other;
        }
        Map<Place, EnumSet<Way>> both = new TreeMap<>();
        origins.forEach((place, ways) -> both.put(place, EnumSet.copyOf(ways)));
        other.origins.forEach((place, ways) ->
                both.computeIfAbsent(place, any -> EnumSet.noneOf(Way.class)).addAll(ways));
        Set<String> why = new TreeSet<>(unknown);
        why.addAll(other.unknown);
        return new Provenance(both, why);
    }

    private boolean isNone() {
        return origins.isEmpty() && unknown.isEmpty();
    }

    /** After an expression made something else of it. */
    Provenance transformed() {
        return each(way -> way == Way.IDENTITY ? Way.TRANSFORMATION : way);
    }

    Provenance aggregated() {
        return each(way -> way.kind() == Way.Kind.DIRECT && !way.masks() ? Way.AGGREGATION : way);
    }

    Provenance counted() {
        return each(way -> way.kind() == Way.Kind.DIRECT ? Way.COUNT : way);
    }

    /** When it only has a say in something. */
    Provenance as(Way indirect) {
        return each(way -> indirect);
    }

    private Provenance each(UnaryOperator<Way> change) {
        Map<Place, EnumSet<Way>> changed = new TreeMap<>();
        origins.forEach((place, ways) -> {
            EnumSet<Way> others = EnumSet.noneOf(Way.class);
            ways.forEach(way -> others.add(change.apply(way)));
            changed.put(place, others);
        });
        return new Provenance(changed, unknown);
    }

    java.util.List<Origin> list() {
        return origins.entrySet().stream()
                .flatMap(each -> each.getValue().stream()
                        .map(way ->
                                new Origin(each.getKey().table(), each.getKey().column(), way)))
                .sorted()
                .toList();
    }
}

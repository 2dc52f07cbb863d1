package org.qiantang.catalog;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;

/**
 * Whom one read is of, table by table; what an answer itself has to tell is gathered while its rows go by. The numbers stay in memory until
 * the read has ended and are kept as keys only. Used by one thread at a time.
 */
final class Trail {
    /** Beyond so many persons a read counts as one of everybody in the table. */
    static final int MOST_PERSONS = 10_000;

    /** Of a read in which there are no persons. */
    static final Trail NOBODY = new Trail();

    private final Map<TableName, Set<String>> named = new TreeMap<>();
    private final Set<TableName> everybody = new TreeSet<>();
    private final Set<TableName> summary = new TreeSet<>();
    private final List<Watch> watched = new ArrayList<>();
    private final Set<TableName> alike = new TreeSet<>();
    private final Set<TableName> begun = new TreeSet<>();
    private List<String> expected = List.of();

    /** @param asItIs whether each value is a number or nobody's; else one that is none leaves open whose it was */
    private record Watch(TableName table, int column, boolean asItIs) {}

    /** These are read of it, or looked for. */
    void name(TableName table, Set<String> numbers) {
        if (numbers.size() > MOST_PERSONS) {
            everybody(table);
        } else if (!numbers.isEmpty()) {
            named.computeIfAbsent(table, its -> new HashSet<>()).addAll(numbers);
            begun.add(table);
        }
    }

    /** Anybody in it may be read in clear. */
    void everybody(TableName table) {
        everybody.add(table);
        begun.add(table);
    }

    /** Only numbers of it, or what is masked. */
    void summarise(TableName table) {
        summary.add(table);
    }

    /** A column of the answer has numbers of it. */
    void watch(TableName table, int column, boolean asItIs) {
        watched.add(new Watch(table, column, asItIs));
        begun.add(table);
    }

    /** Whoever is named in the answer was looked up in it. */
    void alike(TableName table) {
        alike.add(table);
        begun.add(table);
    }

    /** How the columns of the answer are called, if they are those that were looked at. */
    void expect(List<ColumnLineage.Result> columns) {
        expected = columns.stream().map(ColumnLineage.Result::name).toList();
    }

    boolean isWatching() {
        return !watched.isEmpty();
    }

    /** Looks at the rows on their way. */
    RowSink watching(RowSink sink) {
        if (watched.isEmpty()) {
            return sink;
        }
        return new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                if (!columns.stream().map(ResultColumn::name).toList().equals(expected)) {
                    // Another snapshot has other columns.
                    unseen();
                }
                sink.columns(columns);
            }

            @Override
            public void row(List<@Nullable String> values) {
                look(values);
                sink.row(values);
            }
        };
    }

    /** Nobody looks at the rows: they are of everybody whom they may be of. */
    Trail unseen() {
        watched.forEach(watch -> everybody(watch.table));
        alike.forEach(this::everybody);
        watched.clear();
        return this;
    }

    private void look(List<@Nullable String> values) {
        for (Watch watch : watched) {
            String value = values.get(watch.column);
            if (value == null || everybody.contains(watch.table)) {
                continue;
            }
            Optional<String> number = Persons.number(value);
            if (number.isEmpty()) {
                if (!watch.asItIs) {
                    everybody(watch.table);
                }
                continue;
            }
            Set<String> numbers = named.computeIfAbsent(watch.table, its -> new HashSet<>());
            numbers.add(number.get());
            if (numbers.size() > MOST_PERSONS) {
                named.remove(watch.table);
                everybody(watch.table);
            }
        }
    }

    /** The tables of which somebody may be read in clear, as far as is known before the first row. */
    Set<TableName> mayBeRead() {
        return begun;
    }

    /** Who is known to be read, by table. */
    Map<TableName, Set<String>> named() {
        Map<TableName, Set<String>> all = new TreeMap<>(named);
        Set<String> others = new HashSet<>();
        for (Watch watch : watched) {
            others.addAll(named.getOrDefault(watch.table, Set.of()));
        }
        for (TableName table : alike) {
            Set<String> its = new HashSet<>(others);
            its.addAll(named.getOrDefault(table, Set.of()));
            if (!its.isEmpty()) {
                all.put(table, its);
            }
        }
        return all;
    }

    /** The tables of which everybody may have been read. */
    Set<TableName> everybody() {
        Set<TableName> all = new TreeSet<>(everybody);
        if (alike.isEmpty()) {
            return all;
        }
        for (Watch watch : watched) {
            if (everybody.contains(watch.table)) {
                all.addAll(alike);
            }
        }
        return all;
    }

    Set<TableName> summary() {
        return summary;
    }
}

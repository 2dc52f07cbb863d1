package org.qiantang.org;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** All divisions in all their periods, as they were read at one moment. Immutable. */
public final class DivisionTree {
    private static final int DEEPEST = 16;

    private final Map<String, List<Division>> byCode = new TreeMap<>();
    private final Map<String, List<Division>> byParent = new HashMap<>();

    public DivisionTree(Collection<Division> divisions) {
        for (Division division : divisions) {
            byCode.computeIfAbsent(division.code(), code -> new ArrayList<>()).add(division);
            byParent.computeIfAbsent(above(division), code -> new ArrayList<>()).add(division);
        }
        byCode.values()
                .forEach(periods -> periods.sort(
                        Comparator.comparing(division -> division.validity().begins())));
        byParent.values().forEach(children -> children.sort(Comparator.comparing(Division::code)));
    }

    private static String above(Division division) {
        String parent = division.parent();
        return parent == null ? "" : parent;
    }

    /** What the code means on that day. */
    public Optional<Division> find(String code, LocalDate day) {
        return periods(code).stream()
                .filter(division -> division.validity().covers(day))
                .findFirst();
    }

    /** All that the code has meant, the oldest first. */
    public List<Division> periods(String code) {
        return List.copyOf(byCode.getOrDefault(code, List.of()));
    }

    /** Every period of every code. */
    public List<Division> all() {
        return byCode.values().stream().flatMap(List::stream).toList();
    }

    /** Every division in force on that day without a parent that is. */
    public List<Division> roots(LocalDate day) {
        return byCode.values().stream()
                .flatMap(List::stream)
                .filter(division -> division.validity().covers(day))
                .filter(division -> find(above(division), day).isEmpty())
                .toList();
    }

    public List<Division> children(String code, LocalDate day) {
        return byParent.getOrDefault(code, List.of()).stream()
                .filter(division -> division.validity().covers(day))
                .toList();
    }

    /** The divisions it lies in on that day, the nearest first. */
    public List<Division> ancestors(Division division, LocalDate day) {
        List<Division> path = new ArrayList<>();
        Optional<Division> next = find(above(division), day);
        while (next.isPresent() && path.size() < DEEPEST) {
            path.add(next.get());
            next = find(above(next.get()), day);
        }
        return List.copyOf(path);
    }

    /** Those in force on that day whose code begins so or whose name contains it, in the order of their codes. */
    public List<Division> search(String text, LocalDate day, int most) {
        String wanted = text.strip().toLowerCase(Locale.ROOT);
        return byCode.values().stream()
                .flatMap(List::stream)
                .filter(division -> division.validity().covers(day))
                .filter(division -> {
                    String nameEn = division.nameEn();
                    return division.code().startsWith(wanted)
                            || division.name().contains(wanted)
                            || (nameEn != null
                                    && nameEn.toLowerCase(Locale.ROOT).contains(wanted));
                })
                .limit(most)
                .toList();
    }

    /**
     * The codes in force on a day that stand for a code as people find it in their records: itself while it is in force, else what became
     * of it. Empty when the code is not known, is not in force yet, or was abolished without a successor.
     */
    public SortedSet<String> resolve(String code, LocalDate day) {
        if (find(code, day).isPresent()) {
            return new TreeSet<>(Set.of(code));
        }
        return periods(code).reversed().stream()
                .filter(division -> !division.validity().ends().isAfter(day))
                .findFirst()
                .map(last -> follow(last, day))
                .orElseGet(TreeSet::new);
    }

    /**
     * The codes that on a day cover the area which the code meant when it was written. More than one after a split: then only what is
     * finer than the division can tell which.
     */
    public SortedSet<String> resolve(String code, LocalDate written, LocalDate day) {
        return find(code, written).map(then -> follow(then, day)).orElseGet(() -> new TreeSet<>(resolve(code, day)));
    }

    private TreeSet<String> follow(Division from, LocalDate day) {
        TreeSet<String> found = new TreeSet<>();
        Set<Division> open = new LinkedHashSet<>(Set.of(from));
        while (!open.isEmpty()) {
            Division division = open.iterator().next();
            open.remove(division);
            Validity validity = division.validity();
            if (validity.covers(day)) {
                found.add(division.code());
            } else if (!validity.ends().isAfter(day)) {
                // Each step goes to a period that begins later, so this ends.
                for (String successor : division.successors()) {
                    find(successor, validity.ends()).ifPresent(open::add);
                }
            }
        }
        return found;
    }

    /** The periods that ended with this code among their successors. */
    public List<Division> predecessors(String code) {
        return byCode.values().stream()
                .flatMap(List::stream)
                .filter(division -> division.successors().contains(code))
                .toList();
    }
}

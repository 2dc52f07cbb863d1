package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The part of the city somebody answers for (管辖范围): some divisions with everything in them. Rows are shown to people by it, so in doubt
 * it does not cover: a code whose area was divided among several is covered only by who answers for all of them.
 */
public final class Jurisdiction {
    private final SortedSet<String> codes;
    private final DivisionTree tree;

    public Jurisdiction(Set<String> codes, DivisionTree tree) {
        this.codes = new TreeSet<>(codes);
        this.tree = requireNonNull(tree, "tree is null");
    }

    /** The codes at the top of it, as they were given. */
    public List<String> codes() {
        return List.copyOf(codes);
    }

    /**
     * Whether what happened at a code is theirs.
     *
     * @param code of any level; one that was abolished stands for what became of it
     * @param day whose divisions and borders count
     */
    public boolean covers(String code, LocalDate day) {
        SortedSet<String> meant = tree.resolve(code, day);
        if (meant.isEmpty()) {
            // A community nobody has told us of still lies in the street its code begins with.
            String known = nearestKnown(code, day);
            return known != null && lies(known, day);
        }
        return meant.stream().allMatch(each -> lies(each, day));
    }

    private @Nullable String nearestKnown(String code, LocalDate day) {
        if (!Division.isCode(code) || !tree.periods(code).isEmpty()) {
            return null;
        }
        for (String above = Division.codeAbove(code); above != null; above = Division.codeAbove(above)) {
            if (tree.find(above, day).isPresent()) {
                return above;
            }
            if (!tree.periods(above).isEmpty()) {
                return null;
            }
        }
        return null;
    }

    private boolean lies(String code, LocalDate day) {
        Set<String> tops = new TreeSet<>();
        codes.forEach(each -> tops.addAll(tree.resolve(each, day)));
        return tree.find(code, day)
                .map(division -> tops.contains(code)
                        || tree.ancestors(division, day).stream().anyMatch(each -> tops.contains(each.code())))
                .orElse(false);
    }
}

package org.qiantang.collect.internal.jdbc;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Names on their way to the lake, where two that differ in case only are one. */
final class LakeNames {
    private final Set<String> taken = new HashSet<>();

    /** The name itself, or with the first free suffix {@code _2}, {@code _3} … */
    String claim(String name) {
        String candidate = name;
        for (int n = 2; !taken.add(candidate.toLowerCase(Locale.ROOT)); n++) {
            candidate = name + "_" + n;
        }
        return candidate;
    }
}

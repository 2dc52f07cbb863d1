package org.qiantang.app.security;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The table of the running program, for tests that hold it against what is really there. */
public final class RuleLines {
    private RuleLines() {}

    /** As {@code GET /api/health}. */
    public static List<String> all() {
        return AccessRules.RULES.stream().map(RuleLines::line).toList();
    }

    /** Those for which nobody has to be signed in. */
    public static Set<String> open() {
        return AccessRules.RULES.stream()
                .filter(rule -> rule.roles() == AccessRules.NOBODY_NEEDED)
                .map(RuleLines::line)
                .collect(Collectors.toSet());
    }

    private static String line(AccessRules.Rule rule) {
        return rule.method() + " " + rule.path().getPatternString();
    }
}

package org.qiantang.zone;

import static java.util.Objects.requireNonNull;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the platform found when it looked at a result before anybody else did, for programs and in words.
 *
 * @param k of fewer nothing may be told
 */
public record CheckReport(int k, List<Check> checks) {
    public CheckReport {
        checks = List.copyOf(checks);
    }

    /** What was looked at. */
    public enum Of {
        SCHEMA,
        ROWS,
        LEVEL,
        IDENTIFIERS,
        K_ANONYMITY,
        ATTRIBUTES,
        COUNTS,
        SMALL_CELLS,
        DIFFERENCING,
    }

    /** What follows. */
    public enum Verdict {
        PASS,
        /** May be released when the reviewer says that they saw it. */
        ATTENTION,
        /** May not be released by anybody. */
        FAIL,
    }

    /**
     * @param figures how much of what was found; for who may see the rows
     * @param examples where; the same
     */
    public record Check(
            Of of, Verdict verdict, String zh, String en, Map<String, Long> figures, List<String> examples) {
        public Check {
            requireNonNull(of, "of is null");
            requireNonNull(verdict, "verdict is null");
            figures = Collections.unmodifiableMap(new TreeMap<>(figures));
            examples = List.copyOf(examples);
        }
    }

    /** The worst of all. */
    public Verdict verdict() {
        return checks.stream().map(Check::verdict).max(Verdict::compareTo).orElse(Verdict.FAIL);
    }

    List<Of> needingAttention() {
        return checks.stream()
                .filter(check -> check.verdict == Verdict.ATTENTION)
                .map(Check::of)
                .toList();
    }

    /** For who must not see the rows: figures and examples are made of them. */
    public CheckReport inWords() {
        return new CheckReport(
                k,
                checks.stream()
                        .map(check -> new Check(check.of, check.verdict, check.zh, check.en, Map.of(), List.of()))
                        .toList());
    }
}

package org.qiantang.catalog;

import java.util.List;
import java.util.Map;

/**
 * What was found in the samples of a column, by the detectors that look at values. It holds counts and masked shapes only, never a value,
 * so that it may leave the lake worker.
 *
 * @param seen samples that were not blank
 * @param kinds what was found of each kind; kinds of which nothing was seen are left out
 */
public record Findings(int seen, Map<ContentKind, Count> kinds) {
    /** Nothing was looked at. */
    public static final Findings NONE = new Findings(0, Map.of());

    public Findings {
        kinds = Map.copyOf(kinds);
    }

    /**
     * How many samples were of a kind.
     *
     * @param matched of its shape, and with the right check digit where the kind has one
     * @param faulty of its shape with a wrong check digit
     * @param alike of a shape that is believed only when the column's name speaks of the kind
     * @param shapes a few of those matched, as anybody would see them: masked
     */
    public record Count(int matched, int faulty, int alike, List<String> shapes) {
        private static final Count NONE = new Count(0, 0, 0, List.of());

        public Count {
            shapes = List.copyOf(shapes);
        }
    }

    Count of(ContentKind kind) {
        return kinds.getOrDefault(kind, Count.NONE);
    }

    /** The share of the samples, 0 to 1, that matched. */
    double share(ContentKind kind) {
        return seen == 0 ? 0 : (double) of(kind).matched() / seen;
    }

    double alikeShare(ContentKind kind) {
        return seen == 0 ? 0 : (double) of(kind).alike() / seen;
    }
}

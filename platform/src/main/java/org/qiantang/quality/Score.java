package org.qiantang.quality;

import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How good data is (质量得分), 0 to 1, by characteristic and overall. A rule's score is the share of rows that are as they should be; a
 * characteristic's the mean of its rules'; overall the mean of the characteristics there are rules for. docs/quality.md says why.
 */
public record Score(double overall, Map<Characteristic, Double> characteristics) {
    public Score {
        characteristics = Map.copyOf(characteristics);
    }

    /** A rule's share in a score. */
    record Part(Characteristic characteristic, double score) {}

    static Score ofRules(Collection<Part> rules) {
        return of(rules.stream()
                .map(part -> Map.of(part.characteristic, part.score))
                .toList());
    }

    /** Of several resources: each counts once for each characteristic it has, however many rows it has. */
    static Score ofResources(Collection<Score> resources) {
        return of(resources.stream().map(Score::characteristics).toList());
    }

    private static Score of(List<Map<Characteristic, Double>> parts) {
        Map<Characteristic, Double> means = new EnumMap<>(Characteristic.class);
        for (Characteristic each : Characteristic.values()) {
            parts.stream()
                    .filter(part -> part.containsKey(each))
                    .mapToDouble(part -> part.getOrDefault(each, 0.0))
                    .average()
                    .ifPresent(mean -> means.put(each, mean));
        }
        return new Score(
                means.values().stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElse(1),
                means);
    }
}

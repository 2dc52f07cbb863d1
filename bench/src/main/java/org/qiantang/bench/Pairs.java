package org.qiantang.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.qiantang.bench.Leg.Measured;

/**
 * Legs that take turns, forth and then back. Absolute figures drift with the machine's neighbours within the hour, so what counts
 * is each pair's ratio, and only when what a leg left equals what was there.
 */
final class Pairs {
    private final Log log;
    private final Path work;
    private final String unit;
    private final Map<String, List<Measured>> results = new LinkedHashMap<>();
    private final List<String> differences = new ArrayList<>();

    /** @param unit of what is counted, in the plural: {@code rows} */
    Pairs(Log log, Path work, String unit) {
        this.log = log;
        this.work = work;
        this.unit = unit;
    }

    /** Makes ready what all legs of a pair will take, and says how much it is. */
    interface Preparation {
        long prepare(int pair) throws Exception;
    }

    /** Looks at what a leg left: what differs from the source, one line each. */
    interface Check {
        List<String> differences(Leg leg) throws Exception;
    }

    void run(int pairs, List<Leg> legs, Preparation preparation, Check check) throws Exception {
        List<Leg> order = new ArrayList<>(legs);
        legs.forEach(leg -> results.put(leg.name(), new ArrayList<>()));
        for (int pair = 1; pair <= pairs; pair++) {
            long amount = preparation.prepare(pair);
            log.say("pair %d    load %.2f, %s fsync/s", pair, Machine.load(), Machine.fsyncsPerSecond(work));
            for (Leg leg : order) {
                Machine.Ticks before = Machine.Ticks.now();
                Measured measured = leg.run();
                results.getOrDefault(leg.name(), new ArrayList<>()).add(measured);
                log.say(
                        "%s, %.1f %% stolen",
                        measured.line(leg.name(), amount, unit),
                        Machine.Ticks.now().percentStolenSince(before));
                differences.addAll(check.differences(leg));
            }
            Collections.reverse(order);
        }
    }

    /** Says the ratios of ours to each other leg; without ours, of each leg to those after it. */
    void sayRatios() {
        List<String> names = List.copyOf(results.keySet());
        log.say(
                "ratios    median (lowest to highest) over %d pairs; above 1 the first is better",
                results.values().iterator().next().size());
        boolean isOursThere = names.contains(CollectLeg.NAME);
        for (int i = 0; i < names.size(); i++) {
            for (int j = 0; j < names.size(); j++) {
                if (i != j && (isOursThere ? names.get(i).equals(CollectLeg.NAME) : j > i)) {
                    String what = names.get(i) + " / " + names.get(j) + ", ";
                    log.ratio(what + "speed", ratios(names.get(i), names.get(j), Measured::wallSeconds));
                    log.ratio(
                            what + "speed without start-up", ratios(names.get(i), names.get(j), Measured::runSeconds));
                    log.ratio(
                            what + unit + " per CPU-second", ratios(names.get(i), names.get(j), Measured::cpuSeconds));
                }
            }
        }
    }

    /** Says the processor's time of one leg's tool for each second of another's, the source left out. */
    void sayToolCpu(String leg, String other) {
        log.ratio(leg + " / " + other + ", CPU seconds", ratios(other, leg, Measured::toolCpuSeconds));
    }

    /** @param cost what the less of is the better */
    private List<Double> ratios(String first, String second, ToDoubleFunction<Measured> cost) {
        List<Measured> firsts = results.getOrDefault(first, List.of());
        List<Measured> seconds = results.getOrDefault(second, List.of());
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < Math.min(firsts.size(), seconds.size()); i++) {
            ratios.add(cost.applyAsDouble(seconds.get(i)) / cost.applyAsDouble(firsts.get(i)));
        }
        return ratios;
    }

    /** Says whether every copy was true. @param how what was compared */
    boolean sayParity(String how) {
        return log.parity(how, differences);
    }
}

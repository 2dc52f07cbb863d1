package org.qiantang.catalog;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.ColumnProfile;

/** Tells which differences between two profiles of a table are more than the usual coming and going. */
final class ProfileChanges {
    /** So many times must the newest value have moved before anything is expected of it. */
    private static final int MOVES = 3;

    private final AlarmLimits limits;

    ProfileChanges(AlarmLimits limits) {
        this.limits = limits;
    }

    /** The newest time in a column when it was measured. */
    record Moment(Instant at, String newest) {}

    /**
     * A profile.
     *
     * @param moments by column, the oldest first, this profile's last
     */
    record Taken(Instant at, long rows, Map<String, ColumnProfile> columns, Map<String, List<Moment>> moments) {}

    /** A change; the field is empty for the table as a whole. */
    record Change(String field, ProfileAlarm.Kind kind, List<String> before, List<String> now) {}

    List<Change> between(Taken before, Taken now) {
        List<Change> changes = new ArrayList<>();
        if (rows(before.rows, now.rows)) {
            changes.add(new Change("", ProfileAlarm.Kind.ROWS, List.of("" + before.rows), List.of("" + now.rows)));
        }
        now.columns.forEach((field, column) -> {
            List<Moment> moments = now.moments.getOrDefault(field, List.of());
            if (isLate(moments)) {
                Moment last = moments.getLast();
                changes.add(new Change(
                        field,
                        ProfileAlarm.Kind.LATE,
                        List.of("" + usualAge(moments).toSeconds()),
                        List.of(last.newest, last.at.toString())));
            }
            ColumnProfile former = before.columns.get(field);
            if (former != null && former.type().equals(column.type()) && areAlike(before.rows, now.rows)) {
                columns(field, former, column, changes);
            }
        });
        return changes;
    }

    /** Only what is about equally large is compared column by column; otherwise the number of rows is what changed. */
    private boolean areAlike(long before, long now) {
        return before >= limits.leastRows() && now >= limits.leastRows() && !rows(before, now);
    }

    private boolean rows(long before, long now) {
        return before >= limits.leastRows()
                && (now <= before * (1 - limits.rowsFall()) || now >= before * limits.rowsRise());
    }

    private void columns(String field, ColumnProfile before, ColumnProfile now, List<Change> changes) {
        if (nulls(nullShare(before), now)) {
            changes.add(new Change(
                    field, ProfileAlarm.Kind.NULLS, List.of(share(nullShare(before))), List.of(share(nullShare(now)))));
        } else if (distinct(before.distinct(), now)) {
            changes.add(new Change(
                    field, ProfileAlarm.Kind.DISTINCT, List.of("" + before.distinct()), List.of("" + now.distinct())));
        }
        range(before).ifPresent(was -> {
            if (leaves(was, now)) {
                range(now)
                        .ifPresent(
                                is -> changes.add(new Change(field, ProfileAlarm.Kind.RANGE, was.words(), is.words())));
            }
        });
        if (before.sampled() >= limits.leastRows() && now.sampled() >= limits.leastRows()) {
            now.patterns().stream()
                    .filter(each -> (double) each.values() / now.sampled() >= limits.pattern()
                            && before.patterns().stream()
                                    .noneMatch(was -> was.shape().equals(each.shape())))
                    .findFirst()
                    .ifPresent(fresh -> changes.add(new Change(
                            field,
                            ProfileAlarm.Kind.PATTERN,
                            before.patterns().isEmpty()
                                    ? List.of()
                                    : List.of(before.patterns().getFirst().shape()),
                            List.of(fresh.shape(), share((double) fresh.values() / now.sampled())))));
        }
    }

    /**
     * Whether what an alarm was raised for is so no more.
     *
     * @param before the alarm's; empty where it was taken out of it
     */
    boolean isOver(String field, ProfileAlarm.Kind kind, List<String> before, List<String> raised, Taken now) {
        ColumnProfile column = now.columns.get(field);
        if (column == null) {
            return kind != ProfileAlarm.Kind.ROWS || !rows(Long.parseLong(before.getFirst()), now.rows);
        }
        return switch (kind) {
            case ROWS -> true;
            case NULLS -> !nulls(Double.parseDouble(before.getFirst()), column);
            case DISTINCT -> !distinct(Long.parseLong(before.getFirst()), column);
            case RANGE ->
                before.size() == 2
                        && Range.of(column.type(), before.getFirst(), before.getLast())
                                .map(was -> !leaves(was, column))
                                .orElse(true);
            case PATTERN ->
                column.patterns().stream()
                        .filter(each -> each.shape().equals(raised.getFirst()))
                        .noneMatch(each -> (double) each.values() / column.sampled() >= limits.pattern());
            case LATE -> {
                List<Moment> moments = now.moments.getOrDefault(field, List.of());
                yield !raised.isEmpty()
                        && !moments.isEmpty()
                        && !moments.getLast().newest.equals(raised.getFirst());
            }
        };
    }

    private boolean nulls(double before, ColumnProfile now) {
        return nullShare(now) - before >= limits.nulls();
    }

    private boolean distinct(long before, ColumnProfile now) {
        // Of few different values one more or less is nothing.
        return before >= 10 && now.distinct() <= before * (1 - limits.distinct());
    }

    private static double nullShare(ColumnProfile column) {
        return column.rows() == 0 ? 0 : (double) column.nulls() / column.rows();
    }

    private boolean leaves(Range before, ColumnProfile now) {
        double beyond = limits.range() * (before.to - before.from);
        return range(now)
                .filter(is -> beyond > 0 && (is.from < before.from - beyond || is.to > before.to + beyond))
                .isPresent();
    }

    /** Whether a value that used to move on has not for longer than it used to take. */
    private boolean isLate(List<Moment> moments) {
        if (moments.size() < MOVES + 2) {
            return false;
        }
        int moves = 0;
        for (int i = 1; i < moments.size(); i++) {
            if (!moments.get(i).newest.equals(moments.get(i - 1).newest)) {
                moves++;
            }
        }
        Duration allowed = Duration.ofSeconds(
                        (long) (limits.late() * usualAge(moments).toSeconds()))
                .plusDays(1);
        return moves >= MOVES && age(moments.getLast()).compareTo(allowed) > 0;
    }

    /** The age in the middle of those before the last. */
    private static Duration usualAge(List<Moment> moments) {
        List<Duration> ages = moments.subList(0, moments.size() - 1).stream()
                .map(ProfileChanges::age)
                .sorted()
                .toList();
        return ages.get((ages.size() - 1) / 2);
    }

    private static Duration age(Moment moment) {
        double newest = number(moment.newest.contains("T") ? "timestamp" : "date", moment.newest)
                .orElseThrow();
        Duration age = Duration.ofSeconds(moment.at.getEpochSecond() - (long) newest);
        return age.isNegative() ? Duration.ZERO : age;
    }

    private static Optional<Range> range(ColumnProfile column) {
        ColumnProfile.Values values = column.values();
        return values == null ? Optional.empty() : Range.of(column.type(), values.lowest(), values.highest());
    }

    private record Range(double from, double to, List<String> words) {
        static Optional<Range> of(String type, @Nullable String lowest, @Nullable String highest) {
            if (lowest == null || highest == null) {
                return Optional.empty();
            }
            return number(type, lowest)
                    .flatMap(from -> number(type, highest).map(to -> new Range(from, to, List.of(lowest, highest))));
        }
    }

    /** Where a value stands in the order of its type; moments in seconds. */
    private static Optional<Double> number(String type, String written) {
        return switch (type) {
            case "date" -> Optional.of(LocalDate.parse(written).toEpochDay() * 86_400.0);
            case "time" -> Optional.of((double) LocalTime.parse(written).toSecondOfDay());
            case "timestamp", "timestamptz" -> {
                String local = written.endsWith("Z") ? written.substring(0, written.length() - 1) : written;
                yield Optional.of((double) LocalDateTime.parse(local).toEpochSecond(ZoneOffset.UTC));
            }
            case "string", "boolean", "uuid", "binary" -> Optional.empty();
            default -> Optional.of(Double.parseDouble(written));
        };
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.4f", share);
    }

    /** The columns of a profile by name. */
    static Map<String, ColumnProfile> byName(List<ColumnProfile> columns) {
        Map<String, ColumnProfile> byName = new HashMap<>();
        columns.forEach(column -> byName.put(column.column(), column));
        return byName;
    }
}

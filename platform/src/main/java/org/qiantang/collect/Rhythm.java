package org.qiantang.collect;

import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.qiantang.core.Problem;
import org.springframework.scheduling.support.CronExpression;

/**
 * How often a source is collected. It has one written form, in the database, the API and on the screen: {@code every 15 minutes},
 * {@code daily 02:30}, {@code weekly MON,THU 02:30}, {@code cron 0 2 1 * *}.
 */
public sealed interface Rhythm {
    /** Every so many minutes, counted from midnight. */
    record Every(int minutes) implements Rhythm {
        public Every {
            if (minutes < 1 || minutes > 24 * 60) {
                throw refused("every " + minutes + " minutes");
            }
        }

        @Override
        public String toString() {
            return "every " + minutes + " minutes";
        }
    }

    record Daily(LocalTime at) implements Rhythm {
        @Override
        public String toString() {
            return "daily " + at;
        }
    }

    record Weekly(Set<DayOfWeek> on, LocalTime at) implements Rhythm {
        public Weekly {
            on = Set.copyOf(on);
            if (on.isEmpty()) {
                throw refused("weekly " + at);
            }
        }

        @Override
        public String toString() {
            return "weekly "
                    + EnumSet.copyOf(on).stream()
                            .map(day -> day.name().substring(0, 3))
                            .collect(Collectors.joining(","))
                    + " "
                    + at;
        }
    }

    /** Minute, hour, day of the month, month and day of the week, as cron has them. */
    record Cron(String fields) implements Rhythm {
        public Cron {
            if (fields.strip().split("\\s+").length != 5 || !CronExpression.isValidExpression("0 " + fields)) {
                throw refused("cron " + fields);
            }
        }

        @Override
        public String toString() {
            return "cron " + fields;
        }
    }

    /** The times of a day, in their order. */
    default List<LocalTime> times(LocalDate day) {
        return switch (this) {
            case Every every -> {
                List<LocalTime> times = new ArrayList<>();
                for (int minute = 0; minute < 24 * 60; minute += every.minutes) {
                    times.add(LocalTime.of(minute / 60, minute % 60));
                }
                yield times;
            }
            case Daily daily -> List.of(daily.at);
            case Weekly weekly -> weekly.on.contains(day.getDayOfWeek()) ? List.of(weekly.at) : List.of();
            case Cron cron -> {
                List<LocalTime> times = new ArrayList<>();
                CronExpression expression = CronExpression.parse("0 " + cron.fields);
                LocalDateTime at = expression.next(day.atStartOfDay().minusSeconds(1));
                while (at != null && at.toLocalDate().equals(day)) {
                    times.add(at.toLocalTime());
                    at = expression.next(at);
                }
                yield times;
            }
        };
    }

    /** Reads the written form; a {@link Problem} when it is none. */
    static Rhythm of(String text) {
        String plain = text.strip();
        Matcher every = Pattern.compile("every (\\d{1,4}) minutes").matcher(plain);
        if (every.matches()) {
            return new Every(Integer.parseInt(every.group(1)));
        }
        String[] words = plain.split("\\s+");
        try {
            if (words.length == 2 && words[0].equals("daily")) {
                return new Daily(LocalTime.parse(words[1]));
            }
            if (words.length == 3 && words[0].equals("weekly")) {
                Set<DayOfWeek> on =
                        Arrays.stream(words[1].split(",")).map(Rhythm::day).collect(Collectors.toSet());
                return new Weekly(on, LocalTime.parse(words[2]));
            }
        } catch (DateTimeParseException | IllegalArgumentException e) {
            throw refused(plain);
        }
        if (words[0].equals("cron")) {
            return new Cron(plain.substring("cron".length()).strip());
        }
        throw refused(plain);
    }

    private static DayOfWeek day(String name) {
        return Arrays.stream(DayOfWeek.values())
                .filter(day -> day.name().substring(0, 3).equals(name.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(name));
    }

    private static Problem refused(String text) {
        return new Problem(CollectProblem.BAD_SCHEDULE, "reason", text);
    }
}

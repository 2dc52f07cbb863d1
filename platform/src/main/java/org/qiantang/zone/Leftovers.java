package org.qiantang.zone;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.qiantang.core.CityCalendar;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** What an end in the middle of something left of results, and the results of zones that are over: rows that nobody needs are not kept. */
@Service
final class Leftovers {
    /** Longer than any statement may take: what is that old is nobody's work any more. */
    static final Duration LOST = Duration.ofHours(2);

    private final JdbcClient jdbc;
    private final ResultFiles files;
    private final CityCalendar calendar;
    private final Clock clock;

    Leftovers(JdbcClient jdbc, ResultFiles files, CityCalendar calendar, Clock clock) {
        this.jdbc = jdbc;
        this.files = files;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** Deletes them; returns how many files. */
    int drop() {
        Instant now = clock.instant();
        jdbc.sql(
                        "update zone_runs set state = 'FAILED', failure = 'STOPPED', ended_at = :now where state = 'RUNNING' and begun_at < :lost")
                .param("now", Timestamp.from(now))
                .param("lost", Timestamp.from(now.minus(LOST)))
                .update();
        List<UUID> over = jdbc.sql("""
                        update zone_runs set state = 'DISCARDED', due_at = null where state in ('HELD', 'SUBMITTED')
                            and zone_id in (select id from zone_zones where valid_to < ?) returning id""")
                .param(LocalDate.ofInstant(now, calendar.zone()))
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
        over.forEach(files::forget);
        // Nobody writes one while this has its turn.
        return over.size() + files.alone(() -> files.sweep(now.minus(LOST), runs(), releases()));
    }

    private Set<UUID> runs() {
        return new HashSet<>(
                jdbc.sql("select id from zone_runs where state in ('RUNNING', 'HELD', 'SUBMITTED', 'RELEASED')")
                        .query((row, n) -> row.getObject(1, UUID.class))
                        .list());
    }

    private Set<UUID> releases() {
        return new HashSet<>(jdbc.sql("select id from zone_releases")
                .query((row, n) -> row.getObject(1, UUID.class))
                .list());
    }
}

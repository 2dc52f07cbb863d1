package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;
import org.qiantang.catalog.Grading;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.Search;
import org.qiantang.catalog.SearchWords;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.testing.TestPostgres;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Sources that are collected without anybody's doing, by a clock that the test holds. */
class SchedulesTests {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final TestClock clock = new TestClock();
    private AnnotationConfigApplicationContext context;
    private JdbcClient jdbc;
    private Schedules schedules;
    private Sources sources;
    private Collections collections;

    @BeforeEach
    void open() throws Exception {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(TestPostgres.shared().createDatabase("schedules_" + DATABASES.incrementAndGet()));
        database.setUser(TestPostgres.USER);
        database.setPassword(TestPostgres.PASSWORD);
        Flyway.configure()
                .dataSource(database)
                .locations(
                        "classpath:db/migration/org",
                        "classpath:db/migration/catalog",
                        "classpath:db/migration/collect")
                .load()
                .migrate();
        jdbc = JdbcClient.create(database);
        context = new AnnotationConfigApplicationContext();
        context.registerBean(JdbcClient.class, () -> jdbc);
        context.registerBean(
                TransactionTemplate.class, () -> new TransactionTemplate(new JdbcTransactionManager(database)));
        context.registerBean(Clock.class, () -> clock);
        context.registerBean(Sealing.class, () -> new Sealing(new byte[32], Sealing.newKeyPair()));
        context.registerBean(CollectionWorker.class, Nobody::new);
        context.registerBean(Grading.class, () -> new Grading(1_000_000));
        context.registerBean(SearchWords.class, () -> new SearchWords(null));
        context.registerBean(Site.class, () -> new Site("test", Site.Kind.TRIAL));
        context.register(
                Departments.class,
                RunStore.class,
                Sources.class,
                EventStreams.class,
                Collections.class,
                Resources.class,
                Search.class,
                Followings.class,
                Verifications.class,
                Schedules.class);
        // The catalogue's own, which nobody outside of it names.
        context.register(Class.forName("org.qiantang.catalog.SchemaVersions"));
        context.refresh();
        schedules = context.getBean(Schedules.class);
        sources = context.getBean(Sources.class);
        collections = context.getBean(Collections.class);
        context.getBean(Departments.class).ensure(List.of(new Department("market", "市场监管局", "Market")));
    }

    @AfterEach
    void close() {
        context.close();
    }

    private UUID source(String name) {
        return sources.add(
                        new Sources.NewSource(
                                name, "", "market", "jdbc:postgresql://127.0.0.1/" + name, "reader", "pw", Map.of()),
                        "engineer")
                .id();
    }

    private static Schedule schedule(String rhythm) {
        return schedule(rhythm, Schedule.Days.ALL, 0);
    }

    private static Schedule schedule(String rhythm, Schedule.Days days, int priority) {
        return new Schedule(true, Rhythm.of(rhythm), days, null, null, priority, 1, 5_000L);
    }

    private void end(UUID run) {
        jdbc.sql("update collect_runs set state = 'COMPLETE', finished_at = now() where id = ?")
                .param(run)
                .update();
    }

    @Test
    void whatIsDueIsStartedOnceAndByTheSchedule() {
        UUID source = source("due");
        schedules.set(source, schedule("every 60 minutes"), "engineer");

        clock.at("2026-09-01T09:59:59");
        assertThat(schedules.startDue()).isZero();
        clock.at("2026-09-01T10:00:00");
        assertThat(schedules.startDue()).isOne();
        assertThat(schedules.startDue()).isZero();

        assertThat(collections.listOf(source)).hasSize(1);
        assertThat(jdbc.sql("select queued_by from collect_runs")
                        .query(String.class)
                        .single())
                .isEqualTo("schedule");
        Schedules.Planned planned = schedules.get(source);
        assertThat(planned.lastRun())
                .isEqualTo(collections.listOf(source).getFirst().id());
        assertThat(planned.lastSkipped()).isFalse();
        assertThat(planned.nextTimes())
                .hasSize(5)
                .startsWith(TestClock.time("2026-09-01T11:00:00"), TestClock.time("2026-09-01T12:00:00"));
        assertThat(sources.get(source).nextRunAt()).isEqualTo(TestClock.time("2026-09-01T11:00:00"));
    }

    @Test
    void aVerificationThatIsDueIsQueuedOnceAlsoWhileTheScheduleRests() {
        UUID source = source("verified");
        UUID run = collections.start(source, "engineer").id();
        end(run);
        jdbc.sql("""
                        insert into collect_objects (run_id, ordinal, kind, schema_name, name, lake_name, details, state, snapshot_id)
                        values (?, 0, 'TABLE', 'public', 'a', 'public__a', '{}', 'COMPLETE', 7)""").param(run).update();
        schedules.set(
                source,
                new Schedule(
                        false,
                        Rhythm.of("daily 02:30"),
                        Schedule.Days.ALL,
                        null,
                        null,
                        0,
                        null,
                        null,
                        new Schedule.Verifying(Rhythm.of("weekly SUN 04:00"), true)),
                "engineer");
        Schedules.Planned planned = schedules.get(source);
        assertThat(planned.nextTimes()).isEmpty();
        assertThat(planned.nextVerification()).isEqualTo(TestClock.time("2026-09-06T04:00:00"));

        clock.at("2026-09-06T03:59:59");
        assertThat(schedules.startDue()).isZero();
        clock.at("2026-09-06T04:00:00");
        assertThat(schedules.startDue()).isOne();
        clock.at("2026-09-13T04:00:00");
        assertThat(schedules.startDue()).isOne();

        Verifications verifications = context.getBean(Verifications.class);
        assertThat(verifications.listOf(source)).singleElement().satisfies(queued -> {
            assertThat(queued.values()).isTrue();
            assertThat(queued.queuedBy()).isEqualTo("schedule");
            assertThat(queued.state()).isEqualTo(Verification.State.QUEUED);
        });
        assertThat(collections.listOf(source)).hasSize(1);
        assertThat(schedules.get(source).nextVerification()).isEqualTo(TestClock.time("2026-09-20T04:00:00"));
    }

    @Test
    void whatWasMissedIsMadeUpForOnce() {
        UUID source = source("missed");
        schedules.set(source, schedule("every 60 minutes"), "engineer");

        clock.at("2026-09-04T17:20:00");
        assertThat(schedules.startDue()).isOne();

        assertThat(collections.listOf(source)).hasSize(1);
        assertThat(schedules.get(source).nextTimes().getFirst()).isEqualTo(TestClock.time("2026-09-04T18:00:00"));
    }

    @Test
    void aSourceThatIsStillBeingCollectedIsLeftOutAndThatIsSaid() {
        UUID source = source("slow");
        UUID running = collections.start(source, "engineer").id();
        schedules.set(source, schedule("every 60 minutes"), "engineer");

        clock.at("2026-09-01T10:00:00");
        schedules.startDue();
        Schedules.Planned skipped = schedules.get(source);
        end(running);
        clock.at("2026-09-01T11:00:00");
        schedules.startDue();
        Schedules.Planned started = schedules.get(source);

        assertThat(skipped.lastSkipped()).isTrue();
        assertThat(skipped.lastRun()).isEqualTo(running);
        assertThat(skipped.nextTimes().getFirst()).isEqualTo(TestClock.time("2026-09-01T11:00:00"));
        assertThat(started.lastSkipped()).isFalse();
        assertThat(collections.listOf(source)).hasSize(2);
    }

    @Test
    void twoHubsStartNothingTwice() throws Exception {
        for (int i = 0; i < 20; i++) {
            schedules.set(source("shared_" + i), schedule("daily 02:30"), "engineer");
        }
        clock.at("2026-09-02T02:30:00");

        try (var hubs = Executors.newFixedThreadPool(2)) {
            Callable<Integer> hub = schedules::startDue;
            int looked = 0;
            for (var each : hubs.invokeAll(List.of(hub, hub))) {
                looked += each.get();
            }
            assertThat(looked).isEqualTo(20);
        }
        assertThat(jdbc.sql("select count(*), count(distinct source_id) from collect_runs")
                        .query((row, n) -> row.getLong(1) + " " + row.getLong(2))
                        .single())
                .isEqualTo("20 20");
    }

    @Test
    void theHigherPriorityGoesFirst() {
        UUID low = source("low");
        UUID high = source("high");
        schedules.set(low, schedule("daily 02:30", Schedule.Days.ALL, -1), "engineer");
        schedules.set(high, schedule("daily 02:30", Schedule.Days.ALL, 5), "engineer");
        clock.at("2026-09-02T02:30:00");
        schedules.startDue();

        UUID first = context.getBean(RunStore.class).claim(true).orElseThrow();

        assertThat(collections.get(first).sourceId()).isEqualTo(high);
    }

    @Test
    void theRunIsToldWhatMayBeAskedOfTheSource() {
        UUID source = source("gentle");
        schedules.set(source, schedule("daily 02:30"), "engineer");
        UUID run = collections.start(source, "engineer").id();

        CollectionWorker.Limits limits =
                sources.order(run, source, "", Set.of()).limits();

        assertThat(limits).isEqualTo(new CollectionWorker.Limits(1, 5_000L));
    }

    @Test
    void aFullRunIsToldToTheInterface() {
        UUID source = sources.add(
                        new Sources.NewSource("api", "", "market", "http://127.0.0.1:1/list", "", "", Map.of()),
                        "engineer")
                .id();
        UUID usual = collections.start(source, "engineer").id();
        assertThat(sources.order(usual, source, "", Set.of()).access().settings())
                .isEmpty();
        end(usual);

        UUID full = collections.startInFull(source, "engineer").id();

        assertThat(sources.order(full, source, "", Set.of()).access().settings())
                .containsExactly(Map.entry("inFull", "true"));
    }

    @Test
    void theCalendarMovesWhatFollowsFromIt() {
        UUID source = source("holidays");
        schedules.set(source, schedule("daily 08:00", Schedule.Days.WORKING, 0), "engineer");
        assertThat(schedules.get(source).nextTimes().getFirst()).isEqualTo(TestClock.time("2026-09-02T08:00:00"));

        schedules.setDays(2026, List.of(new Schedules.CalendarDay(LocalDate.of(2026, 9, 2), false, "停工")));

        assertThat(schedules.get(source).nextTimes().getFirst()).isEqualTo(TestClock.time("2026-09-03T08:00:00"));
        assertThat(schedules.listDays(2026)).hasSize(1);
        assertThatThrownBy(() -> schedules.setDays(2027, schedules.listDays(2026)))
                .isInstanceOf(Problem.class);
    }

    @Test
    void aScheduleThatRestsOrIsTakenAwayStartsNothing() {
        UUID resting = source("resting");
        UUID removed = source("removed");
        UUID gone = source("gone");
        schedules.set(
                resting,
                new Schedule(false, Rhythm.of("daily 02:30"), Schedule.Days.ALL, null, null, 0, null, null),
                "engineer");
        schedules.set(removed, schedule("daily 02:30"), "engineer");
        schedules.set(gone, schedule("daily 02:30"), "engineer");
        schedules.remove(removed);
        sources.delete(gone, "gone", "engineer");
        clock.at("2026-09-02T03:00:00");

        schedules.startDue();

        assertThat(jdbc.sql("select count(*) from collect_runs")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(schedules.get(resting).nextTimes()).isEmpty();
        assertThatThrownBy(() -> schedules.get(removed))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CoreProblem.NOT_FOUND));
    }

    @Test
    void aScheduleWithoutAnyTimeIsRefused() {
        UUID source = source("never");
        Schedule never = new Schedule(
                true,
                Rhythm.of("daily 08:00"),
                Schedule.Days.ALL,
                java.time.LocalTime.of(22, 0),
                java.time.LocalTime.of(23, 0),
                0,
                null,
                null);

        assertThatThrownBy(() -> schedules.set(source, never, "engineer"))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(CollectProblem.BAD_SCHEDULE));
    }

    /** 1 September 2026, a Tuesday, half past nine in Hangzhou. */
    private static final class TestClock extends Clock {
        private static final ZoneId ZONE = ZoneId.of("Asia/Shanghai");
        private volatile Instant now = time("2026-09-01T09:30:00");

        static Instant time(String local) {
            return java.time.LocalDateTime.parse(local).atZone(ZONE).toInstant();
        }

        void at(String local) {
            now = time(local);
        }

        @Override
        public ZoneId getZone() {
            return ZONE;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return Clock.offset(Clock.system(zone), Duration.between(Instant.now(), now));
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    /** No run of these tests is carried out. */
    private static final class Nobody implements CollectionWorker {
        @Override
        public void verify(VerifyOrder order, Consumer<VerifyEvent> events) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void run(RunOrder order, Consumer<RunEvent> events) {
            throw new AssertionError("Nobody asked for " + order);
        }

        @Override
        public void give(String runId, List<String> lakeNames, boolean last) {
            throw new AssertionError("Nobody shares " + runId);
        }

        @Override
        public void cancel(String runId) {}

        @Override
        public SourceReport inspect(SourceAccess access) {
            throw new AssertionError("Nobody asked for " + access);
        }

        @Override
        public void follow(FollowOrder order, Consumer<FollowEvent> events) {
            throw new AssertionError("Nobody asked for " + order);
        }

        @Override
        public void unfollow(String sourceName) {}

        @Override
        public void release(FollowOrder order) {}
    }
}

package org.qiantang.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.exchange.TestExchange.POLICEMAN;
import static org.qiantang.exchange.TestExchange.SHEN;
import static org.qiantang.exchange.TestExchange.TABLE;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.ds.PGSimpleDataSource;
import org.qiantang.catalog.Grading;
import org.qiantang.catalog.SearchWords;
import org.qiantang.collect.CollectionWorker;
import org.qiantang.collect.CollectionWorker.FollowOrder;
import org.qiantang.collect.CollectionWorker.RunOrder;
import org.qiantang.collect.Collector;
import org.qiantang.collect.FollowEvent;
import org.qiantang.collect.PeerSources;
import org.qiantang.collect.PeerSpool;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.SourceKind;
import org.qiantang.collect.Sources;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.WorkingDays;
import org.qiantang.lake.Lake;
import org.qiantang.lake.RowCondition;
import org.qiantang.org.Departments;
import org.qiantang.share.GrantedTable;
import org.qiantang.share.Grants;
import org.qiantang.share.Terms;
import org.qiantang.share.TestShare;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.TestPostgres;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.context.LifecycleProcessor;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;
import org.springframework.context.support.AbstractApplicationContext;
import org.springframework.core.type.filter.RegexPatternTypeFilter;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionCallback;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** A table of one installation followed into the lake of another: what breaks in between costs time and nothing else. */
class MirrorsTests {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String FOLLOWER = "qt_test_1";

    @TempDir
    Path folder;

    private TestExchange provider;
    private Receiver receiver;
    private UUID grant;

    @BeforeEach
    void open() {
        provider = new TestExchange(folder.resolve("b"));
        provider.hold("1/330101", "2/330102", "3/440101");
        grant = provider.grant("低保资格核对", "clear", 1_000_000, 10_000_000);
        receiver = new Receiver(folder.resolve("a"), new Line());
        receiver.wasGranted(provider.share.grants().get(SHEN, grant));
    }

    @AfterEach
    void close() {
        receiver.close();
        provider.close();
    }

    /** Breaks where the test says: before the question arrives, or before the answer does. */
    private final class Line implements PeerLine {
        private @Nullable Random breaks;
        private boolean away;
        private long told;

        @Override
        public byte[] ask(String peer, String method, String path, byte @Nullable [] body) {
            if (away || breaks != null && breaks.nextInt(6) == 0) {
                throw new Away("no connection");
            }
            byte[] answer;
            try {
                answer = JSON.writeValueAsBytes(answer(path, body));
            } catch (Problem refused) {
                throw new Refused(refused.code().id(), refused.zh(), refused.en());
            }
            if (breaks != null && breaks.nextInt(6) == 0) {
                throw new Away("the connection ended in the middle");
            }
            return answer;
        }

        private Object answer(String path, byte @Nullable [] body) {
            PeerFeeds feeds = provider.share.bean(PeerFeeds.class);
            String[] parts = URI.create(path).getPath().split("/");
            Map<String, String> said = body == null
                    ? Map.of()
                    : JSON.readValue(body, new tools.jackson.core.type.TypeReference<Map<String, String>>() {});
            if (parts.length == 3) {
                return feeds.begin(SHEN, UUID.fromString(said.get("grant")), TABLE, said.get("title"));
            }
            UUID id = UUID.fromString(parts[3]);
            return switch (parts[4]) {
                case "events" -> {
                    String query = URLDecoder.decode(URI.create(path).getQuery(), StandardCharsets.UTF_8);
                    String after = query.contains("after=") ? query.substring(query.indexOf("after=") + 6) : null;
                    // Small ones, so that steps have many.
                    PeerFeeds.Told batch = feeds.told(SHEN, id, after, breaks == null ? 2 : 1 + breaks.nextInt(4));
                    told += batch.changes().size();
                    yield batch;
                }
                case "acknowledge" -> feeds.acknowledge(SHEN, id, said.get("position"));
                case "restart" -> feeds.restart(SHEN, id);
                case "end" -> feeds.end(SHEN, id);
                case "ledger" -> feeds.ledger(SHEN, id);
                default -> throw new AssertionError(path);
            };
        }
    }

    private static final class NothingStarts implements LifecycleProcessor {
        private boolean running;

        @Override
        public void onRefresh() {}

        @Override
        public void onClose() {}

        @Override
        public void start() {
            running = true;
        }

        @Override
        public void stop() {
            running = false;
        }

        @Override
        public boolean isRunning() {
            return running;
        }
    }

    /** The end of a hub in the middle of its work. */
    private static final class Killed extends RuntimeException {}

    /** An installation with a lake of its own; the test runs and ends its hub and its worker. */
    private static final class Receiver implements AutoCloseable {
        private final Path home;
        private final Line line;
        private final Lake lake;
        private final PGSimpleDataSource database = new PGSimpleDataSource();
        private final JdbcClient jdbc;
        private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        private final Map<String, FollowEvent.State> states = new ConcurrentHashMap<>();
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private Collector collector;
        private Future<?> following;
        private @Nullable Random kills;

        Receiver(Path home, Line line) {
            this.home = home;
            this.line = line;
            database.setUrl(TestPostgres.shared()
                    .createDatabase("receiver_" + UUID.randomUUID().toString().substring(0, 8)));
            database.setUser(TestPostgres.USER);
            database.setPassword(TestPostgres.PASSWORD);
            Flyway.configure()
                    .dataSource(database)
                    .locations(Stream.of("org", "catalog", "collect", "share", "exchange")
                            .map(part -> "classpath:db/migration/" + part)
                            .toArray(String[]::new))
                    .load()
                    .migrate();
            lake = Lakes.open(home.resolve("lake"));
            jdbc = JdbcClient.create(database);
            collector = new Collector(lake, 2, home.resolve("drivers"));
            TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(database)) {
                @Override
                public <T> T execute(TransactionCallback<T> action) {
                    killMaybe();
                    T result = super.execute((TransactionStatus status) -> {
                        T done = action.doInTransaction(status);
                        killMaybe();
                        return done;
                    });
                    killMaybe();
                    return result;
                }
            };
            context.registerBean(JdbcClient.class, () -> jdbc);
            context.registerBean(TransactionTemplate.class, () -> transaction);
            context.registerBean(Clock.class, Clock::systemUTC);
            context.registerBean(PeerLine.class, () -> line, definition -> definition.setPrimary(true));
            context.registerBean(Grading.class, () -> new Grading(1_000_000));
            context.registerBean(SearchWords.class, () -> new SearchWords(null));
            // Nothing starts by itself.
            context.registerBean(
                    AbstractApplicationContext.LIFECYCLE_PROCESSOR_BEAN_NAME,
                    LifecycleProcessor.class,
                    NothingStarts::new);
            context.registerBean(CollectionWorker.class, () -> collector);
            context.registerBean(Sealing.class, () -> new Sealing(new byte[32], Sealing.newKeyPair()));
            context.registerBean(Sources.HomeFolder.class, () -> new Sources.HomeFolder(home));
            context.registerBean(
                    CityCalendar.class,
                    () -> new CityCalendar() {
                        @Override
                        public WorkingDays workingDays() {
                            return new WorkingDays(Map.of());
                        }

                        @Override
                        public ZoneId zone() {
                            return ZoneId.of("Asia/Shanghai");
                        }
                    },
                    definition -> definition.setPrimary(true));
            ClassPathBeanDefinitionScanner parts = new ClassPathBeanDefinitionScanner(context);
            parts.addExcludeFilter(new RegexPatternTypeFilter(Pattern.compile(".*(Loop|\\.web\\..*|Tests.*)")));
            parts.scan("org.qiantang.org", "org.qiantang.catalog", "org.qiantang.collect", "org.qiantang.exchange");
            context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
            context.refresh();
            context.getBean(Departments.class).ensure(List.of(TestShare.CIVIL, TestShare.POLICE));
        }

        private void killMaybe() {
            if (kills != null && kills.nextInt(10) == 0) {
                throw new Killed();
            }
        }

        /** What the peer says that it has granted. */
        void wasGranted(Grants.GrantWhole granted) {
            jdbc.sql("""
                            insert into exchange_peers (name, department_id, title, address, evidence_key, state, proposed_by, proposed_at)
                            values ('b', :department, '市平台', 'https://b.example.gov.cn', '', 'CONFIRMED', 'wu', now())""").param("department", TestShare.POLICE.id()).update();
            jdbc.sql("""
                            insert into exchange_applications (id, peer, department_id, applicant, applicant_name, state, asked, created_at,
                                remote_at)
                            values (:id, 'b', :department, 'shen', '沈', 'SENT', '{}', now(), now())""")
                    .param("id", granted.application())
                    .param("department", TestShare.CIVIL.id())
                    .update();
            new TransactionTemplate(new JdbcTransactionManager(database))
                    .executeWithoutResult(
                            status -> context.getBean(PeerGrants.class).replace("b", List.of(granted)));
        }

        Mirrors mirrors() {
            return context.getBean(Mirrors.class);
        }

        Mirror follow(UUID grant) {
            return mirrors().create(SHEN, new Mirrors.Wanted("b", grant, TABLE, "户籍", "from_b"));
        }

        PeerSpool spool() {
            return context.getBean(PeerSources.class).spool("from_b");
        }

        /** The hub's loop, once; the end of the hub leaves everything where it is. */
        void hub(UUID mirror) {
            try {
                mirrors().bring(mirror);
            } catch (Killed end) {
                // The next hub goes on.
            }
        }

        private SourceAccess access() {
            return new SourceAccess(
                    SourceKind.PEER,
                    "peer:b",
                    "",
                    "",
                    Map.of("folder", home.resolve("peers/from_b").toString()));
        }

        /** What the hub's loops have the worker do. */
        void worker(UUID source) throws Exception {
            if (spool().wholes().contains("resident")
                    && (states.get("resident") == null
                            || states.get("resident") == FollowEvent.State.TO_BE_COLLECTED)) {
                endWorker();
                collector.run(
                        new RunOrder(UUID.randomUUID().toString(), "from_b", access(), FOLLOWER, Set.of()),
                        event -> {});
                jdbc.sql("""
                                insert into collect_runs (id, source_id, queued_by, queued_at, state, follower, finished_at)
                                values (?, ?, 'follow', now(), 'COMPLETE', (select 'qt_' || ?), now())""").params(UUID.randomUUID(), source, followerOf()).update();
            }
            if (following == null || following.isDone()) {
                following = threads.submit(() ->
                        collector.follow(new FollowOrder("from_b", access(), FOLLOWER, Long.MAX_VALUE), event -> {
                            switch (event) {
                                case FollowEvent.Started started ->
                                    started.tables().forEach(table -> states.put(table.lakeName(), table.state()));
                                case FollowEvent.Changed changed ->
                                    states.put(
                                            changed.table().lakeName(),
                                            changed.table().state());
                                default -> {}
                            }
                        }));
            }
        }

        private String followerOf() {
            return Sealing.fingerprint(context.getBean(Sealing.class).publicKey())
                            .replaceAll("[^0-9a-f]", "")
                            .substring(0, 8)
                    + "_from_b_1";
        }

        void endWorker() throws Exception {
            Future<?> ending = following;
            if (ending != null) {
                // It may not have begun yet, and then it hears nothing.
                Awaitility.await().until(() -> {
                    collector.unfollow("from_b");
                    return ending.isDone();
                });
                ending.get();
            }
            following = null;
            states.clear();
            collector = new Collector(lake, 2, home.resolve("drivers"));
        }

        List<String> landed() {
            if (lake.summary(new org.qiantang.lake.TableName("raw_from_b", "resident"))
                    .isEmpty()) {
                return List.of();
            }
            return Lakes.rows(lake, "SELECT id_number, area FROM raw_from_b.resident").stream()
                    .map(row -> String.join("/", row))
                    .sorted()
                    .toList();
        }

        @Override
        public void close() {
            collector.unfollow("from_b");
            threads.shutdownNow();
            context.close();
            lake.close();
        }
    }

    private void land(Mirror mirror) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            receiver.hub(mirror.id());
            receiver.worker(mirror.source());
            return receiver.landed().equals(provider.seen(grant))
                    && receiver.spool().steps().isEmpty();
        });
        receiver.hub(mirror.id());
    }

    private Mirrors.MirrorDay total(Mirror mirror) {
        receiver.mirrors().state(mirror.id());
        List<Mirrors.MirrorDay> days =
                receiver.mirrors().ledger(SHEN, mirror.id()).days();
        return new Mirrors.MirrorDay(
                days.getFirst().day(),
                days.stream().mapToLong(Mirrors.MirrorDay::received).sum(),
                days.stream().mapToLong(Mirrors.MirrorDay::acknowledged).sum(),
                days.stream().mapToLong(Mirrors.MirrorDay::superseded).sum(),
                days.stream().mapToLong(Mirrors.MirrorDay::landed).sum(),
                null,
                null,
                days.stream()
                        .mapToLong(day -> day.statedAcknowledged() == null ? 0 : day.statedAcknowledged())
                        .sum(),
                null,
                null);
    }

    @Test
    void theWholeLandsAndThenWhatChangesAndBothSidesCountTheSame() {
        Mirror mirror = receiver.follow(grant);
        assertThat(mirror.state()).isEqualTo(Mirror.State.BEGINNING);
        land(mirror);
        provider.hold("1/330101", "4/330104", "4/330104", "5/440101");
        land(mirror);

        assertThat(receiver.landed()).containsExactly("1/330101", "4/330104", "4/330104");
        Mirrors.MirrorDay total = total(mirror);
        assertThat(total.received())
                .as("a beginning and two rows, then three changes")
                .isEqualTo(6);
        assertThat(total.landed()).isEqualTo(6);
        assertThat(total.acknowledged()).isEqualTo(6).isEqualTo(total.statedAcknowledged());
        Mirror now = receiver.mirrors().get(SHEN, mirror.id());
        assertThat(now.state()).isEqualTo(Mirror.State.FOLLOWING);
        assertThat(now.waiting()).isZero();
        assertThat(now.caughtUpAt()).isNotNull();
        assertThatThrownBy(() -> receiver.follow(grant))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(ExchangeProblem.MIRRORED_ALREADY));
    }

    @Test
    void whyNothingComesIsSaidAndItGoesOnByItself() {
        Mirror mirror = receiver.follow(grant);
        land(mirror);
        receiver.line.away = true;
        receiver.hub(mirror.id());
        Mirror away = receiver.mirrors().get(SHEN, mirror.id());
        receiver.line.away = false;
        provider.share.grants().suspend(POLICEMAN, grant, "核查使用情况");
        receiver.hub(mirror.id());
        Mirror refused = receiver.mirrors().get(SHEN, mirror.id());
        provider.share.grants().resume(POLICEMAN, grant, "核查无误");
        provider.hold("9/330109");
        land(mirror);

        assertThat(away.state()).isEqualTo(Mirror.State.PEER_AWAY);
        assertThat(away.halt()).extracting(Subscription.Halt::code).isEqualTo("exchange.peer_silent");
        assertThat(refused.state()).isEqualTo(Mirror.State.REFUSED);
        assertThat(refused.halt()).extracting(Subscription.Halt::code).isEqualTo("catalog.no_such_grant");
        assertThat(receiver.mirrors().get(SHEN, mirror.id()).halt()).isNull();
        assertThat(receiver.landed()).containsExactly("9/330109");

        receiver.mirrors().restart(SHEN, mirror.id());
        land(mirror);
        assertThat(receiver.landed()).containsExactly("9/330109");
        receiver.mirrors().end(SHEN, mirror.id());
        assertThat(receiver.mirrors().get(SHEN, mirror.id()).state()).isEqualTo(Mirror.State.ENDED);
        assertThat(receiver.mirrors().due()).isEmpty();
    }

    @Test
    void howeverOftenTheLineBreaksAndTheReceiverEndsTheTableIsWhatTheGrantShows() throws Exception {
        Random random = new Random(11);
        Mirror mirror = receiver.follow(grant);
        List<String> rows = new ArrayList<>(List.of("1/330101", "2/330102", "2/330102"));
        int terms = 0;
        for (int round = 0; round < 30; round++) {
            for (int i = random.nextInt(4); i >= 0; i--) {
                if (!rows.isEmpty() && random.nextInt(3) == 0) {
                    rows.remove(random.nextInt(rows.size()));
                } else {
                    rows.add(random.nextInt(12) + "/" + (random.nextInt(4) > 0 ? "3301" : "4401") + random.nextInt(3));
                }
            }
            provider.hold(rows.toArray(String[]::new));
            if (random.nextInt(10) == 0) {
                terms++;
                changeTerms(random);
            }
            receiver.line.breaks = random.nextInt(3) > 0 ? random : null;
            receiver.kills = random.nextInt(3) > 0 ? random : null;
            for (int i = random.nextInt(4); i >= 0; i--) {
                receiver.hub(mirror.id());
            }
            receiver.line.breaks = null;
            receiver.kills = null;
            receiver.worker(mirror.source());
            if (random.nextInt(5) == 0) {
                receiver.endWorker();
            }
        }
        land(mirror);

        assertThat(terms).isPositive();
        assertThat(receiver.landed()).isEqualTo(provider.seen(grant)).isNotEmpty();
        Mirrors.MirrorDay total = total(mirror);
        assertThat(total.received()).isEqualTo(total.landed() + total.superseded());
        assertThat(receiver.line.told).as("some came more than once").isGreaterThan(total.received() / 2);
    }

    /** One area more or less. */
    private void changeTerms(Random random) {
        Terms terms =
                provider.share.grants().get(SHEN, grant).versions().getFirst().terms();
        GrantedTable table = terms.tables().getFirst();
        List<RowCondition> conditions = new ArrayList<>();
        conditions.add(table.rows().getFirst());
        conditions.add(new RowCondition(
                "area",
                RowCondition.Operator.IN,
                Stream.of("33011", "33012", "33013")
                        .filter(any -> random.nextInt(3) > 0)
                        .collect(Collectors.toCollection(() -> new ArrayList<>(List.of("33010"))))));
        provider.share
                .applications()
                .change(
                        POLICEMAN,
                        grant,
                        new Terms(
                                terms.from(),
                                terms.to(),
                                terms.quota(),
                                List.of(new GrantedTable(table.table(), table.fields(), conditions))),
                        "按最小必要调整");
    }
}

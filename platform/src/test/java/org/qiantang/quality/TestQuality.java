package org.qiantang.quality;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;
import org.qiantang.catalog.Classifier;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.ContestedRecords;
import org.qiantang.catalog.Entries;
import org.qiantang.catalog.Entry;
import org.qiantang.catalog.Grading;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.SearchWords;
import org.qiantang.catalog.TableCollected;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.core.WorkingDays;
import org.qiantang.evidence.Ed25519Suite;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.Lake;
import org.qiantang.lake.Queries;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Actor;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.EvidenceRetention;
import org.qiantang.org.PasswordRules;
import org.qiantang.org.Residents;
import org.qiantang.org.Role;
import org.qiantang.org.SecondFactors;
import org.qiantang.org.TrailHead;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.TestPostgres;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;
import org.springframework.core.type.filter.RegexPatternTypeFilter;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The parts up to quality over a real PostgreSQL and a real lake; its loop goes when the test says so. */
final class TestQuality implements AutoCloseable {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    static final Department POLICE = new Department("police", "公安局", "Public Security Bureau");
    static final Department HEALTH = new Department("health", "卫生健康委", "Health Commission");
    static final Account ENGINEER = new Account("wu", "wu", Set.of(Role.ENGINEER), null);
    static final Account ANALYST = new Account("qian", "qian", Set.of(Role.ANALYST), null);
    static final Account OFFICER = new Account("shen", "shen", Set.of(Role.OFFICER), POLICE);
    static final Account OTHER_OFFICER = new Account("lin", "lin", Set.of(Role.OFFICER), HEALTH);
    static final Account RESIDENT = new Account("resident", "居民", Set.of(Role.RESIDENT), null);
    static final Account OTHER_RESIDENT = new Account("other", "居民", Set.of(Role.RESIDENT), null);

    final GoingClock clock = new GoingClock();
    final Lake lake;
    final JdbcClient jdbc;
    final TransactionTemplate transaction;
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
    private final Map<TableName, UUID> resources = new HashMap<>();

    /** Stands until the test lets it go. */
    static final class GoingClock extends Clock {
        /** A Monday, 10:00 in the city. */
        private Instant now = Instant.parse("2026-11-23T02:00:00Z");

        void pass(Duration time) {
            now = now.plus(time);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    TestQuality(Path folder) throws Exception {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(TestPostgres.shared().createDatabase("quality_" + DATABASES.incrementAndGet()));
        database.setUser(TestPostgres.USER);
        database.setPassword(TestPostgres.PASSWORD);
        Flyway.configure()
                .dataSource(database)
                .locations(
                        "classpath:db/migration/org",
                        "classpath:db/migration/catalog",
                        "classpath:db/migration/quality")
                .load()
                .migrate();
        jdbc = JdbcClient.create(database);
        transaction = new TransactionTemplate(new JdbcTransactionManager(database));
        lake = Lakes.open(folder);
        context.registerBean(JdbcClient.class, () -> jdbc);
        context.registerBean(TransactionTemplate.class, () -> transaction);
        context.registerBean(Clock.class, () -> clock);
        context.registerBean(Queries.class, () -> lake);
        context.registerBean(Site.class, () -> new Site("杭州市", Site.Kind.TRIAL));
        context.registerBean(Grading.class, () -> new Grading(1_000_000));
        context.registerBean(SearchWords.class, () -> new SearchWords(null));
        context.registerBean(SecondFactors.Obliged.class, () -> SecondFactors.Obliged.ADMINISTRATORS);
        context.registerBean(PasswordRules.class, () -> new PasswordRules(PasswordRules.LEAST_LENGTH, Set.of()));
        context.registerBean(Sealing.class, () -> new Sealing(new byte[32], Sealing.newKeyPair()));
        context.registerBean(EvidenceRetention.Kept.class, () -> new EvidenceRetention.Kept(3));
        context.registerBean(TrailHead.class, () -> new TrailHead(folder.resolve("audit.head")));
        context.registerBean(
                EvidenceRecords.class,
                () -> new EvidenceRecords(
                        folder.resolve("evidence"),
                        context.getBean(Site.class),
                        new Ed25519Suite(),
                        context.getBean(Sealing.class),
                        jdbc));
        context.registerBean(Deadlines.class, () -> new Deadlines(5, 2, 10));
        context.registerBean(CityCalendar.class, () -> new CityCalendar() {
            @Override
            public WorkingDays workingDays() {
                return new WorkingDays(Map.of());
            }

            @Override
            public ZoneId zone() {
                return ZoneId.of("Asia/Shanghai");
            }
        });
        ClassPathBeanDefinitionScanner parts = new ClassPathBeanDefinitionScanner(context);
        parts.addExcludeFilter(
                new RegexPatternTypeFilter(java.util.regex.Pattern.compile(".*(Loop|\\.web\\..*|Tests.*)")));
        parts.addExcludeFilter(new RegexPatternTypeFilter(java.util.regex.Pattern.compile(".*OpenLineage.*")));
        parts.scan("org.qiantang.org", "org.qiantang.catalog", "org.qiantang.quality");
        // Only what a test asks for, and what that needs.
        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
        context.refresh();
        bean(Departments.class).ensure(List.of(POLICE, HEALTH));
        for (Account each : List.of(ENGINEER, OFFICER, OTHER_OFFICER, RESIDENT, OTHER_RESIDENT)) {
            bean(Accounts.class).ensure(each, "a password for tests");
        }
    }

    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    Rules rules() {
        return bean(Rules.class);
    }

    Tickets tickets() {
        return bean(Tickets.class);
    }

    Objections objections() {
        return bean(Objections.class);
    }

    LakeReader reader() {
        return bean(LakeReader.class);
    }

    ContestedRecords contested() {
        return bean(ContestedRecords.class);
    }

    void bind(Account resident, String number) {
        bean(Residents.class).bind(Actor.INSTALLATION, resident, number);
    }

    /** Lands these rows of text as a table's next snapshot. */
    UUID land(Department department, String table, List<String> key, List<String> columns, List<List<String>> rows) {
        return land(department, table, key, Derivation.ofRows(columns, rows), "TABLE");
    }

    /** Lands what a statement gives. */
    UUID land(Department department, String name, List<String> key, String sql, String kind) {
        TableName table = new TableName("raw_" + department.id(), name);
        Derivation.Result result =
                lake.derive(new Derivation(UUID.randomUUID().toString(), table, sql, List.of(), Map.of(), Map.of()));
        transaction.executeWithoutResult(status -> bean(Resources.class)
                .record(new TableCollected(
                        UUID.randomUUID(),
                        UUID.nameUUIDFromBytes(department.id().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                        department.id(),
                        department.id(),
                        table,
                        kind,
                        "public." + name,
                        name,
                        Completeness.COMPLETE,
                        clock.instant(),
                        null,
                        new TableCollected.Landed(
                                result.table().snapshotId(),
                                result.table().rows(),
                                result.table().bytes()),
                        result.columns().stream()
                                .map(column -> new TableCollected.Field(
                                        column.name(),
                                        column.name(),
                                        column.type(),
                                        column.type(),
                                        null,
                                        true,
                                        key.indexOf(column.name()) + 1,
                                        column.nulls(),
                                        column.checksum(),
                                        null,
                                        Classifier.look(
                                                column.type(),
                                                result.samples().getOrDefault(column.name(), List.of()))))
                                .toList(),
                        Map.of())));
        UUID id = bean(Resources.class).find(table).map(Resource::id).orElseThrow();
        resources.put(table, id);
        return id;
    }

    /** Looks at all that is due, as the loop does. */
    void look() {
        for (Optional<Evaluations.Due> due = bean(Evaluations.class).next();
                due.isPresent();
                due = bean(Evaluations.class).next()) {
            if (!bean(Evaluations.class).carryOut(due.get())) {
                throw new AssertionError("The lake does not answer");
            }
        }
    }

    /** Publishes what is said of a resource in the directory. */
    UUID publish(UUID resource, Account officer, Guide.UpdateCycle cycle) {
        Entries entries = bean(Entries.class);
        UUID id = entries.findByResource(resource).orElseThrow();
        Entry entry = entries.get(id);
        Entry.Statement draft = entry.statement();
        Entry.Statement whole = new Entry.Statement(
                "307001",
                draft.title(),
                null,
                "登记的全部记录",
                Guide.Theme.PUBLIC_SERVICE,
                Guide.Format.DATABASE,
                draft.items(),
                Guide.ShareClass.CONDITIONAL,
                "凭事项共享",
                Guide.ShareMode.DB_TABLE,
                Guide.OpenClass.FORBIDDEN,
                null,
                cycle,
                List.of());
        entry = entries.save(id, entry.revision(), whole, officer);
        entry = entries.submit(id, entry.revision(), officer);
        entry = entries.take(id, entry.revision(), ENGINEER);
        entries.publish(id, entry.revision(), null, ENGINEER);
        return id;
    }

    @Override
    public void close() {
        context.close();
        lake.close();
    }
}

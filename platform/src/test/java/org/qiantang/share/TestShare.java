package org.qiantang.share;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;
import org.qiantang.catalog.Classifier;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.Entries;
import org.qiantang.catalog.Entry;
import org.qiantang.catalog.Extracts;
import org.qiantang.catalog.Grading;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.PublicBase;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.SearchWords;
import org.qiantang.catalog.TableCollected;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.core.WorkingDays;
import org.qiantang.evidence.Ed25519Suite;
import org.qiantang.exchange.ReceiverRules;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.Feeds;
import org.qiantang.lake.Lake;
import org.qiantang.lake.Queries;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.EvidenceRetention;
import org.qiantang.org.PasswordRules;
import org.qiantang.org.Role;
import org.qiantang.org.SecondFactors;
import org.qiantang.org.TrailHead;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.TestPostgres;
import org.qiantang.zone.ZoneFolder;
import org.qiantang.zone.ZoneTerms;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.ClassPathBeanDefinitionScanner;
import org.springframework.core.type.filter.RegexPatternTypeFilter;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The directory and sharing over a real PostgreSQL, with the parts above that a test names; the lake is there for who asks for it. */
public final class TestShare implements AutoCloseable {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    public static final Department CIVIL = new Department("civil", "民政局", "Civil Affairs Bureau");
    public static final Department POLICE = new Department("police", "公安局", "Public Security Bureau");
    public static final Department HEALTH = new Department("health", "卫生健康委", "Health Commission");
    public static final Account ENGINEER = new Account("wu", "wu", Set.of(Role.ENGINEER), null);

    public final HeldClock clock = new HeldClock();
    public final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final HikariDataSource pool;
    private @Nullable Lake lake;
    private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

    /** Stands until the test moves it. */
    public static final class HeldClock extends Clock {
        /** A Monday, 10:00 in the city. */
        public volatile Instant now = Instant.parse("2026-11-23T02:00:00Z");

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

    public static Account officer(String name, Department department) {
        return new Account(name, name, Set.of(Role.OFFICER), department);
    }

    /** @param above parts above sharing that are there too, by their names */
    public TestShare(Path folder, AnswerDays.Silence silence, String... above) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(TestPostgres.shared().createDatabase("share_" + DATABASES.incrementAndGet()));
        database.setUser(TestPostgres.USER);
        database.setPassword(TestPostgres.PASSWORD);
        Flyway.configure()
                .dataSource(database)
                .locations(Stream.concat(Stream.of("org", "catalog", "share"), Stream.of(above))
                        .map(part -> "classpath:db/migration/" + part)
                        .toArray(String[]::new))
                .load()
                .migrate();
        HikariConfig connections = new HikariConfig();
        connections.setDataSource(database);
        connections.setMaximumPoolSize(16);
        connections.setMinimumIdle(1);
        pool = new HikariDataSource(connections);
        jdbc = JdbcClient.create(pool);
        transaction = new TransactionTemplate(new JdbcTransactionManager(pool));
        context.registerBean(PublicBase.class, () -> java.util.Optional::empty);
        context.registerBean(JdbcClient.class, () -> jdbc);
        context.registerBean(TransactionTemplate.class, () -> transaction);
        context.registerBean(Clock.class, () -> clock);
        context.registerBean(
                Queries.class,
                () -> {
                    lake = Lakes.open(folder.resolve("lake"));
                    return lake;
                },
                // The lake is both.
                definition -> definition.setPrimary(true));
        context.registerBean(Feeds.class, () -> (Lake) context.getBean(Queries.class));
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
        context.registerBean(Extracts.Folder.class, () -> new Extracts.Folder(folder.resolve("extracts")));
        context.registerBean(ZoneFolder.class, () -> new ZoneFolder(folder.resolve("zones")));
        context.registerBean(ZoneTerms.class, () -> new ZoneTerms(5, 100_000, 200, 5));
        context.registerBean(AnswerDays.class, () -> new AnswerDays(2, 5, 5, 2, silence));
        context.registerBean(CityCalendar.class, () -> new CityCalendar() {
            @Override
            public WorkingDays workingDays() {
                Map<LocalDate, Boolean> exceptions = new java.util.HashMap<>();
                LocalDate.of(2026, 10, 1)
                        .datesUntil(LocalDate.of(2026, 10, 8))
                        .forEach(day -> exceptions.put(day, false));
                exceptions.put(LocalDate.of(2026, 10, 10), true);
                return new WorkingDays(exceptions);
            }

            @Override
            public ZoneId zone() {
                return ZoneId.of("Asia/Shanghai");
            }
        });
        // Who is called by a test is on this machine.
        context.registerBean(
                ReceiverRules.class, () -> new ReceiverRules(List.of("127.0.0.1"), ReceiverRules.PlainHttp.ALLOWED));
        ClassPathBeanDefinitionScanner parts = new ClassPathBeanDefinitionScanner(context);
        parts.addExcludeFilter(new RegexPatternTypeFilter(Pattern.compile(".*(Loop|\\.web\\..*|Tests.*)")));
        parts.addExcludeFilter(new RegexPatternTypeFilter(Pattern.compile(".*OpenLineage.*")));
        parts.scan(Stream.concat(Stream.of("org", "catalog", "share"), Stream.of(above))
                .map(part -> "org.qiantang." + part)
                .toArray(String[]::new));
        context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor());
        context.refresh();
        bean(Departments.class).ensure(List.of(CIVIL, POLICE, HEALTH));
        bean(Accounts.class).ensure(officer("shen", CIVIL), "a password for tests");
        bean(Accounts.class).ensure(officer("zhou", CIVIL), "a password for tests");
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public Carts carts() {
        return bean(Carts.class);
    }

    public Applications applications() {
        return bean(Applications.class);
    }

    public Grants grants() {
        return bean(Grants.class);
    }

    Extracts extracts() {
        return context.getBean(Extracts.class);
    }

    public LakeReader reader() {
        return bean(LakeReader.class);
    }

    /** Rows of a table that is in the directory. */
    public void fill(TableName table, String sql) {
        reader();
        requireNonNull(lake, "the reader has it opened")
                .derive(new Derivation(UUID.randomUUID().toString(), table, sql, List.of(), Map.of(), Map.of()));
    }

    public UUID resource(UUID entry) {
        return requireNonNull(bean(Entries.class).get(entry).resource());
    }

    /** A table arrives; returns its entry in the directory, a draft. */
    UUID land(Department department, String name) {
        return land(department, name, List.of("id_number", "area"));
    }

    private UUID land(Department department, String name, List<String> names) {
        TableName table = new TableName("raw_" + department.id(), name);
        Map<String, List<String>> columns = Map.of(
                "id_number", List.of("11010519491231002X", "440524188001010014"),
                "area", List.of("330106001", "330106002"));
        transaction.executeWithoutResult(status -> bean(Resources.class)
                .record(new TableCollected(
                        UUID.randomUUID(),
                        UUID.nameUUIDFromBytes(department.id().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                        department.id(),
                        department.id(),
                        table,
                        "TABLE",
                        "public." + name,
                        name,
                        Completeness.COMPLETE,
                        clock.instant(),
                        null,
                        new TableCollected.Landed(1, 2, 100),
                        names.stream()
                                .map(column -> new TableCollected.Field(
                                        column,
                                        column,
                                        "string",
                                        "text",
                                        null,
                                        true,
                                        0,
                                        0L,
                                        null,
                                        null,
                                        Classifier.look("string", columns.get(column))))
                                .toList(),
                        Map.of())));
        UUID resource = bean(Resources.class).find(table).orElseThrow().id();
        return bean(Entries.class).findByResource(resource).orElseThrow();
    }

    public UUID publish(Department department, String name, Guide.ShareClass shareClass, Guide.OpenClass openClass) {
        // What is open to everybody says nothing of a person.
        UUID id = land(
                department, name, openClass == Guide.OpenClass.OPEN ? List.of("area") : List.of("id_number", "area"));
        Entries entries = bean(Entries.class);
        Account officer = officer("publisher", department);
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
                shareClass,
                shareClass == Guide.ShareClass.NOT_SHARED ? "《户口登记条例》第八条" : "凭事项共享",
                Guide.ShareMode.DB_TABLE,
                openClass,
                null,
                Guide.UpdateCycle.DAILY,
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
        if (lake != null) {
            lake.close();
        }
        pool.close();
    }
}

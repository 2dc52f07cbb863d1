package org.qiantang.catalog;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;
import org.qiantang.core.Site;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.Role;
import org.qiantang.testing.TestPostgres;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A catalogue with its directory over a real PostgreSQL, and the people who work with it. */
final class TestDirectory {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    static final Department POLICE = new Department("police", "公安局", "Public Security Bureau");
    static final Department HEALTH = new Department("health", "卫生健康委", "Health Commission");
    static final Account ENGINEER = new Account("wu", "wu", Set.of(Role.ENGINEER), null);
    static final Account OFFICER = new Account("shen", "shen", Set.of(Role.OFFICER), POLICE);
    static final Account OTHER_OFFICER = new Account("lin", "lin", Set.of(Role.OFFICER), HEALTH);

    final Clock clock = Clock.fixed(Instant.parse("2026-11-20T02:00:00Z"), ZoneOffset.UTC);
    final JdbcClient jdbc;
    final TransactionTemplate transaction;
    final Resources resources;
    final Entries entries;
    final Search search;
    final Site site = new Site("杭州市", Site.Kind.TRIAL);

    TestDirectory() throws Exception {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(TestPostgres.shared().createDatabase("directory_" + DATABASES.incrementAndGet()));
        database.setUser(TestPostgres.USER);
        database.setPassword(TestPostgres.PASSWORD);
        Flyway.configure()
                .dataSource(database)
                .locations("classpath:db/migration/org", "classpath:db/migration/catalog")
                .load()
                .migrate();
        jdbc = JdbcClient.create(database);
        transaction = new TransactionTemplate(new JdbcTransactionManager(database));
        search = new Search(jdbc, clock, new SearchWords(null));
        resources = new Resources(jdbc, new SchemaVersions(jdbc), new Grading(1_000_000), search);
        entries = new Entries(jdbc, transaction, resources, search, clock);
        for (Department each : List.of(POLICE, HEALTH)) {
            jdbc.sql("insert into org_departments (id, name, name_en, ordinal) values (?, ?, ?, 1)")
                    .params(each.id(), each.name(), each.nameEn())
                    .update();
        }
    }

    DirectoryFile file() {
        return new DirectoryFile(entries, departments(), transaction);
    }

    /** The organisation's own, which has no door for tests. */
    private Departments departments() {
        var context = new org.springframework.context.annotation.AnnotationConfigApplicationContext();
        context.registerBean(JdbcClient.class, () -> jdbc);
        context.register(Departments.class);
        context.refresh();
        return context.getBean(Departments.class);
    }

    /** Collects a table and returns its entry. */
    UUID collect(Department department, String table, String comment, String... columns) {
        return collect(department, table, comment, clock.instant(), columns);
    }

    UUID collect(Department department, String table, String comment, Instant at, String... columns) {
        record(department, table, comment, at, columns);
        Resource resource =
                resources.find(new TableName("raw_" + department.id(), table)).orElseThrow();
        return entries.findByResource(resource.id()).orElseThrow();
    }

    /** @param columns {@code name:type:comment} */
    void record(Department department, String table, String comment, Instant at, String... columns) {
        List<TableCollected.Field> fields = new ArrayList<>();
        for (String column : columns) {
            String[] parts = column.split(":", 3);
            fields.add(new TableCollected.Field(
                    parts[0],
                    parts[0],
                    parts[1],
                    parts[1],
                    parts.length > 2 ? parts[2] : null,
                    true,
                    0,
                    0L,
                    null,
                    null,
                    Findings.NONE));
        }
        transaction.executeWithoutResult(status -> resources.record(new TableCollected(
                UUID.randomUUID(),
                UUID.nameUUIDFromBytes(department.id().getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                department.id(),
                department.id(),
                new TableName("raw_" + department.id(), table),
                "TABLE",
                "public." + table,
                comment,
                Completeness.COMPLETE,
                at,
                null,
                new TableCollected.Landed(1, 10, 100),
                fields,
                Map.of())));
    }

    /** Writes, submits, reviews and publishes it. */
    Entry publish(UUID id, Entry.Statement statement, Account officer) {
        Entry entry = entries.save(id, entries.get(id).revision(), statement, officer);
        entry = entries.submit(id, entry.revision(), officer);
        entry = entries.take(id, entry.revision(), ENGINEER);
        return entries.publish(id, entry.revision(), null, ENGINEER);
    }
}

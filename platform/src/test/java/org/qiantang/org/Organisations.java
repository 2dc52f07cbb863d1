package org.qiantang.org;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.testing.TestPostgres;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The whole part over a database of its own, with a clock the test holds. */
final class Organisations {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    final TestClock clock = new TestClock();
    final JdbcClient jdbc;
    final TransactionTemplate transaction;
    final Divisions divisions;
    final Departments departments;
    final Posts posts;
    final AuditTrail audit;
    final SecondFactors secondFactors;
    final OrganisationImport imports;
    Accounts accounts;
    Administration administration;

    Organisations() {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(TestPostgres.shared().createDatabase("org_" + DATABASES.incrementAndGet()));
        database.setUser(TestPostgres.USER);
        database.setPassword(TestPostgres.PASSWORD);
        Flyway.configure()
                .dataSource(database)
                .locations("classpath:db/migration/org")
                .load()
                .migrate();
        jdbc = JdbcClient.create(database);
        transaction = new TransactionTemplate(new JdbcTransactionManager(database));
        divisions = new Divisions(jdbc);
        departments = new Departments(jdbc);
        posts = new Posts(jdbc, departments, divisions);
        audit = new AuditTrail(jdbc, transaction, clock);
        secondFactors = new SecondFactors(
                jdbc,
                transaction,
                new Sealing(new byte[32], Sealing.newKeyPair()),
                new Site("杭州", Site.Kind.TRIAL),
                clock,
                audit);
        imports = new OrganisationImport(jdbc, transaction, divisions, departments, posts, audit);
        restart();
    }

    /** Forgets all that is only in memory. */
    void restart() {
        accounts = new Accounts(jdbc, transaction, clock, new PasswordRules(10), secondFactors, audit);
        administration = new Administration(jdbc, transaction, clock, accounts, departments, secondFactors, audit);
    }

    ImportPlan bring(ImportKind kind, String csv) {
        byte[] file = csv.getBytes(StandardCharsets.UTF_8);
        return imports.apply(
                new Actor("sysadmin", "10.0.0.1"),
                kind,
                file,
                imports.plan(kind, file).token());
    }
}

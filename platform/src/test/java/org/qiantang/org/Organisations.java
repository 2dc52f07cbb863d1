package org.qiantang.org;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.qiantang.evidence.Ed25519Suite;
import org.qiantang.testing.TestPostgres;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** The whole part over a database of its own, with a clock the test holds. */
final class Organisations {
    private static final AtomicInteger DATABASES = new AtomicInteger();

    final TestClock clock = new TestClock();
    final PGSimpleDataSource settings;
    final JdbcClient jdbc;
    final TransactionTemplate transaction;
    final Divisions divisions;
    final Departments departments;
    final Posts posts;
    final Sealing sealing = new Sealing(new byte[32], Sealing.newKeyPair());
    final Path headFile;
    final Presence presence;
    final TrustedDevices devices;
    final Path evidenceFolder;
    final EvidenceRecords evidence;
    final AuditTrail audit;
    final SecondFactors secondFactors;
    final OrganisationImport imports;
    Accounts accounts;
    Administration administration;

    /** How far the database is when the part begins to use it. */
    enum Migrated {
        BEFORE_THE_KEY("5.70"),
        NOW("latest");

        private final String version;

        Migrated(String version) {
            this.version = version;
        }
    }

    Organisations() {
        this(Migrated.NOW);
    }

    Organisations(Migrated migrated) {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(TestPostgres.shared().createDatabase("org_" + DATABASES.incrementAndGet()));
        database.setUser(TestPostgres.USER);
        database.setPassword(TestPostgres.PASSWORD);
        settings = database;
        migrate(migrated);
        jdbc = JdbcClient.create(database);
        transaction = new TransactionTemplate(new JdbcTransactionManager(database));
        divisions = new Divisions(jdbc);
        departments = new Departments(jdbc);
        posts = new Posts(jdbc, departments, divisions);
        headFile = folder().resolve("audit.head");
        evidenceFolder = folder().resolve("evidence");
        evidence = openEvidence();
        audit = new AuditTrail(jdbc, transaction, clock, sealing, new TrailHead(headFile), evidence);
        presence = new Presence(jdbc, sealing, clock);
        devices = new TrustedDevices(jdbc, sealing, clock);
        secondFactors = new SecondFactors(
                jdbc,
                transaction,
                sealing,
                new Site("杭州", Site.Kind.TRIAL),
                clock,
                audit,
                SecondFactors.Obliged.ADMINISTRATORS);
        imports = new OrganisationImport(jdbc, transaction, divisions, departments, posts, audit);
        restart();
    }

    EvidenceRecords openEvidence() {
        return new EvidenceRecords(evidenceFolder, new Site("杭州", Site.Kind.TRIAL), new Ed25519Suite(), sealing, jdbc);
    }

    void migrate() {
        migrate(Migrated.NOW);
    }

    private void migrate(Migrated migrated) {
        Flyway.configure()
                .dataSource(settings)
                .locations("classpath:db/migration/org")
                .target(migrated.version)
                .load()
                .migrate();
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("org");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Forgets all that is only in memory. */
    void restart() {
        accounts =
                new Accounts(jdbc, transaction, clock, new PasswordRules(10, Set.of()), secondFactors, audit, devices);
        administration =
                new Administration(jdbc, transaction, clock, accounts, departments, secondFactors, audit, presence);
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

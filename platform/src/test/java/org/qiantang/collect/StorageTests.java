package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.Storage.Health;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.DiskSpace;
import org.qiantang.lake.LakeException;
import org.qiantang.testing.TestPostgres;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Storage learns of a fault from whoever meets it, and finds out by itself when it has passed. */
class StorageTests {
    @TempDir
    Path home;

    private Storage storage;
    private volatile DiskSpace disk = new DiskSpace(1L << 40, 256L << 20);

    @BeforeEach
    void start() throws Exception {
        Files.createDirectories(home.resolve("lake"));
        DriverManagerDataSource database = new DriverManagerDataSource(
                TestPostgres.shared().createDatabase("storage"), TestPostgres.USER, TestPostgres.PASSWORD);
        storage = new Storage(
                new Sources.HomeFolder(home),
                JdbcClient.create(database),
                new TransactionTemplate(new JdbcTransactionManager(database)),
                Clock.systemUTC(),
                folder -> disk);
    }

    @AfterEach
    void stop() {
        storage.stop();
    }

    @Test
    void whatTheLakeHasNoRoomForStopsPromisesUntilSmallWritesSucceed() {
        Problem refusal = storage.failed(new LakeException(LakeException.Kind.NO_SPACE, "no room"))
                .orElseThrow();

        assertThat(refusal.code()).isEqualTo(CoreProblem.NO_SPACE);
        assertThat(refusal.en()).contains(home.resolve("lake").toString());
        assertThat(storage.state().health()).isEqualTo(Health.FULL);
        assertThatThrownBy(storage::requireWell).isInstanceOf(Problem.class);

        storage.start();

        await().until(() -> storage.state().health() == Health.OK);
        assertThatCode(storage::requireWell).doesNotThrowAnyException();
    }

    @Test
    void storageStaysFailingAsLongAsAFolderTakesNoFile() throws Exception {
        // A file of that name cannot be made as long as there is a folder that is not empty.
        Path obstacle = Files.createDirectories(home.resolve("lake/.probe/in the way"));
        storage.failed(new LakeException(LakeException.Kind.DISK_FAILED, "Input/output error"));
        var since = storage.state().since();

        storage.start();

        await().until(() -> String.valueOf(storage.state().reason()).contains(".probe"));
        assertThat(storage.state().health()).isEqualTo(Health.FAILING);
        assertThat(storage.state().since()).isEqualTo(since);
        Files.delete(obstacle);
        await().until(() -> storage.state().health() == Health.OK);
        assertThat(home.resolve("lake")).isEmptyDirectory();
    }

    @Test
    void whoWasFullWaitsForTwiceTheReserveAndWhoOnlyFailedDoesNot() {
        long reserve = 256L << 20;
        disk = new DiskSpace(reserve + reserve / 2, reserve);
        storage.failed(new LakeException(LakeException.Kind.DISK_FAILED, "Input/output error"));
        storage.start();
        await().until(() -> storage.state().health() == Health.OK);

        disk = new DiskSpace(reserve - 1, reserve);
        await().until(() -> storage.state().health() == Health.FULL);
        disk = new DiskSpace(2 * reserve - 1, reserve);
        await().until(() -> Long.valueOf(2 * reserve - 1).equals(storage.state().freeBytes()));
        assertThat(storage.state().health()).isEqualTo(Health.FULL);
        disk = new DiskSpace(2 * reserve, reserve);

        await().until(() -> storage.state().health() == Health.OK);
    }

    @Test
    void aDatabaseThatHasNoRoomIsStorageAndADepartmentsIsNot() {
        var full = new UncategorizedSQLException(
                "insert", null, new SQLException("could not extend file: No space left on device", "53100"));

        assertThat(storage.failed(new IllegalStateException(full.getSQLException())))
                .isEmpty();
        assertThat(storage.failed(new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "No space left on device")))
                .isEmpty();
        assertThat(storage.failed(full).orElseThrow().en()).contains("PostgreSQL");
        assertThat(storage.state().health()).isEqualTo(Health.FULL);

        storage.start();

        await().until(() -> storage.state().health() == Health.OK);
    }
}

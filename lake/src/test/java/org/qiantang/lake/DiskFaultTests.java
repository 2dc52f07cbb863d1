package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.BrokenLine;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.TestPostgres;

/** Disks that fail while the lake writes, and a catalogue that is lost in the middle of a commit. */
class DiskFaultTests {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final TableName READINGS = new TableName("raw_test", "readings");
    private static final List<Column> COLUMNS = List.of(new Column("id", LakeType.INT64, "bigint", null));

    @TempDir
    Path folder;

    private final Set<Path> forced = ConcurrentHashMap.newKeySet();
    private volatile Predicate<Path> fails = path -> false;
    private BrokenLine line;
    private LakeSettings settings;
    private Lake lake;

    @BeforeEach
    void open() {
        String name = "faults_" + DATABASES.incrementAndGet();
        TestPostgres.shared().createDatabase(name);
        line = BrokenLine.to(TestPostgres.shared().port());
        settings = LakeSettings.small(
                "jdbc:postgresql://127.0.0.1:" + line.port() + "/" + name,
                TestPostgres.USER,
                TestPostgres.PASSWORD,
                folder.resolve("lake"),
                folder.resolve("tmp"));
        lake = openLake();
        append(1);
    }

    @AfterEach
    void close() throws IOException {
        lake.close();
        line.close();
    }

    @Test
    void rowsOfACommitWhoseAnswerWasLostAreThereOnce() {
        line.cutAfter("UPDATE iceberg_tables");

        Throwable lost = catchThrowable(() -> append(2));

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(ids()).containsExactly("1", "2");
        assertThat(lost).isInstanceOf(LakeException.class);
        append(3);
        assertThat(ids()).containsExactly("1", "2", "3");
    }

    @Test
    void changesOfACommitWhoseAnswerWasLostAreThereOnceAndTheTableSaysSo() {
        line.cutAfter("UPDATE iceberg_tables");

        Throwable lost = catchThrowable(() -> change(2));

        assertThat(line.cuts()).isEqualTo(1);
        assertThat(ids()).containsExactly("1", "2");
        assertThat(lost).isInstanceOf(LakeException.class);
        assertThat(lake.summary(READINGS).orElseThrow()).containsEntry("qiantang.position", "2");
    }

    @Test
    void aFileThatCouldNotBeForcedIsThrownAwayAndWrittenAnew() throws IOException {
        Set<Path> refused = failOnce(path -> path.toString().endsWith(".parquet"));

        assertThatThrownBy(() -> append(2)).satisfies(kind(LakeException.Kind.DISK_FAILED));

        assertThat(refused).hasSize(1).allSatisfy(file -> assertThat(file).doesNotExist());
        append(2);
        assertThat(ids()).containsExactly("1", "2");
        assertThat(files(".parquet")).doesNotContainAnyElementsOf(refused).allMatch(forced::contains);
    }

    @Test
    void metadataThatCouldNotBeForcedIsNeverTheTables() throws IOException {
        for (String kind : List.of(".avro", ".metadata.json")) {
            List<String> before = ids();
            Set<Path> refused = failOnce(path -> path.toString().endsWith(kind));

            assertThatThrownBy(() -> append(7)).satisfies(kind(LakeException.Kind.DISK_FAILED));

            assertThat(refused).hasSize(1).allSatisfy(file -> assertThat(file).doesNotExist());
            assertThat(ids()).isEqualTo(before);
            assertThat(files(".parquet"))
                    .as("what no snapshot knows takes no space")
                    .hasSize(before.size());
        }
    }

    @Test
    void aFolderThatADeadProcessDidNotForceIsForcedByTheNext() {
        lake.close();
        forced.clear();

        lake = openLake();
        append(2);

        Path table = LocalFileIO.path(lake.table(READINGS).location());
        assertThat(forced).contains(folder, folder.resolve("lake"), table.getParent(), table);
    }

    @Test
    void anEntryThatCouldNotBeForcedIsMadeAnew() {
        Set<Path> refused = failOnce(path -> path.equals(folder.resolve("lake")));
        TableName other = new TableName("raw_other", "readings");

        assertThatThrownBy(() -> write(lake.replace(other, COLUMNS), 1))
                .satisfies(kind(LakeException.Kind.DISK_FAILED));
        assertThat(refused).hasSize(1);
        assertThat(folder.resolve("lake/raw_other")).doesNotExist();
        write(lake.replace(other, COLUMNS), 1);

        assertThat(forced).contains(folder.resolve("lake"));
    }

    @Test
    void whatASourceOrADatabaseSaysOfItsDiskIsNotTakenForOurs() {
        String full = "could not write: No space left on device";

        assertThat(DiskFault.of(new IOException(full))).contains(DiskFault.FULL);
        assertThat(DiskFault.of(new SQLException(full, "53100"))).isEmpty();
        assertThat(DiskFault.ofDatabase(new RuntimeException(new SQLException(full, "53100"))))
                .contains(DiskFault.FULL);
        assertThat(DiskFault.of(new IOException("Input/output error"))).isEmpty();
        assertThat(LakeException.storage("x", new IOException("Input/output error"))
                        .kind())
                .isEqualTo(LakeException.Kind.DISK_FAILED);
    }

    private static java.util.function.Consumer<Throwable> kind(LakeException.Kind kind) {
        return thrown -> assertThat(((LakeException) thrown).kind())
                .as(thrown.toString())
                .isEqualTo(kind);
    }

    private Lake openLake() {
        return Lake.open(settings, path -> {
            if (fails.test(path)) {
                throw new IOException("Input/output error");
            }
            forced.add(path);
        });
    }

    /** The next force of such a path fails; returns which it was. */
    private Set<Path> failOnce(Predicate<Path> which) {
        Set<Path> refused = ConcurrentHashMap.newKeySet();
        fails = path -> {
            if (!which.test(path)) {
                return false;
            }
            refused.add(path);
            fails = any -> false;
            return true;
        };
        return refused;
    }

    private void append(long id) {
        write(lake.append(READINGS, COLUMNS), id);
    }

    private static void write(TableWrite open, long id) {
        try (TableWrite write = open) {
            boolean[] done = {false};
            write.write(batch -> {
                if (done[0]) {
                    return 0;
                }
                done[0] = true;
                batch.setLong(0, 0, id);
                return 1;
            });
            write.commit(Map.of());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void change(long id) {
        try (TableChanges changes = lake.change(READINGS, COLUMNS, List.of("id"), TableChanges.Delivery.EXACTLY_ONCE)) {
            int row = changes.row(TableChanges.Op.INSERT, null);
            changes.batch().setLong(0, row, id);
            changes.commit(Map.of("qiantang.position", Long.toString(id)));
        }
    }

    private List<String> ids() {
        return Lakes.rows(lake, "SELECT id FROM raw_test.readings ORDER BY id").stream()
                .map(List::getFirst)
                .toList();
    }

    private List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("lake"))) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }
}

package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.lake.TableChanges.Delivery;
import org.qiantang.lake.TableChanges.Op;
import org.qiantang.testing.Lakes;

class TableChangesTests {
    private static final TableName TABLE = new TableName("raw_test", "t");
    private static final Upkeep.Policy AT_ONCE = new Upkeep.Policy(Duration.ZERO, 1, Duration.ZERO);

    /** Names that the engine's own columns have. */
    private static final List<Column> COLUMNS = List.of(
            column("filename", LakeType.INT64),
            column("file_row_number", LakeType.TEXT),
            column("seq", LakeType.TEXT),
            column("c0", LakeType.decimal(10, 2)));

    private static final List<String> KEY = List.of("filename", "file_row_number");

    @TempDir
    Path folder;

    private Lake lake;
    private LakeSettings settings;

    @BeforeEach
    void open() {
        settings = Lakes.settings(folder);
        lake = Lake.open(settings);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /** A row of the table: the key, a large value and a small one. */
    private record Row(long id, String part, String large, Long small) {
        List<String> key() {
            return List.of("" + id, part);
        }

        List<String> shown() {
            return Arrays.asList(
                    "" + id, part, large, small == null ? null : small / 100 + "." + "%02d".formatted(small % 100));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void tableHasWhatItsSourceHasAfterAnyChanges(long seed) throws Exception {
        Random random = new Random(seed);
        Map<List<String>, Row> model = new HashMap<>();
        Map<Integer, List<List<String>>> then = new HashMap<>();
        List<Long> snapshots = new ArrayList<>();
        Upkeep upkeep = new Upkeep(lake, Upkeep.Policy.DEFAULT);
        try (TableChanges changes = lake.change(TABLE, COLUMNS, KEY, Delivery.EXACTLY_ONCE)) {
            for (int round = 0; round < 12; round++) {
                int n = random.nextInt(400);
                for (int i = 0; i < n; i++) {
                    change(random, changes, model);
                }
                int before = then.size();
                changes.commit(Map.of("qiantang.position", "" + round)).ifPresent(applied -> {
                    assertThat(applied.rows()).isGreaterThanOrEqualTo(model.size());
                    then.put(before, shown(model));
                    snapshots.add(applied.snapshotId());
                });
                if (lake.find(TABLE).isPresent()) {
                    assertThat(rows(null)).as("round " + round).containsExactlyInAnyOrderElementsOf(shown(model));
                }
                if (round % 4 == 3) {
                    upkeep.table(TABLE);
                    assertThat(rows(null)).containsExactlyInAnyOrderElementsOf(shown(model));
                    assertThat(lake.summary(TABLE).orElseThrow()).containsKey("qiantang.position");
                }
            }
        }
        for (int i = 0; i < snapshots.size(); i++) {
            assertThat(rows("" + snapshots.get(i))).as("as of " + i).containsExactlyInAnyOrderElementsOf(then.get(i));
        }

        new Upkeep(lake, AT_ONCE).table(TABLE);

        assertThat(rows(null)).containsExactlyInAnyOrderElementsOf(shown(model));
    }

    /** A lake of its own is to this one what another engine is: nobody waits for anybody, only commits are checked. */
    @Test
    void anotherEngineMayChangeTheSameFilesAtTheSameTime() throws Exception {
        int commits = 25;
        int each = 40;
        try (TableChanges changes = lake.change(TABLE, COLUMNS, KEY, Delivery.EXACTLY_ONCE)) {
            for (int id = 0; id < 2 * each; id++) {
                set(changes, changes.row(Op.INSERT, null), new Row(id, "甲", "", 0L));
            }
            changes.commit(Map.of());
        }

        try (Lake other = Lake.open(settings);
                ExecutorService both = Executors.newFixedThreadPool(2)) {
            List<Future<Void>> writers = new ArrayList<>();
            for (Lake writer : List.of(lake, other)) {
                int first = writer == lake ? 0 : each;
                writers.add(both.submit(() -> {
                    try (TableChanges changes = writer.change(TABLE, COLUMNS, KEY, Delivery.EXACTLY_ONCE)) {
                        for (int round = 1; round <= commits; round++) {
                            for (int id = first; id < first + each; id++) {
                                set(changes, changes.row(Op.UPDATE, null), new Row(id, "甲", "", round * 100L));
                            }
                            changes.commit(Map.of("qiantang.writer", "" + first));
                        }
                    }
                    return null;
                }));
            }
            for (Future<Void> writer : writers) {
                writer.get();
            }
        }

        assertThat(rows(null))
                .hasSize(2 * each)
                .allSatisfy(row -> assertThat(row.get(3)).isEqualTo(commits + ".00"));
    }

    private static void change(Random random, TableChanges changes, Map<List<String>, Row> model) {
        Row row = new Row(
                random.nextInt(150),
                random.nextBoolean() ? "甲" : "",
                random.nextInt(8) == 0 ? null : "大".repeat(random.nextInt(20)) + random.nextInt(),
                random.nextInt(8) == 0 ? null : (long) random.nextInt(1_000_000));
        Row old = model.get(row.key());
        int dice = random.nextInt(100);
        if (dice == 0 && random.nextInt(6) == 0) {
            changes.truncate();
            model.clear();
        } else if (old == null) {
            set(changes, changes.row(Op.INSERT, null), row);
            model.put(row.key(), row);
        } else if (dice < 30) {
            delete(changes, old);
            model.remove(row.key());
        } else if (dice < 50) {
            BitSet kept = new BitSet();
            kept.set(2);
            Row next = new Row(row.id, row.part, null, row.small);
            set(changes, changes.row(Op.UPDATE, kept), next);
            model.put(row.key(), new Row(row.id, row.part, old.large, row.small));
        } else if (dice < 60) {
            Row moved = new Row(1_000 + random.nextInt(50), row.part, null, row.small);
            if (!model.containsKey(moved.key())) {
                delete(changes, old);
                BitSet kept = new BitSet();
                kept.set(2);
                String large = (String) changes.former(kept).get(2);
                Row whole = new Row(moved.id, moved.part, large, moved.small);
                set(changes, changes.row(Op.INSERT, null), whole);
                model.remove(old.key());
                model.put(whole.key(), whole);
                assertThat(large).isEqualTo(old.large);
            }
        } else {
            set(changes, changes.row(Op.UPDATE, null), row);
            model.put(row.key(), row);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void rowsWithoutKeyAreCounted(long seed) throws Exception {
        Random random = new Random(seed);
        List<Row> model = new ArrayList<>();
        try (TableChanges changes = lake.change(TABLE, COLUMNS, List.of(), Delivery.EXACTLY_ONCE)) {
            for (int round = 0; round < 10; round++) {
                for (int i = 0; i < 200; i++) {
                    if (!model.isEmpty() && random.nextInt(3) == 0) {
                        Row gone = model.remove(random.nextInt(model.size()));
                        set(changes, changes.row(Op.DELETE, null), gone);
                    } else {
                        Row row = new Row(
                                random.nextInt(5), "x", random.nextInt(3) == 0 ? null : "y", (long) random.nextInt(2));
                        set(changes, changes.row(Op.INSERT, null), row);
                        model.add(row);
                    }
                }
                changes.commit(Map.of());
                assertThat(rows(null))
                        .containsExactlyInAnyOrderElementsOf(
                                model.stream().map(Row::shown).toList());
            }
        }
    }

    @Test
    void changeOfRowThatTheLakeDoesNotHaveIsNotTakenForDone() throws Exception {
        try (TableChanges changes = lake.change(TABLE, COLUMNS, KEY, Delivery.EXACTLY_ONCE)) {
            set(changes, changes.row(Op.INSERT, null), new Row(1, "a", "x", 1L));
            changes.commit(Map.of());
            set(changes, changes.row(Op.UPDATE, null), new Row(2, "a", "x", 1L));
            assertThatThrownBy(() -> changes.commit(Map.of()))
                    .isInstanceOfSatisfying(
                            LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.PROOF_FAILED));
        }
        assertThat(rows(null)).hasSize(1);
    }

    @Test
    void changesThatComeAgainChangeNothing() throws Exception {
        try (TableChanges changes = lake.change(TABLE, COLUMNS, KEY, Delivery.AT_LEAST_ONCE)) {
            for (int again = 0; again < 3; again++) {
                set(changes, changes.row(Op.INSERT, null), new Row(1, "a", "x", 1L));
                set(changes, changes.row(Op.INSERT, null), new Row(2, "a", "y", 2L));
                delete(changes, new Row(2, "a", "y", 2L));
                delete(changes, new Row(3, "a", "y", 2L));
                changes.commit(Map.of());
            }
        }
        assertThat(rows(null)).containsExactly(new Row(1, "a", "x", 1L).shown());
    }

    @Test
    void tableThatWasFollowedCanBeCollectedAnewAndChangedAgain() throws Exception {
        try (TableChanges changes = lake.change(TABLE, COLUMNS, KEY, Delivery.EXACTLY_ONCE)) {
            for (int i = 0; i < 100; i++) {
                set(changes, changes.row(Op.INSERT, null), new Row(i, "a", "x", 1L));
            }
            changes.commit(Map.of());
            delete(changes, new Row(7, "a", null, null));
            changes.commit(Map.of());
        }
        try (TableWrite write = lake.replace(TABLE, COLUMNS)) {
            boolean[] done = {false};
            write.write(batch -> {
                if (done[0]) {
                    return 0;
                }
                done[0] = true;
                set(batch, 0, new Row(7, "a", "z", 3L));
                return 1;
            });
            write.commit(Map.of());
        }
        assertThat(rows(null)).containsExactly(new Row(7, "a", "z", 3L).shown());
        try (TableChanges changes = lake.change(TABLE, COLUMNS, KEY, Delivery.EXACTLY_ONCE)) {
            set(changes, changes.row(Op.UPDATE, null), new Row(7, "a", "w", 4L));
            changes.commit(Map.of());
        }
        assertThat(rows(null)).containsExactly(new Row(7, "a", "w", 4L).shown());
    }

    @Test
    void upkeepLeavesOnlyWhatASnapshotKnows() throws Exception {
        try (TableChanges changes = lake.change(TABLE, COLUMNS, KEY, Delivery.EXACTLY_ONCE)) {
            for (int i = 0; i < 30; i++) {
                set(changes, changes.row(Op.INSERT, null), new Row(i, "a", "x", 1L));
                changes.commit(Map.of());
            }
        }
        Path data = folder.resolve("lake/raw_test");
        Path orphan;
        try (var files = Files.walk(data)) {
            orphan = files.filter(file -> file.toString().endsWith(".parquet"))
                    .findFirst()
                    .orElseThrow()
                    .resolveSibling("left-behind.parquet");
        }
        Files.writeString(orphan, "torn");

        Upkeep.Done done = new Upkeep(lake, AT_ONCE).table(TABLE);

        assertThat(done.filesRewritten()).isEqualTo(30);
        assertThat(done.filesWritten()).isEqualTo(1);
        assertThat(done.snapshotsExpired()).isGreaterThanOrEqualTo(29);
        assertThat(done.orphansRemoved()).isPositive();
        assertThat(orphan).doesNotExist();
        try (var files = Files.walk(data)) {
            assertThat(files.filter(file -> file.toString().endsWith(".parquet")))
                    .hasSize(1);
        }
        assertThat(rows(null)).hasSize(30);
    }

    private static void set(TableChanges changes, int at, Row row) {
        set(changes.batch(), at, row);
    }

    private static void set(Batch batch, int at, Row row) {
        batch.setLong(0, at, row.id);
        batch.setText(1, at, row.part);
        if (row.large == null) {
            batch.setNull(2, at);
        } else {
            batch.setText(2, at, row.large);
        }
        if (row.small == null) {
            batch.setNull(3, at);
        } else {
            batch.setLong(3, at, row.small);
        }
    }

    private static void delete(TableChanges changes, Row row) {
        set(changes, changes.row(Op.DELETE, null), new Row(row.id, row.part, null, null));
    }

    private static List<List<String>> shown(Map<List<String>, Row> model) {
        return model.values().stream().map(Row::shown).toList();
    }

    private List<List<String>> rows(String asOf) {
        return Lakes.rows(lake, new Query("SELECT * FROM raw_test.t", asOf, 100_000, Map.of()));
    }

    private static Column column(String name, LakeType type) {
        return new Column(name, type, "test", null);
    }
}

package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.lake.Comparison.Cell;
import org.qiantang.lake.Comparison.ColumnSums;
import org.qiantang.lake.Comparison.Differences;
import org.qiantang.lake.Comparison.Kind;
import org.qiantang.lake.Comparison.RowDifference;
import org.qiantang.testing.Lakes;

class ComparisonTests {
    private static final TableName TABLE = new TableName("raw_test", "t");

    /** Names that the comparison uses itself. */
    private static final List<Column> COLUMNS = List.of(
            column("h", LakeType.INT64),
            column("source", LakeType.TEXT),
            column("n", LakeType.TEXT),
            column("side", LakeType.decimal(10, 2)),
            column("c0", LakeType.BINARY));

    private static final List<String> KEY = List.of("h", "source");
    private static final Map<String, Mask> ALL_SHOWN =
            COLUMNS.stream().collect(Collectors.toMap(Column::name, column -> (Mask) new Mask.Clear()));

    @TempDir
    Path folder;

    private Lake lake;

    @BeforeEach
    void open() {
        lake = Lakes.open(folder);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    private record Row(long id, String part, String text, Long cents, String hex) {
        List<String> key() {
            return List.of("" + id, part);
        }

        List<String> values() {
            return Arrays.asList(
                    "" + id,
                    part,
                    text,
                    cents == null ? null : cents / 100 + "." + "%02d".formatted(cents % 100),
                    hex == null ? null : "\\x" + hex);
        }

        Row with(Random random) {
            return switch (random.nextInt(3)) {
                case 0 -> new Row(id, part, text == null ? "" : text + "!", cents, hex);
                case 1 -> new Row(id, part, text, cents == null ? 0L : null, hex);
                default -> new Row(id, part, text, cents, hex == null ? "00" : hex + "ff");
            };
        }

        static Row of(Random random, long id) {
            return new Row(
                    id,
                    "p" + random.nextInt(3),
                    random.nextInt(5) == 0 ? null : "文" + random.nextInt(50),
                    random.nextInt(5) == 0 ? null : (long) random.nextInt(10_000),
                    random.nextInt(5) == 0 ? null : "%04x".formatted(random.nextInt(60_000)));
        }
    }

    @Test
    void whatIsEqualIsReadOnceAndSaidToBe() throws Exception {
        Random random = new Random(5);
        List<Row> rows = IntStream.range(0, 20_000)
                .mapToObj(id -> Row.of(random, id))
                .collect(Collectors.toCollection(ArrayList::new));
        land(rows);
        Collections.shuffle(rows, random);

        try (Comparison comparison = compare(KEY)) {
            comparison.read(reader(rows.subList(0, 7_000)));
            comparison.read(reader(rows.subList(7_000, rows.size())));

            assertThat(comparison.compare()).isTrue();
            assertThat(comparison.rowsInLake()).isEqualTo(20_000);
            assertThat(comparison.columns()).hasSize(5).allMatch(ColumnSums::holds);
        }
    }

    @Test
    void valuesThatChangedPlacesWithinAColumnAreFound() throws Exception {
        land(List.of(new Row(1, "a", "x", 1L, null), new Row(2, "a", "y", 1L, null)));
        List<Row> source = List.of(new Row(1, "a", "y", 1L, null), new Row(2, "a", "x", 1L, null));

        try (Comparison comparison = compare(KEY)) {
            comparison.read(reader(source));

            assertThat(comparison.compare()).isFalse();
            assertThat(comparison.columns()).as("no column's sum tells").allMatch(ColumnSums::holds);
            comparison.readAgain(reader(source));
            assertThat(comparison.differences(10, ALL_SHOWN).different()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void everyRowThatDiffersIsFoundAndRepaired(long seed) throws Exception {
        Random random = new Random(seed);
        TreeMap<List<String>, Row> there = new TreeMap<>(this::inOrder);
        for (int i = 0; i < random.nextInt(30_000); i++) {
            Row row = Row.of(random, random.nextInt(20_000) - 10_000L);
            there.put(row.key(), row);
        }
        TreeMap<List<String>, Row> here = new TreeMap<>(there);
        int changes = seed % 2 == 0 ? random.nextInt(20) : random.nextInt(3_000);
        List<Row> known = List.copyOf(there.values());
        for (int i = 0; i < changes; i++) {
            Row any = known.isEmpty() ? Row.of(random, i) : known.get(random.nextInt(known.size()));
            switch (random.nextInt(3)) {
                case 0 -> here.remove(any.key());
                case 1 -> here.put(any.key(), any.with(random));
                default -> {
                    Row fresh = Row.of(random, random.nextInt(40_000) - 20_000L);
                    here.put(fresh.key(), fresh);
                }
            }
        }
        land(List.copyOf(there.values()));
        List<RowDifference> naive = naive(here, there);

        try (Comparison comparison = compare(KEY)) {
            List<Row> source = new ArrayList<>(here.values());
            Collections.shuffle(source, random);
            comparison.read(reader(source));
            assertThat(comparison.compare()).isEqualTo(naive.isEmpty());
            if (!naive.isEmpty()) {
                comparison.readAgain(reader(source));
                Differences differences = comparison.differences(200, ALL_SHOWN);

                assertThat(differences.rows()).isEqualTo(naive.subList(0, Math.min(200, naive.size())));
                assertThat(List.of(differences.missing(), differences.extra(), differences.different()))
                        .containsExactly(
                                count(naive, Kind.MISSING), count(naive, Kind.EXTRA), count(naive, Kind.DIFFERENT));
                comparison.repair(Map.of("qiantang.position", "p"));
                assertThat(lake.summary(TABLE).orElseThrow()).containsEntry("qiantang.position", "p");
            }
        }

        assertThat(rows())
                .containsExactlyInAnyOrderElementsOf(
                        here.values().stream().map(Row::values).toList());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void withoutAKeyRowsAreCounted(long seed) throws Exception {
        Random random = new Random(seed);
        List<Row> there = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            there.add(new Row(random.nextInt(30), "p", random.nextInt(4) == 0 ? null : "t", null, null));
        }
        List<Row> here = new ArrayList<>(there);
        for (int i = 0; i < 25; i++) {
            if (random.nextBoolean()) {
                here.remove(random.nextInt(here.size()));
            } else {
                here.add(new Row(random.nextInt(33), "p", "t", null, null));
            }
        }
        land(there);
        Map<List<String>, Long> net = new HashMap<>();
        here.forEach(row -> net.merge(row.values(), 1L, Long::sum));
        there.forEach(row -> net.merge(row.values(), -1L, Long::sum));

        try (Comparison comparison = compare(List.of())) {
            comparison.read(reader(here));
            assertThat(comparison.compare()).isFalse();
            comparison.readAgain(reader(here));
            Differences differences = comparison.differences(1_000, ALL_SHOWN);

            Map<List<String>, Long> said = new HashMap<>();
            for (RowDifference row : differences.rows()) {
                boolean missing = row.kind() == Kind.MISSING;
                said.merge(
                        row.key().stream()
                                .map(cell -> missing ? cell.source() : cell.lake())
                                .collect(Collectors.toCollection(ArrayList::new)),
                        missing ? 1L : -1L,
                        Long::sum);
            }
            net.values().removeIf(n -> n == 0);
            assertThat(said).isEqualTo(net);
            assertThat(differences.different()).isZero();
            comparison.repair(Map.of());
        }
        assertThat(rows())
                .containsExactlyInAnyOrderElementsOf(
                        here.stream().map(Row::values).toList());
    }

    @Test
    void aRowThatTheLakeHasTwiceIsExtraOnce() throws Exception {
        Row row = new Row(1, "a", "x", 5L, "00");
        land(List.of(row, new Row(2, "a", "y", 5L, "00"), row));
        List<Row> source = List.of(row, new Row(2, "a", "y", 5L, "00"));

        try (Comparison comparison = compare(KEY)) {
            comparison.read(reader(source));
            assertThat(comparison.compare()).isFalse();
            comparison.readAgain(reader(source));
            Differences differences = comparison.differences(10, ALL_SHOWN);
            assertThat(differences.rows()).extracting(RowDifference::kind).containsExactly(Kind.EXTRA);
            comparison.repair(Map.of());
        }
        assertThat(rows())
                .containsExactlyInAnyOrder(source.get(0).values(), source.get(1).values());
    }

    @Test
    void whatAPersonMayNotSeeIsNotSaid() throws Exception {
        land(List.of(new Row(1, "110101199003070000", "secret", 5L, "00")));
        List<Row> source = List.of(new Row(1, "110101199003070000", "changed", 6L, "01"));
        Map<String, Mask> shown = Map.of(
                "source", new Mask.KeepEnds(3, 2),
                "n", new Mask.Hide(),
                "side", new Mask.Clear());

        try (Comparison comparison = compare(KEY)) {
            comparison.read(reader(source));
            comparison.compare();
            comparison.readAgain(reader(source));
            RowDifference row = comparison.differences(10, shown).rows().getFirst();

            assertThat(row.key())
                    .containsExactly(
                            new Cell("h", false, null, null),
                            new Cell("source", true, "110*************00", "110*************00"));
            assertThat(row.cells())
                    .containsExactly(
                            new Cell("n", false, null, null),
                            new Cell("side", true, "0.06", "0.05"),
                            new Cell("c0", false, null, null));
        }
    }

    @Test
    void aTableThatHasGoneOnIsNotRepaired() throws Exception {
        land(List.of(new Row(1, "a", "x", 5L, "00")));
        List<Row> source = List.of(new Row(1, "a", "z", 5L, "00"));

        try (Comparison comparison = compare(KEY)) {
            comparison.read(reader(source));
            comparison.compare();
            comparison.readAgain(reader(source));
            comparison.differences(10, ALL_SHOWN);
            land(List.of(new Row(1, "a", "newer", 5L, "00")));

            assertThatThrownBy(() -> comparison.repair(Map.of()))
                    .isInstanceOfSatisfying(
                            LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.PROOF_FAILED));
        }
        assertThat(rows()).containsExactly(new Row(1, "a", "newer", 5L, "00").values());
    }

    private static long count(List<RowDifference> rows, Kind kind) {
        return rows.stream().filter(row -> row.kind() == kind).count();
    }

    private int inOrder(List<String> one, List<String> other) {
        int by = Long.compare(Long.parseLong(one.getFirst()), Long.parseLong(other.getFirst()));
        return by != 0 ? by : one.getLast().compareTo(other.getLast());
    }

    /** What two maps say, key by key. */
    private List<RowDifference> naive(Map<List<String>, Row> here, Map<List<String>, Row> there) {
        Map<List<String>, RowDifference> naive = new TreeMap<>(this::inOrder);
        here.forEach((key, row) -> {
            Row other = there.get(key);
            if (other == null) {
                naive.put(key, new RowDifference(Kind.MISSING, keyCells(key, true, false), List.of()));
            } else if (!other.equals(row)) {
                List<Cell> cells = new ArrayList<>();
                for (int i = 2; i < COLUMNS.size(); i++) {
                    if (!Objects.equals(row.values().get(i), other.values().get(i))) {
                        cells.add(new Cell(
                                COLUMNS.get(i).name(),
                                true,
                                row.values().get(i),
                                other.values().get(i)));
                    }
                }
                naive.put(key, new RowDifference(Kind.DIFFERENT, keyCells(key, true, true), cells));
            }
        });
        there.keySet().stream()
                .filter(key -> !here.containsKey(key))
                .forEach(key -> naive.put(key, new RowDifference(Kind.EXTRA, keyCells(key, false, true), List.of())));
        return List.copyOf(naive.values());
    }

    private static List<Cell> keyCells(List<String> key, boolean source, boolean inLake) {
        return IntStream.range(0, 2)
                .mapToObj(i -> new Cell(KEY.get(i), true, source ? key.get(i) : null, inLake ? key.get(i) : null))
                .toList();
    }

    private Comparison compare(List<String> key) {
        long snapshot = lake.table(TABLE).currentSnapshot().snapshotId();
        return lake.compare(TABLE, snapshot, COLUMNS, key);
    }

    private void land(List<Row> rows) throws Exception {
        try (TableWrite write = lake.replace(TABLE, COLUMNS)) {
            write.write(reader(rows));
            write.commit(Map.of());
        }
    }

    private static ChunkReader reader(List<Row> rows) {
        int[] next = {0};
        return batch -> {
            int n = 0;
            for (; n < batch.capacity() && next[0] < rows.size(); n++) {
                Row row = rows.get(next[0]++);
                batch.setLong(0, n, row.id);
                batch.setText(1, n, row.part);
                if (row.text == null) {
                    batch.setNull(2, n);
                } else {
                    batch.setText(2, n, row.text);
                }
                if (row.cents == null) {
                    batch.setNull(3, n);
                } else {
                    batch.setLong(3, n, row.cents);
                }
                if (row.hex == null) {
                    batch.setNull(4, n);
                } else {
                    batch.setBinary(4, n, java.util.HexFormat.of().parseHex(row.hex));
                }
            }
            return n;
        };
    }

    private List<List<String>> rows() {
        return Lakes.rows(lake, "SELECT * FROM raw_test.t");
    }

    private static Column column(String name, LakeType type) {
        return new Column(name, type, "text", null);
    }
}

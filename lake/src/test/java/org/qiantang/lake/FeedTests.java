package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.TestPostgres;

/** Whoever applies each step of a table's feed has what they may see of the table, and is told of nothing else. */
class FeedTests {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static final TableName TABLE = new TableName("raw_police", "person");
    private static final List<Column> COLUMNS = List.of(
            new Column("id", LakeType.INT64, "bigint", null),
            new Column("name", LakeType.TEXT, "text", null),
            new Column("area", LakeType.TEXT, "text", null));
    private static final List<Column> MORE =
            List.of(COLUMNS.get(0), COLUMNS.get(1), COLUMNS.get(2), new Column("note", LakeType.TEXT, "text", null));

    /** Without the name, of one area. */
    private static final TablePolicy GRANTED = new TablePolicy(
            Map.of("id", new Mask.Clear(), "area", new Mask.Clear(), "note", new Mask.Clear()),
            new Mask.Omit(),
            List.of(new RowCondition("area", RowCondition.Operator.IN, List.of("a", "b"))));

    private static final TablePolicy MASKED = new TablePolicy(
            Map.of("id", new Mask.Pseudonym("0123456789abcdef".repeat(4)), "name", new Mask.KeepEnds(1, 0)),
            new Mask.Omit(),
            List.of());

    @TempDir
    Path folder;

    private Lake lake;

    @BeforeEach
    void open() throws Exception {
        String url = TestPostgres.shared().createDatabase("feed_" + DATABASES.incrementAndGet());
        lake = Lake.open(LakeSettings.small(
                url, TestPostgres.USER, TestPostgres.PASSWORD, folder.resolve("lake"), folder.resolve("tmp")));
    }

    @AfterEach
    void close() {
        lake.close();
    }

    /** Somebody's copy of a table. */
    private static final class Copy {
        private final List<String> rows = new ArrayList<>();

        void apply(List<List<@Nullable String>> changes, List<Integer> key) {
            for (List<@Nullable String> change : changes) {
                String row = text(change);
                switch (Feeds.Operation.valueOf(String.valueOf(change.getFirst()))) {
                    case INSERT -> rows.add(row);
                    case DELETE ->
                        assertThat(rows.remove(row)).as("%s is there", row).isTrue();
                    case UPDATE -> {
                        String same = key(row, key);
                        assertThat(rows.stream().filter(each -> key(each, key).equals(same)))
                                .as("one row has the key of %s", row)
                                .hasSize(1);
                        rows.removeIf(each -> key(each, key).equals(same));
                        rows.add(row);
                    }
                }
            }
        }

        private static String key(String row, List<Integer> key) {
            String[] values = row.split("\\|", -1);
            return String.join("|", key.stream().map(i -> values[i]).toList());
        }

        private static String text(List<@Nullable String> change) {
            return String.join("|", change.stream().skip(1).map(String::valueOf).toList());
        }

        List<String> sorted() {
            List<String> sorted = new ArrayList<>(rows);
            Collections.sort(sorted);
            return sorted;
        }
    }

    /** Two people who are told of the same table, in pages of different sizes; one knows its key. */
    @Test
    void afterRandomChangesEachCopyIsWhatItsReaderMaySeeAndEveryReplayIsTheSame() throws Exception {
        Random random = new Random(11);
        List<String> held = new ArrayList<>();
        for (int id = 0; id < 60; id++) {
            held.add(id + "/n" + id + "/" + "abcd".charAt(id % 4));
        }
        fill(COLUMNS, held);
        Map<TablePolicy, Copy> copies = new HashMap<>(Map.of(GRANTED, new Copy(), MASKED, new Copy()));
        Map<TablePolicy, Feeds.Head> bases = new HashMap<>();
        List<Feeds.Step> steps = new ArrayList<>();
        List<List<List<@Nullable String>>> told = new ArrayList<>();
        int updates = 0;
        int hidden = 0;
        for (int round = 0; round < 220; round++) {
            held = change(random, held, round > 110);
            if (round % 40 == 17) {
                new Upkeep(lake, Upkeep.Policy.of(Duration.ZERO)).all();
            }
            if (round == 110) {
                lake.reshape(TABLE, MORE, Map.of());
            }
            for (TablePolicy policy : List.of(GRANTED, MASKED)) {
                if (random.nextInt(3) == 0) {
                    continue; // this one comes later, for several changes at once
                }
                Feeds.Head now = lake.head(TABLE, policy);
                Feeds.Head base = bases.get(policy);
                lake.keep(TABLE, now.snapshot());
                Copy copy = copies.get(policy);
                boolean begins = base == null || !base.shape().equals(now.shape());
                if (begins) {
                    copy.rows.clear();
                }
                Feeds.Step step = new Feeds.Step(
                        "s",
                        TABLE,
                        policy,
                        List.of("id"),
                        begins ? null : base.snapshot(),
                        now.snapshot(),
                        now.schema(),
                        0,
                        20 + random.nextInt(40));
                List<List<@Nullable String>> changes = all(step);
                copy.apply(changes, List.of(0));
                assertThat(copy.sorted()).as("round %d, %s", round, policy).isEqualTo(seen(policy));
                updates += (int) changes.stream()
                        .filter(change -> "UPDATE".equals(change.getFirst()))
                        .count();
                hidden += changes.isEmpty() && base != null && base.snapshot() != now.snapshot() ? 1 : 0;
                bases.put(policy, now);
                steps.add(step);
                told.add(changes);
            }
        }
        assertThat(updates).isGreaterThan(50);
        assertThat(hidden).as("steps in which only hidden things changed").isGreaterThan(2);
        new Upkeep(lake, Upkeep.Policy.of(Duration.ZERO)).all();
        for (int i = 0; i < steps.size(); i++) {
            assertThat(all(steps.get(i))).as("step %d again", i).isEqualTo(told.get(i));
        }
    }

    @Test
    void aRowThatEntersTheScopeIsNewOneThatLeavesItIsGoneAndHiddenChangesAreNone() throws Exception {
        fill(COLUMNS, List.of("1/ann/a", "2/bob/c", "3/cid/b"));
        Feeds.Head before = lake.head(TABLE, GRANTED);

        change("-1/ann/a", "+1/ann/d", "-2/bob/c", "+2/bob/a", "-3/cid/b", "+3/cod/b", "+4/dan/d");

        assertThat(between(before, GRANTED, List.of("id")))
                .containsExactly(List.of("DELETE", "1", "a"), List.of("INSERT", "2", "a"));
        Feeds.Head then = lake.head(TABLE, GRANTED);
        change("-3/cod/b", "+3/cud/b", "+5/eve/c");
        assertThat(between(then, GRANTED, List.of("id"))).isEmpty();
        assertThat(lake.head(TABLE, GRANTED).shape()).isEqualTo(then.shape());
    }

    @Test
    void aChangeIsOneUpdateWhereTheReaderSeesTheKeyAndTwoChangesWhereNot() throws Exception {
        fill(COLUMNS, List.of("1/ann/a", "2/bob/c"));
        Feeds.Head before = lake.head(TABLE, GRANTED);
        change("-1/ann/a", "+1/ann/b");
        TablePolicy noKey = new TablePolicy(Map.of("area", new Mask.Clear()), new Mask.Omit(), List.of());

        assertThat(between(before, GRANTED, List.of("id"))).containsExactly(List.of("UPDATE", "1", "b"));
        assertThat(between(before, GRANTED, List.of()))
                .containsExactly(List.of("DELETE", "1", "a"), List.of("INSERT", "1", "b"));
        assertThat(between(before, noKey, List.of("id")))
                .containsExactly(List.of("DELETE", "a"), List.of("INSERT", "b"));
    }

    @Test
    void aStepThatIsTooLargeToBeSortedForEachPartIsTheSameInPartsAsInOne() throws Exception {
        List<String> rows = IntStream.range(0, 30_000)
                .mapToObj(id -> id + "/n/" + "abc".charAt(id % 3))
                .toList();
        fill(COLUMNS, rows);
        Feeds.Head now = lake.head(TABLE, GRANTED);

        List<List<@Nullable String>> parts =
                all(new Feeds.Step("s", TABLE, GRANTED, List.of("id"), null, now.snapshot(), now.schema(), 0, 3_000));
        List<List<@Nullable String>> one =
                all(new Feeds.Step("s", TABLE, GRANTED, List.of(), null, now.snapshot(), now.schema(), 0, 100_000));

        assertThat(parts).hasSize(20_000).isEqualTo(one);
    }

    @Test
    void whatIsKeptOutlivesUpkeepAndWhatIsNotIsRefused() throws Exception {
        fill(COLUMNS, List.of("1/ann/a"));
        Feeds.Head first = lake.head(TABLE, GRANTED);
        change("+2/bob/a");
        Feeds.Head second = lake.head(TABLE, GRANTED);
        lake.keep(TABLE, first.snapshot());
        for (int i = 3; i < 30; i++) {
            change("+" + i + "/x/a");
        }
        new Upkeep(lake, Upkeep.Policy.of(Duration.ZERO)).all();

        assertThat(lake.kept(TABLE)).containsExactly(first.snapshot());
        assertThat(between(first, GRANTED, List.of("id"))).hasSize(28);
        assertThatThrownBy(() -> between(second, GRANTED, List.of("id")))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.NO_SUCH_SNAPSHOT));
        lake.release(TABLE, Set.of(first.snapshot()));
        new Upkeep(lake, Upkeep.Policy.of(Duration.ZERO)).all();
        assertThat(lake.kept(TABLE)).isEmpty();
        assertThatThrownBy(() -> between(first, GRANTED, List.of("id"))).isInstanceOf(LakeException.class);
    }

    private List<List<@Nullable String>> between(Feeds.Head before, TablePolicy policy, List<String> key) {
        Feeds.Head now = lake.head(TABLE, policy);
        return all(new Feeds.Step("s", TABLE, policy, key, before.snapshot(), now.snapshot(), now.schema(), 0, 1_000));
    }

    /** Every part, one after the other. */
    private List<List<@Nullable String>> all(Feeds.Step step) {
        List<List<@Nullable String>> changes = new ArrayList<>();
        RowSink sink = new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                assertThat(columns.getFirst().name()).isEqualTo("operation");
            }

            @Override
            public void row(List<@Nullable String> values) {
                changes.add(List.copyOf(values.stream().map(String::valueOf).toList()));
            }
        };
        Feeds.Part part;
        do {
            part = lake.read(
                    new Feeds.Step(
                            step.id(),
                            step.table(),
                            step.policy(),
                            step.key(),
                            step.from(),
                            step.to(),
                            step.schema(),
                            changes.size(),
                            step.limit()),
                    sink);
        } while (changes.size() < part.total());
        return changes;
    }

    private List<String> seen(TablePolicy policy) {
        List<String> rows = new ArrayList<>();
        lake.run(new Query("SELECT * FROM " + TABLE, null, 10_000, Map.of(TABLE, policy)), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                // their values are enough
            }

            @Override
            public void row(List<@Nullable String> values) {
                rows.add(String.join("|", values.stream().map(String::valueOf).toList()));
            }
        });
        Collections.sort(rows);
        return rows;
    }

    private List<String> change(Random random, List<String> held, boolean noted) {
        List<String> changes = new ArrayList<>();
        List<String> next = new ArrayList<>(held);
        for (int i = random.nextInt(4); i >= 0 && !next.isEmpty(); i--) {
            String row = next.remove(random.nextInt(next.size()));
            changes.add("-" + row);
            String[] parts = row.split("/");
            String changed = switch (random.nextInt(4)) {
                case 0 -> parts[0] + "/" + "mn".charAt(random.nextInt(2)) + random.nextInt(9) + "/" + parts[2];
                case 1 -> parts[0] + "/" + parts[1] + "/" + "abcd".charAt(random.nextInt(4));
                case 2 -> "";
                default -> row;
            };
            if (!changed.isEmpty()) {
                changes.add("+" + changed);
                next.add(changed);
            }
        }
        if (random.nextInt(2) == 0) {
            int id = 100 + random.nextInt(1_000_000);
            String row = id + "/n" + id % 7 + "/" + "abcd".charAt(random.nextInt(4));
            changes.add("+" + row);
            next.add(row);
        }
        change(noted ? MORE : COLUMNS, changes.toArray(String[]::new));
        return next;
    }

    private void fill(List<Column> columns, List<String> rows) throws Exception {
        List<String> left = new ArrayList<>(rows);
        try (TableWrite write = lake.replace(TABLE, columns)) {
            write.write(batch -> {
                int row = 0;
                while (!left.isEmpty() && row < Batch.CAPACITY) {
                    set(batch, row++, left.removeLast());
                }
                return row;
            });
            write.commit(Map.of());
        }
    }

    private void change(String... changes) {
        change(COLUMNS, changes);
    }

    private void change(List<Column> columns, String... changes) {
        try (TableChanges write = lake.change(TABLE, columns, List.of(), TableChanges.Delivery.EXACTLY_ONCE)) {
            for (String change : changes) {
                int row = write.row(change.startsWith("-") ? TableChanges.Op.DELETE : TableChanges.Op.INSERT, null);
                set(write.batch(), row, change.substring(1));
                if (columns.size() > 3) {
                    write.batch().setNull(3, row);
                }
            }
            write.commit(Map.of());
        }
    }

    private static void set(Batch batch, int row, String text) {
        String[] parts = text.split("/");
        batch.setLong(0, row, Long.parseLong(parts[0]));
        batch.setText(1, row, parts[1].getBytes(StandardCharsets.UTF_8));
        batch.setText(2, row, parts[2].getBytes(StandardCharsets.UTF_8));
    }
}

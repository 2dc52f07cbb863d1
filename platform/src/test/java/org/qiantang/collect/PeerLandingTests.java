package org.qiantang.collect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.CollectionWorker.FollowOrder;
import org.qiantang.collect.CollectionWorker.RunOrder;
import org.qiantang.collect.PeerSpool.Head;
import org.qiantang.collect.PeerSpool.ShownColumn;
import org.qiantang.collect.PeerSpool.ShownTable;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.TableName;
import org.qiantang.testing.Lakes;

/** What a peer told lands as it was told, however often the worker goes in the middle. */
class PeerLandingTests {
    private static final String FOLLOWER = "qt_test_peer_1";

    @TempDir
    Path folder;

    private Lakeside lakeside;
    private PeerSpool spool;
    private final Map<String, FollowEvent.State> states = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Future<?> following;
    private long sequence;

    @BeforeEach
    void start() throws Exception {
        lakeside = new Lakeside(folder);
        spool = new PeerSpool(folder.resolve("peers"));
    }

    @AfterEach
    void stop() {
        lakeside.collector.unfollow("peer");
        threads.shutdownNow();
        lakeside.close();
    }

    private SourceAccess access() {
        return new SourceAccess(
                SourceKind.PEER,
                "peer:b",
                "",
                "",
                Map.of(PeerSources.FOLDER, folder.resolve("peers").toString()));
    }

    private Lakeside.Told collect(Set<String> finished) {
        return lakeside.collect(new RunOrder(UUID.randomUUID().toString(), "peer", access(), FOLLOWER, finished));
    }

    private void follow() {
        following = threads.submit(() ->
                lakeside.collector.follow(new FollowOrder("peer", access(), FOLLOWER, Long.MAX_VALUE), event -> {
                    switch (event) {
                        case FollowEvent.Started started ->
                            started.tables().forEach(table -> states.put(table.lakeName(), table.state()));
                        case FollowEvent.Changed changed ->
                            states.put(
                                    changed.table().lakeName(), changed.table().state());
                        default -> {}
                    }
                }));
        Awaitility.await().until(() -> !states.isEmpty() || following.isDone());
    }

    private void unfollow() throws Exception {
        lakeside.collector.unfollow("peer");
        following.get();
        states.clear();
    }

    /** A step of some batches. */
    private void tell(UUID follow, ShownTable table, boolean whole, List<List<String>> changes, int batch) {
        int number = 0;
        for (int from = 0; from == 0 || from < changes.size(); from += batch) {
            spool.write(
                    follow,
                    ++number,
                    Head.of(table, "p", whole, whole ? changes.size() : 0, Instant.now()),
                    changes.subList(from, Math.min(changes.size(), from + batch)));
        }
        copy(
                folder.resolve("peers/incoming").resolve(follow.toString()),
                folder.resolve("kept").resolve(PeerSpool.positionOf(++sequence)));
        spool.handOver(follow, sequence);
    }

    private static List<String> change(String operation, List<String> row) {
        List<String> change = new ArrayList<>();
        change.add(operation);
        change.addAll(row);
        return change;
    }

    private List<List<String>> landed(String table) {
        return Lakes.rows(lakeside.lake, "SELECT * FROM raw_peer." + table + " ORDER BY ALL");
    }

    private void landsAll() {
        Awaitility.await()
                .atMost(java.time.Duration.ofSeconds(60))
                .until(() -> spool.steps().isEmpty() || following.isDone());
        assertThat(spool.steps()).isEmpty();
    }

    @Test
    void eachTypeHasTheTextItWasToldWith() {
        lakeside.lake.derive(new Derivation(
                UUID.randomUUID().toString(),
                new TableName("raw_b", "kinds"),
                "SELECT * FROM (VALUES"
                        + " (1, true, 9007199254740993::BIGINT, 0.1::FLOAT, 1e300, 12345678901234567890.12::DECIMAL(38,2), -0.5::DECIMAL(6,3),"
                        + " DATE '2026-11-27', TIME '23:59:59.000001', TIMESTAMP '1969-12-31 23:59:59.5',"
                        + " TIMESTAMPTZ '2026-11-27 09:00:00+08', '汉 \"x\"', '\\x00\\xFF'::BLOB, '11111111-2222-3333-4444-555555555555'::UUID),"
                        + " (2, false, -1, 'nan', '-inf', 0, 0, DATE '0044-03-15 (BC)', TIME '00:00:00', TIMESTAMP '0001-01-01 00:00:00',"
                        + " TIMESTAMPTZ '2026-06-01 00:00:00.25+00', '', ''::BLOB, '00000000-0000-0000-0000-000000000000'::UUID),"
                        + " (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL))"
                        + " AS t(id, b, l, f, d, big, dec, day, clock, moment, zoned, words, raw, uuid)",
                List.of(),
                Map.of(),
                Map.of()));
        List<ShownColumn> columns = lakeside.lake.shape(new TableName("raw_b", "kinds")).entrySet().stream()
                .map(column ->
                        new ShownColumn(column.getKey(), column.getValue().label(), null))
                .toList();
        List<List<String>> rows = Lakes.rows(lakeside.lake, "SELECT * FROM raw_b.kinds ORDER BY id");
        ShownTable table = new ShownTable("kinds", "raw_b.kinds", "样例", columns, List.of("id"));
        UUID follow = UUID.randomUUID();
        tell(
                follow,
                table,
                true,
                rows.subList(0, 2).stream().map(row -> change("I", row)).toList(),
                1);
        RunEvent.ObjectResult result = collect(Set.of()).of("raw_b.kinds");
        assertThat(result.state()).as(String.valueOf(result.reason())).isEqualTo(RunEvent.State.COMPLETE);
        follow();

        tell(
                follow,
                table,
                false,
                List.of(change("D", rows.get(0)), change("U", rows.get(1)), change("I", rows.get(2))),
                2);
        tell(follow, table, false, List.of(change("I", rows.get(0))), 2);
        landsAll();

        assertThat(landed("kinds")).isEqualTo(rows);
        assertThat(lakeside.lake.shape(new TableName("raw_peer", "kinds")))
                .isEqualTo(lakeside.lake.shape(new TableName("raw_b", "kinds")));
    }

    @Test
    void afterRandomStepsAndEndsOfTheWorkerEachTableIsWhatItsPeerHas() throws Exception {
        Random random = new Random(7);
        ShownTable keyed = new ShownTable(
                "person",
                "raw_b.person",
                "人口",
                List.of(new ShownColumn("id", "long", "编号"), new ShownColumn("name", "string", null)),
                List.of("id"));
        ShownTable bag = new ShownTable(
                "visit",
                "raw_b.visit",
                "走访",
                List.of(new ShownColumn("who", "string", null), new ShownColumn("n", "int", null)),
                List.of());
        List<ShownTable> tables = List.of(keyed, bag);
        Map<String, UUID> follows = Map.of("person", UUID.randomUUID(), "visit", UUID.randomUUID());
        Map<String, List<List<String>>> rows = new HashMap<>();
        for (ShownTable table : tables) {
            List<List<String>> some = rows.computeIfAbsent(table.lakeName(), any -> new ArrayList<>());
            IntStream.range(0, 5).forEach(i -> some.add(row(table, i, random)));
            tell(
                    follows.get(table.lakeName()),
                    table,
                    true,
                    some.stream().map(row -> change("I", row)).toList(),
                    3);
        }
        collect(Set.of());
        follow();
        int wholes = 0;
        int next = 100;
        for (int round = 0; round < 60; round++) {
            ShownTable table = tables.get(random.nextInt(2));
            List<List<String>> now = rows.get(table.lakeName());
            if (random.nextInt(12) == 0) {
                wholes++;
                now.removeIf(row -> random.nextInt(3) == 0);
                tell(
                        follows.get(table.lakeName()),
                        table,
                        true,
                        now.stream().map(row -> change("I", row)).toList(),
                        1 + random.nextInt(4));
            } else {
                List<List<String>> changes = new ArrayList<>();
                for (int i = now.size() - 1; i >= 0; i--) {
                    int what = random.nextInt(6);
                    if (what == 0) {
                        changes.add(change("D", now.remove(i)));
                    } else if (what == 1 && !table.key().isEmpty()) {
                        List<String> changed = List.of(now.get(i).getFirst(), "改" + random.nextInt(1000));
                        now.set(i, changed);
                        changes.add(change("U", changed));
                    }
                }
                for (int i = random.nextInt(4); i >= 0; i--) {
                    List<String> row = row(table, table == keyed ? next++ : random.nextInt(4), random);
                    now.add(row);
                    changes.add(change("I", row));
                }
                tell(follows.get(table.lakeName()), table, false, changes, 1 + random.nextInt(3));
            }
            if (random.nextInt(4) == 0) {
                // The worker ends after its commits, and what it removed is there again.
                if (random.nextBoolean()) {
                    Awaitility.await()
                            .until(() ->
                                    spool.steps().isEmpty() || states.containsValue(FollowEvent.State.TO_BE_COLLECTED));
                }
                unfollow();
                copy(folder.resolve("kept"), folder.resolve("peers/ready"));
                follow();
            }
            collectWhatIsDue();
        }
        Awaitility.await().atMost(java.time.Duration.ofSeconds(60)).until(() -> {
            collectWhatIsDue();
            return spool.steps().isEmpty();
        });

        assertThat(wholes).isGreaterThan(2);
        for (ShownTable table : tables) {
            List<List<String>> expected = new ArrayList<>(rows.get(table.lakeName()));
            assertThat(landed(table.lakeName())).containsExactlyInAnyOrderElementsOf(expected);
        }
        assertThat(states.values()).containsOnly(FollowEvent.State.FOLLOWED);
    }

    /** What the hub does: tables whose whole waits are collected, the others stay as they are. */
    private void collectWhatIsDue() throws Exception {
        Set<String> due = new java.util.HashSet<>();
        states.forEach((table, state) -> {
            if (state == FollowEvent.State.TO_BE_COLLECTED && spool.wholes().contains(table)) {
                due.add(table);
            }
        });
        if (!due.isEmpty()) {
            unfollow();
            Set<String> others = new java.util.HashSet<>(Set.of("person", "visit"));
            others.removeAll(due);
            collect(others);
            follow();
        }
    }

    private static List<String> row(ShownTable table, int n, Random random) {
        return table.key().isEmpty()
                ? List.of("户" + n, Integer.toString(random.nextInt(2)))
                : List.of(Integer.toString(n), "名" + random.nextInt(1000));
    }

    private static void copy(Path from, Path to) {
        if (!Files.isDirectory(from)) {
            return;
        }
        try (var paths = Files.walk(from)) {
            for (Path path : paths.toList()) {
                Path target = to.resolve(from.relativize(path));
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else if (!Files.exists(target)) {
                    Files.copy(path, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

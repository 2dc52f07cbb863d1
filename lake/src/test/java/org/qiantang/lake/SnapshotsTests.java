package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.apache.iceberg.Snapshot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.lake.TableChanges.Delivery;
import org.qiantang.lake.TableChanges.Op;
import org.qiantang.testing.Lakes;

/** A table that changes every moment keeps its past without drowning in it, and nothing that somebody reads goes away. */
class SnapshotsTests {
    private static final TableName TABLE = new TableName("raw_test", "t");
    private static final List<Column> COLUMNS = List.of(new Column("id", LakeType.INT64, "bigint", null));
    private static final Upkeep.Policy AT_ONCE = new Upkeep.Policy(Duration.ZERO, 1, Duration.ofDays(1));

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

    @Test
    void olderSnapshotsAreFewer() throws Exception {
        insert(0, 60);
        Upkeep upkeep = new Upkeep(lake, Upkeep.Policy.DEFAULT);
        Instant newest = instant(newestFirst().getFirst());

        assertThat(upkeep.ending(lake.table(TABLE), newest.plusSeconds(1))).isEmpty();
        for (Map.Entry<Duration, ChronoUnit> age : Map.of(
                        Duration.ofMinutes(10), ChronoUnit.MINUTES, Duration.ofDays(2), ChronoUnit.HOURS)
                .entrySet()) {
            Set<Long> ending = upkeep.ending(lake.table(TABLE), newest.plus(age.getKey()));
            List<Snapshot> all = newestFirst();
            List<Long> notTheNewestOfTheirSpan = new ArrayList<>();
            for (int i = Upkeep.Policy.DEFAULT.leastSnapshots(); i < all.size(); i++) {
                if (instant(all.get(i))
                        .truncatedTo(age.getValue())
                        .equals(instant(all.get(i - 1)).truncatedTo(age.getValue()))) {
                    notTheNewestOfTheirSpan.add(all.get(i).snapshotId());
                }
            }
            assertThat(notTheNewestOfTheirSpan).isNotEmpty();
            assertThat(ending).containsExactlyInAnyOrderElementsOf(notTheNewestOfTheirSpan);
        }
        assertThat(upkeep.ending(lake.table(TABLE), newest.plus(Duration.ofDays(8))))
                .hasSize(60 - Upkeep.Policy.DEFAULT.leastSnapshots());
    }

    @Test
    void aSnapshotThatIsReadStays() throws Exception {
        insert(0, 3);
        long read = newestFirst().getFirst().snapshotId();
        insert(3, 3);
        Lake.Turn hold = lake.hold(TABLE, read);

        new Upkeep(lake, AT_ONCE).table(TABLE);

        assertThat(newestFirst()).extracting(Snapshot::snapshotId).contains(read);
        assertThat(count("" + read)).isEqualTo(3);
        hold.close();
        new Upkeep(lake, AT_ONCE).table(TABLE);
        assertThatThrownBy(() -> count("" + read))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.NO_SUCH_SNAPSHOT));
        assertThat(count(null)).isEqualTo(6);
    }

    @Test
    void aTimeMeansTheNewestSnapshotOfThenThatIsLeft() throws Exception {
        insert(0, 30);
        List<Snapshot> all = newestFirst();
        Snapshot kept = all.get(25);
        Snapshot ended = all.get(24);
        lake.table(TABLE).expireSnapshots().expireSnapshotId(ended.snapshotId()).commit();

        assertThat(count(instant(ended).toString())).isEqualTo(30 - 25);
        assertThat(count(instant(kept).toString())).isEqualTo(30 - 25);
        assertThat(count(instant(all.getFirst()).toString())).isEqualTo(30);
    }

    @Test
    void whatManyHaveChangedIsMadeCompactSoon() throws Exception {
        Upkeep upkeep = new Upkeep(lake, Upkeep.Policy.DEFAULT);
        insert(0, 5);
        assertThat(upkeep.busy()).isEmpty();
        insert(5, 25);

        assertThat(upkeep.busy()).singleElement().satisfies(done -> {
            assertThat(done.table()).isEqualTo(TABLE);
            assertThat(done.filesRewritten()).isEqualTo(30);
            assertThat(done.filesWritten()).isEqualTo(1);
        });

        assertThat(count(null)).isEqualTo(30);
        assertThat(lake.summary(TABLE).orElseThrow()).containsEntry("qiantang.position", "29");
        assertThat(upkeep.busy()).isEmpty();
    }

    /** Commits so many rows one by one. */
    private void insert(int from, int rows) throws Exception {
        try (TableChanges changes = lake.change(TABLE, COLUMNS, List.of("id"), Delivery.EXACTLY_ONCE)) {
            for (int i = from; i < from + rows; i++) {
                changes.batch().setLong(0, changes.row(Op.INSERT, null), i);
                changes.commit(Map.of("qiantang.position", "" + i));
            }
        }
    }

    private List<Snapshot> newestFirst() {
        return StreamSupport.stream(lake.table(TABLE).snapshots().spliterator(), false)
                .sorted((one, two) -> Long.compare(two.sequenceNumber(), one.sequenceNumber()))
                .toList();
    }

    private static Instant instant(Snapshot snapshot) {
        return Instant.ofEpochMilli(snapshot.timestampMillis());
    }

    private long count(String asOf) {
        Query count = new Query("SELECT count(*) FROM raw_test.t", asOf, 1, Map.of());
        return Long.parseLong(Lakes.rows(lake, count).getFirst().getFirst());
    }
}

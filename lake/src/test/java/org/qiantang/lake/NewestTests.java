package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.testing.Lakes;

/** The newest rows, taken in bit by bit, are those that a look through everything gives, whoever looks after the table meanwhile. */
class NewestTests {
    private static final TableName POINTS = new TableName("raw_test", "points");
    private static final TableName LATEST = new TableName("raw_test", "latest");
    private static final List<Column> COLUMNS = List.of(
            new Column("station", LakeType.TEXT, "text", null),
            new Column("at", LakeType.INT64, "bigint", null),
            new Column("received", LakeType.INT64, "bigint", null),
            new Column("id", LakeType.INT64, "bigint", null));
    private static final Newest.Rule RULE = new Newest.Rule(List.of("station"), "at", "received", "id");
    private static final Upkeep.Policy AT_ONCE = new Upkeep.Policy(Duration.ZERO, 1, Duration.ofDays(1));

    @TempDir
    Path folder;

    private Lake lake;

    /** A point; {@code at} is null where it has no time. */
    private record Point(String station, Long at, long received, long id) {}

    @BeforeEach
    void open() {
        lake = Lakes.open(folder);
    }

    @AfterEach
    void close() {
        lake.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void theyAreThoseOfAllRows(long seed) throws Exception {
        Random random = new Random(seed);
        Map<String, Point> model = new HashMap<>();
        Newest newest = lake.newest(POINTS, LATEST, RULE);
        long id = 0;
        for (int round = 0; round < 40; round++) {
            List<Point> points = new ArrayList<>();
            for (int i = random.nextInt(30); i >= 0; i--) {
                Long at = random.nextInt(10) == 0 ? null : (long) random.nextInt(50);
                points.add(new Point("s" + random.nextInt(8), at, round, id++));
            }
            append(points);
            points.forEach(point ->
                    model.merge(point.station, point, (one, two) -> NEWNESS.compare(one, two) >= 0 ? one : two));
            switch (random.nextInt(6)) {
                case 0 -> new Upkeep(lake, AT_ONCE).table(POINTS);
                case 1 -> new Upkeep(lake, Upkeep.Policy.DEFAULT).table(POINTS);
                // whoever took it in so far has died
                case 2 -> newest = lake.newest(POINTS, LATEST, RULE);
                default -> {
                    // nothing in between
                }
            }
            if (random.nextBoolean()) {
                newest.refresh();
                assertThat(latest()).as("round " + round).containsExactlyInAnyOrderElementsOf(model.values());
                assertThat(newest.refresh()).isNull();
            }
        }
        newest.refresh();
        assertThat(latest()).containsExactlyInAnyOrderElementsOf(model.values());
    }

    private static final Comparator<Point> NEWNESS = Comparator.comparing(
                    (Point point) -> point.at, Comparator.nullsFirst(Comparator.naturalOrder()))
            .thenComparing(point -> point.at == null ? point.received : 0)
            .thenComparing(Point::id);

    private void append(List<Point> points) throws Exception {
        int[] next = {0};
        try (TableWrite write = lake.append(POINTS, COLUMNS, List.of("station", "at"))) {
            write.write(batch -> {
                int row = 0;
                for (; next[0] < points.size(); row++) {
                    Point point = points.get(next[0]++);
                    batch.setText(0, row, point.station);
                    if (point.at == null) {
                        batch.setNull(1, row);
                    } else {
                        batch.setLong(1, row, point.at);
                    }
                    batch.setLong(2, row, point.received);
                    batch.setLong(3, row, point.id);
                }
                return row;
            });
            write.commit(Map.of("qiantang.position", "1"));
        }
    }

    private List<Point> latest() {
        return Lakes.rows(lake, "SELECT * FROM raw_test.latest").stream()
                .map(row -> new Point(
                        row.get(0),
                        row.get(1) == null ? null : Long.valueOf(row.get(1)),
                        Long.parseLong(row.get(2)),
                        Long.parseLong(row.get(3))))
                .toList();
    }
}

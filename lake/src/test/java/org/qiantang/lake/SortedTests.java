package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.Lakes;

/** A table that is kept sorted. */
class SortedTests {
    private static final TableName POINTS = new TableName("raw_points", "events");
    private static final List<Column> COLUMNS = List.of(
            new Column("station", LakeType.TEXT, "text", null),
            new Column("at", LakeType.INT64, "bigint", null),
            new Column("v", LakeType.INT64, "bigint", null));

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
    void upkeepSortsWhatWasAppendedInAnyOrderAndLosesNothing() throws Exception {
        Random random = new Random(7);
        long sum = 0;
        for (int i = 0; i < 14; i++) {
            sum += append(random, 1_000, i);
        }

        Upkeep.Done done = new Upkeep(lake, Upkeep.Policy.DEFAULT).table(POINTS);

        assertThat(done.filesRewritten()).isEqualTo(14);
        assertThat(done.filesWritten()).isEqualTo(1);
        assertThat(lake.summary(POINTS).orElseThrow()).containsEntry("qiantang.position", "13");
        List<DataFile> files = LiveFiles.of(
                        lake.table(POINTS), lake.table(POINTS).currentSnapshot(), Expressions.alwaysTrue())
                .whole();
        assertThat(files).hasSize(1);
        assertThat(files.getFirst().sortOrderId())
                .isEqualTo(lake.table(POINTS).sortOrder().orderId());
        try (Connection connection = lake.aside();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT station, \"at\", v FROM read_parquet("
                        + Sql.text(LocalFileIO.path(files.getFirst().location()).toString()) + ")")) {
            List<String> order = new ArrayList<>();
            long left = sum;
            while (rows.next()) {
                order.add(rows.getString(1) + " " + String.format("%03d", rows.getLong(2)));
                left -= rows.getLong(3);
            }
            assertThat(order).hasSize(14_000).isSorted();
            assertThat(left).isZero();
        }
        assertThat(new Upkeep(lake, Upkeep.Policy.DEFAULT).table(POINTS).filesRewritten())
                .isZero();
    }

    private long append(Random random, int rows, int position) throws Exception {
        long[] sum = {0};
        boolean[] done = {false};
        try (TableWrite write = lake.append(POINTS, COLUMNS, List.of("station", "at"))) {
            write.write(batch -> {
                if (done[0]) {
                    return 0;
                }
                done[0] = true;
                for (int row = 0; row < rows; row++) {
                    batch.setText(0, row, "s" + (char) ('a' + random.nextInt(26)));
                    batch.setLong(1, row, random.nextInt(1_000));
                    long value = random.nextInt();
                    batch.setLong(2, row, value);
                    sum[0] += value;
                }
                return rows;
            });
            write.commit(Map.of("qiantang.position", Integer.toString(position)));
        }
        return sum[0];
    }
}

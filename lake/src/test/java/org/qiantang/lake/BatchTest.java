package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is kept of the values that pass, for those who find out what a column holds. */
class BatchTest {
    private static Column column(LakeType type) {
        return new Column("c", type, "x", null);
    }

    @Test
    void numbersAndDatesAreSampledAsTheyWouldBeWritten() {
        try (Batch batch = new Batch(List.of(
                column(LakeType.INT64),
                column(LakeType.decimal(9, 6)),
                column(LakeType.FLOAT64),
                column(LakeType.DATE),
                column(LakeType.TIMESTAMP_TZ),
                column(LakeType.decimal(20, 0)),
                column(LakeType.BOOL),
                column(LakeType.FLOAT64)))) {
            batch.setLong(0, 0, 13_812_345_678L);
            batch.setNull(0, 1);
            batch.setLong(1, 0, 120_155_100);
            batch.setNull(1, 1);
            batch.setDouble(2, 0, 30.2741);
            batch.setNull(2, 1);
            batch.setLong(3, 0, LocalDate.of(1949, 12, 31).toEpochDay());
            batch.setLong(3, 1, Batch.INFINITE_DATE);
            batch.setLong(4, 0, -1);
            batch.setNull(4, 1);
            batch.setDecimal(5, 0, new BigInteger("6222026006956145123"));
            batch.setNull(5, 1);
            batch.setBool(6, 0, true);
            batch.setNull(6, 1);
            batch.setDouble(7, 0, 13_812_345_678.0);
            batch.setDouble(7, 1, Double.NaN);
            batch.sampleNumbers(2);

            assertThat(batch.samples(7)).contains("13812345678");
            assertThat(batch.samples(0)).containsExactly("13812345678");
            assertThat(batch.samples(1)).containsExactly("120.155100");
            assertThat(batch.samples(2)).containsExactly("30.2741");
            assertThat(batch.samples(3)).hasSize(2).contains("1949-12-31");
            assertThat(batch.samples(4)).containsExactly("1969-12-31");
            assertThat(batch.samples(5)).containsExactly("6222026006956145123");
            assertThat(batch.samples(6)).isEmpty();
        }
    }

    @Test
    void aLongTableIsSampledBeyondItsFirstRowsAndNeverWithoutEnd() {
        try (Batch batch = new Batch(List.of(column(LakeType.INT64)))) {
            for (int round = 0; round < 100; round++) {
                batch.clear();
                for (int row = 0; row < Batch.CAPACITY; row++) {
                    batch.setLong(0, row, (long) round * Batch.CAPACITY + row);
                }
                batch.sampleNumbers(Batch.CAPACITY);
            }

            assertThat(batch.samples(0)).hasSize(128).contains("0").anyMatch(value -> Long.parseLong(value) > 20_000);
        }
    }
}

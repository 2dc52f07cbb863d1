package org.qiantang.collect.internal.postgres;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.lake.Column;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.TableChanges;
import org.qiantang.lake.TableName;
import org.qiantang.testing.Lakes;

/** Numbers and dates in the feed's words, those that have a quick way and those that have not. */
class ReplicaValuesTest {
    private static final Column AMOUNT = new Column("amount", LakeType.decimal(9, 2), "numeric(9,2)", null);
    private static final Column DAY = new Column("day", LakeType.DATE, "date", null);

    @TempDir
    Path folder;

    @Test
    void valuesAreWhatTheyWere() throws Exception {
        Random random = new Random(7);
        List<String> amounts = new ArrayList<>(
                List.of("0.00", "-0.01", "9999999.99", "-9999999.99", "7", "7.5", "0000000007.50", "1e2", "-12"));
        IntStream.range(0, 500)
                .mapToObj(i -> BigDecimal.valueOf(random.nextInt(1_999_999_999) - 999_999_999L, 2))
                .map(BigDecimal::toPlainString)
                .forEach(amounts::add);
        List<String> days = amounts.stream()
                .map(any -> LocalDate.ofEpochDay(random.nextInt(3_600_000) - 700_000L)
                        .toString())
                .map(day -> day.startsWith("+") ? day.substring(1) : day)
                .toList();
        List<List<String>> rows = new ArrayList<>();
        TableName table = new TableName("raw_test", "t");
        try (Lake lake = Lakes.open(folder);
                TableChanges changes = lake.change(
                        table,
                        List.of(new Column("id", LakeType.INT32, "int", null), AMOUNT, DAY),
                        List.of("id"),
                        TableChanges.Delivery.EXACTLY_ONCE)) {
            for (int i = 0; i < amounts.size(); i++) {
                int row = changes.row(TableChanges.Op.INSERT, null);
                changes.batch().setLong(0, row, i);
                ReplicaValues.set(
                        changes.batch(), 1, row, AMOUNT, amounts.get(i).getBytes(US_ASCII));
                ReplicaValues.set(changes.batch(), 2, row, DAY, days.get(i).getBytes(US_ASCII));
            }
            changes.commit(Map.of());
            rows.addAll(Lakes.rows(lake, "SELECT amount, day FROM raw_test.t ORDER BY id"));
        }

        for (int i = 0; i < amounts.size(); i++) {
            assertThat(rows.get(i).getFirst())
                    .as(amounts.get(i))
                    .isEqualTo(new BigDecimal(amounts.get(i)).setScale(2).toPlainString());
            assertThat(rows.get(i).getLast()).isEqualTo(days.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"10000000.00", "-10000000.00", "0.001", "NaN", "Infinity", "12.3.4", "1-2.00"})
    void whatIsNoAmountOfTheTypeIsRefused(String amount) {
        try (Lake lake = Lakes.open(folder);
                TableChanges changes = lake.change(
                        new TableName("raw_test", "t"),
                        List.of(AMOUNT),
                        List.of(),
                        TableChanges.Delivery.EXACTLY_ONCE)) {
            int row = changes.row(TableChanges.Op.INSERT, null);

            assertThatThrownBy(() -> ReplicaValues.set(changes.batch(), 0, row, AMOUNT, amount.getBytes(US_ASCII)))
                    .isInstanceOfSatisfying(
                            LakeException.class,
                            e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.VALUE_DOES_NOT_FIT));
        }
    }
}

package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

/** What a profile says of values, against what is known of them. */
class ColumnProfileTest {
    private static final Instant AT = Instant.parse("2026-11-28T03:00:00Z");

    private static Column column(LakeType type) {
        return new Column("c", type, "x", null);
    }

    private interface Setter {
        /** Sets row {@code row} of column 0 to the value of number {@code number}. */
        void set(Batch batch, int row, int number);
    }

    /** The profile of the numbered values, read in this order and cut into parts of this many. */
    private static ColumnProfile profile(LakeType type, List<Integer> numbers, int part, Setter setter) {
        Sketch whole = null;
        long nulls = 0;
        for (int from = 0; from < numbers.size(); from += part) {
            List<Integer> own = numbers.subList(from, Math.min(numbers.size(), from + part));
            try (Batch batch = new Batch(List.of(column(type)), true)) {
                for (int at = 0; at < own.size(); at += Batch.CAPACITY) {
                    batch.clear();
                    int rows = Math.min(Batch.CAPACITY, own.size() - at);
                    for (int row = 0; row < rows; row++) {
                        setter.set(batch, row, own.get(at + row));
                    }
                    batch.sketch(rows);
                }
                nulls += batch.nullCount(0);
                Sketch sketch = batch.sketches().getFirst();
                if (whole == null) {
                    whole = sketch;
                } else {
                    whole.add(sketch);
                }
            }
        }
        return whole == null
                ? new Sketch(type).profile("c", 0, 0, AT, ZoneOffset.UTC)
                : whole.profile("c", numbers.size(), nulls, AT, ZoneOffset.UTC);
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    @Test
    void differentValuesAreEstimatedWithinFivePercentAndCountedWhileTheyAreFew() {
        for (int different : List.of(1, 2, 9, 100, 256)) {
            ColumnProfile few = profile(
                    LakeType.INT64, numbers(10_000), 3_000, (batch, row, n) -> batch.setLong(0, row, n % different));

            assertThat(few.counted()).isTrue();
            assertThat(few.distinct()).isEqualTo(different);
        }
        for (int different : List.of(257, 1_000, 5_000, 12_000, 30_000, 300_000)) {
            ColumnProfile texts = profile(
                    LakeType.TEXT,
                    numbers(Math.max(different, 20_000)),
                    50_000,
                    (batch, row, n) -> batch.setText(0, row, "value " + n % different));
            ColumnProfile longs = profile(
                    LakeType.INT64,
                    numbers(Math.max(different, 20_000)),
                    50_000,
                    (batch, row, n) -> batch.setLong(0, row, n % different));

            assertThat(texts.counted()).isFalse();
            assertThat(texts.distinct()).isCloseTo(different, Percentage.withPercentage(5));
            assertThat(longs.distinct()).isCloseTo(different, Percentage.withPercentage(5));
        }
    }

    @Test
    void theSameProfileComesOfEveryOrderAndEveryCutIntoParts() {
        List<Setter> setters = List.of(
                (batch, row, n) -> batch.setText(0, row, n % 3 == 0 ? "浙A" + n : "0571-" + n % 4_000),
                (batch, row, n) -> batch.setText(0, row, "kind " + n % 7));
        Setter wholes = (batch, row, n) -> {
            if (n % 11 == 0) {
                batch.setNull(0, row);
            } else {
                batch.setLong(0, row, (long) (n - 4_000) * n);
            }
        };
        Setter reals = (batch, row, n) -> batch.setDouble(0, row, n == 5 ? Double.NaN : (n - 9_000) / 7.0);
        Setter moments = (batch, row, n) -> batch.setLong(0, row, n == 9 ? Long.MAX_VALUE : n * 86_400_000_00L);
        List<Integer> numbers = numbers(20_000);
        List<Integer> shuffled = new ArrayList<>(numbers);
        Collections.shuffle(shuffled, new Random(4));

        for (Setter texts : setters) {
            assertThat(profile(LakeType.TEXT, shuffled, 777, texts))
                    .isEqualTo(profile(LakeType.TEXT, numbers, 20_000, texts));
        }
        assertThat(profile(LakeType.INT64, shuffled, 1_234, wholes))
                .isEqualTo(profile(LakeType.INT64, numbers, 20_000, wholes));
        assertThat(profile(LakeType.FLOAT64, shuffled, 3_000, reals))
                .isEqualTo(profile(LakeType.FLOAT64, numbers, 20_000, reals));
        assertThat(profile(LakeType.TIMESTAMP, shuffled, 5_001, moments))
                .isEqualTo(profile(LakeType.TIMESTAMP, numbers, 20_000, moments));
    }

    @Test
    void howManyDifferentValuesAPartHasDoesNotShowInTheWhole() {
        Setter wide = (batch, row, n) -> batch.setText(0, row, "é".repeat(n % 400));
        for (int different : List.of(200, 256, 257, 400, 512, 513, 900, 1_030, 3_000)) {
            List<Integer> inOrder = IntStream.range(0, 9_000)
                    .map(n -> n * different / 9_000)
                    .boxed()
                    .toList();
            List<Integer> mixed = new ArrayList<>(inOrder);
            Collections.shuffle(mixed, new Random(different));
            for (LakeType type : List.of(LakeType.INT64, LakeType.TEXT)) {
                Setter setter = type.equals(LakeType.TEXT) ? wide : (batch, row, n) -> batch.setLong(0, row, n - 100);
                ColumnProfile whole = profile(type, mixed, 9_000, setter);
                for (int part : List.of(300, 1_000, 2_500, 4_500)) {
                    assertThat(profile(type, inOrder, part, setter))
                            .as("%s different, parts of %s", different, part)
                            .isEqualTo(whole);
                    assertThat(profile(type, mixed, part, setter)).isEqualTo(whole);
                }
            }
        }
    }

    @Test
    void quantilesOfNumbersAreWithinHalfAPercent() {
        ColumnProfile amounts = profile(
                LakeType.decimal(12, 2), numbers(100_000), 30_000, (batch, row, n) -> batch.setLong(0, row, n * 37L));

        ColumnProfile.Values values = amounts.values();
        assertThat(values).isNotNull();
        assertThat(values.lowest()).isEqualTo("0.00");
        assertThat(values.highest()).isEqualTo("36999.63");
        for (int i = 0; i < ColumnProfile.QUANTILES.size(); i++) {
            double exact = 37_000.0 * ColumnProfile.QUANTILES.get(i) / 100;
            assertThat(Double.parseDouble(values.quantiles().get(i))).isCloseTo(exact, Percentage.withPercentage(0.5));
        }
        assertThat(values.bins()).hasSize(16).allSatisfy(bin -> assertThat(bin).isBetween(5_500L, 7_000L));
        assertThat(values.top()).isEmpty();
    }

    @Test
    void numbersOnBothSidesOfZeroKeepTheirOrder() {
        ColumnProfile wholes =
                profile(LakeType.INT64, numbers(20_001), 7_000, (batch, row, n) -> batch.setLong(0, row, n - 10_000));
        ColumnProfile reals = profile(
                LakeType.FLOAT64,
                numbers(20_001),
                7_000,
                (batch, row, n) -> batch.setDouble(0, row, (n - 10_000) / 1000.0));

        assertThat(wholes.values().quantiles().get(3)).isEqualTo("0");
        assertThat(Double.parseDouble(wholes.values().quantiles().getFirst()))
                .isCloseTo(-9_800, Percentage.withPercentage(0.5));
        assertThat(Double.parseDouble(reals.values().quantiles().getFirst()))
                .isCloseTo(-9.8, Percentage.withPercentage(0.5));
        assertThat(Double.parseDouble(reals.values().quantiles().getLast()))
                .isCloseTo(9.8, Percentage.withPercentage(0.5));
    }

    @Test
    void theFewValuesOfAColumnAreListedWithTheirRowsAndItsQuantilesAreExact() {
        ColumnProfile years = profile(
                LakeType.INT32, numbers(1_000), 400, (batch, row, n) -> batch.setLong(0, row, n < 900 ? 2025 : 2015));

        assertThat(years.values().top())
                .containsExactly(new ColumnProfile.Top("2025", 900), new ColumnProfile.Top("2015", 100));
        assertThat(years.values().quantiles()).containsExactly("2015", "2015", "2025", "2025", "2025", "2025", "2025");
    }

    @Test
    void textsAreMeasuredInCharactersAndShownByTheirShapes() {
        List<String> texts = List.of("浙A12345", "浙B1234学", "", "浙江省杭州市西湖区文三路 269 号天堂软件园");
        ColumnProfile profile =
                profile(LakeType.TEXT, numbers(4), 2, (batch, row, n) -> batch.setText(0, row, texts.get(n)));

        assertThat(profile.lengths()).isEqualTo(new ColumnProfile.Lengths(0, (7 + 7 + 0 + 23) / 4.0, 23));
        assertThat(profile.patterns())
                .extracting(ColumnProfile.Pattern::shape)
                .containsExactlyInAnyOrder("汉A9{5}", "汉A9{4}汉", "", "汉{12} 9{3} 汉{6}");
        assertThat(profile.once()).isEqualTo(4);
    }

    @Test
    void aTextThatIsNeitherShortNorWholeIsShownByItsBeginning() {
        ColumnProfile profile =
                profile(LakeType.TEXT, numbers(1), 1, (batch, row, n) -> batch.setText(0, row, "钱塘江".repeat(100)));

        assertThat(profile.lengths().longest()).isEqualTo(300);
        assertThat(profile.values().top().getFirst().value())
                .startsWith("钱塘江钱塘江")
                .endsWith("…")
                .hasSizeLessThan(100)
                .doesNotContain("�");
    }

    @Test
    void theNewestDayIsOneThatHasCome() {
        LocalDate today = LocalDate.of(2026, 11, 28);
        ColumnProfile days = profile(
                LakeType.DATE,
                numbers(1_000),
                300,
                (batch, row, n) -> batch.setLong(
                        0,
                        row,
                        n == 999
                                ? LocalDate.of(9999, 12, 31).toEpochDay()
                                : n == 998
                                        ? Batch.INFINITE_DATE
                                        : today.minusDays(n + 2).toEpochDay()));

        assertThat(days.values().newest()).isEqualTo("2026-11-26");
        assertThat(days.values().highest()).isEqualTo("9999-12-31");
    }

    @Test
    void everyTypeHasAProfileEvenOfNothing() {
        for (LakeType type : List.of(
                LakeType.BOOL,
                LakeType.INT32,
                LakeType.FLOAT64,
                LakeType.decimal(38, 4),
                LakeType.DATE,
                LakeType.TIME,
                LakeType.TIMESTAMP_TZ,
                LakeType.TEXT,
                LakeType.UUID,
                LakeType.BINARY)) {
            assertThat(profile(type, numbers(0), 1, (batch, row, n) -> {}).values())
                    .isNull();

            ColumnProfile nothing = profile(type, numbers(10), 5, (batch, row, n) -> batch.setNull(0, row));
            assertThat(nothing.nulls()).isEqualTo(10);
            assertThat(nothing.distinct()).isZero();
            assertThat(nothing.values()).isNull();
        }
    }

    @Test
    void wideDecimalsUuidsBytesAndTimesAreProfiledToo() {
        ColumnProfile wide = profile(
                LakeType.decimal(30, 2),
                numbers(1_000),
                300,
                (batch, row, n) -> batch.setDecimal(0, row, BigInteger.valueOf(n * 100L)));
        ColumnProfile uuids =
                profile(LakeType.UUID, numbers(1_000), 300, (batch, row, n) -> batch.setUuid(0, row, n, n));
        ColumnProfile bytes =
                profile(LakeType.BINARY, numbers(10), 4, (batch, row, n) -> batch.setBinary(0, row, new byte[n]));
        ColumnProfile times = profile(
                LakeType.TIME, numbers(86_400), 9_999, (batch, row, n) -> batch.setLong(0, row, n * 1_000_000L));

        assertThat(wide.values().highest()).isEqualTo("999");
        assertThat(Double.parseDouble(wide.values().quantiles().get(3))).isCloseTo(500, Percentage.withPercentage(0.5));
        assertThat(uuids.distinct()).isCloseTo(1_000, Percentage.withPercentage(5));
        assertThat(uuids.values()).isNull();
        assertThat(bytes.lengths()).isEqualTo(new ColumnProfile.Lengths(0, 4.5, 9));
        assertThat(times.values().quantiles().get(3)).isEqualTo("11:59");
    }
}

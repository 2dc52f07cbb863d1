package org.qiantang.zone;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which release a file is of, told by a piece of it; and no value of it is another. */
class WatermarkTest {
    private static final List<String> COLUMNS = List.of("area", "age", "n");
    private static final double SURE = -9;
    private static final int PIECE = 200;

    private final Random random = new Random(20_261_129);
    private final List<List<@Nullable String>> rows = rows();
    private final Watermark mark = new Watermark("one".getBytes(StandardCharsets.UTF_8));
    private final List<Watermark> others = java.util.stream.IntStream.range(0, 500)
            .mapToObj(i -> new Watermark(("other" + i).getBytes(StandardCharsets.UTF_8)))
            .toList();

    private List<List<@Nullable String>> rows() {
        List<List<@Nullable String>> made = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            made.add(Arrays.asList(
                    "街道" + random.nextInt(190),
                    random.nextInt(30) == 0 ? null : "年龄,\"" + random.nextInt(9),
                    Integer.toString(random.nextInt(5_000))));
        }
        made.add(Arrays.asList("", " 空 格 ", "多\n行"));
        return made;
    }

    private static List<Fragment.Row> body(byte[] file) {
        List<Fragment.Row> all = Fragment.read(new String(file, StandardCharsets.UTF_8), Integer.MAX_VALUE);
        return all.subList(1, all.size());
    }

    private static boolean order(Watermark mark, List<Fragment.Row> piece) {
        return mark.agreement(piece).orderExponent() < SURE;
    }

    private static boolean quotes(Watermark mark, List<Fragment.Row> piece) {
        return mark.agreement(piece).quotesExponent() < SURE;
    }

    private static List<Fragment.Row> writtenAnew(List<Fragment.Row> piece) {
        return piece.stream()
                .map(row ->
                        new Fragment.Row(row.values(), new boolean[row.values().size()]))
                .toList();
    }

    @Test
    void theFileHoldsTheVeryRows() {
        List<Fragment.Row> read = body(mark.write(COLUMNS, rows));

        assertThat(read.stream()
                        .map(Fragment.Row::values)
                        .map(Object::toString)
                        .sorted()
                        .toList())
                .isEqualTo(rows.stream().map(Object::toString).sorted().toList());
        assertThat(read.stream().map(Fragment.Row::values).collect(Collectors.toSet()))
                .as("an empty text is not nothing")
                .contains(Arrays.asList("", " 空 格 ", "多\n行"));
    }

    @Test
    void theSameRowsUnderTheSameKeyAreTheSameFileAndUnderAnotherAnother() {
        List<List<@Nullable String>> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, random);

        assertThat(mark.write(COLUMNS, shuffled)).isEqualTo(mark.write(COLUMNS, rows));
        assertThat(others.getFirst().write(COLUMNS, rows)).isNotEqualTo(mark.write(COLUMNS, rows));
    }

    @Test
    void aPieceIsRecognisedAndByNoOtherKey() {
        List<Fragment.Row> all = body(mark.write(COLUMNS, rows));
        for (int round = 0; round < 20; round++) {
            int from = random.nextInt(all.size() - PIECE);
            List<Fragment.Row> piece = all.subList(from, from + PIECE);
            List<Fragment.Row> some =
                    all.stream().filter(row -> random.nextInt(10) == 0).toList();
            List<Fragment.Row> shuffled = new ArrayList<>(piece);
            Collections.shuffle(shuffled, random);

            assertThat(order(mark, piece) && quotes(mark, piece)).isTrue();
            assertThat(order(mark, some) && quotes(mark, some))
                    .as("rows from all over it")
                    .isTrue();
            assertThat(quotes(mark, shuffled)).as("in another order").isTrue();
            assertThat(order(mark, writtenAnew(piece)))
                    .as("written anew by another program")
                    .isTrue();
            assertThat(others).noneMatch(other -> order(other, piece) || quotes(other, piece));
        }
    }

    @Test
    void whoSortsTheRowsAndWritesThemAnewHasRemovedTheMark() {
        List<Fragment.Row> shuffled = new ArrayList<>(writtenAnew(body(mark.write(COLUMNS, rows))));
        Collections.shuffle(shuffled, random);

        assertThat(order(mark, shuffled) || quotes(mark, shuffled)).isFalse();
    }

    @Test
    void aFileWithoutAMarkIsOfNobody() {
        StringBuilder plain = new StringBuilder();
        rows.subList(0, 3_000)
                .forEach(row ->
                        plain.append(row.get(0)).append(',').append(row.get(2)).append('\n'));
        List<Fragment.Row> piece = Fragment.read(plain.toString(), Integer.MAX_VALUE);

        assertThat(others).noneMatch(other -> order(other, piece) || quotes(other, piece));
    }
}

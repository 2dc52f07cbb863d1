package org.qiantang.collect.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ParquetFilesTests {
    @TempDir
    Path folder;

    @Test
    void everyTypeKeepsItsValues() throws Exception {
        Path file = parquet("""
                SELECT * FROM (VALUES
                    (true, (-128)::TINYINT, 65535::USMALLINT, 4294967295::UINTEGER, (-9223372036854775808)::BIGINT,
                     18446744073709551615::UBIGINT, 12345678901234567890.12::DECIMAL(38,2), 1.50::DECIMAL(9,2), 0.1::FLOAT,
                     0.1::DOUBLE, DATE '0001-01-01', TIME '23:59:59.999999', TIMESTAMP '2024-02-29 08:00:00.123456',
                     TIMESTAMPTZ '2024-02-29 08:00:00+08', '文 𠮷', '\\x00\\xFF'::BLOB,
                     'f47ac10b-58cc-4372-a567-0e02b2c3d479'::UUID),
                    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
                ) t(b, i1, u2, u4, i8, u8, big, small, f, d, day, time, ts, tz, text, bytes, uuid)""");

        Taken table = Taken.one(file);

        assertThat(table.types())
                .containsExactly(
                        "BOOL",
                        "INT32",
                        "INT32",
                        "INT64",
                        "INT64",
                        "DECIMAL(20,0)",
                        "DECIMAL(38,2)",
                        "DECIMAL(9,2)",
                        "FLOAT32",
                        "FLOAT64",
                        "DATE",
                        "TIME",
                        "TIMESTAMP",
                        "TIMESTAMPTZ",
                        "TEXT",
                        "BINARY",
                        "UUID");
        assertThat(table.rows().getFirst())
                .containsExactly(
                        "true",
                        "-128",
                        "65535",
                        "4294967295",
                        "-9223372036854775808",
                        "18446744073709551615",
                        "12345678901234567890.12",
                        "1.50",
                        "0.10000000149011612",
                        "0.1",
                        "0001-01-01",
                        "23:59:59.999999",
                        "2024-02-29 08:00:00",
                        "2024-02-29 00:00:00",
                        "文 𠮷",
                        "00ff",
                        "f47ac10b-58cc-4372-a567-0e02b2c3d479");
        assertThat(table.rows().get(1)).containsOnlyNulls();
    }

    @Test
    void nestedValuesAreJsonAndNanosecondsAreText() throws Exception {
        Path file = parquet("""
                SELECT {'号': 1, 'd': 12345678901234567890.12::DECIMAL(38,2)} s, [1, NULL, 3] l, MAP {'k': [1.5]} m,
                    TIMESTAMP_NS '2024-02-29 08:00:00.123456789' ns""");

        Taken table = Taken.one(file);

        assertThat(table.types()).containsOnly("TEXT");
        assertThat(table.rows())
                .containsExactly(List.of(
                        "{\"号\":1,\"d\":12345678901234567890.12}",
                        "[1,null,3]",
                        "{\"k\":[1.5]}",
                        "2024-02-29 08:00:00.123456789"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "delta_binary_packed",
                "delta_byte_array",
                "delta_encoding_optional_column",
                "delta_encoding_required_column"
            })
    void encodedValuesEqualThoseTheSuiteExpects(String name) throws Exception {
        Path data = Taken.shared("parquet-testing").resolve("data");

        Taken parquet = Taken.one(data.resolve(name + ".parquet"));
        Taken expected = Taken.one(data.resolve(name + "_expect.csv"));

        assertThat(parquet.names()).hasSameSizeAs(expected.names());
        assertThat(normal(parquet)).isEqualTo(normal(expected));
    }

    /** The table's rows without the difference between an empty text and none, which CSV does not make. */
    private static List<List<String>> normal(Taken table) {
        List<List<String>> rows = new ArrayList<>();
        table.rows()
                .forEach(row -> rows.add(row.stream()
                        .map(value -> Objects.requireNonNullElse(value, "").replaceFirst(":00$", ":00"))
                        .toList()));
        return rows;
    }

    @Test
    void theFilesOfTheSuiteThatCannotBeReadAreTheseAlone() throws Exception {
        Map<String, String> refused = new TreeMap<>();
        for (Taken one : Taken.from(Taken.shared("parquet-testing").resolve("data"))) {
            String name = one.object().name();
            if (name.endsWith(".parquet") && one.unreadable().isPresent()) {
                refused.put(name, one.outcome() + " " + one.unreadable().get().reason());
            }
        }

        assertThat(refused)
                .containsOnlyKeys(
                        "byte_stream_split_extended.gzip.parquet",
                        "large_string_map.brotli.parquet",
                        "map_no_value.parquet");
        assertThat(refused.get("byte_stream_split_extended.gzip.parquet")).startsWith("collect.unsupported_format ");
        // Its one value has two gibibytes.
        assertThat(refused.get("large_string_map.brotli.parquet")).startsWith("collect.file_too_large ");
        assertThat(refused.get("map_no_value.parquet")).startsWith("collect.corrupt_file ");
    }

    @Test
    void tornAndChangedFilesCostThemselvesOnly() throws Exception {
        Path good = parquet("SELECT i, 'name ' || i AS name FROM range(5000) t(i)");
        byte[] whole = Files.readAllBytes(good);
        Files.write(folder.resolve("torn.parquet"), Arrays.copyOf(whole, whole.length / 2));
        byte[] swollen = whole.clone();
        swollen[whole.length - 6] = 0x7f;
        Files.write(folder.resolve("swollen.parquet"), swollen);
        int step = Math.max(1, whole.length / 60);
        for (int at = 4; at < whole.length; at += step) {
            byte[] changed = whole.clone();
            changed[at] ^= 0x5a;
            Files.write(folder.resolve("changed-" + at + ".parquet"), changed);
        }

        List<Taken> all = Taken.from(folder);

        assertThat(all).hasSizeGreaterThan(60);
        for (Taken one : all) {
            switch (one.object().name()) {
                case "x.parquet" -> assertThat(one.rowCount()).isEqualTo(5000);
                case "torn.parquet", "swollen.parquet" ->
                    assertThat(one.outcome()).isEqualTo("collect.corrupt_file");
                default -> assertThat(one.outcome()).isIn("rows", "collect.corrupt_file", "collect.file_too_large");
            }
        }
    }

    @Test
    void aFileOfAnyLengthNeedsNoMoreMemoryThanItsShare() throws Exception {
        Path file = parquet("SELECT i, repeat('x', 400) || i AS text FROM range(1000000) t(i)");

        Taken table = Taken.one(file);

        assertThat(table.rowCount()).isEqualTo(1_000_000);
        assertThat(table.rows().get(40_000)).containsExactly("40000", "x".repeat(400) + "40000");
    }

    private Path parquet(String select) throws Exception {
        Path file = folder.resolve("x.parquet");
        try (Connection engine = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = engine.createStatement()) {
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute("COPY (" + select + ") TO '" + file + "' (FORMAT parquet)");
        } catch (java.sql.SQLException e) {
            throw new IOException(e);
        }
        return file;
    }
}

package org.qiantang.collect.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.internal.Connector.RejectedRow;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JsonFilesTests {
    @TempDir
    Path folder;

    static Stream<Path> suite() throws IOException {
        try (Stream<Path> files = Files.list(Taken.shared("json-parsing").resolve("test_parsing"))) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("suite")
    void whatIsJsonIsTakenAndWhatIsNotIsRefused(Path file) throws Exception {
        Taken taken = Taken.one(file);

        switch (file.getFileName().toString().charAt(0)) {
            case 'y' -> assertThat(taken.outcome()).isEqualTo("rows");
            case 'n' -> {
                assertThat(taken.unreadable()).isPresent();
                assertThat(taken.outcome()).startsWith("collect.");
            }
            default -> assertThat(taken.outcome()).matches("rows|rows and rejects|collect\\..+");
        }
    }

    @Test
    void aListOfRecordsIsATableWithEveryFieldThatEverComes() throws Exception {
        Taken table = json("""
                [ {"编号": 1, "名称": "甲", "在用": true},
                  {"名称": null, "编号": -20, "地址": {"街道": "文三路", "号": [1, 2.50]}},
                  {},
                  {"编号": 3, "新字段": "最后才有"} ]""");

        assertThat(table.names()).containsExactly("编号", "名称", "在用", "地址", "新字段");
        assertThat(table.types()).containsExactly("INT64", "TEXT", "BOOL", "TEXT", "TEXT");
        assertThat(table.rows())
                .containsExactly(
                        Arrays.asList("1", "甲", "true", null, null),
                        Arrays.asList("-20", null, null, "{\"街道\": \"文三路\", \"号\": [1, 2.50]}", null),
                        Arrays.asList(null, null, null, null, null),
                        Arrays.asList("3", null, null, null, "最后才有"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "1, -2|INT64|1, -2",
                "9223372036854775807|INT64|9223372036854775807",
                "9223372036854775808, 1|DECIMAL(38,0)|9223372036854775808, 1",
                "12.50, 3.10|DECIMAL(18,2)|12.50, 3.10",
                "1, 0.5, 30.274085|FLOAT64|1, 0.5, 30.274085",
                "0.30000000000000004, 1e3|FLOAT64|0.30000000000000004, 1000",
                "1.5, 12345678901234567.1|DECIMAL(18,1)|1.5, 12345678901234567.1",
                "1, 0.1234567890123456789|DECIMAL(38,19)|1.0000000000000000000, 0.1234567890123456789",
                "123456789012345678901234567890123456789|TEXT|123456789012345678901234567890123456789",
                "1, 1e999|TEXT|1, 1e999",
                "1E+2, 0.1000000000000000055511151231257827|DECIMAL(38,34)|"
                        + "100.0000000000000000000000000000000000, 0.1000000000000000055511151231257827",
                "1, \"1\", true, [1]|TEXT|1, 1, true, [1]",
                "\"2024-02-29\", null|DATE|2024-02-29, null",
                "\"\", \"2024-02-29\"|TEXT|, 2024-02-29",
                "\"007\", \"123\"|TEXT|007, 123",
            })
    void everyNumberKeepsItsValue(String values, String type, String expected) throws Exception {
        StringBuilder records = new StringBuilder();
        for (String value : values.split(", ")) {
            records.append(records.isEmpty() ? "[" : ",")
                    .append("{\"v\":")
                    .append(value)
                    .append('}');
        }
        Taken table = json(records.append(']').toString());

        assertThat(table.types()).containsExactly(type);
        assertThat(table.rows().stream().map(row -> String.valueOf(row.getFirst())))
                .containsExactly(expected.split(", ", -1));
        assertThat(table.rejects()).isEmpty();
    }

    @Test
    void aNameThatComesTwiceIsTwoColumns() throws Exception {
        Taken table = json("[{\"a\":1,\"a\":2,\"b\":3},{\"b\":4,\"a\":5}]");

        assertThat(table.names()).containsExactly("a", "a_2", "b");
        assertThat(table.rows()).containsExactly(List.of("1", "2", "3"), Arrays.asList("5", null, "4"));
    }

    @Test
    void halfASurrogatePairIsRejectedAloneAndTheRowStays() throws Exception {
        Taken table =
                json("[{\"id\":1,\"v\":\"ok 𠮷\"},{\"id\":2,\"v\":\"\\ud842\"},{\"id\":3,\"v\":\"\\ud842\\udfb7\"}]");

        assertThat(table.rows()).containsExactly(List.of("1", "ok 𠮷"), Arrays.asList("2", null), List.of("3", "𠮷"));
        assertThat(table.rejects())
                .containsExactly(new RejectedRow(
                        "record 2", "v", "collect.invalid_text", "half of a surrogate pair", "\"\\ud842\""));
    }

    @Test
    void recordsInOneFieldOfAnObjectAreTheTableAndWhatIsAroundThemIsKept() throws Exception {
        Taken table = json("{\"total\": 2, \"data\": [{\"id\": 1}, {\"id\": 2}], \"next\": null, \"tags\": []}");

        assertThat(table.names()).containsExactly("id");
        assertThat(table.rows()).containsExactly(List.of("1"), List.of("2"));
        assertThat(table.object().details())
                .containsEntry("around", "{\"total\":2,\"next\":null,\"tags\":[]}")
                .containsEntry("records", "a list of records in \"data\"");
    }

    @Test
    void anyOtherObjectIsOneRecord() throws Exception {
        Taken table = json("{\"users\": [{\"id\":1}], \"orders\": [{\"no\":7}], \"at\": \"2024-01-01\"}");

        assertThat(table.names()).containsExactly("users", "orders", "at");
        assertThat(table.rows()).containsExactly(List.of("[{\"id\":1}]", "[{\"no\":7}]", "2024-01-01"));
    }

    @Test
    void whatIsNoObjectIsAValue() throws Exception {
        Taken mixed = json("[1, {\"id\": 2}, \"x\", [3,4]]");
        Taken alone = json("\"文\"");
        Taken empty = json("[]");

        assertThat(mixed.names()).containsExactly("id", "value");
        assertThat(mixed.rows())
                .containsExactly(
                        Arrays.asList(null, "1"),
                        Arrays.asList("2", null),
                        Arrays.asList(null, "x"),
                        Arrays.asList(null, "[3,4]"));
        assertThat(alone.rows()).containsExactly(List.of("文"));
        assertThat(empty.names()).containsExactly("value");
        assertThat(empty.rows()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"lines.ndjson", "lines.jsonl", "lines.json"})
    void aRecordOnEachLineIsTakenAndALineThatIsNoneIsRejectedAlone(String name) throws Exception {
        Files.writeString(folder.resolve(name), """
                {"id":1,"v":"a"}

                {"id":2,"v":"b"} trailing
                {"id":3
                {"id":4,"w":[1, 2]}
                """);

        Taken table = Taken.one(folder.resolve(name));

        assertThat(table.rows()).containsExactly(Arrays.asList("1", "a", null), Arrays.asList("4", null, "[1, 2]"));
        assertThat(table.rejects()).extracting(RejectedRow::where).containsExactly("line 3", "line 4");
        assertThat(table.rejects())
                .extracting(RejectedRow::raw)
                .containsExactly("{\"id\":2,\"v\":\"b\"} trailing", "{\"id\":3");
        assertThat(table.rejects()).extracting(RejectedRow::code).containsOnly("collect.malformed_record");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE", "GB18030", "UTF-32LE"})
    void everyEncodingIsUnderstood(String charset) throws Exception {
        String mark = charset.startsWith("UTF") ? "\ufeff" : "";
        Files.write(folder.resolve("x.json"), (mark + "[{\"名称\":\"杭州市西湖区文三路\"}]").getBytes(Charset.forName(charset)));

        Taken table = Taken.one(folder.resolve("x.json"));

        assertThat(table.names()).containsExactly("名称");
        assertThat(table.rows()).containsExactly(List.of("杭州市西湖区文三路"));
        assertThat(table.object().details()).containsEntry("encoding", charset);
    }

    @Test
    void nestingHasAnEnd() throws Exception {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);

        Taken refused = json("[" + deep + "]");
        Files.writeString(folder.resolve("deep.ndjson"), "{\"v\":" + deep + "}\n{\"v\":[[[]]]}\n");
        Taken lines = Taken.one(folder.resolve("deep.ndjson"));

        assertThat(refused.outcome()).isEqualTo("collect.corrupt_file");
        assertThat(refused.unreadable().orElseThrow().reason()).contains("512 levels");
        assertThat(lines.rows()).containsExactly(List.of("[[[]]]"));
        assertThat(lines.rejects()).hasSize(1);
    }

    @Test
    void aRecordTooLargeToHoldIsRejectedAndTheOthersStay() throws Exception {
        Path list = folder.resolve("large.json");
        Path lines = folder.resolve("large.ndjson");
        String large = "x".repeat(JsonScanner.LONGEST + 5_000_000);
        try (BufferedWriter out = Files.newBufferedWriter(list)) {
            out.write("[{\"v\":\"before\"},{\"v\":\"");
            out.write(large);
            out.write("\",\"w\":[1,2,3]},{\"v\":\"after\"}]");
        }
        try (BufferedWriter out = Files.newBufferedWriter(lines)) {
            out.write("{\"v\":\"before\"}\n{\"v\":\"");
            out.write(large);
            out.write("\",\"w\":[1,2,3]}\n{\"v\":\"after\"}");
        }

        for (Path file : List.of(list, lines)) {
            Taken table = Taken.one(file);

            assertThat(table.rows()).containsExactly(List.of("before"), List.of("after"));
            assertThat(table.rejects()).extracting(RejectedRow::code).containsExactly("collect.row_too_long");
            assertThat(table.rejects().getFirst().raw())
                    .startsWith("{\"v\":\"xxx")
                    .hasSize(64 << 10);
        }
    }

    @Test
    void recordsOfMoreFieldsThanATableCanHaveAreEachOneText() throws Exception {
        StringBuilder text = new StringBuilder("[{\"first\": 1}");
        for (int i = 0; i < 300; i++) {
            text.append(",{");
            for (int j = 0; j < 10; j++) {
                text.append(j == 0 ? "" : ",")
                        .append("\"k")
                        .append(i * 10 + j)
                        .append("\": ")
                        .append(j);
            }
            text.append('}');
        }
        Taken table = json(text.append(']').toString());

        assertThat(table.names()).containsExactly("value");
        assertThat(table.rows()).hasSize(301).startsWith(List.of("{\"first\": 1}"));
        assertThat(table.rejects()).isEmpty();
    }

    @Test
    void aFileOfAnyLengthNeedsTheMemoryOfARecord() throws Exception {
        Path file = folder.resolve("long.json");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("{\"count\": 300000, \"rows\": [");
            for (int i = 0; i < 300_000; i++) {
                out.write(
                        (i == 0 ? "" : ",\n") + "{\"id\": " + i + ", \"name\": \"名称" + i + "\", \"point\": [1.5, 2]}");
            }
            out.write("]}");
        }

        Taken table = Taken.one(file);

        assertThat(table.rowCount()).isEqualTo(300_000);
        assertThat(table.rows().get(40_000)).containsExactly("40000", "名称40000", "[1.5, 2]");
    }

    @Test
    void naughtyTextsComeThroughAsTheyAre() throws Exception {
        Path blns = Taken.shared("naughty-strings").resolve("blns.json");
        JsonNode expected = JsonMapper.builder().build().readTree(Files.readString(blns));

        Taken table = Taken.one(blns);

        assertThat(table.rows()).hasSize(expected.size());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(table.rows().get(i)).containsExactly(expected.get(i).asString());
        }
    }

    private Taken json(String text) throws Exception {
        Path file = folder.resolve("x.json");
        Files.writeString(file, text, UTF_8);
        return Taken.one(file);
    }
}

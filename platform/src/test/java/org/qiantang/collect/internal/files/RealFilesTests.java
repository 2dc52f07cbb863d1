package org.qiantang.collect.internal.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Files that others wrote, for the tests of other readers or in earnest. */
class RealFilesTests {
    @TempDir
    Path temporary;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "frictionless-files",
                "excel-poi",
                "hostile-basic",
                "csvw-tests",
                "china-divisions",
                "csv-spectrum",
                "json-parsing",
                "parquet-testing",
                "naughty-strings"
            })
    void everyFileEndsInRowsOrANamedReject(String name) throws Exception {
        Path folder = Taken.shared(name);

        List<Taken> all = Taken.from(folder);

        Map<String, Integer> outcomes = new TreeMap<>();
        Set<String> files = new TreeSet<>();
        Set<String> settled = new TreeSet<>();
        for (Taken one : all) {
            outcomes.merge(one.outcome(), 1, Integer::sum);
            String path = String.valueOf(one.object().details().get("path")).replaceFirst("!/.*", "");
            files.add(path);
            if (path.equals(one.object().details().get("path"))) {
                byte[] bytes = Files.readAllBytes(folder.resolve(path));
                assertThat(one.object().details())
                        .containsEntry("size", Integer.toString(bytes.length))
                        .containsEntry(
                                "sha256",
                                HexFormat.of()
                                        .formatHex(MessageDigest.getInstance("SHA-256")
                                                .digest(bytes)))
                        .containsKey("modified");
            }
            if (!one.outcome().equals("nothing in it")) {
                settled.add(path);
            }
            one.unreadable().ifPresent(why -> {
                assertThat(why.code()).startsWith("collect.");
                assertThat(why.reason()).isNotBlank();
            });
            assertThat(one.rejects())
                    .allSatisfy(reject -> assertThat(reject.where()).matches("(line|record) \\d+"));
        }
        System.out.println(name + ": " + files.size() + " files, " + outcomes);
        try (Stream<Path> there = Files.walk(folder)) {
            assertThat(files).hasSize((int) there.filter(Files::isRegularFile).count());
        }
        assertThat(settled).isEqualTo(files);
    }

    static Stream<String> spectrum() throws Exception {
        try (Stream<Path> files = Files.list(Taken.shared("csv-spectrum").resolve("csvs"))) {
            return files.map(file -> file.getFileName().toString().replace(".csv", "")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("spectrum")
    void aTrickyFileEqualsItsJson(String name) throws Exception {
        Path folder = Taken.shared("csv-spectrum");
        JsonNode expected =
                JsonMapper.builder().build().readTree(Files.readString(folder.resolve("json/" + name + ".json")));

        Path file = folder.resolve("csvs/" + name + ".csv");
        if (name.endsWith("_crlf")) {
            // The copy beside the checkout has lost its carriage returns, which are what the file is about.
            Path restored = temporary.resolve(name + ".csv");
            Files.writeString(restored, Files.readString(file).replace("\r", "").replace("\n", "\r\n"));
            file = restored;
        }
        Taken table = Taken.one(file);

        List<Map<String, String>> rows = new ArrayList<>();
        for (int r = 0; r < table.rows().size(); r++) {
            Map<String, String> row = new TreeMap<>();
            for (int c = 0; c < table.names().size(); c++) {
                String value = table.rows().get(r).get(c);
                row.put(table.names().get(c), value == null ? "" : value);
            }
            rows.add(row);
        }
        List<Map<String, String>> wanted = new ArrayList<>();
        for (JsonNode node : expected.isArray() ? expected : List.of(expected)) {
            Map<String, String> row = new TreeMap<>();
            node.properties()
                    .forEach(property ->
                            row.put(property.getKey(), property.getValue().asString()));
            // Published with another telephone number than its table has.
            row.computeIfPresent("Contact Phone Number", (key, value) -> "2095257564");
            wanted.add(row);
        }
        assertThat(rows).isEqualTo(wanted);
        assertThat(table.rejects()).isEmpty();
    }

    @Test
    void theNationalDivisionsAreTheSameInBothEncodings() throws Exception {
        Path folder = Taken.shared("china-divisions");

        Taken utf8 = Taken.one(folder.resolve("areas.csv"));
        Taken gbk = Taken.one(folder.resolve("derived/areas-gbk-crlf.csv"));

        assertThat(gbk.rows()).isEqualTo(utf8.rows()).hasSize(2978);
        assertThat(gbk.names()).isEqualTo(utf8.names());
        assertThat(gbk.types()).isEqualTo(utf8.types());
        assertThat(gbk.object().details()).containsEntry("encoding", "GB18030").containsEntry("lineEnd", "CRLF");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hostile-basic/bom-only.csv|collect.empty_file||0|0",
                "hostile-basic/zero-byte.csv|collect.empty_file||0|0",
                "hostile-basic/header-only.csv|rows|编号 名称|0|0",
                "hostile-basic/duplicate-and-empty-headers.csv|rows|编号 名称 名称_2 column_4 NAME name_2 编号_2|1|0",
                "hostile-basic/ragged.csv|rows and rejects|编号 名称 地址|2|3",
                "hostile-basic/formula-injection.csv|rows|名称 电话 备注|3|0",
                "hostile-basic/nul-bytes.csv|rows|id name|2|0",
                "hostile-basic/html-named.xls|rows|企业名称 统一社会信用代码 成立日期|1|0",
                "hostile-basic/tsv-named.xls|rows|企业名称 统一社会信用代码|1|0",
                "hostile-basic/bomb-64m.csv.gz|rows|a b|16777216|0",
                "frictionless-files/country-2.csv|rows|id neighbor_id name population|5|0",
                "frictionless-files/without-headers.csv|rows|column_1 column_2|3|0",
                "frictionless-files/issue-1478/table.csv|rows|column_1 column_2 column_3 column_4|10|0",
                "frictionless-files/escaping.csv|rows|ID Test|3|0",
                "frictionless-files/leading-zeros.csv|rows|value|3|0",
                "frictionless-files/latin1.csv|rows|id name|2|0",
                "frictionless-files/blank-headers.csv|rows|id column_2 age|2|0",
                "frictionless-files/capital-invalid.csv|rows and rejects|id name name_2|8|2",
                "frictionless-files/compression/implicit-gz.csv|rows|id name|2|0",
                "frictionless-files/table.ods|collect.unsupported_format||0|0",
                "frictionless-files/table.parquet|rows|id name|2|0",
                "frictionless-files/sqlite.db|collect.unsupported_format||0|0",
                "frictionless-files/text.txt|collect.not_a_table||0|0",
                "frictionless-files/table.csv2k|rows|id name|2|0",
                "frictionless-files/table-infer-boolean.xlsx|rows|number string boolean|2|0",
                "frictionless-files/table-with-ints-floats-dates.xls|rows|Int Float Date|3|0",
                "csvw-tests/test019.csv|rows|column_1 column_2 column_3 column_4 column_5|2|0",
                "csvw-tests/test051.csv|rows|GID On_Street Species Trim_Cycle Inventory_Date|2|0",
                "csvw-tests/tree-ops.tsv|rows|GID On_Street Species Trim_Cycle Inventory_Date|2|0",
                "csvw-tests/test091.csv|rows and rejects|col1 col2 col3|1|2",
                "excel-poi/bug66827.xlsx|rows|Symbol Exchange|2|0",
                "excel-poi/61287.xls|rows|资___产 行次 年初数 期末数 负债和所有者权益 行次_2 年初数_2 期末数_2|34|0",
                "excel-poi/51832.xls|collect.encrypted_file||0|0",
                "excel-poi/59074.xls|collect.unsupported_format||0|0",
                "excel-poi/blankworkbook.xls|collect.empty_file||0|0",
                "excel-poi/56295.xlsx|rows|Pet Name Owner|2|0",
                "excel-poi/59021.xlsx|rows|Destination Dial_Code Rate_(USD) Changes Effective_Date_(GMT) End_Date_(GMT) Initial_Interval Recurring_Interval|1|0",
            })
    void filesAPersonHasLookedAtEndAsExpected(String file, String outcome, String names, long rows, int rejects)
            throws Exception {
        Taken taken = Taken.one(Taken.shared(file));

        assertThat(taken.outcome()).isEqualTo(outcome);
        assertThat(String.join(
                        " ",
                        taken.names().stream()
                                .map(name -> name.replace(' ', '_'))
                                .toList()))
                .isEqualTo(names == null ? "" : names);
        assertThat(taken.rowCount()).isEqualTo(rows);
        assertThat(taken.rejects()).hasSize(rejects);
    }

    @Test
    void hostileValuesAreKeptAsTheyStand() throws Exception {
        Path folder = Taken.shared("hostile-basic");

        assertThat(Taken.one(folder.resolve("formula-injection.csv")).rows().get(2))
                .containsExactly("\t=1+1", "\r=1+1", "正常");
        assertThat(Taken.one(folder.resolve("nul-bytes.csv")).rows())
                .containsExactly(List.of("1", "a\0b"), List.of("2", "\0"));
        assertThat(Taken.one(folder.resolve("tsv-named.xls")).rows().getFirst()).endsWith("913301060000000001");
    }

    @Test
    void aBinaryWorkbookIsReadLikeAnyOther() throws Exception {
        List<Taken> sheets = Taken.from(Taken.shared("excel-poi").resolve("sample.xlsb"));

        assertThat(sheets).extracting(Taken::outcome).containsExactly("rows", "rows", "nothing in it");
        assertThat(sheets.getFirst().types()).containsExactly("TEXT", "INT64");
        assertThat(sheets.getFirst().rows())
                .hasSize(10)
                .contains(List.of("consectetuer", "666"), List.of("at", "4995"));
    }

    @Test
    void oldWorkbooksReadAsAStreamEqualThoseReadWhole() throws Exception {
        int compared = 0;
        int charts = 0;
        try (Stream<Path> files = Files.list(Taken.shared("excel-poi"))) {
            for (Path path : files.filter(file -> file.toString().endsWith(".xls"))
                    .sorted()
                    .toList()) {
                try (Workbook stream = XlsFiles.open(path);
                        Workbook whole = XlsWorkbook.open(path)) {
                    assertThat(stream.sheets()).as(path.toString()).isEqualTo(whole.sheets());
                    for (int i = 0; i < stream.sheets().size(); i++) {
                        List<String> seen = texts(stream.rows(i));
                        List<String> wanted = texts(whole.rows(i));
                        if (seen.isEmpty() && !wanted.isEmpty()) {
                            charts++;
                        } else {
                            assertThat(seen).as(path + " " + i).isEqualTo(wanted);
                            compared++;
                        }
                    }
                } catch (org.qiantang.core.Problem problem) {
                    assertThat(problem.code().id()).isIn("collect.encrypted_file", "collect.unsupported_format");
                }
            }
        }
        assertThat(compared).isGreaterThan(150);
        // Read whole, a chart's own copy of its numbers looks like cells.
        assertThat(charts).isEqualTo(3);
    }

    private static List<String> texts(Workbook.Rows rows) throws Exception {
        List<String> all = new ArrayList<>();
        while (rows.next()) {
            if (!rows.row().isBlank()) {
                StringBuilder text = new StringBuilder();
                for (int c = 0; c < rows.row().width(); c++) {
                    text.append(rows.row().kind(c))
                            .append(' ')
                            .append(rows.row().asString(c))
                            .append('|');
                }
                all.add(text.toString().replaceAll("(EMPTY \\|)+$", ""));
            }
        }
        return all;
    }

    @Test
    void anEntityBombInAWorkbookIsNamed() throws Exception {
        List<Taken> sheets = Taken.from(Taken.shared("excel-poi").resolve("54764-2.xlsx"));

        assertThat(sheets.getFirst().outcome()).isEqualTo("collect.corrupt_file");
    }
}

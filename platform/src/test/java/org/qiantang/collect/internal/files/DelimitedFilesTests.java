package org.qiantang.collect.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.internal.Connector;
import org.qiantang.core.Problem;
import org.qiantang.lake.BatchContents;

class DelimitedFilesTests {
    @TempDir
    Path folder;

    @Test
    void everyValueOfATypedColumnIsWhatTheFileSays() throws Exception {
        Taken table = take("""
                整数,金额,比率,日期,时刻,真假,身份证号,电话,编号,名称
                1,10.50,0.5,2024-02-29,2024-01-01 08:00:00,true,330106199001011234,13812345678,001,甲
                -20,0.01,12.25,1999-12-31,2024-12-31 23:59:59,false,33010619900101123X,13912345678,002,
                ,,,,,,,,,
                """);

        assertThat(table.types())
                .containsExactly(
                        "INT64",
                        "DECIMAL(18,2)",
                        "FLOAT64",
                        "DATE",
                        "TIMESTAMP",
                        "BOOL",
                        "TEXT",
                        "TEXT",
                        "TEXT",
                        "TEXT");
        assertThat(table.rows().get(0))
                .containsExactly(
                        "1",
                        "10.50",
                        "0.5",
                        "2024-02-29",
                        "2024-01-01 08:00:00",
                        "true",
                        "330106199001011234",
                        "13812345678",
                        "001",
                        "甲");
        assertThat(table.rows().get(1)).endsWith("13912345678", "002", "").startsWith("-20", "0.01", "12.25");
        assertThat(table.rows().get(2)).containsExactly(null, null, null, null, null, null, "", "", "", "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "007|TEXT",
                "+1|TEXT",
                "-0|TEXT",
                "1e5|TEXT",
                "1,234|TEXT",
                "2024-02-30|TEXT",
                "2024-1-1|TEXT",
                "2024-01-01T00:00:00|TEXT",
                "24:00:00|TEXT",
                "TRUE|TEXT",
                "NaN|TEXT",
                "330106|TEXT",
                "12345678901234567890|TEXT",
                "0.10|DECIMAL(18,2)",
                "-0.00|TEXT",
                "12345678901234567.89|DECIMAL(38,2)",
                "42|INT64",
                "0|INT64",
                "2024-02-29|DATE",
                "0001-01-01|DATE",
            })
    void onlyWhatComesBackExactlyIsTyped(String value, String type) throws Exception {
        Taken table = take("a;b\n" + value + ";x\n");

        assertThat(table.types().get(0)).isEqualTo(type);
        assertThat(table.rows()).containsExactly(List.of(value, "x"));
    }

    @Test
    void aTrailingZeroAmongMixedScalesStaysText() throws Exception {
        assertThat(take("a,b\n1.5,1\n2.50,2\n").types()).containsExactly("TEXT", "INT64");
        assertThat(take("a,b\n1.5,1\n2.25,2\n").types()).containsExactly("FLOAT64", "INT64");
        assertThat(take("a,b\n1.50,1\n2.25,2\n").types()).containsExactly("DECIMAL(18,2)", "INT64");
    }

    @Test
    void digitsOfConstantWidthAreCodesUnlessTheirNameSaysQuantity() throws Exception {
        Taken table = take("区划,人口,电话,序号\n330102,961635,87654321,1\n330105,979938,13812345678,2\n");

        assertThat(table.types()).containsExactly("TEXT", "INT64", "TEXT", "INT64");
    }

    @Test
    void aTypeIsFoundInTheWholeFileAndNotInItsBeginning() throws Exception {
        StringBuilder text = new StringBuilder("n,t\n");
        for (int i = 0; i < 100_000; i++) {
            text.append(i).append(",x\n");
        }
        text.append("unknown,x\n");

        assertThat(take(text.toString()).types()).containsExactly("TEXT", "TEXT");
    }

    @Test
    void raggedRowsAreRejectedWithTheirLineAndText() throws Exception {
        Taken table = take("id,name,place\n1,a,b\n2,c\n\n3,\"d\nd\",e\n4,f,g,h\n5,i,j\n");

        assertThat(table.rows()).extracting(List::getFirst).containsExactly("1", "3", "5");
        assertThat(table.rejects())
                .extracting(Connector.RejectedRow::where, Connector.RejectedRow::code, Connector.RejectedRow::raw)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("line 3", "collect.ragged_row", "2,c"),
                        org.assertj.core.groups.Tuple.tuple("line 7", "collect.ragged_row", "4,f,g,h"));
    }

    @Test
    void anUnclosedQuoteCostsItsLineAndNotTheFile() throws Exception {
        Taken table = take("id,name\n1,a\n2,\"open\n3,c\n4,d\n5,\"e\"\n6,f\n");

        assertThat(table.rejects()).singleElement().satisfies(reject -> {
            assertThat(reject.where()).isEqualTo("line 3");
            assertThat(reject.code()).isEqualTo("collect.unclosed_quote");
            assertThat(reject.raw()).isEqualTo("2,\"open");
        });
        assertThat(table.rows()).extracting(List::getFirst).containsExactly("1", "3", "4", "5", "6");
    }

    @Test
    void anUnclosedQuoteAtTheEndCostsItsLineOnly() throws Exception {
        Taken table = take("id,name\n1,a\n2,\"open\n3,c\n4,d");

        assertThat(table.rejects())
                .singleElement()
                .satisfies(reject -> assertThat(reject.code()).isEqualTo("collect.unclosed_quote"));
        assertThat(table.rows()).extracting(List::getFirst).containsExactly("1", "3", "4");
    }

    @Test
    void textAfterAClosingQuoteIsRejected() throws Exception {
        Taken table = take("id,name,x\n1,\"a\"b,c\n2,\"d\",e\n3,\"g\",h\n");

        assertThat(table.rejects()).singleElement().satisfies(reject -> {
            assertThat(reject.code()).isEqualTo("collect.stray_quote");
            assertThat(reject.raw()).isEqualTo("1,\"a\"b,c");
        });
        assertThat(table.rows()).hasSize(2);
    }

    @Test
    void aRowAboveTheLimitIsRejectedAndTheNextIsRead() throws Exception {
        Path file = folder.resolve("long.csv");
        byte[] chunk = "x".repeat(1 << 20).getBytes(UTF_8);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write("id,name\n1,a\n2,".getBytes(UTF_8));
            for (int i = 0; i < 40; i++) {
                out.write(chunk);
            }
            out.write("\n3,c\n4,\"".getBytes(UTF_8));
            for (int i = 0; i < 20; i++) {
                out.write(chunk);
                out.write('\n');
            }
            out.write("\"\n5,d\n".getBytes(UTF_8));
        }

        Taken table = Taken.one(file);

        assertThat(table.rows()).extracting(List::getFirst).containsExactly("1", "3", "5");
        assertThat(table.rejects().getFirst().code()).isEqualTo("collect.row_too_long");
        assertThat(table.rejects().getFirst().raw()).hasSizeLessThanOrEqualTo(64 << 10);
        assertThat(table.rejects()).extracting(Connector.RejectedRow::code).contains("collect.unclosed_quote");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "GB18030", "UTF-16LE", "UTF-16BE", "UTF-32LE"})
    void theSameTableInAnyEncodingIsTheSame(String charset) throws Exception {
        String text = "姓名,地址\n王伟,杭州市西湖区\n李娜,𠮷祥路1号\n";
        String mark = charset.startsWith("UTF-16") || charset.startsWith("UTF-32") ? "\ufeff" : "";
        Path file = folder.resolve("t.csv");
        Files.write(file, (mark + text).getBytes(Charset.forName(charset)));

        Taken table = Taken.one(file);

        assertThat(table.names()).containsExactly("姓名", "地址");
        assertThat(table.rows()).containsExactly(List.of("王伟", "杭州市西湖区"), List.of("李娜", "𠮷祥路1号"));
        assertThat(table.object().details()).containsEntry("encoding", charset);
    }

    @Test
    void westernTextIsReadAsALastResortAndSaysSo() throws Exception {
        Path file = folder.resolve("t.csv");
        Files.write(file, "nom;ville\nRené;Orléans\nZoé;Évry\n".getBytes(Charset.forName("windows-1252")));

        Taken table = Taken.one(file);

        assertThat(table.rows()).containsExactly(List.of("René", "Orléans"), List.of("Zoé", "Évry"));
        assertThat(table.object().details()).containsEntry("encoding", "windows-1252");
        assertThat(table.object().details().get("encodingEvidence")).contains("last resort");
    }

    @Test
    void aFewBadBytesDoNotSpoilAChineseFile() throws Exception {
        StringBuilder text = new StringBuilder("编号,名称\n");
        for (int i = 0; i < 200; i++) {
            text.append(i).append(",杭州市西湖区\n");
        }
        byte[] bytes = (text + "200,X\n").getBytes(UTF_8);
        bytes[bytes.length - 2] = (byte) 0xff;
        Path file = folder.resolve("t.csv");
        Files.write(file, bytes);

        Taken table = Taken.one(file);

        assertThat(table.rows()).hasSize(200).contains(List.of("7", "杭州市西湖区"));
        assertThat(table.rejects())
                .singleElement()
                .satisfies(reject -> assertThat(reject.code()).isEqualTo("collect.invalid_encoding"));
    }

    @Test
    void aTitleAboveTheHeaderIsKeptAsARemark() throws Exception {
        Taken table = take("杭州市2024年统计表\n区,人口\n西湖,1\n上城,2\n余杭,3\n");

        assertThat(table.names()).containsExactly("区", "人口");
        assertThat(table.object().details()).containsEntry("preamble", "杭州市2024年统计表");
        assertThat(table.rows()).hasSize(3);
    }

    @Test
    void gzipIsReadAsTheTableInIt() throws Exception {
        Path file = folder.resolve("a.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write("id,name\n1,a\n".getBytes(UTF_8));
        }

        Taken table = Taken.one(file);

        assertThat(table.object().lakeName()).isEqualTo("a");
        assertThat(table.rows()).containsExactly(List.of("1", "a"));
    }

    @Test
    void aBrokenGzipIsNamedAsCorrupt() throws Exception {
        Path whole = folder.resolve("a.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
            Random random = new Random(1);
            for (int i = 0; i < 10_000; i++) {
                out.write((random.nextLong() + ",x\n").getBytes(UTF_8));
            }
        }
        Files.write(whole, java.util.Arrays.copyOf(Files.readAllBytes(whole), 20_000));

        assertThat(Taken.one(whole).unreadable())
                .hasValueSatisfying(why -> assertThat(why.code()).isEqualTo("collect.corrupt_file"));
    }

    @Test
    void aFileThatChangesAfterDiscoveryIsRefused() throws Exception {
        Path file = folder.resolve("a.csv");
        Files.writeString(file, "id,name\n1,a\n");
        try (Connector connector = FolderConnector.open(folder)) {
            SourceObject object = connector.discover().getFirst();
            Files.writeString(file, "id,name\n1,a\n2,b\n");

            assertThatThrownBy(
                            () -> connector.open(object, connector.parts(object).getFirst(), reject -> {}))
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.code().id()).isEqualTo("collect.source_changed"));
        }
    }

    @Test
    void namesComeFromFoldersAndFilesAndNeverCollide() throws Exception {
        Files.createDirectories(folder.resolve("卫健/2024"));
        Files.writeString(folder.resolve("医院.csv"), "a,b\n1,x\n");
        Files.writeString(folder.resolve("医院.tsv"), "a\tb\n1\tx\n");
        Files.writeString(folder.resolve("卫健/2024/医院.csv"), "a,b\n1,x\n");
        Files.writeString(folder.resolve("A.csv"), "a,b\n1,x\n");
        Files.writeString(folder.resolve("a.json"), "{}");

        List<Taken> all = Taken.from(folder);

        assertThat(all)
                .extracting(
                        one -> one.object().qualifiedName(), one -> one.object().lakeName(), Taken::outcome)
                .containsExactlyInAnyOrder(
                        org.assertj.core.groups.Tuple.tuple("A.csv", "A", "rows"),
                        org.assertj.core.groups.Tuple.tuple("a.json", "a_2", "rows"),
                        org.assertj.core.groups.Tuple.tuple("卫健/2024.医院.csv", "卫健__2024__医院", "rows"),
                        org.assertj.core.groups.Tuple.tuple("医院.csv", "医院", "rows"),
                        org.assertj.core.groups.Tuple.tuple("医院.tsv", "医院_2", "rows"));
    }

    @Test
    void aLinkOutOfTheFolderIsNamedAndNotFollowed() throws Exception {
        Path outside = Files.createTempFile("outside", ".csv");
        Files.writeString(outside, "secret,x\n1,2\n");
        Path inner = Files.createDirectory(folder.resolve("in"));
        Files.writeString(inner.resolve("a.csv"), "id,name\n1,a\n");
        Files.createSymbolicLink(inner.resolve("b.csv"), outside);
        Files.createSymbolicLink(inner.resolve("c.csv"), inner.resolve("a.csv"));
        Files.createSymbolicLink(inner.resolve("loop"), inner);

        List<Taken> all = Taken.from(inner);

        assertThat(all)
                .extracting(Taken::outcome)
                .containsExactly("rows", "collect.symbolic_link", "nothing in it", "nothing in it");
        Files.delete(outside);
    }

    @Test
    void randomTablesInRandomDialectsComeBackAsTheyWere() throws Exception {
        Random random = new Random(20_241_123);
        char[] delimiters = {',', ';', '\t', '|'};
        String[] ends = {"\n", "\r\n", "\r"};
        String[] charsets = {"UTF-8", "UTF-8", "GB18030", "UTF-16LE"};
        String alphabet = "abcXYZ 0123456789.,;|\t\"'\n-杭州市西湖𠮷é";
        for (int round = 0; round < 400; round++) {
            char delimiter = delimiters[random.nextInt(delimiters.length)];
            String end = ends[random.nextInt(ends.length)];
            String charset = charsets[random.nextInt(charsets.length)];
            int width = 2 + random.nextInt(6);
            int height = 5 + random.nextInt(60);
            boolean quoteAll = random.nextBoolean();
            List<List<String>> rows = new ArrayList<>();
            StringBuilder text = new StringBuilder(charset.startsWith("UTF-16") ? "\ufeff" : "");
            List<String> header = new ArrayList<>();
            for (int c = 0; c < width; c++) {
                header.add("名" + c);
            }
            write(text, header, delimiter, end, quoteAll);
            for (int r = 0; r < height; r++) {
                List<String> row = new ArrayList<>();
                for (int c = 0; c < width; c++) {
                    row.add(c == 0 ? Integer.toString(r) : value(random, alphabet));
                }
                rows.add(row);
                write(text, row, delimiter, end, quoteAll);
            }
            Path file = folder.resolve("random.csv");
            Files.write(file, text.toString().getBytes(Charset.forName(charset)));

            Taken table = Taken.one(file);

            String what = "round " + round + " " + delimiter + " " + charset + " "
                    + table.object().details();
            assertThat(table.rejects()).as(what).isEmpty();
            assertThat(table.names()).as(what).isEqualTo(header);
            assertThat(table.rows()).as(what).hasSize(height);
            for (int r = 0; r < height; r++) {
                for (int c = 0; c < width; c++) {
                    @Nullable String read = table.rows().get(r).get(c);
                    assertThat(read == null ? "" : read)
                            .as(what)
                            .isEqualTo(rows.get(r).get(c));
                }
            }
        }
    }

    @Test
    void aMillionRowsNeedNoMoreMemoryThanAFew() throws Exception {
        Path file = folder.resolve("million.csv");
        writeTable(file, 1_000_000);

        long before = used();
        long peak = before;
        try (Connector connector = FolderConnector.open(file)) {
            SourceObject object = connector.discover().getFirst();
            try (Connector.PartReader reader =
                    connector.open(object, connector.parts(object).getFirst(), reject -> {})) {
                BatchContents batch = new BatchContents(object.columns().stream()
                        .map(SourceObject.SourceColumn::column)
                        .toList());
                long rows = 0;
                int batches = 0;
                for (int n = batch.read(reader); n > 0; n = batch.read(reader)) {
                    rows += n;
                    if (++batches % 100 == 0) {
                        peak = Math.max(peak, used());
                    }
                }
                assertThat(rows).isEqualTo(1_000_000);
                assertThat(reader.bytesRead()).isEqualTo(Files.size(file));
            }
        }
        assertThat(peak - before).isCloseTo(0, within(24L << 20));
    }

    static void writeTable(Path file, int rows) throws IOException {
        Random random = new Random(7);
        try (OutputStream out = new java.io.BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            out.write("id,身份证号,姓名,地址,电话,金额,比率,日期,更新时间,备注\n".getBytes(UTF_8));
            for (int i = 0; i < rows; i++) {
                out.write((i + ",33010619900101" + (1000 + random.nextInt(9000)) + ",王伟" + i + ",\"杭州市西湖区文三路" + i
                                + "号, 3幢\",138" + (10_000_000 + random.nextInt(89_999_999)) + ","
                                + random.nextInt(100_000) + "." + (10 + random.nextInt(90)) + ","
                                + random.nextInt(100) / 4.0 + ",2024-01-" + (10 + random.nextInt(20))
                                + ",2024-01-01 08:00:"
                                + (10 + random.nextInt(50)) + ",办理情况良好\n")
                        .getBytes(UTF_8));
            }
        }
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static String value(Random random, String alphabet) {
        int[] points = alphabet.codePoints().toArray();
        StringBuilder value = new StringBuilder("v");
        for (int n = random.nextInt(12); n > 0; n--) {
            value.appendCodePoint(points[random.nextInt(points.length)]);
        }
        return random.nextInt(8) == 0 ? "" : value.toString();
    }

    private static void write(StringBuilder out, List<String> row, char delimiter, String end, boolean quoteAll) {
        for (int c = 0; c < row.size(); c++) {
            String value = row.get(c);
            boolean quote = quoteAll
                    || value.indexOf(delimiter) >= 0
                    || value.indexOf('"') >= 0
                    || value.indexOf('\n') >= 0
                    || value.indexOf('\r') >= 0;
            out.append(c == 0 ? "" : delimiter);
            out.append(quote ? "\"" + value.replace("\"", "\"\"") + "\"" : value);
        }
        out.append(end);
    }

    private Taken take(String text) throws Exception {
        Path file = folder.resolve("table.csv");
        Files.writeString(file, text);
        return Taken.one(file);
    }
}

package org.qiantang.collect.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class XmlFilesTests {
    @TempDir
    Path folder;

    @Test
    void elementsThatRepeatBelowTheRootAreTheRows() throws Exception {
        Taken table = xml("""
                <?xml version="1.0" encoding="UTF-8"?>
                <!-- 导出 -->
                <企业>
                  <企业信息 id="1" 状态="在业"><名称>甲 &amp; 乙<![CDATA[ <有限>]]></名称><注册资本>100.50</注册资本></企业信息>
                  <企业信息 id="2"><注册资本>9.00</注册资本><名称/><成立日期>2024-02-29</成立日期></企业信息>
                </企业>
                """);

        assertThat(table.names()).containsExactly("id", "状态", "名称", "注册资本", "成立日期");
        assertThat(table.types()).containsExactly("INT64", "TEXT", "TEXT", "DECIMAL(18,2)", "DATE");
        assertThat(table.rows())
                .containsExactly(
                        Arrays.asList("1", "在业", "甲 & 乙 <有限>", "100.50", null),
                        Arrays.asList("2", null, "", "9.00", "2024-02-29"));
    }

    @Test
    void whatIsNestedOrRepeatedInARecordIsKeptAsItIsWritten() throws Exception {
        Taken table = xml("""
                <r><p><n>a</n><t>1</t><t >2</t><x k="a>b"/><m>say <b>it</b></m></p><p><n>b</n><t>3</t></p></r>""");

        assertThat(table.names()).containsExactly("n", "t", "x", "m");
        assertThat(table.rows())
                .containsExactly(
                        List.of("a", "<t>1</t><t >2</t>", "<x k=\"a>b\"/>", "<m>say <b>it</b></m>"),
                        Arrays.asList("b", "3", null, null));
    }

    @Test
    void recordsWithinAWrapperAreFoundAndWhatIsAroundThemIsKept() throws Exception {
        Taken table = xml("""
                <s:Envelope xmlns:s="http://x"><s:Body><answer total="2"><code>0</code>
                  <items><item><id>1</id></item><item><id>2</id></item></items></answer></s:Body></s:Envelope>""");

        assertThat(table.names()).containsExactly("id");
        assertThat(table.rows()).containsExactly(List.of("1"), List.of("2"));
        assertThat(table.object().details())
                .containsEntry("records", "each s:Envelope/s:Body/answer/items/item")
                .hasEntrySatisfying(
                        "around",
                        around -> assertThat(around)
                                .contains("<answer total=\"2\"><code>0</code>")
                                .doesNotContain("<id>"));
    }

    @Test
    void severalNamesSideBySideAreRowsOfOneTable() throws Exception {
        Taken table = xml("<osm v='1'><node id='1'/><way id='2' k='x'/><node id='3'>t</node><way id='4'/></osm>");

        assertThat(table.names()).containsExactly("#element", "id", "k", "#text");
        assertThat(table.rows())
                .containsExactly(
                        Arrays.asList("node", "1", null, null),
                        Arrays.asList("way", "2", "x", null),
                        Arrays.asList("node", "3", null, "t"),
                        Arrays.asList("way", "4", null, null));
    }

    @Test
    void aDocumentWithoutRepetitionIsOneRecord() throws Exception {
        Taken table = xml("<证照 编号='1' 名称='x'><名称>营业执照</名称><持有人><姓名>张三</姓名></持有人></证照>");

        assertThat(table.names()).containsExactly("编号", "@名称", "名称", "持有人");
        assertThat(table.rows()).containsExactly(List.of("1", "x", "营业执照", "<持有人><姓名>张三</姓名></持有人>"));
    }

    @Test
    void plainTextsAreValuesAndNilIsNull() throws Exception {
        Taken values = xml("<l><v>1</v><v>2</v></l>");
        Taken nil = xml(
                "<l xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><r><a xsi:nil='true'/><b>1</b></r><r><a>x</a></r></l>");

        assertThat(values.names()).containsExactly("value");
        assertThat(values.rows()).containsExactly(List.of("1"), List.of("2"));
        assertThat(nil.rows()).containsExactly(Arrays.asList(null, "1"), Arrays.asList("x", null));
    }

    @ParameterizedTest
    @CsvSource({"UTF-8,UTF-8", "GBK,GB18030", "gb2312,GB18030", "UTF-16,UTF-16LE", "Big5,Big5", "ISO-8859-1,ISO-8859-1"
    })
    void everyEncodingIsUnderstood(String declared, String found) throws Exception {
        String value = declared.startsWith("ISO") ? "Köln" : "中文";
        String text = (declared.equals("UTF-16") ? "\ufeff" : "") + "<?xml version='1.0' encoding='" + declared
                + "'?>\n<r><a><n>" + value + "</n></a><a><n>x</n></a></r>";
        Charset charset = declared.equals("UTF-16") ? Charset.forName("UTF-16LE") : Charset.forName(declared);
        Files.write(folder.resolve("x.xml"), text.getBytes(charset));

        Taken table = Taken.one(folder.resolve("x.xml"));

        assertThat(table.rows()).containsExactly(List.of(value), List.of("x"));
        assertThat(table.object().details()).containsEntry("encoding", found);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE r [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><r><v>&b;</v><v/></r>",
                "<!DOCTYPE r SYSTEM 'file:///etc/passwd'><r><v/><v/></r>",
                "<r><v>&nowhere;</v><v/></r>",
                "<r><v></w></r>",
                "<r><v>",
                "<r/><r/>",
                "text",
                "<r><v a='1' a='2'/></r>",
                "<r>\u0001</r>",
            })
    void whatIsNotXmlOrUsesEntitiesIsRefused(String text) throws Exception {
        assertThat(xml(text).outcome()).isEqualTo("collect.corrupt_file");
    }

    @Test
    void nestingHasAnEnd() throws Exception {
        Taken refused = xml("<r><v/><v>" + "<a>".repeat(100_000) + "</a>".repeat(100_000) + "</v></r>");

        assertThat(refused.outcome()).isEqualTo("collect.corrupt_file");
        assertThat(refused.unreadable().orElseThrow().reason()).contains("512 levels");
    }

    @Test
    void aFileOfAnyLengthNeedsTheMemoryOfARecord() throws Exception {
        Path file = folder.resolve("long.xml");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("<rows>");
            for (int i = 0; i < 200_000; i++) {
                out.write("\n  <row id=\"" + i + "\"><name>名称" + i + "</name><p><x>1</x></p></row>");
            }
            out.write("\n</rows>");
        }

        Taken table = Taken.one(file);

        assertThat(table.rowCount()).isEqualTo(200_000);
        assertThat(table.rows().get(40_000)).containsExactly("40000", "名称40000", "<p><x>1</x></p>");
    }

    @Test
    void aRecordTooLargeToHoldIsNamed() throws Exception {
        Path file = folder.resolve("large.xml");
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("<rows><row>");
            out.write("<v/>".repeat(CsvParser.MAX_RECORD / 4 + (1 << 20)));
            out.write("</row><row/></rows>");
        }

        assertThat(Taken.one(file).outcome()).isEqualTo("collect.file_too_large");
    }

    private Taken xml(String text) throws Exception {
        Path file = folder.resolve("x.xml");
        Files.writeString(file, text, UTF_8);
        return Taken.one(file);
    }
}

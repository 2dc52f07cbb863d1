package org.qiantang.collect.internal.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.poi.hssf.usermodel.HSSFCellStyle;
import org.apache.poi.hssf.usermodel.HSSFSheet;
import org.apache.poi.hssf.usermodel.HSSFWorkbook;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.internal.Connector;
import org.qiantang.lake.BatchContents;

class WorkbookFilesTests {
    private static final String STYLES = """
            <styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>
            <numFmt numFmtId="165" formatCode="yyyy-mm-dd hh:mm:ss"/><numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts>
            <cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/><xf numFmtId="166"/></cellXfs>
            </styleSheet>""";

    @TempDir
    Path folder;

    @Test
    void cellsAreNumbersDatesTimesAndTexts() throws Exception {
        Path file = workbook(
                "",
                "<si><t>名称</t></si><si><r><t>红</t></r><r><t>色</t></r><rPh><t>hong</t></rPh></si><si><t>a_x000D_b</t></si>",
                """
                <row r="3"><c r="B3" t="s"><v>0</v></c><c r="C3" t="inlineStr"><is><t>数</t></is></c><c r="D3" t="str"><v>比率</v></c>
                <c r="E3" t="str"><v>日</v></c><c r="F3" t="str"><v>时刻</v></c><c r="G3" t="str"><v>时</v></c><c r="H3" t="str"><v>对</v></c><c r="I3" t="str"><v>混合</v></c></row>
                <row r="4"><c r="B4" t="s"><v>1</v></c><c r="C4"><v>12</v></c><c r="D4"><v>0.1</v></c><c r="E4" s="2"><v>45351</v></c>
                <c r="F4" s="3"><v>45351.5</v></c><c r="G4" s="4"><v>0.75</v></c><c r="H4" t="b"><v>1</v></c><c r="I4"><v>3.5</v></c></row>
                <row r="5"/>
                <row r="6"><c r="B6" t="s"><v>2</v></c><c r="C6"><f>C4*2</f><v>24</v></c><c r="D6"><v>2</v></c><c r="E6" s="1"><v>1</v></c>
                <c r="F6" s="3"><v>45351.520833333336</v></c><c r="H6" t="b"><v>0</v></c><c r="I6" t="e"><v>#REF!</v></c></row>""");

        Taken sheet = Taken.one(file);

        assertThat(sheet.names()).containsExactly("名称", "数", "比率", "日", "时刻", "时", "对", "混合");
        assertThat(sheet.types())
                .containsExactly("TEXT", "INT64", "FLOAT64", "DATE", "TIMESTAMP", "TIME", "BOOL", "TEXT");
        assertThat(sheet.rows().get(0))
                .containsExactly("红色", "12", "0.1", "2024-02-29", "2024-02-29 12:00:00", "18:00", "true", "3.5");
        assertThat(sheet.rows().get(1))
                .containsExactly("a\rb", "24", "2", "1900-01-01", "2024-02-29 12:30:00", null, "false", "#REF!");
        assertThat(sheet.object().lakeName()).isEqualTo("book");
    }

    @Test
    void datesCountFrom1904WhereTheWorkbookSaysSo() throws Exception {
        Path file = workbook(
                "<workbookPr date1904=\"1\"/>",
                "",
                "<row><c t=\"str\"><v>日期</v></c></row><row><c s=\"1\"><v>0</v></c></row><row><c s=\"1\"><v>43889</v></c></row>");

        assertThat(Taken.one(file).rows()).containsExactly(List.of("1904-01-01"), List.of("2024-02-29"));
    }

    @Test
    void elapsedHoursAndImpossibleDatesStayNumbers() throws Exception {
        Path file = workbook(
                "",
                "",
                "<row><c t=\"str\"><v>时长</v></c><c t=\"str\"><v>日</v></c></row><row><c s=\"5\"><v>1.5</v></c><c s=\"1\"><v>-3</v></c></row>");

        assertThat(Taken.one(file).rows()).containsExactly(List.of("1.5", "-3"));
    }

    @Test
    void aMillionRowsAreReadAsAStream() throws Exception {
        Path file = folder.resolve("million.xlsx");
        int rows = 1_000_000;
        try (ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            zip.setLevel(1);
            frame(zip, "", 1);
            part(zip, "xl/styles.xml", STYLES);
            zip.putNextEntry(new ZipEntry("xl/sharedStrings.xml"));
            zip.write("<sst>".getBytes(UTF_8));
            for (int i = 0; i < rows; i++) {
                zip.write(("<si><t>杭州市西湖区文三路" + i + "号</t></si>").getBytes(UTF_8));
            }
            zip.write("</sst>".getBytes(UTF_8));
            zip.closeEntry();
            zip.putNextEntry(new ZipEntry("xl/worksheets/sheet1.xml"));
            zip.write("<worksheet><sheetData><row><c t=\"str\"><v>地址</v></c><c t=\"str\"><v>n</v></c></row>"
                    .getBytes(UTF_8));
            for (int i = 0; i < rows; i++) {
                zip.write(
                        ("<row><c t=\"s\"><v>" + i + "</v></c><c><v>" + i + "</v></c><c s=\"1\"><v>45351</v></c></row>")
                                .getBytes(UTF_8));
            }
            zip.write("</sheetData></worksheet>".getBytes(UTF_8));
            zip.closeEntry();
        }

        long before = used();
        long peak = before;
        long read = 0;
        try (Connector connector = FolderConnector.open(file)) {
            SourceObject object = connector.discover().getFirst();
            try (Connector.PartReader reader =
                    connector.open(object, connector.parts(object).getFirst(), reject -> {})) {
                BatchContents batch = new BatchContents(object.columns().stream()
                        .map(SourceObject.SourceColumn::column)
                        .toList());
                int batches = 0;
                for (int n = batch.read(reader); n > 0; n = batch.read(reader)) {
                    if (read == 0) {
                        assertThat(batch.text(0, 7)).isEqualTo("杭州市西湖区文三路7号");
                    }
                    read += n;
                    if (++batches % 100 == 0) {
                        peak = Math.max(peak, used());
                    }
                }
                assertThat(object.estimatedRows()).hasValue(rows);
            }
        }
        assertThat(read).isEqualTo(rows);
        assertThat(peak - before).isLessThan(48L << 20);
    }

    @Test
    void documentTypesAreRefused() throws Exception {
        Path file = workbook(
                "",
                "",
                "<row><c t=\"str\"><v>&x;</v></c></row>",
                "<!DOCTYPE worksheet [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>");

        assertThat(Taken.one(file).unreadable()).hasValueSatisfying(why -> {
            assertThat(why.code()).isEqualTo("collect.corrupt_file");
            assertThat(why.reason()).contains("document type");
        });
    }

    @Test
    void aBombIsRefusedBeforeItUnpacks() throws Exception {
        Path file = folder.resolve("bomb.xlsx");
        byte[] chunk = new byte[1 << 20];
        java.util.Arrays.fill(chunk, (byte) ' ');
        try (ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            frame(zip, "", 1);
            zip.putNextEntry(new ZipEntry("xl/worksheets/sheet1.xml"));
            zip.write("<worksheet><sheetData>".getBytes(UTF_8));
            for (int i = 0; i < 1100; i++) {
                zip.write(chunk);
            }
            zip.closeEntry();
        }

        assertThat(Taken.one(file).unreadable())
                .hasValueSatisfying(why -> assertThat(why.code()).isEqualTo("collect.file_too_large"));
    }

    @Test
    void aHalfWorkbookIsNamedAsCorrupt() throws Exception {
        Path file = workbook("", "", "<row><c><v>1</v></c></row>");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));

        assertThat(Taken.one(file).unreadable())
                .hasValueSatisfying(why -> assertThat(why.code()).isEqualTo("collect.corrupt_file"));
    }

    @Test
    void sheetsBecomeTablesAndHiddenOnesAreTold() throws Exception {
        Path file = folder.resolve("人口.xls");
        try (HSSFWorkbook book = new HSSFWorkbook()) {
            HSSFSheet first = book.createSheet("2023");
            first.createRow(0).createCell(0).setCellValue("区");
            first.getRow(0).createCell(1).setCellValue("日期");
            first.createRow(1).createCell(0).setCellValue("西湖");
            HSSFCellStyle date = book.createCellStyle();
            date.setDataFormat(book.createDataFormat().getFormat("yyyy-mm-dd"));
            first.getRow(1).createCell(1).setCellValue(45351);
            first.getRow(1).getCell(1).setCellStyle(date);
            HSSFSheet second = book.createSheet("2024");
            second.createRow(0).createCell(0).setCellValue("区");
            second.createRow(1).createCell(0).setCellFormula("\"上\"&\"城\"");
            book.getCreationHelper().createFormulaEvaluator().evaluateAll();
            book.setSheetHidden(1, true);
            book.createSheet("空");
            try (OutputStream out = Files.newOutputStream(file)) {
                book.write(out);
            }
        }

        List<Taken> all = Taken.from(file);

        assertThat(all).extracting(one -> one.object().lakeName()).containsExactly("人口__2023", "人口__2024", null);
        assertThat(all)
                .extracting(one -> one.object().details().get("visibility"))
                .containsExactly("visible", "hidden", "visible");
        assertThat(all.get(0).rows()).containsExactly(List.of("西湖", "2024-02-29"));
        assertThat(all.get(1).rows()).containsExactly(List.of("上城"));
        assertThat(all.get(2).object().details()).containsKey("empty");
    }

    @Test
    void aPageNamedAsAWorkbookGivesItsTables() throws Exception {
        Path file = folder.resolve("导出.xls");
        Files.write(file, """
                <html><head><meta http-equiv=Content-Type content="text/html; charset=gb2312"><style>td{x}</style></head>
                <body><script>if (a<b) { "<td>" }</script><!-- <table> -->
                <table><tr><th>名称<th colspan=2>代码&amp;号
                <tr><td> 甲
                 公司</td><td>001</td><td>1</td></tr><tr><td>乙<br>公司</td><td>002</td><td>2&nbsp;</td></tr></table></body></html>""".getBytes(Charset.forName("GB18030")));

        Taken table = Taken.one(file);

        assertThat(table.names()).containsExactly("名称", "代码&号", "column_3");
        assertThat(table.types()).containsExactly("TEXT", "TEXT", "INT64");
        assertThat(table.rows()).containsExactly(List.of("甲 公司", "001", "1"), List.of("乙\n公司", "002", "2"));
    }

    private static long used() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private Path workbook(String properties, String shared, String rows) throws IOException {
        return workbook(properties, shared, rows, "");
    }

    private Path workbook(String properties, String shared, String rows, String prolog) throws IOException {
        Path file = folder.resolve("book.xlsx");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            frame(zip, properties, 1);
            part(zip, "xl/styles.xml", STYLES);
            part(zip, "xl/sharedStrings.xml", "<sst>" + shared + "</sst>");
            part(
                    zip,
                    "xl/worksheets/sheet1.xml",
                    prolog + "<worksheet><sheetData>" + rows + "</sheetData></worksheet>");
        }
        return file;
    }

    private static void frame(ZipOutputStream zip, String properties, int sheets) throws IOException {
        String r = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        part(
                zip,
                "_rels/.rels",
                "<Relationships><Relationship Id=\"rId1\" Type=\"" + r
                        + "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
        StringBuilder list = new StringBuilder();
        StringBuilder relations = new StringBuilder();
        for (int i = 1; i <= sheets; i++) {
            list.append("<sheet name=\"S" + i + "\" sheetId=\"" + i + "\" r:id=\"rId" + i + "\"/>");
            relations.append("<Relationship Id=\"rId" + i + "\" Type=\"" + r + "/worksheet\" Target=\"worksheets/sheet"
                    + i + ".xml\"/>");
        }
        part(
                zip,
                "xl/workbook.xml",
                "<workbook xmlns:r=\"" + r + "\">" + properties + "<sheets>" + list + "</sheets></workbook>");
        part(
                zip,
                "xl/_rels/workbook.xml.rels",
                "<Relationships>" + relations + "<Relationship Id=\"s\" Type=\"" + r
                        + "/sharedStrings\" Target=\"sharedStrings.xml\"/><Relationship Id=\"t\" Type=\"" + r
                        + "/styles\" Target=\"styles.xml\"/></Relationships>");
    }

    private static void part(ZipOutputStream zip, String name, String text) throws IOException {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(text.getBytes(UTF_8));
        zip.closeEntry();
    }
}

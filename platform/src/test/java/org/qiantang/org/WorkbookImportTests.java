package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.org.ImportKind.DEPARTMENTS;
import static org.qiantang.org.ImportKind.DIVISIONS;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.poi.ss.usermodel.Cell;
import org.apache.poi.ss.usermodel.CellStyle;
import org.apache.poi.ss.usermodel.Row;
import org.apache.poi.ss.usermodel.Sheet;
import org.apache.poi.xssf.usermodel.XSSFWorkbook;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;

/** The organisation from a workbook as an office program saves it, written here by another library than reads it. */
class WorkbookImportTests {
    private static final Actor SYSTEM = new Actor("sysadmin", "10.0.0.1");

    private Organisations city;
    private XSSFWorkbook workbook;

    @BeforeEach
    void open() {
        city = new Organisations();
        workbook = new XSSFWorkbook();
    }

    /** Adds a sheet; numbers and days become cells of their kind, null leaves the cell out. */
    private void sheet(String name, Object[]... rows) {
        Sheet sheet = workbook.createSheet(name);
        CellStyle day = workbook.createCellStyle();
        day.setDataFormat(workbook.createDataFormat().getFormat("yyyy\"年\"m\"月\"d\"日\""));
        for (int at = 0; at < rows.length; at++) {
            Row row = sheet.createRow(at);
            for (int column = 0; column < rows[at].length; column++) {
                switch (rows[at][column]) {
                    case null -> {}
                    case String text -> row.createCell(column).setCellValue(text);
                    case Integer number -> row.createCell(column).setCellValue(number);
                    case LocalDate date -> {
                        Cell cell = row.createCell(column);
                        cell.setCellValue(date);
                        cell.setCellStyle(day);
                    }
                    default -> throw new IllegalArgumentException();
                }
            }
        }
    }

    private static Object[] row(Object... cells) {
        return cells;
    }

    private byte[] file() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        workbook.write(out);
        return out.toByteArray();
    }

    private ImportPlan bring(ImportKind kind, byte[] file) {
        return city.imports.apply(
                SYSTEM, kind, file, city.imports.plan(kind, file).token());
    }

    @Test
    void oneWorkbookBringsSheetAfterSheetWithCodesTypedAsNumbersAndDaysAsDays() throws IOException {
        sheet("说明", row("请勿删除"));
        sheet(
                "行政区划",
                row("代码", "名称", "上级代码", "生效日期", "失效日期"),
                row(3301, "杭州市", null, null, null),
                row(330104, "江干区", 3301, LocalDate.of(1949, 10, 1), LocalDate.of(2021, 4, 9)));
        sheet("部门", row("标识", "名称", "英文名称", "行政区划"), row("police", "公安局", "Police", 3301));
        byte[] file = file();

        ImportPlan divisions = bring(DIVISIONS, file);
        ImportPlan departments = bring(DEPARTMENTS, file);

        assertThat(divisions.sheet()).isEqualTo("行政区划");
        assertThat(divisions.counts().added()).isEqualTo(2);
        assertThat(city.divisions.tree().periods("330104").getFirst().validity())
                .isEqualTo(new Validity(LocalDate.of(1949, 10, 1), LocalDate.of(2021, 4, 9)));
        assertThat(departments.faults()).isEmpty();
        assertThat(city.departments.get("police").name()).isEqualTo("公安局");
        assertThat(city.imports.plan(DIVISIONS, file).counts().same()).isEqualTo(2);
    }

    @Test
    void aMistakeIsNamedBySheetRowAndColumnWithEmptyRowsCounted() throws IOException {
        sheet(
                "DIVISIONS",
                row("code", "name", "valid_from"),
                row(3301, "杭州市", null),
                row(),
                row("33x", "怪区", null),
                row(330106, "西湖区", "去年"));

        ImportPlan plan = city.imports.plan(DIVISIONS, file());

        assertThat(plan.sheet()).isEqualTo("DIVISIONS");
        assertThat(plan.faults().stream().map(each -> each.line() + " " + each.column() + " " + each.code()))
                .containsExactly("4 code org.line_bad_code", "5 valid_from org.line_bad_date");
    }

    @Test
    void theTemplateExplainsEveryColumnAndReadsBackAsNothingToDo() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        city.imports.writeTemplate(out);

        try (XSSFWorkbook template = new XSSFWorkbook(new ByteArrayInputStream(out.toByteArray()))) {
            List<String> names = new ArrayList<>();
            template.forEach(each -> names.add(each.getSheetName()));
            assertThat(names).containsExactly("说明 Read me", "行政区划", "部门", "岗位", "人员");
            assertThat(template.getSheet("人员").getRow(0).getCell(2).getStringCellValue())
                    .isEqualTo("电话");
            List<String> words = new ArrayList<>();
            template.getSheetAt(0).forEach(row -> row.forEach(cell -> words.add(cell.getStringCellValue())));
            for (ImportKind kind : ImportKind.values()) {
                assertThat(words)
                        .containsAll(kind.columns().stream()
                                .map(ImportKind.Column::key)
                                .toList());
            }
        }
        for (ImportKind kind : ImportKind.values()) {
            ImportPlan plan = city.imports.plan(kind, out.toByteArray());
            assertThat(plan.lines()).isEmpty();
            assertThat(plan.faults()).isEmpty();
        }
    }

    @Test
    void whatIsNoWholeWorkbookOrLacksTheSheetIsRefused() throws IOException {
        sheet("部门", row("标识", "名称", "英文名称"));
        sheet("岗位", row("标识", "部门", "名称"));
        byte[] file = file();

        unreadable(DIVISIONS, file);
        unreadable(DEPARTMENTS, Arrays.copyOf(file, file.length / 2));
        unreadable(DEPARTMENTS, new byte[] {'P', 'K', 3, 4, 0, 0});
    }

    private void unreadable(ImportKind kind, byte[] file) {
        assertThatThrownBy(() -> city.imports.plan(kind, file))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(OrgProblem.IMPORT_UNREADABLE));
    }
}

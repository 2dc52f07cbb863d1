package org.qiantang.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CsvTest {
    @Test
    void noCellIsAFormulaAndNumbersStayNumbers() {
        assertThat(Csv.cell("=HYPERLINK(\"x\")")).isEqualTo("\"'=HYPERLINK(\"\"x\"\")\"");
        assertThat(Csv.cell("@SUM(A1)")).isEqualTo("'@SUM(A1)");
        assertThat(Csv.cell("-2+3")).isEqualTo("'-2+3");
        assertThat(Csv.cell("-2.5")).isEqualTo("-2.5");
        assertThat(Csv.cell("+86")).isEqualTo("+86");
        assertThat(Csv.cell("1e-3")).isEqualTo("1e-3");
        assertThat(Csv.cell("a\nb")).isEqualTo("\"a\nb\"");
        assertThat(Csv.cell("")).isEqualTo("\"\"");
        assertThat(Csv.cell("和睦小学")).isEqualTo("和睦小学");
    }

    @Test
    void whatWasWrittenIsReadAgain() {
        List<String> values = List.of("a", "x,\"y\"", "two\nlines", "", "末");
        for (String end : List.of("\n", "\r\n", "\r", "")) {
            String text = Csv.line(values, Csv.Form.EXACT) + "b,c" + end;

            assertThat(Csv.read(new java.io.StringReader(text))).containsExactly(values, List.of("b", "c"));
        }
        assertThat(Csv.read(new java.io.StringReader(""))).isEmpty();
        assertThat(Csv.read(new java.io.StringReader("a,\n\nb")))
                .containsExactly(List.of("a", ""), List.of(""), List.of("b"));
    }
}

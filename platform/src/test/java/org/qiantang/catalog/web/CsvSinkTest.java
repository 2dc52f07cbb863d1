package org.qiantang.catalog.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CsvSinkTest {
    @Test
    void noCellIsAFormulaAndNumbersStayNumbers() {
        assertThat(CsvSink.cell("=HYPERLINK(\"x\")")).isEqualTo("\"'=HYPERLINK(\"\"x\"\")\"");
        assertThat(CsvSink.cell("@SUM(A1)")).isEqualTo("'@SUM(A1)");
        assertThat(CsvSink.cell("-2+3")).isEqualTo("'-2+3");
        assertThat(CsvSink.cell("-2.5")).isEqualTo("-2.5");
        assertThat(CsvSink.cell("+86")).isEqualTo("+86");
        assertThat(CsvSink.cell("1e-3")).isEqualTo("1e-3");
        assertThat(CsvSink.cell("a\nb")).isEqualTo("\"a\nb\"");
        assertThat(CsvSink.cell("")).isEqualTo("\"\"");
        assertThat(CsvSink.cell("和睦小学")).isEqualTo("和睦小学");
    }
}

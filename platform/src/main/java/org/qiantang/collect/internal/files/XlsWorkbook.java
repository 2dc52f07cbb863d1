package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.apache.poi.hssf.usermodel.HSSFCell;
import org.apache.poi.hssf.usermodel.HSSFSheet;
import org.apache.poi.hssf.usermodel.HSSFWorkbook;
import org.apache.poi.poifs.filesystem.POIFSFileSystem;
import org.apache.poi.ss.usermodel.Cell;
import org.apache.poi.ss.usermodel.CellType;
import org.apache.poi.ss.usermodel.FormulaError;
import org.apache.poi.ss.usermodel.Row;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * A workbook of Excel 97 to 2003 whose rows are not in the order {@link XlsStream} needs. It is read whole, so its size has a limit; the
 * format itself ends at 65,536 rows a sheet.
 */
final class XlsWorkbook implements Workbook {
    private static final long LARGEST = 32L << 20;

    private final HSSFWorkbook book;
    private final List<Sheet> sheets = new ArrayList<>();
    private final ExcelDates.Epoch epoch;

    private XlsWorkbook(HSSFWorkbook book) {
        this.book = book;
        epoch = book.getInternalWorkbook().isUsing1904DateWindowing()
                ? ExcelDates.Epoch.FROM_1904
                : ExcelDates.Epoch.FROM_1900;
        for (int i = 0; i < book.getNumberOfSheets(); i++) {
            String visibility = book.isSheetVeryHidden(i) ? "veryHidden" : book.isSheetHidden(i) ? "hidden" : "visible";
            sheets.add(new Sheet(book.getSheetName(i), visibility, true));
        }
    }

    static XlsWorkbook open(Path path) throws IOException {
        long size = Files.size(path);
        if (size > LARGEST) {
            throw new Problem(
                    CollectProblem.FILE_TOO_LARGE,
                    "reason",
                    "an .xls of " + size + " bytes; up to " + LARGEST + " can be read. Save it as .xlsx.");
        }
        POIFSFileSystem container = new POIFSFileSystem(path.toFile(), true);
        try {
            return new XlsWorkbook(new HSSFWorkbook(container, false));
        } catch (IOException | RuntimeException e) {
            container.close();
            throw e;
        }
    }

    @Override
    public List<Sheet> sheets() {
        return sheets;
    }

    @Override
    public Rows rows(int sheet) {
        return new XlsRows(book.getSheetAt(sheet));
    }

    @Override
    public void close() {
        try {
            book.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private final class XlsRows implements Rows {
        private final Iterator<Row> rows;
        private final SheetRow row = new SheetRow();

        XlsRows(HSSFSheet sheet) {
            // Written by others, the rows need not be in order.
            TreeMap<Integer, Row> ordered = new TreeMap<>();
            for (Row one : sheet) {
                ordered.put(one.getRowNum(), one);
            }
            rows = ordered.values().iterator();
        }

        @Override
        public boolean next() {
            if (!rows.hasNext()) {
                return false;
            }
            row.clear();
            for (Cell cell : rows.next()) {
                CellType type = cell.getCellType();
                set((HSSFCell) cell, type == CellType.FORMULA ? cell.getCachedFormulaResultType() : type);
            }
            return true;
        }

        private void set(HSSFCell cell, CellType type) {
            int column = cell.getColumnIndex();
            switch (type) {
                case NUMERIC -> {
                    short format = cell.getCellStyle().getDataFormat();
                    String pattern = format < 164
                            ? ""
                            : String.valueOf(cell.getCellStyle().getDataFormatString());
                    row.setNumber(column, cell.getNumericCellValue(), ExcelDates.form(format, pattern), epoch);
                }
                case STRING -> row.setText(column, cell.getRichStringCellValue().getString());
                case BOOLEAN -> row.setBool(column, cell.getBooleanCellValue());
                case ERROR -> {
                    byte code = cell.getErrorCellValue();
                    row.setText(
                            column,
                            FormulaError.isValidCode(code)
                                    ? FormulaError.forInt(code).getString()
                                    : "#ERROR " + code);
                }
                case BLANK, FORMULA, _NONE -> {}
            }
        }

        @Override
        public SheetRow row() {
            return row;
        }
    }
}

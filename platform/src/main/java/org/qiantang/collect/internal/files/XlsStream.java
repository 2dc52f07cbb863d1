package org.qiantang.collect.internal.files;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.poi.hssf.record.BOFRecord;
import org.apache.poi.hssf.record.BoolErrRecord;
import org.apache.poi.hssf.record.BoundSheetRecord;
import org.apache.poi.hssf.record.CellValueRecordInterface;
import org.apache.poi.hssf.record.DateWindow1904Record;
import org.apache.poi.hssf.record.EOFRecord;
import org.apache.poi.hssf.record.ExtendedFormatRecord;
import org.apache.poi.hssf.record.FormatRecord;
import org.apache.poi.hssf.record.FormulaRecord;
import org.apache.poi.hssf.record.LabelRecord;
import org.apache.poi.hssf.record.LabelSSTRecord;
import org.apache.poi.hssf.record.NumberRecord;
import org.apache.poi.hssf.record.RKRecord;
import org.apache.poi.hssf.record.Record;
import org.apache.poi.hssf.record.RecordFactoryInputStream;
import org.apache.poi.hssf.record.SSTRecord;
import org.apache.poi.hssf.record.StringRecord;
import org.apache.poi.poifs.filesystem.DocumentInputStream;
import org.apache.poi.poifs.filesystem.POIFSFileSystem;
import org.apache.poi.ss.usermodel.FormulaError;
import org.jspecify.annotations.Nullable;

/**
 * A workbook of Excel 97 to 2003 read record by record, so that only its shared texts are in memory. Its sheets must have their rows in
 * order, as Excel writes them; {@link OutOfOrder} says that one has not, and {@link XlsWorkbook} reads those.
 */
final class XlsStream implements Workbook {
    private static final String STREAM = "Workbook";
    private static final int BUFFER = 1 << 16;
    private static final int FIRST_OWN_FORMAT = 164;
    private static final int FILE_PASS = 0x2f;
    private static final int END_OF_SUBSTREAM = 0x0a;

    private final POIFSFileSystem container;
    private final List<Sheet> sheets = new ArrayList<>();
    /** For each sheet, where its substream begins. */
    private final List<Integer> places = new ArrayList<>();

    private final List<ExcelDates.Form> styles = new ArrayList<>();
    private final boolean encrypted;
    private @Nullable SSTRecord shared;
    private ExcelDates.Epoch epoch = ExcelDates.Epoch.FROM_1900;

    private XlsStream(POIFSFileSystem container) throws IOException {
        this.container = container;
        encrypted = isEncrypted();
        List<BoundSheetRecord> bound = new ArrayList<>();
        List<Integer> formatIds = new ArrayList<>();
        Map<Integer, String> formats = new HashMap<>();
        RecordFactoryInputStream in = records();
        for (Record record = in.nextRecord();
                record != null && !(record instanceof EOFRecord);
                record = in.nextRecord()) {
            switch (record) {
                case BoundSheetRecord sheet -> bound.add(sheet);
                case SSTRecord texts -> shared = texts;
                case DateWindow1904Record window when window.getWindowing() == 1 -> epoch = ExcelDates.Epoch.FROM_1904;
                case ExtendedFormatRecord format -> formatIds.add((int) format.getFormatIndex());
                case FormatRecord format -> formats.put(format.getIndexCode(), format.getFormatString());
                default -> {}
            }
        }
        for (int id : formatIds) {
            styles.add(ExcelDates.form(id, id < FIRST_OWN_FORMAT ? "" : formats.getOrDefault(id, "")));
        }
        for (BoundSheetRecord sheet : bound) {
            String visibility = sheet.isVeryHidden() ? "veryHidden" : sheet.isHidden() ? "hidden" : "visible";
            sheets.add(new Sheet(sheet.getSheetname(), visibility, true));
            places.add(sheet.getPositionOfBof());
        }
    }

    static XlsStream open(Path path) throws IOException {
        POIFSFileSystem container = new POIFSFileSystem(path.toFile(), true);
        try {
            return new XlsStream(container);
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
    public Rows rows(int sheet) throws IOException {
        int start = places.get(sheet);
        if (!encrypted && start > 0) {
            DocumentInputStream document = container.createDocumentInputStream(STREAM);
            document.skipNBytes(start);
            return rows(new RecordFactoryInputStream(new BufferedInputStream(document, BUFFER), false), 0);
        }
        // A cipher runs on from the beginning of the stream, so all of it is read up to the sheet.
        int place = (int) places.stream().filter(other -> other < start).count();
        return rows(records(), place + 1);
    }

    /** The rows of the substream that comes after {@code before} others. */
    private Rows rows(RecordFactoryInputStream in, int before) {
        int place = 0;
        int depth = 0;
        for (Record record = in.nextRecord(); record != null; record = in.nextRecord()) {
            if (record instanceof BOFRecord begin && depth++ == 0 && place++ == before) {
                return new XlsRows(in, begin.getType() == BOFRecord.TYPE_WORKSHEET);
            }
            if (record instanceof EOFRecord) {
                depth--;
            }
        }
        return new XlsRows(in, false);
    }

    /** Whether the workbook's own records, up to the end of its substream, name a cipher. */
    private boolean isEncrypted() throws IOException {
        try (InputStream in = new BufferedInputStream(container.createDocumentInputStream(STREAM), BUFFER)) {
            for (byte[] head = in.readNBytes(4); head.length == 4; head = in.readNBytes(4)) {
                int id = (head[0] & 0xff) | (head[1] & 0xff) << 8;
                if (id == FILE_PASS || id == END_OF_SUBSTREAM) {
                    return id == FILE_PASS;
                }
                in.skipNBytes((head[2] & 0xff) | (head[3] & 0xff) << 8);
            }
            return false;
        } catch (java.io.EOFException e) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            container.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private RecordFactoryInputStream records() throws IOException {
        return new RecordFactoryInputStream(
                new BufferedInputStream(container.createDocumentInputStream(STREAM), BUFFER), false);
    }

    /** The rows of a sheet are not in order, so that they cannot be read as a stream. */
    static final class OutOfOrder extends RuntimeException {
        OutOfOrder(int row, int before) {
            super("row " + row + " comes after row " + before);
        }
    }

    private final class XlsRows implements Rows {
        private final RecordFactoryInputStream in;
        private final SheetRow row = new SheetRow();
        private @Nullable Record pending;
        private int last = -1;
        private boolean open;

        XlsRows(RecordFactoryInputStream in, boolean open) {
            this.in = in;
            this.open = open;
        }

        @Override
        public SheetRow row() {
            return row;
        }

        @Override
        public boolean next() {
            CellValueRecordInterface cell = cell();
            if (cell == null) {
                return false;
            }
            int number = cell.getRow();
            if (number <= last) {
                throw new OutOfOrder(number, last);
            }
            last = number;
            row.clear();
            while (cell != null && cell.getRow() == number) {
                pending = null;
                set(cell);
                cell = cell();
            }
            return true;
        }

        /** The next cell, which stays pending until it is taken. */
        private @Nullable CellValueRecordInterface cell() {
            int inside = 0;
            while (open) {
                Record record = pending;
                pending = null;
                if (record == null) {
                    record = in.nextRecord();
                }
                if (record == null) {
                    open = false;
                } else if (record instanceof BOFRecord) {
                    inside++;
                } else if (record instanceof EOFRecord) {
                    open = --inside >= 0;
                } else if (inside == 0 && record instanceof CellValueRecordInterface cell) {
                    pending = record;
                    return cell;
                }
            }
            return null;
        }

        private void set(CellValueRecordInterface cell) {
            int column = cell.getColumn();
            switch (cell) {
                case NumberRecord number -> number(cell, number.getValue());
                case RKRecord number -> number(cell, number.getRKNumber());
                case LabelSSTRecord text -> {
                    if (shared != null) {
                        row.setText(column, shared.getString(text.getSSTIndex()).getString());
                    }
                }
                case LabelRecord text -> row.setText(column, text.getValue());
                case BoolErrRecord value -> {
                    if (value.isError()) {
                        error(column, value.getErrorValue());
                    } else {
                        row.setBool(column, value.getBooleanValue());
                    }
                }
                case FormulaRecord formula -> {
                    switch (formula.getCachedResultTypeEnum()) {
                        case NUMERIC -> number(cell, formula.getValue());
                        case BOOLEAN -> row.setBool(column, formula.getCachedBooleanValue());
                        case ERROR -> error(column, (byte) formula.getCachedErrorValue());
                        case STRING -> row.setText(column, cachedText(formula));
                        default -> {}
                    }
                }
                default -> {}
            }
        }

        /** The text a formula gave last, which stands in a record after it, perhaps behind the formula it shares. */
        private String cachedText(FormulaRecord formula) {
            if (!formula.hasCachedResultString()) {
                return "";
            }
            for (Record record = in.nextRecord(); record != null; record = in.nextRecord()) {
                if (record instanceof StringRecord text) {
                    return text.getString();
                }
                if (record instanceof CellValueRecordInterface
                        || record instanceof EOFRecord
                        || record instanceof BOFRecord) {
                    pending = record;
                    return "";
                }
            }
            return "";
        }

        private void number(CellValueRecordInterface cell, double value) {
            int style = cell.getXFIndex();
            ExcelDates.Form form = style >= 0 && style < styles.size() ? styles.get(style) : ExcelDates.Form.NUMBER;
            row.setNumber(cell.getColumn(), value, form, epoch);
        }

        private void error(int column, byte code) {
            row.setText(
                    column,
                    FormulaError.isValidCode(code) ? FormulaError.forInt(code).getString() : "#ERROR " + code);
        }
    }
}

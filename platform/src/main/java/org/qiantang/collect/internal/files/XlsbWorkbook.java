package org.qiantang.collect.internal.files;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/** A binary workbook ([MS-XLSB]): the parts of an Office Open XML workbook with records in the place of elements, read as a stream. */
final class XlsbWorkbook implements Workbook {
    private static final int ROW = 0;
    private static final int FIRST_SHORT_CELL = 12;
    private static final int LAST_SHORT_CELL = 18;
    private static final int SHARED_TEXT = 19;
    private static final int FORMAT = 44;
    private static final int CELL_FORMAT = 47;
    private static final int CELL_RICH_TEXT = 62;
    private static final int BEGIN_SHEET_DATA = 145;
    private static final int END_SHEET_DATA = 146;
    private static final int WORKBOOK_PROPERTIES = 153;
    private static final int SHEET = 156;
    private static final int BEGIN_CELL_FORMATS = 617;
    private static final int END_CELL_FORMATS = 618;

    private static final int MOST_SHEETS = 4096;
    private static final int MOST_STYLES = 1 << 16;
    private static final int MOST_COLUMNS = 16_384;
    private static final int LONGEST_RECORD = 16 << 20;
    private static final Map<Integer, String> ERRORS = Map.of(
            0x00, "#NULL!", 0x07, "#DIV/0!", 0x0f, "#VALUE!", 0x17, "#REF!", 0x1d, "#NAME?", 0x24, "#NUM!", 0x2a,
            "#N/A");

    private final ZipFile zip;
    private final List<Sheet> sheets = new ArrayList<>();
    private final List<String> sheetParts = new ArrayList<>();
    private ExcelDates.Epoch epoch = ExcelDates.Epoch.FROM_1900;
    private final List<ExcelDates.Form> styles = new ArrayList<>();
    private @Nullable SharedTexts shared;
    private final String sharedPart;

    private XlsbWorkbook(FileBytes file, ZipFile zip, String workbookPart) throws IOException {
        this.zip = zip;
        Map<String, String> targets = new HashMap<>();
        Map<String, String> types = new HashMap<>();
        XlsxWorkbook.relations(zip, file, workbookPart, targets, types);
        sharedPart = XlsxWorkbook.target("/sharedStrings", targets, types);
        readWorkbook(workbookPart, targets, types);
        readStyles(XlsxWorkbook.target("/styles", targets, types));
    }

    static XlsbWorkbook open(FileBytes file, Path path) throws IOException {
        ZipFile zip = new ZipFile(path.toFile());
        try {
            return new XlsbWorkbook(file, zip, XlsxWorkbook.workbookPart(zip, file));
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    @Override
    public List<Sheet> sheets() {
        return sheets;
    }

    @Override
    public Rows rows(int sheet) throws IOException {
        Records records = records(sheetParts.get(sheet));
        if (records == null) {
            throw corrupt("the part of sheet " + sheets.get(sheet).name() + " is missing");
        }
        return new XlsbRows(records);
    }

    @Override
    public void close() {
        try {
            if (shared != null) {
                shared.close();
            }
            zip.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Problem corrupt(String reason) {
        return new Problem(CollectProblem.CORRUPT_FILE, "reason", reason);
    }

    private @Nullable Records records(String part) throws IOException {
        ZipEntry entry = part.isEmpty() ? null : zip.getEntry(part);
        return entry == null
                ? null
                : new Records(new BufferedInputStream(
                        new FileBytes.Guarded(zip.getInputStream(entry), entry.getCompressedSize()), 1 << 16));
    }

    private void readWorkbook(String part, Map<String, String> targets, Map<String, String> types) throws IOException {
        try (Records in = records(part)) {
            if (in == null) {
                throw corrupt("it has no workbook part");
            }
            while (in.next()) {
                if (in.type == WORKBOOK_PROPERTIES) {
                    epoch = (in.body.getInt(0) & 1) != 0 ? ExcelDates.Epoch.FROM_1904 : ExcelDates.Epoch.FROM_1900;
                } else if (in.type == SHEET && sheets.size() < MOST_SHEETS) {
                    int state = in.body.getInt(0);
                    in.body.position(8);
                    String id = in.text();
                    String name = in.text();
                    String target = targets.getOrDefault(id, "");
                    boolean cells = types.getOrDefault(id, "").endsWith("/worksheet") && !sheetParts.contains(target);
                    sheets.add(new Sheet(name, state == 0 ? "visible" : state == 1 ? "hidden" : "veryHidden", cells));
                    sheetParts.add(target);
                }
            }
        }
    }

    private void readStyles(String part) throws IOException {
        Map<Integer, String> formats = new HashMap<>();
        boolean inCellFormats = false;
        try (Records in = records(part)) {
            while (in != null && in.next()) {
                switch (in.type) {
                    case FORMAT -> {
                        int id = in.body.getShort(0) & 0xffff;
                        in.body.position(2);
                        if (formats.size() < MOST_STYLES) {
                            formats.put(id, in.text());
                        }
                    }
                    case BEGIN_CELL_FORMATS -> inCellFormats = true;
                    case END_CELL_FORMATS -> inCellFormats = false;
                    case CELL_FORMAT -> {
                        if (inCellFormats && styles.size() < MOST_STYLES) {
                            int id = in.body.getShort(2) & 0xffff;
                            styles.add(ExcelDates.form(id, formats.getOrDefault(id, "")));
                        }
                    }
                    default -> {}
                }
            }
        }
    }

    private SharedTexts shared() throws IOException {
        if (shared == null) {
            SharedTexts texts = new SharedTexts();
            shared = texts;
            try (Records in = records(sharedPart)) {
                while (in != null && in.next()) {
                    if (in.type == SHARED_TEXT) {
                        in.body.position(1);
                        texts.add(in.text().getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
            texts.end();
        }
        return shared;
    }

    /** The records of a part, one at a time. */
    private static final class Records implements java.io.Closeable {
        private final InputStream in;
        private byte[] bytes = new byte[256];
        private int type;
        private ByteBuffer body = ByteBuffer.allocate(0);

        Records(InputStream in) {
            this.in = in;
        }

        boolean next() throws IOException {
            int first = in.read();
            if (first < 0) {
                return false;
            }
            type = first < 0x80 ? first : (first & 0x7f) | (one() & 0x7f) << 7;
            int length = 0;
            for (int i = 0; i < 4; i++) {
                int part = one();
                length |= (part & 0x7f) << (7 * i);
                if (part < 0x80) {
                    break;
                }
            }
            if (length > LONGEST_RECORD) {
                throw corrupt("a record of " + length + " bytes");
            }
            if (bytes.length < length) {
                bytes = new byte[length];
            }
            if (in.readNBytes(bytes, 0, length) < length) {
                throw corrupt("it ends inside a record");
            }
            body = ByteBuffer.wrap(bytes, 0, length).slice().order(ByteOrder.LITTLE_ENDIAN);
            return true;
        }

        /** The text at the buffer's position; one of length -1 is none. */
        String text() {
            int length = body.getInt();
            if (length <= 0) {
                return "";
            }
            if (length > body.remaining() / 2) {
                throw corrupt("a text beyond its record");
            }
            String text = new String(bytes, body.position(), length * 2, StandardCharsets.UTF_16LE);
            body.position(body.position() + length * 2);
            return text;
        }

        private int one() throws IOException {
            int value = in.read();
            if (value < 0) {
                throw corrupt("it ends inside a record");
            }
            return value;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    private final class XlsbRows implements Rows {
        private final Records in;
        private final SheetRow row = new SheetRow();
        private boolean inData;
        private boolean headerRead;

        XlsbRows(Records in) {
            this.in = in;
        }

        @Override
        public SheetRow row() {
            return row;
        }

        @Override
        public boolean next() throws IOException {
            while (!headerRead) {
                if (!in.next() || in.type == END_SHEET_DATA) {
                    return false;
                }
                inData |= in.type == BEGIN_SHEET_DATA;
                headerRead = inData && in.type == ROW;
            }
            row.clear();
            int column = -1;
            while (in.next() && in.type != END_SHEET_DATA) {
                if (in.type == ROW) {
                    return true;
                }
                if (in.type <= LAST_SHORT_CELL || in.type == CELL_RICH_TEXT) {
                    boolean implied = in.type >= FIRST_SHORT_CELL && in.type <= LAST_SHORT_CELL;
                    column = implied ? column + 1 : in.body.getInt();
                    if (column < 0 || column >= MOST_COLUMNS) {
                        throw corrupt("a cell beyond column " + MOST_COLUMNS);
                    }
                    int style = in.body.getInt() & 0xffffff;
                    set(column, style, implied ? in.type - FIRST_SHORT_CELL + 1 : in.type);
                }
            }
            headerRead = false;
            inData = false;
            return true;
        }

        private void set(int column, int style, int type) throws IOException {
            ExcelDates.Form form = style < styles.size() ? styles.get(style) : ExcelDates.Form.NUMBER;
            switch (type) {
                case 2 -> row.setNumber(column, rk(in.body.getInt()), form, epoch);
                case 3, 11 -> {
                    int code = in.body.get() & 0xff;
                    row.setText(column, ERRORS.getOrDefault(code, "#ERROR " + code));
                }
                case 4, 10 -> row.setBool(column, in.body.get() != 0);
                case 5, 9 -> row.setNumber(column, in.body.getDouble(), form, epoch);
                case 6, 8 -> row.setText(column, in.text());
                case 7 -> {
                    byte[] text = shared().get(in.body.getInt());
                    if (text == null) {
                        throw corrupt("a text that is not among the shared ones");
                    }
                    row.setText(column, text);
                }
                case CELL_RICH_TEXT -> {
                    in.body.get();
                    row.setText(column, in.text());
                }
                default -> {}
            }
        }

        /** A number in 30 bits: an integer or the head of a double, perhaps of a hundredth. */
        private static double rk(int bits) {
            double value = (bits & 2) != 0 ? bits >> 2 : Double.longBitsToDouble((long) (bits & ~3) << 32);
            return (bits & 1) != 0 ? value / 100 : value;
        }
    }
}

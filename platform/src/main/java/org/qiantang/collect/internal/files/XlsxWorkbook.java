package org.qiantang.collect.internal.files;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * An Office Open XML workbook (ECMA-376, transitional and strict), read as a stream: a sheet of any number of rows needs no more memory
 * than one of a few. Document types and entities are refused, and no part may unpack without bound.
 */
final class XlsxWorkbook implements Workbook {
    private static final int MOST_SHEETS = 4096;
    private static final int MOST_STYLES = 1 << 16;
    private static final int MOST_COLUMNS = 16_384;
    private static final int LONGEST_TEXT = CsvParser.MAX_RECORD;

    private final ZipFile zip;
    private final FileBytes file;
    private final List<Sheet> sheets = new ArrayList<>();
    private final List<String> sheetParts = new ArrayList<>();
    private ExcelDates.Epoch epoch = ExcelDates.Epoch.FROM_1900;
    private ExcelDates.Form[] styles = {};
    private @Nullable SharedTexts shared;
    private final String sharedPart;

    private XlsxWorkbook(FileBytes file, ZipFile zip, String workbookPart) throws IOException, XMLStreamException {
        this.file = file;
        this.zip = zip;
        Map<String, String> targets = new HashMap<>();
        Map<String, String> types = new HashMap<>();
        relations(zip, file, workbookPart, targets, types);
        String stylesPart = target("/styles", targets, types);
        sharedPart = target("/sharedStrings", targets, types);
        readWorkbook(workbookPart, targets, types);
        if (find(stylesPart) != null) {
            readStyles(stylesPart);
        }
    }

    /** Opens the workbook; a {@link Problem} when the archive holds none. */
    static XlsxWorkbook open(FileBytes file, Path path) throws IOException {
        ZipFile zip = new ZipFile(path.toFile());
        try {
            return new XlsxWorkbook(file, zip, workbookPart(zip, file));
        } catch (XMLStreamException e) {
            zip.close();
            throw corrupt(e);
        } catch (IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    /** The name of the workbook's part in an archive, or an empty string. */
    static String workbookPart(ZipFile zip, FileBytes file) throws IOException {
        ZipEntry root = zip.getEntry("_rels/.rels");
        if (root != null) {
            Map<String, String> targets = new HashMap<>();
            Map<String, String> types = new HashMap<>();
            try {
                relations(zip, file, "", "_rels/.rels", targets, types);
            } catch (XMLStreamException e) {
                throw corrupt(e);
            }
            for (Map.Entry<String, String> type : types.entrySet()) {
                String target = targets.getOrDefault(type.getKey(), "");
                if (type.getValue().endsWith("/officeDocument") && zip.getEntry(target) != null) {
                    return target;
                }
            }
        }
        return zip.getEntry("xl/workbook.xml") != null ? "xl/workbook.xml" : "";
    }

    @Override
    public List<Sheet> sheets() {
        return sheets;
    }

    @Override
    public Rows rows(int sheet) throws IOException {
        String part = sheetParts.get(sheet);
        ZipEntry entry = find(part);
        if (entry == null) {
            throw new Problem(
                    CollectProblem.CORRUPT_FILE,
                    "reason",
                    "the part of sheet " + sheets.get(sheet).name() + " is missing");
        }
        try {
            return new XlsxRows(entry);
        } catch (XMLStreamException e) {
            throw corrupt(e);
        }
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

    private static Problem corrupt(Exception e) {
        String message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return new Problem(CollectProblem.CORRUPT_FILE, "reason", message);
    }

    private @Nullable ZipEntry find(String part) {
        if (part.isEmpty()) {
            return null;
        }
        ZipEntry exact = zip.getEntry(part);
        if (exact != null) {
            return exact;
        }
        // Part names are equal without regard to case (ECMA-376 part 2, 6.2.2.3).
        return zip.stream()
                .filter(entry -> entry.getName().equalsIgnoreCase(part)
                        || entry.getName().replace('\\', '/').equalsIgnoreCase(part))
                .findFirst()
                .map(ZipEntry.class::cast)
                .orElse(null);
    }

    private InputStream part(ZipEntry entry) throws IOException {
        return new FileBytes.Guarded(zip.getInputStream(entry), Math.max(1, entry.getCompressedSize()));
    }

    /** Reads what a part refers to: by relation, the part's name and the relation's type. */
    static void relations(
            ZipFile zip, FileBytes file, String part, Map<String, String> targets, Map<String, String> types)
            throws IOException {
        int slash = part.lastIndexOf('/');
        String folder = part.substring(0, slash + 1);
        try {
            relations(zip, file, folder, folder + "_rels/" + part.substring(slash + 1) + ".rels", targets, types);
        } catch (XMLStreamException e) {
            throw corrupt(e);
        }
    }

    /** The part that stands in a relation of this kind, or an empty string. */
    static String target(String kind, Map<String, String> targets, Map<String, String> types) {
        for (Map.Entry<String, String> type : types.entrySet()) {
            if (type.getValue().endsWith(kind)) {
                return targets.getOrDefault(type.getKey(), "");
            }
        }
        return "";
    }

    private static void relations(
            ZipFile zip,
            FileBytes file,
            String folder,
            String relsPart,
            Map<String, String> targets,
            Map<String, String> types)
            throws IOException, XMLStreamException {
        ZipEntry entry = zip.getEntry(relsPart);
        if (entry == null) {
            return;
        }
        try (InputStream in = new FileBytes.Guarded(zip.getInputStream(entry), file.size())) {
            XMLStreamReader xml = Xml.reader(in);
            while (xml.hasNext()) {
                if (Xml.next(xml) == XMLStreamConstants.START_ELEMENT
                        && xml.getLocalName().equals("Relationship")) {
                    String id = attribute(xml, "Id");
                    if (!"External".equals(attribute(xml, "TargetMode"))) {
                        targets.put(id, resolve(folder, attribute(xml, "Target")));
                        types.put(id, attribute(xml, "Type"));
                    }
                }
            }
        }
    }

    /** The name of a part within the archive; it can lead nowhere else, as it is only ever looked up there. */
    private static String resolve(String folder, String target) {
        String path = target.startsWith("/") ? target.substring(1) : folder + target;
        List<String> names = new ArrayList<>();
        for (String name : path.replace('\\', '/').split("/", -1)) {
            if (name.equals("..")) {
                if (!names.isEmpty()) {
                    names.removeLast();
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                names.add(name);
            }
        }
        return String.join("/", names);
    }

    private static String attribute(XMLStreamReader xml, String name) {
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            if (xml.getAttributeLocalName(i).equals(name)) {
                return xml.getAttributeValue(i);
            }
        }
        return "";
    }

    private void readWorkbook(String part, Map<String, String> targets, Map<String, String> types)
            throws IOException, XMLStreamException {
        ZipEntry entry = find(part);
        if (entry == null) {
            throw new Problem(CollectProblem.CORRUPT_FILE, "reason", "it has no workbook part");
        }
        try (InputStream in = part(entry)) {
            XMLStreamReader xml = Xml.reader(in);
            while (xml.hasNext()) {
                if (Xml.next(xml) != XMLStreamConstants.START_ELEMENT) {
                    continue;
                }
                String element = xml.getLocalName();
                if (element.equals("workbookPr")) {
                    String flag = attribute(xml, "date1904");
                    if (flag.equals("1") || flag.equals("true")) {
                        epoch = ExcelDates.Epoch.FROM_1904;
                    }
                } else if (element.equals("sheet") && sheets.size() < MOST_SHEETS) {
                    String name = "";
                    String id = "";
                    String state = attribute(xml, "state");
                    for (int i = 0; i < xml.getAttributeCount(); i++) {
                        if (xml.getAttributeLocalName(i).equals("name")) {
                            name = xml.getAttributeValue(i);
                        } else if (xml.getAttributeLocalName(i).equals("id")
                                && xml.getAttributeNamespace(i) != null
                                && !xml.getAttributeNamespace(i).isEmpty()) {
                            id = xml.getAttributeValue(i);
                        }
                    }
                    boolean cells = types.getOrDefault(id, "/worksheet").endsWith("/worksheet")
                            && !sheetParts.contains(targets.getOrDefault(id, ""));
                    sheets.add(new Sheet(name, state.isEmpty() ? "visible" : state, cells));
                    sheetParts.add(targets.getOrDefault(id, ""));
                }
            }
        }
    }

    private void readStyles(String part) throws IOException, XMLStreamException {
        ZipEntry entry = find(part);
        if (entry == null) {
            return;
        }
        Map<Integer, String> formats = new HashMap<>();
        List<ExcelDates.Form> forms = new ArrayList<>();
        boolean inCellFormats = false;
        try (InputStream in = part(entry)) {
            XMLStreamReader xml = Xml.reader(in);
            while (xml.hasNext()) {
                int event = Xml.next(xml);
                if (event == XMLStreamConstants.END_ELEMENT
                        && xml.getLocalName().equals("cellXfs")) {
                    inCellFormats = false;
                }
                if (event != XMLStreamConstants.START_ELEMENT) {
                    continue;
                }
                switch (xml.getLocalName()) {
                    case "numFmt" -> {
                        if (formats.size() < MOST_STYLES) {
                            formats.put(integer(attribute(xml, "numFmtId"), 0), attribute(xml, "formatCode"));
                        }
                    }
                    case "cellXfs" -> inCellFormats = true;
                    case "xf" -> {
                        if (inCellFormats && forms.size() < MOST_STYLES) {
                            int id = integer(attribute(xml, "numFmtId"), 0);
                            forms.add(ExcelDates.form(id, formats.getOrDefault(id, "")));
                        }
                    }
                    default -> {}
                }
            }
        }
        styles = forms.toArray(ExcelDates.Form[]::new);
    }

    private static int integer(String text, int otherwise) {
        try {
            return text.isEmpty() ? otherwise : Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private SharedTexts shared() throws IOException, XMLStreamException {
        if (shared == null) {
            SharedTexts texts = new SharedTexts();
            shared = texts;
            ZipEntry entry = find(sharedPart);
            if (entry != null) {
                try (InputStream in = part(entry)) {
                    XMLStreamReader xml = Xml.reader(in);
                    while (xml.hasNext()) {
                        if (Xml.next(xml) == XMLStreamConstants.START_ELEMENT
                                && xml.getLocalName().equals("si")) {
                            texts.add(richText(xml, "si").getBytes(StandardCharsets.UTF_8));
                        }
                    }
                }
            }
            texts.end();
        }
        return shared;
    }

    /** The text inside the element the reader stands on, of all its runs but not of its phonetic guides. */
    private static String richText(XMLStreamReader xml, String element) throws XMLStreamException {
        StringBuilder text = new StringBuilder();
        boolean inText = false;
        int phonetic = 0;
        for (; ; ) {
            int event = Xml.next(xml);
            if (event == XMLStreamConstants.START_ELEMENT) {
                String name = xml.getLocalName();
                if (name.equals("rPh")) {
                    phonetic++;
                }
                inText = name.equals("t") && phonetic == 0;
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                String name = xml.getLocalName();
                inText = false;
                if (name.equals("rPh")) {
                    phonetic--;
                } else if (name.equals(element)) {
                    return unescape(text);
                }
            } else if (inText
                    && (event == XMLStreamConstants.CHARACTERS
                            || event == XMLStreamConstants.CDATA
                            || event == XMLStreamConstants.SPACE)) {
                append(text, xml);
            }
        }
    }

    private static void append(StringBuilder text, XMLStreamReader xml) throws XMLStreamException {
        text.append(xml.getText());
        if (text.length() > LONGEST_TEXT) {
            throw new XMLStreamException("a text of more than " + LONGEST_TEXT + " characters");
        }
    }

    /** Resolves {@code _x000D_}, how a workbook writes characters XML has no place for (ECMA-376 part 1, 22.9.2.19). */
    static String unescape(CharSequence text) {
        String s = text.toString();
        int at = s.indexOf("_x");
        if (at < 0) {
            return s;
        }
        StringBuilder out = new StringBuilder(s.length());
        int from = 0;
        while (at >= 0) {
            if (at + 6 < s.length()
                    && s.charAt(at + 6) == '_'
                    && s.substring(at + 2, at + 6).matches("[0-9A-Fa-f]{4}")) {
                char c = (char) Integer.parseInt(s.substring(at + 2, at + 6), 16);
                if (!Character.isSurrogate(c)) {
                    out.append(s, from, at).append(c);
                    from = at + 7;
                }
            }
            at = s.indexOf("_x", Math.max(at + 2, from));
        }
        return out.append(s, from, s.length()).toString();
    }

    /** The rows of one sheet. */
    private final class XlsxRows implements Rows {
        private final XMLStreamReader xml;
        private final Progress progress;
        private final SheetRow row = new SheetRow();
        private final StringBuilder value = new StringBuilder();
        private boolean inData;

        XlsxRows(ZipEntry entry) throws IOException, XMLStreamException {
            progress = new Progress(part(entry), entry.getSize(), file.size());
            xml = Xml.reader(progress);
        }

        @Override
        public SheetRow row() {
            return row;
        }

        @Override
        public long bytesRead() {
            return progress.share();
        }

        @Override
        public boolean next() throws IOException {
            try {
                return advance();
            } catch (XMLStreamException e) {
                throw corrupt(e);
            }
        }

        private boolean advance() throws IOException, XMLStreamException {
            while (xml.hasNext()) {
                int event = Xml.next(xml);
                if (event == XMLStreamConstants.START_ELEMENT) {
                    if (inData && xml.getLocalName().equals("row")) {
                        readRow();
                        return true;
                    }
                    if (xml.getLocalName().equals("sheetData")) {
                        inData = true;
                    }
                } else if (event == XMLStreamConstants.END_ELEMENT
                        && xml.getLocalName().equals("sheetData")) {
                    return false;
                }
            }
            return false;
        }

        private void readRow() throws IOException, XMLStreamException {
            row.clear();
            int column = -1;
            for (; ; ) {
                int event = Xml.next(xml);
                if (event == XMLStreamConstants.END_ELEMENT
                        && xml.getLocalName().equals("row")) {
                    return;
                }
                if (event == XMLStreamConstants.START_ELEMENT
                        && xml.getLocalName().equals("c")) {
                    String type = "n";
                    int style = 0;
                    column++;
                    for (int i = 0; i < xml.getAttributeCount(); i++) {
                        String name = xml.getAttributeLocalName(i);
                        String attribute = xml.getAttributeValue(i);
                        switch (name) {
                            case "r" -> column = column(attribute, column);
                            case "t" -> type = attribute;
                            case "s" -> style = integer(attribute, 0);
                            default -> {}
                        }
                    }
                    if (column < 0 || column >= MOST_COLUMNS) {
                        throw new XMLStreamException("a cell beyond column " + MOST_COLUMNS);
                    }
                    readCell(column, type, style);
                }
            }
        }

        private void readCell(int column, String type, int style) throws IOException, XMLStreamException {
            value.setLength(0);
            boolean found = false;
            boolean inValue = false;
            for (; ; ) {
                int event = Xml.next(xml);
                if (event == XMLStreamConstants.START_ELEMENT) {
                    String name = xml.getLocalName();
                    if (name.equals("v")) {
                        inValue = true;
                        found = true;
                    } else if (name.equals("is")) {
                        row.setText(column, richText(xml, "is"));
                    }
                } else if (event == XMLStreamConstants.END_ELEMENT) {
                    inValue = false;
                    if (xml.getLocalName().equals("c")) {
                        break;
                    }
                } else if (inValue
                        && (event == XMLStreamConstants.CHARACTERS
                                || event == XMLStreamConstants.CDATA
                                || event == XMLStreamConstants.SPACE)) {
                    append(value, xml);
                }
            }
            if (found) {
                set(column, type, style, value.toString());
            }
        }

        private void set(int column, String type, int style, String text) throws IOException, XMLStreamException {
            switch (type) {
                case "s" -> {
                    byte[] found = shared().get(integer(text.strip(), -1));
                    if (found != null) {
                        row.setText(column, found);
                    } else {
                        throw new XMLStreamException("a text that is not among the shared ones: " + text);
                    }
                }
                case "b" ->
                    row.setBool(column, text.strip().equals("1") || text.strip().equals("true"));
                case "str", "e", "d", "inlineStr" -> row.setText(column, unescape(text));
                default -> {
                    String number = text.strip();
                    if (number.isEmpty()) {
                        return;
                    }
                    try {
                        ExcelDates.Form form =
                                style >= 0 && style < styles.length ? styles[style] : ExcelDates.Form.NUMBER;
                        row.setNumber(column, Double.parseDouble(number), form, epoch);
                    } catch (NumberFormatException e) {
                        row.setText(column, text);
                    }
                }
            }
        }

        /** The column of a reference such as {@code AB12}, counted from 0. */
        private static int column(String reference, int otherwise) {
            int column = 0;
            for (int i = 0; i < reference.length() && i < 4; i++) {
                char c = reference.charAt(i);
                if (c >= 'a' && c <= 'z') {
                    c = Character.toUpperCase(c);
                }
                if (c < 'A' || c > 'Z') {
                    return i == 0 ? otherwise : column - 1;
                }
                column = column * 26 + (c - 'A' + 1);
            }
            return reference.toUpperCase(Locale.ROOT).isEmpty() ? otherwise : column - 1;
        }
    }

    /** How far a part is read, in bytes of the packed file. */
    private static final class Progress extends FilterInputStream {
        private final long unpacked;
        private final long packed;
        private volatile long taken;

        Progress(InputStream in, long unpacked, long packed) {
            super(in);
            this.unpacked = Math.max(1, unpacked);
            this.packed = packed;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate")
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = in.read(target, offset, length);
            if (read > 0) {
                taken += read;
            }
            return read;
        }

        long share() {
            return Math.min(packed, (long) ((double) taken / unpacked * packed));
        }
    }
}

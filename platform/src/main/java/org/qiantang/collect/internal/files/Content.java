package org.qiantang.collect.internal.files;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/** What a file is by its first bytes, and only where those leave it open by its name. */
enum Content {
    DELIMITED,
    /** A text whose name says nothing of a table. */
    TEXT,
    /** A text or page named as a workbook. */
    TEXT_FOR_EXCEL,
    JSON,
    /** JSON with a record on each line. */
    JSON_LINES,
    XML,
    PARQUET,
    GZIP,
    ZIP,
    TAR,
    HTML,
    XLSX,
    XLSB,
    XLS;

    private static final Set<String> TABLES = Set.of("csv", "tsv", "tab", "psv", "dsv", "ssv");
    private static final Set<String> WORKBOOKS = Set.of("xls", "xlsx", "xlsm", "xlt", "xltx", "xlsb", "et");
    private static final Set<String> NO_TABLES = Set.of(
            "yaml",
            "yml",
            "md",
            "markdown",
            "html",
            "htm",
            "xhtml",
            "rels",
            "vml",
            "dot",
            "svg",
            "sql",
            "py",
            "java",
            "js",
            "ts",
            "sh",
            "r",
            "ini",
            "toml",
            "cfg",
            "conf",
            "properties",
            "log",
            "tex",
            "rtf",
            "css",
            "ttl",
            "nt",
            "rdf",
            "eml",
            "ics",
            "vcf",
            "bpmn",
            "dmn");

    private static final Set<String> JSONS = Set.of("json", "geojson", "jsonld", "topojson", "har");
    private static final Set<String> JSON_RECORDS = Set.of("ndjson", "jsonl", "jsonlines");

    private static final int TAR_MAGIC = 257;

    /** The name's last ending in lower case, that of a packing left away. */
    static String extension(String fileName) {
        String name = fileName.toLowerCase(Locale.ROOT);
        if (name.endsWith(".gz")) {
            name = name.substring(0, name.length() - 3);
        }
        int dot = name.lastIndexOf('.');
        return dot <= 0 ? "" : name.substring(dot + 1);
    }

    /** The name without its ending: what the table is called. */
    static String stem(String fileName) {
        String name = fileName;
        if (name.toLowerCase(Locale.ROOT).endsWith(".gz")) {
            name = name.substring(0, name.length() - 3);
        }
        int dot = name.lastIndexOf('.');
        String stem = Names.clean(dot <= 0 ? name : name.substring(0, dot));
        return stem.isEmpty() ? "file" : stem;
    }

    /** Says what the file is; a {@link Problem} that names what it is when it cannot be read. */
    static Content of(FileBytes file) throws IOException {
        byte[] head;
        try (InputStream in = new BufferedInputStream(file.open())) {
            head = in.readNBytes(4096);
        }
        if (head.length == 0) {
            throw new Problem(CollectProblem.EMPTY_FILE, "reason", "it has no bytes");
        }
        String extension = extension(file.fileName());
        if (startsWith(head, 'P', 'K', 3, 4) || startsWith(head, 'P', 'K', 5, 6)) {
            return archive(file);
        }
        if (startsWith(head, 0xd0, 0xcf, 0x11, 0xe0)) {
            return XLS;
        }
        if (startsWith(head, 0x1f, 0x8b)) {
            return GZIP;
        }
        if (head.length > TAR_MAGIC + 5 && new String(head, TAR_MAGIC, 5, StandardCharsets.US_ASCII).equals("ustar")) {
            return TAR;
        }
        if (startsWith(head, 'P', 'A', 'R', '1')) {
            return PARQUET;
        }
        if (startsWith(head, 'P', 'A', 'R', 'E')) {
            throw new Problem(CollectProblem.ENCRYPTED_FILE, "reason", "an encrypted Parquet file");
        }
        String known = magic(head);
        if (!known.isEmpty()) {
            throw unsupported(known);
        }
        boolean workbookName = WORKBOOKS.contains(extension);
        String start = new String(head, StandardCharsets.ISO_8859_1)
                .replaceFirst("^\u00ef\u00bb\u00bf", "")
                .strip()
                .toLowerCase(Locale.ROOT);
        boolean page = start.startsWith("<html")
                || start.startsWith("<!doctype html")
                || start.startsWith("<table")
                || start.startsWith("<meta")
                || start.startsWith("<head");
        if (start.startsWith("<?xml")) {
            if (start.contains("urn:schemas-microsoft-com:office:spreadsheet")) {
                throw unsupported("an XML spreadsheet of Excel 2003; save it as .xlsx");
            }
            page = start.contains("<html");
        }
        if (!page && !NO_TABLES.contains(extension) && (start.startsWith("<?xml") || extension.equals("xml"))) {
            return XML;
        }
        if (page && (workbookName || TABLES.contains(extension))) {
            return HTML;
        }
        if (page) {
            throw unsupported("a web page");
        }
        if (NO_TABLES.contains(extension)) {
            throw unsupported("." + extension);
        }
        if (JSON_RECORDS.contains(extension)) {
            return JSON_LINES;
        }
        if (JSONS.contains(extension) || (start.startsWith("{") && !TABLES.contains(extension) && !workbookName)) {
            return JSON;
        }
        if (workbookName) {
            return TEXT_FOR_EXCEL;
        }
        if (TABLES.contains(extension)
                || (extension.equals("txt") && TABLES.contains(extension(stem(file.fileName()))))) {
            return DELIMITED;
        }
        return TEXT;
    }

    static Problem unsupported(String what) {
        return new Problem(CollectProblem.UNSUPPORTED_FORMAT, "reason", what);
    }

    private static Content archive(FileBytes file) throws IOException {
        try (FileBytes.OnDisk disk = file.onDisk();
                ZipFile zip = new ZipFile(disk.path().toFile())) {
            String workbook = XlsxWorkbook.workbookPart(zip, file);
            if (workbook.endsWith(".bin")) {
                return XLSB;
            }
            if (workbook.toLowerCase(Locale.ROOT).endsWith(".xml") && workbook.contains("word/")) {
                throw unsupported("a text document (.docx)");
            }
            if (workbook.contains("ppt/")) {
                throw unsupported("a presentation (.pptx)");
            }
            if (!workbook.isEmpty()) {
                return XLSX;
            }
            ZipEntry type = zip.getEntry("mimetype");
            if (type != null && type.getSize() < 200) {
                try (InputStream in = zip.getInputStream(type)) {
                    throw unsupported(new String(in.readNBytes(200), StandardCharsets.US_ASCII).strip());
                }
            }
        } catch (java.util.zip.ZipException | IllegalArgumentException e) {
            // Names that are not UTF-8, or damage, of which the reader of archives says more.
            if (WORKBOOKS.contains(extension(file.fileName()))) {
                throw new Problem(CollectProblem.CORRUPT_FILE, "reason", "not a whole workbook: " + e.getMessage());
            }
        }
        return ZIP;
    }

    private static String magic(byte[] head) {
        if (startsWith(head, '%', 'P', 'D', 'F')) {
            return "PDF";
        }
        if (startsWith(head, 'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f')) {
            return "an SQLite database";
        }
        if (startsWith(head, 0x89, 'P', 'N', 'G')
                || startsWith(head, 0xff, 0xd8, 0xff)
                || startsWith(head, 'G', 'I', 'F', '8')) {
            return "an image";
        }
        if (startsWith(head, 'B', 'Z', 'h')
                || startsWith(head, 0xfd, '7', 'z', 'X', 'Z')
                || startsWith(head, '7', 'z', 0xbc, 0xaf)
                || startsWith(head, 'R', 'a', 'r', '!')
                || startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) {
            return "an archive that is not gzip";
        }
        if (startsWith(head, '{', '\\', 'r', 't', 'f')) {
            return "RTF";
        }
        if (startsWith(head, 'O', 'r', 'c') || startsWith(head, 'O', 'b', 'j', 1)) {
            return "ORC or Avro";
        }
        if (head.length >= 8
                && head[0] == 9
                && (head[1] == 0 || head[1] == 2 || head[1] == 4)
                && (head[2] & 0xff) <= 8
                && head[3] == 0) {
            return "a workbook of Excel 2 to 4; save it as .xlsx";
        }
        return "";
    }

    private static boolean startsWith(byte[] head, int... bytes) {
        if (head.length < bytes.length) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if ((head[i] & 0xff) != bytes[i]) {
                return false;
            }
        }
        return true;
    }
}

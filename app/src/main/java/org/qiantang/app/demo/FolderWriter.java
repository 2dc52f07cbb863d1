package org.qiantang.app.demo;

import static java.util.Objects.requireNonNull;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.qiantang.app.demo.FileForm.Delimited;
import org.qiantang.app.demo.FileForm.Mark;
import org.qiantang.app.demo.FileForm.Sheet;

/** Writes the files of a folder source. */
final class FolderWriter {
    private static final int CHUNK = 1 << 16;

    private FolderWriter() {}

    /** Writes all files of a source into a folder that exists. */
    static void write(City city, SourceSystem source, Truth truth, Path folder) throws IOException {
        Map<String, List<Table>> files = new LinkedHashMap<>();
        for (Table table : source.tables()) {
            files.computeIfAbsent(form(table).fileName(), f -> new ArrayList<>())
                    .add(table);
        }
        for (Map.Entry<String, List<Table>> file : files.entrySet()) {
            Path path = folder.resolve(file.getKey());
            if (form(file.getValue().getFirst()) instanceof Delimited form) {
                try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), CHUNK)) {
                    writeDelimited(city, source, file.getValue().getFirst(), form, truth, out);
                }
            } else {
                writeWorkbook(city, source, file.getValue(), truth, path);
            }
        }
    }

    private static FileForm form(Table table) {
        return requireNonNull(table.file(), "file is null");
    }

    private static void writeDelimited(
            City city, SourceSystem source, Table table, Delimited form, Truth truth, OutputStream out)
            throws IOException {
        Charset charset = form.charset();
        if (form.mark() == Mark.BYTE_ORDER_MARK) {
            out.write(new byte[] {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF});
        }
        StringBuilder chunk = new StringBuilder(CHUNK + 4_096);
        for (int c = 0; c < table.columns().size(); c++) {
            chunk.append(c > 0 ? form.delimiter() + "" : "")
                    .append(table.columns().get(c).name());
        }
        chunk.append(form.newline());
        StringBuilder cell = new StringBuilder();
        long[] line = {2};
        long[] readable = {0};
        Row row = new Row(source, table, truth, r -> {
            String raw = r.raw();
            if (raw != null) {
                truth.ragged(new Truth.RaggedLine(source.name(), table.name(), form.fileName(), line[0], raw));
                chunk.append(raw);
            } else {
                readable[0]++;
                for (int c = 0; c < table.columns().size(); c++) {
                    if (c > 0) {
                        chunk.append(form.delimiter());
                    }
                    cell.setLength(0);
                    r.append(c, cell);
                    line[0] += appendQuoted(cell, form.delimiter(), r.isText(c), chunk);
                }
            }
            chunk.append(form.newline());
            line[0]++;
            if (chunk.length() > CHUNK) {
                try {
                    out.write(chunk.toString().getBytes(charset));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                chunk.setLength(0);
            }
        });
        table.rows().write(city, row);
        out.write(chunk.toString().getBytes(charset));
        truth.counted(source, table, readable[0]);
    }

    /** Returns how many line breaks the cell holds. */
    private static int appendQuoted(StringBuilder cell, char delimiter, boolean text, StringBuilder out) {
        boolean quote = text && cell.isEmpty();
        int breaks = 0;
        for (int i = 0; i < cell.length(); i++) {
            char c = cell.charAt(i);
            quote |= c == delimiter || c == '"' || c == '\n' || c == '\r';
            breaks += c == '\n' ? 1 : 0;
        }
        if (!quote) {
            out.append(cell);
            return 0;
        }
        out.append('"');
        for (int i = 0; i < cell.length(); i++) {
            char c = cell.charAt(i);
            out.append(c == '"' ? "\"\"" : String.valueOf(c));
        }
        out.append('"');
        return breaks;
    }

    private static void writeWorkbook(City city, SourceSystem source, List<Table> sheets, Truth truth, Path path)
            throws IOException {
        Path raw = path.resolveSibling(path.getFileName() + ".raw");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(raw), CHUNK)) {
            Workbook workbook = new Workbook(out, "Qiantang", "1.0");
            for (Table table : sheets) {
                Worksheet sheet = workbook.newWorksheet(((Sheet) form(table)).sheet());
                for (int c = 0; c < table.columns().size(); c++) {
                    sheet.value(0, c, table.columns().get(c).name());
                    sheet.style(0, c).bold().set();
                }
                Row row = new Row(source, table, truth, r -> appendCells(r, sheet));
                table.rows().write(city, row);
                truth.counted(source, table, row.written());
                sheet.finish();
            }
            workbook.finish();
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), CHUNK)) {
            withoutTimes(raw, out);
        }
        Files.delete(raw);
    }

    private static void appendCells(Row row, Worksheet sheet) {
        int line = Math.toIntExact(row.written() + 1);
        for (int c = 0; c < row.table().columns().size(); c++) {
            if (row.isNone(c)) {
                continue;
            }
            if (row.isText(c)) {
                sheet.value(line, c, row.textAt(c));
            } else if (row.isNumeric(c)) {
                sheet.value(line, c, row.numeric(c));
            } else if (row.isDate(c)) {
                sheet.value(line, c, LocalDate.ofEpochDay(row.numberAt(c)));
                sheet.style(line, c).format("yyyy-mm-dd").set();
            } else if (row.isTime(c)) {
                sheet.value(line, c, LocalDateTime.ofEpochSecond(row.numberAt(c), 0, ZoneOffset.UTC));
                sheet.style(line, c).format("yyyy-mm-dd hh:mm:ss").set();
            } else {
                sheet.value(line, c, row.numberAt(c) == 1);
            }
        }
        if (line % 1_000 == 0) {
            try {
                sheet.flush();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Copies a workbook with fixed times, so that the same rows are the same bytes. */
    private static void withoutTimes(Path workbook, OutputStream out) throws IOException {
        try (ZipFile in = new ZipFile(workbook.toFile());
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (ZipEntry entry : Collections.list(in.entries())) {
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTimeLocal(LocalDateTime.of(2026, 10, 31, 0, 0));
                zip.putNextEntry(copy);
                try (InputStream content = in.getInputStream(entry)) {
                    if (entry.getName().equals("docProps/core.xml")) {
                        String text = new String(content.readAllBytes(), StandardCharsets.UTF_8);
                        zip.write(text.replaceAll("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z", "2026-10-31T00:00:00Z")
                                .getBytes(StandardCharsets.UTF_8));
                    } else {
                        content.transferTo(zip);
                    }
                }
                zip.closeEntry();
            }
        }
    }
}

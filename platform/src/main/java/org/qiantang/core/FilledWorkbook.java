package org.qiantang.core;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.dhatim.fastexcel.reader.Cell;
import org.dhatim.fastexcel.reader.CellType;
import org.dhatim.fastexcel.reader.ExcelReaderException;
import org.dhatim.fastexcel.reader.ReadableWorkbook;
import org.dhatim.fastexcel.reader.ReadingOptions;
import org.dhatim.fastexcel.reader.Row;
import org.dhatim.fastexcel.reader.Sheet;
import org.jspecify.annotations.Nullable;

/**
 * A workbook ({@code .xlsx}) as people fill one in: the texts of its sheets by row and column. A cell that shows a day reads as that day,
 * {@code 2021-04-09}, and a whole number without a point, for that is what the person who typed it saw.
 */
public record FilledWorkbook(List<Page> pages) {
    private static final long MOST_INFLATED = 200L << 20;

    public FilledWorkbook {
        pages = List.copyOf(pages);
    }

    /** A sheet by its name; the first line of it is the sheet's first, however many are empty. */
    public record Page(String name, List<List<String>> lines) {
        public Page {
            lines = List.copyOf(lines);
        }
    }

    /** How much of a workbook is read: a small file can unfold into more than memory holds. */
    public record Limits(int rows, int columns) {}

    /** It is no workbook, or is damaged. */
    public static final class Unreadable extends Exception {
        Unreadable(Throwable cause) {
            super("Not a workbook, or damaged", cause);
        }
    }

    /** It is larger than what is read. */
    public static final class TooLarge extends Exception {
        TooLarge(Limits limits) {
            super("More than " + limits.rows + " rows or " + limits.columns + " columns");
        }
    }

    /** Whether a file is one, by its first bytes. */
    public static boolean isOne(byte[] file) {
        return file.length > 3 && file[0] == 'P' && file[1] == 'K' && file[2] == 3 && file[3] == 4;
    }

    /** Reads all sheets, or fails; never part of them. */
    public static FilledWorkbook read(byte[] file, Limits limits) throws Unreadable, TooLarge {
        try {
            requireSmallInside(file, limits);
        } catch (IOException e) {
            throw new Unreadable(e);
        }
        try (ReadableWorkbook workbook =
                new ReadableWorkbook(new ByteArrayInputStream(file), new ReadingOptions(true, false))) {
            List<Page> pages = new ArrayList<>();
            int left = limits.rows;
            for (Sheet sheet : workbook.getSheets().toList()) {
                List<List<String>> lines = lines(sheet, new Limits(left, limits.columns));
                left -= lines.size();
                pages.add(new Page(sheet.getName(), lines));
            }
            return new FilledWorkbook(pages);
        } catch (IOException | ExcelReaderException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new Unreadable(e);
        }
    }

    /** A few kilobytes can inflate to more than the hub has memory for, and what a zip says of its sizes may be a lie. */
    private static void requireSmallInside(byte[] file, Limits limits) throws IOException, TooLarge {
        Path workbook = Files.createTempFile("workbook", ".xlsx");
        try {
            Files.write(workbook, file);
            byte[] buffer = new byte[1 << 16];
            long inflated = 0;
            Set<String> names = new HashSet<>();
            try (ZipFile zip = new ZipFile(workbook.toFile())) {
                for (ZipEntry entry : Collections.list(zip.entries())) {
                    if (!names.add(entry.getName())) {
                        throw new ZipException("two of " + entry.getName());
                    }
                    try (InputStream in = zip.getInputStream(entry)) {
                        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                            inflated += read;
                            if (inflated > MOST_INFLATED) {
                                throw new TooLarge(limits);
                            }
                        }
                    }
                }
            }
        } finally {
            Files.delete(workbook);
        }
    }

    private static List<List<String>> lines(Sheet sheet, Limits limits) throws IOException, TooLarge {
        List<List<String>> lines = new ArrayList<>();
        try (Stream<Row> rows = sheet.openStream()) {
            for (Row row : (Iterable<Row>) rows::iterator) {
                if (row.getRowNum() > limits.rows || row.getCellCount() > limits.columns) {
                    throw new TooLarge(limits);
                }
                while (lines.size() < row.getRowNum() - 1) {
                    lines.add(List.of());
                }
                List<String> cells = new ArrayList<>();
                for (Cell cell : row) {
                    cells.add(cell == null ? "" : text(cell));
                }
                lines.add(List.copyOf(cells));
            }
        }
        return lines;
    }

    private static String text(Cell cell) {
        if (cell.getType() == CellType.NUMBER && showsDay(cell.getDataFormatString())) {
            LocalDate day = cell.asDate().toLocalDate();
            return day.toString();
        }
        String text = Optional.ofNullable(cell.getText()).orElse("");
        // 330106 may be kept as 330106.0 or 3.30106E5.
        return cell.getType() == CellType.NUMBER && text.matches("-?[\\d.]+(E[+-]?\\d{1,3})?")
                ? cell.asNumber().stripTrailingZeros().toPlainString()
                : text;
    }

    /** Formats of days have a year and a day outside of what is quoted or in brackets. */
    private static boolean showsDay(@Nullable String format) {
        if (format == null) {
            return false;
        }
        String bare = format.replaceAll("\"[^\"]*\"|\\[[^\\]]*]|\\\\.", "").toLowerCase(Locale.ROOT);
        return bare.contains("y") && (bare.contains("d") || bare.contains("m"));
    }
}

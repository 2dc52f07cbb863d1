package org.qiantang.collect.internal.files;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.core.Problem;
import org.qiantang.lake.DiskFault;
import org.qiantang.lake.LakeException;

/**
 * Finds the tables in a file, and in the files in it when it is an archive. The file is read through, which is how its types can be
 * trusted; whatever happens, it has at least one entry.
 */
final class FileTables {
    /** Archives in archives. */
    private static final int DEEPEST = 3;

    private static final int CHUNK = 1 << 16;

    private final Spool spool;

    FileTables(Spool spool) {
        this.spool = spool;
    }

    /**
     * One entry of the discovery.
     *
     * @param sheet its name within the file, or an empty string
     * @param details what is known of it, its file's size, time and SHA-256 among that
     */
    record Found(
            String relative,
            String sheet,
            @Nullable FileTable table,
            @Nullable Unreadable unreadable,
            long bytes,
            Map<String, String> details) {
        /** Nothing in the file that could be a table, or be missed. */
        static Found nothing(String relative, String sheet, long bytes, Map<String, String> details) {
            return new Found(relative, sheet, null, null, bytes, details);
        }

        static Found unreadable(Listed.Skipped skipped) {
            return new Found(skipped.relative(), "", null, skipped.why(), 0, Map.of());
        }

        boolean isBlank() {
            return table == null && unreadable == null;
        }

        private Found with(Map<String, String> more) {
            Map<String, String> all = new LinkedHashMap<>(more);
            all.putAll(details);
            return new Found(relative, sheet, table, unreadable, bytes, all);
        }
    }

    List<Found> of(FileBytes file) {
        return of(file, 0);
    }

    private List<Found> of(FileBytes file, int depth) {
        Map<String, String> details = new LinkedHashMap<>();
        Instant modified = file.modified();
        if (modified != null) {
            details.put("modified", modified.toString());
        }
        List<Found> found = attempt(file, () -> {
            details.put("sha256", sha256(file));
            return tables(file, depth);
        });
        details.put("size", Long.toString(file.size()));
        details.putAll(file.details());
        return found.stream()
                .map(one -> one.relative().equals(file.relative()) ? one.with(details) : one)
                .toList();
    }

    private interface Attempt {
        List<Found> run() throws IOException;
    }

    private static List<Found> attempt(FileBytes file, Attempt attempt) {
        try {
            return attempt.run();
        } catch (IOException | RuntimeException | StackOverflowError e) {
            return List.of(new Found(file.relative(), "", null, reason(e), file.size(), Map.of()));
        }
    }

    /** A copy that our own disk has no room for says nothing of the file: the run has to go on later. */
    static void ownDisk(Throwable e) {
        DiskFault.of(e).ifPresent(fault -> {
            throw new LakeException(fault.kind(), String.valueOf(e.getMessage()), e);
        });
    }

    /** The readers of foreign formats answer damage with whatever it makes them stumble over. */
    private static Unreadable reason(Throwable e) {
        ownDisk(e);
        if (e instanceof Problem problem) {
            if (problem.code() == CollectProblem.SOURCE_UNREACHABLE) {
                throw problem;
            }
            return new Unreadable(problem.code().id(), problem.arguments().getOrDefault("reason", problem.en()));
        }
        CollectProblem code = e instanceof java.nio.file.AccessDeniedException
                ? CollectProblem.NO_FILE_ACCESS
                : CollectProblem.CORRUPT_FILE;
        return new Unreadable(code.id(), explain(e));
    }

    static String explain(Throwable e) {
        Throwable cause = e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
        String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        String type = cause.getClass().getSimpleName();
        return message.isEmpty() || message.equals("null") ? type : type + ": " + message;
    }

    private static String sha256(FileBytes file) throws IOException {
        try (InputStream in = new DigestInputStream(file.open(), MessageDigest.getInstance("SHA-256"))) {
            byte[] chunk = new byte[CHUNK];
            while (in.read(chunk, 0, chunk.length) >= 0) {
                continue;
            }
            return HexFormat.of()
                    .formatHex(((DigestInputStream) in).getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Found> tables(FileBytes file, int depth) throws IOException {
        return switch (Content.of(file)) {
            case DELIMITED -> one(file, CsvTable.survey(file, CsvTable.TextForm.DELIMITED));
            case TEXT -> one(file, CsvTable.survey(file, CsvTable.TextForm.UNKNOWN));
            case TEXT_FOR_EXCEL -> one(file, CsvTable.survey(file, CsvTable.TextForm.FOR_EXCEL));
            case JSON -> one(file, JsonRecords.table(file, false));
            case JSON_LINES -> one(file, JsonRecords.table(file, true));
            case XML -> one(file, XmlRecords.table(file));
            case PARQUET -> one(file, ParquetTable.survey(file));
            case GZIP -> {
                if (depth == DEEPEST) {
                    throw tooDeep();
                }
                yield tables(new GzipFile(file, spool), depth + 1);
            }
            case ZIP -> archive(file, "zip archive", Archives.zip(file, spool), depth);
            case TAR -> archive(file, "tar archive", Archives.tar(file, spool), depth);
            case HTML ->
                sheets(file, () -> HtmlWorkbook.open(file), Workbook.Texts.UNTYPED, "web page named as a workbook");
            case XLSX -> workbook(file, path -> XlsxWorkbook.open(file, path), "Office Open XML workbook");
            case XLSB -> workbook(file, path -> XlsbWorkbook.open(file, path), "binary workbook");
            case XLS -> {
                try {
                    yield workbook(file, XlsFiles::open, "Excel 97-2003 workbook");
                } catch (XlsStream.OutOfOrder e) {
                    yield workbook(file, XlsWorkbook::open, "Excel 97-2003 workbook");
                }
            }
        };
    }

    private static Problem tooDeep() {
        return new Problem(
                CollectProblem.FILE_TOO_LARGE, "reason", "an archive within more than " + DEEPEST + " archives");
    }

    private static List<Found> one(FileBytes file, FileTable table) {
        return List.of(new Found(file.relative(), "", table, null, file.size(), table.details()));
    }

    /** The archive itself, which holds no rows, and whatever is found in it. */
    private List<Found> archive(FileBytes file, String format, Listed listed, int depth) {
        if (listed.files().isEmpty() && listed.others().isEmpty()) {
            throw new Problem(CollectProblem.EMPTY_FILE, "reason", "an archive without files");
        }
        if (depth == DEEPEST) {
            throw tooDeep();
        }
        List<Found> all = new ArrayList<>();
        Map<String, String> details = new LinkedHashMap<>();
        details.put("format", format);
        details.put("files", Integer.toString(listed.files().size()));
        all.add(Found.nothing(file.relative(), "", file.size(), details));
        for (FileBytes inside : listed.files()) {
            all.addAll(of(inside, depth + 1));
        }
        listed.others().forEach(other -> all.add(Found.unreadable(other)));
        return all;
    }

    private static List<Found> workbook(FileBytes file, Workbook.Reader reader, String format) throws IOException {
        return sheets(file, () -> Workbook.open(file, reader), Workbook.Texts.AS_THEY_ARE, format);
    }

    private static List<Found> sheets(FileBytes file, Workbook.Opener opener, Workbook.Texts texts, String format)
            throws IOException {
        List<Found> all = new ArrayList<>();
        try (Workbook book = opener.open()) {
            List<Workbook.Sheet> sheets = book.sheets();
            for (int i = 0; i < sheets.size(); i++) {
                Workbook.Sheet sheet = sheets.get(i);
                Map<String, String> details = new LinkedHashMap<>();
                details.put("format", format);
                details.put("sheet", sheet.name());
                details.put("visibility", sheet.visibility());
                if (book instanceof HtmlWorkbook page) {
                    details.put("encoding", page.charset());
                }
                SheetTable table = null;
                Unreadable unreadable = null;
                if (sheet.hasCells()) {
                    try {
                        table = SheetTable.survey(file, opener, book, i, texts);
                    } catch (XlsStream.OutOfOrder e) {
                        throw e;
                    } catch (IOException | RuntimeException e) {
                        unreadable = reason(e);
                    }
                } else {
                    details.put("empty", "a sheet without cells: a chart, a dialogue or a macro");
                }
                if (table != null) {
                    details.putAll(table.details());
                } else if (unreadable == null) {
                    details.putIfAbsent("empty", "no cell of the sheet has a value");
                }
                all.add(new Found(
                        file.relative(),
                        sheet.name(),
                        table,
                        unreadable,
                        file.size() / Math.max(1, sheets.size()),
                        details));
            }
        }
        if (all.stream().allMatch(Found::isBlank)) {
            throw new Problem(CollectProblem.EMPTY_FILE, "reason", "no sheet of the workbook has a value");
        }
        return all;
    }
}

package org.qiantang.collect.internal.files;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;

/**
 * The files a department hands over, in a folder or one alone: text files and workbooks become tables, and whatever else lies there is
 * named with the reason why it does not. Each file is read through once on discovery, which is how its types can be trusted.
 */
public final class FolderConnector implements Connector {
    private final List<FileBytes> files;
    private final List<Skipped> others;
    private final String position;
    private @Nullable Map<String, Found> found;
    private List<SourceObject> objects = List.of();

    private FolderConnector(List<FileBytes> files, List<Skipped> others) {
        this.files = files;
        this.others = others;
        position = Instant.now().truncatedTo(ChronoUnit.MILLIS) + " sha256:" + fingerprint(files, others);
    }

    /** Lists a folder with all folders in it, or takes the one file; nothing is read yet. */
    public static FolderConnector open(Path folderOrFile) {
        List<FileBytes> files = new ArrayList<>();
        List<Skipped> others = new ArrayList<>();
        try {
            Path root = folderOrFile.toRealPath();
            if (Files.isDirectory(root)) {
                Files.walkFileTree(root, new Listing(root, files, others));
            } else {
                BasicFileAttributes attributes = Files.readAttributes(root, BasicFileAttributes.class);
                if (!attributes.isRegularFile()) {
                    throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", root + " is no folder and no file");
                }
                files.add(FileBytes.of(root, root.getFileName().toString(), attributes));
            }
        } catch (IOException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", folderOrFile + ": " + explain(e));
        }
        files.sort(Comparator.comparing(FileBytes::relative));
        others.sort(Comparator.comparing(Skipped::relative));
        return new FolderConnector(files, others);
    }

    @Override
    public String product() {
        return "folder";
    }

    @Override
    public String version() {
        return "";
    }

    @Override
    public String position() {
        return position;
    }

    @Override
    public synchronized List<SourceObject> discover() {
        if (found == null) {
            List<Found> all = new ArrayList<>();
            for (FileBytes file : files) {
                all.addAll(look(file));
            }
            for (Skipped other : others) {
                all.add(new Found(other.relative, "", null, other.why, 0, Map.of(), false));
            }
            all.sort(Comparator.comparing(Found::relative));
            found = name(all);
        }
        return objects;
    }

    @Override
    public Optional<Unreadable> unreadable(SourceObject object) {
        return Optional.ofNullable(find(object).unreadable);
    }

    @Override
    public List<Part> parts(SourceObject object) {
        return find(object).table == null
                ? List.of()
                : List.of(new Part(object.name(), object.estimatedBytes().orElse(1)));
    }

    @Override
    public PartReader open(SourceObject object, Part part, Consumer<RejectedRow> rejects) throws IOException {
        Found file = find(object);
        if (file.table == null) {
            throw new IllegalArgumentException("Nothing to read in " + object.qualifiedName());
        }
        return file.table.open(object.columns(), rejects);
    }

    @Override
    public SourceObject asText(SourceObject object, String lakeColumn) {
        List<SourceColumn> columns = new ArrayList<>();
        for (SourceColumn column : object.columns()) {
            Column lake = column.column();
            columns.add(
                    lake.name().equals(lakeColumn)
                            ? new SourceColumn(
                                    column.name(),
                                    new Column(lake.name(), LakeType.TEXT, lake.sourceType(), lake.comment()),
                                    column.nullable(),
                                    column.details())
                            : column);
        }
        return new SourceObject(
                object.kind(),
                object.schema(),
                object.name(),
                object.lakeName(),
                object.comment(),
                columns,
                object.estimatedRows(),
                object.estimatedBytes(),
                object.details());
    }

    @Override
    public void close() {}

    private Found find(SourceObject object) {
        discover();
        Found file = requireNonNull(found, "found is null").get(object.qualifiedName());
        if (file == null) {
            throw new IllegalArgumentException("No such file in this folder: " + object.qualifiedName());
        }
        return file;
    }

    /** Reads a file through and says what is in it; whatever happens, the file has at least one entry. */
    private static List<Found> look(FileBytes file) {
        try {
            return tables(file);
        } catch (Problem problem) {
            return List.of(unreadable(file, problem));
        } catch (IOException e) {
            CollectProblem code = e instanceof java.nio.file.AccessDeniedException
                    ? CollectProblem.NO_FILE_ACCESS
                    : CollectProblem.CORRUPT_FILE;
            return List.of(unreadable(file, new Problem(code, "reason", explain(e))));
        } catch (RuntimeException | StackOverflowError e) {
            // The readers of foreign formats answer damage with whatever it makes them stumble over.
            return List.of(unreadable(file, new Problem(CollectProblem.CORRUPT_FILE, "reason", explain(e))));
        }
    }

    private static List<Found> tables(FileBytes file) throws IOException {
        Content content = Content.of(file);
        return switch (content) {
            case DELIMITED -> List.of(delimited(file, CsvTable.TextForm.DELIMITED));
            case TEXT -> List.of(delimited(file, CsvTable.TextForm.UNKNOWN));
            case TEXT_FOR_EXCEL -> List.of(delimited(file, CsvTable.TextForm.FOR_EXCEL));
            case HTML ->
                sheets(file, () -> HtmlWorkbook.open(file), Workbook.Texts.UNTYPED, "web page named as a workbook");
            case XLSX ->
                sheets(file, () -> XlsxWorkbook.open(file), Workbook.Texts.AS_THEY_ARE, "Office Open XML workbook");
            case XLSB -> sheets(file, () -> XlsbWorkbook.open(file), Workbook.Texts.AS_THEY_ARE, "binary workbook");
            case XLS -> {
                try {
                    yield sheets(file, () -> XlsFiles.open(file), Workbook.Texts.AS_THEY_ARE, "Excel 97-2003 workbook");
                } catch (XlsStream.OutOfOrder e) {
                    yield sheets(
                            file, () -> XlsWorkbook.open(file), Workbook.Texts.AS_THEY_ARE, "Excel 97-2003 workbook");
                }
            }
        };
    }

    private static Found delimited(FileBytes file, CsvTable.TextForm form) throws IOException {
        CsvTable table = CsvTable.survey(file, form);
        return new Found(file.relative(), "", table, null, file.size(), table.details(), false);
    }

    private static List<Found> sheets(FileBytes file, Workbook.Opener opener, Workbook.Texts texts, String format)
            throws IOException {
        List<Found> all = new ArrayList<>();
        int tables = 0;
        int failures = 0;
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
                    } catch (Problem problem) {
                        unreadable = reason(problem);
                    } catch (IOException | RuntimeException e) {
                        unreadable = new Unreadable(CollectProblem.CORRUPT_FILE.id(), explain(e));
                    }
                } else {
                    details.put("empty", "a sheet without cells: a chart, a dialogue or a macro");
                }
                if (table != null) {
                    details.putAll(table.details());
                    tables++;
                } else if (unreadable != null) {
                    failures++;
                } else {
                    details.putIfAbsent("empty", "no cell of the sheet has a value");
                }
                all.add(new Found(
                        file.relative(),
                        sheet.name(),
                        table,
                        unreadable,
                        file.size() / Math.max(1, sheets.size()),
                        details,
                        table == null && unreadable == null));
            }
        }
        if (tables + failures == 0) {
            throw new Problem(CollectProblem.EMPTY_FILE, "reason", "no sheet of the workbook has a value");
        }
        return all;
    }

    private static Found unreadable(FileBytes file, Problem problem) {
        return new Found(file.relative(), "", null, reason(problem), file.size(), Map.of(), false);
    }

    private static Unreadable reason(Problem problem) {
        return new Unreadable(problem.code().id(), problem.arguments().getOrDefault("reason", problem.en()));
    }

    static String explain(Throwable e) {
        Throwable cause = e instanceof UncheckedIOException && e.getCause() != null ? e.getCause() : e;
        String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        String type = cause.getClass().getSimpleName();
        return message.isEmpty() || message.equals("null") ? type : type + ": " + message;
    }

    /** Gives every entry its names at the source and in the lake; tables choose before what cannot be read. */
    private Map<String, Found> name(List<Found> all) {
        Map<String, Long> perFile = new HashMap<>();
        for (Found one : all) {
            if (!one.blank) {
                perFile.merge(one.relative, 1L, Long::sum);
            }
        }
        Names lakeNames = new Names();
        Map<Found, String> chosen = new java.util.IdentityHashMap<>();
        for (Found one : all) {
            if (one.table != null) {
                chosen.put(one, lakeNames.unique(lakeName(one, perFile)));
            }
        }
        for (Found one : all) {
            if (one.unreadable != null) {
                chosen.put(one, lakeNames.unique(lakeName(one, perFile)));
            }
        }
        Map<String, Found> byName = new LinkedHashMap<>();
        List<SourceObject> list = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Found one : all) {
            int slash = one.relative.lastIndexOf('/');
            String schema = slash < 0 ? "" : one.relative.substring(0, slash);
            String own = one.relative.substring(slash + 1) + (one.sheet.isEmpty() ? "" : "#" + one.sheet);
            String name = own;
            for (int n = 2; !taken.add(schema.isEmpty() ? name : schema + "." + name); n++) {
                name = own + " (" + n + ")";
            }
            Map<String, String> details = new LinkedHashMap<>(one.details);
            details.put("path", one.relative);
            Unreadable why = one.unreadable;
            if (why != null) {
                details.put("unreadable", why.code());
                details.put("reason", why.reason());
            }
            SourceObject object = new SourceObject(
                    one.sheet.isEmpty() ? SourceObject.Kind.FILE : SourceObject.Kind.SHEET,
                    schema,
                    name,
                    chosen.get(one),
                    null,
                    one.table == null ? List.of() : one.table.columns(),
                    one.table == null ? OptionalLong.empty() : OptionalLong.of(one.table.rows()),
                    OptionalLong.of(one.bytes),
                    details);
            list.add(object);
            byName.put(object.qualifiedName(), one);
        }
        objects = List.copyOf(list);
        return byName;
    }

    private static String lakeName(Found one, Map<String, Long> perFile) {
        int slash = one.relative.lastIndexOf('/');
        StringBuilder name = new StringBuilder();
        if (slash > 0) {
            name.append(one.relative.substring(0, slash).replace("/", "__")).append("__");
        }
        name.append(Content.stem(one.relative.substring(slash + 1)));
        if (!one.sheet.isEmpty() && perFile.getOrDefault(one.relative, 1L) > 1) {
            name.append("__").append(Names.clean(one.sheet));
        }
        return Names.clean(name.toString());
    }

    private static String fingerprint(List<FileBytes> files, List<Skipped> others) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (FileBytes file : files) {
                digest.update((file.relative() + "\0" + file.size() + "\0" + file.modifiedNanos() + "\n")
                        .getBytes(StandardCharsets.UTF_8));
            }
            for (Skipped other : others) {
                digest.update((other.relative + "\0" + other.why + "\n").getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Something that lies in the folder and is no file to read; {@code why} is null for what needs no reading. */
    private record Skipped(String relative, @Nullable Unreadable why) {}

    /** One entry of the discovery. {@code blank} says that there is nothing in it. */
    private record Found(
            String relative,
            String sheet,
            @Nullable FileTable table,
            @Nullable Unreadable unreadable,
            long bytes,
            Map<String, String> details,
            boolean blank) {}

    /** Walks the folder without following a link. */
    private static final class Listing extends SimpleFileVisitor<Path> {
        private final Path root;
        private final List<FileBytes> files;
        private final List<Skipped> others;

        Listing(Path root, List<FileBytes> files, List<Skipped> others) {
            this.root = root;
            this.files = files;
            this.others = others;
        }

        @Override
        public FileVisitResult visitFile(Path path, BasicFileAttributes attributes) {
            String relative = relative(path);
            if (attributes.isRegularFile()) {
                files.add(FileBytes.of(path, relative, attributes));
            } else if (attributes.isSymbolicLink()) {
                others.add(new Skipped(relative, link(path)));
            } else {
                others.add(new Skipped(
                        relative, new Unreadable(CollectProblem.UNSUPPORTED_FORMAT.id(), "a pipe, socket or device")));
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
            if (path.equals(root)) {
                throw e;
            }
            others.add(new Skipped(relative(path), new Unreadable(CollectProblem.NO_FILE_ACCESS.id(), explain(e))));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path path, @Nullable IOException e) {
            if (e != null) {
                others.add(new Skipped(relative(path), new Unreadable(CollectProblem.NO_FILE_ACCESS.id(), explain(e))));
            }
            return FileVisitResult.CONTINUE;
        }

        /** A link to something in the folder needs nothing more, as that is collected itself; any other is named and not followed. */
        private @Nullable Unreadable link(Path path) {
            try {
                if (path.toRealPath().startsWith(root)) {
                    return null;
                }
                return new Unreadable(CollectProblem.SYMBOLIC_LINK.id(), "it leads out of the folder");
            } catch (IOException e) {
                return new Unreadable(CollectProblem.SYMBOLIC_LINK.id(), "it leads nowhere: " + explain(e));
            }
        }

        private String relative(Path path) {
            return root.relativize(path).toString().replace(path.getFileSystem().getSeparator(), "/");
        }
    }
}

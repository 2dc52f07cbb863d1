package org.qiantang.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.Classification;
import org.qiantang.catalog.Classifier;
import org.qiantang.catalog.ContentKind;
import org.qiantang.catalog.Findings;
import org.qiantang.testing.SharedData;

/**
 * What the detectors find in columns of which a person has written down what they hold: those of the demo city, and those of files made by
 * others. The figures of {@code docs/classification.md} are written from here ({@code -Ddocs.write=true}).
 */
class DetectorsTest {
    private static final double LEAST_RECALL = 0.98;
    private static final double LEAST_PRECISION = 0.95;

    private enum Comments {
        READ,
        LEFT_OUT
    }

    /** A column of which it is known what it holds. */
    private record Judged(String place, String truth, String found) {}

    /** What a collection would have sampled of a column. */
    private static final class Sampled {
        private static final int FIRST = 256;
        private static final int STRIDE = 997;
        private static final int MOST = 512;

        private final String name;
        private final @Nullable String comment;
        private final String type;
        private final Set<String> samples = new LinkedHashSet<>();
        private long seen;

        private Sampled(String name, @Nullable String comment, String type) {
            this.name = name;
            this.comment = comment;
            this.type = type;
        }

        private void take(@Nullable String value) {
            if (value != null && (seen++ < FIRST || seen % STRIDE == 0) && samples.size() < MOST) {
                samples.add(value.substring(0, Math.min(value.length(), 512)));
            }
        }

        private String found() {
            Findings findings = Classifier.look(type, List.copyOf(samples));
            ContentKind kind = Classification.of(name, comment, type, findings).kind();
            return kind == null ? Contents.NONE : kind.name();
        }
    }

    @Test
    void theTruthNamesEveryColumnOfTheDemoCity() {
        List<String> columns = CityFolder.builtIn().systems().stream()
                .flatMap(source -> source.tables().stream()
                        .flatMap(table -> table.columns().stream()
                                .map(column -> source.name() + "/" + table.name() + "." + column.name())))
                .sorted()
                .toList();

        assertThat(Contents.read().stream()
                        .map(held -> held.source() + "/" + held.table() + "." + held.column())
                        .sorted()
                        .toList())
                .isEqualTo(columns);
    }

    @Test
    void detectorsFindWhatThereIsAndLittleElse(@TempDir Path folder) throws IOException, SQLException {
        List<Judged> demo = judgeDemo(Comments.READ);
        List<Judged> real = judgeReal(folder);
        List<Judged> all = new ArrayList<>(demo);
        all.addAll(real);

        String figures = figures("Demo city", demo)
                + figures("Demo city without comments", judgeDemo(Comments.LEFT_OUT))
                + figures("Files made by others", real)
                + figures("Together", all)
                + confusions(all);
        System.out.println(figures);
        document(kinds(), figures);

        assertThat(recall(all)).isGreaterThanOrEqualTo(LEAST_RECALL);
        assertThat(precision(all)).isGreaterThanOrEqualTo(LEAST_PRECISION);
    }

    private static List<Judged> judgeDemo(Comments comments) {
        Map<String, List<Sampled>> tables = new LinkedHashMap<>();
        new DemoCity(42, 0.1).write((source, table) -> {
            List<Sampled> columns = table.columns().stream()
                    .map(column -> new Sampled(
                            column.name(),
                            comments == Comments.READ && source.kind() == DemoSource.Kind.POSTGRES
                                    ? column.comment()
                                    : null,
                            type(column.type())))
                    .toList();
            tables.put(source.name() + "/" + table.name(), columns);
            return row -> {
                if (row.raw() == null) {
                    for (Sampled column : columns) {
                        column.take(row.value(column.name));
                    }
                }
            };
        });
        List<Judged> judged = new ArrayList<>();
        for (Contents.Held held : Contents.read()) {
            String table = held.source() + "/" + held.table();
            Sampled column = tables.getOrDefault(table, List.of()).stream()
                    .filter(each -> each.name.equals(held.column()))
                    .findFirst()
                    .orElseThrow();
            judged.add(new Judged(table + "." + held.column(), held.kind(), column.found()));
        }
        return judged;
    }

    /** The lake's type of a column of the demo city. */
    private static String type(String declared) {
        String bare = declared.replaceAll("\\(.*", "");
        return switch (bare) {
            case "bigint" -> "long";
            case "integer", "smallint" -> "int";
            case "numeric" -> "decimal(18,6)";
            case "date", "timestamp", "timestamptz", "boolean" -> bare;
            default -> "string";
        };
    }

    private static List<Judged> judgeReal(Path folder) throws IOException, SQLException {
        Map<String, Map<String, String>> truth = new LinkedHashMap<>();
        for (String line : new String(
                        Objects.requireNonNull(DetectorsTest.class.getResourceAsStream("real-contents.tsv"))
                                .readAllBytes(),
                        StandardCharsets.UTF_8)
                .lines()
                .filter(each -> !each.startsWith("#"))
                .toList()) {
            String[] parts = line.split("\t");
            Map<String, String> columns = truth.computeIfAbsent(parts[0], any -> new HashMap<>());
            if (!parts[1].equals(Contents.NONE)) {
                columns.put(parts[1], parts[2]);
            }
        }
        List<Judged> judged = new ArrayList<>();
        for (Map.Entry<String, Map<String, String>> file : truth.entrySet()) {
            List<Sampled> columns = read(file.getKey(), folder);
            Set<String> unknown = new TreeSet<>(file.getValue().keySet());
            columns.forEach(column -> unknown.remove(column.name));
            assertThat(unknown).as(file.getKey()).isEmpty();
            for (Sampled column : columns) {
                judged.add(new Judged(
                        file.getKey() + "." + column.name,
                        file.getValue().getOrDefault(column.name, Contents.NONE),
                        column.found()));
            }
        }
        return judged;
    }

    /** A file of a data set, or one table of a PostgreSQL dump. */
    private static List<Sampled> read(String name, Path folder) throws IOException, SQLException {
        int slash = name.indexOf('/');
        String file = name.substring(slash + 1);
        Path path = SharedData.folder(name.substring(0, slash)).resolve(file.replaceFirst("#.*", ""));
        String options = "";
        int hash = file.indexOf('#');
        if (hash >= 0) {
            path = copied(path, file.substring(hash + 1), folder);
            options = ", delim = '\t', nullstr = '\\N', quote = '', escape = ''";
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                ResultSet rows = connection
                        .createStatement()
                        .executeQuery("SELECT * FROM read_csv('" + path + "', header = true, sample_size = -1" + options
                                + ", ignore_errors = true)")) {
            ResultSetMetaData meta = rows.getMetaData();
            List<Sampled> columns = new ArrayList<>();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                columns.add(new Sampled(
                        meta.getColumnName(i),
                        null,
                        switch (meta.getColumnTypeName(i)) {
                            case "BIGINT" -> "long";
                            case "DOUBLE" -> "double";
                            case "BOOLEAN" -> "boolean";
                            case "DATE" -> "date";
                            case "TIME" -> "time";
                            case "TIMESTAMP" -> "timestamp";
                            case "TIMESTAMP WITH TIME ZONE" -> "timestamptz";
                            default -> "string";
                        }));
            }
            while (rows.next()) {
                for (int i = 0; i < columns.size(); i++) {
                    columns.get(i).take(rows.getString(i + 1));
                }
            }
            return columns;
        }
    }

    /** The rows that a dump copies into a table, with a header. */
    private static Path copied(Path dump, String table, Path folder) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean inside = false;
        for (String line : Files.readAllLines(dump)) {
            if (line.startsWith("COPY public." + table + " (")) {
                inside = true;
                lines.add(
                        line.substring(line.indexOf('(') + 1, line.indexOf(')')).replace(", ", "\t"));
            } else if (line.equals("\\.")) {
                inside = false;
            } else if (inside) {
                lines.add(line);
            }
        }
        assertThat(lines).hasSizeGreaterThan(1);
        return Files.write(folder.resolve(table + ".tsv"), lines);
    }

    private static long right(List<Judged> judged) {
        return judged.stream()
                .filter(each -> !each.truth.equals(Contents.NONE) && each.found.equals(each.truth))
                .count();
    }

    private static double recall(List<Judged> judged) {
        return (double) right(judged)
                / judged.stream()
                        .filter(each -> !each.truth.equals(Contents.NONE))
                        .count();
    }

    private static double precision(List<Judged> judged) {
        return (double) right(judged)
                / judged.stream()
                        .filter(each -> !each.found.equals(Contents.NONE))
                        .count();
    }

    private static String figures(String what, List<Judged> judged) {
        StringBuilder text = new StringBuilder(
                "\n### " + what + "\n\n| Kind | Columns | Right | Missed | Wrongly |\n|---|--:|--:|--:|--:|\n");
        Set<String> kinds = new TreeSet<>();
        judged.forEach(each -> {
            kinds.add(each.truth);
            kinds.add(each.found);
        });
        kinds.remove(Contents.NONE);
        for (String kind : kinds) {
            long there = judged.stream().filter(each -> each.truth.equals(kind)).count();
            long right = judged.stream()
                    .filter(each -> each.truth.equals(kind) && each.found.equals(kind))
                    .count();
            long found = judged.stream().filter(each -> each.found.equals(kind)).count();
            text.append("| %s | %d | %d | %d | %d |\n".formatted(kind, there, right, there - right, found - right));
        }
        text.append("\n%d columns. Recall %.3f, precision %.3f.\n"
                .formatted(judged.size(), recall(judged), precision(judged)));
        return text.toString();
    }

    private static String confusions(List<Judged> judged) {
        TreeMap<String, List<String>> wrong = judged.stream()
                .filter(each -> !each.found.equals(each.truth))
                .collect(Collectors.groupingBy(
                        each -> each.truth + " | " + each.found,
                        TreeMap::new,
                        Collectors.mapping(each -> "`" + each.place + "`", Collectors.toList())));
        StringBuilder text = new StringBuilder("\n### Confusions\n\n| Holds | Found | Columns |\n|---|---|---|\n");
        wrong.forEach((pair, places) -> text.append("| ")
                .append(pair)
                .append(" | ")
                .append(String.join(", ", places))
                .append(" |\n"));
        return text.toString();
    }

    private static String kinds() {
        StringBuilder text =
                new StringBuilder("\n| Kind | Level | Object | Content | With name |\n|---|---|---|--:|--:|\n");
        for (ContentKind kind : ContentKind.values()) {
            text.append("| %s | %s | %s | %s | %.2f |\n"
                    .formatted(
                            kind,
                            kind.level(),
                            kind.subject(),
                            kind.threshold() > 1 ? "never" : "%.2f".formatted(kind.threshold()),
                            kind.namedThreshold()));
        }
        return text.toString();
    }

    /** The document holds the figures as they are, or is written again. */
    private static void document(String kinds, String figures) throws IOException {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("docs/adr"))) {
            folder = folder.getParent();
        }
        Path document = folder.resolve("docs/classification.md");
        String is = Files.readString(document);
        String shouldBe = filled(filled(is, "kinds", kinds), "figures", figures);
        if (Boolean.getBoolean("docs.write")) {
            Files.writeString(document, shouldBe);
        }
        assertThat(Files.readString(document)).isEqualTo(shouldBe);
    }

    private static String filled(String document, String part, String content) {
        String mark = "<!-- " + part + ": written by DetectorsTest -->\n";
        int from = document.indexOf(mark) + mark.length();
        return document.substring(0, from) + content + document.substring(document.indexOf("<!-- end -->", from));
    }
}

package org.qiantang.refine;

import static java.util.Objects.requireNonNull;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Csv;
import org.qiantang.core.Problem;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.Rehearsal;
import org.qiantang.lake.TableName;

/**
 * How one table is made: a head of {@code -- word: value} lines, then one SELECT, or for a code list its rows as CSV. It is a text that
 * people write, compare and keep beside other texts; a second city brings its own.
 *
 * @param key names of the columns that tell rows apart; may be empty
 * @param origins the table that says of each of its values who says so; null where only the statement does
 * @param columns what its columns are called, by name
 * @param values what a code list says, each once; empty for what is not one
 * @param sql the statement, for a code list the one that gives its rows
 */
public record Mapping(
        TableName table,
        String title,
        @Nullable String titleEn,
        String department,
        String about,
        List<String> key,
        @Nullable TableName origins,
        Map<String, String> columns,
        List<Test> tests,
        List<String> values,
        String sql) {
    /** Where code lists are. */
    public static final String CODES = "codes";

    private static final Pattern NAME = Pattern.compile(
            "(?:std|base|ind)_[a-z][a-z0-9_]{0,58}\\.[a-z][a-z0-9_]{0,62}|codes\\.[a-z][a-z0-9_]{0,62}");
    private static final Pattern HEAD = Pattern.compile("--\\s?([a-z-]+)(?: ([^:]+))?:\\s*(.*)");
    private static final Pattern GOING_ON = Pattern.compile("--\\s{2,}(\\S.*)");
    private static final int LONGEST_TEXT = 2_000_000;

    public Mapping {
        requireNonNull(table, "table is null");
        requireNonNull(title, "title is null");
        requireNonNull(department, "department is null");
        requireNonNull(about, "about is null");
        requireNonNull(sql, "sql is null");
        key = List.copyOf(key);
        columns = Map.copyOf(columns);
        tests = List.copyOf(tests);
        values = List.copyOf(values);
    }

    /**
     * Rows in, rows out.
     *
     * @param expected a JSON array of objects
     */
    public record Test(String name, List<Rehearsal.Given> given, String expected) {
        public Test {
            given = List.copyOf(given);
        }
    }

    /** Which layer a table is of: {@code std}, {@code base}, {@code ind} or {@code codes}. */
    public String layer() {
        return layer(table);
    }

    static String layer(TableName table) {
        String namespace = table.namespace();
        int end = namespace.indexOf('_');
        return end < 0 ? namespace : namespace.substring(0, end);
    }

    /** @throws Problem {@link RefineProblem#WRONG_FORM} with the line */
    public static Mapping parse(String text) {
        return new Reading(text).mapping();
    }

    static TableName table(String name) {
        int dot = name.indexOf('.');
        if (dot <= 0 || dot == name.length() - 1) {
            throw new IllegalArgumentException("Not a table's name: " + name);
        }
        return new TableName(name.substring(0, dot), name.substring(dot + 1));
    }

    /** A text while it is read, line by line. */
    private static final class Reading {
        private final List<String> lines;
        private int at;
        private @Nullable TableName table;
        private @Nullable String title;
        private @Nullable String titleEn;
        private @Nullable String department;
        private String about = "";
        private List<String> key = List.of();
        private @Nullable TableName origins;
        private int saysOrigins;
        private final Map<String, String> columns = new LinkedHashMap<>();
        private final List<Test> tests = new ArrayList<>();
        private @Nullable String testing;
        private List<Rehearsal.Given> given = new ArrayList<>();
        private final Set<String> said = new LinkedHashSet<>();

        Reading(String text) {
            if (text.length() > LONGEST_TEXT) {
                throw wrong(1, "longer than " + LONGEST_TEXT + " characters");
            }
            lines = text.lines().toList();
        }

        Mapping mapping() {
            while (at < lines.size()
                    && (lines.get(at).isBlank() || lines.get(at).startsWith("--"))) {
                if (!lines.get(at).isBlank()) {
                    head();
                } else {
                    at++;
                }
            }
            if (testing != null) {
                throw wrong(at, "the test \"" + testing + "\" expects nothing: -- expect: […]");
            }
            TableName named = said(table, "-- table: namespace.name");
            String body = String.join("\n", lines.subList(at, lines.size())).strip();
            if (body.isEmpty()) {
                throw wrong(at + 1, "nothing follows the head");
            }
            boolean rows = named.namespace().equals(CODES);
            if (origins != null && !layer(named).equals("base")) {
                throw wrong(saysOrigins, "only a base library has origins");
            }
            if (origins != null && key.isEmpty()) {
                throw wrong(saysOrigins, "origins are found by the key, and there is none: -- key: …");
            }
            if (rows && !tests.isEmpty()) {
                throw wrong(at + 1, "rows need no test");
            }
            String sql = rows ? rows(body) : body;
            return new Mapping(
                    named,
                    said(title, "-- title: …"),
                    titleEn,
                    said(department, "-- department: …"),
                    about,
                    key,
                    origins,
                    columns,
                    tests,
                    List.copyOf(said),
                    sql);
        }

        private void head() {
            int line = at + 1;
            Matcher head = HEAD.matcher(lines.get(at));
            if (!head.matches()) {
                throw wrong(line, "not -- word: value");
            }
            StringBuilder value = new StringBuilder(head.group(3).strip());
            at++;
            while (at < lines.size()) {
                Matcher more = GOING_ON.matcher(lines.get(at));
                if (!more.matches()) {
                    break;
                }
                value.append(' ').append(more.group(1).strip());
                at++;
            }
            take(line, head.group(1), head.group(2), value.toString().strip());
        }

        private void take(int line, String word, @Nullable String of, String value) {
            boolean wantsOf = word.equals("column") || word.equals("given");
            if (wantsOf != (of != null)) {
                throw wrong(line, wantsOf ? word + " of what?" : "no name goes between " + word + " and the colon");
            }
            switch (word) {
                case "table" -> {
                    if (!NAME.matcher(value).matches()) {
                        throw wrong(
                                line,
                                value + " is not std_….name, base_….name, ind_….name or codes.name in small letters");
                    }
                    table = Mapping.table(value);
                }
                case "title" -> title = value;
                case "title-en" -> titleEn = value;
                case "department" -> department = value;
                case "about" -> about = value;
                case "key" -> key = List.of(value.split("\\s*,\\s*"));
                case "origins" -> {
                    if (!NAME.matcher(value).matches()) {
                        throw wrong(line, value + " is no table that a mapping makes");
                    }
                    origins = Mapping.table(value);
                    saysOrigins = line;
                }
                case "column" -> columns.put(requireNonNull(of).strip(), value);
                case "test" -> {
                    if (testing != null) {
                        throw wrong(line, "the test \"" + testing + "\" expects nothing: -- expect: […]");
                    }
                    testing = value;
                    given = new ArrayList<>();
                }
                case "given" -> {
                    if (testing == null) {
                        throw wrong(line, "given belongs to a test: -- test: its name");
                    }
                    String name = requireNonNull(of).strip();
                    if (name.indexOf('.') <= 0 || name.endsWith(".")) {
                        throw wrong(line, name + " is no namespace.table");
                    }
                    given.add(new Rehearsal.Given(Mapping.table(name), value));
                }
                case "expect" -> {
                    if (testing == null) {
                        throw wrong(line, "expect belongs to a test: -- test: its name");
                    }
                    tests.add(new Test(testing, given, value));
                    testing = null;
                }
                default -> throw wrong(line, "no such word: " + word);
            }
        }

        private String rows(String body) {
            List<List<String>> read = Csv.read(new StringReader(body));
            List<String> names = read.getFirst().stream().map(String::strip).toList();
            List<List<@Nullable String>> values = new ArrayList<>();
            for (int i = 1; i < read.size(); i++) {
                List<String> row = read.get(i);
                if (row.size() == 1 && row.getFirst().isBlank()) {
                    continue;
                }
                if (row.size() != names.size()) {
                    throw wrong(at + 1 + i, row.size() + " values, but " + names.size() + " columns");
                }
                List<@Nullable String> cells = new ArrayList<>();
                row.forEach(cell -> cells.add(cell.isEmpty() ? null : cell));
                row.stream().filter(cell -> !cell.isBlank()).forEach(said::add);
                values.add(cells);
            }
            return Derivation.ofRows(names, values);
        }

        private <T> T said(@Nullable T value, String line) {
            if (value == null) {
                throw wrong(1, line + " is missing");
            }
            return value;
        }

        private static Problem wrong(int line, String reason) {
            return new Problem(RefineProblem.WRONG_FORM, "line", Integer.toString(line), "reason", reason);
        }
    }
}

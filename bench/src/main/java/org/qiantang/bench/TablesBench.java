package org.qiantang.bench;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.qiantang.bench.Column.Kind;

/**
 * How fast a database of many tables is collected, most of them small as in every real department, beside one {@code pg_dump} of it.
 * What a tool does once a table shows here and nowhere else.
 */
public final class TablesBench {
    private static final Map<String, String> DEFAULTS = Map.of("pairs", "5", "percent", "100", "many", "false");
    private static final String USAGE = "bin/bench tables [--pairs N] [--percent P] [--many]";
    private static final double MEBIBYTE = 1024 * 1024;
    private static final int TABLES_PER_STATEMENT = 50;
    private static final String PARITY = "rows, a sum over all columns and a sum of row hashes of every table";

    private final Arguments arguments;
    private final Path work;
    private final Log log;

    private TablesBench(Arguments arguments, Path work, Log log) {
        this.arguments = arguments;
        this.work = work;
        this.log = log;
    }

    /** Measures as the options say and writes a log; ends with 1 when a copy differs from its source. */
    public static void main(String[] args) throws Exception {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args), DEFAULTS);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        Path checkout = Path.of("").toAbsolutePath();
        Path work = Files.createTempDirectory(Files.createDirectories(checkout.resolve("bench/target")), "tables-");
        Path logs = checkout.resolve(arguments.number("percent") == 100 ? "bench/results" : "bench/target");
        boolean isMany = arguments.is("many");
        boolean isEqual;
        try (Log log = Log.begin(
                logs,
                isMany ? "tables-many" : "tables",
                isMany ? "Collection of thousands of tiny tables" : "Collection of many tables beside pg_dump")) {
            isEqual = new TablesBench(arguments, work, log).measure(checkout);
        } finally {
            PeerLeg.delete(work);
        }
        System.exit(isEqual ? 0 : 1);
    }

    private boolean measure(Path checkout) throws Exception {
        List<Made> tables =
                arguments.is("many") ? tiny(50 * arguments.number("percent")) : usual(arguments.number("percent"));
        Pairs pairs = new Pairs(log, work, "rows");
        try (Source source = Source.startInstalled(work)) {
            make(source, tables);
            Map<String, List<String>> originals = originals(source, tables);
            long rows = tables.stream().mapToLong(Made::rows).sum();
            log.say(
                    "data      %,d tables, %,d of them under 1,000 rows, %,d rows in all, %,.0f MiB of heap",
                    tables.size(),
                    tables.stream().filter(table -> table.rows() < 1_000).count(),
                    rows,
                    source.heapBytes() / MEBIBYTE);
            try (Leg dump = new DumpLeg(source, work);
                    CollectLeg ours = new CollectLeg(source, "tables", work, checkout)) {
                log.say(
                        "software  JDK %s, PostgreSQL %s, %s, %s",
                        Runtime.version(), source.version(), dump.version(), ours.version());
                pairs.run(
                        arguments.is("many") ? 1 : arguments.number("pairs"),
                        List.of(dump, ours),
                        pair -> rows,
                        leg -> leg == ours ? differences(ours, tables, originals) : List.of());
            }
        }
        pairs.sayRatios();
        log.say(
                arguments.is("many")
                        ? "target    all tables, and the worker's peak ≤ 1,024 MiB"
                        : "target    speed beside pg_dump ≥ 0.33");
        return pairs.sayParity(PARITY);
    }

    /** @param rows how many it has */
    record Made(String name, List<Column> columns, long rows) {
        /** From four to fifteen columns of the kinds that departments have, one in ten values missing. */
        static Made of(int number, long rows) {
            List<Column> columns = new ArrayList<>();
            columns.add(new Column("id", Kind.NUMBER, "bigint"));
            for (int i = 0; i < 3 + number % 12; i++) {
                columns.add(
                        switch (i % 5) {
                            case 0 -> new Column("name_" + i, Kind.TEXT, "varchar(60)");
                            case 1 -> new Column("count_" + i, Kind.NUMBER, "integer");
                            case 2 -> new Column("amount_" + i, Kind.NUMBER, "numeric(12,2)");
                            case 3 -> new Column("day_" + i, Kind.DATE, "date");
                            default -> new Column("remark_" + i, Kind.TEXT, "text");
                        });
            }
            return new Made("t%04d".formatted(number), List.copyOf(columns), rows);
        }

        String create() {
            return columns.stream()
                    .map(column -> column.name() + " " + column.sqlType())
                    .collect(Collectors.joining(", ", "create table " + name + " (", ", primary key (id))"));
        }

        String fill() {
            return columns.stream()
                    .map(column -> column.name().equals("id")
                            ? "g"
                            : "case when (g + 3) % 10 > 0 then "
                                    + switch (column.sqlType()) {
                                        case "integer" -> "(g * 7919 % 1000003)::integer";
                                        case "numeric(12,2)" -> "(g * 31 % 10000000) / 100.0";
                                        case "date" -> "date '2015-01-01' + (g % 4000)::integer";
                                        case "text" -> "repeat('杭州', (g % 9)::integer) || md5(g::text)";
                                        default -> "'№ ' || g * 104729 % 999983";
                                    }
                                    + " end")
                    .collect(Collectors.joining(
                            ", ",
                            "insert into " + name + " select ",
                            " from generate_series(1::bigint, " + rows + ") g"));
        }
    }

    /** 400 tables under 1,000 rows and 100 whose sizes fall as sizes do: a few large ones hold most. */
    private static List<Made> usual(int percent) {
        List<Made> tables = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            tables.add(Made.of(i, i * 37L % 1_000));
        }
        for (int i = 0; i < 100; i++) {
            tables.add(Made.of(400 + i, 1_000 + 450_000L / (i + 1) * percent / 100));
        }
        return tables;
    }

    /** Half of them empty, the others with up to nine rows. */
    static List<Made> tiny(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Made.of(i, i % 2 == 0 ? 0 : i / 2 % 10))
                .toList();
    }

    static void make(Source source, List<Made> tables) throws SQLException {
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < tables.size(); i++) {
                statement.execute(tables.get(i).create());
                statement.execute(tables.get(i).fill());
                if (i % TABLES_PER_STATEMENT == 0) {
                    connection.commit();
                }
            }
            connection.commit();
            connection.setAutoCommit(true);
            statement.execute("vacuum (freeze, analyze)");
            statement.execute("checkpoint");
        }
    }

    /** One statement for some tables, since each costs a round trip and more. */
    private static List<String> statements(List<Made> tables, UnaryOperator<String> relation, Digest.Dialect dialect) {
        List<String> statements = new ArrayList<>();
        for (int i = 0; i < tables.size(); i += TABLES_PER_STATEMENT) {
            statements.add(tables.subList(i, Math.min(tables.size(), i + TABLES_PER_STATEMENT)).stream()
                    .map(table -> Digest.brief(table.name(), table.columns(), relation.apply(table.name()), dialect))
                    .collect(Collectors.joining(" union all ")));
        }
        return statements;
    }

    private static Map<String, List<String>> originals(Source source, List<Made> tables) throws SQLException {
        Map<String, List<String>> originals = new TreeMap<>();
        try (Connection connection = source.connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements(tables, name -> name, Digest.Dialect.POSTGRESQL)) {
                try (ResultSet row = statement.executeQuery(sql)) {
                    while (row.next()) {
                        originals.put(
                                row.getString(1),
                                values(row.getString(2), row.getString(3), String.valueOf(row.getString(4))));
                    }
                }
            }
        }
        return originals;
    }

    /** @param hash of nothing is null or no text at all */
    private static List<String> values(String rows, String sum, String hash) {
        return List.of(
                rows,
                new BigDecimal(sum).stripTrailingZeros().toPlainString(),
                hash.equals("null") || hash.isEmpty() ? "0" : new BigDecimal(hash).toPlainString());
    }

    private static List<String> differences(CollectLeg ours, List<Made> tables, Map<String, List<String>> originals)
            throws Exception {
        Map<String, List<String>> copies = new LinkedHashMap<>();
        for (String sql : statements(tables, ours::lakeTable, Digest.Dialect.DUCKDB)) {
            ours.ask(sql)
                    .lines()
                    .skip(1)
                    .map(line -> line.replace("\"", "").split(",", -1))
                    .forEach(fields -> copies.put(fields[0], values(fields[1], fields[2], fields[3])));
        }
        List<String> differences = new ArrayList<>();
        originals.forEach((name, values) -> {
            if (!values.equals(copies.get(name))) {
                differences.add(name + ": " + values + " at the source, " + copies.get(name) + " in the copy");
            }
        });
        return differences;
    }
}

package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.Lakes;

/** What a policy lets a reader see, held against somebody who first takes away what is not to be seen and then asks. */
class PolicyTests {
    private static final TableName PERSON = new TableName("raw_civil", "person");
    private static final TableName VISIT = new TableName("raw_civil", "visit");
    private static final String KEY = "0123456789abcdef".repeat(4);
    private static final int ROUNDS = 1_000;

    private static final List<String> NAMES =
            List.of("id", "name", "district", "age", "income", "born", "mail", "address", "ratio");
    private static final List<String> TYPES =
            List.of("INTEGER", "VARCHAR", "VARCHAR", "BIGINT", "DECIMAL(12,2)", "DATE", "VARCHAR", "VARCHAR", "DOUBLE");

    @TempDir
    static Path folder;

    private static Lake lake;
    private static Connection plain;

    /** The rows of both tables, as their texts. */
    private static List<List<String>> persons;

    private static List<List<String>> visits;

    @BeforeAll
    static void fill() throws SQLException {
        lake = Lakes.open(folder);
        plain = DriverManager.getConnection("jdbc:duckdb:");
        make(PERSON, """
                SELECT i::INTEGER AS id, CASE WHEN i % 11 = 0 THEN NULL WHEN i % 5 = 0 THEN '王' ELSE '欧阳' || i END AS name,
                    CASE WHEN i % 13 = 0 THEN NULL ELSE '3301' || lpad((i % 6)::VARCHAR, 2, '0') END AS district,
                    (i * 37 % 91)::BIGINT AS age, (i * 100.25)::DECIMAL(12, 2) AS income, DATE '1950-01-01' + (i * 97)::INTEGER AS born,
                    CASE WHEN i % 7 = 0 THEN 'none' ELSE 'u' || i || '@city' || (i % 3) || '.cn' END AS mail,
                    CASE WHEN i % 4 = 0 THEN 'x' ELSE '10.' || (i % 200) || '.0.1' END AS address, i / 7.0::DOUBLE AS ratio
                FROM range(1, 120) r(i)""", "id");
        make(VISIT, """
                SELECT i::INTEGER AS visit, (i * 7 % 130)::INTEGER AS person, 'p' || (i % 4) AS place,
                    DATE '2026-01-01' + (i % 60)::INTEGER AS day FROM range(200) r(i)""", "visit");
        persons = Lakes.rows(lake, "SELECT * FROM raw_civil.person ORDER BY id");
        visits = Lakes.rows(lake, "SELECT * FROM raw_civil.visit ORDER BY visit");
        try (Statement statement = plain.createStatement()) {
            statement.execute("CREATE SCHEMA raw_civil");
            statement.execute("SET TimeZone = 'UTC'");
        }
    }

    @AfterAll
    static void close() throws SQLException {
        lake.close();
        plain.close();
    }

    private static void make(TableName table, String sql, String key) {
        lake.derive(new Derivation(UUID.randomUUID().toString(), table, sql, List.of(key), Map.of(), Map.of()));
    }

    @Test
    void aPseudonymIsTheSameForTheSameKeyAndAnotherForAnother() throws Exception {
        List<String> one = column("name", new Mask.Pseudonym(KEY));
        List<String> other = column("name", new Mask.Pseudonym("ff".repeat(32)));

        for (int i = 0; i < persons.size(); i++) {
            String value = persons.get(i).get(1);
            assertThat(one.get(i)).isEqualTo(value == null ? null : hmac(KEY, value));
            assertThat(other.get(i)).isEqualTo(value == null ? null : hmac("ff".repeat(32), value));
        }
        assertThat(new Mask.Pseudonym(KEY).toString()).doesNotContain(KEY);
    }

    @Test
    void masksShowWhatTheirNamesSay() {
        assertThat(column("mail", new Mask.KeepDomain()))
                .contains("u@city1.cn".replace("u", "u*"), "u**@city1.cn", "****")
                .noneMatch(mail -> mail.matches("u[0-9].*"));
        assertThat(column("address", new Mask.KeepNetwork()))
                .contains("10.*.*.*", "*")
                .allMatch(address -> address.equals("10.*.*.*") || address.equals("*"));
        assertThat(column("born", new Mask.KeepYear())).allMatch(born -> born.endsWith("-01-01"));
        assertThat(column("name", new Mask.KeepYear())).allMatch(name -> name == null || name.length() <= 5);
        assertThat(column("income", new Mask.Hide())).containsOnlyNulls();
        assertThatThrownBy(() -> column("income", new Mask.Omit())).isInstanceOf(LakeException.class);
        for (Mask mask : masks()) {
            if (!(mask instanceof Mask.Pseudonym)) {
                assertThat(Mask.of(mask.text())).contains(mask);
            }
        }
    }

    @Test
    void aConditionOnAColumnThatIsGoneLetsNobodyIn() {
        TablePolicy policy = new TablePolicy(
                Map.of(),
                new Mask.Clear(),
                List.of(new RowCondition("street", RowCondition.Operator.IN, List.of("a"))));

        assertThatThrownBy(() -> Lakes.rows(lake, asked("SELECT count(*) FROM raw_civil.person", policy)))
                .isInstanceOfSatisfying(
                        LakeException.class, e -> assertThat(e.kind()).isEqualTo(LakeException.Kind.NOT_ALLOWED))
                .hasMessageContaining("street");
    }

    @Test
    void aBeginningOfABeginningTakesNothingAway() {
        for (List<String> beginnings :
                List.of(List.of("u", "u1"), List.of("u1", "u"), List.of("u", "欧"), List.of("none", ""))) {
            TablePolicy policy = new TablePolicy(
                    Map.of(),
                    new Mask.Clear(),
                    List.of(new RowCondition("mail", RowCondition.Operator.STARTS_WITH, beginnings)));

            long wanted = persons.stream()
                    .filter(person -> beginnings.stream().anyMatch(person.get(6)::startsWith))
                    .count();
            assertThat(wanted).isPositive();
            assertThat(Lakes.rows(lake, asked("SELECT count(*) FROM raw_civil.person", policy)))
                    .containsExactly(List.of(Long.toString(wanted)));
        }
    }

    @Test
    void aValueThatIsNoneOfTheColumnsTypeIsTheValueOfNoRow() {
        for (String wrong : List.of("x", "1; DROP", "' OR 1=1 --", "")) {
            TablePolicy policy = new TablePolicy(
                    Map.of(),
                    new Mask.Clear(),
                    List.of(new RowCondition("age", RowCondition.Operator.IN, List.of(wrong))));

            assertThat(Lakes.rows(lake, asked("SELECT count(*) FROM raw_civil.person", policy)))
                    .containsExactly(List.of("0"));
        }
    }

    @Test
    void twoPoliciesShowWhatBothShow() {
        TablePolicy one = new TablePolicy(
                Map.of("name", new Mask.KeepEnds(1, 0), "age", new Mask.Clear(), "mail", new Mask.Hide()),
                new Mask.Clear(),
                List.of(new RowCondition("age", RowCondition.Operator.FROM, List.of("10"))));
        TablePolicy other = new TablePolicy(
                Map.of("name", new Mask.Clear(), "age", new Mask.Hide(), "mail", new Mask.Clear()),
                new Mask.Omit(),
                List.of(new RowCondition("age", RowCondition.Operator.BEFORE, List.of("20"))));

        TablePolicy both = one.and(other);

        assertThat(both.mask("name")).isEqualTo(new Mask.KeepEnds(1, 0));
        assertThat(both.mask("age")).isEqualTo(new Mask.Hide());
        assertThat(both.mask("mail")).isEqualTo(new Mask.Hide());
        assertThat(both.mask("income")).isEqualTo(new Mask.Omit());
        assertThat(both.rows()).hasSize(2);
    }

    /** Random policies and statements; the reference takes rows and values away in Java, puts the rest into plain tables and asks those. */
    @Test
    void everyAnswerIsThatOfATableFromWhichTheRestWasTakenAway() throws Exception {
        Random random = new Random(20261128);
        int answered = 0;
        for (int round = 0; round < ROUNDS; round++) {
            TablePolicy person = policy(random);
            TablePolicy visit = new TablePolicy(
                    Map.of("place", random.nextBoolean() ? new Mask.Clear() : new Mask.KeepEnds(0, 1)),
                    new Mask.Clear(),
                    random.nextInt(3) == 0
                            ? List.of()
                            : List.of(new RowCondition(
                                    "day",
                                    RowCondition.Operator.BEFORE,
                                    List.of("2026-02-" + (10 + random.nextInt(18))))));
            takeAway(person, visit);
            for (int i = 0; i < 2; i++) {
                String sql = statement(random);
                String wanted = outcome(() -> plainRows(sql));
                String got = outcome(() ->
                        Lakes.rows(lake, new Query(sql, null, Long.MAX_VALUE, Map.of(PERSON, person, VISIT, visit))));
                assertThat(got).as("%s under %s and %s", sql, person, visit).isEqualTo(wanted);
                answered += wanted.equals("refused") ? 0 : 1;
            }
        }
        assertThat(answered).isGreaterThan(ROUNDS);
    }

    private static List<Mask> masks() {
        return List.of(
                new Mask.Clear(),
                new Mask.Hide(),
                new Mask.Omit(),
                new Mask.KeepEnds(1, 0),
                new Mask.KeepEnds(2, 2),
                new Mask.KeepDomain(),
                new Mask.KeepNetwork(),
                new Mask.KeepYear(),
                new Mask.Pseudonym(KEY));
    }

    private static TablePolicy policy(Random random) {
        Map<String, Mask> columns = new HashMap<>();
        for (String name : NAMES) {
            if (random.nextInt(3) != 0) {
                columns.put(
                        name, random.nextBoolean() ? new Mask.Clear() : masks().get(random.nextInt(masks().size())));
            }
        }
        Mask others = List.of(new Mask.Clear(), new Mask.Hide(), new Mask.Omit(), new Mask.Clear())
                .get(random.nextInt(4));
        List<RowCondition> rows = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            rows.add(condition(random));
        }
        return new TablePolicy(columns, others, rows);
    }

    private static RowCondition condition(Random random) {
        int column = random.nextInt(NAMES.size());
        RowCondition.Operator operator =
                RowCondition.Operator.values()[random.nextInt(RowCondition.Operator.values().length)];
        int count = operator == RowCondition.Operator.IN || operator == RowCondition.Operator.STARTS_WITH
                ? 1 + random.nextInt(8)
                : 1;
        List<String> values = random.ints(count, 0, persons.size())
                .mapToObj(row -> persons.get(row).get(column))
                .map(value -> value == null ? "王" : value)
                .map(value -> operator == RowCondition.Operator.STARTS_WITH
                        ? value.substring(0, Math.min(value.length(), 1 + random.nextInt(6)))
                        : value)
                .toList();
        return new RowCondition(NAMES.get(column), operator, values);
    }

    private static String statement(Random random) {
        String column = NAMES.get(random.nextInt(NAMES.size()));
        String other = NAMES.get(random.nextInt(NAMES.size()));
        String where = switch (random.nextInt(5)) {
            case 0 -> "";
            case 1 -> " WHERE " + column + " IS NOT NULL";
            case 2 -> " WHERE " + column + "::VARCHAR > '3' AND id < 90";
            case 3 -> " WHERE " + column + " IN (SELECT " + column + " FROM raw_civil.person WHERE id % 3 = 0)";
            default -> " WHERE length(" + column + "::VARCHAR) > 3 OR " + other + " IS NULL";
        };
        return switch (random.nextInt(9)) {
            case 0 -> "SELECT * FROM raw_civil.person" + where;
            case 1 -> "SELECT " + column + ", " + other + " FROM raw_civil.person" + where;
            case 2 ->
                "SELECT " + column + ", count(*), min(" + other + "), max(" + other + ") FROM raw_civil.person" + where
                        + " GROUP BY " + column;
            case 3 -> "SELECT count(DISTINCT " + column + "), count(" + other + ") FROM raw_civil.person" + where;
            case 4 ->
                "SELECT p." + column
                        + ", v.place, count(*) FROM raw_civil.person p JOIN raw_civil.visit v ON v.person ="
                        + " p.id GROUP BY ALL";
            case 5 ->
                "SELECT v.place, p." + column
                        + " FROM raw_civil.visit v LEFT JOIN raw_civil.person p ON v.person = p.id";
            case 6 ->
                "WITH c AS (SELECT " + column + " AS x, " + other + " AS y FROM raw_civil.person" + where
                        + ") SELECT x, max(y) FROM c GROUP BY x";
            case 7 ->
                "SELECT " + column + " FROM raw_civil.person" + where + " UNION SELECT " + column
                        + " FROM raw_civil.person";
            default ->
                "SELECT " + column + ", rank() OVER (PARTITION BY " + other + " ORDER BY " + column
                        + ") FROM raw_civil.person" + where;
        };
    }

    private static List<String> column(String name, Mask mask) {
        return Lakes.rows(
                        lake,
                        asked(
                                "SELECT " + name + " FROM raw_civil.person ORDER BY id",
                                TablePolicy.masking(Map.of(name, mask))))
                .stream()
                .map(List::getFirst)
                .toList();
    }

    private static Query asked(String sql, TablePolicy policy) {
        return new Query(sql, null, Long.MAX_VALUE, Map.of(PERSON, policy));
    }

    private static void takeAway(TablePolicy person, TablePolicy visit) throws SQLException {
        load("person", NAMES, TYPES, persons, person);
        load(
                "visit",
                List.of("visit", "person", "place", "day"),
                List.of("INTEGER", "INTEGER", "VARCHAR", "DATE"),
                visits,
                visit);
    }

    private static void load(
            String table, List<String> names, List<String> types, List<List<String>> rows, TablePolicy policy)
            throws SQLException {
        List<Integer> shown = IntStream.range(0, names.size())
                .filter(i -> !(policy.mask(names.get(i)) instanceof Mask.Omit))
                .boxed()
                .toList();
        String columns = shown.stream()
                .map(i -> names.get(i) + " " + shownType(types.get(i), policy.mask(names.get(i))))
                .collect(Collectors.joining(", "));
        try (Statement statement = plain.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS raw_civil." + table);
            statement.execute(
                    "CREATE TABLE raw_civil." + table + " (" + (columns.isEmpty() ? "nothing INTEGER" : columns) + ")");
            String values = rows.stream()
                    .filter(row -> policy.rows().stream().allMatch(condition -> holds(condition, names, types, row)))
                    .map(row -> shown.stream()
                            .map(i -> literal(shown(policy.mask(names.get(i)), types.get(i), row.get(i))))
                            .collect(Collectors.joining(", ", "(", ")")))
                    .collect(Collectors.joining(", "));
            if (!values.isEmpty() && !shown.isEmpty()) {
                statement.execute("INSERT INTO raw_civil." + table + " VALUES " + values);
            }
        }
    }

    private static boolean holds(RowCondition condition, List<String> names, List<String> types, List<String> row) {
        int column = names.indexOf(condition.column());
        String value = row.get(column);
        if (value == null) {
            return false;
        }
        return switch (condition.operator()) {
            case IN -> condition.values().stream().anyMatch(each -> compare(types.get(column), value, each) == 0);
            case STARTS_WITH -> condition.values().stream().anyMatch(value::startsWith);
            case FROM -> compare(types.get(column), value, condition.values().getFirst()) >= 0;
            case BEFORE -> compare(types.get(column), value, condition.values().getFirst()) < 0;
        };
    }

    private static int compare(String type, String one, String other) {
        return switch (type) {
            case "INTEGER", "BIGINT", "DECIMAL(12,2)", "DOUBLE" ->
                new java.math.BigDecimal(one).compareTo(new java.math.BigDecimal(other));
            default ->
                Arrays.compareUnsigned(one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
        };
    }

    private static String shownType(String type, Mask mask) {
        return switch (mask) {
            case Mask.Clear ignored -> type;
            case Mask.Hide ignored -> type;
            case Mask.KeepYear ignored when type.equals("DATE") -> type;
            default -> "VARCHAR";
        };
    }

    private static String shown(Mask mask, String type, String value) {
        if (value == null) {
            return null;
        }
        return switch (mask) {
            case Mask.Clear ignored -> value;
            case Mask.Hide ignored -> null;
            case Mask.Omit ignored -> throw new IllegalArgumentException();
            case Mask.KeepYear ignored when type.equals("DATE") -> value.substring(0, 4) + "-01-01";
            case Mask.KeepYear ignored -> ends(value, 4, 0);
            case Mask.KeepEnds ends -> ends(value, ends.head(), ends.tail());
            case Mask.KeepDomain ignored -> {
                int at = value.indexOf('@');
                yield at < 1 ? "*".repeat(value.length()) : value.charAt(0) + "*".repeat(at - 1) + value.substring(at);
            }
            case Mask.KeepNetwork ignored ->
                value.matches("[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+")
                        ? value.substring(0, value.indexOf('.')) + ".*.*.*"
                        : "*".repeat(value.length());
            case Mask.Pseudonym pseudonym -> hmac(pseudonym.key(), value);
        };
    }

    private static String ends(String value, int head, int tail) {
        int hidden = value.length() - head - tail;
        return hidden <= 0
                ? "*".repeat(value.length())
                : value.substring(0, head) + "*".repeat(hidden) + value.substring(value.length() - tail);
    }

    private static String hmac(String key, String value) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(HexFormat.of().parseHex(key), "HmacSHA256"));
            return HexFormat.of().formatHex(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String literal(String value) {
        return value == null ? "NULL" : Sql.text(value);
    }

    private interface Asking {
        List<List<String>> rows() throws SQLException;
    }

    private static List<List<String>> plainRows(String sql) throws SQLException {
        List<List<String>> rows = new ArrayList<>();
        try (Statement statement = plain.createStatement();
                ResultSet result = statement.executeQuery("SELECT COLUMNS(*)::VARCHAR FROM (" + sql + ")")) {
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(result.getString(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /** Rows in any order; what is refused is refused by both, for a column that is not there or a comparison that makes no sense. */
    private static String outcome(Asking asking) throws SQLException {
        try {
            return asking.rows().stream().map(List::toString).sorted().collect(Collectors.joining("\n"));
        } catch (LakeException e) {
            assertThat(e.kind()).isEqualTo(LakeException.Kind.BAD_STATEMENT);
            return "refused";
        } catch (SQLException e) {
            return "refused";
        }
    }
}

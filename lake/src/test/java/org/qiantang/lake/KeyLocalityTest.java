package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said to be enough for some keys is enough, whatever the tables hold. */
class KeyLocalityTest {
    private static final TableName A = new TableName("raw", "a");
    private static final TableName B = new TableName("raw", "b");
    private static final TableName C = new TableName("raw", "c");
    private static final List<TableName> TABLES = List.of(A, B, C);

    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        run("SET threads = 1");
        // A plan for a dozen rows need not be a good one.
        run("PRAGMA disable_optimizer");
        run("CREATE SCHEMA raw");
        run("CREATE SCHEMA kept");
        for (TableName table : TABLES) {
            run("CREATE TABLE " + table + " (id BIGINT, k VARCHAR, n BIGINT, s VARCHAR)");
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void ofRandomStatementsOverRandomTablesTheKeysConcernedAreEnough() throws SQLException {
        Random random = new Random(20_261_128);
        int partial = 0;
        int rounds = 0;
        int compared = 0;
        for (int statement = 0; statement < 400; statement++) {
            Statements made = new Statements(random);
            String sql = made.any();
            List<String> names = made.columns(sql).names();
            for (TableName table : TABLES) {
                run("DELETE FROM " + table);
                fill(table, random, 2 + random.nextInt(12));
            }
            KeyLocality.Found found;
            try {
                found = KeyLocality.of(connection, sql, Set.copyOf(TABLES), names);
            } catch (SQLException | LakeException e) {
                throw new AssertionError(sql, e);
            }
            if (!(found instanceof KeyLocality.Local local) || local.bound().isEmpty()) {
                continue;
            }
            partial++;
            Set<List<String>> sets = local.bound().keySet().stream()
                    .map(column -> by(local, column))
                    .collect(Collectors.toSet());
            run("CREATE OR REPLACE TEMP TABLE before AS " + sql);
            for (List<String> by : sets) {
                for (int round = 0; round < 4; round++) {
                    rounds++;
                    compared += compare(sql, local, by, random);
                }
            }
        }
        assertThat(partial).as("statements that are local").isGreaterThan(200);
        assertThat(rounds).isGreaterThan(1_000);
        assertThat(compared)
                .as("rounds in which rows of the keys concerned were compared")
                .isGreaterThan(400);
    }

    @Test
    void theTextsOfTheTrialCityAreMadeByTheKeysOfTheirLargeTables() throws Exception {
        shape("codes.sex", "code");
        shape("codes.marital_status", "code");
        shape("codes.market_status__licence_status", "from_name, to_code");
        shape(
                "raw_police.public__resident",
                "resident_id BIGINT, id_number, name, sex, birth_date DATE, marital_status, mobile, status, death_date DATE");
        shape("raw_social_security.public__insured_person", "person_no, id_no, name, mobile, joined_on DATE");
        shape("raw_social_security.public__employer", "employer_id BIGINT, uscc, employer_name, contact_phone");
        shape("raw_medical_insurance.public__psn_info_b", "psn_no, certno, psn_name, gend, brdy DATE");
        shape("raw_civil_affairs.public__death_registration", "cremation_no, id_no, name, death_date DATE");
        shape(
                "raw_civil_affairs.public__social_organisation",
                "uscc, org_name, legal_person, registered_on DATE, status");
        shape("raw_civil_affairs.public__community", "community_code, community_name");
        shape(
                "raw_police.public__standard_address",
                "address_id BIGINT, address_code, full_address, qhdm, community_code, longitude DOUBLE, latitude DOUBLE");
        shape("raw_police.public__xzqh", "qhdm, qhmc, yxbz BOOLEAN, hjdm");
        shape(
                "raw_market.reg__enterprise",
                "ent_id BIGINT, uscc, ent_name, legal_person, district_code, established_on DATE, status");
        shape(
                "raw_market.reg__individual_business",
                "uscc, shop_name, operator_name, district_code, established_on DATE, status");
        shape("raw_market.reg__abnormal_list", "id BIGINT, ent_id BIGINT, reason, listed_on DATE, removed_on DATE");
        shape(
                "raw_market.enforce__penalty",
                "penalty_no, party_uscc, party_name, violation, fine_yuan DECIMAL(12,2), decided_on DATE");
        shape(
                "raw_market.permit__licence",
                "licence_id BIGINT, elicence_no, licence_type, holder_uscc, holder_name, issued_on DATE, valid_to DATE,"
                        + " status");
        shape(
                "raw_market.permit__pharmacy_licence",
                "licence_no, holder_uscc, pharmacy_name, issued_on DATE, valid_to DATE, status");
        try (Stream<Path> texts = Files.list(Path.of("../app/src/main/resources/trial-city/layers"))) {
            for (Path text : texts.sorted().toList()) {
                String all = Files.readString(text);
                String table = word(all, "table");
                String sql = all.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
                if (!sql.startsWith("SELECT") && !sql.startsWith("WITH")) {
                    continue;
                }
                Set<TableName> reads = StatementGuard.check(connection, sql).tables();
                KeyLocality.Found found = KeyLocality.of(
                        connection, sql, reads, List.of(word(all, "key").split(", ")));
                assertThat(found).as(table).isInstanceOf(KeyLocality.Local.class);
                bindings.add(table + ": "
                        + ((KeyLocality.Local) found)
                                .bound().entrySet().stream()
                                        .map(each -> each.getKey() + " "
                                                + each.getValue().keySet().stream()
                                                        .map(TableName::name)
                                                        .toList())
                                        .sorted()
                                        .toList());
                run("CREATE SCHEMA IF NOT EXISTS " + table.split("\\.")[0]);
                run("CREATE TABLE " + table + " AS SELECT * FROM (" + sql + ") LIMIT 0");
            }
        }

        assertThat(bindings)
                .containsExactly(
                        "std_person.police_resident: [resident_id [public__resident]]",
                        "std_person.insured: [person_no [public__insured_person]]",
                        "std_person.medically_insured: [psn_no [public__psn_info_b]]",
                        "std_person.death: [cremation_no [public__death_registration]]",
                        "base_person.person_origins: [id_number [death, insured, medically_insured, police_resident]]",
                        "base_person.person: [id_number [person_origins]]",
                        "std_legal_entity.registered: [uscc [public__social_organisation, reg__enterprise,"
                                + " reg__individual_business]]",
                        "std_legal_entity.employer: [employer_id [public__employer]]",
                        "base_legal_entity.entity_origins: [uscc [employer, registered]]",
                        "base_legal_entity.entity: [uscc [entity_origins]]",
                        "base_place.address: [address_id [public__standard_address]]",
                        "base_licence.licence: [origin_key [permit__licence, permit__pharmacy_licence]]",
                        "base_credit.record: [origin_key [enforce__penalty, reg__abnormal_list]]",
                        "ind_market.entities_by_district: [district_code [entity]]");
    }

    private final List<String> bindings = new ArrayList<>();

    private static String word(String text, String word) {
        return text.lines()
                .filter(line -> line.startsWith("-- " + word + ": "))
                .findFirst()
                .orElseThrow()
                .substring(word.length() + 5);
    }

    /** A table without rows; a column is text unless it says otherwise. */
    private void shape(String table, String columns) throws SQLException {
        run("CREATE SCHEMA IF NOT EXISTS " + table.split("\\.")[0]);
        run("CREATE TABLE " + table + " ("
                + Stream.of(columns.split(", "))
                        .map(each -> each.contains(" ") ? each : each + " VARCHAR")
                        .collect(Collectors.joining(", "))
                + ")");
    }

    @Test
    void whatIsEqualWithoutBeingTheSameBindsNothing() throws SQLException {
        run("CREATE TABLE raw.f (id BIGINT, x DOUBLE, k VARCHAR)");
        assertUnbound("SELECT x, count(*) AS n FROM raw.f GROUP BY x", "raw.f");
        assertUnbound("SELECT k COLLATE NOCASE AS k, count(*) AS n FROM raw.f GROUP BY k COLLATE NOCASE", "raw.f");
        assertUnbound(
                "SELECT CAST(x AS VARCHAR) AS k FROM (SELECT id::DOUBLE * -1 AS x FROM raw.f GROUP BY 1)", "raw.f");
        assertUnbound(
                "SELECT u.v::VARCHAR AS k FROM (SELECT id AS v FROM raw.f UNION ALL SELECT x FROM raw.f) AS u",
                "raw.f");
        assertUnbound("SELECT id, sum(n) OVER (PARTITION BY 1) AS s FROM raw.a", "raw.a");
        assertUnbound("SELECT a.id FROM raw.a a LEFT JOIN raw.b b ON a.id = b.n::INTEGER", "raw.b");
        assertUnbound("SELECT a.id FROM raw.a a ASOF JOIN raw.b b ON a.id = b.id AND a.n >= b.n", "raw.a");
        assertUnbound("SELECT a.id FROM raw.a a NATURAL JOIN raw.b b", "raw.a");
        assertUnbound("SELECT a.id FROM raw.a a WHERE a.k IN (SELECT k FROM raw.a)", "raw.a");
        assertUnbound("SELECT unnest([id, 1]) AS id FROM raw.a", "raw.a");
        assertUnbound("SELECT id FROM (SELECT * FROM raw.a ORDER BY n LIMIT 3)", "raw.a");
    }

    private void assertUnbound(String sql, String table) throws SQLException {
        TableName[] all = {A, B, C, new TableName("raw", "f")};
        KeyLocality.Found found = KeyLocality.of(connection, sql, Set.of(all), List.of("id", "k", "x"));
        assertThat(found).as(sql).isInstanceOf(KeyLocality.Local.class);
        assertThat(((KeyLocality.Local) found)
                        .bound().values().stream()
                                .flatMap(each -> each.keySet().stream())
                                .map(TableName::toString))
                .as(sql)
                .doesNotContain(table);
    }

    /** All columns that bind what one of them binds. */
    private static List<String> by(KeyLocality.Local local, String column) {
        Set<TableName> tables = local.tables(column);
        return local.bound().entrySet().stream()
                .filter(each -> each.getValue().keySet().containsAll(tables))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Changes rows and holds the answer for the keys concerned against the whole; whether there was such a row. */
    private int compare(String sql, KeyLocality.Local local, List<String> by, Random random) throws SQLException {
        Set<TableName> bound = new TreeSet<>(TABLES);
        by.forEach(column -> bound.retainAll(local.tables(column)));
        Set<String> wanted = new LinkedHashSet<>();
        for (TableName table : bound) {
            run("CREATE OR REPLACE TABLE kept." + table.name() + " AS FROM " + table);
            change(table, random);
            for (List<String> expressions : expressions(local, by, table)) {
                wanted.add(IntStream.range(0, by.size())
                        .mapToObj(i -> expressions.get(i) + " AS w" + i)
                        .collect(Collectors.joining(
                                ", ",
                                "SELECT ",
                                " FROM ((FROM kept." + table.name() + " EXCEPT ALL FROM " + table
                                        + ") UNION ALL (FROM " + table + " EXCEPT ALL FROM kept." + table.name()
                                        + "))")));
            }
        }
        run("CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT * FROM (" + String.join(" UNION ALL ", wanted)
                + ")");
        run("CREATE OR REPLACE TEMP TABLE after AS " + sql);
        for (TableName table : bound) {
            String conditions = expressions(local, by, table).stream()
                    .map(expressions -> IntStream.range(0, by.size())
                            .mapToObj(i -> expressions.get(i) + " IS NOT DISTINCT FROM w.w" + i)
                            .collect(Collectors.joining(" AND ", "EXISTS (FROM wanted w WHERE ", ")")))
                    .collect(Collectors.joining(" OR "));
            run("CREATE OR REPLACE TABLE kept." + table.name() + " AS FROM " + table);
            run("CREATE OR REPLACE TABLE " + table + " AS FROM kept." + table.name() + " AS r WHERE " + conditions);
        }
        run("CREATE OR REPLACE TEMP TABLE part AS " + sql);
        for (TableName table : bound) {
            run("CREATE OR REPLACE TABLE " + table + " AS FROM kept." + table.name());
        }
        String mine = IntStream.range(0, by.size())
                .mapToObj(i -> "t." + Sql.name(by.get(i)) + " IS NOT DISTINCT FROM w.w" + i)
                .collect(Collectors.joining(" AND "));
        String is = " t SEMI JOIN wanted w ON " + mine + ")";
        String other = " t ANTI JOIN wanted w ON " + mine + ")";
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT (SELECT count(*) FROM "
                        + differing("(FROM before" + other, "(FROM after" + other) + "), (SELECT count(*) FROM "
                        + differing("(FROM part" + is, "(FROM after" + is) + "), (SELECT count(*) FROM (FROM after" + is
                        + ")")) {
            row.next();
            assertThat(row.getLong(1)).as("keys not concerned: " + sql).isZero();
            assertThat(row.getLong(2)).as("keys concerned: " + sql).isZero();
            run("CREATE OR REPLACE TEMP TABLE before AS FROM after");
            return row.getLong(3) > 0 ? 1 : 0;
        }
    }

    /** For each place of a table the expressions by which it is bound, each of them once. */
    private static Set<List<String>> expressions(KeyLocality.Local local, List<String> by, TableName table) {
        Set<List<String>> expressions = new LinkedHashSet<>();
        for (int place = 0; place < local.expressions(by.getFirst(), table).size(); place++) {
            int at = place;
            expressions.add(by.stream()
                    .map(column -> local.expressions(column, table).get(at))
                    .toList());
        }
        return expressions;
    }

    private static String differing(String one, String two) {
        return "((" + one + " EXCEPT ALL " + two + ") UNION ALL (" + two + " EXCEPT ALL " + one + "))";
    }

    private void fill(TableName table, Random random, int rows) throws SQLException {
        if (rows > 0) {
            run(IntStream.range(0, rows)
                    .mapToObj(i -> row(random))
                    .collect(Collectors.joining(", ", "INSERT INTO " + table + " VALUES ", "")));
        }
    }

    private void change(TableName table, Random random) throws SQLException {
        switch (random.nextInt(4)) {
            case 0 -> run("DELETE FROM " + table + " WHERE id = " + random.nextInt(4));
            case 1 ->
                run("UPDATE " + table + " SET id = " + random.nextInt(5) + " WHERE k = 'k" + random.nextInt(3) + "'");
            case 2 -> run("UPDATE " + table + " SET n = 77, s = 'new' WHERE id = " + random.nextInt(4));
            default -> fill(table, random, 1 + random.nextInt(2));
        }
    }

    private static String row(Random random) {
        return "(" + number(random) + ", " + word(random) + ", " + number(random) + ", " + word(random) + ")";
    }

    private static String number(Random random) {
        return random.nextInt(6) == 0 ? "NULL" : "" + random.nextInt(4);
    }

    private static String word(Random random) {
        return random.nextInt(6) == 0 ? "NULL" : "'k" + random.nextInt(3) + "'";
    }

    private void run(String sql) throws SQLException {
        try (java.sql.Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new SQLException(sql + "\n" + e.getMessage(), e);
        }
    }

    /** Statements out of a grammar: every relation has columns that are numbers or words. */
    private static final class Statements {
        private final Random random;
        private int names;
        private final List<Relation> common = new ArrayList<>();
        private Relation last = new Relation("", List.of(), List.of());

        Statements(Random random) {
            this.random = random;
        }

        record Relation(String sql, List<String> names, List<Boolean> words) {
            int size() {
                return names.size();
            }
        }

        String any() {
            StringBuilder with = new StringBuilder();
            for (int i = random.nextInt(4) == 0 ? 2 : 0; i > 0; i--) {
                Relation made = relation(1);
                String name = "common" + names++;
                with.append(with.isEmpty() ? "WITH " : ", ")
                        .append(name)
                        .append(" AS (")
                        .append(made.sql)
                        .append(")");
                common.add(new Relation(name, made.names, made.words));
            }
            Relation made = relation(random.nextInt(5) == 0 ? 3 : random.nextInt(3) == 0 ? 1 : 2);
            last = made;
            return with + (with.isEmpty() ? "" : " ") + made.sql;
        }

        Relation columns(String sql) {
            return last;
        }

        /** A query in which every column has a name of its own. */
        private Relation relation(int depth) {
            if (depth == 0) {
                return project(table());
            }
            return switch (random.nextInt(10)) {
                case 0, 1, 2 -> join(depth);
                case 3, 4 -> group(relation(depth - 1));
                case 5 -> window(relation(depth - 1));
                case 6 -> set(depth);
                case 7 -> distinct(relation(depth - 1));
                default -> project(relation(depth - 1));
            };
        }

        private Relation table() {
            if (!common.isEmpty() && random.nextInt(3) == 0) {
                return common.get(random.nextInt(common.size()));
            }
            TableName table = TABLES.get(random.nextInt(TABLES.size()));
            return new Relation(table.toString(), List.of("id", "k", "n", "s"), List.of(false, true, false, true));
        }

        private String from(Relation of, String alias) {
            return (of.sql.contains(" ") ? "(" + of.sql + ")" : of.sql) + " AS " + alias;
        }

        private String alias() {
            return "t" + names++;
        }

        private Relation project(Relation of) {
            String alias = alias();
            List<String> items = new ArrayList<>();
            List<String> called = new ArrayList<>();
            List<Boolean> words = new ArrayList<>();
            for (int i = 0; i < of.size(); i++) {
                if (random.nextInt(6) == 0 && i > 0) {
                    continue;
                }
                String name = "c" + names++;
                boolean word = of.words.get(i);
                String column = (random.nextBoolean() ? alias + "." : "") + of.names.get(i);
                String item = column;
                switch (random.nextInt(9)) {
                    case 0 -> item = word ? "upper(" + column + ") || 'x'" : column + " + 1";
                    case 1 -> {
                        item = "CAST(" + column + " AS VARCHAR)";
                        word = true;
                    }
                    case 2 -> item = "coalesce(" + column + ", " + (word ? "'none'" : "9") + ")";
                    case 3 -> {
                        if (random.nextInt(3) == 0) {
                            item = word ? "'same'" : "5::BIGINT";
                        }
                    }
                    case 4 -> {
                        if (random.nextInt(4) == 0) {
                            TableName other = TABLES.get(random.nextInt(TABLES.size()));
                            item = "(SELECT max(o." + (word ? "k" : "n") + ") FROM " + other + " AS o WHERE o.id > 1)";
                        }
                    }
                    default -> {}
                }
                items.add(item + " AS " + name);
                called.add(name);
                words.add(word);
            }
            return new Relation(
                    "SELECT " + String.join(", ", items) + " FROM " + from(of, alias) + where(of, alias),
                    called,
                    words);
        }

        private String where(Relation of, String alias) {
            int i = random.nextInt(of.size());
            String column = alias + "." + of.names.get(i);
            return switch (random.nextInt(9)) {
                case 0 -> " WHERE " + column + " IS NOT NULL";
                case 1 -> " WHERE " + column + (of.words.get(i) ? " <> 'k1'" : " < 3");
                case 2 -> {
                    int j = random.nextInt(of.size());
                    yield of.words.get(i).equals(of.words.get(j))
                            ? " WHERE " + column + " = " + alias + "." + of.names.get(j)
                            : "";
                }
                case 3 ->
                    random.nextBoolean()
                            ? ""
                            : " WHERE " + column + " IN (SELECT " + (of.words.get(i) ? "k" : "id") + " FROM "
                                    + TABLES.get(random.nextInt(TABLES.size())) + ")";
                default -> "";
            };
        }

        private Relation join(int depth) {
            Relation left = relation(depth - 1);
            Relation right = random.nextBoolean() ? table() : relation(depth - 1);
            String one = alias();
            String two = alias();
            String kind = List.of(
                            "JOIN",
                            "CROSS JOIN",
                            "CROSS JOIN",
                            "JOIN",
                            "LEFT JOIN",
                            "LEFT JOIN",
                            "RIGHT JOIN",
                            "FULL JOIN",
                            "SEMI JOIN",
                            "ANTI JOIN")
                    .get(random.nextInt(10));
            List<String> on = new ArrayList<>();
            for (int n = 1 + random.nextInt(2); n > 0; n--) {
                int i = random.nextInt(left.size());
                for (int j = random.nextInt(right.size()), tries = 0; tries < right.size(); tries++) {
                    int at = (j + tries) % right.size();
                    if (right.words.get(at).equals(left.words.get(i))) {
                        String l = one + "." + left.names.get(i);
                        String r = two + "." + right.names.get(at);
                        boolean word = left.words.get(i);
                        on.add(
                                switch (random.nextInt(8)) {
                                    case 0 -> r + " = " + (word ? "upper(" + l + ")" : l + " + 1");
                                    case 1 -> l + " = " + (word ? "coalesce(" + r + ", 'k0')" : r + " + 0");
                                    case 2 -> r + " = " + l;
                                    case 3 -> n == 1 && !on.isEmpty() ? l + " > " + r : l + " = " + r;
                                    default -> l + " = " + r;
                                });
                        break;
                    }
                }
            }
            if (on.isEmpty()) {
                on.add("true");
            }
            boolean using = random.nextInt(4) == 0 && !kind.equals("CROSS JOIN");
            String shared = "u" + names++;
            List<String> items = new ArrayList<>();
            List<String> called = new ArrayList<>();
            List<Boolean> words = new ArrayList<>();
            boolean cross = kind.equals("CROSS JOIN");
            String condition = (cross ? " WHERE " : " ON ") + String.join(" AND ", on);
            String l = from(left, one);
            String r = from(right, two);
            if (using) {
                int i = random.nextInt(left.size());
                int j = IntStream.range(0, right.size())
                        .filter(at -> right.words.get(at).equals(left.words.get(i)))
                        .findFirst()
                        .orElse(-1);
                if (j >= 0) {
                    l = "(SELECT *, " + left.names.get(i) + " AS " + shared + " FROM " + from(left, "x") + ") AS "
                            + one;
                    r = "(SELECT *, " + right.names.get(j) + " AS " + shared + " FROM " + from(right, "x") + ") AS "
                            + two;
                    condition = " USING (" + shared + ")";
                    String name = "c" + names++;
                    items.add(shared + " AS " + name);
                    called.add(name);
                    words.add(left.words.get(i));
                }
            }
            boolean leftOnly = kind.startsWith("SEMI") || kind.startsWith("ANTI");
            for (int i = 0; i < left.size(); i++) {
                if (random.nextInt(4) > 0) {
                    add(one + "." + left.names.get(i), left.words.get(i), items, called, words);
                }
            }
            for (int i = 0; i < right.size() && !leftOnly; i++) {
                if (random.nextInt(3) > 0) {
                    add(two + "." + right.names.get(i), right.words.get(i), items, called, words);
                }
            }
            if (items.isEmpty()) {
                add(one + "." + left.names.getFirst(), left.words.getFirst(), items, called, words);
            }
            return new Relation(
                    "SELECT " + String.join(", ", items) + " FROM " + l + " " + kind + " " + r + condition,
                    called,
                    words);
        }

        private void add(String item, boolean word, List<String> items, List<String> called, List<Boolean> words) {
            String name = "c" + names++;
            items.add(item + " AS " + name);
            called.add(name);
            words.add(word);
        }

        private Relation group(Relation of) {
            String alias = alias();
            List<String> items = new ArrayList<>();
            List<String> called = new ArrayList<>();
            List<Boolean> words = new ArrayList<>();
            List<String> groups = new ArrayList<>();
            for (int i = 0; i < of.size(); i++) {
                String column = alias + "." + of.names.get(i);
                if (groups.size() < 2 && random.nextBoolean()) {
                    String by = random.nextInt(4) == 0
                            ? of.words.get(i) ? "lower(" + column + ")" : column + " % 2"
                            : column;
                    add(
                            random.nextInt(5) == 0 && by.equals(column) && !of.words.get(i) ? column + " * 2" : by,
                            of.words.get(i),
                            items,
                            called,
                            words);
                    groups.add(
                            random.nextInt(4) == 0 && items.getLast().startsWith(by + " AS") ? "" + items.size() : by);
                } else if (random.nextBoolean()) {
                    add("max(" + column + ")", of.words.get(i), items, called, words);
                }
            }
            add("count(*)", false, items, called, words);
            String by = groups.isEmpty()
                    ? ""
                    : random.nextInt(8) == 0 && groups.stream().noneMatch(each -> each.matches("[0-9]+"))
                            ? " GROUP BY " + (random.nextBoolean() ? "CUBE (" : "ROLLUP (") + String.join(", ", groups)
                                    + ")"
                            : " GROUP BY " + String.join(", ", groups);
            return new Relation(
                    "SELECT " + String.join(", ", items) + " FROM " + from(of, alias) + where(of, alias) + by
                            + (random.nextInt(5) == 0 ? " HAVING count(*) > 1" : ""),
                    called,
                    words);
        }

        private Relation window(Relation of) {
            String alias = alias();
            List<String> items = new ArrayList<>();
            List<String> called = new ArrayList<>();
            List<Boolean> words = new ArrayList<>();
            List<String> all = of.names.stream().map(name -> alias + "." + name).toList();
            for (int i = 0; i < of.size(); i++) {
                add(
                        random.nextInt(6) == 0
                                ? of.words.get(i) ? "upper(" + all.get(i) + ")" : all.get(i) + " + 2"
                                : all.get(i),
                        of.words.get(i),
                        items,
                        called,
                        words);
            }
            List<String> by =
                    all.stream().filter(name -> random.nextInt(3) == 0).toList();
            String partition = by.isEmpty() ? "" : "PARTITION BY " + String.join(", ", by) + " ";
            String order = "ORDER BY " + String.join(", ", all);
            String qualify = "";
            switch (random.nextInt(4)) {
                case 0 -> add("row_number() OVER (" + partition + order + ")", false, items, called, words);
                case 1 -> qualify = " QUALIFY row_number() OVER (" + partition + order + ") = 1";
                case 2 -> add("count(*) OVER (" + partition + ")", false, items, called, words);
                default ->
                    add("coalesce(lag(1) OVER (" + partition + order + "), 0)::BIGINT", false, items, called, words);
            }
            return new Relation(
                    "SELECT " + String.join(", ", items) + " FROM " + from(of, alias) + where(of, alias) + qualify,
                    called,
                    words);
        }

        private Relation set(int depth) {
            Relation one = relation(depth - 1);
            Relation two = relation(depth - 1);
            String first = pick(one);
            String second = pick(two);
            String kind = List.of("UNION ALL", "UNION ALL", "UNION", "EXCEPT", "INTERSECT", "EXCEPT ALL")
                    .get(random.nextInt(6));
            String name = "c" + names++;
            String other = "c" + names++;
            return new Relation(
                    "SELECT w AS " + name + ", x AS " + other + " FROM (" + first + " " + kind + " " + second + ") AS "
                            + alias(),
                    List.of(name, other),
                    List.of(true, false));
        }

        /** A word and a number of a relation. */
        private String pick(Relation of) {
            int start = random.nextInt(of.size());
            String word = "'none'";
            String number = "0::BIGINT";
            for (int i = 0; i < of.size(); i++) {
                int at = (start + i) % of.size();
                if (of.words.get(at)) {
                    word = of.names.get(at);
                } else {
                    number = of.names.get(at);
                }
            }
            return "SELECT " + word + " AS w, " + number + " AS x FROM " + from(of, alias());
        }

        private Relation distinct(Relation of) {
            String alias = alias();
            String all = String.join(", ", of.names);
            String some =
                    of.names.stream().filter(name -> random.nextInt(3) == 0).collect(Collectors.joining(", "));
            return switch (random.nextInt(4)) {
                case 0 ->
                    new Relation("SELECT DISTINCT * FROM " + from(of, alias) + where(of, alias), of.names, of.words);
                case 1 ->
                    some.isEmpty()
                            ? project(of)
                            : new Relation(
                                    "SELECT DISTINCT ON (" + some + ") * FROM " + from(of, alias) + " ORDER BY " + all,
                                    of.names,
                                    of.words);
                case 2 ->
                    new Relation(
                            "SELECT * FROM (SELECT * FROM " + from(of, alias) + " ORDER BY " + all + " LIMIT 3) AS "
                                    + alias(),
                            of.names,
                            of.words);
                default -> new Relation("SELECT * FROM " + from(of, alias) + where(of, alias), of.names, of.words);
            };
        }
    }
}

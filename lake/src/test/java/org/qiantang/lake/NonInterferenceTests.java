package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.testing.Lakes;

/**
 * Whoever may not see something cannot find out about it either, however the question is put. Two lakes differ in nothing but what a reader
 * may not see: other districts' rows and how many they are, rows that were deleted, what is behind masks, a column that is not the
 * reader's. Every statement must come out alike in both: same rows, or the same refusal in the same words.
 */
class NonInterferenceTests {
    private static final TableName PERSON = new TableName("raw_civil", "person");
    private static final TableName VISIT = new TableName("raw_civil", "visit");
    private static final TableName CODE = new TableName("raw_civil", "code");

    /** One reader: a district's officer. */
    private static final Map<TableName, TablePolicy> POLICIES = Map.of(
            PERSON,
            new TablePolicy(
                    Map.of(
                            "name", new Mask.KeepEnds(1, 0),
                            "id_no", new Mask.Pseudonym("5a".repeat(32)),
                            "secret", new Mask.Hide(),
                            "omitted", new Mask.Omit()),
                    new Mask.Clear(),
                    List.of(new RowCondition("district", RowCondition.Operator.STARTS_WITH, List.of("330106")))),
            VISIT,
            new TablePolicy(
                    Map.of(),
                    new Mask.Clear(),
                    List.of(new RowCondition("day", RowCondition.Operator.FROM, List.of("2026-01-01")))));

    /** In one lake nothing that a reader may not see makes anything fail; in the other all of it does. */
    private enum World {
        QUIET("7", "9", "12", "3.50", "DATE '1990-05-05'", "2.0", "b", "secret-q", 20),
        LOUD("x{(", "-1", "201", "9999999999.99", "DATE '290000-01-01'", "-3.0", "zz", "secret-l", 35);

        final String note;
        final String shift;
        final String age;
        final String income;
        final String born;
        final String amount;
        final String filling;
        final String secret;
        final int others;

        World(
                String note,
                String shift,
                String age,
                String income,
                String born,
                String amount,
                String filling,
                String secret,
                int others) {
            this.note = note;
            this.shift = shift;
            this.age = age;
            this.income = income;
            this.born = born;
            this.amount = amount;
            this.filling = filling;
            this.secret = secret;
            this.others = others;
        }
    }

    @TempDir
    static Path folder;

    private static Lake quiet;
    private static Lake loud;

    @BeforeAll
    static void fill() {
        quiet = Lakes.open(folder.resolve("quiet"));
        loud = Lakes.open(folder.resolve("loud"));
        fill(quiet, World.QUIET);
        fill(loud, World.LOUD);
    }

    @AfterAll
    static void close() {
        quiet.close();
        loud.close();
    }

    private static void fill(Lake lake, World world) {
        String seen = "SELECT i::INTEGER AS id, 'A' || repeat('" + world.filling.substring(0, 1) + "', 3) AS name, "
                + "i || '-id' AS id_no, CASE WHEN i % 2 = 0 THEN '330106' ELSE '330106001' END AS district, "
                + "(i % 19)::INTEGER AS age, (i * 1.25)::DECIMAL(12, 2) AS income, DATE '1980-01-01' + i::INTEGER AS born, "
                + "i::DOUBLE AS amount, (i % 10)::VARCHAR AS note, i::INTEGER AS shift, '" + world.secret
                + "' AS secret, '" + world.secret + "' AS omitted FROM range(1, 41) r(i)";
        String hidden = "SELECT (1000 + i)::INTEGER, 'Z', 'z-id', '330102', " + world.age + "::INTEGER, " + world.income
                + "::DECIMAL(12, 2), " + world.born + ", " + world.amount + "::DOUBLE, '" + world.note + "', "
                + world.shift + "::INTEGER, '" + world.secret + "', '" + world.secret + "' FROM range("
                + world.others + ") r(i)";
        String gone = "SELECT (500 + i)::INTEGER, 'Z', 'z-id', '330106', " + world.age + "::INTEGER, " + world.income
                + "::DECIMAL(12, 2), " + world.born + ", " + world.amount + "::DOUBLE, '" + world.note + "', "
                + world.shift + "::INTEGER, '" + world.secret + "', '" + world.secret + "' FROM range(2) r(i)";
        make(lake, PERSON, seen + " UNION ALL " + hidden + " UNION ALL " + gone, List.of("id"));
        make(lake, PERSON, seen + " UNION ALL " + hidden, List.of("id"));
        make(
                lake,
                VISIT,
                "SELECT i::INTEGER AS visit_id, (i % 40)::INTEGER AS person_id, 'p' || (i % 3) AS place, (i % 7)::VARCHAR AS"
                        + " note, DATE '2026-02-01' + i::INTEGER AS day FROM range(80) r(i) UNION ALL SELECT"
                        + " (900 + i)::INTEGER, 5, 'p1', '" + world.note + "', DATE '2025-03-01' FROM range("
                        + world.others + ") r(i)",
                List.of("visit_id"));
        make(lake, CODE, "SELECT i::INTEGER AS id, 'c' || i AS label FROM range(50) r(i)", List.of("id"));
    }

    private static void make(Lake lake, TableName table, String sql, List<String> key) {
        lake.derive(new Derivation(UUID.randomUUID().toString(), table, sql, key, Map.of(), Map.of()));
    }

    /** Conditions that fail on a value of the loud lake alone. */
    private static final List<String> TELLING = List.of(
            "CAST(p.note AS INTEGER) >= 0",
            "p.note::BIGINT < 100",
            "p.note = 5",
            "p.note <> 5",
            "p.note > 3",
            "p.note IN (1, 2)",
            "p.note BETWEEN 1 AND 9",
            "p.note::DOUBLE > 1",
            "p.note::DECIMAL(5, 1) > 1",
            "p.note::JSON IS NOT NULL",
            "('200' || p.note || '-01-01')::DATE IS NOT NULL",
            "CASE WHEN p.note NOT IN ('0','1','2','3','4','5','6','7','8','9') THEN error('found ' || p.note) ELSE 1 END = 1",
            "CASE WHEN p.age > 200 THEN CAST('boom' AS INTEGER) ELSE 1 END = 1",
            "if(p.age > 200, error('old'), true)",
            "coalesce(CASE WHEN p.age > 200 THEN error('old') END, true)",
            "p.age * 100000000 >= 0",
            "p.age + 2147483600 > 0",
            "-2147483600 - p.age < 0",
            "p.age::TINYINT >= 0",
            "p.age::UTINYINT + p.age::UTINYINT >= 0",
            "factorial(p.age) > 0",
            "p.income * 99999999999999999999999999.99 >= 0",
            "p.income::DECIMAL(6, 2) >= 0",
            "p.income = 1.5::DECIMAL(38, 30)",
            "p.income::INTEGER >= 0",
            "p.income::SMALLINT >= 0",
            "p.born + INTERVAL 200000 YEAR > p.born",
            "p.born::TIMESTAMP_NS IS NOT NULL",
            "p.born::TIMESTAMP + to_years(20000) IS NOT NULL",
            "sqrt(p.amount) >= 0",
            "ln(p.amount) >= 0",
            "log2(p.amount) >= 0",
            "acos(2 / p.amount - 1) IS NOT NULL",
            "date_part(CASE WHEN p.note = 'x{(' THEN p.note ELSE 'year' END, p.born) > 0",
            "date_trunc(CASE WHEN p.note = 'x{(' THEN p.note ELSE 'year' END, p.born) IS NOT NULL",
            "strptime('1' || p.note, '%H') IS NOT NULL",
            "regexp_matches('a', p.note) OR true",
            "regexp_replace('a', p.note, 'b') IS NOT NULL",
            "regexp_extract('a', p.note) IS NOT NULL",
            "unhex('0' || p.note) IS NOT NULL",
            "from_base64('AAA' || p.note) IS NOT NULL",
            "json_extract(p.note, '$') IS NOT NULL",
            "json(p.note) IS NOT NULL",
            "make_date(2000, 1, p.shift % 28 + 1) IS NOT NULL",
            "repeat('x', p.shift) IS NOT NULL AND p.shift << 1 > 0",
            "p.shift << (p.shift % 5) IS NOT NULL",
            "chr(p.age * 10000) IS NOT NULL",
            "CASE WHEN p.age > 200 THEN error('x' || p.id) END IS NULL",
            "('{\"a\":' || p.note || '}')::STRUCT(a INTEGER) IS NOT NULL",
            "(CASE WHEN p.age > 200 THEN 'x' ELSE '1' END)::BIT IS NOT NULL",
            "(CASE WHEN p.age > 200 THEN 'x' ELSE 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6' END)::UUID IS NOT NULL",
            "(CASE WHEN p.age > 200 THEN 'x' ELSE '10:00:00' END)::TIME IS NOT NULL",
            "(SELECT i FROM range(p.age - 18) r(i)) IS NULL OR true",
            "(SELECT sum(i * 100000000000000000) FROM range(p.age) r(i)) IS NOT NULL",
            "p.id IN (SELECT CAST(v.note AS INTEGER) FROM raw_civil.visit v)",
            "EXISTS (SELECT 1 FROM raw_civil.visit v WHERE v.note::INTEGER = p.age)",
            "p.id < ALL (SELECT v.note::INTEGER FROM raw_civil.visit v) OR true",
            "[x::INTEGER FOR x IN [p.note]] IS NOT NULL",
            "list_transform([p.note], lambda x: x::INTEGER) IS NOT NULL",
            "map_extract(map([p.note::INTEGER], ['a']), 1) IS NOT NULL",
            "printf(CASE WHEN p.age > 200 THEN '%d' ELSE '%s' END, 'a') IS NOT NULL",
            "format(CASE WHEN p.age > 200 THEN '{:d}' ELSE '{}' END, 'a') IS NOT NULL",
            "strftime(p.born, CASE WHEN p.age > 200 THEN '%!' ELSE '%Y' END) IS NOT NULL",
            "timezone(CASE WHEN p.age > 200 THEN 'nowhere' ELSE 'UTC' END, p.born::TIMESTAMP) IS NOT NULL",
            "array_value(p.note::INTEGER, 1) IS NOT NULL",
            "'a' LIKE p.note ESCAPE '{' OR true",
            "'a' NOT ILIKE 'a' ESCAPE p.note OR true",
            "like_escape('a', 'a', p.note) OR true");

    /** Ways to put a condition into a statement. */
    private static final List<String> PLACES = List.of(
            "SELECT count(*) FROM raw_civil.person p WHERE %s",
            "SELECT p.id FROM raw_civil.person AS p WHERE p.id > 0 AND (%s) AND p.age < 100 ORDER BY p.id LIMIT 3",
            "WITH c AS (SELECT *, (%s) AS told FROM raw_civil.person p) SELECT count(*) FROM c WHERE told",
            "SELECT (%s) AS told, count(*) FROM raw_civil.person p GROUP BY ALL ORDER BY ALL",
            "SELECT count(*) FROM raw_civil.code c JOIN raw_civil.person p ON c.id = p.id AND (%s)",
            "SELECT c.id FROM raw_civil.code c WHERE EXISTS (SELECT 1 FROM raw_civil.person p WHERE p.id = c.id AND (%s))"
                    + " ORDER BY 1",
            "SELECT count(*) FROM (SELECT p.id FROM raw_civil.person p WHERE %s UNION ALL SELECT 1) q",
            "SELECT count(*) FILTER (WHERE %s) FROM raw_civil.person p");

    @Test
    void noConditionTellsOfARowByFailing() {
        List<String> statements = new ArrayList<>();
        for (String condition : TELLING) {
            for (String place : PLACES) {
                statements.add(String.format(place.replace("%s", "%1$s"), condition));
            }
        }
        assertThat(statements).hasSizeGreaterThan(400);

        comeOutAlike(statements);
    }

    @Test
    void noDoorLeadsBesideThePolicy() {
        comeOutAlike(List.of(
                // the column that is not the reader's
                "SELECT omitted FROM raw_civil.person",
                "SELECT p.omitted FROM raw_civil.person p",
                "SELECT raw_civil.person.omitted FROM raw_civil.person",
                "SELECT \"omitted\" FROM raw_civil.person",
                "SELECT OMITTED FROM raw_civil.person",
                "SELECT count(omitted) FROM raw_civil.person",
                "SELECT id FROM raw_civil.person ORDER BY omitted",
                "SELECT count(*) FROM raw_civil.person GROUP BY omitted",
                "SELECT count(*) FROM raw_civil.person a JOIN raw_civil.person b USING (omitted)",
                "SELECT * EXCLUDE (omitted) FROM raw_civil.person",
                "SELECT * REPLACE (omitted AS id) FROM raw_civil.person",
                "SELECT COLUMNS('omit.*') FROM raw_civil.person",
                "SELECT COLUMNS(c -> c LIKE 'o%') FROM raw_civil.person",
                "SELECT p.* LIKE 'omit%' FROM raw_civil.person p",
                "SELECT struct_extract(p, 'omitted') FROM raw_civil.person p",
                "SELECT p['omitted'] FROM raw_civil.person p",
                "SELECT max(id) OVER (PARTITION BY omitted) FROM raw_civil.person",
                "WITH c AS (SELECT omitted AS x FROM raw_civil.person) SELECT * FROM c",
                // what stands behind a mask
                "SELECT name, count(*) FROM raw_civil.person GROUP BY name ORDER BY ALL",
                "SELECT min(name), max(name), max(secret) FROM raw_civil.person",
                "SELECT count(*) FROM raw_civil.person WHERE name = 'Abbb'",
                "SELECT count(*) FROM raw_civil.person WHERE name LIKE 'Ab%'",
                "SELECT count(*) FROM raw_civil.person WHERE name > 'Ac'",
                "SELECT count(*) FROM raw_civil.person WHERE starts_with(name, 'Az')",
                "SELECT count(*) FROM raw_civil.person WHERE name IN ('Azzz', 'Abbb')",
                "SELECT count(*) FROM raw_civil.person WHERE name BETWEEN 'Aa' AND 'Ay'",
                "SELECT count(*) FROM raw_civil.person WHERE secret LIKE 'secret%'",
                "SELECT count(secret), count(DISTINCT secret) FROM raw_civil.person",
                "SELECT string_agg(name, '|' ORDER BY id), string_agg(secret, '|') FROM raw_civil.person",
                "SELECT hash(name), md5(name), length(name), ascii(substr(name, 2, 1)) FROM raw_civil.person ORDER BY ALL",
                "SELECT id FROM raw_civil.person ORDER BY name, secret, id LIMIT 5",
                "SELECT id_no FROM raw_civil.person ORDER BY 1 LIMIT 5",
                "SELECT count(*) FROM raw_civil.person WHERE id_no = '5-id'",
                "SELECT count(*) FROM raw_civil.person a JOIN raw_civil.person b ON a.name = b.name",
                "SELECT * FROM raw_civil.person ORDER BY id",
                "FROM raw_civil.person ORDER BY id",
                "SELECT p FROM raw_civil.person p ORDER BY p.id",
                "SELECT to_json(p) FROM raw_civil.person p ORDER BY p.id",
                "SELECT row_to_json(p) FROM raw_civil.person p ORDER BY p.id",
                "SELECT list(p ORDER BY p.id) FROM raw_civil.person p",
                "SELECT max(p) FROM raw_civil.person p",
                "SELECT DISTINCT ON (name) name, id FROM raw_civil.person ORDER BY name, id",
                "SELECT arg_max(name, secret), arg_min(secret, name), mode(name) FROM raw_civil.person",
                "SELECT histogram(name) FROM raw_civil.person",
                "SELECT approx_top_k(name, 3) FROM raw_civil.person",
                "SELECT lag(name) OVER (ORDER BY id), first_value(secret) OVER () FROM raw_civil.person ORDER BY id",
                "SELECT stats(name) FROM raw_civil.person",
                "SELECT stats(age) FROM raw_civil.person LIMIT 1",
                "SELECT vector_type(name) FROM raw_civil.person",
                "SELECT typeof(secret) FROM raw_civil.person LIMIT 1",
                // other people's rows
                "SELECT count(*), min(age), max(age), sum(income), min(born), max(born) FROM raw_civil.person",
                "SELECT max(id) FROM raw_civil.person",
                "SELECT count(*) FROM raw_civil.person WHERE district = '330102'",
                "SELECT count(*) FROM raw_civil.person WHERE district NOT LIKE '330106%' OR true",
                "SELECT count(*) FROM raw_civil.person WHERE 1 = 1 OR district = '330102'",
                "SELECT count(*) FROM raw_civil.person WHERE id >= 500",
                "SELECT DISTINCT district FROM raw_civil.person ORDER BY 1",
                "SELECT approx_count_distinct(id), count(DISTINCT note) FROM raw_civil.person",
                "SELECT quantile_cont(age, [0.1, 0.5, 0.9]), median(income) FROM raw_civil.person",
                "SELECT * FROM raw_civil.person WHERE id NOT IN (SELECT person_id FROM raw_civil.visit) ORDER BY id",
                "SELECT id FROM raw_civil.person EXCEPT SELECT id FROM raw_civil.code ORDER BY 1",
                "SELECT id FROM raw_civil.person INTERSECT SELECT id FROM raw_civil.code ORDER BY 1",
                "SELECT c.id, p.id FROM raw_civil.code c LEFT JOIN raw_civil.person p ON c.id = p.id ORDER BY ALL",
                "SELECT c.id, p.id FROM raw_civil.code c FULL JOIN raw_civil.person p ON c.id = p.id ORDER BY ALL",
                "SELECT c.id, p.note FROM raw_civil.code c RIGHT JOIN raw_civil.person p ON c.id = p.id ORDER BY ALL",
                "SELECT c.id FROM raw_civil.code c ANTI JOIN raw_civil.person p ON c.id = p.id ORDER BY 1",
                "SELECT c.id FROM raw_civil.code c SEMI JOIN raw_civil.person p ON c.id = p.id ORDER BY 1",
                "SELECT count(*) FROM raw_civil.code c CROSS JOIN raw_civil.person p",
                "SELECT count(*) FROM raw_civil.code c POSITIONAL JOIN raw_civil.person p",
                "SELECT c.id, x.n FROM raw_civil.code c, LATERAL (SELECT count(*) AS n FROM raw_civil.person p WHERE p.age ="
                        + " c.id) x ORDER BY ALL",
                "SELECT (SELECT count(*) FROM raw_civil.person), (SELECT max(note) FROM raw_civil.visit)",
                "SELECT place, count(*) FROM raw_civil.visit GROUP BY ROLLUP (place) ORDER BY ALL",
                "SELECT place, day, count(*) FROM raw_civil.visit GROUP BY CUBE (place, day) ORDER BY ALL",
                "SELECT count(*) FROM raw_civil.visit WHERE day < DATE '2026-01-01'",
                "SELECT min(day) FROM raw_civil.visit",
                "WITH RECURSIVE w(n) AS (SELECT min(id) FROM raw_civil.person UNION ALL SELECT n + 1 FROM w WHERE n < (SELECT"
                        + " max(id) FROM raw_civil.person)) SELECT count(*) FROM w",
                "PIVOT raw_civil.visit ON place USING count(*)",
                "UNPIVOT (SELECT id, age, shift FROM raw_civil.person) ON age, shift",
                "SELECT * FROM raw_civil.person TABLESAMPLE 100% ORDER BY id",
                "SELECT row_number() OVER (), rank() OVER (ORDER BY age), ntile(4) OVER (ORDER BY id) FROM"
                        + " raw_civil.person ORDER BY ALL",
                "SELECT sum(age) OVER (ORDER BY id ROWS BETWEEN 1000 PRECEDING AND 1000 FOLLOWING) FROM raw_civil.person"
                        + " ORDER BY 1",
                "SELECT count(*) FROM raw_civil.person WHERE (id, age) IN (SELECT person_id, visit_id FROM raw_civil.visit)",
                "SELECT count(*) FROM raw_civil.person /* WHERE */ -- WHERE false",
                "SELECT count(*) FROM raw_civil.person; ",
                "SELECT count(*) FROM raw_civil.person) UNION ALL (SELECT count(*) FROM raw_civil.person",
                "SELECT count(*) FROM raw_civil.person) AS x; SELECT 1 --",
                "SELECT rowid FROM raw_civil.person ORDER BY 1",
                "SELECT filename FROM raw_civil.person",
                "SELECT file_row_number FROM raw_civil.person",
                "SELECT file_index FROM raw_civil.person",
                "SELECT fence FROM raw_civil.person",
                "SELECT c0 FROM raw_civil.person",
                // beside the tables
                "SELECT * FROM memory.raw_civil.person",
                "SELECT * FROM system.raw_civil.person",
                "SELECT * FROM temp.main.lake_deleted_1",
                "SELECT * FROM lake_deleted_1",
                "SELECT * FROM shapes.raw_civil.person",
                "SELECT * FROM RAW_CIVIL.PERSON ORDER BY id",
                "SELECT * FROM \"raw_civil\".\"person\" ORDER BY id",
                "SELECT * FROM duckdb_views()",
                "SELECT sql FROM duckdb_views",
                "SELECT * FROM duckdb_tables()",
                "SELECT * FROM duckdb_columns()",
                "SELECT * FROM duckdb_settings()",
                "SELECT * FROM duckdb_secrets()",
                "SELECT * FROM duckdb_temporary_files()",
                "SELECT * FROM duckdb_external_file_cache()",
                "SELECT * FROM duckdb_logs",
                "SELECT * FROM pg_catalog.pg_views",
                "SELECT * FROM pg_catalog.pg_class",
                "SELECT * FROM information_schema.columns",
                "SELECT * FROM sqlite_master",
                "SELECT pg_get_viewdef(1)",
                "SELECT current_setting('temp_directory')",
                "SELECT current_query()",
                "SELECT getvariable('x')",
                "SELECT getenv('PATH')",
                "SELECT version()",
                "SELECT * FROM pragma_table_info('raw_civil.person')",
                "SELECT * FROM pragma_storage_info('raw_civil.person')",
                "SELECT * FROM pragma_database_size()",
                "PRAGMA table_info('raw_civil.person')",
                "PRAGMA show_tables",
                "DESCRIBE raw_civil.person",
                "SUMMARIZE raw_civil.person",
                "SELECT * FROM (DESCRIBE raw_civil.person)",
                "SELECT * FROM (SUMMARIZE raw_civil.person)",
                "SELECT * FROM (SHOW TABLES)",
                "SHOW ALL TABLES",
                "EXPLAIN SELECT * FROM raw_civil.person",
                "EXPLAIN ANALYZE SELECT * FROM raw_civil.person WHERE district = '330102'",
                "SELECT json_serialize_plan('SELECT * FROM raw_civil.person')",
                "SELECT json_serialize_sql('SELECT 1')",
                "SELECT * FROM json_execute_serialized_sql('{}')",
                "SELECT * FROM query('SELECT * FROM raw_civil.person')",
                "SELECT * FROM query_table('raw_civil.person')",
                "SELECT * FROM read_parquet('" + folder + "/**/*.parquet')",
                "SELECT * FROM parquet_scan('" + folder + "/**/*.parquet')",
                "SELECT * FROM parquet_metadata('" + folder + "/**/*.parquet')",
                "SELECT * FROM parquet_kv_metadata('" + folder + "/**/*.parquet')",
                "SELECT * FROM '" + folder + "/**/*.parquet'",
                "SELECT * FROM read_csv('/etc/passwd')",
                "SELECT * FROM read_csv_auto('/etc/passwd')",
                "SELECT * FROM read_json('/etc/passwd')",
                "SELECT * FROM read_text('/etc/passwd')",
                "SELECT * FROM read_blob('/etc/passwd')",
                "SELECT * FROM glob('/*')",
                "SELECT * FROM sniff_csv('/etc/passwd')",
                "SELECT read_text('/etc/passwd')",
                "SELECT * FROM raw_civil.person, read_text('/etc/passwd')",
                "SELECT (SELECT content FROM read_text('/etc/passwd'))",
                "WITH f AS MATERIALIZED (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM f",
                "COPY raw_civil.person TO '/tmp/x.csv'",
                "EXPORT DATABASE '/tmp/x'",
                "ATTACH '/tmp/x.db'",
                "INSTALL httpfs",
                "LOAD httpfs",
                "SET threads = 1",
                "RESET ALL",
                "CREATE TABLE t AS SELECT * FROM raw_civil.person",
                "CREATE VIEW v AS SELECT * FROM raw_civil.person",
                "CREATE MACRO m() AS TABLE SELECT * FROM raw_civil.person",
                "INSERT INTO raw_civil.code SELECT id, name FROM raw_civil.person",
                "UPDATE raw_civil.person SET district = '330106'",
                "DELETE FROM raw_civil.person",
                "DROP VIEW raw_civil.person",
                "ALTER VIEW raw_civil.person RENAME TO q",
                "CALL pragma_version()",
                "CHECKPOINT",
                "PREPARE s AS SELECT * FROM raw_civil.person",
                "EXECUTE s",
                "SELECT * FROM raw_civil.person WHERE id = ?",
                "SELECT * FROM raw_civil.person WHERE id = $1",
                "SELECT * FROM raw_civil.person WHERE id = $x",
                "VALUES (1); SELECT * FROM raw_civil.person",
                "SELECT 1; DROP VIEW raw_civil.person",
                "SELECT nextval('s')",
                "SELECT write_log('x')",
                "SELECT sleep_ms(1)",
                "SELECT * FROM which_secret('x', 's3')",
                "SELECT * FROM test_all_types()",
                "SELECT * FROM repeat_row(1, num_rows = 3)",
                "SELECT * FROM icu_calendar_names()",
                "SELECT main.stats(1)",
                "SELECT system.main.stats(age) FROM raw_civil.person LIMIT 1",
                "SELECT age.stats() FROM raw_civil.person LIMIT 1",
                "SELECT [age].list_transform(lambda x: stats(x)) FROM raw_civil.person LIMIT 1"));
    }

    /** In the quiet lake nothing fails: else which of the reader's own rows is tried first would show. */
    @Test
    void whatIsTriedFailsOnTheLoudLakeAlone() {
        assertThat(TELLING)
                .filteredOn(condition -> outcome(quiet, "SELECT count(*) FROM raw_civil.person p WHERE " + condition)
                        .contains("The query failed"))
                .isEmpty();
    }

    private static void comeOutAlike(List<String> statements) {
        for (String statement : statements) {
            String one = outcome(quiet, statement);
            String other = outcome(loud, statement);
            assertThat(other).as(statement).isEqualTo(one).doesNotContain("secret-", "330102", "z-id", "x{(", "290000");
        }
    }

    /** Rows in any order, or the refusal. */
    private static String outcome(Lake lake, String statement) {
        try {
            return Lakes.rows(lake, new Query(statement, null, Long.MAX_VALUE, POLICIES)).stream()
                    .map(List::toString)
                    .sorted()
                    .toList()
                    .toString();
        } catch (LakeException e) {
            return e.kind() + " " + e.getMessage();
        }
    }
}

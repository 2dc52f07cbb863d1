package org.qiantang.lake;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a newer engine brings is decided upon by somebody, not let through. */
class EngineFunctionsTest {
    /** Refused: the engine's insides, the session, the machine, statistics, text that becomes a statement, other systems' make-believe. */
    private static final Pattern REFUSED =
            Pattern.compile("__.*|(icu_)?collate_.*|icu_sort_key|pg_.*|has_.*_privilege|inet_.*"
                    + "|current_(catalog|connection_id|database|query|query_id|role|schema|schemas|setting|transaction_id|user)"
                    + "|.*_byte_comparable|json_copy_.*|.*_description|user|session_user|version|getvariable|setseed|sleep_ms"
                    + "|write_log|stats|vector_type|nextval|currval|setval|in_search_path|txid_current"
                    + "|json_(serialize_plan|serialize_sql|deserialize_sql)|get_block_size|index_key|hive_partition_component"
                    + "|parse_duckdb_log_message|create_sort_key|finalize|combine|combine_aggr|to_aggregate_state|invoke"
                    + "|remap_struct|variant_(to_parquet_variant|bytes_to_variant|comparator)|map_to_pg_oid|format_(pg_)?type"
                    + "|decimal_average|sum_no_overflow");

    /** Arguments of many kinds, most of them of columns; whatever does not fit a function is left out. */
    private static final List<String> ARGUMENTS = List.of(
            "note",
            "n",
            "note, note",
            "n, n",
            "note, 1",
            "note, n",
            "'a', note",
            "n, 1",
            "1, n",
            "note, 'a'",
            "'2020', note",
            "note, '%Y'",
            "note, note, note",
            "note, n, n",
            "note, 1, n",
            "n, n, n",
            "'abc', n, 'x'",
            "[note]",
            "[n]",
            "note::BLOB",
            "n::DOUBLE",
            "n::DOUBLE, n::DOUBLE",
            "note, DATE '2020-01-01'",
            "DATE '2020-01-01', note",
            "2000, 1, n",
            "n, 1, 1",
            "TIMESTAMP '2020-01-01', note",
            "note, TIMESTAMP '2020-01-01'",
            "n::HUGEINT",
            "[1, 2], n",
            "[1, 2], n, n",
            "map([note], [1]), note",
            "n::VARCHAR::BIT",
            "to_days(n), n",
            "'a', note, '$'",
            "'a', 'a', note",
            "{'a': note}, 'a'",
            "note::JSON",
            "note::JSON, '$'",
            "'{}'::JSON, note");

    @TempDir
    Path folder;

    private Connection connection;

    @BeforeEach
    void open() throws SQLException {
        connection = DriverManager.getConnection("jdbc:duckdb:");
        execute("SET threads = 2");
        // What a reader may see is alike in both; of the rest, the loud one's makes much fail.
        for (String[] world : new String[][] {{"quiet", "'7'", "7"}, {"loud", "'x{('", "-1"}}) {
            execute("COPY (SELECT i AS id, i % 2 AS scope, CASE i % 2 WHEN 1 THEN '5' ELSE " + world[1]
                    + " END AS note, (CASE i % 2 WHEN 1 THEN 5 ELSE " + world[2]
                    + " END)::INTEGER AS n FROM range(20000) r(i)) TO '"
                    + file(world[0]) + "' (FORMAT parquet, ROW_GROUP_SIZE 2048)");
        }
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    @Test
    void everyFunctionIsEitherAllowedOrRefused() throws Exception {
        Set<String> known = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT DISTINCT lower(function_name) FROM duckdb_functions()"
                        + " WHERE function_type IN ('scalar', 'aggregate', 'macro', 'window')")) {
            while (rows.next()) {
                known.add(rows.getString(1));
            }
        }
        Set<String> allowed = allowed();

        assertThat(known)
                .allMatch(
                        name -> allowed.contains(name) != REFUSED.matcher(name).matches());
        assertThat(allowed).noneMatch(name -> REFUSED.matcher(name).matches());
    }

    /**
     * Those that fail on a value are tried on the rows alone that a condition below has let through. The engine takes the escaping LIKEs for
     * something that cannot fail; they are refused unless their pattern is a constant.
     */
    @Test
    void whatCanFailIsNotTriedOnRowsThatAreLeftOut() throws Exception {
        Set<String> telling = new TreeSet<>();
        int failing = 0;
        for (String function : allowed()) {
            if (!function.matches("[a-z_0-9]+")
                    || Set.of("random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7")
                            .contains(function)) {
                continue;
            }
            for (String arguments : ARGUMENTS) {
                String condition = function + "(" + arguments + ") IS NOT NULL";
                String seen = outcome("SELECT count(*) FROM " + within("quiet", "scope = 1") + " WHERE " + condition);
                if (seen.startsWith("Binder") || seen.startsWith("Catalog") || seen.startsWith("Parser")) {
                    continue;
                }
                if (outcome("SELECT count(*) FROM " + within("loud", "scope = 0") + " WHERE " + condition)
                        .matches("[0-9]+")) {
                    continue;
                }
                failing++;
                for (String scope : List.of("scope IN (1, 3)", "starts_with(scope::VARCHAR, '1')")) {
                    String quiet = outcome("SELECT count(*) FROM " + within("quiet", scope) + " WHERE id >= 0 AND "
                            + condition + " AND n > 0");
                    String loud = outcome("SELECT count(*) FROM " + within("loud", scope) + " WHERE id >= 0 AND "
                            + condition + " AND n > 0");
                    if (!quiet.equals(loud)) {
                        telling.add(function);
                    }
                }
            }
        }

        assertThat(failing).isGreaterThan(300);
        assertThat(telling).containsExactly("ilike_escape", "like_escape", "not_ilike_escape", "not_like_escape");
    }

    private String within(String world, String scope) {
        return "(SELECT * FROM read_parquet('" + file(world) + "') WHERE " + scope + ")";
    }

    private Path file(String world) {
        return folder.resolve(world + ".parquet");
    }

    private String outcome(String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            return e.getMessage().lines().findFirst().orElse("");
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Set<String> allowed() throws Exception {
        try (InputStream list = StatementGuard.class.getResourceAsStream("functions.txt")) {
            return new TreeSet<>(new ArrayList<>(new String(list.readAllBytes(), StandardCharsets.UTF_8)
                    .toLowerCase(Locale.ROOT)
                    .lines()
                    .toList()));
        }
    }
}

package org.qiantang.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The check behind every figure: it must hold for a true copy and fail for one that is off by one row, one value, one swap. */
class DigestTest {
    @TempDir
    static Path work;

    private static Source source;
    private static Connection copy;

    @BeforeAll
    static void copyTheSourceOnce() throws Exception {
        source = Source.start(work);
        source.load(0.01);
        copy = DriverManager.getConnection("jdbc:duckdb:");
        for (Tpch.Table table : Tpch.tables()) {
            copyByHand(table);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        copy.close();
        source.close();
    }

    @Test
    void everyTableOfATrueCopyAgrees() throws Exception {
        for (Tpch.Table table : Tpch.tables()) {
            Digest original = original(table);

            assertThat(original.differencesFrom(of(table.name(), table)))
                    .as(table.name())
                    .isEmpty();
            assertThat(original.rows()).as(table.name()).isPositive();
        }
    }

    @Test
    void oneMissingRowIsNoticed() throws Exception {
        Tpch.Table lineitem = Tpch.tables().getFirst();

        String relation = "(select * from lineitem where rowid <> 17)";

        assertThat(original(lineitem).differencesFrom(of(relation, lineitem)))
                .anyMatch(line -> line.startsWith("row_count"));
    }

    @Test
    void oneRowTwiceInPlaceOfAnotherIsNoticed() throws Exception {
        Tpch.Table lineitem = Tpch.tables().getFirst();

        String relation =
                "(select * from lineitem where rowid <> 17 union all select * from lineitem where rowid = 18)";

        assertThat(original(lineitem).differencesFrom(of(relation, lineitem))).isNotEmpty();
    }

    @Test
    void oneChangedCharacterIsNoticed() throws Exception {
        Tpch.Table lineitem = Tpch.tables().getFirst();

        String relation = "(select * replace (case when rowid = 17 then 'X' || substr(l_comment, 2) else l_comment end"
                + " as l_comment) from lineitem)";

        assertThat(original(lineitem).differencesFrom(of(relation, lineitem)))
                .singleElement()
                .asString()
                .startsWith("row_hash");
    }

    @Test
    void valuesThatChangedPlacesAreNoticed() throws Exception {
        Tpch.Table nation = table("nation");

        String relation = "(select * replace (case n_nationkey when 0 then 1 when 1 then 0 else n_nationkey end"
                + " as n_nationkey) from nation)";

        assertThat(original(nation).differencesFrom(of(relation, nation)))
                .singleElement()
                .asString()
                .startsWith("row_hash");
    }

    @Test
    void printedDigestReadsBackTheSame() throws Exception {
        Tpch.Table region = table("region");
        Digest digest = original(region);

        String csv = "\uFEFFrow_count,r_regionkey,r_name,r_comment,row_hash\n"
                + String.join(
                        ",",
                        digest.values().get("row_count").toPlainString(),
                        digest.values().get("r_regionkey") + ".00",
                        "\"" + digest.values().get("r_name").toPlainString() + "\"",
                        digest.values().get("r_comment").toPlainString(),
                        digest.values().get("row_hash").toPlainString());

        assertThat(digest.differencesFrom(Digest.ofCsv(csv))).isEmpty();
    }

    @Test
    void briefDigestNoticesOneChangedCharacterToo() throws Exception {
        Tpch.Table region = table("region");
        String changed = "(select * replace (upper(r_comment) as r_comment) from region)";

        assertThat(brief(copy, region, "region", Digest.Dialect.DUCKDB))
                .isEqualTo(briefOriginal(region))
                .contains("5");
        assertThat(brief(copy, region, changed, Digest.Dialect.DUCKDB)).isNotEqualTo(briefOriginal(region));
    }

    private static List<String> briefOriginal(Tpch.Table table) throws SQLException {
        try (Connection connection = source.connect()) {
            return brief(connection, table, table.name(), Digest.Dialect.POSTGRESQL);
        }
    }

    private static List<String> brief(Connection connection, Tpch.Table table, String relation, Digest.Dialect dialect)
            throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(Digest.brief(table.name(), table.columns(), relation, dialect))) {
            row.next();
            return List.of(row.getString(1), row.getString(2), row.getString(3), row.getString(4));
        }
    }

    private static Tpch.Table table(String name) {
        return Tpch.tables().stream()
                .filter(table -> table.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Digest original(Tpch.Table table) throws SQLException {
        try (Connection connection = source.connect()) {
            return Digest.of(connection, table.columns(), table.name(), Digest.Dialect.POSTGRESQL);
        }
    }

    private static Digest of(String relation, Tpch.Table table) throws SQLException {
        return Digest.of(copy, table.columns(), relation, Digest.Dialect.DUCKDB);
    }

    private static void copyByHand(Tpch.Table table) throws Exception {
        Path file = work.resolve(table.name() + ".csv");
        try (Connection connection = source.connect();
                var out = java.nio.file.Files.newOutputStream(file)) {
            connection
                    .unwrap(org.postgresql.PGConnection.class)
                    .getCopyAPI()
                    .copyOut("copy " + table.name() + " to stdout (format csv)", out);
        }
        try (Statement statement = copy.createStatement()) {
            StringBuilder columns = new StringBuilder();
            for (Column column : table.columns()) {
                columns.append(columns.isEmpty() ? "" : ", ")
                        .append(column.name())
                        .append(' ')
                        .append(column.sqlType());
            }
            statement.execute("create table " + table.name() + " (" + columns + ")");
            statement.execute("copy " + table.name() + " from '" + file + "' (format csv, header false)");
        }
    }
}

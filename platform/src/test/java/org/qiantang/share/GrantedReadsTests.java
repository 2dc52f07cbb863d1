package org.qiantang.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.share.TestShare.CIVIL;
import static org.qiantang.share.TestShare.ENGINEER;
import static org.qiantang.share.TestShare.HEALTH;
import static org.qiantang.share.TestShare.POLICE;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.catalog.Contested;
import org.qiantang.catalog.Extracts;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Level;
import org.qiantang.core.Problem;
import org.qiantang.lake.Extract;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Role;

/** What leaves the lake under a grant: its fields, its rows, as each is shown, as often as it says, and who took it for which case. */
class GrantedReadsTests {
    private static final Account APPLICANT = TestShare.officer("shen", CIVIL);
    private static final Account POLICEMAN = TestShare.officer("lin", POLICE);
    private static final Account NURSE = TestShare.officer("qiu", HEALTH);
    private static final Account ANALYST = new Account("gu", "gu", Set.of(Role.ANALYST), null);
    private static final String TABLE = "raw_police.resident";
    private static final String ALL = "SELECT * FROM " + TABLE + " ORDER BY ALL";

    @TempDir
    Path folder;

    private TestShare share;
    private UUID residents;

    @BeforeEach
    void open() {
        share = new TestShare(folder, AnswerDays.Silence.ESCALATE);
        residents = share.publish(POLICE, "resident", Guide.ShareClass.CONDITIONAL, Guide.OpenClass.FORBIDDEN);
        share.fill(new TableName("raw_police", "resident"), """
                SELECT * FROM (VALUES ('11010519491231002X', '330106001'), ('440524188001010014', '330106002'),
                    ('330106200001011234', '330106001')) AS r(id_number, area)""");
    }

    @AfterEach
    void close() {
        share.close();
    }

    private UUID granted(String scenario, String showing, int calls, int rows, List<Asked.Rows> conditions) {
        share.carts().add(APPLICANT, residents);
        UUID id = share.applications().begin(APPLICANT).application().id();
        Asked.Table table = new Asked.Table(
                residents,
                List.of(new Asked.Field("id_number", showing, "核对申请人身份"), new Asked.Field("area", "clear", null)),
                conditions,
                null);
        share.applications()
                .save(
                        APPLICANT,
                        id,
                        0,
                        new Asked(
                                scenario,
                                "社会救助暂行办法第十七条",
                                "核对低保申请家庭的户籍",
                                LocalDate.of(2026, 11, 23),
                                LocalDate.of(2027, 11, 22),
                                calls,
                                rows,
                                "社会救助信息系统",
                                3,
                                "0571-85000000",
                                true,
                                List.of(table)));
        share.applications().submit(APPLICANT, id);
        share.applications().pass(ENGINEER, id, null);
        UUID part = share.applications()
                .get(APPLICANT, id)
                .parts()
                .getFirst()
                .part()
                .id();
        share.applications().grantPart(POLICEMAN, part, null, null);
        return share.grants().list(APPLICANT, Grants.Of.RECEIVED).getFirst().id();
    }

    private LakeReader.SqlAnswer read(Account who, String sql, UUID grant) {
        return share.reader().ask(who, new LakeReader.Asked(null, sql, null, grant, "救助-2026-0042"), 100);
    }

    private static void refused(Runnable act, Problem.Code code) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void aReadUnderAGrantSeesItsRowsAndFieldsAsItSays() {
        UUID grant = granted(
                "低保资格核对", "clear", 10, 100, List.of(new Asked.Rows("area", Asked.Rows.Kind.IN, List.of("330106001"))));

        LakeReader.SqlAnswer answer = read(APPLICANT, ALL, grant);

        assertThat(answer.rows())
                .containsExactly(
                        List.of("11010519491231002X", "330106001"), List.of("330106200001011234", "330106001"));
        assertThat(answer.grant()).isNotBlank();
        assertThat(answer.columns()).noneMatch(LakeReader.SqlColumn::masked);
        assertThat(share.jdbc
                        .sql(
                                "select who || ' ' || case_number || ' ' || unmasked || ' ' || rows || ' ' || (entitlement_number = ?)"
                                        + " from catalog_access order by id desc limit 1")
                        .param(answer.grant())
                        .query(String.class)
                        .single())
                .isEqualTo("shen 救助-2026-0042 true 2 true");
        assertThat(share.grants().get(APPLICANT, grant).brief().state()).isEqualTo(GrantState.IN_USE);
    }

    @Test
    void anAnswerIsAsSensitiveAsWhatItShows() {
        UUID grant = granted("低保资格核对", "clear", 10, 100, List.of());
        UUID masked = granted("低保资格复核", "keep(6,4)", 10, 100, List.of());

        assertThat(read(APPLICANT, ALL, grant).columns())
                .extracting(LakeReader.SqlColumn::level)
                .startsWith(Level.L3);
        assertThat(read(APPLICANT, ALL, grant).level()).isEqualTo(Level.L3);
        assertThat(read(APPLICANT, ALL, masked).level()).isEqualTo(Level.L2);
        assertThat(read(APPLICANT, "SELECT count(id_number) AS n FROM " + TABLE, grant)
                        .level())
                .isEqualTo(Level.L1);
        assertThat(read(APPLICANT, "SELECT max(id_number) AS m FROM " + TABLE, grant)
                        .level())
                .isEqualTo(Level.L3);
    }

    @Test
    void withoutAGrantAnOfficerReadsNothingAndAnAnalystNothingSensitive() {
        UUID grant = granted("低保资格核对", "clear", 10, 100, List.of());

        refused(
                () -> share.reader().ask(APPLICANT, new LakeReader.Asked(null, ALL, null), 10),
                CatalogProblem.NO_GRANT_NAMED);
        refused(() -> read(NURSE, ALL, grant), CatalogProblem.NO_SUCH_GRANT);
        refused(() -> read(APPLICANT, ALL, UUID.randomUUID()), CatalogProblem.NO_SUCH_GRANT);
        assertThat(share.reader()
                        .ask(ANALYST, new LakeReader.Asked(null, ALL, null), 10)
                        .rows())
                .extracting(List::getFirst)
                .allMatch(number -> number.toString().startsWith("1***")
                        || number.toString().matches("[0-9][*]+.."));
    }

    @Test
    void aTableThatTheGrantDoesNotCoverIsNotRead() {
        UUID grant = granted("低保资格核对", "clear", 10, 100, List.of());
        share.publish(HEALTH, "clinic", Guide.ShareClass.UNCONDITIONAL, Guide.OpenClass.FORBIDDEN);

        refused(
                () -> read(APPLICANT, "SELECT count(*) FROM " + TABLE + ", raw_health.clinic", grant),
                CatalogProblem.NOT_GRANTED);
    }

    @Test
    void pseudonymsJoinWithinAScenarioAndNowhereElse() {
        UUID one = granted("低保资格核对", "pseudonym", 10, 100, List.of());
        UUID other = granted("医疗救助核对", "pseudonym", 10, 100, List.of());

        List<String> first = read(APPLICANT, "SELECT id_number FROM " + TABLE, one).rows().stream()
                .map(List::getFirst)
                .toList();
        List<String> again = read(APPLICANT, "SELECT id_number FROM " + TABLE, one).rows().stream()
                .map(List::getFirst)
                .toList();
        List<String> elsewhere = read(APPLICANT, "SELECT id_number FROM " + TABLE, other).rows().stream()
                .map(List::getFirst)
                .toList();

        assertThat(first)
                .doesNotHaveDuplicates()
                .allMatch(value -> value.matches("[0-9a-f]{64}"))
                .containsExactlyInAnyOrderElementsOf(again)
                .doesNotContainAnyElementsOf(elsewhere);
    }

    @Test
    void asMuchIsReadADayAsTheGrantSays() {
        UUID grant = granted("低保资格核对", "hide", 3, 5, List.of());

        assertThat(read(APPLICANT, ALL, grant).rows()).hasSize(3);
        LakeReader.SqlAnswer rest = read(APPLICANT, ALL, grant);
        assertThat(rest.rows()).hasSize(2);
        assertThat(rest.truncated()).isTrue();
        refused(() -> read(APPLICANT, ALL, grant), ShareProblem.QUOTA_USED);

        share.clock.now = share.clock.now.plus(Duration.ofDays(1));
        assertThat(read(APPLICANT, "SELECT 1 FROM " + TABLE + " LIMIT 1", grant).rows())
                .hasSize(1);
        read(APPLICANT, "SELECT 1 FROM " + TABLE + " LIMIT 1", grant);
        read(APPLICANT, "SELECT 1 FROM " + TABLE + " LIMIT 1", grant);
        refused(() -> read(APPLICANT, "SELECT 1 FROM " + TABLE + " LIMIT 1", grant), ShareProblem.QUOTA_USED);
    }

    @Test
    void anExportThatTheQuotaCutsIsBrokenOffAndNotTakenForAllOfIt() {
        UUID grant = granted("低保资格核对", "clear", 10, 2, List.of());
        List<List<String>> rows = new ArrayList<>();
        LakeReader.ExportSink sink = new LakeReader.ExportSink() {
            @Override
            public void contested(List<Contested.InTable> tables) {}

            @Override
            public void columns(List<ResultColumn> columns) {}

            @Override
            public void row(List<String> values) {
                rows.add(values);
            }
        };

        refused(
                () -> share.reader().export(APPLICANT, new LakeReader.Asked(null, ALL, null, grant, null), sink),
                CatalogProblem.EXPORT_CUT);
        assertThat(rows).hasSize(2);
    }

    @Test
    void aFileHoldsWhatTheGrantShowsAndCountsAgainstItsRows() throws Exception {
        UUID grant = granted(
                "低保资格核对",
                "keep(6,0)",
                10,
                5,
                List.of(new Asked.Rows("area", Asked.Rows.Kind.IN, List.of("330106001"))));

        try (Extracts.Ready file = share.extracts()
                .make(
                        APPLICANT,
                        new LakeReader.Asked(null, ALL, null, grant, "HZ-7"),
                        Long.MAX_VALUE,
                        Extract.Form.PARQUET)) {
            Path kept = folder.resolve("kept.parquet");
            try (OutputStream out = Files.newOutputStream(kept)) {
                file.writeTo(out);
            }

            assertThat(file.rows()).isEqualTo(2);
            assertThat(file.sha256())
                    .isEqualTo(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(kept)));
            assertThat(parquet(kept)).containsExactly("110105************ 330106001", "330106************ 330106001");
        }
        assertThat(folder.resolve("extracts")).isEmptyDirectory();
        assertThat(share.jdbc
                        .sql("select rows from share_grant_days where grant_id = ?")
                        .param(grant)
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
        assertThat(share.jdbc
                        .sql(
                                "select purpose || ' ' || case_number || ' ' || rows from catalog_access where entitlement = ?")
                        .param(grant)
                        .query(String.class)
                        .single())
                .isEqualTo("export HZ-7 2");
    }

    @Test
    void aFileOfMoreRowsThanTheDayHasIsRefusedBeforeAnybodyHasAByte() {
        UUID grant = granted("低保资格核对", "clear", 10, 2, List.of());
        LakeReader.Asked all = new LakeReader.Asked(null, ALL, null, grant, null);

        for (Extract.Form form : Extract.Form.values()) {
            refused(() -> share.extracts().make(APPLICANT, all, Long.MAX_VALUE, form), ShareProblem.QUOTA_USED);
        }

        assertThat(folder.resolve("extracts")).isEmptyDirectory();
        assertThat(read(APPLICANT, "SELECT 1 FROM " + TABLE + " LIMIT 2", grant).rows())
                .as("what was refused is not counted as taken")
                .hasSize(2);
    }

    @Test
    void onePersonMakesTwoFilesAtATime() {
        UUID grant = granted("低保资格核对", "clear", 10, 100, List.of());
        LakeReader.Asked all = new LakeReader.Asked(null, ALL, null, grant, null);
        Extracts.Ready first = share.extracts().make(APPLICANT, all, Long.MAX_VALUE, Extract.Form.ARROW);
        Extracts.Ready second = share.extracts().make(APPLICANT, all, Long.MAX_VALUE, Extract.Form.ARROW);

        refused(
                () -> share.extracts().make(APPLICANT, all, Long.MAX_VALUE, Extract.Form.ARROW),
                CatalogProblem.EXTRACTS_BUSY);
        first.close();
        share.extracts()
                .make(APPLICANT, all, Long.MAX_VALUE, Extract.Form.ARROW)
                .close();
        second.close();
        assertThat(folder.resolve("extracts")).isEmptyDirectory();
    }

    private static List<String> parquet(Path file) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Connection duckdb = DriverManager.getConnection("jdbc:duckdb:");
                ResultSet result = duckdb.createStatement()
                        .executeQuery("SELECT id_number || ' ' || area FROM '" + file + "' ORDER BY 1")) {
            while (result.next()) {
                rows.add(result.getString(1));
            }
        }
        return rows;
    }

    @Test
    void whatIsSuspendedOrRevokedIsNotReadFromThatMomentOn() {
        UUID grant = granted("低保资格核对", "clear", 10, 100, List.of());
        read(APPLICANT, ALL, grant);

        share.grants().suspend(POLICEMAN, grant, "核查用途");
        refused(() -> read(APPLICANT, ALL, grant), CatalogProblem.NO_SUCH_GRANT);
        share.grants().resume(POLICEMAN, grant, "用途属实");
        assertThat(read(APPLICANT, ALL, grant).rows()).hasSize(3);
        share.grants().revoke(POLICEMAN, grant, "事项取消");
        refused(() -> read(APPLICANT, ALL, grant), CatalogProblem.NO_SUCH_GRANT);
    }
}

package org.qiantang.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.ContentKind;
import org.qiantang.core.ELicenceIdentifier;
import org.qiantang.core.IdentityNumber;
import org.qiantang.core.Problem;
import org.qiantang.core.UnifiedSocialCreditCode;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.Lake;
import org.qiantang.lake.Sql;
import org.qiantang.lake.TableName;
import org.qiantang.testing.Lakes;

/** What requirements say in SQL, asked of the engine itself. */
class RuleSqlTests {
    private static final TableName TABLE = new TableName("raw_test", "odd \"name'; drop");
    private static final TableName OTHER = new TableName("raw_test", "other");
    private static final LocalDate TODAY = LocalDate.parse("2026-11-23");

    @TempDir
    static Path folder;

    private static Lake lake;

    @BeforeAll
    static void open() {
        lake = Lakes.open(folder);
    }

    @AfterAll
    static void close() {
        lake.close();
    }

    private static void land(TableName table, String sql) {
        lake.derive(new Derivation(UUID.randomUUID().toString(), table, sql, List.of(), Map.of(), Map.of()));
    }

    private static RuleSql rules(String... columns) {
        Map<String, String> types = new LinkedHashMap<>();
        for (String column : columns) {
            String[] parts = column.split("=", 2);
            types.put(parts[0], parts.length > 1 ? parts[1] : "string");
        }
        return new RuleSql(TABLE, types, TODAY);
    }

    /** Checked, failed, and the values of a column of the rows that are found again. */
    private static void expect(RuleSql rules, Requirement requirement, int checked, String column, String... failing) {
        RuleSql.Compiled compiled = rules.compile(requirement.checked());

        assertThat(Lakes.rows(lake, compiled.count())).containsExactly(List.of("" + checked, "" + failing.length));
        assertThat(Lakes.rows(
                        lake, "SELECT CAST(" + Sql.name(column) + " AS VARCHAR) FROM (" + compiled.find() + ") AS f"))
                .extracting(List::getFirst)
                .containsExactlyInAnyOrder(failing);
    }

    @Test
    void eachKindCountsAndFindsTheRowsThatFail() {
        land(TABLE, """
                SELECT id, name, code, day, CAST(amount AS DECIMAL(10, 2)) AS amount FROM (VALUES
                    ('1', 'anna', 'A', '2026-01-05', 1.5), ('2', '', 'B', '2023-02-29', -99), ('3', NULL, 'X', '20260105', 12),
                    ('4', 'O''Neill', 'A', '2026-12-01', NULL), ('4', 'bo', NULL, 'soon', 3)) AS t(id, name, code, day, amount)""");
        land(OTHER, "SELECT * FROM (VALUES ('1', 'anna'), ('2', 'beth'), ('4', 'bo')) AS t(key, name)");
        RuleSql rules = rules("id", "name", "code", "day", "amount=decimal(10,2)");

        expect(rules, Requirement.of(Requirement.Kind.NOT_NULL, "name"), 5, "id", "2", "3");
        expect(rules, Requirement.format("name", "[a-z']+"), 3, "name", "O'Neill");
        expect(rules, Requirement.readsAs("day", Requirement.ReadsAs.DAY), 5, "day", "2023-02-29", "soon");
        expect(rules, Requirement.codes("code", List.of("A", "B", "it's")), 4, "code", "X");
        expect(rules, Requirement.within("amount", "0", null), 4, "id", "2");
        expect(rules, Requirement.within("amount", "-100", "11.9"), 4, "id", "3");
        expect(rules, Requirement.within("day", null, Requirement.TODAY), 3, "day", "2026-12-01");
        expect(rules, Requirement.within("day", "2026-01-06", "2026-12-01"), 3, "day", "2026-01-05", "20260105");
        expect(rules, Requirement.of(Requirement.Kind.UNIQUE, "id"), 5, "id", "4", "4");
        expect(rules, Requirement.of(Requirement.Kind.UNIQUE), 5, "id");
        expect(rules, Requirement.refers("id", "raw_test.other", "key"), 5, "id", "3");
        expect(
                rules,
                Requirement.agrees(List.of("id", "name"), "raw_test.other", List.of("key", "name")),
                3,
                "name",
                "O'Neill");
        expect(
                rules,
                Requirement.statement("SELECT id, name FROM " + Sql.table(TABLE) + " WHERE amount < 2; ;"),
                5,
                "id",
                "1",
                "2");
    }

    @Test
    void aRowThatStandsTwiceIsFoundWhateverIsInIt() {
        land(TABLE, "SELECT * FROM (VALUES ('1', NULL), ('1', NULL), ('1', 'x'), (NULL, NULL)) AS t(id, name)");

        expect(rules("id", "name"), Requirement.of(Requirement.Kind.UNIQUE), 4, "id", "1", "1");
    }

    @Test
    void onePersonIsOneHoweverTheNumberIsWritten() {
        String upgraded = IdentityNumber.upgrade("330106650101001").text();
        land(
                TABLE,
                Derivation.ofRows(
                        List.of("id"),
                        List.of(
                                List.of("11010519491231002X"),
                                List.of("１１０１０５１９４９１２３１００２ｘ"),
                                List.of("110105 19491231 002x"),
                                List.of(upgraded),
                                List.of("330106650101001"),
                                List.of("440524188001010014"))));

        expect(
                rules("id"),
                Requirement.of(Requirement.Kind.ONE_PERSON, "id"),
                6,
                "id",
                "11010519491231002X",
                "１１０１０５１９４９１２３１００２ｘ",
                "110105 19491231 002x",
                upgraded,
                "330106650101001");
    }

    @Test
    void checkDigitsInSqlAreThoseOfThePlatformItself() {
        Random random = new Random(20_261_123);
        List<String> identities = new ArrayList<>(List.of(
                "11010519491231002X",
                "11010519491231002x",
                "110105194912310021",
                "11010519490229002X",
                "000000000001010000",
                "440524188001010014",
                "110105491231002",
                "110105490229002",
                "110105190002290012",
                "１１０１０５１９４９１２３１００２Ｘ",
                " 11010519491231002X",
                "11010519491231002X\n",
                "X",
                "'; drop table",
                "11010519491231002\u0000",
                "𠮷1010519491231002X"));
        List<String> codes = new ArrayList<>(List.of(
                "91350100M000100Y43",
                "91350100m000100y43",
                "91350100M000100Y44",
                "9135010OM000100Y43",
                "91350100M000100Y4",
                "ßßßßßßßßßßßßßßßßßß"));
        List<String> licences = new ArrayList<>(
                List.of("1.2.156.3005.2.1", "a.b.c.d.e", "A..C.D.E", "1.2.156.3005.2.A.B.C.D.", "....", "A.B.C.D.E.F"));
        for (int i = 0; i < 3_000; i++) {
            String date = LocalDate.ofEpochDay(random.nextInt(30_000) - 15_000)
                    .toString()
                    .replace("-", "");
            String first17 = "%06d%s%03d".formatted(random.nextInt(1_000_000), date, random.nextInt(1_000));
            identities.add(spoilt(random, first17 + IdentityNumber.checkCharacter(first17)));
            String first = of(random, "0123456789ABCDEFGHJKLMNPQRTUWXY", 17);
            codes.add(spoilt(random, first + UnifiedSocialCreditCode.checkCharacter(first)));
            ELicenceIdentifier licence = ELicenceIdentifier.of(
                    of(random, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1 + random.nextInt(20)),
                    of(random, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 18),
                    of(random, "0123456789", 1 + random.nextInt(20)),
                    of(random, "0123456789", 3));
            String text = licence.text();
            licences.add(
                    spoilt(random, random.nextBoolean() ? text : text.substring(ELicenceIdentifier.ROOT.length() + 1)));
        }

        agree(
                ContentKind.ID_NUMBER,
                identities,
                text -> IdentityNumber.find(text).isPresent());
        agree(
                ContentKind.USCC,
                codes,
                text -> UnifiedSocialCreditCode.find(text).isPresent());
        agree(
                ContentKind.E_LICENCE,
                licences,
                text -> ELicenceIdentifier.find(text).isPresent());
    }

    private static String of(Random random, String alphabet, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }

    /** A third as it is, a third in small letters, a third with one character changed. */
    private static String spoilt(Random random, String text) {
        int at = random.nextInt(text.length());
        return switch (random.nextInt(3)) {
            case 0 -> text;
            case 1 -> text.toLowerCase(java.util.Locale.ROOT);
            default -> text.substring(0, at) + of(random, "0123456789ABCXYZ. ", 1) + text.substring(at + 1);
        };
    }

    private static void agree(ContentKind kind, List<String> values, Predicate<String> platform) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i).indexOf('\u0000') < 0) {
                rows.add(List.of("" + i, values.get(i)));
            }
        }
        land(TABLE, Derivation.ofRows(List.of("n", "v"), rows));

        Map<String, String> said = new LinkedHashMap<>();
        Lakes.rows(lake, "SELECT n, CAST(" + RuleSql.checks("v", kind) + " AS VARCHAR) FROM " + Sql.table(TABLE))
                .forEach(row -> said.put(row.get(0), row.get(1)));

        assertThat(said).hasSameSizeAs(rows);
        assertThat(rows)
                .allSatisfy(row -> assertThat(said.get(row.get(0)))
                        .as("%s %s", kind, row.get(1))
                        .isEqualTo("" + platform.test(row.get(1))));
        assertThat(said.values()).contains("true", "false");
    }

    @Test
    void aColumnThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> rules("id").compile(Requirement.of(Requirement.Kind.NOT_NULL, "name")))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(QualityProblem.NO_SUCH_COLUMN));
    }

    @Test
    void whatARequirementLacksIsSaid() {
        assertThatThrownBy(
                        () -> Requirement.of(Requirement.Kind.CHECK_DIGIT, "id").checked())
                .isInstanceOf(Problem.class)
                .hasMessageContaining("content");
        assertThatThrownBy(() -> Requirement.within("day", "2026-02-30", null).checked())
                .isInstanceOf(Problem.class);
        assertThatThrownBy(() -> Requirement.within("day", "5", "2026-02-03").checked())
                .isInstanceOf(Problem.class);
    }
}

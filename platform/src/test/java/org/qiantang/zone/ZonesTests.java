package org.qiantang.zone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.share.TestShare.CIVIL;
import static org.qiantang.share.TestShare.ENGINEER;
import static org.qiantang.share.TestShare.HEALTH;
import static org.qiantang.share.TestShare.POLICE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.catalog.Guide;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Actor;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.OrgProblem;
import org.qiantang.org.Role;
import org.qiantang.share.AnswerDays;
import org.qiantang.share.Asked;
import org.qiantang.share.Grants;
import org.qiantang.share.TestShare;
import org.qiantang.zone.CheckReport.Of;
import org.qiantang.zone.CheckReport.Verdict;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An operator works with what it was granted, and nothing leaves but what passed the checks and another person's eyes. */
class ZonesTests {
    private static final Department OPERATOR = new Department("operator", "数据运营公司", "Data Operations");
    private static final Actor BUREAU = new Actor("wu", "10.0.0.1");
    private static final Account REVIEWER = new Account("lin", "林", Set.of(Role.ENGINEER), null);
    private static final String TABLE = "raw_police.resident";
    private static final String BY_AREA = "SELECT area, count(*) AS n FROM " + TABLE + " GROUP BY area";
    private static final Declaration STATISTIC =
            new Declaration(Declaration.Kind.STATISTIC, Map.of("n", Declaration.As.COUNT));
    private static final Declaration RECORDS = new Declaration(Declaration.Kind.RECORDS, Map.of());

    @TempDir
    Path folder;

    private TestShare share;
    private UUID residents;
    private Account member;
    private UUID zone;
    private UUID grant;

    @BeforeEach
    void open() {
        share = new TestShare(folder, AnswerDays.Silence.ESCALATE, "zone");
        residents = share.publish(POLICE, "resident", Guide.ShareClass.CONDITIONAL, Guide.OpenClass.FORBIDDEN);
        // 60, 40 and 3 of them.
        share.fill(new TableName("raw_police", "resident"), """
                SELECT '110105194912' || lpad(cast(i AS VARCHAR), 6, '0') AS id_number,
                    CASE WHEN i < 60 THEN '330106001' WHEN i < 100 THEN '330106002' ELSE '330106003' END AS area
                FROM range(103) AS r(i)""");
        share.bean(Departments.class).ensure(List.of(OPERATOR));
        share.bean(Accounts.class).ensure(TestShare.officer("mem", OPERATOR), "a password for tests");
        share.bean(Accounts.class).ensure(TestShare.officer("other", OPERATOR), "a password for tests");
        zone = zones().begin(BUREAU, OPERATOR.id(), wanted(List.of(), List.of("mem")))
                .zone()
                .id();
        member = account("mem");
        grant = granted(member, residents, POLICE);
        change(wanted(List.of(grant), List.of("mem")));
    }

    @AfterEach
    void close() {
        share.close();
    }

    private Zones zones() {
        return share.bean(Zones.class);
    }

    private ZoneRuns runs() {
        return share.bean(ZoneRuns.class);
    }

    private Reviews reviews() {
        return share.bean(Reviews.class);
    }

    private Releases releases() {
        return share.bean(Releases.class);
    }

    private Products products() {
        return share.bean(Products.class);
    }

    private Account account(String name) {
        return share.bean(Accounts.class).find(name).orElseThrow();
    }

    private static Zones.Wanted wanted(List<UUID> grants, List<String> members) {
        return new Zones.Wanted(
                "普惠金融授权运营域",
                "杭数运营〔2026〕3号",
                "面向普惠金融的人口统计",
                LocalDate.of(2026, 11, 1),
                LocalDate.of(2027, 10, 31),
                null,
                null,
                null,
                grants,
                members);
    }

    private Zones.ZoneWhole change(Zones.Wanted wanted) {
        return zones().change(BUREAU, zone, zones().get(ENGINEER, zone).zone().revision(), wanted);
    }

    /** By the procedure of every other applicant. */
    private UUID granted(Account applicant, UUID entry, Department provider) {
        share.carts().add(applicant, entry);
        UUID id = share.applications().begin(applicant).application().id();
        Asked.Table table = new Asked.Table(
                entry,
                List.of(new Asked.Field("id_number", "clear", "统计去重"), new Asked.Field("area", "clear", null)),
                List.of(),
                null);
        share.applications()
                .save(
                        applicant,
                        id,
                        0,
                        new Asked(
                                "普惠金融",
                                "公共数据授权运营实施方案第八条",
                                "按街道统计常住人口",
                                LocalDate.of(2026, 11, 23),
                                LocalDate.of(2027, 11, 22),
                                1_000,
                                10_000,
                                "授权运营平台",
                                3,
                                "0571-85000000",
                                true,
                                List.of(table)));
        share.applications().submit(applicant, id);
        share.applications().pass(ENGINEER, id, null);
        UUID part = share.applications()
                .get(applicant, id)
                .parts()
                .getFirst()
                .part()
                .id();
        share.applications().grantPart(TestShare.officer("officer", provider), part, null, null);
        return share.grants().list(applicant, Grants.Of.RECEIVED).stream()
                .filter(each -> each.provider().equals(provider))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private static void refused(Runnable act, Problem.Code code) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    private ZoneRun run(String statement, Declaration declared) {
        return runs().run(member, zone, statement, declared);
    }

    private static Verdict of(ZoneRun run, Of of) {
        return run.report().checks().stream()
                .filter(check -> check.of() == of)
                .findFirst()
                .orElseThrow()
                .verdict();
    }

    /** Areas of enough people. */
    private ZoneRun submitted() {
        return runs().submit(
                        member,
                        run(BY_AREA + " HAVING count(*) >= 5", STATISTIC).id(),
                        "普惠金融模型");
    }

    private Product publish(Product seen) {
        return products().publish(BUREAU, seen.id(), seen.revision());
    }

    private Release released() {
        return reviews().approve(REVIEWER, "10.0.0.2", submitted().id(), "仅含街道人数", Set.of());
    }

    @Test
    void whoIsOfTheOperatorHasNoOtherRoleFromTheMomentTheZoneBegins() {
        assertThat(member.roles()).containsExactly(Role.ZONE_MEMBER);
        assertThat(account("other").roles()).containsExactly(Role.ZONE_MEMBER);
        assertThat(account("shen").roles()).containsExactly(Role.OFFICER);
        refused(() -> runs().run(account("other"), zone, BY_AREA, STATISTIC), CoreProblem.NOT_FOUND);
        assertThat(zones().list(account("other"))).isEmpty();
        assertThat(zones().list(member)).singleElement().satisfies(each -> {
            assertThat(each.inForce()).isTrue();
            assertThat(each.usable())
                    .singleElement()
                    .satisfies(usable -> assertThat(usable.id()).isEqualTo(grant));
        });
    }

    @Test
    void theWholeWayOfAResultFromARunToTheOpenPortal() throws Exception {
        ZoneRun run = run(BY_AREA + " HAVING count(*) >= 5", STATISTIC);

        assertThat(run.state()).isEqualTo(ZoneRun.State.HELD);
        assertThat(run.columns()).extracting(ZoneRun.ZoneColumn::name).containsExactly("area", "n");
        assertThat(run.report().verdict()).as("%s", run.report()).isEqualTo(Verdict.PASS);
        assertThat(run.grants()).hasSize(1);
        assertThat(run.evidence()).hasSize(1);

        ZoneRun submitted = runs().submit(member, run.id(), "普惠金融模型");
        assertThat(submitted.dueAt()).isEqualTo("2026-11-30T09:30:00Z");
        assertThat(reviews().waitForBureau()).isEqualTo(1);
        Reviews.Sample sample = reviews().sample(REVIEWER, "10.0.0.2", run.id());
        assertThat(sample.rows()).containsExactlyInAnyOrder(List.of("330106001", "60"), List.of("330106002", "40"));

        Release release = reviews().approve(REVIEWER, "10.0.0.2", run.id(), "仅含街道人数", Set.of());
        assertThat(release.rows()).isEqualTo(2);
        assertThat(reviews().waitForBureau()).isZero();
        refused(() -> releases().file(member, release.id()), ZoneProblem.NOT_REGISTERED);

        Product product = products()
                .register(
                        member,
                        zone,
                        new Products.Wanted(
                                "街道人口数",
                                Product.Kind.DATA_SET,
                                "普惠金融",
                                Product.Price.PUBLIC_INTEREST_FREE,
                                "用于公益，免费",
                                List.of(release.id())));
        assertThat(product.sources()).extracting(Product.Source::table).containsExactly(TABLE);
        byte[] file = releases().file(member, release.id()).content();
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file)))
                .isEqualTo(release.sha256());
        assertThat(Fragment.read(new String(file, UTF_8), 10).stream().map(Fragment.Row::values))
                .containsExactlyInAnyOrder(
                        List.of("area", "n"), List.of("330106001", "60"), List.of("330106002", "40"));
        assertThat(products().open()).isEmpty();

        publish(product);
        assertThat(products().open()).extracting(Product::number).containsExactly(product.number());
        assertThat(products().openFile(product.id(), release.id()).content()).isEqualTo(file);

        products().withdraw(member, "10.0.0.3", product.id(), "数据更新");
        assertThat(products().open()).isEmpty();
        refused(() -> products().openFile(product.id(), release.id()), CoreProblem.NOT_FOUND);
        refused(() -> releases().file(member, release.id()), ZoneProblem.NOT_REGISTERED);
        refused(() -> publish(products().get(ENGINEER, product.id())), ZoneProblem.WRONG_STATE);
        assertThat(share.jdbc
                        .sql(
                                "select act from org_audit where act like '%ZONE%' or act like 'RESULT%' or act like 'PRODUCT%' order by id")
                        .query(String.class)
                        .list())
                .containsExactly(
                        "ZONE_BEGUN",
                        "ZONE_CHANGED",
                        "RESULT_SAMPLED",
                        "RESULT_RELEASED",
                        "PRODUCT_PUBLISHED",
                        "PRODUCT_WITHDRAWN");
    }

    @Test
    void theManifestSaysWhatTheReleaseIsAndIsSigned() throws Exception {
        Release release = released();

        JsonNode whole = JsonMapper.shared().readTree(releases().manifest(member, release.id()));

        JsonNode manifest = whole.path("manifest");
        PublicKey key = KeyFactory.getInstance(Sealing.ALGORITHM)
                .generatePublic(new X509EncodedKeySpec(Base64.getDecoder()
                        .decode(whole.path("signature").path("publicKey").asString())));
        byte[] signature =
                Base64.getDecoder().decode(whole.path("signature").path("value").asString());
        assertThat(key).isEqualTo(share.bean(Sealing.class).publicKey());
        assertThat(Sealing.verify(key, CanonicalJson.bytes(manifest), signature))
                .isTrue();
        assertThat(manifest.path("sha256").asString()).isEqualTo(release.sha256());
        assertThat(manifest.path("runner").asString()).isEqualTo("mem");
        assertThat(manifest.path("submitter").asString()).isEqualTo("mem");
        assertThat(manifest.path("reviewer").asString()).isEqualTo("lin");
        assertThat(manifest.path("k").asInt()).isEqualTo(5);
        assertThat(manifest.path("tables").path(0).path("name").asString()).isEqualTo(TABLE);
        assertThat(manifest.path("evidence").path("index").isNumber()).isTrue();
    }

    @Test
    void aMemberSeesNoRowNoDigestAndNoExactNumber() {
        ZoneRun own = run("SELECT area FROM " + TABLE, RECORDS);

        assertThat(own.rows()).isNull();
        assertThat(own.digest()).as("of few rows it could be guessed").isNull();
        assertThat(own.rowsAbout()).isEqualTo(100);
        assertThat(JsonMapper.shared().writeValueAsString(own)).doesNotContain("330106003", "11010519491");
        assertThat(own.report().checks())
                .allSatisfy(check -> assertThat(check.figures()).isEmpty());
        ZoneRun bureau = runs().get(ENGINEER, own.id());
        assertThat(bureau.rows()).isEqualTo(103);
        assertThat(bureau.report().checks())
                .filteredOn(check -> check.of() == Of.K_ANONYMITY)
                .singleElement()
                .satisfies(check -> assertThat(check.examples()).containsExactly("[330106003] 3"));
        assertThat(share.jdbc
                        .sql("select rows from catalog_access where purpose = 'zone'")
                        .query(Long.class)
                        .list())
                .as("nothing was handed out")
                .containsOnly(0L);
    }

    @Test
    void whatDoesNotPassTheChecksCannotBeHandedIn() {
        ZoneRun cells = run(BY_AREA, STATISTIC);
        ZoneRun people = run("SELECT * FROM " + TABLE, RECORDS);
        ZoneRun small = run("SELECT area FROM " + TABLE, RECORDS);

        assertThat(of(cells, Of.SMALL_CELLS)).isEqualTo(Verdict.FAIL);
        assertThat(of(people, Of.LEVEL)).isEqualTo(Verdict.FAIL);
        assertThat(of(people, Of.IDENTIFIERS)).isEqualTo(Verdict.PASS);
        assertThat(of(people, Of.K_ANONYMITY)).isEqualTo(Verdict.FAIL);
        assertThat(of(small, Of.K_ANONYMITY)).isEqualTo(Verdict.FAIL);
        for (ZoneRun run : List.of(cells, people, small)) {
            refused(() -> runs().submit(member, run.id(), "需要"), ZoneProblem.CHECKS_FAILED);
        }
    }

    @Test
    void namesOfColumnsCannotSayWhatIsInTheData() {
        refused(
                () -> run(
                        "SELECT * FROM (PIVOT (SELECT area, 1 AS one FROM " + TABLE + ") ON area USING count(one))",
                        RECORDS),
                CatalogProblem.SQL_NOT_ALLOWED);
    }

    @Test
    void anErrorOfTheEngineSaysNothingOfAValue() {
        ZoneRun run = run("SELECT cast(area || 'x' AS INTEGER) AS x FROM " + TABLE, RECORDS);

        assertThat(run.state()).isEqualTo(ZoneRun.State.FAILED);
        assertThat(run.failure()).isEqualTo(ZoneRun.Failure.AT_A_VALUE);
        assertThat(JsonMapper.shared().writeValueAsString(run)).doesNotContain("330106");
    }

    @Test
    void whatColumnsThereAreIsFoundWithoutRunningTheStatement() {
        String telling = "SELECT CAST('n' || count(*) AS INTEGER) AS x FROM " + TABLE;

        ZoneRun run = run(telling, RECORDS);

        assertThat(run.failure()).as("not refused in the engine's words").isEqualTo(ZoneRun.Failure.AT_A_VALUE);
        assertThat(JsonMapper.shared().writeValueAsString(run)).doesNotContain("103");
        refused(() -> run("SELECT nothing FROM " + TABLE, RECORDS), CatalogProblem.SQL_WRONG);
    }

    @Test
    void onlyTheZonesGrantsAreUsed() {
        UUID births = share.publish(HEALTH, "births", Guide.ShareClass.CONDITIONAL, Guide.OpenClass.FORBIDDEN);
        share.fill(new TableName("raw_health", "births"), "SELECT '1' AS id_number, '330106001' AS area FROM range(9)");
        UUID second = granted(member, births, HEALTH);
        String both = "SELECT r.area, count(*) AS n FROM " + TABLE
                + " r JOIN raw_health.births b ON b.area = r.area GROUP BY r.area";

        refused(() -> run(both, STATISTIC), CatalogProblem.NOT_GRANTED);
        change(wanted(List.of(grant, second), List.of("mem")));
        ZoneRun run = run(both, STATISTIC);

        assertThat(run.state()).isEqualTo(ZoneRun.State.HELD);
        assertThat(run.grants()).hasSize(2);
        assertThat(run.evidence()).as("each grant's own").hasSize(2);
        share.grants().revoke(ENGINEER, second, "用途已变");
        refused(() -> run(both, STATISTIC), CatalogProblem.NOT_GRANTED);
        refused(() -> run("SELECT 1 AS x", RECORDS), ZoneProblem.NO_TABLE);
        refused(() -> run("SELECT count(*) AS n FROM raw_police.nothing", STATISTIC), CatalogProblem.NO_SUCH_TABLE);
    }

    @Test
    void whatIsDeclaredHasToBeThere() {
        refused(
                () -> run(BY_AREA, new Declaration(Declaration.Kind.STATISTIC, Map.of("m", Declaration.As.COUNT))),
                ZoneProblem.NO_SUCH_COLUMN);
        refused(
                () -> run(BY_AREA, new Declaration(Declaration.Kind.RECORDS, Map.of("n", Declaration.As.COUNT))),
                ZoneProblem.WRONG_DECLARATION);
        refused(() -> run("SELECT area, area AS AREA FROM " + TABLE, RECORDS), ZoneProblem.SAME_COLUMN_TWICE);
        for (String padded : List.of("100", "count(*) + 100", "count(area) * 20", "sum(1)", "max(length(area))")) {
            ZoneRun run = run("SELECT area, " + padded + " AS n FROM " + TABLE + " GROUP BY area", STATISTIC);
            assertThat(of(run, Of.COUNTS)).as(padded).isEqualTo(Verdict.FAIL);
        }
        for (String count : List.of("count(*) AS n", "COUNT(DISTINCT id_number) n", "count(area) as \"n\"")) {
            ZoneRun run = run("SELECT area, " + count + " FROM " + TABLE + " GROUP BY area", STATISTIC);
            assertThat(of(run, Of.COUNTS)).as(count).isEqualTo(Verdict.PASS);
        }
        for (String lie : List.of(
                "SELECT area, 100 AS n /* count(*) AS n */ FROM " + TABLE + " GROUP BY area",
                "WITH dead AS (SELECT count(*) AS n FROM " + TABLE + ") SELECT area, 100 AS n FROM " + TABLE,
                "SELECT area, count(*) FILTER (WHERE false) AS n FROM " + TABLE + " GROUP BY area",
                "SELECT area, count(CASE WHEN false THEN 1 END) AS n FROM " + TABLE + " GROUP BY area",
                "SELECT area, count(*) OVER () AS n FROM " + TABLE,
                "SELECT t.area, c.n FROM " + TABLE + " t, (SELECT count(*) AS n FROM " + TABLE + ") c",
                "SELECT area, n FROM (SELECT area, count(*) AS m, 100 AS n FROM " + TABLE + " GROUP BY area)",
                "SELECT area, count(*) AS n FROM " + TABLE + " GROUP BY area UNION ALL SELECT area, 100 FROM "
                        + TABLE)) {
            assertThat(of(run(lie, STATISTIC), Of.COUNTS)).as(lie).isEqualTo(Verdict.FAIL);
        }
        for (String honest : List.of(
                "SELECT area, n FROM (" + BY_AREA + ") WHERE n >= 5",
                "WITH c AS (" + BY_AREA + ") SELECT * FROM c",
                "WITH c(area, m) AS (" + BY_AREA + ") SELECT c.area, c.m AS n FROM c")) {
            assertThat(of(run(honest, STATISTIC), Of.COUNTS)).as(honest).isEqualTo(Verdict.PASS);
        }
    }

    @Test
    void peoplePutTogetherInAMeasureDoNotLeave() {
        Declaration measured = new Declaration(
                Declaration.Kind.STATISTIC, Map.of("n", Declaration.As.COUNT, "m", Declaration.As.MEASURE));
        for (String all : List.of("string_agg(area, ';')", "list(area)", "list(length(area))", "max({'a': area})")) {
            ZoneRun run = run("SELECT count(*) AS n, " + all + " AS m FROM " + TABLE, measured);
            assertThat(of(run, Of.COUNTS)).as(all).isEqualTo(Verdict.FAIL);
        }
    }

    @Test
    void aResultLargerThanTheMemoryForItFails() {
        ZoneRun one = run("SELECT repeat('x', 40000000) AS x FROM (SELECT * FROM " + TABLE + " LIMIT 1)", RECORDS);
        assertThat(one.failure()).isEqualTo(ZoneRun.Failure.TOO_LARGE);
        ZoneRun many = run("SELECT NULL AS x, repeat('x', 1000000) AS y FROM " + TABLE, RECORDS);
        assertThat(many.failure()).isEqualTo(ZoneRun.Failure.TOO_LARGE);
    }

    @Test
    void whatWasMadeUnderAGrantThatIsRevokedDoesNotLeave() {
        ZoneRun held = run(BY_AREA + " HAVING count(*) >= 5", STATISTIC);
        ZoneRun waiting = submitted();

        share.grants().revoke(ENGINEER, grant, "用途已变");

        refused(() -> runs().submit(member, held.id(), "要"), CatalogProblem.NO_SUCH_GRANT);
        refused(() -> reviews().approve(REVIEWER, "x", waiting.id(), "可", Set.of()), CatalogProblem.NO_SUCH_GRANT);
        assertThat(runs().get(ENGINEER, waiting.id()).state()).isEqualTo(ZoneRun.State.SUBMITTED);
    }

    @Test
    void aNewZoneOfTheSameOperatorIsHeldAgainstWhatLeftTheOldOne() {
        released();
        zones().revoke(BUREAU, zone, "换签协议");
        zone = zones().begin(BUREAU, OPERATOR.id(), wanted(List.of(grant), List.of("mem")))
                .zone()
                .id();

        ZoneRun run = run(
                "SELECT area, count(*) AS n FROM " + TABLE
                        + " WHERE id_number <> '110105194912000000' GROUP BY area HAVING count(*) >= 5",
                STATISTIC);

        assertThat(of(run, Of.DIFFERENCING)).isEqualTo(Verdict.ATTENTION);
    }

    @Test
    void nobodyReviewsTheirOwnAndNothingIsDecidedWithoutAReason() {
        ZoneRun waiting = submitted();
        Account both = new Account("mem", "mem", Set.of(Role.ENGINEER), null);
        Account ofOperator = new Account("wang", "wang", Set.of(Role.ENGINEER), OPERATOR);

        refused(() -> reviews().approve(both, "x", waiting.id(), "好", Set.of()), ZoneProblem.FOUR_EYES);
        refused(() -> reviews().approve(ofOperator, "x", waiting.id(), "好", Set.of()), ZoneProblem.FOUR_EYES);
        change(wanted(List.of(grant), List.of("mem", "other")));
        ZoneRun handedIn = runs().submit(
                        account("other"),
                        run(BY_AREA + " HAVING count(*) >= 5", STATISTIC).id(),
                        "普惠金融模型");
        Account moved = new Account("other", "other", Set.of(Role.ENGINEER), null);
        refused(() -> reviews().approve(moved, "x", handedIn.id(), "好", Set.of()), ZoneProblem.FOUR_EYES);
        reviews().refuse(REVIEWER, "x", handedIn.id(), "重复", "授权运营管理办法第十二条");
        refused(() -> reviews().sample(ofOperator, "x", waiting.id()), ZoneProblem.FOUR_EYES);
        refused(() -> reviews().approve(REVIEWER, "x", waiting.id(), " ", Set.of()), ZoneProblem.REASON_NEEDED);
        refused(() -> reviews().refuse(REVIEWER, "x", waiting.id(), "不当", null), ZoneProblem.REASON_NEEDED);
        share.clock.now = share.clock.now.plus(Duration.ofDays(60));
        assertThat(runs().get(ENGINEER, waiting.id()))
                .as("silence decides nothing")
                .satisfies(run -> assertThat(run.state()).isEqualTo(ZoneRun.State.SUBMITTED))
                .satisfies(run -> assertThat(run.overdue()).isTrue());

        ZoneRun refusal = reviews().refuse(REVIEWER, "x", waiting.id(), "超出运营范围", "授权运营管理办法第十二条");

        assertThat(refusal.state()).isEqualTo(ZoneRun.State.REFUSED);
        assertThat(runs().get(member, waiting.id()).legalBasis()).isEqualTo("授权运营管理办法第十二条");
        refused(() -> reviews().approve(REVIEWER, "x", waiting.id(), "好", Set.of()), ZoneProblem.WRONG_STATE);
        assertThat(held()).as("its rows are gone").isEmpty();
    }

    private List<Path> held() {
        try (Stream<Path> files = Files.list(folder.resolve("zones"))) {
            return files.toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whatDiffersFromAReleaseByFewLeavesOnlyWhenTheReviewerSaysThatTheySawIt() {
        ZoneRun first = submitted();
        ZoneRun second = runs().submit(
                        member,
                        run(
                                        "SELECT area, count(*) AS m FROM " + TABLE
                                                + " WHERE id_number <> '110105194912000000' GROUP BY area HAVING count(*) >= 5",
                                        new Declaration(Declaration.Kind.STATISTIC, Map.of("m", Declaration.As.COUNT)))
                                .id(),
                        "普惠金融模型");
        assertThat(of(second, Of.DIFFERENCING)).as("before the other left").isEqualTo(Verdict.PASS);
        reviews().approve(REVIEWER, "x", first.id(), "可", Set.of());

        refused(() -> reviews().approve(REVIEWER, "x", second.id(), "可", Set.of()), ZoneProblem.NOT_ACKNOWLEDGED);
        reviews().approve(REVIEWER, "x", second.id(), "差额系数据更正", Set.of(Of.DIFFERENCING));

        ZoneRun bureau = runs().get(ENGINEER, second.id());
        assertThat(of(bureau, Of.DIFFERENCING)).isEqualTo(Verdict.ATTENTION);
        assertThat(bureau.report().checks())
                .filteredOn(check -> check.of() == Of.DIFFERENCING)
                .singleElement()
                .satisfies(check -> assertThat(check.examples().toString()).contains("[330106001] 60 → 59"));
    }

    @Test
    void aRevokedZoneIsShutAtOnceAndItsDepartmentStaysInside() {
        Release release = released();
        Product product = products()
                .register(
                        member,
                        zone,
                        new Products.Wanted(
                                "街道人口数",
                                Product.Kind.REPORT,
                                "普惠金融",
                                Product.Price.PUBLIC_INTEREST_FREE,
                                "免费",
                                List.of(release.id())));
        publish(product);
        ZoneRun waiting = submitted();

        zones().revoke(BUREAU, zone, "超出授权范围");

        refused(() -> run(BY_AREA, STATISTIC), ZoneProblem.NOT_IN_FORCE);
        refused(() -> runs().list(member, zone), ZoneProblem.NOT_IN_FORCE);
        refused(() -> releases().file(member, release.id()), ZoneProblem.NOT_IN_FORCE);
        refused(() -> reviews().approve(REVIEWER, "x", waiting.id(), "可", Set.of()), ZoneProblem.WRONG_STATE);
        refused(() -> products().openFile(product.id(), release.id()), CoreProblem.NOT_FOUND);
        assertThat(products().get(ENGINEER, product.id()).state()).isEqualTo(Product.State.WITHDRAWN);
        assertThat(account("mem").roles()).containsExactly(Role.ZONE_MEMBER);
        refused(() -> share.grants().of(member), OrgProblem.INSIDE_ZONE);
        refused(() -> zones().revoke(BUREAU, zone, "再次"), ZoneProblem.WRONG_STATE);
    }

    @Test
    void aZoneThatIsOverHandsNothingOut() {
        Release release = released();
        Product product = products()
                .register(
                        member,
                        zone,
                        new Products.Wanted(
                                "街道人口数",
                                Product.Kind.DATA_SET,
                                "普惠金融",
                                Product.Price.PUBLIC_INTEREST_FREE,
                                "免费",
                                List.of(release.id())));
        publish(product);

        share.clock.now = share.clock.now.plus(Duration.ofDays(365));

        refused(() -> run(BY_AREA, STATISTIC), ZoneProblem.NOT_IN_FORCE);
        assertThat(products().open()).isEmpty();
        refused(() -> releases().file(member, release.id()), ZoneProblem.NOT_IN_FORCE);
    }

    @Test
    void noRowsStayThatNobodyNeeds() throws Exception {
        Release release = released();
        ZoneRun held = run(BY_AREA, STATISTIC);
        ZoneRun lost = run(BY_AREA, STATISTIC);
        share.jdbc
                .sql("update zone_runs set state = 'FAILED' where id = ?")
                .param(lost.id())
                .update();
        Path zones = folder.resolve("zones");
        Path part = Files.createFile(zones.resolve(UUID.randomUUID() + ".rows.part"));
        Path stray = Files.createFile(zones.resolve(UUID.randomUUID() + ".csv"));
        Path young = Files.createFile(zones.resolve(UUID.randomUUID() + ".csv"));
        FileTime old = FileTime.from(share.clock.now.minus(Duration.ofHours(3)));
        for (Path each : held()) {
            Files.setLastModifiedTime(each, old);
        }
        Files.setLastModifiedTime(young, FileTime.from(share.clock.now));

        share.bean(Leftovers.class).drop();

        assertThat(held())
                .doesNotContain(part, stray, zones.resolve(lost.id() + ".rows"))
                .contains(
                        young,
                        zones.resolve(held.id() + ".rows"),
                        zones.resolve(release.run() + ".rows"),
                        zones.resolve(release.id() + ".csv"));

        share.clock.now = share.clock.now.plus(Duration.ofDays(365));
        share.bean(Leftovers.class).drop();

        assertThat(runs().get(ENGINEER, held.id()).state())
                .as("its zone is over")
                .isEqualTo(ZoneRun.State.DISCARDED);
        assertThat(held())
                .containsExactlyInAnyOrder(
                        zones.resolve(release.run() + ".rows"), zones.resolve(release.id() + ".csv"));
    }

    @Test
    void aRunWhoseResultCannotBeKeptHasFailed() throws Exception {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("zones"), "no folder");

        assertThatThrownBy(() -> run(BY_AREA, STATISTIC)).isInstanceOf(java.io.UncheckedIOException.class);

        assertThat(runs().list(ENGINEER, zone)).singleElement().satisfies(run -> {
            assertThat(run.state()).isEqualTo(ZoneRun.State.FAILED);
            assertThat(run.failure()).isEqualTo(ZoneRun.Failure.UNAVAILABLE);
        });
    }

    @Test
    void whoIsTakenFromTheMembersIsOutAtOnce() {
        change(wanted(List.of(grant), List.of()));

        refused(() -> run(BY_AREA, STATISTIC), CoreProblem.NOT_FOUND);
    }

    @Test
    void aZoneIsMadeOfWhatIsTheOperatorsAndNoWeakerThanTheRule() {
        Zones.Wanted fine = wanted(List.of(grant), List.of("mem"));

        refused(() -> change(wanted(List.of(grant), List.of("shen"))), ZoneProblem.NOT_OF_DEPARTMENT);
        refused(() -> change(wanted(List.of(UUID.randomUUID()), List.of("mem"))), ZoneProblem.NOT_OF_DEPARTMENT);
        refused(() -> change(with(fine, 4, null, fine.validTo())), ZoneProblem.WEAKER_THAN_RULE);
        refused(() -> change(with(fine, null, 100_001, fine.validTo())), ZoneProblem.WEAKER_THAN_RULE);
        refused(() -> change(with(fine, null, null, LocalDate.of(2026, 10, 31))), ZoneProblem.WRONG_PERIOD);
        refused(() -> zones().begin(BUREAU, OPERATOR.id(), fine), ZoneProblem.DEPARTMENT_HAS_ZONE);
        refused(() -> zones().change(BUREAU, zone, 0, fine), ZoneProblem.CHANGED_MEANWHILE);
        share.bean(Accounts.class)
                .ensure(new Account("chief", "chief", Set.of(Role.ENGINEER), CIVIL), "a password for tests");
        refused(
                () -> zones().begin(BUREAU, CIVIL.id(), wanted(List.of(), List.of())),
                OrgProblem.KEEPERS_CANNOT_BE_ENCLOSED);
        assertThat(account("zhou").roles()).as("nothing of it was done").containsExactly(Role.OFFICER);
    }

    private static Zones.Wanted with(Zones.Wanted wanted, Integer k, Integer rows, LocalDate to) {
        return new Zones.Wanted(
                wanted.name(),
                wanted.agreement(),
                wanted.scope(),
                wanted.validFrom(),
                to,
                k,
                rows,
                null,
                wanted.grants(),
                wanted.members());
    }

    @Test
    void aZonesLimitsHold() {
        Zones.Wanted fine = wanted(List.of(grant), List.of("mem"));
        change(with(fine, 50, 102, fine.validTo()));

        ZoneRun many = run("SELECT area FROM " + TABLE, RECORDS);
        ZoneRun few = run(BY_AREA + " HAVING count(*) >= 5", STATISTIC);

        assertThat(many.failure()).isEqualTo(ZoneRun.Failure.TOO_MANY_ROWS);
        assertThat(of(few, Of.SMALL_CELLS)).as("its own k").isEqualTo(Verdict.FAIL);
        change(new Zones.Wanted(
                fine.name(),
                fine.agreement(),
                fine.scope(),
                fine.validFrom(),
                fine.validTo(),
                null,
                null,
                2,
                fine.grants(),
                fine.members()));
        refused(() -> run(BY_AREA, STATISTIC), ZoneProblem.RUNS_USED);
    }

    @Test
    void anotherOperatorsThingsAreNotThere() {
        Department second = new Department("second", "另一公司", "Another");
        share.bean(Departments.class).ensure(List.of(second));
        share.bean(Accounts.class).ensure(TestShare.officer("rival", second), "a password for tests");
        UUID other = zones().begin(BUREAU, second.id(), wanted(List.of(), List.of("rival")))
                .zone()
                .id();
        Account rival = account("rival");
        ZoneRun run = run(BY_AREA, STATISTIC);
        Release release = released();

        refused(() -> runs().get(rival, run.id()), CoreProblem.NOT_FOUND);
        refused(() -> runs().list(rival, zone), CoreProblem.NOT_FOUND);
        refused(() -> runs().submit(rival, run.id(), "要"), CoreProblem.NOT_FOUND);
        refused(() -> releases().manifest(rival, release.id()), CoreProblem.NOT_FOUND);
        refused(() -> releases().file(rival, release.id()), CoreProblem.NOT_FOUND);
        refused(() -> runs().run(rival, other, BY_AREA, STATISTIC), CatalogProblem.NOT_GRANTED);
        refused(
                () -> products()
                        .register(
                                rival,
                                other,
                                new Products.Wanted(
                                        "别人的",
                                        Product.Kind.DATA_SET,
                                        "用",
                                        Product.Price.COST,
                                        "成本",
                                        List.of(release.id()))),
                ZoneProblem.RELEASE_NEEDED);
    }

    @Test
    void aResultThatWasTamperedWithDoesNotLeave() throws Exception {
        ZoneRun waiting = submitted();
        share.bean(ResultFiles.class)
                .keep(waiting.id(), List.of(List.of("330106001", "61"), List.of("330106002", "40")));

        refused(() -> reviews().approve(REVIEWER, "x", waiting.id(), "可", Set.of()), ZoneProblem.RESULT_GONE);
    }

    @Test
    void aProductForAPriceIsNotHandedToEverybodyAndOneWithoutReleasesIsNotPublished() {
        Release release = released();
        Products.Wanted wanted =
                new Products.Wanted("街道人口数", Product.Kind.INTERFACE, "普惠金融", Product.Price.COST, "补偿成本", List.of());
        Product product = products().register(member, zone, wanted);

        refused(() -> publish(product), ZoneProblem.RELEASE_NEEDED);
        Product whole = products()
                .change(
                        member,
                        product.id(),
                        product.revision(),
                        new Products.Wanted(
                                wanted.name(),
                                wanted.kind(),
                                wanted.purpose(),
                                wanted.price(),
                                wanted.priceBasis(),
                                List.of(release.id())));
        refused(() -> publish(product), ZoneProblem.CHANGED_MEANWHILE);
        publish(whole);

        refused(() -> products().openFile(product.id(), release.id()), ZoneProblem.NOT_FREE);
        Product changed = products()
                .change(ENGINEER, product.id(), products().open(product.id()).revision(), wanted);
        assertThat(changed.state()).as("has to be published again").isEqualTo(Product.State.REGISTERED);
        assertThat(products().open()).isEmpty();
    }

    @Test
    void aFoundFileIsTracedToItsRelease() {
        share.fill(new TableName("raw_police", "resident"), """
                SELECT '110105194912' || lpad(cast(i AS VARCHAR), 6, '0') AS id_number,
                    cast(330106001 + i % 400 AS VARCHAR) AS area FROM range(8000) AS r(i)""");
        ZoneRun one = runs().submit(member, run(BY_AREA, STATISTIC).id(), "甲");
        ZoneRun two = runs().submit(member, run(BY_AREA, STATISTIC).id(), "乙");
        Release first = reviews().approve(REVIEWER, "x", one.id(), "可", Set.of());
        Release second = reviews().approve(REVIEWER, "x", two.id(), "可", Set.of());
        products()
                .register(
                        member,
                        zone,
                        new Products.Wanted(
                                "街道人口数",
                                Product.Kind.DATA_SET,
                                "普惠金融",
                                Product.Price.COST,
                                "成本",
                                List.of(first.id(), second.id())));
        List<String> lines = new ArrayList<>(Arrays.asList(
                new String(releases().file(member, second.id()).content(), UTF_8).split("\r\n")));
        List<String> piece = lines.subList(101, 301);
        String inOrder = String.join("\n", piece);
        List<String> mixed = new ArrayList<>(piece);
        Collections.shuffle(mixed, new Random(7));
        String shuffled = String.join("\n", mixed);

        for (String found : List.of(inOrder, shuffled)) {
            List<Releases.Recognised> recognised = releases().recognise(found);
            assertThat(recognised.getFirst().release()).isEqualTo(second);
            assertThat(recognised.getFirst().quotes()).isTrue();
            assertThat(recognised.getFirst().order()).isEqualTo(found.equals(inOrder));
            assertThat(recognised.getFirst().contained()).isEqualTo(200);
            assertThat(recognised.subList(1, recognised.size()))
                    .as("the same rows left twice: the other has them, but not the mark")
                    .singleElement()
                    .satisfies(
                            other -> assertThat(other.order() || other.quotes()).isFalse());
        }
        assertThat(releases().recognise(shuffled.replace("\"", "")))
                .as("sorted and written anew: the rows alone speak")
                .hasSize(2)
                .allSatisfy(each -> assertThat(each.order() || each.quotes()).isFalse());
        StringBuilder stranger = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            stranger.append("x").append(i).append(",").append(i).append("\n");
        }
        assertThat(releases().recognise(stranger.toString())).isEmpty();
        refused(() -> releases().recognise("a,b"), ZoneProblem.FRAGMENT_TOO_SHORT);
    }
}

package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.catalog.TestDirectory.ENGINEER;
import static org.qiantang.catalog.TestDirectory.HEALTH;
import static org.qiantang.catalog.TestDirectory.OFFICER;
import static org.qiantang.catalog.TestDirectory.OTHER_OFFICER;
import static org.qiantang.catalog.TestDirectory.POLICE;

import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.catalog.LedgerItem.Capacity;
import org.qiantang.catalog.LedgerItem.Kind;
import org.qiantang.catalog.Project.Reason;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;

/** One ledger of what the city has, so that nobody pays for it twice. */
class LedgerTests {
    private TestDirectory directory;
    private Ledger ledger;
    private UUID vehicles;
    private UUID visits;

    @BeforeEach
    void open() throws Exception {
        directory = new TestDirectory();
        ledger = new Ledger(directory.jdbc, directory.transaction, directory.search, directory.clock);
        EntryRulesTest.Draft draft = new EntryRulesTest.Draft();
        vehicles = directory
                .publish(directory.collect(POLICE, "vehicle", "车", "a:string:甲"), draft.statement(), OFFICER)
                .id();
        visits = directory.collect(HEALTH, "visit", "门诊就诊记录", "a:string:甲");
    }

    private static LedgerItem.Written written(Kind kind, String name, String purpose, UUID... uses) {
        return new LedgerItem.Written(
                kind,
                name,
                purpose,
                LedgerItem.State.RUNNING,
                LocalDate.of(2025, 1, 1),
                null,
                null,
                null,
                List.of(uses));
    }

    private static Project.Wanted project(String name, String purpose, UUID... uses) {
        return new Project.Wanted(name, purpose, List.of(uses), List.of(), null);
    }

    private static void refused(Problem.Code why, org.assertj.core.api.ThrowableAssert.ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(why));
    }

    @Test
    void theFourKindsAreInOneLedgerAndDataIsTheDirectoryItself() {
        LedgerItem model = ledger.add(written(Kind.COMPONENT, "号牌识别模型", "从图像读出机动车号牌"), null, OFFICER);
        LedgerItem app =
                ledger.add(written(Kind.APPLICATION, "车辆通行管理", "核验进入限行区域的机动车", vehicles, model.id()), null, OFFICER);

        assertThat(app.owner()).isEqualTo(POLICE);
        assertThat(app.uses())
                .extracting(use -> use.kind() + " " + use.name())
                .containsExactlyInAnyOrder("DATA 机动车登记", "COMPONENT 号牌识别模型");
        assertThat(ledger.counts())
                .containsEntry(Kind.DATA, 1L)
                .containsEntry(Kind.APPLICATION, 1L)
                .containsEntry(Kind.COMPONENT, 1L)
                .containsEntry(Kind.CLOUD, 0L);
        assertThat(ledger.list(null, "限行").items()).extracting(LedgerItem::id).containsExactly(app.id());
        assertThat(ledger.list(Kind.COMPONENT, "").items())
                .extracting(LedgerItem::id)
                .containsExactly(model.id());
        assertThat(ledger.list(null, "%").items()).isEmpty();
    }

    @Test
    void aDepartmentEntersItsOwnAndTheBureauAny() {
        refused(DirectoryProblem.NOT_YOURS, () -> ledger.add(written(Kind.APPLICATION, "x", "y"), "health", OFFICER));
        refused(DirectoryProblem.NOT_YOURS, () -> ledger.add(written(Kind.APPLICATION, "x", "y"), null, ENGINEER));
        LedgerItem item = ledger.add(written(Kind.APPLICATION, "x", "y"), "health", ENGINEER);
        refused(
                DirectoryProblem.NOT_YOURS,
                () -> ledger.change(item.id(), 0, written(Kind.APPLICATION, "x", "z"), OFFICER));
        refused(
                DirectoryProblem.IN_THE_LEDGER,
                () -> ledger.add(written(Kind.APPLICATION, "x", "z"), null, OTHER_OFFICER));
        refused(
                CoreProblem.NOT_FOUND,
                () -> ledger.add(written(Kind.APPLICATION, "w", "z", UUID.randomUUID()), null, OTHER_OFFICER));

        LedgerItem changed = ledger.change(item.id(), 0, written(Kind.APPLICATION, "x", "z"), OTHER_OFFICER);

        assertThat(changed.purpose()).isEqualTo("z");
        refused(
                DirectoryProblem.LEDGER_CHANGED,
                () -> ledger.change(item.id(), 0, written(Kind.APPLICATION, "x", "w"), ENGINEER));
        assertThat(ledger.list(null, "").items()).hasSize(1);
    }

    @Test
    void aProjectForWhatThereIsAlreadyIsNamed() {
        ledger.add(written(Kind.APPLICATION, "门诊预约挂号系统", "居民在线预约全市医院门诊号源，查询排班"), null, OTHER_OFFICER);
        ledger.add(written(Kind.APPLICATION, "河道水位监测", "采集水位并在超过警戒线时通知"), null, OFFICER);

        Project project = ledger.register(project("智慧门诊预约平台", "让居民预约医院门诊号源并查询医生排班"), null, OFFICER);

        assertThat(project.overlaps()).singleElement().satisfies(overlap -> {
            assertThat(overlap.name()).isEqualTo("门诊预约挂号系统");
            assertThat(overlap.reason()).isEqualTo(Reason.SAME_PURPOSE);
            assertThat(overlap.owner()).isEqualTo(HEALTH);
            assertThat(overlap.shared()).contains("门诊", "预约");
        });
        assertThat(ledger.register(project("图书借阅柜", "社区里自助借还图书"), null, OFFICER).overlaps())
                .isEmpty();
        assertThat(ledger.register(project("数字化管理平台建设项目", "建设一体化信息系统"), null, OFFICER)
                        .overlaps())
                .isEmpty();
    }

    @Test
    void aProjectOverTheSameDataAndComponentsIsNamed() {
        LedgerItem model = ledger.add(written(Kind.COMPONENT, "号牌识别模型", "从图像读出号牌"), null, OFFICER);
        ledger.add(written(Kind.APPLICATION, "限行核验", "查进城车辆", vehicles, model.id()), null, OFFICER);
        ledger.add(written(Kind.APPLICATION, "复诊提醒", "提醒患者", visits, model.id()), null, OTHER_OFFICER);

        Project project = ledger.register(project("停车诱导", "引导空闲泊位", vehicles, model.id()), null, OFFICER);

        assertThat(project.overlaps())
                .extracting(overlap -> overlap.reason() + " " + overlap.name() + " " + overlap.percent())
                .containsExactly("SAME_USES 限行核验 100");
        assertThat(project.overlaps().getFirst().shared()).containsExactlyInAnyOrder("机动车登记", "号牌识别模型");
    }

    @Test
    void dataThatIsPublishedIsNotCollectedAgainAndIdleMachinesAreOffered() {
        ledger.add(
                new LedgerItem.Written(
                        Kind.CLOUD,
                        "政务云二区",
                        "通用计算",
                        LedgerItem.State.RUNNING,
                        null,
                        null,
                        new Capacity(64, 256, 4_000),
                        new Capacity(40, 100, 1_000),
                        List.of()),
                null,
                OTHER_OFFICER);
        Project.Wanted fits =
                new Project.Wanted("甲项目名", "说明文字", List.of(), List.of("机动车登记表", "气象预报"), new Capacity(16, 64, 500));
        Project.Wanted tooLarge = new Project.Wanted("乙项目名", "说明文字", List.of(), List.of(), new Capacity(32, 64, 500));

        Project project = ledger.register(fits, null, OFFICER);

        assertThat(project.overlaps())
                .extracting(overlap -> overlap.reason() + " " + overlap.kind() + " " + overlap.name())
                .containsExactly("DATA_EXISTS DATA 机动车登记", "IDLE_CAPACITY CLOUD 政务云二区");
        assertThat(ledger.register(tooLarge, null, OFFICER).overlaps()).isEmpty();
    }

    @Test
    void dataThatALawKeepsBackIsNotOfferedForSharing() throws Exception {
        EntryRulesTest.Draft kept = new EntryRulesTest.Draft();
        kept.title = "涉案资金流水";
        kept.shareClass = Guide.ShareClass.NOT_SHARED;
        kept.shareCondition = "《中华人民共和国反恐怖主义法》第四十八条";
        directory.publish(directory.collect(POLICE, "kept", "留", "a:string:甲"), kept.statement(), OFFICER);

        Project project =
                ledger.register(new Project.Wanted("甲项目名", "说明文字", List.of(), List.of("涉案资金流水"), null), null, OFFICER);

        assertThat(project.overlaps())
                .extracting(overlap -> overlap.reason() + " " + overlap.name())
                .containsExactly("DATA_NOT_SHARED 涉案资金流水");
    }

    @Test
    void aLongListSaysHowManyThereAreAndManyOfOneReasonDoNotHideAnother() {
        directory.jdbc.sql("""
                        insert into catalog_ledger (id, kind, name, department_id, purpose, state, changed_at, changed_by)
                        select gen_random_uuid(), 'APPLICATION', '门诊预约 ' || n, 'health', '居民预约医院门诊号源', 'RUNNING', now(), 'lin'
                        from generate_series(1, 501) n""").update();

        LedgerItem.Page page = ledger.list(Kind.APPLICATION, "门诊");
        Project project = ledger.register(
                new Project.Wanted("门诊预约", "居民预约医院门诊号源", List.of(), List.of("机动车登记"), null), null, OFFICER);

        assertThat(page.total()).isEqualTo(501);
        assertThat(page.items()).hasSize(500);
        assertThat(ledger.list(Kind.CLOUD, "").total()).isZero();
        assertThat(project.overlaps())
                .hasSize(51)
                .last()
                .satisfies(overlap -> assertThat(overlap.reason()).isEqualTo(Reason.DATA_EXISTS));
    }

    @Test
    void whatTheLedgerSaidStaysWithTheProject() {
        Project project = ledger.register(project("停车诱导", "引导空闲泊位"), null, OFFICER);
        ledger.add(written(Kind.APPLICATION, "停车诱导", "引导空闲泊位"), null, OTHER_OFFICER);

        assertThat(ledger.getProject(project.id()).overlaps()).isEmpty();
        assertThat(ledger.listProjects()).extracting(Project::id).containsExactly(project.id());
        assertThat(ledger.overlaps(project.wanted())).hasSize(1);
    }
}

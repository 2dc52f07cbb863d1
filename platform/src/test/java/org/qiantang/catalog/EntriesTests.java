package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.catalog.TestDirectory.ENGINEER;
import static org.qiantang.catalog.TestDirectory.HEALTH;
import static org.qiantang.catalog.TestDirectory.OFFICER;
import static org.qiantang.catalog.TestDirectory.OTHER_OFFICER;
import static org.qiantang.catalog.TestDirectory.POLICE;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.catalog.Entry.Act;
import org.qiantang.catalog.Entry.State;
import org.qiantang.catalog.Entry.Statement;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Role;
import org.springframework.dao.DataAccessException;

/** An entry from the collection that found its data to its retirement. */
class EntriesTests {
    private TestDirectory directory;
    private Entries entries;

    @BeforeEach
    void open() throws Exception {
        directory = new TestDirectory();
        entries = directory.entries;
    }

    private UUID vehicles() {
        return directory.collect(POLICE, "vehicle", "机动车登记（2026 版）", "plate:string:号牌号码", "registered_on:date:登记日期；必填");
    }

    private static Statement whole() {
        return new EntryRulesTest.Draft().statement();
    }

    private static void refused(DirectoryProblem why, org.assertj.core.api.ThrowableAssert.ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(why));
    }

    @Test
    void whatIsCollectedHasADraftThatSaysWhatTheSourceSays() {
        UUID id = directory.collect(
                POLICE,
                "fine",
                "罚款决定\n由交警支队维护",
                "amount:decimal(10,2):罚款金额",
                "decided_at:timestamp:决定时间",
                "paid:boolean:是否缴纳",
                "remark:string:备注",
                "points:int:",
                "tax:decimal(4,2):税率");

        Entry draft = entries.get(id);

        assertThat(draft.state()).isEqualTo(State.DRAFT);
        assertThat(draft.discovered()).isTrue();
        assertThat(draft.provider()).isEqualTo(POLICE);
        assertThat(draft.statement().title()).isEqualTo("罚款决定");
        assertThat(draft.statement().summary()).contains("交警支队");
        assertThat(draft.statement().items())
                .extracting(item -> item.name() + " " + item.type())
                .containsExactly("罚款金额 Y", "决定时间 T", "是否缴纳 L", "备注 M", "points I", "税率 N");
    }

    @Test
    void aDraftFollowsItsSourceUntilSomebodyTouchesIt() {
        UUID id = vehicles();
        for (int day = 1; day < 5; day++) {
            directory.collect(
                    POLICE,
                    "vehicle",
                    "机动车与号牌",
                    directory.clock.instant().plus(Duration.ofDays(day)),
                    "plate:string:号牌号码",
                    "colour:string:车身颜色");
        }

        Entry draft = entries.get(id);

        assertThat(draft.statement().title()).isEqualTo("机动车与号牌");
        assertThat(draft.statement().updateCycle()).isEqualTo(Guide.UpdateCycle.DAILY);
        assertThat(draft.statement().items()).extracting(Statement.Item::name).containsExactly("号牌号码", "车身颜色");

        entries.save(id, draft.revision(), whole(), OFFICER);
        directory.collect(POLICE, "vehicle", "又改了说明", "plate:string:号牌号码");

        assertThat(entries.get(id).statement()).isEqualTo(whole());
        assertThat(entries.get(id).discovered()).isFalse();
    }

    @Test
    void anEntryGoesFromItsDepartmentToTheBureauAndBack() {
        UUID id = vehicles();
        refused(DirectoryProblem.INCOMPLETE, () -> entries.submit(id, 0, OFFICER));
        Entry saved = entries.save(id, 0, whole(), OFFICER);
        Entry submitted = entries.submit(id, saved.revision(), OFFICER);
        refused(DirectoryProblem.WRONG_STATE, () -> entries.save(id, submitted.revision(), whole(), OFFICER));
        Entry taken = entries.take(id, submitted.revision(), ENGINEER);
        refused(DirectoryProblem.WORDS_MISSING, () -> entries.giveBack(id, taken.revision(), " ", ENGINEER));
        Entry returned = entries.giveBack(id, taken.revision(), "请补充摘要", ENGINEER);
        assertThat(returned.state()).isEqualTo(State.RETURNED);

        Entry published = directory.publish(id, whole(), OFFICER);

        assertThat(published.state()).isEqualTo(State.PUBLISHED);
        assertThat(published.resourceCode()).isEqualTo("306001/1");
        assertThat(published.version()).isEqualTo(1);
        assertThat(published.publishedOn()).isEqualTo("2026-11-20");
        assertThat(entries.listEvents(id).reversed())
                .extracting(event -> event.act() + " " + event.who() + " " + event.state())
                .containsExactly(
                        "EDIT shen DRAFT",
                        "SUBMIT shen SUBMITTED",
                        "TAKE wu UNDER_REVIEW",
                        "RETURN wu RETURNED",
                        "EDIT shen RETURNED",
                        "SUBMIT shen SUBMITTED",
                        "TAKE wu UNDER_REVIEW",
                        "PUBLISH wu PUBLISHED");
        assertThat(entries.listEvents(id)).anyMatch(event -> "请补充摘要".equals(event.words()));
    }

    @Test
    void aPublishedVersionStaysAsItWasWhileTheNextIsWritten() {
        UUID id = vehicles();
        Entry first = directory.publish(id, whole(), OFFICER);
        EntryRulesTest.Draft next = new EntryRulesTest.Draft();
        next.summary = "还包括挂车。";

        Entry changing = entries.change(id, first.revision(), "新增挂车", OFFICER);
        Entry written = entries.save(id, changing.revision(), next.statement(), OFFICER);

        assertThat(written.state()).isEqualTo(State.CHANGED);
        assertThat(written.version()).isEqualTo(1);
        assertThat(entries.listVersions(id))
                .singleElement()
                .satisfies(version -> assertThat(version.statement()).isEqualTo(whole()));

        Entry second = directory.publish(id, next.statement(), OFFICER);

        assertThat(second.version()).isEqualTo(2);
        assertThat(second.resourceCode()).isEqualTo("306001/1");
        assertThat(entries.listVersions(id))
                .extracting(
                        version -> version.version() + " " + version.statement().summary())
                .containsExactly("2 还包括挂车。", "1 " + whole().summary());
        assertThatThrownBy(() -> directory
                        .jdbc
                        .sql("update catalog_entry_versions set published_by = 'x'")
                        .update())
                .isInstanceOf(DataAccessException.class);
        assertThatThrownBy(() ->
                        directory.jdbc.sql("delete from catalog_entry_events").update())
                .isInstanceOf(DataAccessException.class);
    }

    @Test
    void aCodeIsGivenOnceEvenWhenItsEntryIsRetired() throws Exception {
        Entry first = directory.publish(vehicles(), whole(), OFFICER);
        Entry retired = entries.retire(first.id(), first.revision(), "并入新目录", ENGINEER);
        assertThat(retired.state()).isEqualTo(State.RETIRED);
        refused(DirectoryProblem.WRONG_STATE, () -> entries.change(first.id(), retired.revision(), "x", OFFICER));
        Set<String> codes = new HashSet<>();
        List<Callable<String>> publishing = new java.util.ArrayList<>();
        for (int i = 0; i < 8; i++) {
            UUID id = directory.collect(POLICE, "table" + i, "表" + i, "a:string:甲");
            EntryRulesTest.Draft draft = new EntryRulesTest.Draft();
            draft.title = "表" + i;
            publishing.add(
                    () -> directory.publish(id, draft.statement(), OFFICER).resourceCode());
        }
        try (var pool = Executors.newFixedThreadPool(8)) {
            for (var each : pool.invokeAll(publishing)) {
                codes.add(each.get());
            }
        }

        assertThat(codes)
                .containsExactlyInAnyOrder(
                        "306001/2", "306001/3", "306001/4", "306001/5", "306001/6", "306001/7", "306001/8", "306001/9");
    }

    @Test
    void whoeverSavesOverSomebodyElsesChangeSeesBoth() {
        UUID id = vehicles();
        entries.save(id, 0, whole(), OFFICER);
        EntryRulesTest.Draft mine = new EntryRulesTest.Draft();
        mine.title = "我的标题";

        assertThatThrownBy(() -> entries.save(id, 0, mine.statement(), OFFICER))
                .isInstanceOfSatisfying(Problem.class, problem -> {
                    assertThat(problem.code()).isEqualTo(DirectoryProblem.CHANGED_MEANWHILE);
                    assertThat(problem.members())
                            .containsEntry("yours", mine.statement())
                            .containsEntry("current", entries.get(id));
                });
        assertThat(entries.get(id).statement()).isEqualTo(whole());
    }

    @Test
    void eachStepBelongsToSomebody() {
        UUID id = vehicles();
        Account both = new Account("both", "both", Set.of(Role.ENGINEER, Role.OFFICER), POLICE);
        Account nowhere = new Account("nowhere", "nowhere", Set.of(Role.OFFICER), null);
        refused(DirectoryProblem.NOT_YOURS, () -> entries.save(id, 0, whole(), OTHER_OFFICER));
        refused(DirectoryProblem.NOT_YOURS, () -> entries.save(id, 0, whole(), nowhere));
        refused(DirectoryProblem.NOT_YOURS, () -> entries.save(id, 0, whole(), ENGINEER));
        assertThat(entries.get(id).acts(OFFICER)).containsExactly(Act.EDIT, Act.SUBMIT);
        assertThat(entries.get(id).acts(OTHER_OFFICER)).isEmpty();
        Entry saved = entries.save(id, 0, whole(), both);
        Entry submitted = entries.submit(id, saved.revision(), both);
        refused(DirectoryProblem.NOT_YOURS, () -> entries.take(id, submitted.revision(), OFFICER));
        Entry taken = entries.take(id, submitted.revision(), both);

        refused(DirectoryProblem.SAME_PERSON, () -> entries.publish(id, taken.revision(), null, both));
        assertThat(taken.acts(both)).containsExactly(Act.RETURN);
        assertThat(entries.publish(id, taken.revision(), null, ENGINEER).state())
                .isEqualTo(State.PUBLISHED);
    }

    @Test
    void whoeverMayDoEverythingDoesNotReviewWhatTheySubmitted() {
        UUID id = vehicles();
        Account operator = new Account("op", "op", Set.of(Role.OPERATOR), null);
        Entry saved = entries.save(id, 0, whole(), operator);
        Entry submitted = entries.submit(id, saved.revision(), operator);
        Entry taken = entries.take(id, submitted.revision(), operator);

        refused(DirectoryProblem.SAME_PERSON, () -> entries.publish(id, taken.revision(), null, operator));
        assertThat(taken.acts(operator)).containsExactly(Act.RETURN);
    }

    @Test
    void whatWasRetiredIsStatedAnewAboutTheSameDataAndItsLevel() {
        Entry first = directory.publish(vehicles(), whole(), OFFICER);
        UUID resource = first.resource();
        refused(DirectoryProblem.RESOURCE_STATED, () -> entries.create(POLICE, resource, whole(), OFFICER));
        entries.retire(first.id(), first.revision(), "分类有误", ENGINEER);
        vehicles();
        assertThat(entries.search(Entries.Wanted.EVERYTHING, new Resources.Range(0, 10))
                        .total())
                .isEqualTo(1);
        refused(DirectoryProblem.NOT_YOURS, () -> entries.create(HEALTH, resource, whole(), OTHER_OFFICER));
        EntryRulesTest.Draft open = new EntryRulesTest.Draft();
        open.openClass = Guide.OpenClass.OPEN;

        Entry second = entries.create(POLICE, resource, open.statement(), OFFICER);
        level(resource, Level.L4);

        assertThat(entries.findByResource(resource)).contains(second.id());
        assertThat(entries.violations(second))
                .extracting(Violation::code)
                .containsExactly("directory.open_too_sensitive");
        refused(DirectoryProblem.RESOURCE_STATED, () -> entries.create(POLICE, resource, whole(), OFFICER));
    }

    private void level(UUID resource, Level level) {
        directory
                .jdbc
                .sql("update catalog_resources set level = ? where id = ?")
                .params(level.name(), resource)
                .update();
    }

    @Test
    void whatIsOpenedAndWasFoundSensitiveSinceIsListed() {
        EntryRulesTest.Draft restricted = new EntryRulesTest.Draft();
        restricted.openClass = Guide.OpenClass.RESTRICTED;
        restricted.openCondition = "实名申请";
        Entry entry = directory.publish(vehicles(), restricted.statement(), OFFICER);
        directory.publish(directory.collect(HEALTH, "bed", "床位", "a:int:甲"), whole(), OTHER_OFFICER);
        Entries.Wanted tooOpen = new Entries.Wanted("", null, null, null, null, Entries.Concern.TOO_OPEN);

        level(entry.resource(), Level.L3);
        assertThat(entries.search(tooOpen, new Resources.Range(0, 10)).items()).isEmpty();
        level(entry.resource(), Level.L4);

        assertThat(entries.search(tooOpen, new Resources.Range(0, 10)).items())
                .extracting(Entry.Brief::id)
                .containsExactly(entry.id());
    }

    @Test
    void whatWasNeverPublishedAndIsAboutNothingCollectedIsTakenBack() {
        Entry mistake = entries.create(POLICE, null, whole(), OFFICER);
        UUID collected = vehicles();
        assertThat(mistake.acts(OFFICER)).containsExactly(Act.EDIT, Act.SUBMIT, Act.DISCARD);
        assertThat(entries.get(collected).acts(OFFICER)).doesNotContain(Act.DISCARD);
        refused(DirectoryProblem.WRONG_STATE, () -> entries.discard(collected, 0, OFFICER));
        refused(DirectoryProblem.NOT_YOURS, () -> entries.discard(mistake.id(), mistake.revision(), OTHER_OFFICER));

        entries.discard(mistake.id(), mistake.revision(), OFFICER);

        assertThat(entries.search(Entries.Wanted.EVERYTHING, new Resources.Range(0, 10))
                        .items())
                .extracting(Entry.Brief::id)
                .containsExactly(collected);
        assertThat(entries.listEvents(mistake.id()).getFirst().act()).isEqualTo(Act.DISCARD);
        assertThat(entries.violations(entries.save(collected, 0, whole(), OFFICER)))
                .isEmpty();
    }

    @Test
    void twoEntriesOfADepartmentAreNotCalledTheSame() {
        directory.publish(vehicles(), whole(), OFFICER);
        UUID other = directory.collect(POLICE, "vehicle_old", "旧表", "a:string:甲");
        Entry saved = entries.save(other, 0, whole(), OFFICER);

        assertThat(entries.violations(saved)).extracting(Violation::code).containsExactly("directory.title_taken");
    }

    @Test
    void theListIsFoundByWordsAndCountedByWhatItsEntriesAre() {
        directory.publish(vehicles(), whole(), OFFICER);
        directory.collect(HEALTH, "visit", "门诊就诊记录", "a:string:甲");
        directory.collect(HEALTH, "bed", "床位", "a:string:甲");
        Resources.Range all = new Resources.Range(0, 50);

        Entry.Page everything = entries.search(Entries.Wanted.EVERYTHING, all);
        Entry.Page health = entries.search(new Entries.Wanted("", null, "health", null, null), all);

        assertThat(everything.items()).extracting(Entry.Brief::title).first().isEqualTo("机动车登记");
        assertThat(everything.facets())
                .contains(
                        new Entry.Facet("state", "DRAFT", 2),
                        new Entry.Facet("state", "PUBLISHED", 1),
                        new Entry.Facet("department", "health", 2),
                        new Entry.Facet("shareClass", "CONDITIONAL", 1));
        assertThat(health.total()).isEqualTo(2);
        assertThat(health.facets())
                .contains(new Entry.Facet("department", "police", 1))
                .doesNotContain(new Entry.Facet("state", "PUBLISHED", 1));
        assertThat(titles("就诊")).containsExactly("门诊就诊记录");
        assertThat(titles("挂车")).isEmpty();
        assertThat(titles("306001/1")).containsExactly("机动车登记");
        assertThat(titles("公安局 机动车")).containsExactly("机动车登记");
        assertThat(titles("%")).isEmpty();
    }

    private List<String> titles(String text) {
        return entries
                .search(new Entries.Wanted(text, null, null, null, null), new Resources.Range(0, 50))
                .items()
                .stream()
                .map(Entry.Brief::title)
                .toList();
    }
}

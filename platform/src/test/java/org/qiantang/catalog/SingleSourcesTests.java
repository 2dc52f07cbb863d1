package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.catalog.TestDirectory.ENGINEER;
import static org.qiantang.catalog.TestDirectory.HEALTH;
import static org.qiantang.catalog.TestDirectory.OFFICER;
import static org.qiantang.catalog.TestDirectory.OTHER_OFFICER;
import static org.qiantang.catalog.TestDirectory.POLICE;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.catalog.SingleSources.ItemRef;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.springframework.dao.DataAccessException;

/** What several departments hold, and which of them is its source. */
class SingleSourcesTests {
    private TestDirectory directory;
    private SingleSources sources;
    private UUID residents;
    private UUID patients;

    @BeforeEach
    void open() throws Exception {
        directory = new TestDirectory();
        sources = new SingleSources(directory.jdbc, directory.transaction, directory.clock);
        residents = published(POLICE, OFFICER, "常住人口登记", "xm:姓名", "sfzh:公民身份号码", "hjdz:户籍地址");
        patients = published(HEALTH, OTHER_OFFICER, "患者主索引", "name:姓 名", "id_no:证件号", "blood:血型");
        directory
                .jdbc
                .sql("update catalog_fields set detected_kind = 'ID_NUMBER' where name in ('sfzh', 'id_no')")
                .update();
    }

    private UUID published(Department department, Account officer, String title, String... items) {
        List<String> columns = java.util.Arrays.stream(items)
                .map(item -> item.split(":")[0] + ":string:" + item.split(":")[1])
                .toList();
        UUID id =
                directory.collect(department, "t" + Math.abs(title.hashCode()), title, columns.toArray(String[]::new));
        EntryRulesTest.Draft draft = new EntryRulesTest.Draft();
        draft.title = title;
        draft.items = java.util.Arrays.stream(items)
                .map(item -> new Entry.Statement.Item(item.split(":")[1], item.split(":")[0], Guide.DataTypeCode.C))
                .toList();
        draft.related = List.of();
        return directory.publish(id, draft.statement(), officer).id();
    }

    private Datum named() {
        return sources.name(
                "姓名",
                "自然人",
                List.of(new ItemRef(residents, "姓名"), new ItemRef(patients, "姓 名")),
                new ItemRef(residents, "姓名"),
                "户籍登记为法定来源",
                ENGINEER);
    }

    @Test
    void itemsThatAreCalledTheSameOrHoldTheSameAreProposed() {
        assertThat(sources.listCandidates())
                .extracting(candidate ->
                        candidate.likeness() + " " + candidate.claims().size())
                .containsExactly("SAME_NAME 2", "SAME_CONTENT 2");
        assertThat(sources.listCandidates().getLast().claims())
                .extracting(claim -> claim.department().id() + "." + claim.item())
                .containsExactlyInAnyOrder("police.公民身份号码", "health.证件号");
    }

    @Test
    void theSourceIsShownInEveryEntryThatHoldsTheDatum() {
        Datum datum = named();

        assertThat(datum.claims()).hasSize(2);
        assertThat(sources.listParts(residents))
                .singleElement()
                .satisfies(part -> assertThat(part.authoritative()).isTrue());
        assertThat(sources.listParts(patients)).singleElement().satisfies(part -> {
            assertThat(part.authoritative()).isFalse();
            assertThat(part.authority().title()).isEqualTo("常住人口登记");
        });
        assertThat(sources.listCandidates())
                .extracting(Datum.Candidate::likeness)
                .containsExactly(Datum.Likeness.SAME_CONTENT);
    }

    @Test
    void aDatumPublishedLaterIsProposedForTheSourceThereIs() {
        Datum datum = named();
        UUID workers = published(POLICE, OFFICER, "暂住登记", "xm:姓名");

        Datum.Candidate candidate = sources.listCandidates().stream()
                .filter(each -> each.likeness() == Datum.Likeness.SAME_NAME)
                .findFirst()
                .orElseThrow();

        assertThat(candidate.datum()).isEqualTo(datum.id());
        assertThat(candidate.claims()).extracting(Datum.Claim::entry).containsExactly(workers);
    }

    @Test
    void whoWasTheSourceIsKept() {
        Datum datum = named();

        Datum changed = sources.nameAuthority(datum.id(), List.of(), new ItemRef(patients, "姓 名"), "改由卫健提供", ENGINEER);

        assertThat(changed.authority().entry()).isEqualTo(patients);
        assertThat(sources.listAuthorities(datum.id()))
                .extracting(Datum.Authority::words)
                .containsExactly("改由卫健提供", "户籍登记为法定来源");
        assertThatThrownBy(() -> directory
                        .jdbc
                        .sql("delete from catalog_datum_authorities")
                        .update())
                .isInstanceOf(DataAccessException.class);
    }

    @Test
    void anItemThatIsNotTheDatumIsTakenBackAndMayBecomeAnother() {
        Datum datum = named();
        assertThatThrownBy(() -> sources.withdraw(datum.id(), new ItemRef(residents, "姓名"), "误认", ENGINEER))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(DirectoryProblem.SOURCE_STAYS));

        Datum left = sources.withdraw(datum.id(), new ItemRef(patients, "姓 名"), "是患者的，不是居民的", ENGINEER);
        Datum other = sources.name("姓名", "患者", List.of(), new ItemRef(patients, "姓 名"), "医院首页", ENGINEER);

        assertThat(left.claims()).extracting(Datum.Claim::entry).containsExactly(residents);
        assertThat(other.id()).isNotEqualTo(datum.id());
        assertThat(sources.listWithdrawals(datum.id()))
                .extracting(each -> each.item() + " " + each.who() + " " + each.words())
                .containsExactly("姓 名 wu 是患者的，不是居民的");
        assertThatThrownBy(() -> sources.withdraw(datum.id(), new ItemRef(patients, "姓 名"), "再次", ENGINEER))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(DirectoryProblem.NO_SUCH_ITEM));
        assertThatThrownBy(() -> directory
                        .jdbc
                        .sql("delete from catalog_datum_withdrawals")
                        .update())
                .isInstanceOf(DataAccessException.class);
    }

    @Test
    void aSourceThatIsNoneAnyMoreIsNamedAsSuch() {
        Datum datum = named();
        Entry entry = directory.entries.get(residents);
        directory.entries.change(residents, entry.revision(), "改名", OFFICER);
        EntryRulesTest.Draft renamed = new EntryRulesTest.Draft();
        renamed.title = "常住人口登记";
        renamed.items = List.of(new Entry.Statement.Item("居民姓名", "xm", Guide.DataTypeCode.C));
        renamed.related = List.of();
        Entry published = directory.publish(residents, renamed.statement(), OFFICER);

        assertThat(sources.get(datum.id()).authority().standing()).isEqualTo(Datum.Standing.ITEM_GONE);
        assertThat(sources.listParts(patients)).singleElement().satisfies(part -> {
            assertThat(part.authority()).isNull();
            assertThat(part.gone().title()).isEqualTo("常住人口登记");
        });

        directory.entries.retire(residents, published.revision(), "停用", ENGINEER);

        assertThat(sources.get(datum.id()).authority().standing()).isEqualTo(Datum.Standing.ENTRY_RETIRED);
        assertThat(sources.listAuthorities(datum.id())).hasSize(1);
    }

    @Test
    void onlyWhatIsPublishedCanBeTheSourceAndWhySaysAPerson() {
        assertThatThrownBy(() -> sources.name("血压", "自然人", List.of(), new ItemRef(patients, "血压"), "x", ENGINEER))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(DirectoryProblem.NO_SUCH_ITEM));
        assertThat(sources.list()).isEmpty();
        Datum datum = named();
        assertThatThrownBy(
                        () -> sources.nameAuthority(datum.id(), List.of(), new ItemRef(patients, "姓 名"), " ", ENGINEER))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(DirectoryProblem.WORDS_MISSING));
        assertThatThrownBy(() -> sources.name("名字", "患者", List.of(), new ItemRef(patients, "姓 名"), "已属另一数据项", ENGINEER))
                .isInstanceOf(Problem.class);
    }
}

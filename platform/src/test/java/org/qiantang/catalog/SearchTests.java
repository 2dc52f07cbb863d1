package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.Found.Hit;
import org.qiantang.catalog.Found.Kind;

class SearchTests {
    private static final Resources.Range ALL = new Resources.Range(0, 50);
    private TestDirectory directory;

    @BeforeEach
    void collectTwoTables() throws Exception {
        directory = new TestDirectory();
        directory.collect(
                TestDirectory.POLICE, "driver_licence", "机动车驾驶证", "licence_no:varchar:驾驶证号", "points:int:累积记分");
        directory.collect(TestDirectory.HEALTH, "vaccination", "预防接种记录", "vaccine:varchar:疫苗名称");
    }

    @Test
    void whatWasCollectedAMomentAgoIsFoundAtOnce() {
        assertThat(titles("低保")).isEmpty();

        directory.collect(TestDirectory.HEALTH, "low_income_family", "最低生活保障家庭");

        assertThat(titles("低保")).containsExactly("最低生活保障家庭");
    }

    @Test
    void whatIsCommittedLaterThanWhatBeganAfterItIsNotMissed() throws Exception {
        directory.search.catchUp();
        Thread[] other = new Thread[1];

        directory.transaction.executeWithoutResult(status -> {
            rename("driver_licence", "驾驶人档案");
            other[0] = Thread.ofVirtual().start(() -> {
                rename("vaccination", "疫苗档案");
                directory.search.catchUp();
            });
            try {
                other[0].join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        assertThat(titles("档案")).containsExactlyInAnyOrder("驾驶人档案", "疫苗档案");
    }

    @Test
    void whatWasRolledBackIsNotFound() {
        directory.transaction.executeWithoutResult(status -> {
            rename("driver_licence", "驾驶人档案");
            status.setRollbackOnly();
        });

        assertThat(titles("档案")).isEmpty();
        assertThat(titles("机动车驾驶证")).containsExactly("机动车驾驶证");
    }

    @Test
    void aDepartmentsNewNameIsFoundWithAllThatIsItsOwn() {
        assertThat(titles("健康局")).isEmpty();

        directory
                .jdbc
                .sql("update org_departments set name = '市健康局' where id = 'health'")
                .update();

        assertThat(titles("市健康局")).contains("市健康局", "预防接种记录");
    }

    @Test
    void pinyinItsInitialsAndTheWrongCharacterFindWhatWasMeant() {
        for (String asked : List.of("jiashizheng", "jia shi zheng", "jsz", "驾使证", "驾驶正", "driver licenec")) {
            assertThat(titles(asked)).as(asked).contains("机动车驾驶证");
        }
        assertThat(search("驾使证").meant()).isEqualTo("驾驶证");
        assertThat(search("vacination").meant()).isEqualTo("vaccination");
        assertThat(search("驾驶证").meant()).isNull();
    }

    @Test
    void aHitSaysWhereItsWordsStand() {
        Hit hit = search("累积记分").items().getFirst();

        assertThat(hit.matches()).singleElement().satisfies(match -> {
            assertThat(match.place()).isEqualTo(Found.Place.COLUMN);
            assertThat(match.text()).isEqualTo("累积记分 points");
            assertThat(match.marked()).containsExactly(new Found.Span(0, 4));
        });
    }

    @Test
    void facetsCountWhatIsLeftUnderEveryOtherCondition() {
        Found page = directory.search.search(
                new Search.Wanted("", Map.of("kind", Set.of("RESOURCE"), "department", Set.of("health"))), ALL);

        assertThat(page.items()).extracting(hit -> hit.thing().title()).containsExactly("预防接种记录");
        assertThat(page.facets())
                .contains(
                        new Found.Facet("department", "police", 1),
                        new Found.Facet("department", "health", 1),
                        new Found.Facet("kind", "DEPARTMENT", 1),
                        new Found.Facet("layer", "RAW", 1));
    }

    @Test
    void theLedgerIsFoundInTheSameBox() {
        Ledger ledger = new Ledger(directory.jdbc, directory.transaction, directory.search, directory.clock);
        ledger.add(
                new LedgerItem.Written(
                        LedgerItem.Kind.APPLICATION,
                        "学区一张图",
                        "按地址查学区",
                        LedgerItem.State.RUNNING,
                        LocalDate.of(2026, 1, 1),
                        null,
                        null,
                        null,
                        List.of()),
                "police",
                TestDirectory.ENGINEER);

        Hit hit = search("xuequ").items().getFirst();

        assertThat(hit.thing().kind()).isEqualTo(Kind.APPLICATION);
        assertThat(ledger.list(null, "xuequ").items())
                .extracting(LedgerItem::name)
                .containsExactly("学区一张图");
    }

    @Test
    void wordsThatABureauUsesAreUnderstoodAsItSays(@TempDir Path folder) throws Exception {
        Path own = Files.writeString(folder.resolve("words.txt"), "# here\n红本本, 驾驶证\n- 劳驾\n");
        Search bureau = new Search(directory.jdbc, directory.clock, new SearchWords(own));

        Found page = bureau.search(new Search.Wanted("劳驾红本本", Map.of()), ALL);

        assertThat(page.items()).extracting(hit -> hit.thing().title()).containsExactly("机动车驾驶证");
        assertThat(titles("劳驾红本本")).isEmpty();
    }

    @Test
    void signsAloneAskForNothing() {
        assertThat(search("%_'").total()).isZero();
        assertThat(search("").total()).isEqualTo(4);
    }

    private void rename(String table, String title) {
        directory
                .jdbc
                .sql("update catalog_resources set title = ?, comment = ? where table_name = ?")
                .params(title, title, table)
                .update();
    }

    private Found search(String text) {
        return directory.search.search(new Search.Wanted(text, Map.of()), ALL);
    }

    private List<String> titles(String text) {
        return search(text).items().stream().map(hit -> hit.thing().title()).toList();
    }
}

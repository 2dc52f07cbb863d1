package org.qiantang.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.exchange.TestExchange.NURSE;
import static org.qiantang.exchange.TestExchange.POLICEMAN;
import static org.qiantang.exchange.TestExchange.SHEN;
import static org.qiantang.exchange.TestExchange.ZHOU;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.RowCondition;
import org.qiantang.share.GrantedTable;
import org.qiantang.share.ShareProblem;
import org.qiantang.share.Terms;

/** Who pulls what changes: what comes, from where on, under which grant, and what both sides can count. */
class SubscriptionsTests {
    @TempDir
    Path folder;

    private TestExchange exchange;

    @BeforeEach
    void open() {
        exchange = new TestExchange(folder);
        exchange.hold("1/330101", "2/330102", "3/440101");
    }

    @AfterEach
    void close() {
        exchange.close();
    }

    private Subscription subscribe(UUID grant) {
        return exchange.subscribe(grant, Delivery.PULL, null, Subscriptions.EARLIEST)
                .subscription();
    }

    private EventBatch pull(UUID id) {
        return exchange.subscriptions().events(SHEN, id, null, 100);
    }

    private EventBatch pull(UUID id, String after) {
        return exchange.subscriptions().events(SHEN, id, after, 100);
    }

    private static List<String> told(EventBatch batch) {
        return batch.events().stream()
                .map(event -> event.type().substring(ChangeEvent.TYPE.length()) + " "
                        + event.data().values())
                .toList();
    }

    private static void refused(Runnable act, Problem.Code code) {
        assertThatThrownBy(act::run)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }

    @Test
    void theWholeComesFirstAndThenWhatChangesOfIt() {
        UUID grant = exchange.grant("低保资格核对", "clear", 100, 1_000);
        Subscription subscription = subscribe(grant);

        EventBatch whole = pull(subscription.id());
        exchange.hold("1/330101", "2/440102", "3/330103");
        EventBatch change = pull(subscription.id(), whole.position());

        assertThat(told(whole)).containsExactly("reset [[], 2]", "insert [1, 330101]", "insert [2, 330102]");
        assertThat(told(change)).containsExactly("delete [2, 330102]", "insert [3, 330103]");
        ChangeEvent event = change.events().getFirst();
        assertThat(event.specversion()).isEqualTo("1.0");
        assertThat(event.subject()).isEqualTo("raw_police.resident");
        assertThat(event.grantnumber()).startsWith("GX2026-");
        assertThat(whole.evidence()).isNotNull();
    }

    @Test
    void whatTheGrantDoesNotShowGivesNoEventMovesNoPositionAndUsesNoQuota() {
        UUID grant = exchange.grant("低保资格核对", "hide", 2, 1_000);
        Subscription subscription = subscribe(grant);
        String position = pull(subscription.id()).position();

        for (int i = 0; i < 5; i++) {
            exchange.hold("9" + i + "/330101", "8" + i + "/330102", "7" + i + "/44010" + i);
            EventBatch batch = pull(subscription.id(), position);
            assertThat(batch.events()).isEmpty();
            assertThat(batch.position()).isEqualTo(position);
        }

        exchange.hold("1/330101");
        EventBatch change = pull(subscription.id(), position);
        assertThat(told(change)).containsExactly("delete [null, 330102]");
        assertThat(change.events().getFirst().id())
                .as("the second step there was to tell")
                .isEqualTo("2-1");
        exchange.hold("1/330105");
        refused(() -> pull(subscription.id(), change.position()), ShareProblem.QUOTA_USED);
    }

    @Test
    void afterRandomChangesTheCopyIsWhatTheGrantShowsAndEachPositionIsFollowedByTheSameEvents() {
        UUID grant = exchange.grant("低保资格核对", "pseudonym", 100_000, 1_000_000);
        Subscription subscription = subscribe(grant);
        Random random = new Random(3);
        TestExchange.Copy copy = new TestExchange.Copy();
        List<ChangeEvent> all = new ArrayList<>();
        List<String> rows = new ArrayList<>(List.of("1/330101", "2/330102"));
        for (int round = 0; round < 12; round++) {
            rows.add(10 + round + "/" + (random.nextBoolean() ? "3301" : "4401") + random.nextInt(9));
            if (random.nextInt(3) == 0) {
                rows.remove(random.nextInt(rows.size()));
            }
            exchange.hold(rows.toArray(String[]::new));
            if (random.nextInt(3) > 0) {
                EventBatch batch;
                do {
                    batch = exchange.subscriptions().events(SHEN, subscription.id(), null, 1 + random.nextInt(4));
                    batch.events().forEach(copy::apply);
                    all.addAll(batch.events());
                    exchange.subscriptions().acknowledge(SHEN, subscription.id(), batch.position());
                } while (!batch.events().isEmpty());
                assertThat(copy.sorted()).isEqualTo(exchange.seen(grant));
            }
        }

        assertThat(all).hasSizeGreaterThan(8).extracting(ChangeEvent::id).doesNotHaveDuplicates();
        for (int i = 0; i < all.size() - 1; i++) {
            EventBatch again = exchange.subscriptions()
                    .events(SHEN, subscription.id(), all.get(i).position(), 3);
            assertThat(again.events().getFirst()).isEqualTo(all.get(i + 1));
        }
    }

    @Test
    void aGrantThatIsSuspendedStopsWhatComesAndItGoesOnByItselfOnceItIsResumed() {
        UUID grant = exchange.grant("低保资格核对", "clear", 100, 1_000);
        Subscription subscription = subscribe(grant);
        String position = pull(subscription.id()).position();
        exchange.hold("1/330101");

        exchange.share.grants().suspend(POLICEMAN, grant, "核查使用情况");
        refused(() -> pull(subscription.id(), position), CatalogProblem.NO_SUCH_GRANT);
        assertThat(exchange.subscriptions().get(SHEN, subscription.id()).halt())
                .isNotNull()
                .extracting(Subscription.Halt::code)
                .isEqualTo("catalog.no_such_grant");
        exchange.share.grants().resume(POLICEMAN, grant, "核查无误");

        assertThat(told(pull(subscription.id(), position))).containsExactly("delete [2, 330102]");
        assertThat(exchange.subscriptions().get(SHEN, subscription.id()).halt()).isNull();
        exchange.share.grants().revoke(POLICEMAN, grant, "不再需要");
        refused(() -> pull(subscription.id()), CatalogProblem.NO_SUCH_GRANT);
    }

    @Test
    void whenTheGrantComesToSayLessTheReceiverBeginsAnewWithWhatItSaysNow() {
        UUID grant = exchange.grant("低保资格核对", "clear", 100, 1_000);
        Subscription subscription = subscribe(grant);
        exchange.hold("1/330101", "2/330102", "4/330104");
        EventBatch part = exchange.subscriptions().events(SHEN, subscription.id(), null, 2);
        Terms terms =
                exchange.share.grants().get(SHEN, grant).versions().getFirst().terms();
        GrantedTable table = terms.tables().getFirst();
        List<RowCondition> fewer = new ArrayList<>(table.rows());
        fewer.add(new RowCondition("area", RowCondition.Operator.IN, List.of("330104")));

        exchange.share
                .applications()
                .change(
                        POLICEMAN,
                        grant,
                        new Terms(
                                terms.from(),
                                terms.to(),
                                terms.quota(),
                                List.of(new GrantedTable(table.table(), table.fields(), fewer))),
                        "按最小必要调整");

        assertThat(told(part)).hasSize(2);
        EventBatch next = pull(subscription.id(), part.position());
        assertThat(told(next)).containsExactly("reset [[], 1]", "insert [4, 330104]");
        refused(() -> pull(subscription.id(), "AAAA"), ExchangeProblem.NOT_A_POSITION);
    }

    @Test
    void whatWasOfferedDeliveredAndTakenInIsCountedOnceHoweverOftenItIsReadAgain() {
        UUID grant = exchange.grant("低保资格核对", "clear", 100, 1_000);
        Subscription subscription = subscribe(grant);
        UUID id = subscription.id();
        EventBatch two = exchange.subscriptions().events(SHEN, id, null, 2);
        exchange.subscriptions().events(SHEN, id, null, 2);
        assertThat(two.more()).isTrue();
        assertThat(exchange.subscriptions().ledger(SHEN, id)).singleElement().satisfies(day -> {
            assertThat(day.offered()).isEqualTo(3);
            assertThat(day.delivered()).isEqualTo(2);
            assertThat(day.acknowledged()).isZero();
        });

        exchange.subscriptions().acknowledge(SHEN, id, two.events().getFirst().position());
        assertThat(exchange.subscriptions().get(SHEN, id).waiting()).isEqualTo(2);
        EventBatch rest = pull(id, two.position());
        exchange.subscriptions().acknowledge(ZHOU, id, rest.position());

        assertThat(exchange.subscriptions().ledger(SHEN, id)).singleElement().satisfies(day -> {
            assertThat(day.delivered()).isEqualTo(3);
            assertThat(day.acknowledged()).isEqualTo(3);
            assertThat(day.position()).isEqualTo(rest.position());
        });
        assertThat(exchange.subscriptions().get(SHEN, id).waiting()).isZero();
        refused(() -> exchange.subscriptions().acknowledge(SHEN, id, two.position()), ExchangeProblem.NOT_DELIVERED);
        exchange.subscriptions().restart(SHEN, id, two.events().getFirst().position());
        assertThat(pull(id).events()).as("told again from there on").hasSize(2);
    }

    @Test
    void latestBeginsWithWhatComesAndEarliestBeginsAnew() {
        UUID grant = exchange.grant("低保资格核对", "clear", 100, 1_000);
        UUID id = exchange.subscribe(grant, Delivery.PULL, null, Subscriptions.LATEST)
                .subscription()
                .id();

        assertThat(pull(id).events()).isEmpty();
        exchange.hold("1/330101", "2/330102", "5/330105");
        assertThat(told(pull(id))).containsExactly("insert [5, 330105]");
        exchange.subscriptions().restart(SHEN, id, Subscriptions.EARLIEST);
        assertThat(told(pull(id)).getFirst()).isEqualTo("reset [[], 3]");
        assertThat(exchange.subscriptions().ledger(SHEN, id).getFirst().withdrawn())
                .isEqualTo(1);
    }

    @Test
    void nobodyElseReadsOrRunsItAndNoPositionIsAnothersOrMadeUp() {
        UUID grant = exchange.grant("低保资格核对", "clear", 100, 1_000);
        UUID id = subscribe(grant).id();
        UUID other = subscribe(grant).id();
        String others = exchange.subscriptions().events(SHEN, other, null, 1).position();

        refused(() -> pull(id, others), ExchangeProblem.NOT_A_POSITION);
        refused(() -> pull(id, others.replace(others.charAt(3), 'z')), ExchangeProblem.NOT_A_POSITION);
        refused(() -> exchange.subscriptions().events(NURSE, id, null, 1), CoreProblem.NOT_FOUND);
        refused(() -> exchange.subscriptions().events(POLICEMAN, id, null, 1), CoreProblem.NOT_FOUND);
        refused(() -> exchange.subscriptions().get(NURSE, id), CoreProblem.NOT_FOUND);
        assertThat(exchange.subscriptions().get(POLICEMAN, id).title())
                .as("whoever gave the grant sees who is told of it")
                .isEqualTo("户籍变更");
        refused(
                () -> exchange.subscriptions()
                        .create(
                                NURSE,
                                new Subscriptions.Wanted(
                                        grant, TestExchange.TABLE, "x", Delivery.PULL, null, Subscriptions.EARLIEST)),
                CatalogProblem.NO_SUCH_GRANT);
        exchange.subscriptions().end(SHEN, id);
        refused(() -> pull(id), ExchangeProblem.ENDED);
    }

    @Test
    void statesOfTheTableStayWhileTheyAreNeededAndNoLonger() {
        UUID grant = exchange.grant("低保资格核对", "clear", 100, 1_000);
        UUID id = subscribe(grant).id();
        Feed feed = exchange.share.bean(Feed.class);
        var reader = exchange.share.bean(org.qiantang.catalog.FeedReader.class);
        pull(id);
        exchange.hold("6/330106");
        String end = pull(id, pull(id).position()).position();
        feed.release();
        assertThat(reader.kept(TestExchange.TABLE)).as("both steps wait").hasSize(2);

        exchange.subscriptions().acknowledge(SHEN, id, end);
        exchange.subscriptions().end(SHEN, id);
        exchange.hold("7/330107");
        feed.release();

        assertThat(reader.kept(TestExchange.TABLE)).isEmpty();
    }
}

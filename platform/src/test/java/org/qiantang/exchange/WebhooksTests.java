package org.qiantang.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.qiantang.exchange.TestExchange.SHEN;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.core.Problem;
import tools.jackson.databind.json.JsonMapper;

/** A receiver that fails, hangs, goes away and comes back gets everything, in order, each time with the same id, and can tell who sent it. */
class WebhooksTests {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir
    Path folder;

    private TestExchange exchange;
    private HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());
    private volatile Function<Call, Integer> answer = call -> 204;
    private volatile boolean echoes;

    private record Call(String id, String timestamp, String signature, byte[] body, List<ChangeEvent> events) {}

    @BeforeEach
    void open() throws IOException {
        exchange = new TestExchange(folder);
        exchange.hold("1/330101", "2/330102", "3/440101");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/in", this::receive);
        server.start();
    }

    @AfterEach
    void close() {
        exchange.close();
        server.stop(0);
        threads.close();
    }

    private void receive(HttpExchange request) throws IOException {
        byte[] body = request.getRequestBody().readAllBytes();
        Call call = new Call(
                request.getRequestHeaders().getFirst("webhook-id"),
                request.getRequestHeaders().getFirst("webhook-timestamp"),
                request.getRequestHeaders().getFirst("webhook-signature"),
                body,
                body.length > 0 && body[0] == '[' ? List.of(JSON.readValue(body, ChangeEvent[].class)) : List.of());
        calls.add(call);
        try (request) {
            int status = answer.apply(call);
            request.getResponseHeaders().add("Location", "http://127.0.0.1:1/");
            byte[] said = echoes && call.events.isEmpty() ? body : new byte[0];
            request.sendResponseHeaders(status, said.length == 0 ? -1 : said.length);
            request.getResponseBody().write(said);
        }
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/in";
    }

    private Subscriptions.NewSubscription subscribe(String url) {
        return exchange.subscribe(
                exchange.grant("低保资格核对", "clear", 10_000, 100_000), Delivery.WEBHOOK, url, Subscriptions.EARLIEST);
    }

    /** What is due by then. */
    private void after(Duration time) throws InterruptedException {
        exchange.share.clock.now = exchange.share.clock.now.plus(time);
        exchange.share.bean(Webhooks.class).deliverDue();
    }

    private Subscription now(UUID id) {
        return exchange.subscriptions().get(SHEN, id);
    }

    @Test
    void aCallIsSignedWithTheSecretThatWasShownOnceAndForADayWithTheOneBeforeToo() throws Exception {
        Subscriptions.NewSubscription made = subscribe(url());
        after(Duration.ZERO);
        String next =
                exchange.subscriptions().rotate(SHEN, made.subscription().id()).secret();
        exchange.hold("1/330101");
        after(Duration.ofSeconds(2));
        exchange.hold("2/330102");
        after(Duration.ofDays(1));

        assertThat(calls).hasSize(3);
        assertThat(calls.get(0).signature).isEqualTo(signed(made.secret(), calls.get(0)));
        assertThat(calls.get(1).signature)
                .isEqualTo(signed(next, calls.get(1)) + " " + signed(made.secret(), calls.get(1)));
        assertThat(calls.get(2).signature).isEqualTo(signed(next, calls.get(2)));
        assertThat(calls.get(0).id).isNotEqualTo(calls.get(1).id);
        assertThat(exchange.share
                        .jdbc
                        .sql("select secret from exchange_subscriptions")
                        .query(byte[].class)
                        .single())
                .isNotEqualTo(next.getBytes(StandardCharsets.UTF_8));
    }

    private static String signed(String secret, Call call) {
        return "v1," + Webhooks.signature(secret, call.id, call.timestamp, call.body);
    }

    @Test
    void nothingIsLostOrOutOfOrderWhileAReceiverFailsAndWhatComesTwiceHasTheSameIds() throws Exception {
        int[] n = {0};
        // Takes it and says so, takes it and fails, fails without taking it, leads elsewhere.
        answer = call -> List.of(204, 500, 503, 302, 200).get(n[0]++ % 5);
        UUID id = subscribe(url()).subscription().id();
        for (int round = 0; round < 12; round++) {
            exchange.hold("1/330101", "2/33010" + round % 5, round + "/3301");
            after(Duration.ofMinutes(20));
        }
        answer = call -> 200;
        after(Duration.ofMinutes(20));

        TestExchange.Copy copy = new TestExchange.Copy();
        calls.forEach(call -> call.events.forEach(copy::apply));
        assertThat(copy.sorted()).isEqualTo(exchange.seen(now(id).grant()));
        assertThat(calls.size()).as("some came again").isGreaterThan((int)
                distinct().count());
        assertThat(now(id).waiting()).isZero();
        Subscriptions.LedgerDay day = exchange.subscriptions().ledger(SHEN, id).getFirst();
        assertThat(day.offered())
                .isEqualTo(day.acknowledged())
                .isEqualTo(copy.ids().size());
    }

    private Stream<String> distinct() {
        return calls.stream().map(Call::id).distinct();
    }

    @Test
    void aReceiverThatIsAwayLosesNothingHoweverLongAndIsAskedEverMoreSeldom() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        UUID id = subscribe("http://127.0.0.1:" + port + "/in").subscription().id();
        for (int i = 0; i < 2 * Webhooks.MOST_ATTEMPTS; i++) {
            after(Duration.ofMinutes(20));
        }

        Subscription away = now(id);
        assertThat(away.attempts()).isEqualTo(2 * Webhooks.MOST_ATTEMPTS);
        assertThat(away.deadLetters()).isZero();
        assertThat(away.failure()).contains("no connection");
        assertThat(Duration.between(exchange.share.clock.now, away.nextAt()))
                .isBetween(Duration.ofMinutes(7), Duration.ofMinutes(15));
        HttpServer back = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        back.createContext("/in", this::receive);
        back.start();
        try {
            after(Duration.ofMinutes(20));
        } finally {
            back.stop(0);
        }
        assertThat(calls).hasSize(1);
        assertThat(now(id).waiting()).isZero();
    }

    @Test
    void whatAReceiverNeverTakesIsADeadLetterAndTheNextHasItsTurn() throws Exception {
        UUID id = subscribe(url()).subscription().id();
        after(Duration.ZERO);
        answer = call -> call.events.getFirst().data().containsValue("666") ? 422 : 200;
        exchange.hold("1/330101", "2/330102", "666/330101");
        for (int i = 0; i < Webhooks.MOST_ATTEMPTS; i++) {
            after(Duration.ofMinutes(20));
        }
        exchange.hold("1/330101", "2/330102", "666/330101", "7/330107");
        after(Duration.ofMinutes(20));

        Subscriptions.DeadLetter letter =
                exchange.subscriptions().letters(SHEN, id).getFirst();
        assertThat(letter.failure()).isEqualTo("HTTP 422");
        assertThat(letter.events()).isEqualTo(1);
        assertThat(calls.getLast().events.getFirst().data()).containsValue("7");
        assertThat(now(id).deadLetters()).isEqualTo(1);
        assertThatThrownBy(() -> exchange.subscriptions().redeliver(SHEN, id, letter.id()))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(ExchangeProblem.NOT_TAKEN));
        answer = call -> 200;
        assertThat(exchange.subscriptions().redeliver(SHEN, id, letter.id()))
                .singleElement()
                .satisfies(settled -> assertThat(settled.state()).isEqualTo(Subscriptions.LetterState.REDELIVERED));
        assertThat(calls.getLast().id).as("it is the same call again").isEqualTo(calls.get(1).id);
        assertThatThrownBy(() -> exchange.subscriptions().discard(SHEN, id, letter.id(), "不再需要"))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(ExchangeProblem.LETTER_SETTLED));
        Subscriptions.LedgerDay day = exchange.subscriptions().ledger(SHEN, id).getFirst();
        assertThat(day.dead()).isZero();
        assertThat(day.acknowledged()).isEqualTo(day.offered());
    }

    @Test
    void ofABatchOnlyTheChangeThatIsInTheWayBecomesADeadLetter() throws Exception {
        UUID id = subscribe(url()).subscription().id();
        after(Duration.ZERO);
        answer = call -> call.events.stream().anyMatch(event -> event.data().containsValue("666")) ? 422 : 200;
        exchange.hold(
                "1/330101",
                "2/330102",
                "3/440101",
                "4/330101",
                "5/330101",
                "666/330101",
                "7/330101",
                "8/330101",
                "9/330101");
        for (int i = 0; i < 40 && now(id).deadLetters() == 0; i++) {
            after(Duration.ofMinutes(20));
        }
        after(Duration.ofMinutes(20));

        Subscriptions.DeadLetter letter =
                exchange.subscriptions().letters(SHEN, id).getFirst();
        assertThat(letter.events()).isEqualTo(1);
        assertThat(now(id).deadLetters()).isEqualTo(1);
        assertThat(now(id).waiting()).isZero();
        Subscriptions.LedgerDay day = exchange.subscriptions().ledger(SHEN, id).getFirst();
        long dead = exchange.subscriptions().ledger(SHEN, id).stream()
                .mapToLong(Subscriptions.LedgerDay::dead)
                .sum();
        assertThat(dead).isEqualTo(1);
        assertThat(day.withdrawn()).isZero();
        assertThat(calls.stream()
                        .filter(call -> call.events.stream()
                                .noneMatch(event -> event.data().containsValue("666")))
                        .flatMap(call -> call.events.stream())
                        .map(event -> event.data().get("id_number"))
                        .filter(java.util.Objects::nonNull)
                        .distinct())
                .as("all others were taken")
                .hasSize(7);
        calls.clear();
        exchange.hold(
                "1/330101",
                "2/330102",
                "3/440101",
                "4/330101",
                "5/330101",
                "666/330101",
                "7/330101",
                "8/330101",
                "9/330101",
                "10/330101",
                "11/330101");
        after(Duration.ofMinutes(20));
        assertThat(calls)
                .singleElement()
                .satisfies(call -> assertThat(call.events).hasSize(2));
    }

    @Test
    void callsGoElsewhereOnceWhoeverIsThereAnswersTheChallenge() throws Exception {
        UUID id = subscribe("http://127.0.0.1:1/nobody").subscription().id();

        assertThatThrownBy(() -> exchange.subscriptions().move(SHEN, id, url()))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(ExchangeProblem.NOT_PROVED));
        assertThat(now(id).url()).isEqualTo("http://127.0.0.1:1/nobody");
        assertThatThrownBy(() -> exchange.subscriptions().move(SHEN, id, "ftp://example.org/"))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(ExchangeProblem.RECEIVER_NOT_ALLOWED));
        echoes = true;
        answer = call -> 200;
        assertThat(exchange.subscriptions().move(SHEN, id, url()).url()).isEqualTo(url());
        assertThat(calls.getLast().signature).startsWith("v1,");
        calls.clear();
        after(Duration.ZERO);
        assertThat(calls).isNotEmpty();
    }

    @Test
    void aReceiverThatWantsNoMoreIsLeftInPeaceUntilSomebodyResumes() throws Exception {
        answer = call -> 410;
        UUID id = subscribe(url()).subscription().id();
        after(Duration.ZERO);
        after(Duration.ofDays(1));

        assertThat(calls).hasSize(1);
        assertThat(now(id).state()).isEqualTo(Subscription.State.PAUSED);
        assertThat(now(id).halt()).isNotNull();
        answer = call -> 200;
        exchange.subscriptions().resume(SHEN, id);
        after(Duration.ofSeconds(1));
        assertThat(calls).hasSize(2);
        assertThat(now(id).halt()).isNull();
    }

    @Test
    void aGrantThatIsSuspendedStopsTheCallsAndTheyGoOnByThemselves() throws Exception {
        UUID id = subscribe(url()).subscription().id();
        after(Duration.ZERO);
        exchange.hold("1/330101");
        exchange.share.grants().suspend(TestExchange.POLICEMAN, now(id).grant(), "核查使用情况");
        after(Duration.ofMinutes(1));

        assertThat(calls).hasSize(1);
        assertThat(now(id).halt()).isNotNull();
        exchange.share.grants().resume(TestExchange.POLICEMAN, now(id).grant(), "核查无误");
        after(Duration.ofMinutes(1));
        assertThat(calls).hasSize(2);
        assertThat(now(id).halt()).isNull();
    }

    @Test
    void aReceiverThatHangsHoldsUpNobodyAndAnotherHubDoesNotSendWhatOneIsSending() throws Exception {
        CountDownLatch hanging = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        answer = call -> {
            if (calls.size() == 1) {
                hanging.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return 200;
        };
        UUID grant = exchange.grant("低保资格核对", "clear", 10_000, 100_000);
        UUID first = exchange.subscribe(grant, Delivery.WEBHOOK, url(), Subscriptions.EARLIEST)
                .subscription()
                .id();
        Webhooks webhooks = exchange.share.bean(Webhooks.class);
        Thread one = Thread.ofVirtual().start(() -> {
            try {
                webhooks.deliverDue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        hanging.await();
        UUID second = exchange.subscribe(grant, Delivery.WEBHOOK, url(), Subscriptions.EARLIEST)
                .subscription()
                .id();

        after(Duration.ofSeconds(1));

        assertThat(calls).hasSize(2);
        assertThat(now(second).waiting()).isZero();
        assertThat(now(first).waiting()).isEqualTo(3);
        release.countDown();
        one.join();
        assertThat(now(first).waiting()).isZero();
        assertThat(calls).hasSize(2);
    }
}

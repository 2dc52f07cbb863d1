package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import org.qiantang.app.cli.HubClient;
import org.qiantang.testing.BrokenLine;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A running hub that follows a source which changes all the time and takes events all the time, and a way to tell whether the lake has just
 * what the source has and just the events that were acknowledged.
 */
final class FollowedCity implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int ROUNDS = Integer.getInteger("qiantang.test.rounds", 10);
    private static final long SEED = Long.getLong("qiantang.test.seed", System.nanoTime());
    private static final int LONGEST_WORK = 120;
    private static final String SOURCE = "followed";
    private static final String STREAM = "pushed";
    private static final int ACCOUNTS = 1_000;
    private static final Map<String, String> ROWS = Map.of(
            "account", "concat_ws('|', id, balance, coalesce(note, '-'))",
            "entry", "concat_ws('|', n, debit, credit, amount)",
            "mark", "concat_ws('|', round)");

    private final Home home;
    private final TestPostgres source;
    private final BrokenLine line;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /** Held for reading by whoever changes the source or sends an event, for writing by whoever compares. */
    private final ReentrantReadWriteLock quiet = new ReentrantReadWriteLock(true);

    private final AtomicLong transactions = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final List<Thread> people;
    private volatile boolean closing;
    /** Set while something is broken: what follows a fault that was not overcome says nothing. */
    private boolean broken;

    private volatile HubProcess hub;
    private volatile HubClient client;
    private volatile String url;
    private volatile String operator;
    private String sourceId;
    private String token;
    private int marks;

    /** Breaks something and lets it be repaired, as far as it does not repair itself. */
    interface Fault {
        void strike(int round) throws Exception;
    }

    FollowedCity(Path folder, TestPostgres source) throws IOException {
        this.home = Home.at(folder.resolve("home"));
        this.source = source;
        line = BrokenLine.to(source.port());
        source.createDatabase(SOURCE);
        source.execute(
                SOURCE,
                "CREATE TABLE account (id int PRIMARY KEY, balance bigint NOT NULL, note text)",
                "CREATE TABLE entry (n bigserial PRIMARY KEY, debit int, credit int, amount int)",
                "CREATE TABLE mark (round int PRIMARY KEY)",
                fill());
        startHub();
        sourceId = connect(SOURCE);
        client.startFollowing(sourceId);
        String stream = client.createSource(STREAM, STREAM, "environment", "events:", "", "")
                .path("id")
                .asString();
        token = call("POST", "api/sources/" + stream + "/devices", Map.of("device", "d", "title", "", "gateway", false))
                .path("token")
                .asString();
        await().atMost(PATIENCE)
                .until(() -> following().path("state").asString("").equals("FOLLOWING"));
        people = List.of(
                Thread.ofPlatform().daemon().start(() -> work(new Random(SEED))),
                Thread.ofPlatform().daemon().start(this::push));
    }

    HubProcess hub() {
        return hub;
    }

    BrokenLine line() {
        return line;
    }

    /** Events whose sender was told that they are safe. */
    long acknowledged() {
        return acknowledged.get();
    }

    /** Events whose sender was told that they are not. */
    long refused() {
        return refused.get();
    }

    void awaitHealth(String wanted) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptions()
                .until(() -> call("GET", "api/storage", null)
                        .path("health")
                        .asString("")
                        .equals(wanted));
    }

    JsonNode following() {
        return client.getFollowing(sourceId);
    }

    void startHub() throws IOException {
        hub = HubProcess.start(home, "--empty", "--port", "0");
        url = hub.awaitAddress().url();
        operator = home.readOperatorToken();
        client = hub.client();
    }

    /** Connects another database of the source's server, to be collected as a whole. */
    String connect(String database) {
        return client.createSource(
                        database,
                        database,
                        "police",
                        "jdbc:postgresql://127.0.0.1:" + line.port() + "/" + database,
                        TestPostgres.USER,
                        TestPostgres.PASSWORD)
                .path("id")
                .asString();
    }

    /** Starts a run of a source. */
    String collect(String source) {
        return client.startRun(source).path("id").asString();
    }

    JsonNode run(String run) {
        return client.getRun(run);
    }

    /** Kills the hub and waits for everything it started to be gone with it. */
    void killHub() {
        Processes.kill(hub.pid());
        awaitNobody();
    }

    /** Stops everything where it is. */
    void freeze() throws IOException {
        Processes.freeze(Processes.of(home.directory()));
    }

    /** Kills everything at once. */
    void killAll() throws IOException {
        Processes.of(home.directory()).forEach(Processes::kill);
        awaitNobody();
    }

    private void awaitNobody() {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> Processes.of(home.directory()).isEmpty());
    }

    /** Breaks something in the middle of work, again and again, and compares each time. */
    void endure(String what, Fault fault) throws Exception {
        assertThat(broken).as("An earlier fault was not overcome").isFalse();
        broken = true;
        Random random = new Random(SEED);
        long transactionsBefore = transactions.get();
        long eventsBefore = acknowledged.get();
        long began = System.nanoTime();
        beginAnew();
        for (int round = 0; round < ROUNDS; round++) {
            letWork(1 + random.nextInt(LONGEST_WORK));
            fault.strike(round);
            compare(what + ", round " + round + ", seed " + SEED);
            if (round % 10 == 9) {
                beginAnew();
            }
        }
        broken = false;
        System.out.printf(
                "%s: %d rounds, 0 lost, 0 duplicated, %d transactions, %d events, %d s, seed %d%n",
                what,
                ROUNDS,
                transactions.get() - transactionsBefore,
                acknowledged.get() - eventsBefore,
                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
                SEED);
    }

    /** Lets so many transactions and one event pass, so that what comes next comes in the middle of work. */
    private void letWork(int more) {
        long until = transactions.get() + more;
        long events = acknowledged.get();
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> transactions.get() >= until && acknowledged.get() > events);
    }

    /** Holds everybody and waits until the lake has each row of the source and each acknowledged event, and each once. */
    private void compare(String when) throws SQLException {
        quiet.writeLock().lock();
        try {
            marks++;
            await().atMost(PATIENCE).ignoreExceptions().until(() -> {
                source.execute(SOURCE, "INSERT INTO mark VALUES (" + marks + ") ON CONFLICT DO NOTHING");
                return true;
            });
            Map<String, String> wanted = ROWS.keySet().stream()
                    .collect(Collectors.toMap(
                            table -> table,
                            table -> atSource(
                                    "SELECT count(*), coalesce(sum(('x' || left(md5(row), 15))::bit(60)::bigint), 0) FROM (SELECT "
                                            + ROWS.get(table) + " AS row FROM " + table + ") AS rows")));
            try {
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(200))
                        .ignoreExceptions()
                        .until(() -> inLake().equals(wanted));
            } catch (org.awaitility.core.ConditionTimeoutException e) {
                assertThat(inLake())
                        .as(when + ": rows and the sum of their hashes; following " + following())
                        .isEqualTo(wanted);
            }
            long n = acknowledged.get();
            String events = n + ", " + n + ", " + n * (n + 1) / 2;
            try {
                await().atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(200))
                        .ignoreExceptions()
                        .until(() -> inEvents().equals(events));
            } catch (org.awaitility.core.ConditionTimeoutException e) {
                assertThat(inEvents())
                        .as(when + ": events, different ones, their sum")
                        .isEqualTo(events);
            }
        } finally {
            quiet.writeLock().unlock();
        }
    }

    /** As {@link #compare}, in words, of one table: for reading while nothing can be written. */
    String countInLake() {
        return row("SELECT count(*) FROM raw_" + SOURCE + ".public__account");
    }

    /** Makes the tables small again, and with them the lake's. */
    private void beginAnew() {
        quiet.writeLock().lock();
        try {
            source.execute(SOURCE, "BEGIN; TRUNCATE account, entry; " + fill() + "; COMMIT");
        } finally {
            quiet.writeLock().unlock();
        }
    }

    @Override
    public void close() throws IOException {
        closing = true;
        people.forEach(Thread::interrupt);
        hub.kill();
        awaitNobody();
        line.close();
        http.close();
    }

    private static String fill() {
        return "INSERT INTO account SELECT i, 1000, 'n' || i FROM generate_series(1, " + ACCOUNTS + ") i";
    }

    private Map<String, String> inLake() {
        return ROWS.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        table -> row("SELECT count(*), coalesce(sum(('0x' || left(md5(" + table.getValue()
                                + "), 15))::BIGINT), 0) FROM raw_" + SOURCE + ".public__" + table.getKey())));
    }

    private String inEvents() {
        return row("SELECT count(*), count(DISTINCT n), coalesce(sum(n)::BIGINT, 0) FROM raw_" + STREAM + ".events");
    }

    private String row(String sql) {
        return client.query(sql, Optional.empty())
                .path("rows")
                .path(0)
                .valueStream()
                .map(JsonNode::asString)
                .collect(Collectors.joining(", "));
    }

    private String atSource(String sql) {
        try (Connection connection = source.connect(SOURCE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1) + ", " + row.getString(2);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Moves money to and fro until told to stop, whatever becomes of the source meanwhile. */
    private void work(Random random) {
        while (!closing) {
            try (Connection connection = source.connect(SOURCE);
                    Statement statement = connection.createStatement()) {
                while (!closing) {
                    quiet.readLock().lock();
                    try {
                        statement.execute(transaction(random));
                        transactions.incrementAndGet();
                    } finally {
                        quiet.readLock().unlock();
                    }
                    LockSupport.parkNanos(3_000_000);
                }
            } catch (SQLException sourceIsAway) {
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    private static String transaction(Random random) {
        int debit = 1 + random.nextInt(ACCOUNTS);
        int credit = 1 + random.nextInt(ACCOUNTS);
        int amount = random.nextInt(20);
        String transfer = "UPDATE account SET balance = balance - " + amount + " WHERE id = " + debit
                + "; UPDATE account SET balance = balance + " + amount + ", note = " + random.nextInt(9999)
                + " WHERE id = " + credit + "; INSERT INTO entry (debit, credit, amount) VALUES (" + debit + ", "
                + credit
                + ", " + amount + ")";
        return "BEGIN; "
                + switch (random.nextInt(20)) {
                    case 0 -> "DELETE FROM entry WHERE n IN (SELECT n FROM entry ORDER BY n LIMIT 15); COMMIT";
                    case 1 -> "UPDATE account SET id = -id WHERE abs(id) = " + debit + "; COMMIT";
                    case 2 ->
                        "UPDATE account SET balance = balance + 1 WHERE id % 7 = " + random.nextInt(7) + "; COMMIT";
                    case 3 -> transfer + "; ROLLBACK";
                    default -> transfer + "; COMMIT";
                };
    }

    /** Sends one event after another, each until it is acknowledged. */
    private void push() {
        for (long n = 1; !closing; n++) {
            byte[] event = ("{\"device\":\"d\",\"time\":\"" + Instant.ofEpochSecond(1_764_000_000L + n) + "\",\"n\":"
                            + n + "}")
                    .getBytes(UTF_8);
            quiet.readLock().lock();
            try {
                while (!closing && !isAcknowledged(event)) {
                    LockSupport.parkNanos(30_000_000);
                }
                acknowledged.set(n);
            } finally {
                quiet.readLock().unlock();
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    private boolean isAcknowledged(byte[] event) {
        try {
            int status = http.send(
                            request("api/events/" + STREAM, token)
                                    .timeout(Duration.ofSeconds(10))
                                    .POST(HttpRequest.BodyPublishers.ofByteArray(event))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();
            if (status / 100 == 5) {
                refused.incrementAndGet();
            }
            return status == 200;
        } catch (IOException hubIsAway) {
            return false;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private HttpRequest.Builder request(String path, String as) {
        return HttpRequest.newBuilder(URI.create(url).resolve(path))
                .header("Authorization", "Bearer " + as)
                .header("Content-Type", "application/json");
    }

    private JsonNode call(String method, String path, Object body) {
        JsonMapper json = JsonMapper.shared();
        try {
            HttpResponse<byte[]> answer = http.send(
                    request(path, operator)
                            .timeout(Duration.ofSeconds(20))
                            .method(
                                    method,
                                    body == null
                                            ? HttpRequest.BodyPublishers.noBody()
                                            : HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
                            .build(),
                    HttpResponse.BodyHandlers.ofByteArray());
            return json.readTree(answer.body());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}

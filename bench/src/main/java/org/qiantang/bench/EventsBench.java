package org.qiantang.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * The same events sent by the same client to two servers in turn: ours, which answers when they are safe on disk, and QuestDB, which by
 * default does not wait for that. Then single events over many connections, beside what the disk can force. A pair counts when both hold
 * the same number of events and the same sum.
 */
final class EventsBench implements AutoCloseable {
    private static final Map<String, String> DEFAULTS =
            Map.of("pairs", "3", "batches", "40", "lines", "10000", "seconds", "10");
    private static final String USAGE = "bin/bench events [--pairs N] [--batches N] [--lines N] [--seconds S]";
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final int SENDERS = 2;
    private static final int CONNECTIONS = 64;
    private static final long START_NANOS = 1_780_000_000_000_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work;
    private final Log log;
    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Process> processes = new ArrayList<>();
    private final Hub hub;
    private int questPort;
    private String token = "";

    private EventsBench(Path work, Path checkout, Log log) throws IOException, InterruptedException {
        this.work = work;
        this.log = log;
        this.hub = Hub.start(work, checkout);
    }

    /** Measures as the options say and writes a log. */
    public static void main(String[] args) throws Exception {
        Arguments arguments;
        try {
            arguments = Arguments.parse(List.of(args), DEFAULTS);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.err.println(USAGE);
            System.exit(2);
            return;
        }
        Path checkout = Path.of("").toAbsolutePath();
        Path work = Files.createTempDirectory(Files.createDirectories(checkout.resolve("bench/target")), "events-");
        boolean isFull = arguments.number("batches") >= 40 && arguments.number("lines") >= 10_000;
        try (Log log = Log.begin(
                        checkout.resolve(isFull ? "bench/results" : "bench/target"), "events", "Events over HTTP");
                EventsBench bench = new EventsBench(work, checkout, log)) {
            bench.run(arguments);
        } finally {
            PeerLeg.delete(work);
        }
    }

    private void run(Arguments arguments) throws Exception {
        int pairs = arguments.number("pairs");
        int batches = arguments.number("batches");
        int lines = arguments.number("lines");
        log.say(
                "software  Qiantang 0.1.0-SNAPSHOT, QuestDB 9.3.4 (its defaults, telemetry off), JDK %s",
                Runtime.version());
        log.say("data      %d pairs of %d batches of %d events, %d senders", pairs, batches, lines, SENDERS);
        startQuestDb();
        register();
        log.say("");
        log.say(
                "%-5s %14s %14s %7s %6s %8s %7s",
                "pair", "qiantang ev/s", "questdb ev/s", "ratio", "load", "fsync/s", "stolen");
        List<Double> ratios = new ArrayList<>();
        // The first pair warms both up and is not counted.
        for (int pair = 0; pair <= pairs; pair++) {
            Machine.Ticks ticks = Machine.Ticks.now();
            String fsyncs = Machine.fsyncsPerSecond(work);
            Data data = new Data(pair, batches, lines);
            boolean oursFirst = pair % 2 == 0;
            double ours = oursFirst ? ours(data) : 0;
            double theirs = quest(data);
            ours = oursFirst ? ours : ours(data);
            parity(pair, (long) (pair + 1) * batches * lines);
            log.say(
                    "%-5s %14.0f %14.0f %7.2f %6.1f %8s %6.1f%%",
                    pair == 0 ? "warm" : Integer.toString(pair),
                    ours,
                    theirs,
                    ours / theirs,
                    Machine.load(),
                    fsyncs,
                    Machine.Ticks.now().percentStolenSince(ticks));
            if (pair > 0) {
                ratios.add(ours / theirs);
            }
        }
        log.say("ratios    median (lowest to highest) over %d pairs; above 1 the first is better", pairs);
        log.ratio("qiantang / questdb, events a second", ratios);
        log.say("target    ratio ≥ 0.8");
        log.say("parity    equal after every pair: how many events there are, and the sums of two fields");
        log.say("");
        for (int round = 0; round <= 2; round++) {
            single(round, arguments.number("seconds"));
        }
    }

    /** The same readings for both. Values are halves, whose sums are exact. */
    private static final class Data {
        final byte[][] json;
        final byte[][] lines;

        Data(int pair, int batches, int size) {
            json = new byte[batches][];
            lines = new byte[batches][];
            Random random = new Random(pair);
            for (int batch = 0; batch < batches; batch++) {
                StringBuilder objects = new StringBuilder();
                StringBuilder points = new StringBuilder();
                for (int i = 0; i < size; i++) {
                    long n = ((long) pair * batches + batch) * size + i;
                    long nanos = START_NANOS + n * 1_000_000L;
                    int device = random.nextInt(1_000);
                    double value = random.nextInt(2_000) / 2.0;
                    int humidity = random.nextInt(100);
                    objects.append("{\"device\":\"d")
                            .append(device)
                            .append("\",\"metric\":\"pm25\",\"time\":")
                            .append(nanos / 1_000)
                            .append(",\"value\":")
                            .append(value)
                            .append(",\"humidity\":")
                            .append(humidity)
                            .append("}\n");
                    points.append("readings,device=d")
                            .append(device)
                            .append(",metric=pm25 value=")
                            .append(value)
                            .append(",humidity=")
                            .append(humidity)
                            .append("i ")
                            .append(nanos)
                            .append('\n');
                }
                json[batch] = objects.toString().getBytes(UTF_8);
                lines[batch] = points.toString().getBytes(UTF_8);
            }
        }
    }

    private double ours(Data data) throws Exception {
        return send(hub.port(), "/api/events/bench", token, "application/x-ndjson", data.json, 200);
    }

    private double quest(Data data) throws Exception {
        return send(questPort, "/write?precision=n", "", "text/plain", data.lines, 204);
    }

    /** Events a second from the first request to the last answer. */
    private static double send(int port, String path, String token, String type, byte[][] bodies, int good)
            throws Exception {
        AtomicInteger next = new AtomicInteger();
        long events = 0;
        for (byte[] body : bodies) {
            for (byte b : body) {
                events += b == '\n' ? 1 : 0;
            }
        }
        long start = System.nanoTime();
        try (ExecutorService senders = Executors.newFixedThreadPool(SENDERS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < SENDERS; i++) {
                all.add(senders.submit(() -> {
                    try (RawHttp connection = new RawHttp(port)) {
                        for (int n = next.getAndIncrement(); n < bodies.length; n = next.getAndIncrement()) {
                            int status = connection.send(RawHttp.head(path, token, type, bodies[n].length), bodies[n]);
                            if (status != good) {
                                throw new IllegalStateException(path + " answered " + status);
                            }
                        }
                        return null;
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        return events / ((System.nanoTime() - start) / 1e9);
    }

    /** Waits until both have everything they acknowledged, then holds one against the other. */
    private void parity(int pair, long events) throws Exception {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            String ours = ourSums();
            String theirs = questSums();
            if (ours.equals(theirs) && ours.startsWith(events + " ")) {
                return;
            }
            if (Instant.now().isAfter(deadline)) {
                throw new IllegalStateException("Pair " + pair + " does not count: " + events + " were sent, we hold "
                        + ours + ", QuestDB " + theirs);
            }
            TimeUnit.MILLISECONDS.sleep(250);
        }
    }

    private String ourSums() throws Exception {
        try {
            JsonNode row = hub.post(
                            "api/sql",
                            Map.of(
                                    "sql",
                                    "select count(*), coalesce(sum(value), 0), coalesce(sum(humidity), 0) from raw_bench.events"))
                    .path("rows")
                    .path(0);
            return sums(
                    row.path(0).asString(), row.path(1).asString(), row.path(2).asString());
        } catch (IllegalStateException e) {
            // The table is there once its first events are.
            return "";
        }
    }

    private String questSums() throws Exception {
        String sql = URLEncoder.encode("select count(), sum(value), sum(humidity) from readings", UTF_8);
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + questPort + "/exec?query=" + sql))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        JsonNode row = JSON.readTree(answer.body()).path("dataset").path(0);
        return sums(row.path(0).asString(), row.path(1).asString(), row.path(2).asString());
    }

    private static String sums(String count, String values, String humidities) {
        return count.isEmpty()
                ? ""
                : "%s %.1f %.0f".formatted(count, Double.parseDouble(values), Double.parseDouble(humidities));
    }

    /** Single events over many connections for a while, beside what the disk can force before and after. */
    private void single(int round, int seconds) throws Exception {
        double before = Double.parseDouble(Machine.fsyncsPerSecond(work));
        long[][] latencies = new long[CONNECTIONS][];
        long start = System.nanoTime();
        long end = start + seconds * 1_000_000_000L;
        try (ExecutorService senders = Executors.newFixedThreadPool(CONNECTIONS)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                int sender = i;
                all.add(senders.submit(() -> {
                    latencies[sender] = sendSingly(round, sender, end);
                    return null;
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        double took = (System.nanoTime() - start) / 1e9;
        double after = Double.parseDouble(Machine.fsyncsPerSecond(work));
        long[] sorted =
                Arrays.stream(latencies).flatMapToLong(Arrays::stream).sorted().toArray();
        double fsyncs = (before + after) / 2;
        double rate = sorted.length / took;
        log.say(
                "single    %s %d connections %.0f ev/s = %.1f × %.0f fsync/s (before %.0f, after %.0f); p50 %.1f ms, p99 %.1f ms, load %.1f; target ≥ 20 ×",
                round == 0 ? "warm-up" : "round " + round,
                CONNECTIONS,
                rate,
                rate / fsyncs,
                fsyncs,
                before,
                after,
                sorted[sorted.length / 2] / 1e6,
                sorted[(int) (sorted.length * 0.99)] / 1e6,
                Machine.load());
    }

    private long[] sendSingly(int round, int sender, long end) throws IOException {
        long[] latencies = new long[1 << 16];
        int count = 0;
        try (RawHttp connection = new RawHttp(hub.port())) {
            while (System.nanoTime() < end) {
                byte[] body = ("{\"device\":\"s" + sender + "\",\"metric\":\"single\",\"time\":"
                                + (START_NANOS / 1_000 + count * 1_000L) + ",\"value\":" + round + ".5,\"humidity\":1}")
                        .getBytes(UTF_8);
                long start = System.nanoTime();
                int status = connection.send(
                        RawHttp.head("/api/events/bench", token, "application/x-ndjson", body.length), body);
                if (status != 200) {
                    throw new IllegalStateException("A single event was answered with " + status);
                }
                if (count == latencies.length) {
                    latencies = Arrays.copyOf(latencies, 2 * count);
                }
                latencies[count++] = System.nanoTime() - start;
            }
        }
        return Arrays.copyOf(latencies, count);
    }

    private void startQuestDb() throws Exception {
        questPort = Hub.freePort();
        Path root = Files.createDirectories(work.resolve("questdb"));
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        Files.readString(Path.of("bench/questdb/target/classpath"))
                                .strip(),
                        "io.questdb.ServerMain",
                        "-d",
                        root.toString())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("questdb.log").toFile());
        builder.environment().put("QDB_HTTP_BIND_TO", "127.0.0.1:" + questPort);
        builder.environment().put("QDB_HTTP_MIN_ENABLED", "false");
        builder.environment().put("QDB_PG_ENABLED", "false");
        builder.environment().put("QDB_LINE_TCP_ENABLED", "false");
        builder.environment().put("QDB_TELEMETRY_ENABLED", "false");
        processes.add(builder.start());
        awaitPort(questPort, "QuestDB", work.resolve("questdb.log"));
    }

    /** Makes the source that takes the events, and a gateway that may send them. */
    private void register() throws IOException, InterruptedException {
        JsonNode source = hub.post(
                "api/sources",
                Map.of(
                        "name", "bench",
                        "title", "bench",
                        "departmentId", "environment",
                        "location", "events:",
                        "settings", Map.of("devices", "any")));
        JsonNode gateway = hub.post(
                "api/sources/" + source.path("id").asString() + "/devices",
                Map.of("device", "gateway", "title", "", "gateway", true));
        token = gateway.path("token").asString();
        if (token.isEmpty()) {
            throw new IllegalStateException("No gateway could be registered: " + source + " " + gateway);
        }
    }

    private void awaitPort(int port, String who, Path said) throws IOException, InterruptedException {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (true) {
            try (Socket ignored = new Socket("127.0.0.1", port)) {
                return;
            } catch (IOException e) {
                boolean gone = processes.stream().anyMatch(process -> !process.isAlive());
                if (gone || Instant.now().isAfter(deadline)) {
                    throw new IllegalStateException(who + " did not start. It said: " + Files.readString(said), e);
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        http.close();
        hub.close();
        for (Process process : processes) {
            process.destroy();
        }
        for (Process process : processes) {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }
}

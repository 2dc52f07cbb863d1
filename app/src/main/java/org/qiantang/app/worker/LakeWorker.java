package org.qiantang.app.worker;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectionWorker.FollowOrder;
import org.qiantang.collect.CollectionWorker.RunOrder;
import org.qiantang.collect.CollectionWorker.VerifyOrder;
import org.qiantang.collect.Collector;
import org.qiantang.collect.EventLanding;
import org.qiantang.collect.SourceAccess;
import org.qiantang.core.Problem;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.Rehearsal;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.lake.Upkeep;

/**
 * The lake worker's program: the lake and the collectors behind a loopback port. It lives as long as its standard input is open, which is
 * as long as the hub lives, and may be killed at any moment.
 */
public final class LakeWorker {
    private static final System.Logger LOG = System.getLogger(LakeWorker.class.getName());
    private static final int UPKEEP_MINUTES = 10;

    /** How often the tables are looked at that many have changed. */
    private static final int BUSY_SECONDS = 2;

    private static final int MAXIMUM_REQUEST_BYTES = 64 << 20;

    private final WorkerSettings settings;
    private final Lake lake;
    private final Queries queries;
    private final Collector collector;

    private LakeWorker(WorkerSettings settings) {
        this.settings = settings;
        this.lake = Lake.open(settings.lake());
        this.queries = settings.cluster() == null ? lake : lake.through(settings.cluster());
        this.collector = new Collector(
                lake, settings.lanes(), Path.of(settings.drivers()), Path.of(settings.temp()), settings.profiling());
    }

    /** Reads {@link WorkerSettings} as one line of JSON, answers with {@code {"port":N}}, and serves until the input ends. */
    public static void main(String... arguments) throws IOException {
        PrintStream answer = System.out;
        System.setOut(System.err);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = input.readLine();
        if (line == null) {
            throw new IllegalStateException("A lake worker is started by the hub, which tells it its settings");
        }
        LakeWorker worker = new LakeWorker(Wire.JSON.readValue(line, WorkerSettings.class));
        HttpServer server = worker.serve();
        answer.println("{\"port\":" + server.getAddress().getPort() + "}");
        answer.flush();
        while (input.readLine() != null) {
            // nothing more is expected; the end of the input is the end of the hub
        }
        System.exit(0);
    }

    private HttpServer serve() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setExecutor(Executors.newThreadPerTaskExecutor(
                Thread.ofPlatform().name("worker-request-", 1).factory()));
        route(server, "/v1/health", exchange -> write(exchange, Map.of("up", true)));
        route(server, "/v1/run", this::run);
        route(server, "/v1/cancel", this::cancel);
        route(server, "/v1/give", exchange -> {
            Wire.Given given = read(exchange, Wire.Given.class);
            collector.give(given.runId(), given.lakeNames(), given.last());
            write(exchange, Map.of());
        });
        route(server, "/v1/follow", this::follow);
        route(server, "/v1/verify", this::verify);
        route(server, "/v1/unfollow", exchange -> {
            collector.unfollow(read(exchange, Wire.SourceName.class).name());
            write(exchange, Map.of());
        });
        route(server, "/v1/release", exchange -> {
            collector.release(read(exchange, FollowOrder.class));
            write(exchange, Map.of());
        });
        route(
                server,
                "/v1/land",
                exchange -> write(exchange, collector.land(read(exchange, EventLanding.Order.class))));
        route(
                server,
                "/v1/inspect",
                exchange -> write(exchange, collector.inspect(read(exchange, SourceAccess.class))));
        route(
                server,
                "/v1/references",
                exchange -> write(
                        exchange,
                        lake.references(read(exchange, Wire.Statement.class).sql())));
        route(server, "/v1/lineage", exchange -> {
            Wire.Derivation asked = read(exchange, Wire.Derivation.class);
            write(exchange, lake.lineage(asked.sql(), asked.snapshots()));
        });
        route(server, "/v1/query", this::query);
        // Never by a cluster: what it would hand over had to be written anew here.
        route(
                server,
                "/v1/extract",
                exchange -> write(
                        exchange,
                        lake.extract(read(exchange, Wire.FileWanted.class).extract())));
        route(server, "/v1/derive", exchange -> write(exchange, lake.derive(read(exchange, Derivation.class))));
        route(server, "/v1/profile", exchange -> write(exchange, lake.profile(read(exchange, TableName.class))));
        route(server, "/v1/rehearse", exchange -> write(exchange, lake.rehearse(read(exchange, Rehearsal.class))));
        route(server, "/v1/feed", this::feed);
        route(server, "/v1/feed/head", exchange -> {
            Wire.Policy asked = read(exchange, Wire.Policy.class);
            write(exchange, lake.head(asked.table(), asked.policy()));
        });
        route(server, "/v1/feed/kept", exchange -> write(exchange, lake.kept(read(exchange, TableName.class))));
        route(server, "/v1/feed/keep", exchange -> {
            Wire.Kept kept = read(exchange, Wire.Kept.class);
            kept.snapshots().forEach(snapshot -> lake.keep(kept.table(), snapshot));
            write(exchange, Map.of());
        });
        route(server, "/v1/feed/release", exchange -> {
            Wire.Kept kept = read(exchange, Wire.Kept.class);
            lake.release(kept.table(), kept.snapshots());
            write(exchange, Map.of());
        });
        route(server, "/v1/stop", this::stop);
        route(server, "/v1/tables", exchange -> write(exchange, lake.tables()));
        server.start();
        if (settings.keepsLake()) {
            keepLake();
            keepLatest();
        }
        return server;
    }

    private void keepLatest() {
        Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("latest").factory())
                .scheduleWithFixedDelay(
                        again("The newest events come later", collector::keepLatest), 1, 1, TimeUnit.SECONDS);
    }

    private void keepLake() {
        Upkeep.Policy policy = Upkeep.Policy.of(Duration.ofDays(settings.historyDays()));
        LOG.log(Level.INFO, "The lake is looked after by {0}", policy);
        Upkeep upkeep = new Upkeep(lake, policy);
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform()
                .daemon()
                .name("upkeep")
                .priority(Thread.MIN_PRIORITY)
                .factory());
        String later = "The lake is looked after later";
        executor.scheduleWithFixedDelay(
                again(later, () -> upkeep.all().forEach(done -> LOG.log(Level.INFO, "Looked after {0}", done))),
                UPKEEP_MINUTES,
                UPKEEP_MINUTES,
                TimeUnit.MINUTES);
        executor.scheduleWithFixedDelay(again(later, upkeep::busy), BUSY_SECONDS, BUSY_SECONDS, TimeUnit.SECONDS);
    }

    /** What is done again and again goes on after a failure; an executor would end it without a word. */
    private static Runnable again(String otherwise, Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, otherwise, e);
            }
        };
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws IOException;
    }

    private void route(HttpServer server, String path, Handler handler) {
        server.createContext(path, exchange -> {
            try (exchange) {
                if (!mayCall(exchange)) {
                    exchange.sendResponseHeaders(401, -1);
                    return;
                }
                try {
                    handler.handle(exchange);
                } catch (Problem | LakeException e) {
                    write(exchange, 422, refusal(e));
                } catch (RuntimeException e) {
                    LOG.log(Level.ERROR, "Request " + path + " failed", e);
                    write(exchange, 500, refusal(e));
                }
            }
        });
    }

    private boolean mayCall(HttpExchange exchange) {
        String given = exchange.getRequestHeaders().getFirst("Authorization");
        byte[] wanted = ("Bearer " + settings.token()).getBytes(StandardCharsets.UTF_8);
        return given != null && MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), wanted);
    }

    private void cancel(HttpExchange exchange) throws IOException {
        collector.cancel(read(exchange, Wire.RunId.class).runId());
        write(exchange, Map.of());
    }

    private void stop(HttpExchange exchange) throws IOException {
        lake.stop(read(exchange, Wire.QueryId.class).id());
        write(exchange, Map.of());
    }

    private void run(HttpExchange exchange) throws IOException {
        RunOrder order = read(exchange, RunOrder.class);
        AtomicReference<@Nullable IOException> gone = new AtomicReference<>();
        try (Lines lines = new Lines(exchange)) {
            Wire.RunLine last;
            try {
                collector.run(order, event -> {
                    try {
                        lines.write(Wire.RunLine.of(event));
                    } catch (IOException e) {
                        gone.set(e);
                        collector.cancel(order.runId());
                    }
                });
                last = new Wire.RunLine(null, null, null, null, true);
            } catch (Problem | LakeException e) {
                last = new Wire.RunLine(null, null, null, refusal(e), null);
            }
            IOException lost = gone.get();
            if (lost != null) {
                throw lost;
            }
            lines.write(last);
        }
    }

    private void follow(HttpExchange exchange) throws IOException {
        FollowOrder order = read(exchange, FollowOrder.class);
        AtomicReference<@Nullable IOException> gone = new AtomicReference<>();
        try (Lines lines = new Lines(exchange)) {
            Wire.FollowLine last;
            try {
                collector.follow(order, event -> {
                    try {
                        lines.write(Wire.FollowLine.of(event));
                    } catch (IOException e) {
                        gone.set(e);
                        collector.stopFollowing(order.sourceName());
                    }
                });
                last = new Wire.FollowLine(null, null, null, null, null, null, true);
            } catch (Problem | LakeException e) {
                last = new Wire.FollowLine(null, null, null, null, null, refusal(e), null);
            }
            IOException lost = gone.get();
            if (lost != null) {
                throw lost;
            }
            lines.write(last);
        }
    }

    private void verify(HttpExchange exchange) throws IOException {
        VerifyOrder order = read(exchange, VerifyOrder.class);
        AtomicReference<@Nullable IOException> gone = new AtomicReference<>();
        try (Lines lines = new Lines(exchange)) {
            Wire.VerifyLine last;
            try {
                collector.verify(order, event -> {
                    try {
                        lines.write(Wire.VerifyLine.of(event));
                    } catch (IOException e) {
                        gone.set(e);
                        collector.cancel(order.id());
                    }
                });
                last = new Wire.VerifyLine(null, null, null, null, null, true);
            } catch (Problem | LakeException e) {
                last = new Wire.VerifyLine(null, null, null, null, refusal(e), null);
            }
            IOException lost = gone.get();
            if (lost != null) {
                throw lost;
            }
            lines.write(last);
        }
    }

    private void query(HttpExchange exchange) throws IOException {
        Wire.Question question = read(exchange, Wire.Question.class);
        try (Lines lines = new Lines(exchange)) {
            Wire.AnswerLine last;
            try {
                var answer = answering(question.query()).run(question.query(), new RowSink() {
                    @Override
                    public void columns(List<ResultColumn> columns) {
                        send(new Wire.AnswerLine(columns, null, null, null));
                    }

                    @Override
                    public void row(List<@Nullable String> values) {
                        send(new Wire.AnswerLine(null, values, null, null));
                    }

                    private void send(Wire.AnswerLine line) {
                        try {
                            lines.write(line);
                        } catch (IOException e) {
                            throw new LakeException(LakeException.Kind.CANCELLED, "The asker has gone", e);
                        }
                    }
                });
                last = new Wire.AnswerLine(null, null, answer, null);
            } catch (LakeException e) {
                last = new Wire.AnswerLine(null, null, null, refusal(e));
            }
            lines.write(last);
        }
    }

    private void feed(HttpExchange exchange) throws IOException {
        Wire.FeedStep asked = read(exchange, Wire.FeedStep.class);
        try (Lines lines = new Lines(exchange)) {
            Wire.FeedLine last;
            try {
                var part = lake.read(asked.step(), new RowSink() {
                    @Override
                    public void columns(List<ResultColumn> columns) {
                        send(new Wire.FeedLine(columns, null, null, null));
                    }

                    @Override
                    public void row(List<@Nullable String> values) {
                        send(new Wire.FeedLine(null, values, null, null));
                    }

                    private void send(Wire.FeedLine line) {
                        try {
                            lines.write(line);
                        } catch (IOException e) {
                            throw new LakeException(LakeException.Kind.CANCELLED, "The asker has gone", e);
                        }
                    }
                });
                last = new Wire.FeedLine(null, null, part, null);
            } catch (LakeException e) {
                last = new Wire.FeedLine(null, null, null, refusal(e));
            }
            lines.write(last);
        }
    }

    /** The platform's own tables are small and asked in this engine's words. */
    private Queries answering(Query query) {
        Set<TableName> tables = lake.references(query.sql()).tables();
        boolean own = !tables.isEmpty()
                && tables.stream().allMatch(table -> table.namespace().startsWith("ops_"));
        return own ? lake : queries;
    }

    private static Wire.Refusal refusal(RuntimeException e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return switch (e) {
            case Problem problem -> new Wire.Refusal(problem.code().id(), problem.arguments(), message);
            case LakeException lakeFailure ->
                new Wire.Refusal(
                        "lake." + lakeFailure.kind(),
                        Map.of(
                                "column", lakeFailure.column(),
                                "position", Integer.toString(lakeFailure.position())),
                        message);
            default -> new Wire.Refusal("worker.failed", Map.of(), message);
        };
    }

    private static <T> T read(HttpExchange exchange, Class<T> type) throws IOException {
        try (InputStream body = exchange.getRequestBody()) {
            return Wire.JSON.readValue(body.readNBytes(MAXIMUM_REQUEST_BYTES), type);
        }
    }

    private static void write(HttpExchange exchange, Object body) throws IOException {
        write(exchange, 200, body);
    }

    private static void write(HttpExchange exchange, int status, Object body) throws IOException {
        byte[] bytes = Wire.JSON.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** An answer of many lines; lines are sent on when enough have come together or when they matter. */
    private static final class Lines implements AutoCloseable {
        private final Writer out;
        private long lastFlush = System.nanoTime();

        Lines(HttpExchange exchange) throws IOException {
            exchange.getResponseHeaders().set("Content-Type", "application/x-ndjson");
            exchange.sendResponseHeaders(200, 0);
            out = new BufferedWriter(
                    new OutputStreamWriter(exchange.getResponseBody(), StandardCharsets.UTF_8), 1 << 16);
        }

        synchronized void write(Object line) throws IOException {
            out.write(Wire.JSON.writeValueAsString(line));
            out.write('\n');
            boolean rows = line instanceof Wire.AnswerLine answer && answer.row() != null
                    || line instanceof Wire.FeedLine feed && feed.row() != null;
            if (!rows || System.nanoTime() - lastFlush > 100_000_000L) {
                out.flush();
                lastFlush = System.nanoTime();
            }
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }
}

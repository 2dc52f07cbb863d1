package org.qiantang.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A data service that gives one row by its key, with everything that governs it (token, grant, masks, quota, evidence), beside pgbench's
 * prepared lookup of the same row in a PostgreSQL of its own, and beside the same row over HTTP with nothing that governs it.
 */
public final class ServicesBench {
    private static final Map<String, String> DEFAULTS =
            Map.of("customers", "150000", "pairs", "5", "seconds", "10", "connections", "64");
    private static final String USAGE =
            "bin/bench services [--customers N] [--pairs N] [--seconds S] [--connections N]";
    private static final ObjectMapper JSON = new ObjectMapper();
    static final String COLUMNS = "c_custkey, c_name, c_address, c_nationkey, c_phone, c_mktsegment, c_comment";
    private static final int COMPARED = 2_000;
    /** One client may call one service ten thousand times a second at the most. */
    private static final int SERVICES = 4;

    private static final int WARM_UPS = 3;
    /** Of what the slower of two endpoints can do. */
    private static final List<Integer> SHARES = List.of(25, 50, 75);

    private final Arguments arguments;
    private final Log log;
    private final Path work;
    private final Source source;
    private final Hub hub;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private long refused;

    private ServicesBench(Arguments arguments, Log log, Path work, Source source, Hub hub) {
        this.arguments = arguments;
        this.log = log;
        this.work = work;
        this.source = source;
        this.hub = hub;
    }

    /** Measures as the options say and writes a log; ends with 1 when an answer is not PostgreSQL's row. */
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
        Path work = Files.createTempDirectory(Files.createDirectories(checkout.resolve("bench/target")), "services-");
        boolean published = arguments.number("customers") >= 150_000
                && arguments.number("pairs") >= 3
                && arguments.number("seconds") >= 10;
        boolean equal;
        try (Log log = Log.begin(
                        checkout.resolve(published ? "bench/results" : "bench/target"),
                        "services",
                        "Data services: one row by key");
                Source source = Source.startInstalled(work);
                Hub hub = Hub.start(work, checkout)) {
            equal = new ServicesBench(arguments, log, work, source, hub).measure();
        } finally {
            PeerLeg.delete(work);
        }
        System.exit(equal ? 0 : 1);
    }

    private boolean measure() throws Exception {
        int customers = arguments.number("customers");
        log.say(
                "software  JDK %s, %s, PostgreSQL %s; %,d customers of TPC-H, %d connections, %d s a leg",
                Runtime.version(),
                Hub.VERSION,
                source.version(),
                customers,
                arguments.number("connections"),
                arguments.number("seconds"));
        source.load(customers / 150_000.0);
        hub.command(
                "collect",
                source.url() + "?user=" + Source.USER + "&password=" + Source.PASSWORD,
                "--name",
                "city",
                "--department",
                "transport");
        grant();
        for (int i = 0; i < SERVICES; i++) {
            publish("customer-" + i);
        }
        Answering answering = new Answering(client());
        int plainPort = Hub.freePort();
        Process plain = plain(plainPort);
        boolean equal;
        try {
            equal = answering.parity(customers);
            measure(customers, answering, plainPort, plain.pid());
        } finally {
            plain.destroy();
            plain.waitFor();
        }
        equal &= answering.parity(customers);
        try (Connection database = hub.database();
                Statement statement = database.createStatement();
                ResultSet row = statement.executeQuery(
                        "select count(*), count(*) filter (where evidence_asked = evidence_given), count(*) filter (where evidence_given is null)"
                                + " from catalog_access where service is not null")) {
            row.next();
            log.say(
                    "written   %,d calls, %,d of them answered by key, %,d without their entry of the evidence",
                    row.getLong(1), row.getLong(2), row.getLong(3));
            equal &= row.getLong(3) == 0;
        }
        return equal && refused == 0;
    }

    private void measure(int customers, Answering answering, int plainPort, long plain) throws Exception {
        int seconds = arguments.number("seconds");
        Callable<Rate> direct = () -> pgbench(customers, seconds);
        Callable<Rate> governed = () -> wrk("data service", hub.port(), governed(answering.token(), customers));
        Callable<Rate> bare = () -> wrk("bare endpoint", plainPort, lua("/customers?custkey=", customers, ""));
        // Who was never called is slow for a while; so is what the machine's neighbours are used for.
        for (int i = 0; i < WARM_UPS; i++) {
            direct.call();
            bare.call();
            governed.call();
        }
        log.say(
                "ceiling   the same server with nothing to do: %s",
                wrk("health", hub.port(), lua("/api/health?n=", customers, "")).line());
        List<Double> ratios = new ArrayList<>();
        List<Double> costs = new ArrayList<>();
        List<Double> endpoints = new ArrayList<>();
        double capacity = Double.MAX_VALUE;
        for (int pair = 1; pair <= arguments.number("pairs"); pair++) {
            List<Callable<Rate>> order = new ArrayList<>(List.of(direct, governed, bare));
            if (pair % 2 == 0) {
                Collections.reverse(order);
            }
            Map<Callable<Rate>, Rate> rates = new IdentityHashMap<>();
            log.say("pair %d    load %.2f, %s fsync/s", pair, Machine.load(), Machine.fsyncsPerSecond(work));
            for (Callable<Rate> leg : order) {
                long last = newest();
                Machine.Ticks before = Machine.Ticks.now();
                double hubBefore = Processes.cpuSeconds(hub.pid());
                double databaseBefore = hub.databaseCpuSeconds();
                double sourceBefore = Processes.cpuSeconds(source.pid());
                double plainBefore = Processes.cpuSeconds(plain);
                double clientBefore = Processes.endedChildrenCpuSeconds();
                Rate rate = leg.call();
                double hubTook = Processes.cpuSeconds(hub.pid()) - hubBefore;
                double databaseTook = hub.databaseCpuSeconds() - databaseBefore;
                double sourceTook = Processes.cpuSeconds(source.pid()) - sourceBefore;
                double plainTook = Processes.cpuSeconds(plain) - plainBefore;
                double clientTook = Processes.endedChildrenCpuSeconds() - clientBefore;
                double of = leg == direct
                        ? sourceTook + clientTook
                        : leg == bare ? plainTook + sourceTook + clientTook : hubTook + databaseTook + clientTook;
                rates.put(leg, rate.costing(of / (rate.perSecond * seconds)));
                log.say(
                        "  %s; CPU s: hub %.1f, its PostgreSQL %.1f, source %.1f, bare endpoint %.1f, client %.1f = %.0f µs each; load %.2f, %.1f %% stolen%s",
                        rate.line(),
                        hubTook,
                        databaseTook,
                        sourceTook,
                        plainTook,
                        clientTook,
                        1e6 * of / (rate.perSecond * seconds),
                        Machine.load(),
                        Machine.Ticks.now().percentStolenSince(before),
                        leg == governed ? "; " + written(last) : "");
            }
            Rate there = requireNonNull(rates.get(direct));
            Rate ours = requireNonNull(rates.get(governed));
            Rate theirs = requireNonNull(rates.get(bare));
            ratios.add(ours.perSecond / there.perSecond);
            costs.add(there.cost / ours.cost);
            endpoints.add(ours.perSecond / theirs.perSecond);
            capacity = Math.min(capacity, Math.min(ours.perSecond, theirs.perSecond));
        }
        log.ratio("calls a second / pgbench prepared", ratios);
        log.ratio("calls a CPU second / pgbench's", costs);
        log.ratio("calls a second / bare endpoint", endpoints);
        open(capacity, customers, answering, plainPort);
    }

    /** Both ways of giving the same row, each at the same share of what the slower of them can do. */
    private void open(double capacity, int customers, Answering answering, int plainPort) throws Exception {
        int seconds = arguments.number("seconds");
        int connections = arguments.number("connections");
        for (int share : SHARES) {
            double rate = capacity * share / 100;
            List<Double> ratios = new ArrayList<>();
            for (int pair = 0; pair <= arguments.number("pairs"); pair++) {
                String token = answering.token();
                Random random = new Random(pair);
                OpenLoad.Taken[] taken = new OpenLoad.Taken[2];
                for (int turn = 0; turn < 2; turn++) {
                    int which = (pair + turn) % 2;
                    taken[which] = which == 0
                            ? OpenLoad.run(
                                    hub.port(),
                                    connections,
                                    rate,
                                    seconds,
                                    n -> request(
                                            "/services/customer-" + n % SERVICES + "/v1?custkey="
                                                    + (1 + random.nextInt(customers)),
                                            said(token)))
                            : OpenLoad.run(
                                    plainPort,
                                    connections,
                                    rate,
                                    seconds,
                                    n -> request("/customers?custkey=" + (1 + random.nextInt(customers)), ""));
                }
                refused += taken[0].refused() + taken[1].refused();
                log.say("open %2d %% %s load %.2f", share, pair == 0 ? "warm-up" : "pair " + pair, Machine.load());
                log.say("  data service  %s", taken[0].line());
                log.say("  bare endpoint %s: %.2f", taken[1].line(), taken[0].most() / taken[1].most());
                if (pair > 0) {
                    ratios.add(taken[0].most() / taken[1].most());
                }
            }
            log.ratio("p99 / bare endpoint's, %d %% of capacity".formatted(share), ratios);
        }
    }

    private static byte[] request(String path, String headers) {
        return ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + headers + "\r\n").getBytes(UTF_8);
    }

    /** What a caller says besides. */
    private static String said(String token) {
        return "Authorization: Bearer " + token + "\r\nX-Operator: window-3\r\nX-Case: JZ-2026-0042\r\n";
    }

    private Process plain(int port) throws IOException, InterruptedException {
        Path said = work.resolve("plain.log");
        Process plain = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx512m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        PlainEndpoint.class.getName(),
                        Integer.toString(port),
                        source.url(),
                        Source.USER,
                        Source.PASSWORD,
                        work.resolve("plain").toString())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (true) {
            try (RawHttp connection = new RawHttp(port)) {
                if (connection.send(request("/customers?custkey=1", ""), new byte[0]) == 200) {
                    return plain;
                }
                throw new IllegalStateException("The bare endpoint refuses");
            } catch (IOException e) {
                if (plain.waitFor(Duration.ofMillis(100)) || System.nanoTime() > deadline) {
                    plain.destroyForcibly();
                    throw new IllegalStateException(
                            "The bare endpoint did not start. It said: " + Files.readString(said), e);
                }
            }
        }
    }

    private long newest() throws IOException, SQLException {
        try (Connection database = hub.database();
                Statement statement = database.createStatement();
                ResultSet row = statement.executeQuery("select coalesce(max(evidence_given), 0) from catalog_access")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** How many calls went which way since an entry of the evidence. */
    private String written(long last) throws IOException, SQLException {
        try (Connection database = hub.database();
                Statement statement = database.createStatement();
                ResultSet row = statement.executeQuery(
                        "select count(*), count(*) filter (where evidence_asked = evidence_given), count(distinct at)"
                                + " from catalog_access where service is not null and evidence_given > " + last)) {
            row.next();
            return String.format(
                    Locale.ROOT,
                    "%,d of %,d by key, %.0f at once",
                    row.getLong(2),
                    row.getLong(1),
                    row.getLong(1) / Math.max(1.0, row.getLong(3)));
        }
    }

    /** A grant as officers of two departments would have made it: names but for their first character are hidden. */
    private void grant() throws IOException, SQLException {
        String terms = """
                {"scenario": "bench", "legalBasis": "x", "purpose": "x", "system": "x", "systemLevel": 3, "terms":
                {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "quota": {"callsADay": 1000000000, "rowsADay": 1000000000},
                "tables": [{"table": {"namespace": "raw_city", "name": "public__customer"}, "fields": {"c_custkey": "clear",
                "c_name": "keep(1,0)", "c_address": "clear", "c_nationkey": "clear", "c_phone": "clear", "c_mktsegment": "clear",
                "c_comment": "clear"},
                "rows": []}]}}""";
        try (Connection database = hub.database();
                Statement statement = database.createStatement()) {
            statement.execute("""
                    with application as (
                        insert into share_applications (id, number, applicant, applicant_name, department_id, state, asked, created_at)
                        values (gen_random_uuid(), 'bench', 'x', 'x', 'civil_affairs', 'ENDED', '{}', now()) returning id),
                    part as (
                        insert into share_parts (id, application_id, department_id, share_class, ordinal, state, tables)
                        select gen_random_uuid(), id, 'transport', 'CONDITIONAL', 1, 'GRANTED', '[]' from application returning id),
                    granted as (
                        insert into share_grants (id, number, part_id, recipient_id, provider_id, state, version, valid_from, valid_to,
                            granted_at)
                        select gen_random_uuid(), 'bench', id, 'civil_affairs', 'transport', 'GRANTED', 1, '2020-01-01', '2100-01-01', now()
                        from part returning id)
                    insert into share_grant_versions (grant_id, version, terms, at, who)
                    select id, 1, '%s', now(), 'x' from granted""".formatted(terms));
        }
    }

    private void publish(String name) throws IOException, InterruptedException {
        Map<String, Object> definition = Map.ofEntries(
                Map.entry("title", name),
                Map.entry("table", "raw_city.public__customer"),
                Map.entry(
                        "parameters",
                        List.of(Map.of(
                                "name",
                                "custkey",
                                "title",
                                "custkey",
                                "type",
                                "INTEGER",
                                "required",
                                true,
                                "filter",
                                Map.of("column", "c_custkey", "operator", "EQUALS")))),
                Map.entry(
                        "fields",
                        Arrays.stream(COLUMNS.split(", "))
                                .map(field -> Map.of("name", field, "title", field, "type", ""))
                                .toList()),
                Map.entry("sortable", List.of()),
                Map.entry("pageSize", 10),
                Map.entry("mostRows", 100),
                Map.entry("cacheSeconds", 0),
                Map.entry("rate", Map.of("perSecond", 10_000, "burst", 10_000)),
                Map.entry("personal", true));
        hub.post("api/services", Map.of("name", name, "definition", definition));
        hub.post("api/services/" + name + "/v1/publish", null);
    }

    /** Returns the secret of a new client. */
    private String client() throws IOException, InterruptedException {
        return hub.post("api/clients", Map.of("id", "bench", "title", "bench", "department", "civil_affairs"))
                .path("secret")
                .asString();
    }

    /**
     * How fast a leg was.
     *
     * @param said what its tool says of how long one took
     * @param cost CPU seconds of one, of all who had to do with it
     */
    private record Rate(String leg, double perSecond, String said, double cost) {
        Rate costing(double seconds) {
            return new Rate(leg, perSecond, said, seconds);
        }

        String line() {
            return String.format(Locale.ROOT, "%-13s %,.0f/s, %s", leg, perSecond, said);
        }
    }

    private Rate pgbench(int customers, int seconds) throws IOException, InterruptedException {
        Path script = Files.writeString(
                work.resolve("lookup.sql"),
                "\\set id random(1, " + customers + ")\nselect " + COLUMNS + " from customer where c_custkey = :id;\n");
        String said = Commands.run(
                        List.of(
                                Installed.program("pgbench").toString(),
                                "-n",
                                "-M",
                                "prepared",
                                "-f",
                                script.toString(),
                                "-c",
                                arguments.text("connections"),
                                "-j",
                                "2",
                                "-T",
                                Integer.toString(seconds),
                                source.libpqUrl()),
                        work)
                .output();
        return new Rate(
                "pgbench",
                Double.parseDouble(found("tps = ([0-9.]+)", said)),
                "average " + found("latency average = ([0-9.]+ ms)", said),
                0);
    }

    private static String governed(String token, int customers) {
        return lua(
                "/services/customer-\" .. random(0, " + (SERVICES - 1) + ") .. \"/v1?custkey=", customers, said(token));
    }

    /** Puts a request together from few pieces, so that the load generator takes little of the two cores. */
    private static String lua(String path, int customers, String headers) {
        return """
                local random = math.random
                local rest = " HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n%s\\r\\n"
                request = function()
                  return "GET %s" .. random(1, %d) .. rest
                end
                """.formatted(headers.replace("\r\n", "\\r\\n"), path, customers);
    }

    private Rate wrk(String leg, int port, String lua) throws IOException, InterruptedException {
        Path wrk = Commands.find("wrk");
        if (wrk == null) {
            throw new IllegalStateException("Cannot measure: wrk is missing. Install wrk.");
        }
        Path script = Files.writeString(work.resolve("call.lua"), lua);
        String said = Commands.run(
                        List.of(
                                wrk.toString(),
                                "-t",
                                "1",
                                "-c",
                                arguments.text("connections"),
                                "-d",
                                arguments.text("seconds") + "s",
                                "--latency",
                                "-s",
                                script.toString(),
                                "http://127.0.0.1:" + port),
                        work)
                .output();
        Matcher no = Pattern.compile("Non-2xx or 3xx responses: ([0-9]+)").matcher(said);
        if (no.find()) {
            refused += Long.parseLong(no.group(1));
            log.say("REFUSED   %s calls of the %s", no.group(1), leg);
        }
        return new Rate(
                leg,
                Double.parseDouble(found("Requests/sec: +([0-9.]+)", said)),
                "half within " + found("50% +([0-9.a-z]+)", said) + ", 99 % within " + found("99% +([0-9.a-z]+)", said),
                0);
    }

    private static String found(String pattern, String said) {
        Matcher matcher = Pattern.compile(pattern).matcher(said);
        if (!matcher.find()) {
            throw new IllegalStateException("Cannot read: " + said);
        }
        return matcher.group(1);
    }

    /** The client with its token. */
    private final class Answering {
        private final String secret;

        Answering(String secret) {
            this.secret = secret;
        }

        String token() throws IOException, InterruptedException {
            String basic = Base64.getEncoder().encodeToString(("bench:" + secret).getBytes(UTF_8));
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(uri("/oauth2/token"))
                            .header("Authorization", "Basic " + basic)
                            .header("Content-Type", "application/x-www-form-urlencoded")
                            .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return JSON.readTree(answer.body()).path("access_token").asString();
        }

        private URI uri(String path) {
            return URI.create("http://127.0.0.1:" + hub.port() + path);
        }

        /** Whether answers are PostgreSQL's rows, masked as the grant says. */
        boolean parity(int customers) throws IOException, InterruptedException, SQLException {
            String token = token();
            Random random = new Random(customers);
            List<String> differences = new ArrayList<>();
            try (Connection connection = source.connect();
                    PreparedStatement select = connection.prepareStatement("select c_custkey, left(c_name, 1)"
                            + " || repeat('*', length(c_name) - 1), c_address, c_nationkey, c_phone, c_mktsegment, c_comment"
                            + " from customer where c_custkey = ?")) {
                for (int i = 0; i < COMPARED && differences.size() < 5; i++) {
                    long key = 1 + random.nextInt(customers + 10);
                    HttpResponse<String> answer = http.send(
                            HttpRequest.newBuilder(uri("/services/customer-" + i % SERVICES + "/v1?custkey=" + key))
                                    .header("Authorization", "Bearer " + token)
                                    .header("X-Operator", "window-3")
                                    .header("X-Case", "JZ-2026-0042")
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
                    List<String> got = new ArrayList<>();
                    JsonNode rows = JSON.readTree(answer.body()).path("rows");
                    rows.forEach(row -> {
                        for (String column : COLUMNS.split(", ")) {
                            got.add(row.path(column).asString());
                        }
                    });
                    List<String> there = new ArrayList<>();
                    select.setLong(1, key);
                    try (ResultSet row = select.executeQuery()) {
                        while (row.next()) {
                            for (int column = 1; column <= 7; column++) {
                                there.add(row.getString(column));
                            }
                        }
                    }
                    if (answer.statusCode() != 200 || !got.equals(there)) {
                        differences.add(key + ": " + answer.statusCode() + " " + answer.body() + ", not " + there);
                    }
                }
            }
            return log.parity(COMPARED + " answers and PostgreSQL's rows with names masked by hand", differences);
        }
    }
}

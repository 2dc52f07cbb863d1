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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * The same row by key, asked for by a client of the province itself and by a client of a city that is its peer: what it costs that neither
 * side can deny it. Both installations, their databases and the callers share this machine.
 */
public final class ExchangeBench {
    private static final Map<String, String> DEFAULTS =
            Map.of("customers", "15000", "pairs", "3", "calls", "5000", "seconds", "10", "connections", "32");
    private static final String USAGE =
            "bin/bench exchange [--customers N] [--pairs N] [--calls N] [--seconds S] [--connections N]";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ASKED = """
            {"scenario": "bench", "legalBasis": "x", "purpose": "x", "from": "2020-01-01", "to": "2099-12-31", "callsADay": 1000000000,
            "rowsADay": 1000000000, "system": "x", "systemLevel": 3, "contact": "x", "undertaken": true, "tables": []}""";

    private static final int COMPARED = 500;
    private static final int WARM_UPS = 2;
    private static final int SHARE = 50;

    private final Arguments arguments;
    private final Log log;
    private final Path work;
    private final Source source;
    private final Hub province;
    private final Hub city;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private long refused;

    private ExchangeBench(Arguments arguments, Log log, Path work, Source source, Hub province, Hub city) {
        this.arguments = arguments;
        this.log = log;
        this.work = work;
        this.source = source;
        this.province = province;
        this.city = city;
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
        Path work = Files.createTempDirectory(Files.createDirectories(checkout.resolve("bench/target")), "exchange-");
        boolean published = arguments.number("pairs") >= 3 && arguments.number("seconds") >= 10;
        boolean equal;
        try (Log log = Log.begin(
                        checkout.resolve(published ? "bench/results" : "bench/target"),
                        "exchange",
                        "Exchange: one row by key, of the installation itself and across two");
                Source source = Source.startInstalled(work);
                Hub province = Hub.start(Files.createDirectories(work.resolve("province")), checkout);
                Hub city = Hub.start(Files.createDirectories(work.resolve("city")), checkout)) {
            equal = new ExchangeBench(arguments, log, work, source, province, city).measure();
        } finally {
            PeerLeg.delete(work);
        }
        System.exit(equal ? 0 : 1);
    }

    private boolean measure() throws Exception {
        int customers = arguments.number("customers");
        log.say(
                "software  JDK %s, %s, PostgreSQL %s; %,d customers of TPC-H, %d connections",
                Runtime.version(), Hub.VERSION, source.version(), customers, arguments.number("connections"));
        source.load(customers / 150_000.0);
        province.command(
                "collect",
                source.url() + "?user=" + Source.USER + "&password=" + Source.PASSWORD,
                "--name",
                "city",
                "--department",
                "transport");
        peer();
        grant(UUID.randomUUID(), "direct", "civil_affairs");
        UUID application = UUID.randomUUID();
        grant(application, "across", "peer_city");
        asked(application);
        publish();
        String direct = token(province);
        String across = token(city);
        awaitGrant(across);
        boolean equal = equal(direct, across, customers);
        int connections = arguments.number("connections");
        int calls = arguments.number("calls");
        List<Double> ratios = new ArrayList<>();
        double capacity = Double.MAX_VALUE;
        for (int pair = 1 - WARM_UPS; pair <= arguments.number("pairs"); pair++) {
            String own = token(province);
            String theirs = token(city);
            double[] rates = new double[2];
            for (int turn = 0; turn < 2; turn++) {
                int which = (pair + WARM_UPS + turn) % 2;
                double before = province.cpuSeconds() + city.cpuSeconds();
                Random random = new Random(pair);
                OpenLoad.Taken taken = OpenLoad.closed(
                        which == 0 ? province.port() : city.port(),
                        connections,
                        calls,
                        n -> request(which == 0, 1 + random.nextInt(customers), which == 0 ? own : theirs));
                refused += taken.refused();
                rates[which] = taken.done();
                log.say(
                        "%s %s %,.0f/s, %.0f µs CPU each, load %.2f",
                        pair < 1 ? "warm-up" : "pair " + pair,
                        which == 0 ? "direct" : "across",
                        taken.done(),
                        1e6 * (province.cpuSeconds() + city.cpuSeconds() - before) / calls,
                        Machine.load());
            }
            if (pair > 0) {
                ratios.add(rates[1] / rates[0]);
                capacity = Math.min(capacity, Math.min(rates[0], rates[1]));
            }
        }
        log.ratio("calls a second across / direct", ratios);
        late(capacity * SHARE / 100, customers);
        return equal && equal(token(province), token(city), customers) && refused == 0;
    }

    /** Both at the same rate, half of what the slower can do: how much later an answer comes. */
    private void late(double rate, int customers) throws Exception {
        List<Double> added = new ArrayList<>();
        for (int pair = 0; pair <= arguments.number("pairs"); pair++) {
            String own = token(province);
            String theirs = token(city);
            OpenLoad.Taken[] taken = new OpenLoad.Taken[2];
            for (int turn = 0; turn < 2; turn++) {
                int which = (pair + turn) % 2;
                Random random = new Random(pair);
                taken[which] = OpenLoad.run(
                        which == 0 ? province.port() : city.port(),
                        arguments.number("connections"),
                        rate,
                        arguments.number("seconds"),
                        n -> request(which == 0, 1 + random.nextInt(customers), which == 0 ? own : theirs));
                refused += taken[which].refused();
            }
            log.say("open %2d %% %s load %.2f", SHARE, pair == 0 ? "warm-up" : "pair " + pair, Machine.load());
            log.say("  direct %s", taken[0].line());
            log.say("  across %s: %+.2f ms", taken[1].line(), taken[1].most() - taken[0].most());
            if (pair > 0) {
                added.add(taken[1].most() - taken[0].most());
            }
        }
        log.ratio("added p99 in ms", added);
    }

    private static byte[] request(boolean direct, int customer, String token) {
        return ("GET " + path(direct, customer) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token
                        + "\r\nX-Operator: window-3\r\nX-Case: JZ-2026-0042\r\n\r\n")
                .getBytes(UTF_8);
    }

    private static String path(boolean direct, int customer) {
        return (direct ? "" : "/peers/province") + "/services/customer/v1?custkey=" + customer;
    }

    /** The cards as the two hand them out; that people compared them is put there, for there are no people here. */
    private void peer() throws IOException, InterruptedException, SQLException {
        city.post("api/exchange/peers", Map.of("name", "province", "card", card(province)));
        province.post("api/exchange/peers", Map.of("name", "city", "card", card(city)));
        for (Hub hub : List.of(province, city)) {
            try (Connection database = hub.database();
                    Statement statement = database.createStatement()) {
                statement.execute("update exchange_peers set state = 'CONFIRMED', confirmed_by = 'bench'");
            }
        }
    }

    private static Map<String, String> card(Hub hub) throws IOException, InterruptedException {
        JsonNode card = hub.get("api/exchange/card");
        return Map.of(
                "name", card.path("name").asString(),
                "address", card.path("address").asString(),
                "publicKey", card.path("publicKey").asString(),
                "evidenceKey", card.path("evidenceKey").asString());
    }

    /** What officers would have granted. */
    private void grant(UUID application, String number, String recipient) throws IOException, SQLException {
        String fields = String.join(
                ", ",
                Arrays.stream(ServicesBench.COLUMNS.split(", "))
                        .map(field -> "\"" + field + "\": \"" + (field.equals("c_name") ? "keep(1,0)" : "clear") + "\"")
                        .toList());
        String terms = """
                {"scenario": "bench", "legalBasis": "x", "purpose": "x", "system": "x", "systemLevel": 3, "terms":
                {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "quota": {"callsADay": 1000000000, "rowsADay": 1000000000},
                "tables": [{"table": {"namespace": "raw_city", "name": "public__customer"}, "fields": {%s}, "rows": []}]}}""".formatted(fields);
        try (Connection database = province.database();
                PreparedStatement statement = database.prepareStatement("""
                        with application as (
                            insert into share_applications (id, number, applicant, applicant_name, department_id, state, asked, revision,
                                created_at, submitted_at)
                            values (?, ?, 'x', 'x', ?, 'REVIEWED', ?::jsonb, 1, now(), now()) returning id, number, department_id),
                        part as (
                            insert into share_parts (id, application_id, department_id, share_class, ordinal, state, tables)
                            select gen_random_uuid(), id, 'transport', 'CONDITIONAL', 1, 'GRANTED', '[]' from application returning id),
                        granted as (
                            insert into share_grants (id, number, part_id, recipient_id, provider_id, state, version, valid_from, valid_to,
                                granted_at)
                            select gen_random_uuid(), a.number, p.id, a.department_id, 'transport', 'GRANTED', 1, '2020-01-01',
                                '2100-01-01', now()
                            from part p, application a returning id)
                        insert into share_grant_versions (grant_id, version, terms, at, who) select id, 1, ?::json, now(), 'x' from granted""")) {
            statement.setObject(1, application);
            statement.setString(2, number);
            statement.setString(3, recipient);
            statement.setString(4, ASKED);
            statement.setString(5, terms);
            statement.executeUpdate();
        }
    }

    /** What an officer of the city would have asked for. */
    private void asked(UUID application) throws IOException, SQLException {
        try (Connection database = city.database();
                PreparedStatement statement = database.prepareStatement("""
                        insert into exchange_applications (id, peer, department_id, applicant, applicant_name, state, asked, round,
                            created_at, submitted_at, sent_at)
                        values (?, 'province', 'civil_affairs', 'x', 'x', 'SENT', ?::jsonb, 1, now(), now(), now())""")) {
            statement.setObject(1, application);
            statement.setString(2, ASKED);
            statement.executeUpdate();
        }
    }

    private void publish() throws IOException, InterruptedException {
        Map<String, Object> definition = Map.ofEntries(
                Map.entry("title", "customer"),
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
                        Arrays.stream(ServicesBench.COLUMNS.split(", "))
                                .map(field -> Map.of("name", field, "title", field, "type", ""))
                                .toList()),
                Map.entry("sortable", List.of()),
                Map.entry("pageSize", 10),
                Map.entry("mostRows", 100),
                Map.entry("cacheSeconds", 0),
                Map.entry("rate", Map.of("perSecond", 10_000, "burst", 10_000)),
                Map.entry("personal", true));
        province.post("api/services", Map.of("name", "customer", "definition", definition));
        province.post("api/services/customer/v1/publish", null);
        for (Hub hub : List.of(province, city)) {
            secrets.put(
                    hub,
                    hub.post("api/clients", Map.of("id", "bench", "title", "bench", "department", "civil_affairs"))
                            .path("secret")
                            .asString());
        }
    }

    private final Map<Hub, String> secrets = new java.util.IdentityHashMap<>();

    private String token(Hub hub) throws IOException, InterruptedException {
        String basic =
                Base64.getEncoder().encodeToString(("bench:" + requireNonNull(secrets.get(hub))).getBytes(UTF_8));
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + hub.port() + "/oauth2/token"))
                        .header("Authorization", "Basic " + basic)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString("grant_type=client_credentials"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return JSON.readTree(answer.body()).path("access_token").asString();
    }

    private HttpResponse<String> ask(boolean direct, int customer, String token)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(
                                "http://127.0.0.1:" + (direct ? province : city).port() + path(direct, customer)))
                        .header("Authorization", "Bearer " + token)
                        .header("X-Operator", "window-3")
                        .header("X-Case", "JZ-2026-0042")
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The city hears of its grant by itself. */
    private void awaitGrant(String token) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (ask(false, 1, token).statusCode() != 200) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("The city has not heard of its grant: "
                        + ask(false, 1, token).body());
            }
        }
    }

    /** Whether both ways give the rows that PostgreSQL has. */
    private boolean equal(String direct, String across, int customers)
            throws IOException, InterruptedException, SQLException {
        int different = 0;
        try (Connection database = source.connect();
                PreparedStatement statement = database.prepareStatement(
                        "select c_address, c_phone, c_comment from customer where c_custkey = ?")) {
            Random random = new Random(7);
            for (int i = 0; i < COMPARED; i++) {
                int customer = 1 + random.nextInt(customers);
                statement.setInt(1, customer);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    for (boolean own : List.of(true, false)) {
                        JsonNode found = JSON.readTree(ask(own, customer, own ? direct : across)
                                        .body())
                                .path("rows")
                                .path(0);
                        boolean same = found.path("c_address").asString("").equals(row.getString(1))
                                && found.path("c_phone").asString("").equals(row.getString(2))
                                && found.path("c_comment").asString("").equals(row.getString(3));
                        different += same ? 0 : 1;
                    }
                }
            }
        }
        log.say("parity    %,d of %,d answers are not PostgreSQL's row", different, 2 * COMPARED);
        return different == 0;
    }
}

package org.qiantang.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * A data service that gives one row by its key, with everything that governs it (token, grant, masks, quota, evidence), beside pgbench's
 * prepared lookup of the same row in a PostgreSQL of its own.
 */
public final class ServicesBench {
    private static final Map<String, String> DEFAULTS =
            Map.of("customers", "150000", "pairs", "5", "seconds", "10", "connections", "64");
    private static final String USAGE =
            "bin/bench services [--customers N] [--pairs N] [--seconds S] [--connections N]";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String COLUMNS = "c_custkey, c_name, c_address, c_nationkey, c_phone, c_mktsegment, c_comment";
    private static final int COMPARED = 2_000;
    /** One client may call one service ten thousand times a second at the most. */
    private static final int SERVICES = 4;

    private final Arguments arguments;
    private final Log log;
    private final Path work;
    private final Source source;
    private final Hub hub;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

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
        boolean equal = answering.parity(customers);
        List<Double> ratios = new ArrayList<>();
        for (int pair = 1; pair <= arguments.number("pairs"); pair++) {
            double direct;
            Wrk governed;
            if (pair % 2 == 1) {
                direct = pgbench(customers);
                governed = wrk(answering.token(), customers);
            } else {
                governed = wrk(answering.token(), customers);
                direct = pgbench(customers);
            }
            ratios.add(governed.perSecond / direct);
            log.say(
                    "pair %d    pgbench %,.0f/s, data service %,.0f/s, half within %s, 99 %% within %s: %.3f; fsyncs %s/s, load %.2f",
                    pair,
                    direct,
                    governed.perSecond,
                    governed.half,
                    governed.most,
                    ratios.getLast(),
                    Machine.fsyncsPerSecond(work),
                    Machine.load());
            equal &= governed.refused == 0;
        }
        log.ratio("calls a second / pgbench prepared", ratios);
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
        return equal;
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

    private double pgbench(int customers) throws IOException, InterruptedException {
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
                                arguments.text("seconds"),
                                source.libpqUrl()),
                        work)
                .output();
        return Double.parseDouble(found("tps = ([0-9.]+)", said));
    }

    private record Wrk(double perSecond, String half, String most, long refused) {}

    private Wrk wrk(String token, int customers) throws IOException, InterruptedException {
        Path wrk = Commands.find("wrk");
        if (wrk == null) {
            throw new IllegalStateException("Cannot measure: wrk is missing. Install wrk.");
        }
        Path script = Files.writeString(work.resolve("call.lua"), """
                wrk.headers["Authorization"] = "Bearer %s"
                wrk.headers["X-Operator"] = "window-3"
                wrk.headers["X-Case"] = "JZ-2026-0042"
                request = function()
                  return wrk.format("GET", "/services/customer-" .. math.random(0, %d) .. "/v1?custkey=" .. math.random(1, %d))
                end
                """.formatted(token, SERVICES - 1, customers));
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
                                "http://127.0.0.1:" + hub.port()),
                        work)
                .output();
        Matcher refused = Pattern.compile("Non-2xx or 3xx responses: ([0-9]+)").matcher(said);
        long no = refused.find() ? Long.parseLong(refused.group(1)) : 0;
        if (no > 0) {
            log.say("refused   %,d calls", no);
        }
        return new Wrk(
                Double.parseDouble(found("Requests/sec: +([0-9.]+)", said)),
                found("50% +([0-9.a-z]+)", said),
                found("99% +([0-9.a-z]+)", said),
                no);
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

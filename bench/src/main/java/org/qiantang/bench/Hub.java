package org.qiantang.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The program under measurement: an empty installation on a fresh home, asked over its API and by its command. */
final class Hub implements AutoCloseable {
    static final String VERSION = "Qiantang 0.1.0-SNAPSHOT";
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path work;
    private final Path home;
    private final Path command;
    private final Process starter;
    private final long pid;
    private final String url;
    private final String token;
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private Hub(Path work, Path home, Path command, Process starter, JsonNode address) throws IOException {
        this.work = work;
        this.home = home;
        this.command = command;
        this.starter = starter;
        this.pid = address.get("pid").asLong();
        this.url = address.get("url").asString();
        this.token = Files.readString(home.resolve("secrets/operator.token")).strip();
    }

    /**
     * Starts the hub and waits until it answers.
     *
     * @param work where its home is made; what was there is deleted
     * @param checkout the folder that holds bin/, built
     */
    static Hub start(Path work, Path checkout) throws IOException, InterruptedException {
        return start(work, checkout, Map.of());
    }

    /** @param configuration keys as the environment spells them, {@code QIANTANG_PROFILES} */
    static Hub start(Path work, Path checkout, Map<String, String> configuration)
            throws IOException, InterruptedException {
        Path home = work.resolve("home");
        PeerLeg.delete(home);
        Path log = work.resolve("hub.log");
        ProcessBuilder builder = new ProcessBuilder(
                        checkout.resolve("bin/run").toString(),
                        "--home",
                        home.toString(),
                        "--port",
                        Integer.toString(freePort()),
                        "--empty")
                .redirectOutput(log.toFile())
                .redirectErrorStream(true);
        builder.environment().putAll(configuration);
        Process starter = builder.start();
        Path address = home.resolve("run/hub.json");
        Instant deadline = Instant.now().plus(START);
        while (!Files.exists(address)) {
            if (starter.waitFor(Duration.ofMillis(200)) || Instant.now().isAfter(deadline)) {
                starter.destroy();
                throw new IllegalStateException("Cannot measure: the hub did not start. It said: "
                        + Files.readString(log).strip());
            }
        }
        return new Hub(work, home, checkout.resolve("bin/qiantang"), starter, JSON.readTree(address));
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    int port() {
        return URI.create(url).getPort();
    }

    /** Runs {@code bin/qiantang} on this home. */
    Commands.Finished command(String... words) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(command.toString(), "--home", home.toString()));
        line.addAll(List.of(words));
        return Commands.run(line, work);
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return JSON.readTree(send(request(path).GET()));
    }

    /** @param body written as JSON; null for none */
    JsonNode post(String path, @Nullable Object body) throws IOException, InterruptedException {
        HttpRequest.BodyPublisher bytes = body == null
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body));
        return JSON.readTree(send(request(path).POST(bytes)));
    }

    /** All rows of a query as CSV, whose numbers are exact. */
    String csv(String sql) throws IOException, InterruptedException {
        return send(request("api/sql/export?format=csv")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(Map.of("sql", sql)))));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url).resolve(path))
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json");
    }

    private String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpRequest sent = request.build();
        HttpResponse<String> answer = http.send(sent, HttpResponse.BodyHandlers.ofString(UTF_8));
        if (answer.statusCode() / 100 != 2) {
            throw new IllegalStateException(sent.method() + " " + sent.uri().getPath() + " was answered with "
                    + answer.statusCode() + ": " + answer.body());
        }
        return answer.body();
    }

    /** A session at the hub's own PostgreSQL, to put there what would take hours to collect. */
    Connection database() throws IOException, SQLException {
        String port = Files.readAllLines(home.resolve("postgres/data/postmaster.pid"))
                .get(3)
                .strip();
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + port + "/qiantang",
                "postgres",
                Files.readString(home.resolve("secrets/postgres.password")).strip());
    }

    /** CPU seconds of the hub with all its children and its own PostgreSQL. */
    double cpuSeconds() throws IOException {
        double sum = Processes.cpuSeconds(pid);
        Path postmaster = home.resolve("postgres/postmaster.pid");
        if (Files.exists(postmaster)) {
            long database =
                    Long.parseLong(Files.readAllLines(postmaster).getFirst().strip());
            if (!Processes.tree(pid).contains(database)) {
                sum += Processes.cpuSeconds(database);
            }
        }
        return sum;
    }

    /** The process of the program itself. */
    long pid() {
        return pid;
    }

    /** CPU seconds of its own PostgreSQL with all its backends. */
    double databaseCpuSeconds() throws IOException {
        return Processes.cpuSeconds(Long.parseLong(Files.readAllLines(home.resolve("postgres/data/postmaster.pid"))
                .getFirst()
                .strip()));
    }

    /** The one process that holds a table's rows while they pass. */
    long worker() throws IOException {
        List<Long> found = new ArrayList<>();
        for (long process : Processes.tree(pid)) {
            String line = Processes.commandLine(process);
            if (line.contains("java") && line.matches("(?s).*[ .]worker\\b.*")) {
                found.add(process);
            }
        }
        if (found.size() != 1) {
            throw new IllegalStateException("The hub has " + found.size() + " workers, not one.");
        }
        return found.getFirst();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        http.close();
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
        if (!starter.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
            starter.destroyForcibly();
        }
        PeerLeg.delete(home);
    }
}

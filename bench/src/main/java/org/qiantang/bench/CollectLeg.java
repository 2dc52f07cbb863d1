package org.qiantang.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Our full collection as an engineer starts it: the command against a hub that is already running, from the first look at the
 * source to the committed tables and the signed receipt.
 */
final class CollectLeg implements Leg {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration STOP = Duration.ofSeconds(60);
    private static final String NAME = "tpch";

    private final Source source;
    private final Path work;
    private final Path home;
    private final Path command;
    private final Process starter;
    private final long hub;

    /** @param checkout the folder that holds bin/, built */
    CollectLeg(Source source, Path work, Path checkout) throws IOException, InterruptedException {
        this.source = source;
        this.work = work;
        this.home = work.resolve("home");
        this.command = checkout.resolve("bin/qiantang");
        PeerLeg.delete(home);
        Path log = work.resolve("hub.log");
        this.starter = new ProcessBuilder(
                        checkout.resolve("bin/run").toString(),
                        "--home",
                        home.toString(),
                        "--port",
                        Integer.toString(freePort()),
                        "--empty")
                .redirectOutput(log.toFile())
                .redirectErrorStream(true)
                .start();
        Path address = home.resolve("run/hub.json");
        Instant deadline = Instant.now().plus(START);
        while (!Files.exists(address)) {
            if (starter.waitFor(Duration.ofMillis(200)) || Instant.now().isAfter(deadline)) {
                starter.destroy();
                throw new IllegalStateException("Cannot measure the collection: the hub did not start. It said: "
                        + Files.readString(log).strip());
            }
        }
        this.hub = new ObjectMapper().readTree(address).get("pid").asLong();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public String name() {
        return "qiantang";
    }

    @Override
    public String version() {
        return "Qiantang 0.1.0-SNAPSHOT";
    }

    @Override
    public Measured run() throws IOException, InterruptedException {
        long worker = worker();
        Processes.forgetPeak(worker);
        double sourceBefore = Processes.cpuSeconds(source.pid());
        double ownBefore = cpuSeconds();
        Commands.Finished finished = Commands.run(
                List.of(
                        command.toString(),
                        "--home",
                        home.toString(),
                        "collect",
                        source.url() + "?user=" + Source.USER + "&password=" + Source.PASSWORD,
                        "--name",
                        NAME,
                        "--department",
                        "transport"),
                work);
        double ownAfter = cpuSeconds();
        double sourceAfter = Processes.cpuSeconds(source.pid());
        long peak = Processes.peakBytes(worker);
        if (peak == 0) {
            throw new IllegalStateException("The worker did not outlive the collection.");
        }
        JsonNode receipt = new ObjectMapper()
                .readTree(Commands.run(List.of(command.toString(), "--home", home.toString(), "receipt", NAME), work)
                        .output())
                .get("receipt");
        if (!receipt.get("verdict").asString().equals("complete")) {
            throw new IllegalStateException("The collection is not complete: " + receipt.get("missing"));
        }
        return new Measured(
                finished.wallSeconds(),
                Duration.between(
                                        Instant.parse(receipt.get("startedAt").asString()),
                                        Instant.parse(receipt.get("finishedAt").asString()))
                                .toMillis()
                        / 1e3,
                ownAfter - ownBefore,
                sourceAfter - sourceBefore,
                peak,
                OptionalLong.of(receipt.get("totals").get("bytes").asLong()));
    }

    /** The hub with all its children, its own PostgreSQL, and the commands that have ended. */
    private double cpuSeconds() throws IOException {
        double sum = Processes.endedChildrenCpuSeconds() + Processes.cpuSeconds(hub);
        Path postmaster = home.resolve("postgres/postmaster.pid");
        if (Files.exists(postmaster)) {
            long pid = Long.parseLong(Files.readAllLines(postmaster).getFirst().strip());
            if (!Processes.tree(hub).contains(pid)) {
                sum += Processes.cpuSeconds(pid);
            }
        }
        return sum;
    }

    /** The one process that holds a table's rows while they pass. */
    private long worker() throws IOException {
        List<Long> found = new ArrayList<>();
        for (long pid : Processes.tree(hub)) {
            String line = Processes.commandLine(pid);
            if (line.contains("java") && line.matches("(?s).*[ .]worker\\b.*")) {
                found.add(pid);
            }
        }
        if (found.size() != 1) {
            throw new IllegalStateException("The hub has " + found.size() + " workers, not one.");
        }
        return found.getFirst();
    }

    @Override
    public Optional<Digest> digest(Tpch.Table table) throws IOException, InterruptedException {
        String sql = Digest.query(table, "raw_" + NAME + ".public__" + table.name(), Digest.Dialect.DUCKDB);
        return Optional.of(Digest.ofCsv(Commands.run(
                        List.of(command.toString(), "--home", home.toString(), "sql", sql, "--format", "csv"), work)
                .output()));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        ProcessHandle.of(hub).ifPresent(ProcessHandle::destroy);
        if (!starter.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
            starter.destroyForcibly();
        }
        PeerLeg.delete(home);
    }
}

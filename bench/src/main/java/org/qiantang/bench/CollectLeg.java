package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/**
 * Our full collection as an engineer starts it: the command against a hub that is already running, from the first look at the
 * source to the committed tables and the signed receipt.
 */
final class CollectLeg implements Leg {
    static final String NAME = "qiantang";

    private final String name;
    private final Source source;
    private final String sourceName;
    private final Hub hub;

    /**
     * @param sourceName what the hub calls the source
     * @param checkout the folder that holds bin/, built
     */
    CollectLeg(Source source, String sourceName, Path work, Path checkout) throws IOException, InterruptedException {
        this(NAME, source, sourceName, work, checkout, Map.of());
    }

    /**
     * @param name the leg's own
     * @param configuration of the hub
     */
    CollectLeg(
            String name, Source source, String sourceName, Path work, Path checkout, Map<String, String> configuration)
            throws IOException, InterruptedException {
        this.name = name;
        this.source = source;
        this.sourceName = sourceName;
        this.hub = Hub.start(work, checkout, configuration);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String version() {
        return Hub.VERSION;
    }

    @Override
    public Measured run() throws IOException, InterruptedException {
        long worker = hub.worker();
        Processes.forgetPeak(worker);
        double sourceBefore = Processes.cpuSeconds(source.pid());
        double ownBefore = cpuSeconds();
        Commands.Finished finished = hub.command(
                "collect",
                source.url() + "?user=" + Source.USER + "&password=" + Source.PASSWORD,
                "--name",
                sourceName,
                "--department",
                "transport");
        double ownAfter = cpuSeconds();
        double sourceAfter = Processes.cpuSeconds(source.pid());
        long peak = Processes.peakBytes(worker);
        if (peak == 0) {
            throw new IllegalStateException("The worker did not outlive the collection.");
        }
        JsonNode receipt = receipt();
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

    /** What the newest collection says of itself. */
    JsonNode receipt() throws IOException, InterruptedException {
        return new ObjectMapper()
                .readTree(hub.command("receipt", sourceName).output())
                .get("receipt");
    }

    private double cpuSeconds() throws IOException {
        return Processes.endedChildrenCpuSeconds() + hub.cpuSeconds();
    }

    /** The lake's table of a table of the source's schema {@code public}. */
    String lakeTable(String table) {
        return "raw_" + sourceName + ".public__" + table;
    }

    /** Rows of a query over the lake as CSV. */
    String ask(String sql) throws IOException, InterruptedException {
        return hub.csv(sql);
    }

    @Override
    public Optional<Digest> digest(Tpch.Table table) throws IOException, InterruptedException {
        return Optional.of(
                Digest.ofCsv(ask(Digest.query(table.columns(), lakeTable(table.name()), Digest.Dialect.DUCKDB))));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        hub.close();
    }
}

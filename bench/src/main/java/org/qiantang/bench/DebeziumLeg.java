package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Debezium's embedded engine, whose consumer only counts: it hands over changes and writes none. */
final class DebeziumLeg implements Leg {
    private static final String SLOT = "bench_debezium";

    private final Source source;
    private final Changes changes;
    private final Path work;
    private final String classpath;

    /** @param module the folder bench/debezium, built */
    DebeziumLeg(Source source, Changes changes, Path work, Path module) throws IOException, SQLException {
        this.source = source;
        this.changes = changes;
        this.work = work;
        this.classpath = module.resolve("target/classes") + ":"
                + Files.readString(module.resolve("target/classpath")).strip();
        changes.createSlot(SLOT);
    }

    @Override
    public String name() {
        return "debezium";
    }

    @Override
    public String version() {
        return Stream.of(classpath.split(":", -1))
                .map(jar -> Path.of(jar).getFileName().toString())
                .filter(jar -> jar.startsWith("debezium-embedded-"))
                .findFirst()
                .map(jar -> "Debezium " + jar.replaceAll("debezium-embedded-|\\.jar", ""))
                .orElse("Debezium");
    }

    @Override
    public Measured run() throws IOException, InterruptedException, SQLException {
        double sourceBefore = Processes.cpuSeconds(source.pid());
        double toolBefore = Processes.endedChildrenCpuSeconds();
        Commands.Finished finished = Commands.run(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx512m",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        classpath,
                        "org.qiantang.bench.debezium.DebeziumPeer",
                        "127.0.0.1",
                        Integer.toString(source.port()),
                        Source.USER,
                        Source.PASSWORD,
                        "postgres",
                        SLOT,
                        Changes.PUBLICATION,
                        Long.toString(changes.perPair())),
                work);
        changes.advance(SLOT);
        double events = figure(finished, "created") + figure(finished, "updated") + figure(finished, "deleted");
        if (events != changes.perPair()) {
            throw new IllegalStateException("Debezium handed over " + events + " changes, not " + changes.perPair());
        }
        return new Measured(
                finished.wallSeconds(),
                figure(finished, "seconds"),
                Processes.endedChildrenCpuSeconds() - toolBefore,
                Processes.cpuSeconds(source.pid()) - sourceBefore,
                finished.peakBytes(),
                OptionalLong.empty());
    }

    private static double figure(Commands.Finished finished, String name) {
        return finished.output()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {}
}

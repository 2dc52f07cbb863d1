package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** Spark as most people run it for this job: JDBC ranges in, Parquet out, as many threads as we have processors here. */
final class PeerLeg implements Leg {
    private final Source source;
    private final Path work;
    private final Path output;
    private final String classpath;

    /** @param peer the folder of the module bench/peer, built */
    PeerLeg(Source source, Path work, Path peer) throws IOException {
        this.source = source;
        this.work = work;
        this.output = work.resolve("peer");
        Path libraries = peer.resolve("target/classpath");
        if (!Files.exists(libraries)) {
            throw new IllegalStateException(
                    "Cannot measure the peer: bench/peer is not built. Start bin/bench collect," + " which builds it.");
        }
        this.classpath = peer.resolve("target/classes") + ":"
                + Files.readString(libraries).strip();
    }

    @Override
    public String name() {
        return "spark";
    }

    @Override
    public String version() {
        return Stream.of(classpath.split(":", -1))
                .map(jar -> Path.of(jar).getFileName().toString())
                .filter(jar -> jar.startsWith("spark-sql_"))
                .findFirst()
                .map(jar -> "Spark " + jar.replaceAll("spark-sql_[^-]*-|\\.jar", ""))
                .orElse("Spark");
    }

    @Override
    public Measured run() throws IOException, InterruptedException {
        delete(output);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx2g",
                "--sun-misc-unsafe-memory-access=allow",
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+IgnoreUnrecognizedVMOptions"));
        for (String opened : List.of(
                "java.lang",
                "java.lang.invoke",
                "java.lang.reflect",
                "java.io",
                "java.net",
                "java.nio",
                "java.util",
                "java.util.concurrent",
                "java.util.concurrent.atomic",
                "jdk.internal.ref",
                "sun.nio.ch",
                "sun.nio.cs",
                "sun.security.action",
                "sun.util.calendar")) {
            command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED");
        }
        command.addAll(List.of(
                "-cp",
                classpath,
                "org.qiantang.bench.peer.SparkPeer",
                source.url(),
                Source.USER,
                Source.PASSWORD,
                output.toString()));
        for (Tpch.Table table : Tpch.tables()) {
            command.add(table.name() + ":" + table.splitColumn());
        }
        double sourceBefore = Processes.cpuSeconds(source.pid());
        double toolBefore = Processes.endedChildrenCpuSeconds();
        Commands.Finished finished = Commands.run(command, work);
        return new Measured(
                finished.wallSeconds(),
                finished.output()
                        .lines()
                        .filter(line -> line.startsWith("seconds "))
                        .mapToDouble(line -> Double.parseDouble(line.substring("seconds ".length())))
                        .findFirst()
                        .orElseThrow(),
                Processes.endedChildrenCpuSeconds() - toolBefore,
                Processes.cpuSeconds(source.pid()) - sourceBefore,
                finished.peakBytes(),
                OptionalLong.of(size(output)));
    }

    @Override
    public Optional<Digest> digest(Tpch.Table table) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:")) {
            return Optional.of(Digest.of(
                    connection,
                    table.columns(),
                    "read_parquet('" + output.resolve(table.name()) + "/*.parquet')",
                    Digest.Dialect.DUCKDB));
        }
    }

    @Override
    public void close() throws IOException {
        delete(output);
    }

    static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".parquet"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

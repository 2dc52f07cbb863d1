package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** SeaTunnel on its own engine in one process: one job with all tables, two readers each, Parquet on the disk. */
final class SeaTunnelLeg implements Leg {
    private final Source source;
    private final Path work;
    private final Path home;
    private final Path output;
    private final String classpath;

    /** @param module the folder bench/seatunnel, built */
    SeaTunnelLeg(Source source, Path work, Path module) throws IOException {
        this.source = source;
        this.work = work;
        this.home = Files.createDirectories(work.resolve("seatunnel"));
        this.output = work.resolve("seatunnel-output");
        this.classpath = Files.readString(module.resolve("target/classpath")).strip();
        Files.writeString(home.resolve("seatunnel.yaml"), """
                seatunnel:
                  engine:
                    backup-count: 0
                    slot-service:
                      dynamic-slot: true
                    checkpoint:
                      storage:
                        type: localfile
                        plugin-config:
                          namespace: %s/
                """.formatted(home.resolve("checkpoints")));
        // As its distribution has it; with two threads, which two processors would give it, the tables block each other
        // for good.
        Files.writeString(home.resolve("hazelcast.yaml"), """
                hazelcast:
                  network:
                    join:
                      tcp-ip:
                        enabled: true
                        member-list: [127.0.0.1]
                    port:
                      auto-increment: true
                      port: 5801
                  properties:
                    hazelcast.phone.home.enabled: false
                    hazelcast.logging.type: log4j2
                    hazelcast.operation.generic.thread.count: 50
                """);
        Files.writeString(home.resolve("hazelcast-client.yaml"), """
                hazelcast-client:
                  network:
                    cluster-members: [127.0.0.1:5801]
                """);
        Files.writeString(home.resolve("log4j2.properties"), """
                rootLogger.level = WARN
                rootLogger.appenderRef.console.ref = console
                appender.console.type = Console
                appender.console.name = console
                appender.console.layout.type = PatternLayout
                appender.console.layout.pattern = %p %c{1} %m%n
                logger.job.name = org.apache.seatunnel.core.starter.seatunnel.command.ClientExecuteCommand
                logger.job.level = INFO
                """);
        Files.writeString(home.resolve("job.conf"), job());
    }

    private String job() {
        StringBuilder sources = new StringBuilder();
        StringBuilder sinks = new StringBuilder();
        for (Tpch.Table table : Tpch.tables()) {
            sources.append("""
                      Jdbc {
                        url = "%s"
                        driver = "org.postgresql.Driver"
                        user = "%s"
                        password = "%s"
                        query = "select * from %s"
                        partition_column = "%s"
                        partition_num = 2
                        fetch_size = 10000
                        result_table_name = "%s"
                      }
                    """.formatted(
                    source.url(), Source.USER, Source.PASSWORD, table.name(), table.splitColumn(), table.name()));
            sinks.append("""
                      LocalFile {
                        source_table_name = "%s"
                        path = "%s"
                        tmp_path = "%s"
                        file_format_type = "parquet"
                        compress_codec = "snappy"
                      }
                    """.formatted(
                            table.name(), output.resolve(table.name()), output.resolve("unfinished-" + table.name())));
        }
        return "env { parallelism = 2, job.mode = \"BATCH\" }\nsource {\n" + sources + "}\nsink {\n" + sinks + "}\n";
    }

    @Override
    public String name() {
        return "seatunnel";
    }

    @Override
    public String version() {
        return Stream.of(classpath.split(":", -1))
                .map(jar -> Path.of(jar).getFileName().toString())
                .filter(jar -> jar.startsWith("seatunnel-starter-"))
                .findFirst()
                .map(jar -> "SeaTunnel " + jar.replaceAll("seatunnel-starter-|\\.jar", ""))
                .orElse("SeaTunnel");
    }

    @Override
    public Measured run() throws IOException, InterruptedException {
        PeerLeg.delete(output);
        double sourceBefore = Processes.cpuSeconds(source.pid());
        double toolBefore = Processes.endedChildrenCpuSeconds();
        Commands.Finished finished = Commands.run(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-Xmx2g",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "--add-modules=java.se",
                        "--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED",
                        "--add-opens=java.base/java.lang=ALL-UNNAMED",
                        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                        "--add-opens=java.management/sun.management=ALL-UNNAMED",
                        "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
                        "-DSEATUNNEL_HOME=" + home,
                        "-Dseatunnel.config=" + home.resolve("seatunnel.yaml"),
                        "-Dhazelcast.config=" + home.resolve("hazelcast.yaml"),
                        "-Dhazelcast.client.config=" + home.resolve("hazelcast-client.yaml"),
                        "-Dlog4j2.configurationFile=" + home.resolve("log4j2.properties"),
                        "-cp",
                        classpath,
                        "org.apache.seatunnel.core.starter.seatunnel.SeaTunnelClient",
                        "--config",
                        home.resolve("job.conf").toString(),
                        "--master",
                        "local"),
                work);
        return new Measured(
                finished.wallSeconds(),
                finished.output()
                        .lines()
                        .filter(line -> line.startsWith("Total Time(s)"))
                        .mapToDouble(line -> Double.parseDouble(line.replaceAll(".*:", "")))
                        .findFirst()
                        .orElseThrow(() ->
                                new IllegalStateException("SeaTunnel did not say its time: " + finished.output())),
                Processes.endedChildrenCpuSeconds() - toolBefore,
                Processes.cpuSeconds(source.pid()) - sourceBefore,
                finished.peakBytes(),
                OptionalLong.of(PeerLeg.size(output)));
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
        PeerLeg.delete(output);
    }
}

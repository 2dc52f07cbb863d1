package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;

/** The floor of following: {@code pg_recvlogical} that reads the decoded log to nowhere. */
final class DecodeLeg implements Leg {
    private static final String SLOT = "bench_decode";

    private final Source source;
    private final Changes changes;
    private final Path program;
    private final String version;

    DecodeLeg(Source source, Changes changes, Path work) throws IOException, InterruptedException, SQLException {
        this.source = source;
        this.changes = changes;
        this.program = Installed.program("pg_recvlogical");
        this.version = Installed.versionOf(program, work);
        changes.createSlot(SLOT);
    }

    @Override
    public String name() {
        return "decode";
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Measured run() throws IOException, InterruptedException, SQLException {
        double sourceBefore = Processes.cpuSeconds(source.pid());
        double toolBefore = Processes.endedChildrenCpuSeconds();
        long start = System.nanoTime();
        Process reader = new ProcessBuilder(List.of(
                        program.toString(),
                        "--dbname=" + source.libpqUrl(),
                        "--slot=" + SLOT,
                        "--start",
                        "--no-loop",
                        "--endpos=" + changes.end(),
                        "--option=proto_version=1",
                        "--option=publication_names=" + Changes.PUBLICATION,
                        "--file=-"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long peak = Commands.watch(reader);
        double wall = (System.nanoTime() - start) / 1e9;
        if (reader.exitValue() != 0) {
            throw new IllegalStateException("pg_recvlogical ended with " + reader.exitValue());
        }
        changes.advance(SLOT);
        return new Measured(
                wall,
                wall,
                Processes.endedChildrenCpuSeconds() - toolBefore,
                Processes.cpuSeconds(source.pid()) - sourceBefore,
                peak,
                OptionalLong.empty());
    }

    @Override
    public void close() {}
}

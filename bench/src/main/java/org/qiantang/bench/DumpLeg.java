package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** One {@code pg_dump} of the whole database to nowhere, uncompressed: what an engineer types who wants everything. */
final class DumpLeg implements Leg {
    private final Source source;
    private final Path program;
    private final String version;

    DumpLeg(Source source, Path work) throws IOException, InterruptedException {
        this.source = source;
        this.program = Installed.program("pg_dump");
        this.version = Installed.versionOf(program, work);
    }

    @Override
    public String name() {
        return "pg_dump";
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public Measured run() throws IOException, InterruptedException {
        double sourceBefore = Processes.cpuSeconds(source.pid());
        double toolBefore = Processes.endedChildrenCpuSeconds();
        long start = System.nanoTime();
        Process dump = new ProcessBuilder(List.of(program.toString(), source.libpqUrl()))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long peak = Commands.watch(dump);
        double wall = (System.nanoTime() - start) / 1e9;
        if (dump.exitValue() != 0) {
            throw new IllegalStateException("pg_dump ended with " + dump.exitValue());
        }
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

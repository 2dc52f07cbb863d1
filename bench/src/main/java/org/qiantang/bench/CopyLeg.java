package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The floor nobody who reads over a connection gets under: two psql that copy every row to nowhere, half of each table each. */
final class CopyLeg implements Leg {
    private static final long PAGES_WORTH_HALVING = 1_000;

    private final Source source;
    private final Path psql;
    private final List<List<String>> halves;
    private final String version;

    CopyLeg(Source source, Path work) throws IOException, InterruptedException, SQLException {
        this.source = source;
        this.psql = Installed.program("psql");
        this.version = Installed.versionOf(psql, work);
        this.halves = List.of(command(), command());
        int small = 0;
        for (Tpch.Table table : Tpch.tables()) {
            long pages = source.pages(table);
            if (pages > PAGES_WORTH_HALVING) {
                String middle = "'(" + pages / 2 + ",0)'::tid";
                copy(halves.get(0), table, " where ctid < " + middle);
                copy(halves.get(1), table, " where ctid >= " + middle);
            } else {
                copy(halves.get(small++ % 2), table, "");
            }
        }
    }

    private List<String> command() {
        return new ArrayList<>(List.of(psql.toString(), "-X", "-q", "-v", "ON_ERROR_STOP=1", source.libpqUrl()));
    }

    private static void copy(List<String> command, Tpch.Table table, String where) {
        command.add("-c");
        command.add("copy (select * from " + table.name() + where + ") to stdout");
    }

    @Override
    public String name() {
        return "copy";
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
        List<Process> readers = new ArrayList<>();
        for (List<String> half : halves) {
            readers.add(new ProcessBuilder(half)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start());
        }
        long peak = 0;
        for (Process reader : readers) {
            peak = Math.max(peak, Commands.watch(reader));
            if (reader.exitValue() != 0) {
                throw new IllegalStateException("psql ended with " + reader.exitValue());
            }
        }
        double wall = (System.nanoTime() - start) / 1e9;
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

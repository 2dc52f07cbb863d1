package org.qiantang.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;

/** The machine under a figure and how busy its other tenants keep it: without these a figure means nothing a day later. */
final class Machine {
    private Machine() {}

    /** Processors, memory, kernel and processor model; nothing that names the machine. */
    static String description() throws IOException {
        String model = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .findFirst()
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .orElse("unknown processor");
        long kibibytes = Long.parseLong(
                Files.readAllLines(Path.of("/proc/meminfo")).getFirst().replaceAll("\\D", ""));
        return "%d processors (%s), %.1f GiB, Linux %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        model,
                        kibibytes / 1024.0 / 1024.0,
                        System.getProperty("os.version").replaceAll("-.*", ""));
    }

    static double load() throws IOException {
        return Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).replaceFirst(" (?s).*", ""));
    }

    /** Ticks of all processors since the machine began, and of these the ones the host gave to others. */
    record Ticks(long all, long stolen) {
        static Ticks now() throws IOException {
            long[] fields = Arrays.stream(Files.readAllLines(Path.of("/proc/stat"))
                            .getFirst()
                            .strip()
                            .split(" +"))
                    .skip(1)
                    .mapToLong(Long::parseLong)
                    .toArray();
            return new Ticks(Arrays.stream(fields).limit(8).sum(), fields[7]);
        }

        double percentStolenSince(Ticks earlier) {
            return 100.0 * (stolen - earlier.stolen) / Math.max(1, all - earlier.all);
        }
    }

    /** How often a second this disk makes 8 KiB durable. */
    static String fsyncsPerSecond(Path folder) throws IOException {
        Path file = folder.resolve("fsync");
        int count = 0;
        long start = System.nanoTime();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            while (System.nanoTime() - start < 1_000_000_000L) {
                channel.write(ByteBuffer.allocate(8192), 0);
                channel.force(false);
                count++;
            }
        } finally {
            Files.deleteIfExists(file);
        }
        return String.format(Locale.ROOT, "%d", count);
    }
}

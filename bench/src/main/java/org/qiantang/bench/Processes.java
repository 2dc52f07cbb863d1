package org.qiantang.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What the kernel says of processes: their CPU time, their highest memory and who started whom. Linux only. */
final class Processes {
    private static final Path PROC = Path.of("/proc");
    private static final double TICKS_PER_SECOND = 100;

    private Processes() {}

    /**
     * CPU seconds of a process, of its descendants that live and of those that have ended. One that ends while its parent and
     * then itself are being read would be counted nowhere, so a reading counts only when nobody came or went meanwhile.
     */
    static double cpuSeconds(long root) throws IOException {
        while (true) {
            Set<Long> before = tree(root);
            long ticks = 0;
            for (long pid : before) {
                ticks += ticks(pid, 11, 14);
            }
            if (before.equals(tree(root))) {
                return ticks / TICKS_PER_SECOND;
            }
        }
    }

    /** CPU seconds of the children of this program that have ended, with all of theirs. */
    static double endedChildrenCpuSeconds() throws IOException {
        return ticks(ProcessHandle.current().pid(), 13, 14) / TICKS_PER_SECOND;
    }

    /** Sums fields of /proc/PID/stat, counted from the state letter as 0: 11 utime, 12 stime, 13 cutime, 14 cstime. */
    private static long ticks(long pid, int from, int to) throws IOException {
        String[] fields = stat(pid);
        long sum = 0;
        for (int i = from; i <= to && i < fields.length; i++) {
            sum += Long.parseLong(fields[i]);
        }
        return sum;
    }

    /** The fields after the command's name, which may itself hold spaces; none when the process is gone. */
    private static String[] stat(long pid) throws IOException {
        try {
            String line = Files.readString(PROC.resolve(pid + "/stat"));
            return line.substring(line.lastIndexOf(')') + 2).strip().split(" ");
        } catch (NoSuchFileException e) {
            return new String[0];
        } catch (IOException e) {
            if (!Files.exists(PROC.resolve(Long.toString(pid)))) {
                return new String[0];
            }
            throw e;
        }
    }

    /** A process and all its living descendants. */
    static Set<Long> tree(long root) throws IOException {
        Map<Long, List<Long>> children = new HashMap<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (Path process : processes) {
                long pid = Long.parseLong(process.getFileName().toString());
                String[] fields = stat(pid);
                if (fields.length > 1) {
                    children.computeIfAbsent(Long.parseLong(fields[1]), parent -> new ArrayList<>())
                            .add(pid);
                }
            }
        }
        Set<Long> found = new TreeSet<>();
        List<Long> queue = new ArrayList<>(List.of(root));
        while (!queue.isEmpty()) {
            long pid = queue.removeLast();
            if (found.add(pid)) {
                queue.addAll(children.getOrDefault(pid, List.of()));
            }
        }
        return found;
    }

    /** The command line with spaces between the arguments; empty when the process is gone. */
    static String commandLine(long pid) {
        try {
            return Files.readString(PROC.resolve(pid + "/cmdline")).replace('\0', ' ');
        } catch (IOException e) {
            return "";
        }
    }

    /** The highest resident memory since the process began or since {@link #forgetPeak}, in bytes; 0 when it is gone. */
    static long peakBytes(long pid) {
        try {
            for (String line : Files.readAllLines(PROC.resolve(pid + "/status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return 0;
    }

    /** Starts the measurement of the highest memory anew for a process that goes on living. */
    static void forgetPeak(long pid) throws IOException {
        Files.writeString(PROC.resolve(pid + "/clear_refs"), "5");
    }
}

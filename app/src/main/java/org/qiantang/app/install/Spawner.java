package org.qiantang.app.install;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.qiantang.core.Problem;

/**
 * Starts the child processes so that none outlives the hub. The kernel itself is asked to signal a child when its parent dies, which
 * holds however the hub ends, {@code kill -9} included, and needs no third process that could be killed as well.
 */
final class Spawner {
    // The kernel counts the thread that started a child as its parent, so all children are started by one thread that
    // never ends.
    private static final ExecutorService FOREVER = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("qiantang-spawner").factory());

    // Covers the moment before the kernel was asked: a child whose parent is gone already does not begin. PPID is $0.
    private static final String UNLESS_ORPHANED = "[ \"$PPID\" = \"$0\" ] || exit 70; exec \"$@\"";

    private Spawner() {}

    /**
     * @param identity command words that change the account the child runs as, possibly none
     * @param whenOrphaned the signal the child gets when the hub is gone: INT, TERM or KILL
     * @param command the program and its arguments
     * @param builder carries the environment, the directory and the redirections
     */
    static Process start(List<String> identity, String whenOrphaned, List<String> command, ProcessBuilder builder) {
        List<String> words = new ArrayList<>();
        // An own session: a Ctrl-C at the terminal is for the hub, which then stops its children in order.
        words.add(tool("setsid"));
        words.addAll(identity);
        words.addAll(List.of(tool("setpriv"), "--pdeathsig", whenOrphaned));
        words.addAll(List.of(
                "/bin/sh",
                "-c",
                UNLESS_ORPHANED,
                String.valueOf(ProcessHandle.current().pid())));
        words.addAll(command);
        builder.command(words);
        try {
            return FOREVER.submit(builder::start).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw new UncheckedIOException(io);
            }
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while starting " + command.getFirst(), e);
        }
    }

    /** The full path of a system tool, which may be outside of the caller's search path. */
    static String tool(String name) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/bin:/bin:/usr/sbin:/sbin";
        for (String folder : path.split(":", -1)) {
            Path candidate = Path.of(folder).resolve(name);
            if (!folder.isEmpty() && Files.isExecutable(candidate)) {
                return candidate.toString();
            }
        }
        throw new Problem(InstallProblem.TOOL_MISSING, "tool", name);
    }
}

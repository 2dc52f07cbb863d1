package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.qiantang.core.Problem;

/**
 * The account PostgreSQL runs as. It refuses to run as root, and rightly so: an ordinary caller keeps his own account, root steps down
 * into a user namespace without any privilege, or, where the machine forbids those, to an ordinary account that then owns the data.
 */
record DatabaseUser(List<String> prefix, Optional<Account> owner) {
    /** An account by its numbers, as the kernel sees it. */
    record Account(String name, int uid, int gid) {}

    static DatabaseUser choose() {
        if (!isRoot()) {
            return new DatabaseUser(List.of(), Optional.empty());
        }
        List<String> namespace = List.of(Spawner.tool("unshare"), "-U");
        if (works(namespace)) {
            return new DatabaseUser(namespace, Optional.empty());
        }
        return steppingDown();
    }

    /** Root becoming an ordinary account of this machine. */
    static DatabaseUser steppingDown() {
        Account account = Stream.of("postgres", "nobody")
                .flatMap(name -> account(name).stream())
                .findFirst()
                .orElseThrow(() -> new Problem(
                        InstallProblem.NO_UNPRIVILEGED_USER, "reason", "/etc/passwd has neither postgres nor nobody"));
        List<String> prefix = List.of(
                Spawner.tool("setpriv"),
                "--reuid",
                String.valueOf(account.uid()),
                "--regid",
                String.valueOf(account.gid()),
                "--clear-groups");
        if (!works(prefix)) {
            throw new Problem(
                    InstallProblem.NO_UNPRIVILEGED_USER, "reason", "setpriv to " + account.name() + " failed");
        }
        return new DatabaseUser(prefix, Optional.of(account));
    }

    /** Gives a directory to the account, where it is another one than the caller. */
    void own(Path directory) throws IOException {
        if (owner.isPresent()) {
            Files.setAttribute(directory, "unix:uid", owner.get().uid(), LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(directory, "unix:gid", owner.get().gid(), LinkOption.NOFOLLOW_LINKS);
        }
    }

    /** Lets the account walk through a directory of ours without reading it. */
    void passThrough(Path directory) throws IOException {
        if (owner.isPresent()) {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
            permissions.add(PosixFilePermission.OTHERS_EXECUTE);
            Files.setPosixFilePermissions(directory, permissions);
        }
    }

    /** The account can get at a directory, all the way from the root. */
    boolean reaches(Path directory) {
        try {
            Process test = new ProcessBuilder(Stream.concat(
                                    prefix.stream(), Stream.of("/bin/sh", "-c", "cd \"$0\"", directory.toString()))
                            .toList())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return test.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static boolean isRoot() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
        } catch (IOException e) {
            return "root".equals(System.getProperty("user.name"));
        }
    }

    private static boolean works(List<String> prefix) {
        try {
            Process test = new ProcessBuilder(Stream.concat(prefix.stream(), Stream.of("/bin/true"))
                            .toList())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return test.waitFor(5, TimeUnit.SECONDS) && test.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Optional<Account> account(String name) {
        try (Stream<String> lines = Files.lines(Path.of("/etc/passwd"), UTF_8)) {
            return lines.map(line -> line.split(":"))
                    .filter(fields -> fields.length > 3 && fields[0].equals(name))
                    .map(fields -> new Account(name, Integer.parseInt(fields[2]), Integer.parseInt(fields[3])))
                    .findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}

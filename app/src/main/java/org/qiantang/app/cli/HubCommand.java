package org.qiantang.app.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.qiantang.app.TrialCity;
import org.qiantang.app.cli.Options.UsageException;
import org.qiantang.app.install.Home;
import org.qiantang.app.install.HomeLock;
import org.qiantang.app.install.HubOptions;
import org.qiantang.app.install.Installation;
import org.qiantang.app.install.Secrets.FirstAccount;
import org.qiantang.app.install.Settings;
import org.qiantang.app.install.ThisProgram;

/** Starts the installation and keeps it until it is told to stop. */
final class HubCommand {
    private final PrintStream out;
    private final PrintStream err;
    private final Texts texts;

    HubCommand(PrintStream out, PrintStream err, Texts texts) {
        this.out = out;
        this.err = err;
        this.texts = texts;
    }

    int run(List<String> words, Optional<String> leadingHome) {
        long began = ProcessHandle.current()
                .info()
                .startInstant()
                .map(java.time.Instant::toEpochMilli)
                .orElseGet(System::currentTimeMillis);
        Options options = Options.parse(words, Set.of("home", "port", "scale", "city"), Set.of("empty", "rehearse"));
        options.words();
        if (options.has("empty") && options.value("scale").isPresent()) {
            throw new UsageException("--empty and --scale exclude each other.");
        }
        HubOptions start = start(options);
        Optional<Double> scale = scale(options);
        Home home = Home.at(Path.of(options.value("home").or(() -> leadingHome).orElseGet(CommandLine::defaultHome)))
                .create();
        boolean production = Settings.of(home).database().isPresent();
        if (production && scale.isPresent()) {
            throw new UsageException(
                    "--scale is for a trial installation; with qiantang.database.url there is no demo city.");
        }
        Optional<Path> folder = options.value("city").map(Path::of);
        if (production && folder.isPresent()) {
            throw new UsageException(
                    "--city is for a trial installation; with qiantang.database.url there is no demo city.");
        }
        HomeLock lock = HomeLock.acquire(home);
        folder.ifPresent(home::adoptCity);
        Optional<TrialCity> city =
                TrialCity.of(home, production || options.has("empty") || options.has("rehearse"), scale);
        Installation installation = Installation.start(start, home, lock);
        if (start.purpose() == HubOptions.Purpose.REHEARSE) {
            rehearse(installation);
            TrialCity.rehearse(installation);
            installation.close();
            return CommandLine.COMPLETE;
        }
        announce(installation, Duration.ofMillis(System.currentTimeMillis() - began));
        city.ifPresent(wanted -> wanted.fill(installation, out));
        try {
            // Until a signal ends the process; the installation stops in the shutdown hook.
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        installation.close();
        return CommandLine.COMPLETE;
    }

    /** Walks once through what a first visitor does, so that the code on that way is known to the caches of hub, worker and client. */
    private static void rehearse(Installation installation) {
        collectAsClient(installation.home());
        HubClient hub = new HubClient(
                installation.address().url(), installation.secrets().operatorToken(), "zh-CN");
        for (Runnable step :
                List.<Runnable>of(hub::overview, hub::listDepartments, hub::listSources, hub::listTables)) {
            try {
                step.run();
            } catch (HubClient.Refusal e) {
                // A refusal is rehearsed as well as an answer.
            }
        }
    }

    private static void collectAsClient(Home home) {
        List<String> options = new ArrayList<>(List.of("-XX:+UseSerialGC", "-Xlog:aot*=off"));
        options.addAll(ThisProgram.recording(home.directory(), "client"));
        try {
            Path folder = Files.createTempDirectory("rehearsal");
            Path file = folder.resolve("rehearsal.csv");
            Files.writeString(file, "id,name,since\n1,东,2020-01-01\n2,西,\n");
            List<String> command = ThisProgram.command(
                    "client",
                    options,
                    "--home",
                    home.toString(),
                    "collect",
                    folder.toString(),
                    "--department",
                    "police",
                    "--name",
                    "rehearsal");
            new ProcessBuilder(command).inheritIO().start().waitFor();
            Files.delete(file);
            Files.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static HubOptions start(Options options) {
        String port = options.value("port").orElse(String.valueOf(HubOptions.DEFAULT_PORT));
        try {
            return new HubOptions(
                    Integer.parseInt(port),
                    options.has("rehearse") ? HubOptions.Purpose.REHEARSE : HubOptions.Purpose.SERVE);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--port is a number between 0 and 65535, not " + port + ".");
        }
    }

    private static Optional<Double> scale(Options options) {
        return options.value("scale").map(text -> {
            double scale;
            try {
                scale = Double.parseDouble(text);
            } catch (NumberFormatException e) {
                scale = Double.NaN;
            }
            if (!(scale >= TrialCity.SMALLEST_SCALE && scale <= TrialCity.LARGEST_SCALE)) {
                throw new UsageException("--scale is a number between " + TrialCity.SMALLEST_SCALE + " and "
                        + TrialCity.LARGEST_SCALE + ", not " + text + ".");
            }
            return scale;
        });
    }

    private void announce(Installation installation, Duration took) {
        out.printf(
                "%n钱塘 Qiantang %s · %s%n%n",
                ThisProgram.version(),
                texts.of(
                        "启动用时 %.1f 秒".formatted(took.toMillis() / 1000.0),
                        "up after %.1f s".formatted(took.toMillis() / 1000.0)));
        out.println("  打开 Open      " + installation.address().url());
        out.println("  目录 Home      " + installation.home());
        out.println("  日志 Log       " + installation.home().log());
        List<FirstAccount> accounts = installation.announcedAccounts();
        if (!accounts.isEmpty()) {
            out.println("  账号 Accounts");
        }
        for (FirstAccount account : accounts) {
            out.printf(
                    "    %-10s %-20s %s %s%n",
                    account.username(), account.password(), account.displayName(), account.displayNameEn());
        }
        out.println();
        out.println("  Ctrl-C 停止 stops everything.");
        out.println();
        out.flush();
        if (out.checkError()) {
            err.println("Standard output is closed.");
        }
    }
}

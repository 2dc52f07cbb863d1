package org.qiantang.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.qiantang.app.cli.HubClient;
import org.qiantang.app.demo.CityFolder;
import org.qiantang.app.demo.DatabaseServer;
import org.qiantang.app.demo.DemoCity;
import org.qiantang.app.demo.DemoSource;
import org.qiantang.app.install.Home;
import org.qiantang.app.install.Installation;
import org.qiantang.app.install.PostgresServer;
import org.qiantang.app.install.Secrets;
import org.qiantang.org.Accounts;
import org.qiantang.org.Actor;
import org.qiantang.org.Residents;
import tools.jackson.databind.JsonNode;

/**
 * Fills a trial installation with the demo city, the way a data bureau would with a real one: its source systems come into being, are
 * registered under their departments and are collected once. Every step finds out what is done already, so that after a kill at any
 * point the next start goes on from there.
 */
public final class TrialCity {
    public static final double SMALLEST_SCALE = 0.001;
    public static final double LARGEST_SCALE = 100;

    private static final double USUAL_SCALE = 1;
    private static final double REHEARSED_SCALE = 0.05;
    private static final int REHEARSALS = 8;
    private static final Duration REHEARSAL = Duration.ofMinutes(2);
    private static final int ATTEMPTS = 10;
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(200);
    private static final Duration BETWEEN_ATTEMPTS = Duration.ofSeconds(1);
    private static final System.Logger LOG = System.getLogger(TrialCity.class.getName());

    private final CityFolder folder;
    private final double scale;

    /** A source system as it is to be registered. */
    public record TrialSource(
            String name, String title, String departmentId, String location, String username, String password) {
        @Override
        public String toString() {
            return "TrialSource[" + name + ", " + location + "]";
        }
    }

    private TrialCity(CityFolder folder, double scale) {
        this.folder = folder;
        this.scale = scale;
    }

    /**
     * Decides whether a home gets the demo city: a new one does unless it is to be empty, and one that began with a city keeps it. A
     * home that began empty stays so until a scale is asked for, because real sources may live in it. Call it before the home's
     * secrets are made.
     */
    public static Optional<TrialCity> of(Home home, boolean empty, Optional<Double> scale) {
        Path choice = home.demo().resolve("scale");
        try {
            if (empty) {
                return Optional.empty();
            }
            CityFolder folder = home.city();
            if (Files.exists(choice)) {
                // The city that is there is not torn down for another size.
                return Optional.of(new TrialCity(
                        folder,
                        Double.parseDouble(Files.readString(choice, UTF_8).strip())));
            }
            if (scale.isEmpty() && Files.exists(home.operatorToken())) {
                return Optional.empty();
            }
            double wanted = scale.orElse(USUAL_SCALE);
            Files.writeString(choice, wanted + "\n", UTF_8);
            return Optional.of(new TrialCity(folder, wanted));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins on a thread of its own and returns at once. */
    public void fill(Installation installation, PrintStream out) {
        Thread.ofPlatform().daemon().name("trial-city").start(() -> {
            if (!Files.exists(truthFile(installation.home()))) {
                out.println("  演示城市 生成中 Making the demo city …");
            }
            for (int attempt = 1; ; attempt++) {
                try {
                    fillOnce(installation, out);
                    return;
                } catch (RuntimeException e) {
                    if (attempt == ATTEMPTS || Thread.currentThread().isInterrupted()) {
                        LOG.log(System.Logger.Level.ERROR, "The demo city is not complete.", e);
                        out.println("  演示城市未完成，下次启动时继续 The demo city is not complete; the next start continues.");
                        return;
                    }
                    // Most likely PostgreSQL was killed, and is on its way back.
                    LOG.log(System.Logger.Level.WARNING, "The demo city is tried again.", e);
                    LockSupport.parkNanos(BETWEEN_ATTEMPTS.multipliedBy(attempt).toNanos());
                }
            }
        });
    }

    /** Makes a small city and collects it again and again, for the JVM keeps what it learns while it is watched. */
    public static void rehearse(Installation installation) {
        List<TrialSource> sources = new TrialCity(CityFolder.builtIn(), REHEARSED_SCALE).generate(installation);
        HubClient hub = new HubClient(
                installation.address().url(), installation.secrets().operatorToken(), "zh-CN");
        long deadline = System.nanoTime() + REHEARSAL.toNanos();
        for (int round = 0; round < REHEARSALS && System.nanoTime() < deadline; round++) {
            List<String> runs = sources.stream()
                    .map(source -> hub.startRun(register(hub, source).path("id").asString(""))
                            .path("id")
                            .asString(""))
                    .toList();
            for (String run : runs) {
                while (!HubClient.hasEnded(hub.getRunSummary(run)) && System.nanoTime() < deadline) {
                    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
                }
            }
        }
    }

    private void fillOnce(Installation installation, PrintStream out) {
        List<TrialSource> sources = generate(installation);
        bindResident(installation);
        HubClient hub = new HubClient(
                installation.address().url(), installation.secrets().operatorToken(), "zh-CN");
        for (TrialSource source : sources) {
            collectOnce(hub, source, out);
        }
        refineOnce(hub, out);
    }

    /** Has the standard and base tables made, the way a data bureau would: from what was collected, text by text. */
    private void refineOnce(HubClient hub, PrintStream out) {
        Set<String> there = hub.listMappings().stream()
                .map(mapping -> mapping.path("table").asString(""))
                .collect(Collectors.toSet());
        List<String> wanted = folder.layers();
        if (there.size() >= wanted.size()) {
            return;
        }
        for (JsonNode source : hub.listSources()) {
            String run = source.path("lastRun").path("id").asString("");
            while (!run.isEmpty() && !HubClient.hasEnded(hub.getRunSummary(run))) {
                LockSupport.parkNanos(BETWEEN_LOOKS.toNanos());
            }
        }
        out.println("  治理 Refining  " + wanted.size());
        for (String text : wanted) {
            hub.awaitMapping(hub.applyMapping(text).path("state").path("table").asString(""));
        }
    }

    /** The trial's resident is somebody of the demo city. */
    private void bindResident(Installation installation) {
        Residents residents = installation.hub().getBean(Residents.class);
        installation
                .hub()
                .getBean(Accounts.class)
                .find(Secrets.RESIDENT)
                .filter(account -> residents.find(account).isEmpty())
                .ifPresent(account -> new DemoCity(folder, DemoCity.SEED, scale)
                        .objector()
                        .ifPresent(number -> residents.bind(Actor.INSTALLATION, account, number)));
    }

    /** Makes the source systems, or finds them as they were made at an earlier start. */
    private List<TrialSource> generate(Installation installation) {
        PostgresServer server = installation
                .postgres()
                .orElseThrow(
                        () -> new IllegalStateException("A trial city lives in the installation's own PostgreSQL"));
        Home home = installation.home();
        try {
            return new DemoCity(folder, DemoCity.SEED, scale)
                            .generate(
                                    new DatabaseServer(
                                            "127.0.0.1",
                                            server.port(),
                                            PostgresServer.SUPERUSER,
                                            installation.secrets().postgresPassword()),
                                    account -> Secrets.trialPassword(home, account),
                                    home.sources(),
                                    truthFile(home))
                            .stream()
                            .map(source -> trialSource(home, source))
                            .toList();
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("The demo city cannot be made: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while the demo city was made", e);
        }
    }

    private static Path truthFile(Home home) {
        return home.demo().resolve("truth.json");
    }

    private static TrialSource trialSource(Home home, DemoSource source) {
        String username = source.username();
        return new TrialSource(
                source.name(),
                source.title(),
                source.departmentId(),
                source.location(),
                username == null ? "" : username,
                username == null ? "" : Secrets.trialPassword(home, username));
    }

    private static void collectOnce(HubClient hub, TrialSource source, PrintStream out) {
        JsonNode registered = register(hub, source);
        // A run that a kill cut short is taken up again by the hub itself.
        if (!registered.path("lastRun").isObject()) {
            hub.startRun(registered.path("id").asString(""));
            out.println("  归集 Collecting  " + source.title());
        }
    }

    private static JsonNode register(HubClient hub, TrialSource source) {
        return hub.findSource(source.name())
                .orElseGet(() -> hub.createSource(
                        source.name(),
                        source.title(),
                        source.departmentId(),
                        source.location(),
                        source.username(),
                        source.password()));
    }
}

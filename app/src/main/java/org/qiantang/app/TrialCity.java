package org.qiantang.app;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import org.qiantang.app.cli.HubClient;
import org.qiantang.app.install.Installation;
import tools.jackson.databind.JsonNode;

/**
 * Fills a trial installation with the demo city, the way a data bureau would with a real one: its source systems come into being, are
 * registered under their departments and are collected once. Every step finds out what is done already, so that after a kill at any
 * point the next start goes on from there.
 */
public final class TrialCity {
    private static final System.Logger LOG = System.getLogger(TrialCity.class.getName());

    private final Installation installation;
    private final PrintStream out;

    /** A source system as it is to be registered. */
    public record TrialSource(
            String name, String title, String departmentId, String location, String username, String password) {
        @Override
        public String toString() {
            return "TrialSource[" + name + ", " + location + "]";
        }
    }

    private TrialCity(Installation installation, PrintStream out) {
        this.installation = installation;
        this.out = out;
    }

    /** Begins on a thread of its own and returns at once. */
    public static void start(Installation installation, double scale, PrintStream out) {
        TrialCity city = new TrialCity(installation, out);
        Thread.ofPlatform().daemon().name("trial-city").start(() -> city.fill(scale));
    }

    private void fill(double scale) {
        try {
            List<TrialSource> sources = generate(scale);
            HubClient hub = new HubClient(
                    installation.address().url(), installation.secrets().operatorToken(), "zh-CN");
            for (TrialSource source : sources) {
                collectOnce(hub, source);
            }
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The demo city is not complete; the next start continues.", e);
            out.println("演示城市未完成，下次启动时继续。The demo city is not complete; the next start continues.");
        }
    }

    /** Makes the source systems, or finds them as they were made at an earlier start. */
    private List<TrialSource> generate(double scale) {
        LOG.log(System.Logger.Level.DEBUG, "Demo city at scale {0}", scale);
        return List.of();
    }

    private void collectOnce(HubClient hub, TrialSource source) {
        Optional<JsonNode> known = hub.findSource(source.name());
        JsonNode registered = known.orElseGet(() -> hub.createSource(
                source.name(),
                source.title(),
                source.departmentId(),
                source.location(),
                source.username(),
                source.password()));
        // A run that a kill cut short is taken up again by the hub itself.
        if (!registered.path("lastRun").isObject()) {
            hub.startRun(registered.path("id").asString(""));
            out.println("  归集 Collecting  " + source.title());
        }
    }
}

package org.qiantang.refine;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.qiantang.catalog.Profiles;
import org.qiantang.core.HubLoop;
import org.qiantang.lake.Derivations;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TableProfile;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Has the tables measured that nobody measures while they land: those made of others, what a followed source goes on changing, and
 * streams. A new one is measured at once, one that goes on changing every now and then, one that does not change not at all.
 */
@Component
final class ProfileLoop extends HubLoop {
    private static final Duration REST = Duration.ofMinutes(30);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration LOOK = Duration.ofSeconds(5);

    private final Profiles profiles;
    private final Derivations derivations;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Measuring measuring;
    private final Map<TableName, Instant> tried = new HashMap<>();

    ProfileLoop(
            Profiles profiles,
            Derivations derivations,
            TransactionTemplate transaction,
            Clock clock,
            Measuring measuring) {
        super("profile-loop");
        this.profiles = profiles;
        this.derivations = derivations;
        this.transaction = transaction;
        this.clock = clock;
        this.measuring = measuring;
    }

    @Override
    protected void turn() throws InterruptedException {
        Instant before = clock.instant().minus(REST);
        tried.values().removeIf(at -> at.isBefore(before));
        Optional<TableName> next = measuring == Measuring.OFF
                ? Optional.empty()
                : profiles.listUnmeasured(before, clock.instant().minus(DAY)).stream()
                        .filter(table -> !tried.containsKey(table))
                        .findFirst();
        if (next.isPresent()) {
            measure(next.get());
        } else {
            rest(LOOK);
        }
    }

    private void measure(TableName table) {
        // One that cannot be read must not keep the others waiting.
        tried.put(table, clock.instant());
        TableProfile profile = derivations.profile(table);
        transaction.executeWithoutResult(
                status -> profiles.record(table, profile.snapshotId(), profile.at(), profile.columns()));
    }
}

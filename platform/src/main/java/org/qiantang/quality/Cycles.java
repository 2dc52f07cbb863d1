package org.qiantang.quality;

import java.time.Duration;
import java.util.Optional;
import org.qiantang.catalog.Guide;

/** How long data of an update cycle may be in coming: half as long again as the cycle, for nothing comes to the minute. */
final class Cycles {
    private Cycles() {}

    /** Empty for what comes when it comes. */
    static Optional<Duration> allowance(Guide.UpdateCycle cycle) {
        return switch (cycle) {
            case REALTIME -> Optional.of(Duration.ofHours(1));
            case HOURLY -> Optional.of(Duration.ofMinutes(90));
            case DAILY -> Optional.of(Duration.ofHours(36));
            case WEEKLY -> Optional.of(Duration.ofHours(252));
            case MONTHLY -> Optional.of(Duration.ofDays(46));
            case QUARTERLY -> Optional.of(Duration.ofDays(137));
            case YEARLY -> Optional.of(Duration.ofDays(548));
            case IRREGULAR, ONCE -> Optional.empty();
        };
    }
}

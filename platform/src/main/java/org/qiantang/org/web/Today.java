package org.qiantang.org.web;

import java.time.Clock;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The city's day, for whoever does not ask for another. */
@Component
class Today {
    private final Clock clock;

    Today(Clock clock) {
        this.clock = clock;
    }

    LocalDate or(@Nullable LocalDate asked) {
        return asked == null ? LocalDate.now(clock) : asked;
    }
}

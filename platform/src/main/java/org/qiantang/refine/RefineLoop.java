package org.qiantang.refine;

import java.util.Optional;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Makes the tables that are due, one after the other, what is read before what reads it. */
@Component
final class RefineLoop extends HubLoop {
    private final Mappings mappings;

    RefineLoop(Mappings mappings) {
        super("refine-loop");
        this.mappings = mappings;
    }

    @Override
    protected void begin() {
        mappings.forgetInterrupted();
    }

    @Override
    protected void turn() throws InterruptedException {
        Optional<Mappings.Due> due = mappings.claim();
        if (due.isPresent()) {
            mappings.carryOut(due.get());
        } else {
            mappings.awaitWork();
        }
    }
}

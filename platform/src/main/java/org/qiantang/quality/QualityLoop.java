package org.qiantang.quality;

import java.util.Optional;
import org.qiantang.core.HubLoop;
import org.springframework.stereotype.Component;

/** Looks at what is due, one resource after the other, and at deadlines that pass meanwhile. */
@Component
final class QualityLoop extends HubLoop {
    private final Evaluations evaluations;
    private final Tickets tickets;
    private final Objections objections;

    QualityLoop(Evaluations evaluations, Tickets tickets, Objections objections) {
        super("quality-loop");
        this.evaluations = evaluations;
        this.tickets = tickets;
        this.objections = objections;
    }

    @Override
    protected void begin() {
        evaluations.thin();
    }

    @Override
    protected void turn() throws InterruptedException {
        tickets.remind();
        objections.remind();
        objections.verify();
        Optional<Evaluations.Due> due = evaluations.next();
        if (due.isEmpty() || !evaluations.carryOut(due.get())) {
            evaluations.awaitWork();
        }
    }
}

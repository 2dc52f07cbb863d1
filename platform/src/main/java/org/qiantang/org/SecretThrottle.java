package org.qiantang.org;

import java.time.Clock;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Slows down whoever guesses a program's secret, as people who guess passwords are. Counted is one program from one address: what others
 * guess elsewhere keeps nobody out who has the right secret, and does not bring them nearer to it, since a secret is 256 bits of chance.
 */
@Service
public final class SecretThrottle {
    private final SignInThrottle throttle;

    SecretThrottle(JdbcClient jdbc, TransactionTemplate transaction, Clock clock) {
        this.throttle = new SignInThrottle(jdbc, transaction, clock);
    }

    /** An attempt, which counts as failed until it is said to be right. */
    public final class Attempt {
        private final SignInThrottle.Attempt attempt;

        private Attempt(SignInThrottle.Attempt attempt) {
            this.attempt = attempt;
        }

        /** The program begins anew from where it came. */
        public void succeeded() {
            attempt.succeeded();
        }

        /** Nothing was looked at. */
        public void giveBack() {
            attempt.giveBack();
        }
    }

    /**
     * Counts an attempt.
     *
     * @throws Problem {@link OrgProblem#TOO_MANY_ATTEMPTS} with the {@code seconds} to wait
     */
    public Attempt begin(String program, String address) {
        return new Attempt(throttle.beginProgram(program, address));
    }
}

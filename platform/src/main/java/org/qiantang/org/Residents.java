package org.qiantang.org;

import java.sql.Timestamp;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.qiantang.core.IdentityNumber;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.UnifiedSocialCreditCode;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** Whom residents' accounts are about. Numbers are sealed, and shown to nobody again. */
@Service
public final class Residents {
    private static final String SEALED_FOR = "resident ";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Sealing sealing;
    private final AuditTrail audit;
    private final Clock clock;

    Residents(JdbcClient jdbc, TransactionTemplate transaction, Sealing sealing, AuditTrail audit, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.sealing = sealing;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Binds an account to whom it is about. Refused once it is a resident's in use: who could set its password and turn it to somebody else
     * would see anybody's records alone.
     *
     * @param number an identity number or a credit code
     */
    public void bind(Actor who, Account account, String number) {
        if (account.has(Role.RESIDENT) && find(account).isPresent()) {
            throw new Problem(OrgProblem.RESIDENT_IS_BOUND, "username", account.username());
        }
        String text = number.strip();
        Optional<Resident> person = IdentityNumber.find(text)
                .map(found -> new Resident(account.username(), Resident.Kind.PERSON, found.text()));
        Resident resident = person.or(() -> UnifiedSocialCreditCode.find(text)
                        .map(found -> new Resident(account.username(), Resident.Kind.LEGAL_PERSON, found.text())))
                .orElseThrow(() -> new Problem(OrgProblem.NO_SUCH_NUMBER, "number", masked(text)));
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            insert into org_residents (username, subject, number, bound_at, bound_by)
                            values (:username, :subject, :number, :at, :by)
                            on conflict (username) do update set subject = excluded.subject, number = excluded.number,
                                bound_at = excluded.bound_at, bound_by = excluded.bound_by""")
                    .param("username", account.username())
                    .param("subject", resident.kind().name())
                    .param("number", sealing.seal(resident.number(), SEALED_FOR + account.username()))
                    .param("at", Timestamp.from(clock.instant()))
                    .param("by", who.username())
                    .update();
            audit.record(
                    who,
                    Act.RESIDENT_BOUND,
                    account.username(),
                    Map.of(),
                    Map.of("subject", resident.kind().name(), "number", masked(resident.number())));
        });
    }

    public Optional<Resident> find(Account account) {
        return jdbc.sql("select * from org_residents where username = ?")
                .param(account.username())
                .query((row, n) -> new Resident(
                        account.username(),
                        Resident.Kind.valueOf(row.getString("subject")),
                        sealing.open(row.getBytes("number"), SEALED_FOR + account.username())))
                .optional();
    }

    private static String masked(String number) {
        return number.length() < 4
                ? "*".repeat(number.length())
                : number.charAt(0) + "*".repeat(number.length() - 3) + number.substring(number.length() - 2);
    }
}

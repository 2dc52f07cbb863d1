package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Which person of a provider of identities (统一身份认证) is which account. Nobody comes in by a provider alone: they are bound to an
 * account by an administrator, or on their first visit where the configuration says by which name; roles stay those of the account.
 */
@Service
public final class Identities {
    /** So many newcomers are remembered; older ones give way. */
    private static final int NEWCOMERS = 500;

    /** More than that is somebody who fills the trail; they are refused all the same. */
    private static final int REFUSALS_A_MINUTE = 60;

    private static final int LONGEST_NAME = 100;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Accounts accounts;
    private final SecondFactors secondFactors;
    private final AuditTrail audit;

    Identities(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            Accounts accounts,
            SecondFactors secondFactors,
            AuditTrail audit) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.accounts = accounts;
        this.secondFactors = secondFactors;
        this.audit = audit;
    }

    /**
     * The account somebody comes in as. Asks for the account's own second factor where it is set and the provider saw none, and from an
     * administrator the first time in any case: whoever bound the identity could otherwise come in as them.
     *
     * @param code of the second factor, once it was asked for
     */
    public Account signIn(Vouched vouched, @Nullable String code, Origin origin) {
        String username =
                owner(vouched).or(() -> bindAtFirst(vouched, origin.address())).orElse(null);
        if (username == null) {
            remember(vouched);
            throw new Problem(OrgProblem.IDENTITY_UNKNOWN, "name", vouched.name());
        }
        Account account = accounts.find(username).orElseThrow();
        boolean confirmed = isConfirmed(vouched);
        boolean guarded = secondFactors.isSet(username);
        boolean trusted =
                vouched.factor() == Vouched.Factor.SEEN_BY_PROVIDER && (confirmed || !account.isAdministrator());
        if (account.isAdministrator() && !confirmed && !guarded) {
            throw new Problem(OrgProblem.IDENTITY_UNCONFIRMED);
        }
        Actor who = new Actor(username, origin.address());
        Account entered = guarded && !trusted
                ? accounts.enterByProvider(who, origin, vouched.factor(), new Accounts.Code(code))
                : accounts.enterByProvider(who, vouched.factor());
        jdbc.sql("""
                        update org_identities set last_used = :now, name = :name,
                            confirmed_at = case when cast(:confirmed as boolean) then coalesce(confirmed_at, :now) else confirmed_at end
                        where issuer = :issuer and subject = :subject""")
                .param("now", now())
                .param("name", shortened(vouched.name()))
                .param("confirmed", guarded && !trusted)
                .param("issuer", vouched.issuer())
                .param("subject", vouched.subject())
                .update();
        return entered;
    }

    private Optional<String> owner(Vouched vouched) {
        return jdbc.sql("select username from org_identities where issuer = ? and subject = ?")
                .params(vouched.issuer(), vouched.subject())
                .query(String.class)
                .optional();
    }

    private boolean isConfirmed(Vouched vouched) {
        return jdbc.sql("select confirmed_at is not null from org_identities where issuer = ? and subject = ?")
                .params(vouched.issuer(), vouched.subject())
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** Never an administrator's account, and never one that somebody else of the same provider already has. */
    private Optional<String> bindAtFirst(Vouched vouched, String address) {
        String claimed = vouched.username();
        if (claimed == null) {
            return Optional.empty();
        }
        String username = claimed.strip().toLowerCase(Locale.ROOT);
        return requireNonNull(transaction.execute(status -> {
            hold(username);
            Optional<Account> account = accounts.find(username)
                    .filter(found -> !found.isAdministrator() && !has(username, vouched.issuer()));
            account.ifPresent(found -> insert(
                    new Actor(vouched.provider(), address),
                    username,
                    vouched.issuer(),
                    vouched.subject(),
                    vouched.name()));
            return account.map(Account::username);
        }));
    }

    private boolean has(String username, String issuer) {
        return jdbc.sql("select 1 from org_identities where username = ? and issuer = ?")
                .params(username, issuer)
                .query()
                .optionalValue()
                .isPresent();
    }

    /** The identities of an account. */
    public List<Identity> list(String username) {
        return jdbc.sql("select * from org_identities where username = ? order by bound_at")
                .param(username)
                .query((row, n) -> new Identity(
                        row.getString("issuer"),
                        row.getString("subject"),
                        row.getString("name"),
                        row.getString("bound_by"),
                        row.getObject("bound_at", OffsetDateTime.class).toInstant(),
                        instant(row.getObject("confirmed_at", OffsetDateTime.class)),
                        instant(row.getObject("last_used", OffsetDateTime.class))))
                .list();
    }

    /** Who was vouched for and has no account, the newest first. */
    public List<Newcomer> listNewcomers() {
        return jdbc.sql("select * from org_newcomers order by last_at desc limit 100")
                .query((row, n) -> new Newcomer(
                        row.getString("issuer"),
                        row.getString("subject"),
                        row.getString("name"),
                        row.getInt("attempts"),
                        row.getObject("last_at", OffsetDateTime.class).toInstant()))
                .list();
    }

    /** Lets a person of a provider in as this account. An administrator's own account is bound by another. */
    public void bind(Actor who, String username, String issuer, String subject) {
        notOneself(who, username);
        transaction.executeWithoutResult(status -> {
            existing(username);
            String name = jdbc.sql("select name from org_newcomers where issuer = ? and subject = ?")
                    .params(issuer, subject)
                    .query(String.class)
                    .optional()
                    .orElse(subject);
            insert(who, username, issuer, subject, name);
        });
    }

    private void insert(Actor who, String username, String issuer, String subject, String name) {
        int rows = jdbc.sql("""
                        insert into org_identities (issuer, subject, username, name, bound_by, bound_at)
                        values (?, ?, ?, ?, ?, ?) on conflict (issuer, subject) do nothing""")
                .params(issuer, subject, username, shortened(name), who.username(), now())
                .update();
        if (rows == 0) {
            throw new Problem(OrgProblem.IDENTITY_TAKEN, "subject", subject);
        }
        jdbc.sql("delete from org_newcomers where issuer = ? and subject = ?")
                .params(issuer, subject)
                .update();
        audit.record(who, Act.IDENTITY_BOUND, username, Map.of(), Map.of("issuer", issuer, "subject", subject));
    }

    /** The person comes in as this account no more; sessions of the account end. */
    public void unbind(Actor who, String username, String issuer, String subject) {
        notOneself(who, username);
        transaction.executeWithoutResult(status -> {
            existing(username);
            int rows = jdbc.sql("delete from org_identities where issuer = ? and subject = ? and username = ?")
                    .params(issuer, subject, username)
                    .update();
            if (rows == 0) {
                throw new Problem(CoreProblem.NOT_FOUND, "what", "identity " + subject);
            }
            accounts.endSessions(username);
            audit.record(who, Act.IDENTITY_UNBOUND, username, Map.of("issuer", issuer, "subject", subject), Map.of());
        });
    }

    /** Keeps in the audit trail that somebody who came from a provider was not let in, and why. */
    public void refuse(String provider, String address, Problem.Code why, String subject) {
        boolean flood = jdbc.sql("""
                        select at from org_audit where actor = ? and act = ? order by id desc offset ? limit 1""")
                .params(provider, Act.IDENTITY_REFUSED.name(), REFUSALS_A_MINUTE - 1)
                .query(OffsetDateTime.class)
                .optional()
                .filter(at -> at.toInstant().isAfter(clock.instant().minus(Duration.ofMinutes(1))))
                .isPresent();
        if (flood) {
            return;
        }
        audit.record(
                new Actor(provider, address),
                Act.IDENTITY_REFUSED,
                subject,
                Map.of(),
                Map.of("provider", provider, "code", why.id()));
    }

    private void remember(Vouched newcomer) {
        jdbc.sql("""
                        insert into org_newcomers as s (issuer, subject, name, attempts, last_at) values (?, ?, ?, 1, ?)
                        on conflict (issuer, subject) do update set name = excluded.name, attempts = s.attempts + 1,
                            last_at = excluded.last_at""")
                .params(newcomer.issuer(), newcomer.subject(), shortened(newcomer.name()), now())
                .update();
        jdbc.sql("""
                        delete from org_newcomers where (issuer, subject) in
                            (select issuer, subject from org_newcomers order by last_at desc offset ?)""").param(NEWCOMERS).update();
    }

    private void existing(String username) {
        hold(username);
        if (accounts.find(username).isEmpty()) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", "account " + username);
        }
    }

    /** Two who bind at the same time wait for each other here. */
    private void hold(String username) {
        jdbc.sql("select 1 from org_accounts where username = ? for update")
                .param(username)
                .query()
                .optionalValue();
    }

    private static void notOneself(Actor who, String username) {
        if (who.username().equals(username)) {
            throw new Problem(OrgProblem.NOT_ONESELF);
        }
    }

    private static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME);
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime at) {
        return at == null ? null : at.toInstant();
    }
}

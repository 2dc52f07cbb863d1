package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** The people who may sign in, with what they may do. Passwords are kept as bcrypt hashes and are never shown again. */
@Service
public final class Accounts {
    private static final Logger LOG = LoggerFactory.getLogger(Accounts.class);

    /** Administrators may come in once without a second factor, to set it. */
    private static final int FREE_SIGN_INS = 1;

    /** Whoever is signed in already is no stranger, wherever they are. */
    private static final String OWN_SESSION = "session";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final PasswordRules rules;
    private final SecondFactors secondFactors;
    private final AuditTrail audit;
    private final TrustedDevices devices;
    private final SignInThrottle throttle;
    private final PasswordEncoder encoder = new WholePasswords();
    /** Compared with when there is no such account, so that the answer takes as long. */
    private final String nobody = encoder.encode("nobody has this password");

    Accounts(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            PasswordRules rules,
            SecondFactors secondFactors,
            AuditTrail audit,
            TrustedDevices devices) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.rules = rules;
        this.secondFactors = secondFactors;
        this.audit = audit;
        this.devices = devices;
        this.throttle = new SignInThrottle(jdbc, transaction, clock);
    }

    /** How somebody shows who they are; the code only where a second factor is set. */
    public record Credentials(
            String username, String password, @Nullable String code) {
        @Override
        public String toString() {
            return "Credentials[" + username + "]";
        }
    }

    /**
     * The account, when password and second factor are right. Attempts are counted for the account where they come from, and those of
     * strangers together; who comes from a browser that was signed in to before does not wait for strangers.
     */
    public Account signIn(Credentials shown, Origin origin) {
        String name = shown.username().strip().toLowerCase(Locale.ROOT);
        Actor who = new Actor(name, origin.address());
        SignInThrottle.Attempt attempt = begin(name, origin);
        checkPassword(who, shown.password(), attempt);
        if (!isEnabled(name)) {
            attempt.giveBack();
            throw new Problem(OrgProblem.ACCOUNT_DISABLED);
        }
        if (invitationHasEnded(name)) {
            attempt.giveBack();
            throw new Problem(OrgProblem.INVITATION_ENDED);
        }
        if (secondFactors.isSet(name)) {
            checkCode(who, new Code(shown.code()), attempt);
        }
        useInvitation(name);
        attempt.succeeded();
        LOG.info("{} signed in by password{} from {}", name, factor(name), origin.address());
        return entered(who);
    }

    private String factor(String username) {
        return secondFactors.isSet(username) ? " and second factor" : "";
    }

    private SignInThrottle.Attempt begin(String username, Origin origin) {
        return devices.find(username, origin)
                .map(device -> throttle.beginKnown(username, device))
                .orElseGet(() -> throttle.begin(username, origin.address()));
    }

    /** A password that another has chosen opens one session, and soon. */
    private boolean invitationHasEnded(String username) {
        return jdbc.sql("select must_change and invited_until <= ? from org_accounts where username = ?")
                .params(now(), username)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /** Two who come by one invitation at the same time: the database says who is the first. */
    private void useInvitation(String username) {
        int rows = jdbc.sql("""
                        update org_accounts set invited_until = :now
                        where username = :username and must_change and invited_until > :now""").param("now", now()).param("username", username).update();
        if (rows == 0 && invitationHasEnded(username)) {
            throw new Problem(OrgProblem.INVITATION_ENDED);
        }
    }

    private OffsetDateTime now() {
        return clock.instant().atOffset(ZoneOffset.UTC);
    }

    /** What somebody typed as their second factor; nothing at first. */
    record Code(@Nullable String typed) {
        @Override
        public String toString() {
            return "Code[]";
        }
    }

    private void checkCode(Actor who, Code code, SignInThrottle.Attempt attempt) {
        String typed = code.typed();
        if (typed == null || typed.isBlank()) {
            attempt.giveBack();
            throw new Problem(OrgProblem.SECOND_FACTOR_NEEDED);
        }
        if (!secondFactors.take(who, typed)) {
            failed(who, attempt);
            throw new Problem(OrgProblem.BAD_CODE);
        }
    }

    /** Lets somebody in whom a provider vouches for; the account's password plays no part. */
    Account enterByProvider(Actor who, Vouched.Factor factor) {
        if (!isEnabled(who.username())) {
            throw new Problem(OrgProblem.ACCOUNT_DISABLED);
        }
        EnumSet<Obligation> excused = EnumSet.of(Obligation.CHANGE_PASSWORD);
        if (factor == Vouched.Factor.SEEN_BY_PROVIDER) {
            excused.add(Obligation.SET_SECOND_FACTOR);
        }
        LOG.info("{} signed in by a provider from {}", who.username(), who.address());
        return entered(who).excusedFrom(excused);
    }

    /** The same, with a code of the account's own second factor. */
    Account enterByProvider(Actor who, Origin origin, Vouched.Factor factor, Code code) {
        if (!isEnabled(who.username())) {
            throw new Problem(OrgProblem.ACCOUNT_DISABLED);
        }
        SignInThrottle.Attempt attempt = begin(who.username(), origin);
        checkCode(who, code, attempt);
        attempt.succeeded();
        return enterByProvider(who, factor);
    }

    /** Inside the caller's transaction. */
    void endSessions(String username) {
        jdbc.sql("update org_accounts set revision = revision + 1, password_revision = revision + 1 where username = ?")
                .param(username)
                .update();
    }

    private Account entered(Actor who) {
        jdbc.sql("update org_accounts set sign_ins = sign_ins + 1, last_sign_in = ? where username = ?")
                .params(now(), who.username())
                .update();
        Account account = find(who.username()).orElseThrow();
        if (account.isAdministrator()) {
            audit.record(who, Act.ADMINISTRATOR_SIGNED_IN, who.username(), Map.of(), Map.of());
        }
        return account;
    }

    private void checkPassword(Actor who, String password, SignInThrottle.Attempt attempt) {
        String hash = jdbc.sql("select password_hash from org_accounts where username = ?")
                .param(who.username())
                .query(String.class)
                .optional()
                .orElse(nobody);
        boolean known = !hash.equals(nobody);
        boolean right = encoder.matches(password, hash);
        if (!known || !right) {
            failed(who, attempt);
            throw new Problem(OrgProblem.BAD_CREDENTIALS);
        }
    }

    private void failed(Actor who, SignInThrottle.Attempt attempt) {
        boolean known = find(who.username()).isPresent();
        // Of a name that nobody has one cannot tell whether it is a password in the wrong field.
        LOG.info("A wrong password or code for {} from {}", known ? who.username() : "an unknown name", who.address());
        if (attempt.locked() && known) {
            audit.record(who, Act.ACCOUNT_LOCKED, who.username(), Map.of(), Map.of());
        }
    }

    private boolean isEnabled(String username) {
        return jdbc.sql("select enabled from org_accounts where username = ?")
                .param(username)
                .query(Boolean.class)
                .optional()
                .orElse(false);
    }

    /**
     * The account of a session as it is by now; empty when the session has ended because the account was disabled, or its password was
     * set, since.
     */
    public Optional<Account> current(Account account) {
        record Now(long revision, long passwordRevision, boolean enabled) {}
        Optional<Now> now = jdbc.sql("select revision, password_revision, enabled from org_accounts where username = ?")
                .param(account.username())
                .query((row, n) -> new Now(row.getLong(1), row.getLong(2), row.getBoolean(3)))
                .optional();
        if (now.isEmpty() || !now.get().enabled || account.revision() < now.get().passwordRevision) {
            return Optional.empty();
        }
        return account.revision() == now.get().revision
                ? Optional.of(account)
                : find(account.username()).map(found -> found.excusedFrom(account.excused()));
    }

    /** Sets somebody's own password; their other sessions end. Returns the account as it is then. */
    public Account changePassword(Actor who, String before, String after) {
        SignInThrottle.Attempt attempt = throttle.beginKnown(who.username(), OWN_SESSION);
        checkPassword(who, before, attempt);
        attempt.succeeded();
        Account account = find(who.username()).orElseThrow();
        rules.check(after, account.username(), account.displayName());
        if (before.equals(after)) {
            throw new Problem(OrgProblem.PASSWORD_SAME);
        }
        transaction.executeWithoutResult(status -> {
            setPassword(who.username(), after);
            jdbc.sql("update org_accounts set must_change = false, invited_until = null where username = ?")
                    .param(who.username())
                    .update();
            audit.record(who, Act.PASSWORD_CHANGED, who.username(), Map.of(), Map.of());
        });
        return find(who.username()).orElseThrow();
    }

    /** Inside the caller's transaction; all sessions of the account end. */
    void setPassword(String username, String password) {
        jdbc.sql("""
                        update org_accounts set password_hash = ?, revision = revision + 1, password_revision = revision + 1
                        where username = ?""").params(encoder.encode(password), username).update();
    }

    /** The password somebody has chosen for another becomes an invitation that ends then. Inside the caller's transaction. */
    void invite(String username, Actor by, Instant until) {
        jdbc.sql("update org_accounts set must_change = true, invited_by = ?, invited_until = ? where username = ?")
                .params(by.username(), until.atOffset(ZoneOffset.UTC), username)
                .update();
    }

    void forgive(String username) {
        throttle.forgive(username);
    }

    /** Makes the account with this password when there is none of that name; one that is there stays as it is. */
    public void ensure(Account account, String password) {
        transaction.executeWithoutResult(status -> insert(account, password));
    }

    /**
     * Makes the account with this password; one of that name that is there keeps its roles and gets the password, and comes in by it
     * alone: whoever can do this holds the installation.
     */
    public void put(Account account, String password) {
        transaction.executeWithoutResult(status -> {
            if (!insert(account, password)) {
                setPassword(account.username(), password);
                jdbc.sql("""
                                update org_accounts set enabled = true, must_change = ?, invited_by = null, invited_until = null
                                where username = ?""")
                        .params(account.obligations().contains(Obligation.CHANGE_PASSWORD), account.username())
                        .update();
                secondFactors.remove(account.username());
                throttle.forgive(account.username());
                audit.record(Actor.INSTALLATION, Act.PASSWORD_RESET, account.username(), Map.of(), Map.of());
            }
        });
    }

    /** False when there is an account of that name. */
    boolean insert(Account account, String password) {
        if (jdbc.sql("select 1 from org_accounts where username = ?")
                .param(account.username())
                .query()
                .optionalValue()
                .isPresent()) {
            return false;
        }
        Department department = account.department();
        int rows = jdbc.sql("""
                        insert into org_accounts (username, display_name, password_hash, department_id, must_change)
                        values (:username, :displayName, :hash, :department, :change) on conflict (username) do nothing""")
                .param("username", account.username())
                .param("displayName", account.displayName())
                .param("hash", encoder.encode(password))
                .param("department", department == null ? null : department.id())
                .param("change", account.obligations().contains(Obligation.CHANGE_PASSWORD))
                .update();
        if (rows == 0) {
            return false;
        }
        for (Role role : account.roles()) {
            jdbc.sql("insert into org_account_roles (username, role) values (?, ?)")
                    .params(account.username(), role.name())
                    .update();
        }
        return true;
    }

    /** Somebody of a department, as whoever chooses among them needs it. */
    public record Named(String username, String displayName) {}

    /** Who of a department may sign in. */
    public List<Named> of(Department department) {
        return jdbc.sql(
                        "select username, display_name from org_accounts where department_id = ? and enabled order by username")
                .param(department.id())
                .query((row, n) -> new Named(row.getString(1), row.getString(2)))
                .list();
    }

    /** An account by its name, with what it has to do first. */
    public Optional<Account> find(String username) {
        Set<Role> roles = new TreeSet<>(jdbc.sql("select role from org_account_roles where username = ?")
                .param(username)
                .query((row, n) -> Role.valueOf(row.getString(1)))
                .list());
        boolean guarded = secondFactors.isObliged(roles);
        return jdbc.sql("""
                        select a.username, a.display_name, d.id, d.name, d.name_en, a.must_change, a.sign_ins, a.revision,
                            exists (select 1 from org_second_factors f where f.username = a.username and f.confirmed_at is not null),
                            exists (select 1 from org_enclosures e where e.department_id = a.department_id)
                        from org_accounts a left join org_departments d on d.id = a.department_id where a.username = ?""")
                .param(username)
                .query((row, n) -> {
                    @Nullable String id = row.getString(3);
                    Department department = id == null
                            ? null
                            : new Department(id, requireNonNull(row.getString(4)), requireNonNull(row.getString(5)));
                    EnumSet<Obligation> obligations = EnumSet.noneOf(Obligation.class);
                    if (row.getBoolean(6)) {
                        obligations.add(Obligation.CHANGE_PASSWORD);
                    }
                    if (guarded && row.getInt(7) > FREE_SIGN_INS && !row.getBoolean(9)) {
                        obligations.add(Obligation.SET_SECOND_FACTOR);
                    }
                    // Inside a zone nobody is anything else, whatever they were before.
                    Set<Role> here = row.getBoolean(10) ? Set.of(Role.ZONE_MEMBER) : roles;
                    return new Account(
                            row.getString(1), row.getString(2), here, department, obligations, row.getLong(8));
                })
                .optional();
    }
}

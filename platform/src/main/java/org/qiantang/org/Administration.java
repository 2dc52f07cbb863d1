package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.security.SecureRandom;
import java.sql.Array;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What the system and the security administrator do to accounts (三员分立). Neither can get at an account alone: one sets passwords and
 * cannot give rights or take second factors away, the other does those and makes no account; both leave an entry in the trail.
 */
@Service
public final class Administration {
    private static final Pattern USERNAME = Pattern.compile("[a-z][a-z0-9._-]{1,39}");
    private static final Set<String> RESERVED = Set.of("operator", "installation");
    private static final String ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
    private static final SecureRandom RANDOM = new SecureRandom();
    /** Long enough to meet somebody after a weekend, too short to lie about. */
    private static final Duration INVITATION = Duration.ofHours(72);

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final Accounts accounts;
    private final Departments departments;
    private final SecondFactors secondFactors;
    private final AuditTrail audit;
    private final Presence presence;

    Administration(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Clock clock,
            Accounts accounts,
            Departments departments,
            SecondFactors secondFactors,
            AuditTrail audit,
            Presence presence) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
        this.accounts = accounts;
        this.departments = departments;
        this.secondFactors = secondFactors;
        this.audit = audit;
        this.presence = presence;
    }

    /** How an account is to be called, and whose it is. */
    public record Wanted(String displayName, @Nullable String departmentId) {}

    /**
     * A first password, shown this once.
     *
     * @param until when it opens nothing any more; it opens one session
     */
    public record Invitation(String password, Instant until) {
        @Override
        public String toString() {
            return "Invitation[" + until + "]";
        }
    }

    public List<AccountEntry> list() {
        return jdbc.sql("""
                        select a.*, d.name department_name, d.name_en department_name_en, f.confirmed_at,
                            (select max(t.blocked_until) from org_sign_in_failures t
                                where t.username = a.username and t.blocked_until > :now and t.failures >= :locking) blocked_until,
                            coalesce((select array_agg(r.role) from org_account_roles r where r.username = a.username),
                                '{}') roles
                        from org_accounts a left join org_departments d on d.id = a.department_id
                            left join org_second_factors f on f.username = a.username
                        order by a.username""")
                .param("now", clock.instant().atOffset(java.time.ZoneOffset.UTC))
                .param("locking", SignInThrottle.Count.ADDRESS.locking)
                .query((row, n) -> {
                    @Nullable String department = row.getString("department_id");
                    Array roles = row.getArray("roles");
                    @Nullable OffsetDateTime last = row.getObject("last_sign_in", OffsetDateTime.class);
                    @Nullable OffsetDateTime invited = row.getObject("invited_until", OffsetDateTime.class);
                    @Nullable OffsetDateTime locked = row.getObject("blocked_until", OffsetDateTime.class);
                    return new AccountEntry(
                            row.getString("username"),
                            row.getString("display_name"),
                            Arrays.stream((String[]) roles.getArray())
                                    .map(Role::valueOf)
                                    .sorted()
                                    .toList(),
                            department == null
                                    ? null
                                    : new Department(
                                            department,
                                            row.getString("department_name"),
                                            row.getString("department_name_en")),
                            row.getBoolean("enabled") ? AccountEntry.State.ENABLED : AccountEntry.State.DISABLED,
                            row.getObject("confirmed_at") != null,
                            row.getBoolean("must_change"),
                            row.getBoolean("must_change") && invited != null ? invited.toInstant() : null,
                            last == null ? null : last.toInstant(),
                            locked == null ? null : locked.toInstant());
                })
                .list();
    }

    /** Makes an account without any role and returns its first password. */
    public Invitation create(Actor who, String username, Wanted wanted) {
        if (!USERNAME.matcher(username).matches() || RESERVED.contains(username)) {
            throw new Problem(OrgProblem.BAD_USERNAME, "username", username);
        }
        String departmentId = wanted.departmentId();
        Department department = departmentId == null ? null : departments.get(departmentId);
        String password = firstPassword();
        return requireNonNull(transaction.execute(status -> {
            Account account = new Account(
                    username, wanted.displayName(), Set.of(), department, Set.of(Obligation.CHANGE_PASSWORD), 0);
            if (!accounts.insert(account, password)) {
                throw new Problem(OrgProblem.USERNAME_TAKEN, "username", username);
            }
            Instant until = invite(who, username);
            audit.record(who, Act.ACCOUNT_CREATED, username, Map.of(), described(wanted));
            return new Invitation(password, until);
        }));
    }

    public void change(Actor who, String username, Wanted wanted) {
        String departmentId = wanted.departmentId();
        if (departmentId != null) {
            departments.get(departmentId);
        }
        transaction.executeWithoutResult(status -> {
            Account before = hold(username);
            notOneself(who, username);
            Department department = before.department();
            jdbc.sql("""
                            update org_accounts set display_name = ?, department_id = ?, revision = revision + 1
                            where username = ?""")
                    .params(Arrays.asList(wanted.displayName(), departmentId, username))
                    .update();
            audit.record(
                    who,
                    Act.ACCOUNT_CHANGED,
                    username,
                    described(new Wanted(before.displayName(), department == null ? null : department.id())),
                    described(wanted));
        });
    }

    /** Ends all sessions of the account; nobody gets in by it. */
    public void disable(Actor who, String username) {
        transaction.executeWithoutResult(status -> {
            Account account = hold(username);
            notOneself(who, username);
            account.roles().stream().filter(Role::isDuty).forEach(duty -> notTheLast(duty, username));
            accounts.endSessions(username);
            enable(who, username, Act.ACCOUNT_DISABLED);
        });
    }

    public void enable(Actor who, String username) {
        transaction.executeWithoutResult(status -> {
            hold(username);
            enable(who, username, Act.ACCOUNT_ENABLED);
        });
    }

    private void enable(Actor who, String username, Act act) {
        jdbc.sql("update org_accounts set enabled = ?, revision = revision + 1 where username = ?")
                .params(act == Act.ACCOUNT_ENABLED, username)
                .update();
        audit.record(who, act, username, Map.of(), Map.of());
    }

    private Instant invite(Actor who, String username) {
        Instant until = clock.instant().plus(INVITATION);
        accounts.invite(username, who, until);
        return until;
    }

    /**
     * Sets a new first password and returns it. Refused for an administrator without second factor: whoever sets the
     * password could come in as them.
     */
    public Invitation resetPassword(Actor who, String username) {
        String password = firstPassword();
        return requireNonNull(transaction.execute(status -> {
            Account account = hold(username);
            notOneself(who, username);
            if (account.isAdministrator() && !secondFactors.isSet(username)) {
                throw new Problem(OrgProblem.ADMINISTRATOR_UNGUARDED, "username", username);
            }
            if (account.has(Role.RESIDENT) && !secondFactors.isSet(username)) {
                throw new Problem(OrgProblem.RESIDENT_UNGUARDED, "username", username);
            }
            accounts.setPassword(username, password);
            Instant until = invite(who, username);
            audit.record(who, Act.PASSWORD_RESET, username, Map.of(), Map.of());
            return new Invitation(password, until);
        }));
    }

    /** Gives an account these roles and no others, none of them a duty it had not. */
    public void setRoles(Actor who, String username, Set<Role> roles) {
        setRoles(who, username, roles, null);
    }

    /**
     * Gives an account these roles and no others. A new duty takes what the person has read out of their own account face to face, and an
     * administrator who has not chosen a password for them: whoever came into the account first could otherwise be appointed in good faith.
     *
     * @param shown the code of {@link Presence}; needed for a new duty alone
     */
    public void setRoles(Actor who, String username, Set<Role> roles, @Nullable String shown) {
        if (roles.contains(Role.OPERATOR)) {
            throw new Problem(OrgProblem.OPERATOR_IS_NO_ROLE);
        }
        if (roles.contains(Role.ZONE_MEMBER)) {
            throw new Problem(OrgProblem.ZONE_MEMBER_IS_NO_ROLE);
        }
        List<Role> duties = roles.stream().filter(Role::isDuty).toList();
        if (!duties.isEmpty() && roles.size() > 1) {
            throw new Problem(OrgProblem.TWO_DUTIES);
        }
        if (roles.contains(Role.RESIDENT) && roles.size() > 1) {
            throw new Problem(OrgProblem.RESIDENT_ALONE);
        }
        transaction.executeWithoutResult(status -> {
            Account account = hold(username);
            notOneself(who, username);
            Set<Role> before = account.roles();
            // Whoever made the account has seen its first password, and could come in before its owner does.
            if (!before.containsAll(duties) && (hasFirstPassword(username) || !secondFactors.isSet(username))) {
                throw new Problem(OrgProblem.NOT_READY_FOR_DUTY, "username", username);
            }
            if (roles.contains(Role.RESIDENT) && !before.contains(Role.RESIDENT) && hasFirstPassword(username)) {
                throw new Problem(OrgProblem.RESIDENT_NOT_READY, "username", username);
            }
            // Whoever made the account could bear the duty, or see what is about one person alone.
            if (!before.containsAll(duties) || roles.contains(Role.RESIDENT) && !before.contains(Role.RESIDENT)) {
                checkPresence(who, username, shown);
            }
            for (Role duty : Role.DUTIES) {
                if (before.contains(duty) && !roles.contains(duty)) {
                    notTheLast(duty, username);
                }
            }
            jdbc.sql("delete from org_account_roles where username = ?")
                    .param(username)
                    .update();
            for (Role role : roles) {
                jdbc.sql("insert into org_account_roles (username, role) values (?, ?)")
                        .params(username, role.name())
                        .update();
            }
            jdbc.sql("update org_accounts set revision = revision + 1 where username = ?")
                    .param(username)
                    .update();
            audit.record(
                    who, Act.ROLES_CHANGED, username, Map.of("roles", names(before)), Map.of("roles", names(roles)));
        });
    }

    private void checkPresence(Actor who, String username, @Nullable String shown) {
        boolean invited = jdbc.sql("select invited_by from org_accounts where username = ?")
                .param(username)
                .query((row, n) -> who.username().equals(row.getString(1)))
                .single();
        if (invited) {
            throw new Problem(OrgProblem.APPOINTED_BY_INVITER, "username", username);
        }
        if (shown == null || shown.isBlank() || !presence.matches(username, shown)) {
            throw new Problem(OrgProblem.PRESENCE_NOT_SHOWN, "username", username);
        }
    }

    public void unlock(Actor who, String username) {
        transaction.executeWithoutResult(status -> {
            hold(username);
            accounts.forgive(username);
            audit.record(who, Act.ACCOUNT_UNLOCKED, username, Map.of(), Map.of());
        });
    }

    public void resetSecondFactor(Actor who, String username) {
        transaction.executeWithoutResult(status -> {
            Account account = hold(username);
            notOneself(who, username);
            if (account.isAdministrator() && hasFirstPassword(username)) {
                throw new Problem(OrgProblem.FIRST_PASSWORD_STANDS, "username", username);
            }
            secondFactors.remove(username);
            audit.record(who, Act.SECOND_FACTOR_RESET, username, Map.of(), Map.of());
        });
    }

    private boolean hasFirstPassword(String username) {
        return jdbc.sql("select must_change from org_accounts where username = ?")
                .param(username)
                .query(Boolean.class)
                .single();
    }

    /** The account, and nobody changes it until the transaction ends. */
    private Account hold(String username) {
        jdbc.sql("select 1 from org_accounts where username = ? for update")
                .param(username)
                .query()
                .optionalValue();
        return accounts.find(username)
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", "account " + username));
    }

    private static void notOneself(Actor who, String username) {
        if (who.username().equals(username)) {
            throw new Problem(OrgProblem.NOT_ONESELF);
        }
    }

    /** Two who step down at the same time wait for each other here. */
    private void notTheLast(Role duty, String username) {
        jdbc.sql("select username from org_account_roles where role = ? order by username for update")
                .param(duty.name())
                .query(String.class)
                .list();
        long others =
                jdbc.sql("""
                        select count(*) from org_account_roles r join org_accounts a on a.username = r.username
                        where r.role = ? and r.username <> ? and a.enabled""").params(duty.name(), username).query(Long.class).single();
        if (others == 0) {
            throw new Problem(OrgProblem.LAST_ADMINISTRATOR, "username", username);
        }
    }

    private static Map<String, Object> described(Wanted wanted) {
        Map<String, Object> words = new TreeMap<>();
        words.put("displayName", wanted.displayName());
        if (wanted.departmentId() != null) {
            words.put("department", wanted.departmentId());
        }
        return words;
    }

    private static List<String> names(Set<Role> roles) {
        return roles.isEmpty()
                ? List.of()
                : EnumSet.copyOf(roles).stream().map(Role::name).toList();
    }

    /** Four groups of four: 79 bits of chance. */
    private static String firstPassword() {
        List<String> groups = new ArrayList<>();
        for (int group = 0; group < 4; group++) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < 4; i++) {
                text.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
            }
            groups.add(text.toString());
        }
        return String.join("-", groups).toLowerCase(Locale.ROOT);
    }
}

package org.qiantang.org;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** The people who may sign in, with what they may do. Passwords are kept as bcrypt hashes and are never shown again. */
@Service
public final class Accounts {
    /** Without the characters that people mistake for one another. */
    private static final String PASSWORD_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private static final int PASSWORD_LENGTH = 14;
    private static final int LONGEST_PASSWORD = 72;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final SignInThrottle throttle;
    private final SecureRandom random = new SecureRandom();
    private final PasswordEncoder encoder = new BCryptPasswordEncoder(10);
    /** Compared with when there is no such account, so that the answer takes as long. */
    private final String nobody = encoder.encode("nobody has this password");

    Accounts(JdbcClient jdbc, TransactionTemplate transaction, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.throttle = new SignInThrottle(clock);
    }

    /**
     * The account, when the password is right.
     *
     * @param address where the attempt comes from; failures are counted per account and address
     */
    public Account signIn(String username, String password, String address) {
        String name = username.strip().toLowerCase(Locale.ROOT);
        throttle.check(name, address);
        String hash = jdbc.sql("select password_hash from org_accounts where username = ?")
                .param(name)
                .query(String.class)
                .optional()
                .orElse(nobody);
        boolean known = !hash.equals(nobody);
        boolean right = password.length() <= LONGEST_PASSWORD && encoder.matches(password, hash);
        if (!known || !right) {
            throttle.failed(name, address);
            throw new Problem(OrgProblem.BAD_CREDENTIALS);
        }
        throttle.succeeded(name, address);
        return get(name);
    }

    /**
     * Makes the four trial accounts where they are missing and returns those just made, with generated passwords that nobody can ask
     * for a second time.
     */
    public List<NewAccount> ensureTrial() {
        return ensure(List.of(
                new Account("engineer", "数据局工程师", Set.of(Role.ENGINEER), null),
                new Account("officer", "部门人员", Set.of(Role.OFFICER), null),
                new Account("analyst", "分析师", Set.of(Role.ANALYST), null),
                new Account("auditor", "审计员", Set.of(Role.AUDITOR), null)));
    }

    /** Makes those accounts that are missing; the others stay as they are. */
    public List<NewAccount> ensure(List<Account> accounts) {
        List<NewAccount> made = new ArrayList<>();
        transaction.executeWithoutResult(status -> {
            for (Account account : accounts) {
                String password = newPassword();
                if (insert(account, password)) {
                    made.add(new NewAccount(account.username(), password, account.displayName(), account.roles()));
                }
            }
        });
        return List.copyOf(made);
    }

    /** Makes the account with this password when there is none of that name; one that is there stays as it is. */
    public void ensure(Account account, String password) {
        transaction.executeWithoutResult(status -> insert(account, password));
    }

    private boolean insert(Account account, String password) {
        if (jdbc.sql("select 1 from org_accounts where username = ?")
                .param(account.username())
                .query()
                .optionalValue()
                .isPresent()) {
            return false;
        }
        Department department = account.department();
        int rows = jdbc.sql("""
                        insert into org_accounts (username, display_name, password_hash, department_id)
                        values (:username, :displayName, :hash, :department) on conflict (username) do nothing""")
                .param("username", account.username())
                .param("displayName", account.displayName())
                .param("hash", encoder.encode(password))
                .param("department", department == null ? null : department.id())
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

    private Account get(String username) {
        Set<Role> roles = new TreeSet<>(jdbc.sql("select role from org_account_roles where username = ?")
                .param(username)
                .query((row, n) -> Role.valueOf(row.getString(1)))
                .list());
        return jdbc.sql("""
                        select a.username, a.display_name, d.id, d.name, d.name_en
                        from org_accounts a left join org_departments d on d.id = a.department_id where a.username = ?""")
                .param(username)
                .query((row, n) -> {
                    @Nullable String id = row.getString(3);
                    Department department = id == null ? null : new Department(id, row.getString(4), row.getString(5));
                    return new Account(row.getString(1), row.getString(2), roles, department);
                })
                .single();
    }

    private String newPassword() {
        StringBuilder password = new StringBuilder();
        for (int i = 0; i < PASSWORD_LENGTH; i++) {
            password.append(PASSWORD_ALPHABET.charAt(random.nextInt(PASSWORD_ALPHABET.length())));
        }
        return password.toString();
    }

    /** An account just made, with its password: shown once, to whoever set the installation up. */
    public record NewAccount(String username, String password, String displayName, Set<Role> roles) {
        public NewAccount {
            roles = Set.copyOf(roles);
        }

        @Override
        public String toString() {
            return "NewAccount[" + username + "]";
        }
    }
}

package org.qiantang.org;

import java.time.Clock;
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
    private static final int LONGEST_PASSWORD = 72;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final SignInThrottle throttle;
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

    /** Makes the account with this password when there is none of that name; one that is there stays as it is. */
    public void ensure(Account account, String password) {
        transaction.executeWithoutResult(status -> insert(account, password));
    }

    /** Makes the account with this password; one of that name that is there keeps its roles and gets the password. */
    public void put(Account account, String password) {
        transaction.executeWithoutResult(status -> {
            if (!insert(account, password)) {
                jdbc.sql("update org_accounts set password_hash = ? where username = ?")
                        .params(encoder.encode(password), account.username())
                        .update();
            }
        });
    }

    /** False when there is an account of that name. */
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
}

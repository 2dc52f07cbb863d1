package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;
import org.qiantang.org.Accounts.Credentials;
import org.qiantang.org.Administration.Wanted;

/** Who comes in, and what the three administrators can and cannot do to an account. */
class AccountsTests {
    private static final String HERE = "10.0.0.1";
    private static final Actor SYSTEM = new Actor("sysadmin", HERE);
    private static final Actor SECURITY = new Actor("secadmin", HERE);
    private static final String PASSWORD = "only for tests, by hand";

    private Organisations city;

    @BeforeEach
    void open() {
        city = new Organisations();
        make("sysadmin", Role.SYSTEM_ADMIN);
        make("secadmin", Role.SECURITY_ADMIN);
        make("auditadmin", Role.AUDIT_ADMIN);
        make("officer", Role.OFFICER);
    }

    private void make(String name, Role role) {
        city.accounts.ensure(new Account(name, name, Set.of(role), null), PASSWORD);
    }

    private Account signIn(String name, String password, String code) {
        return city.accounts.signIn(new Credentials(name, password, code), HERE);
    }

    private void refused(String code, ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo(code));
    }

    private void fail(String name, String address, int times) {
        for (int i = 0; i < times; i++) {
            assertThatThrownBy(() -> city.accounts.signIn(new Credentials(name, "wrong", null), address))
                    .isInstanceOf(Problem.class);
        }
    }

    @Test
    void theWaitDoublesFromTheFifthFailureOnAndNoRestartForgivesIt() {
        fail("officer", HERE, 4);
        assertThatCode(() -> city.accounts.signIn(new Credentials("officer", PASSWORD, null), HERE))
                .doesNotThrowAnyException();
        fail("officer", HERE, 5);
        city.restart();
        refused("org.too_many_attempts", () -> signIn("officer", PASSWORD, null));
        assertThatCode(() -> city.accounts.signIn(new Credentials("officer", PASSWORD, null), "10.0.0.2"))
                .doesNotThrowAnyException();
        city.clock.pass(Duration.ofSeconds(2));
        assertThatCode(() -> signIn("officer", PASSWORD, null)).doesNotThrowAnyException();
    }

    @Test
    void tenFailuresFromAnywhereLockTheAccountUntilTheSecurityAdministratorOrTimeUnlocksIt() {
        for (int i = 0; i < SignInThrottle.LOCKING_FAILURES; i++) {
            fail("officer", "10.0.1." + i, 1);
        }
        city.restart();
        refused(
                "org.account_locked",
                () -> city.accounts.signIn(new Credentials("officer", PASSWORD, null), "10.9.9.9"));
        assertThat(city.administration.list())
                .filteredOn(entry -> entry.lockedUntil() != null)
                .extracting(AccountEntry::username)
                .containsExactly("officer");
        city.administration.unlock(SECURITY, "officer");
        assertThatCode(() -> signIn("officer", PASSWORD, null)).doesNotThrowAnyException();

        for (int i = 0; i < SignInThrottle.LOCKING_FAILURES; i++) {
            fail("officer", "10.0.2." + i, 1);
        }
        city.clock.pass(SignInThrottle.LOCK.plusSeconds(1));
        assertThatCode(() -> signIn("officer", PASSWORD, null)).doesNotThrowAnyException();
        assertThat(acts()).contains(Act.ACCOUNT_LOCKED, Act.ACCOUNT_UNLOCKED);
    }

    @Test
    void aNewAccountHasNoRoleAndItsFirstPasswordHasToBeChanged() {
        String first = city.administration.create(SYSTEM, "chen.gong", new Wanted("陈工程师", null));
        Account newcomer = signIn("chen.gong", first, null);
        assertThat(newcomer.roles()).isEmpty();
        assertThat(newcomer.obligations()).containsExactly(Obligation.CHANGE_PASSWORD);

        Actor self = new Actor("chen.gong", HERE);
        refused("org.bad_credentials", () -> city.accounts.changePassword(self, "wrong", "correct horse battery"));
        refused("org.password_same", () -> city.accounts.changePassword(self, first, first));
        refused("org.password_too_short", () -> city.accounts.changePassword(self, first, "short"));
        Account changed = city.accounts.changePassword(self, first, "correct horse battery");
        assertThat(changed.obligations()).isEmpty();
        // The session from before has ended, the one that changed it goes on.
        assertThat(city.accounts.current(newcomer)).isEmpty();
        assertThat(city.accounts.current(changed)).contains(changed);

        refused("org.username_taken", () -> city.administration.create(SYSTEM, "chen.gong", new Wanted("x", null)));
        refused("org.bad_username", () -> city.administration.create(SYSTEM, "Operator!", new Wanted("x", null)));
        refused("org.bad_username", () -> city.administration.create(SYSTEM, "operator", new Wanted("x", null)));
        refused("org.no_such_department", () -> city.administration.create(SYSTEM, "other", new Wanted("x", "none")));
    }

    @Test
    void nobodyHoldsTwoOfTheThreeDutiesAndTheLastOfEachStays() {
        refused(
                "org.two_duties",
                () -> city.administration.setRoles(SECURITY, "officer", Set.of(Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN)));
        refused(
                "org.operator_is_no_role",
                () -> city.administration.setRoles(SECURITY, "officer", Set.of(Role.OPERATOR)));
        refused(
                "org.last_administrator",
                () -> city.administration.setRoles(SECURITY, "auditadmin", Set.of(Role.OFFICER)));
        refused("org.last_administrator", () -> city.administration.disable(SYSTEM, "secadmin"));
        refused("org.not_oneself", () -> city.administration.setRoles(SECURITY, "secadmin", Set.of()));
        refused("org.not_oneself", () -> city.administration.disable(SYSTEM, "sysadmin"));

        refused(
                "org.two_duties",
                () -> city.administration.setRoles(SECURITY, "officer", Set.of(Role.AUDIT_ADMIN, Role.OFFICER)));
        refused("org.not_oneself", () -> city.administration.change(SYSTEM, "sysadmin", new Wanted("我", null)));

        guard("officer");
        city.administration.setRoles(SECURITY, "officer", Set.of(Role.AUDIT_ADMIN));
        city.administration.setRoles(SECURITY, "auditadmin", Set.of(Role.OFFICER));
        assertThat(city.accounts.find("auditadmin").orElseThrow().roles()).containsExactly(Role.OFFICER);
        refused("org.last_administrator", () -> city.administration.disable(SYSTEM, "officer"));
    }

    @Test
    void aRoleThatWasTakenAwayIsGoneFromTheSessionAndADisabledAccountHasNone() {
        Account session = signIn("officer", PASSWORD, null);
        city.administration.setRoles(SECURITY, "officer", Set.of(Role.ANALYST));
        assertThat(city.accounts.current(session).orElseThrow().roles()).containsExactly(Role.ANALYST);
        city.administration.disable(SYSTEM, "officer");
        assertThat(city.accounts.current(session)).isEmpty();
        refused("org.account_disabled", () -> signIn("officer", PASSWORD, null));
        city.administration.enable(SYSTEM, "officer");
        assertThatCode(() -> signIn("officer", PASSWORD, null)).doesNotThrowAnyException();
    }

    @Test
    void administratorsNeedASecondFactorFromTheirSecondSignInOnAndNoCodeCountsTwice() {
        assertThat(signIn("secadmin", PASSWORD, null).obligations()).isEmpty();
        assertThat(signIn("secadmin", PASSWORD, null).obligations()).containsExactly(Obligation.SET_SECOND_FACTOR);
        assertThat(signIn("officer", PASSWORD, null).obligations()).isEmpty();
        assertThat(signIn("officer", PASSWORD, null).obligations()).isEmpty();

        byte[] secret = secretOf(city.secondFactors.begin("secadmin").key());
        refused("org.bad_code", () -> city.secondFactors.confirm(SECURITY, "000000x"));
        String code = Totp.code(secret, Totp.step(city.clock.instant()));
        List<String> recovery = city.secondFactors.confirm(SECURITY, code);
        assertThat(recovery).hasSize(10).doesNotHaveDuplicates();

        refused("org.second_factor_needed", () -> signIn("secadmin", PASSWORD, null));
        refused("org.bad_code", () -> signIn("secadmin", PASSWORD, code));
        city.clock.pass(Duration.ofSeconds(60));
        String next = Totp.code(secret, Totp.step(city.clock.instant()));
        assertThat(signIn("secadmin", PASSWORD, next).obligations()).isEmpty();
        refused("org.bad_code", () -> signIn("secadmin", PASSWORD, next));
        refused("org.bad_credentials", () -> signIn("secadmin", "wrong", next));

        assertThatCode(() -> signIn("secadmin", PASSWORD, recovery.getFirst().toUpperCase(java.util.Locale.ROOT)))
                .doesNotThrowAnyException();
        refused("org.bad_code", () -> signIn("secadmin", PASSWORD, recovery.getFirst()));
        refused("org.second_factor_is_set", () -> city.secondFactors.begin("secadmin"));
        assertThat(city.jdbc
                        .sql("select encode(secret, 'escape') from org_second_factors")
                        .query(String.class)
                        .single())
                .doesNotContain(java.util.Base64.getEncoder().encodeToString(secret));
    }

    @Test
    void neitherAdministratorGetsAtAnotherAlone() {
        refused("org.administrator_unguarded", () -> city.administration.resetPassword(SYSTEM, "secadmin"));
        guard("secadmin");
        String first = city.administration.resetPassword(SYSTEM, "secadmin");
        refused("org.second_factor_needed", () -> signIn("secadmin", first, null));
        refused("org.not_oneself", () -> city.administration.resetSecondFactor(SECURITY, "secadmin"));
        guard("auditadmin");
        city.administration.resetSecondFactor(SECURITY, "auditadmin");
        assertThat(city.secondFactors.isSet("auditadmin")).isFalse();
    }

    @Test
    void nobodyIsAppointedWhomWhoeverMadeTheAccountCouldBe() {
        city.administration.create(SYSTEM, "wang.an", new Wanted("王安", null));
        refused(
                "org.not_ready_for_duty",
                () -> city.administration.setRoles(SECURITY, "wang.an", Set.of(Role.SECURITY_ADMIN)));
        guard("wang.an");
        refused(
                "org.not_ready_for_duty",
                () -> city.administration.setRoles(SECURITY, "wang.an", Set.of(Role.SECURITY_ADMIN)));
        guard("auditadmin");
        city.administration.resetPassword(SYSTEM, "auditadmin");
        refused("org.first_password_stands", () -> city.administration.resetSecondFactor(SECURITY, "auditadmin"));
    }

    @Test
    void aSessionThatWasSilentWhileItsAccountWasDisabledDoesNotComeBack() {
        Account session = signIn("officer", PASSWORD, null);
        city.administration.disable(SYSTEM, "officer");
        city.administration.enable(SYSTEM, "officer");

        assertThat(city.accounts.current(session)).isEmpty();
    }

    @Test
    void whoHoldsTheInstallationComesInAgain() {
        guard("secadmin");
        city.accounts.put(
                new Account("secadmin", "x", Set.of(), null, Set.of(Obligation.CHANGE_PASSWORD), 0),
                "fresh from the file");
        assertThat(signIn("secadmin", "fresh from the file", null).obligations())
                .contains(Obligation.CHANGE_PASSWORD);
        assertThat(city.accounts.find("secadmin").orElseThrow().roles()).containsExactly(Role.SECURITY_ADMIN);
    }

    @Test
    void everyActIsInTheTrailAndTheTrailOnlyGrows() {
        city.administration.create(SYSTEM, "chen.gong", new Wanted("陈工程师", null));
        city.administration.setRoles(SECURITY, "chen.gong", Set.of(Role.OFFICER));
        city.administration.setRoles(SECURITY, "chen.gong", Set.of(Role.ANALYST));
        city.administration.resetPassword(SYSTEM, "chen.gong");
        city.administration.disable(SYSTEM, "chen.gong");
        refused("org.two_duties", () -> city.administration.setRoles(SECURITY, "officer", Role.DUTIES));

        List<AuditEntry> entries = city.audit.list(new AuditTrail.Wanted(null, null, "chen.gong", 0, 50));
        assertThat(entries)
                .extracting(AuditEntry::act)
                .containsExactly(
                        Act.ACCOUNT_DISABLED,
                        Act.PASSWORD_RESET,
                        Act.ROLES_CHANGED,
                        Act.ROLES_CHANGED,
                        Act.ACCOUNT_CREATED);
        assertThat(entries.get(2).before()).hasToString("{roles=[OFFICER]}");
        assertThat(entries.get(2).after()).hasToString("{roles=[ANALYST]}");
        assertThat(entries.get(2).actor()).isEqualTo("secadmin");
        assertThat(entries.get(2).address()).isEqualTo(HERE);
        assertThat(entries.toString()).doesNotContain(PASSWORD);

        for (String sql :
                List.of("update org_audit set actor = 'nobody'", "delete from org_audit", "truncate org_audit")) {
            assertThatThrownBy(() -> city.jdbc.sql(sql).update()).hasMessageContaining("only grows");
        }
        assertThat(city.audit.verify(new Actor("auditadmin", HERE)).broken()).isNull();

        // Who owns the database can switch the guard off; then the hashes tell.
        long id = entries.get(2).id();
        city.jdbc.sql("alter table org_audit disable trigger all").update();
        city.jdbc
                .sql("update org_audit set actor = 'sysadmin' where id = ?")
                .param(id)
                .update();
        assertThat(city.audit.verify(new Actor("auditadmin", HERE)).broken()).isEqualTo(id);
    }

    private void guard(String name) {
        byte[] secret = secretOf(city.secondFactors.begin(name).key());
        city.secondFactors.confirm(new Actor(name, HERE), Totp.code(secret, Totp.step(city.clock.instant())));
    }

    private List<Act> acts() {
        return city.audit.list(new AuditTrail.Wanted(null, null, null, 0, 200)).stream()
                .map(AuditEntry::act)
                .toList();
    }

    static byte[] secretOf(String key) {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        byte[] secret = new byte[key.length() * 5 / 8];
        long buffer = 0;
        int bits = 0;
        int at = 0;
        for (char c : key.toCharArray()) {
            buffer = buffer << 5 | alphabet.indexOf(c);
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                secret[at++] = (byte) (buffer >> bits);
            }
        }
        return secret;
    }
}

package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
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
        return city.accounts.signIn(new Credentials(name, password, code), Origin.of(HERE));
    }

    private void refused(String code, ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo(code));
    }

    private Account signInFrom(String address) {
        return city.accounts.signIn(new Credentials("officer", PASSWORD, null), Origin.of(address));
    }

    private void fail(String name, String address, int times) {
        for (int i = 0; i < times; i++) {
            refused(
                    "org.bad_credentials",
                    () -> city.accounts.signIn(new Credentials(name, "wrong", null), Origin.of(address)));
        }
    }

    /** Fails until the account is locked for that address, waiting as long as one has to. */
    private void failUntilLocked(String name, String address) {
        for (int i = 0; i < SignInThrottle.Count.ADDRESS.locking; i++) {
            fail(name, address, 1);
            city.clock.pass(SignInThrottle.Count.ADDRESS.pause(i + 1).plusSeconds(1));
        }
    }

    @Test
    void theWaitDoublesFromTheFifthFailureOnAndNoRestartForgivesIt() {
        fail("officer", HERE, 4);
        assertThatCode(() -> signInFrom(HERE)).doesNotThrowAnyException();
        fail("officer", HERE, 5);
        city.restart();
        refused("org.too_many_attempts", () -> signIn("officer", PASSWORD, null));
        assertThatCode(() -> signInFrom("10.0.0.2")).doesNotThrowAnyException();
        city.clock.pass(Duration.ofSeconds(2));
        assertThatCode(() -> signIn("officer", PASSWORD, null)).doesNotThrowAnyException();
    }

    @Test
    void tenFailuresLockTheAccountForWhereTheyComeFromAndForNobodyElse() {
        for (int i = 0; i < 9; i++) {
            fail("officer", HERE, 1);
            city.clock.pass(SignInThrottle.Count.ADDRESS.pause(i + 1).plusSeconds(1));
        }
        fail("officer", HERE, 1);
        city.restart();

        refused("org.account_locked", () -> signInFrom(HERE));
        assertThatCode(() -> signInFrom("10.9.9.9")).doesNotThrowAnyException();
        refused("org.account_locked", () -> signInFrom(HERE));
        assertThat(city.administration.list())
                .filteredOn(entry -> entry.lockedUntil() != null)
                .extracting(AccountEntry::username)
                .containsExactly("officer");
        city.administration.unlock(SECURITY, "officer");
        assertThatCode(() -> signInFrom(HERE)).doesNotThrowAnyException();

        failUntilLocked("officer", HERE);
        assertThatCode(() -> signInFrom(HERE)).doesNotThrowAnyException();
        assertThat(acts()).contains(Act.ACCOUNT_LOCKED, Act.ACCOUNT_UNLOCKED);
    }

    @Test
    void strangersWhoGuessFromEverywhereWaitForEachOtherAndTheOwnersBrowserDoesNot() {
        Origin own = browserOf("officer", HERE);
        for (int i = 0; i <= SignInThrottle.Count.ALL_STRANGERS.free; i++) {
            fail("officer", "10.1.0." + i, 1);
        }

        refused("org.too_many_attempts", () -> signInFrom("10.2.0.1"));
        // No row stays of an attempt that was refused.
        assertThat(rowsOf("10.2.0.1")).isZero();
        assertThatCode(() -> city.accounts.signIn(new Credentials("officer", PASSWORD, null), own))
                .doesNotThrowAnyException();
        // Coming in by a known browser gives strangers no more tries.
        refused("org.too_many_attempts", () -> signInFrom("10.2.0.1"));
    }

    @Test
    void aKnownBrowserIsKnownForItsOwnAccountAndPasswordAloneAndHasNoFreeGuessesEither() {
        Origin own = browserOf("officer", HERE);
        assertThat(city.devices.find("officer", own)).isPresent();
        assertThat(city.devices.find("secadmin", own)).isEmpty();
        assertThat(city.devices.find("nobody", own)).isEmpty();
        String shown = own.devices().getLast();
        char last = shown.charAt(shown.length() - 1);
        String forged = shown.substring(0, shown.length() - 1) + (last == '0' ? '1' : '0');
        assertThat(city.devices.find("officer", new Origin(HERE, List.of(forged, "x", ""))))
                .isEmpty();

        for (int i = 0; i < 5; i++) {
            refused("org.bad_credentials", () -> city.accounts.signIn(new Credentials("officer", "wrong", null), own));
        }
        refused("org.too_many_attempts", () -> city.accounts.signIn(new Credentials("officer", PASSWORD, null), own));

        city.clock.pass(Duration.ofDays(181));
        assertThat(city.devices.find("officer", own)).isEmpty();
        Origin fresh = browserOf("officer", HERE);
        assertThat(city.devices.find("officer", fresh)).isPresent();
        city.administration.resetPassword(SYSTEM, "officer");
        assertThat(city.devices.find("officer", fresh)).isEmpty();
    }

    /** A browser with what it was given when the account was signed in to in it. */
    private Origin browserOf(String name, String address) {
        TrustedDevices.Mark mark = city.devices.mark(name, Origin.of(address)).orElseThrow();
        assertThat(mark.name() + mark.value()).doesNotContain(name);
        return new Origin(address, List.of("something else", mark.value()));
    }

    private long rowsOf(String address) {
        return city.jdbc
                .sql("select count(*) from org_sign_in_failures where address = ?")
                .param(address)
                .query(Long.class)
                .single();
    }

    @Test
    void ofManyWhoGuessAtTheSameTimeNoMoreThanTheLimitReachThePassword() throws Exception {
        assertThat(guessAtOnce(60, i -> HERE)).isEqualTo(SignInThrottle.Count.ADDRESS.free + 1);
        city.administration.unlock(SECURITY, "officer");
        assertThat(guessAtOnce(140, i -> "10.3.0." + i)).isEqualTo(SignInThrottle.Count.ALL_STRANGERS.free + 1);
    }

    /** How many of so many guesses made at once were looked at. */
    private int guessAtOnce(int guesses, IntFunction<String> address) throws Exception {
        AtomicInteger looked = new AtomicInteger();
        CountDownLatch together = new CountDownLatch(1);
        Semaphore connections = new Semaphore(16);
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < guesses; i++) {
                String from = address.apply(i);
                all.add(threads.submit(() -> {
                    together.await();
                    connections.acquire();
                    try {
                        city.accounts.signIn(new Credentials("officer", "wrong", null), Origin.of(from));
                    } catch (Problem problem) {
                        if (problem.code() == OrgProblem.BAD_CREDENTIALS) {
                            looked.incrementAndGet();
                        }
                    } finally {
                        connections.release();
                    }
                    return null;
                }));
            }
            together.countDown();
            for (Future<?> each : all) {
                each.get();
            }
        }
        return looked.get();
    }

    @Test
    void beingAskedForTheSecondFactorGivesBackItsOwnCountAndNoOther() {
        guard("officer");
        fail("officer", HERE, 3);
        for (int i = 0; i < 10; i++) {
            refused("org.second_factor_needed", () -> signIn("officer", PASSWORD, null));
        }
        fail("officer", HERE, 2);
        refused("org.too_many_attempts", () -> signIn("officer", PASSWORD, null));
    }

    @Test
    void aFirstPasswordOpensOneSessionAndEndsAfterThreeDays() {
        String first = city.administration
                .create(SYSTEM, "li.xin", new Wanted("李新", null))
                .password();
        assertThat(city.administration.list())
                .filteredOn(entry -> entry.invitedUntil() != null)
                .extracting(AccountEntry::username)
                .containsExactly("li.xin");
        assertThat(signIn("li.xin", first, null).obligations()).containsExactly(Obligation.CHANGE_PASSWORD);
        refused("org.invitation_ended", () -> signIn("li.xin", first, null));

        Administration.Invitation second = city.administration.resetPassword(SYSTEM, "li.xin");
        city.clock.pass(Duration.ofHours(72));
        assertThat(second.until()).isEqualTo(city.clock.instant());
        refused("org.invitation_ended", () -> signIn("li.xin", second.password(), null));
        refused("org.bad_credentials", () -> signIn("li.xin", "a guess", null));

        String third = city.administration.resetPassword(SYSTEM, "li.xin").password();
        signIn("li.xin", third, null);
        city.accounts.changePassword(new Actor("li.xin", HERE), third, "correct horse battery");
        signIn("li.xin", "correct horse battery", null);
        assertThatCode(() -> signIn("li.xin", "correct horse battery", null)).doesNotThrowAnyException();
    }

    @Test
    void whoIsAskedForTheSecondFactorHasNotUsedTheFirstPassword() {
        guard("auditadmin");
        String first = city.administration.resetPassword(SYSTEM, "auditadmin").password();
        refused("org.second_factor_needed", () -> signIn("auditadmin", first, null));
        refused("org.second_factor_needed", () -> signIn("auditadmin", first, null));
    }

    @Test
    void aNewAccountHasNoRoleAndItsFirstPasswordHasToBeChanged() {
        String first = city.administration
                .create(SYSTEM, "chen.gong", new Wanted("陈工程师", null))
                .password();
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
    void aLongPasswordCountsToItsLastCharacter() {
        String first = city.administration
                .create(SYSTEM, "chang.wen", new Wanted("常文", null))
                .password();
        signIn("chang.wen", first, null);
        String poem = "早上骑车过西湖再去喝茶中午回来写字下午看山".repeat(3);
        city.accounts.changePassword(new Actor("chang.wen", HERE), first, poem);

        assertThat(signIn("chang.wen", poem, null).username()).isEqualTo("chang.wen");
        refused("org.bad_credentials", () -> signIn("chang.wen", poem.substring(0, poem.length() - 1) + "水", null));
        refused("org.bad_credentials", () -> signIn("chang.wen", poem.substring(0, 24), null));
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
        appoint("officer", Role.AUDIT_ADMIN);
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
        assertThat(recovery)
                .hasSize(10)
                .doesNotHaveDuplicates()
                .allMatch(each -> each.matches("([2-9a-hjkmnp-z]{6}-){3}[2-9a-hjkmnp-z]{6}"));

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
        String first = city.administration.resetPassword(SYSTEM, "secadmin").password();
        refused("org.second_factor_needed", () -> signIn("secadmin", first, null));
        refused("org.not_oneself", () -> city.administration.resetSecondFactor(SECURITY, "secadmin"));
        guard("auditadmin");
        city.administration.resetSecondFactor(SECURITY, "auditadmin");
        assertThat(city.secondFactors.isSet("auditadmin")).isFalse();
    }

    @Test
    void nobodyIsAppointedWhomWhoeverMadeTheAccountCouldBe() {
        String first = city.administration
                .create(SYSTEM, "wang.an", new Wanted("王安", null))
                .password();
        refused(
                "org.not_ready_for_duty",
                () -> city.administration.setRoles(SECURITY, "wang.an", Set.of(Role.SECURITY_ADMIN)));
        guard("wang.an");
        refused(
                "org.not_ready_for_duty",
                () -> city.administration.setRoles(SECURITY, "wang.an", Set.of(Role.SECURITY_ADMIN)));
        city.accounts.changePassword(new Actor("wang.an", HERE), first, "correct horse battery");
        // Whoever it is has done all that: only the person in front of the administrator can read the code out.
        String code = city.presence.code("wang.an");
        for (String shown : Arrays.asList(null, " ", "aaaaa-aaaaa", city.presence.code("officer"))) {
            refused(
                    "org.presence_not_shown",
                    () -> city.administration.setRoles(SECURITY, "wang.an", Set.of(Role.SECURITY_ADMIN), shown));
        }
        refused(
                "org.appointed_by_inviter",
                () -> city.administration.setRoles(SYSTEM, "wang.an", Set.of(Role.SECURITY_ADMIN), code));
        city.clock.pass(Duration.ofMinutes(20));
        refused(
                "org.presence_not_shown",
                () -> city.administration.setRoles(SECURITY, "wang.an", Set.of(Role.SECURITY_ADMIN), code));
        appoint("wang.an", Role.SECURITY_ADMIN);
        assertThat(city.accounts.find("wang.an").orElseThrow().roles()).containsExactly(Role.SECURITY_ADMIN);
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

    private void appoint(String name, Role duty) {
        city.administration.setRoles(SECURITY, name, Set.of(duty), city.presence.code(name));
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

package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;
import org.qiantang.org.Vouched.Factor;

/** Which person of a provider comes in as which account, and what has to be shown for it. */
class IdentitiesTests {
    private static final String HERE = "10.0.0.1";
    private static final String ISSUER = "https://id.example.cn";
    private static final Actor SYSTEM = new Actor("sysadmin", HERE);
    private static final Actor SECURITY = new Actor("secadmin", HERE);

    private Organisations city;
    private Identities identities;
    private byte[] secret = new byte[0];

    @BeforeEach
    void open() {
        city = new Organisations();
        identities =
                new Identities(city.jdbc, city.transaction, city.clock, city.accounts, city.secondFactors, city.audit);
        make("sysadmin", Role.SYSTEM_ADMIN);
        make("secadmin", Role.SECURITY_ADMIN);
        make("officer", Role.OFFICER);
    }

    private void make(String name, Role role) {
        city.accounts.ensure(
                new Account(name, name, Set.of(role), null, Set.of(Obligation.CHANGE_PASSWORD), 0),
                "only for tests, by hand");
    }

    private static Vouched vouched(String subject, Factor factor) {
        return new Vouched("city", ISSUER, subject, "张" + subject, null, factor);
    }

    private Account enter(String subject, Factor factor, String code) {
        return identities.signIn(vouched(subject, factor), code, HERE);
    }

    private void setFactor(String name) {
        secret = AccountsTests.secretOf(city.secondFactors.begin(name).key());
        city.secondFactors.confirm(new Actor(name, HERE), code());
        city.clock.pass(Duration.ofSeconds(30));
    }

    private String code() {
        return Totp.code(secret, Totp.step(city.clock.instant()));
    }

    private void refused(String code, ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo(code));
    }

    @Test
    void whoComesByAProviderNeedNotChangeAPasswordTheyNeverUse() {
        identities.bind(SYSTEM, "officer", ISSUER, "1");

        Account entered = enter("1", Factor.NOT_SEEN, null);

        assertThat(entered.obligations()).isEmpty();
        city.administration.change(SYSTEM, "officer", new Administration.Wanted("改名", null));
        assertThat(city.accounts.current(entered).orElseThrow().obligations()).isEmpty();
        assertThat(city.accounts.find("officer").orElseThrow().obligations())
                .containsExactly(Obligation.CHANGE_PASSWORD);
    }

    @Test
    void aSecondFactorThatIsSetIsAskedForUnlessTheProviderSawOne() {
        setFactor("officer");
        identities.bind(SYSTEM, "officer", ISSUER, "1");

        refused("org.second_factor_needed", () -> enter("1", Factor.NOT_SEEN, null));
        refused("org.bad_code", () -> enter("1", Factor.NOT_SEEN, "000000"));
        assertThat(enter("1", Factor.NOT_SEEN, code()).username()).isEqualTo("officer");
        assertThat(enter("1", Factor.SEEN_BY_PROVIDER, null).username()).isEqualTo("officer");
    }

    @Test
    void anAdministratorsIdentityOpensNothingBeforeTheirOwnSecondFactorWasShownWithIt() {
        identities.bind(SYSTEM, "secadmin", ISSUER, "2");
        refused("org.identity_unconfirmed", () -> enter("2", Factor.SEEN_BY_PROVIDER, null));
        setFactor("secadmin");
        refused("org.second_factor_needed", () -> enter("2", Factor.SEEN_BY_PROVIDER, null));

        assertThat(enter("2", Factor.SEEN_BY_PROVIDER, code()).username()).isEqualTo("secadmin");

        assertThat(identities.list("secadmin").getFirst().confirmedAt()).isNotNull();
        assertThat(enter("2", Factor.SEEN_BY_PROVIDER, null).isAdministrator()).isTrue();
        refused("org.second_factor_needed", () -> enter("2", Factor.NOT_SEEN, null));
    }

    @Test
    void whoBecomesAnAdministratorAfterTheBindingIsGuardedToo() {
        identities.bind(SYSTEM, "officer", ISSUER, "1");
        enter("1", Factor.SEEN_BY_PROVIDER, null);
        city.accounts.changePassword(new Actor("officer", HERE), "only for tests, by hand", "of my own choosing now");
        setFactor("officer");
        city.administration.setRoles(SECURITY, "officer", Set.of(Role.AUDIT_ADMIN));

        refused("org.second_factor_needed", () -> enter("1", Factor.SEEN_BY_PROVIDER, null));
    }

    @Test
    void guessedCodesLockTheAccountAsGuessedPasswordsDo() {
        setFactor("officer");
        identities.bind(SYSTEM, "officer", ISSUER, "1");
        for (int i = 0; i < 5; i++) {
            refused("org.bad_code", () -> enter("1", Factor.NOT_SEEN, "000000"));
        }

        refused("org.too_many_attempts", () -> enter("1", Factor.NOT_SEEN, code()));
    }

    @Test
    void aDisabledAccountIsClosedToItsIdentitiesAndUnbindingEndsTheSession() {
        identities.bind(SYSTEM, "officer", ISSUER, "1");
        Account entered = enter("1", Factor.NOT_SEEN, null);
        identities.unbind(SYSTEM, "officer", ISSUER, "1");
        assertThat(city.accounts.current(entered)).isEmpty();
        refused("org.identity_unknown", () -> enter("1", Factor.NOT_SEEN, null));

        identities.bind(SYSTEM, "officer", ISSUER, "1");
        city.administration.disable(SYSTEM, "officer");
        refused("org.account_disabled", () -> enter("1", Factor.NOT_SEEN, null));
    }

    @Test
    void anIdentityBelongsToOneAccountAndItsProviderIsPartOfIt() {
        identities.bind(SYSTEM, "officer", ISSUER, "1");

        refused("org.identity_taken", () -> identities.bind(SYSTEM, "secadmin", ISSUER, "1"));
        refused("org.not_oneself", () -> identities.bind(SYSTEM, "sysadmin", ISSUER, "9"));
        refused("core.not_found", () -> identities.bind(SYSTEM, "nobody", ISSUER, "9"));
        refused(
                "org.identity_unknown",
                () -> identities.signIn(
                        new Vouched("city", "https://other.example.cn", "1", "张", null, Factor.NOT_SEEN), null, HERE));
        assertThat(city.audit.list(new AuditTrail.Wanted(null, Act.IDENTITY_BOUND, "officer", 0, 10)))
                .hasSize(1);
    }

    @Test
    void whoIsRefusedOverAndOverDoesNotFillTheTrail() {
        for (int i = 0; i < 100; i++) {
            identities.refuse("city", HERE, OrgProblem.IDENTITY_UNKNOWN, "x");
        }
        assertThat(refusals()).isEqualTo(60);
        identities.refuse("another", HERE, OrgProblem.IDENTITY_UNKNOWN, "x");
        city.clock.pass(Duration.ofMinutes(2));
        identities.refuse("city", HERE, OrgProblem.IDENTITY_UNKNOWN, "x");
        assertThat(refusals()).isEqualTo(62);
    }

    private int refusals() {
        return city.audit
                .list(new AuditTrail.Wanted(null, Act.IDENTITY_REFUSED, null, 0, 200))
                .size();
    }

    @Test
    void newcomersAreRememberedOnceEachAndOnlyTheNewest() {
        for (int i = 0; i < 505; i++) {
            String subject = "s" + i;
            refused("org.identity_unknown", () -> enter(subject, Factor.NOT_SEEN, null));
            city.clock.pass(Duration.ofSeconds(1));
        }
        refused("org.identity_unknown", () -> enter("s504", Factor.NOT_SEEN, null));

        List<Newcomer> newcomers = identities.listNewcomers();
        assertThat(newcomers.getFirst().subject()).isEqualTo("s504");
        assertThat(newcomers.getFirst().attempts()).isEqualTo(2);
        assertThat(city.jdbc
                        .sql("select count(*) from org_newcomers")
                        .query(Long.class)
                        .single())
                .isEqualTo(500);
    }
}

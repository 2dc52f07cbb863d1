package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.org.Accounts.Credentials;

/** Whom residents' accounts are about: nobody who keeps the platform gets at somebody's records alone. */
class ResidentsTests {
    private static final Actor SYSTEM = new Actor("sysadmin", "10.0.0.1");
    private static final Actor SECURITY = new Actor("secadmin", "10.0.0.1");
    private static final String NUMBER = "11010519491231002X";

    private final Organisations city = new Organisations();
    private final Residents residents = new Residents(
            city.jdbc, city.transaction, new Sealing(new byte[32], Sealing.newKeyPair()), city.audit, city.clock);

    private Account account(String username) {
        return city.accounts.find(username).orElseThrow();
    }

    private static void refused(String code, ThrowingCallable act) {
        assertThatThrownBy(act)
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo(code));
    }

    @Test
    void anAccountIsBoundBeforeItIsAResidentsAndToNobodyElseAfterwards() {
        String first = city.administration
                .create(SYSTEM, "zhou", new Administration.Wanted("周", null))
                .password();
        residents.bind(SYSTEM, account("zhou"), NUMBER.toLowerCase(java.util.Locale.ROOT));

        refused("org.resident_not_ready", () -> city.administration.setRoles(SECURITY, "zhou", Set.of(Role.RESIDENT)));
        city.accounts.signIn(new Credentials("zhou", first, null), Origin.of("10.0.0.9"));
        city.accounts.changePassword(new Actor("zhou", "10.0.0.9"), first, "a password of their own");
        refused(
                "org.resident_alone",
                () -> city.administration.setRoles(SECURITY, "zhou", Set.of(Role.RESIDENT, Role.OFFICER)));
        refused("org.presence_not_shown", () -> city.administration.setRoles(SECURITY, "zhou", Set.of(Role.RESIDENT)));
        city.administration.setRoles(SECURITY, "zhou", Set.of(Role.RESIDENT), city.presence.code("zhou"));

        assertThat(residents.find(account("zhou"))).contains(new Resident("zhou", Resident.Kind.PERSON, NUMBER));
        refused("org.resident_is_bound", () -> residents.bind(SYSTEM, account("zhou"), "440524188001010014"));
        refused("org.resident_unguarded", () -> city.administration.resetPassword(SYSTEM, "zhou"));
    }

    @Test
    void numbersAreSealedAndNeverInTheTrail() {
        city.accounts.ensure(new Account("gongsi", "公司", Set.of(), null), "only for tests 1");

        residents.bind(SYSTEM, account("gongsi"), "91350100M000100Y43");
        refused("org.no_such_number", () -> residents.bind(SYSTEM, account("gongsi"), "91350100M000100Y44"));

        assertThat(residents.find(account("gongsi")).orElseThrow().kind()).isEqualTo(Resident.Kind.LEGAL_PERSON);
        byte[] stored = city.jdbc
                .sql("select number from org_residents")
                .query(byte[].class)
                .single();
        assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("91350100M000100Y43");
        assertThat(city.jdbc
                        .sql("select after from org_audit where act = 'RESIDENT_BOUND'")
                        .query(String.class)
                        .single())
                .contains("9***************43")
                .doesNotContain("91350100M000100Y43");
    }
}

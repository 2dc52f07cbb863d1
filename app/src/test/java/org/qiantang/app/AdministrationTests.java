package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Answer;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.app.demo.CityFolder;
import org.qiantang.org.ImportKind;
import org.qiantang.org.Obligation;
import org.qiantang.org.OrgProblem;
import org.qiantang.org.OrganisationImport;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/** Accounts, duties and the organisation through the interface, as the console uses it. */
class AdministrationTests {
    @TempDir
    static Path home;

    private static RunningHub hub;
    private static Client system;
    private static Client security;
    private static Client audit;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
        // Each once: from the second sign-in on they would need a second factor.
        system = hub.as(Role.SYSTEM_ADMIN);
        security = hub.as(Role.SECURITY_ADMIN);
        audit = hub.as(Role.AUDIT_ADMIN);
        OrganisationImport imports = hub.bean(OrganisationImport.class);
        for (ImportKind kind :
                List.of(ImportKind.DIVISIONS, ImportKind.DEPARTMENTS, ImportKind.POSTS, ImportKind.PEOPLE)) {
            Path file = Path.of("src/main/resources/trial-city", kind.name().toLowerCase(Locale.ROOT) + ".csv");
            imports.ensure(kind, Files.readAllBytes(file));
            if (kind == ImportKind.DIVISIONS) {
                imports.ensure(kind, CityFolder.builtIn().communities());
            }
        }
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    private Client signIn(String username, String password) {
        Client client = hub.anonymous();
        client.get("/api/health");
        Answer answer = client.post("/api/session", Map.of("username", username, "password", password));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return client;
    }

    @Test
    void aNewcomerMayDoNothingBeforeThePasswordIsChangedAndThenWhatTheRolesSayAtOnce() {
        Answer made = system.post(
                "/api/accounts", Map.of("username", "newcomer", "displayName", "新人", "departmentId", "police"));
        assertThat(made.status()).isEqualTo(201);
        String first = made.json().path("password").asString();
        Client newcomer = signIn("newcomer", first);
        assertThat(newcomer.get("/api/session").json().path("obligations").toString())
                .contains("CHANGE_PASSWORD");
        assertThat(newcomer.get("/api/departments").code()).isEqualTo("org.obliged_to_change_password");
        assertThat(made.json().path("until").asString()).isNotBlank();
        Client second = hub.anonymous();
        second.get("/api/health");
        assertThat(second.post("/api/session", Map.of("username", "newcomer", "password", first))
                        .code())
                .isEqualTo("org.invitation_ended");

        Answer changed = newcomer.call(
                "PUT", "/api/session/password", Map.of("before", first, "after", "correct horse battery"));
        assertThat(changed.status()).as(changed.toString()).isEqualTo(200);
        assertThat(newcomer.get("/api/departments").status()).isEqualTo(200);
        assertThat(newcomer.get("/api/overview").code()).isEqualTo("org.not_allowed");

        assertThat(security.call("PUT", "/api/accounts/newcomer/roles", Map.of("roles", List.of("OFFICER")))
                        .status())
                .isEqualTo(204);
        assertThat(newcomer.get("/api/overview").status()).isEqualTo(200);
        security.call("PUT", "/api/accounts/newcomer/roles", Map.of("roles", List.of()));
        assertThat(newcomer.get("/api/overview").code()).isEqualTo("org.not_allowed");
        system.post("/api/accounts/newcomer/disable", null);
        assertThat(newcomer.get("/api/session").status()).isEqualTo(401);

        JsonNode trail = audit.get("/api/audit?subject=newcomer").json();
        assertThat(trail.valueStream().map(each -> each.path("act").asString()))
                .containsExactly(
                        "ACCOUNT_DISABLED", "ROLES_CHANGED", "ROLES_CHANGED", "PASSWORD_CHANGED", "ACCOUNT_CREATED");
        JsonNode verdict = audit.post("/api/audit/verification", null).json();
        assertThat(verdict.path("broken").isNull()).isTrue();
        assertThat(verdict.path("end").asString()).isEqualTo("THERE");
        assertThat(verdict.path("newest").path("hash").asString()).hasSize(64);
    }

    @Test
    void anAdministratorWhoComesBackWithoutSecondFactorCanOnlySetIt() {
        Client again = hub.as(Role.AUDIT_ADMIN);

        assertThat(again.get("/api/audit").code()).isEqualTo("org.obliged_to_set_second_factor");
        JsonNode enrolment = again.post("/api/session/second-factor", null).json();
        assertThat(enrolment.path("uri").asString())
                .startsWith("otpauth://totp/")
                .contains(enrolment.path("key").asString());
        assertThat(again.call("PUT", "/api/session/second-factor", Map.of("code", "12345"))
                        .code())
                .isEqualTo("org.bad_code");
        assertThat(again.get("/api/audit").code()).isEqualTo("org.obliged_to_set_second_factor");
    }

    @Test
    void theOperatorOfTheInstallationHoldsNoneOfTheThreeDuties() {
        assertThat(hub.operator().get("/api/audit").code()).isEqualTo("org.not_allowed");
        assertThat(hub.operator().get("/api/accounts").code()).isEqualTo("org.not_allowed");
        assertThat(hub.operator().get("/api/overview").status()).isEqualTo(200);
        assertThat(hub.operator().post("/api/session/second-factor", null).status())
                .isEqualTo(403);
    }

    @Test
    void theTreeOfTheCityIsReadAsOfADay() {
        Client officer = hub.as(Role.OFFICER);
        String now = officer.get("/api/divisions?parent=3301&asOf=2026-11-23").text();
        String before =
                officer.get("/api/divisions?parent=3301&asOf=2021-04-08").text();

        assertThat(now).contains("钱塘区", "临平区").doesNotContain("江干区", "下城区");
        assertThat(before).contains("江干区", "下城区").doesNotContain("钱塘区", "临平区");
        JsonNode abolished =
                officer.get("/api/divisions/330104?asOf=2026-11-23").json();
        assertThat(abolished.path("current").isNull()).isTrue();
        assertThat(abolished.path("resolved").findValuesAsString("code")).containsExactly("330102", "330114");
        assertThat(officer.get("/api/divisions?q=西溪&asOf=2026-11-23").json().findValuesAsString("name"))
                .contains("西溪街道");
        assertThat(officer.get("/api/divisions/999999").code()).isEqualTo("core.not_found");
        assertThat(officer.get("/api/divisions?asOf=yesterday").code()).isEqualTo("core.bad_request");
    }

    @Test
    void theSessionSaysForWhatAPersonAnswersAndToWhom() {
        JsonNode session = hub.as(Role.OFFICER).get("/api/session").json();

        assertThat(session.path("person").path("id").asString()).isEqualTo("trial_officer");
        assertThat(session.path("jurisdiction").valueStream().map(JsonNode::asString))
                .containsExactly("330106", "330113", "330114");
        assertThat(session.path("line")
                        .valueStream()
                        .map(each -> each.path("post").path("id").asString()))
                .containsExactly("hotline_duty", "hotline_head");
        assertThat(session.path("person").path("phone").asString()).contains("*");
        assertThat(hub.as(Role.ANALYST)
                        .get("/api/session")
                        .json()
                        .path("person")
                        .isNull())
                .isTrue();
    }

    @Test
    void aSpreadsheetIsTriedFirstAndThenTaken() {
        String csv = "id,department,name,reports_to\nhotline_night,hotline,夜班长,hotline_head\n";
        Answer tried = system.csv("/api/organisation/import/POSTS", csv);
        assertThat(tried.json().path("counts").path("added").asInt()).isEqualTo(1);
        assertThat(system.get("/api/organisation/departments/hotline").text()).doesNotContain("夜班长");
        String token = tried.json().path("token").asString();
        assertThat(system.csv("/api/organisation/import/POSTS/apply?token=" + token, csv + "x")
                        .code())
                .isEqualTo("org.import_stale");
        assertThat(system.csv("/api/organisation/import/POSTS/apply?token=" + token, csv)
                        .status())
                .isEqualTo(200);
        assertThat(system.get("/api/organisation/departments/hotline").text()).contains("夜班长");
        assertThat(system.get("/api/organisation/export/POSTS").text()).contains("夜班长");
        assertThat(security.csv("/api/organisation/import/POSTS", csv).code()).isEqualTo("org.not_allowed");
    }

    @Test
    void aDutyTakesTheCodeThatThePersonReadsOut() {
        String first = system.post("/api/accounts", Map.of("username", "successor", "displayName", "接任人"))
                .json()
                .path("password")
                .asString();
        Client successor = signIn("successor", first);
        successor.call("PUT", "/api/session/password", Map.of("before", first, "after", "correct horse battery"));
        hub.bean(JdbcClient.class)
                .sql("insert into org_second_factors (username, secret, confirmed_at) values ('successor', '', now())")
                .update();

        assertThat(security.call("PUT", "/api/accounts/successor/roles", Map.of("roles", List.of("AUDIT_ADMIN")))
                        .code())
                .isEqualTo("org.presence_not_shown");
        String code = successor
                .post("/api/session/presence", null)
                .json()
                .path("code")
                .asString();
        assertThat(code).matches("[a-z0-9]{5}-[a-z0-9]{5}");
        assertThat(security.call(
                                "PUT",
                                "/api/accounts/successor/roles",
                                Map.of("roles", List.of("AUDIT_ADMIN"), "presence", code.toUpperCase(Locale.ROOT)))
                        .status())
                .isEqualTo(204);
        assertThat(hub.operator().post("/api/session/presence", null).status()).isEqualTo(403);
    }

    @Test
    void anObligationNamesWhatIsReallyMissing() {
        Set<Obligation> both = EnumSet.allOf(Obligation.class);
        assertThat(OrgProblem.obliged(both).en()).contains("password", "second factor");
        assertThat(OrgProblem.obliged(Set.of(Obligation.CHANGE_PASSWORD)).en()).doesNotContain("factor");
        assertThat(OrgProblem.obliged(Set.of(Obligation.SET_SECOND_FACTOR)).zh())
                .doesNotContain("密码");
    }
}

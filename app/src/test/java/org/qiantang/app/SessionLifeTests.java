package org.qiantang.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.RunningHub.Client;
import org.qiantang.app.install.Authenticator;
import org.qiantang.org.Role;

/** When a session ends though nobody ends it. */
class SessionLifeTests {
    @TempDir
    static Path home;

    private static RunningHub hub;

    @BeforeAll
    static void start() throws Exception {
        hub = new RunningHub(home);
    }

    @AfterAll
    static void stop() {
        hub.close();
    }

    @Test
    void whoDoesNothingForAnHourSignsInAgain() {
        assertThat(hub.bean(ServletContext.class).getSessionTimeout()).isEqualTo(60);
    }

    @Test
    void howeverBusySomebodyIsTheySignInAgainWhenTheSessionHasHadItsTime() {
        hub.stop();
        hub.start(new String[] {"--qiantang.session-longest=2s"});
        Client officer = hub.as(Role.OFFICER);
        assertThat(officer.get("/api/overview").status()).isEqualTo(200);

        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> officer.get("/api/overview").status() == 401);

        assertThat(officer.get("/api/session").status()).isEqualTo(401);
        assertThat(hub.as(Role.OFFICER).get("/api/overview").status()).isEqualTo(200);
    }

    @Test
    void whoSetsASecondFactorEndsTheSessionsThatBeganWithoutIt() throws Exception {
        Client here = hub.as(Role.AUDITOR);
        Client elsewhere = hub.as(Role.AUDITOR);
        String key =
                here.post("/api/session/second-factor", null).json().path("key").asString();

        int answer = here.call("PUT", "/api/session/second-factor", Map.of("code", Authenticator.code(key)))
                .status();

        assertThat(answer).isEqualTo(200);
        assertThat(here.get("/api/session").status()).isEqualTo(200);
        assertThat(elsewhere.get("/api/session").status()).isEqualTo(401);
    }

    @Test
    void anInstallationMayAskASecondFactorOfEverybody() {
        hub.stop();
        hub.start(new String[] {"--qiantang.second-factor=everybody"});
        hub.as(Role.ANALYST);
        Client again = hub.as(Role.ANALYST);

        assertThat(again.get("/api/overview").code()).isEqualTo("org.obliged_to_set_second_factor");
        assertThat(again.post("/api/session/second-factor", null).status()).isEqualTo(200);

        hub.stop();
        hub.start(new String[0]);
        assertThat(hub.as(Role.ANALYST).get("/api/overview").status()).isEqualTo(200);
    }

    @Test
    void noInstallationLetsASessionLastLongerThanADay() {
        hub.stop();
        assertThatThrownBy(() -> hub.start(new String[] {"--qiantang.session-longest=25h"}))
                .hasStackTraceContaining("qiantang.session-longest");
        hub.start();
    }
}

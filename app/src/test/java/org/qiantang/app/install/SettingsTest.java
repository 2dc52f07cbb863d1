package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.collect.Profiling;
import org.qiantang.core.Problem;

/** What an operator writes into a home's settings is what the workers get, or is refused with its bounds. */
class SettingsTest {
    @TempDir
    Path folder;

    private Settings settings(String line) throws IOException {
        Home home = Home.at(folder).create();
        Files.writeString(home.settings(), line + "\n");
        return Settings.of(home);
    }

    @Test
    void daysOfHistoryAreSevenUnlessTheOperatorSaysOtherwise() throws IOException {
        assertThat(settings("").historyDays()).isEqualTo(7);
        assertThat(settings("qiantang.history-days=30").historyDays()).isEqualTo(30);
        assertThat(settings("qiantang.history-days=1100").historyDays()).isEqualTo(1_100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1101", "-3", "7d", "99999999999"})
    void daysOutOfBoundsAreRefused(String days) throws IOException {
        Settings settings = settings("qiantang.history-days=" + days);

        assertThatThrownBy(settings::historyDays)
                .isInstanceOf(Problem.class)
                .hasMessageContaining("qiantang.history-days is a number between 1 and 1100");
    }

    @Test
    void clocksStandWhereTheOperatorSays() throws IOException {
        assertThat(settings("").timeZone()).isEmpty();
        assertThat(settings("qiantang.time-zone=Asia/Urumqi").timeZone()).contains(ZoneId.of("Asia/Urumqi"));
        Settings nowhere = settings("qiantang.time-zone=Asia/Nowhere");
        assertThatThrownBy(nowhere::timeZone)
                .isInstanceOf(Problem.class)
                .hasMessageContaining("qiantang.time-zone is a time zone");
    }

    @Test
    void collectorsAreCountedFromOneToSixteen() throws IOException {
        assertThat(settings("").collectors()).isEqualTo(1);
        assertThat(settings("qiantang.collectors=16").collectors()).isEqualTo(16);
        Settings tooMany = settings("qiantang.collectors=17");
        assertThatThrownBy(tooMany::collectors).isInstanceOf(Problem.class);
    }

    @Test
    void whatIsCollectedIsProfiledUnlessTheOperatorSaysOtherwise() throws IOException {
        assertThat(settings("").profiling()).isEqualTo(Profiling.ON);
        assertThat(settings("qiantang.profiles=off").profiling()).isEqualTo(Profiling.OFF);
        Settings perhaps = settings("qiantang.profiles=perhaps");
        assertThatThrownBy(perhaps::profiling)
                .isInstanceOf(Problem.class)
                .hasMessageContaining("qiantang.profiles is on or off");
    }
}

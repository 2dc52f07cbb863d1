package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.qiantang.core.Problem;

class PasswordRulesTest {
    private final PasswordRules rules = new PasswordRules(10, Set.of("湖城数据平台"));

    @ParameterizedTest
    @CsvSource({
        "kurz-17-x, org.password_too_short",
        "chen.gong and more, org.password_has_name",
        "我是陈工程师呀今天天气不错, org.password_has_name",
        "Password123, org.password_common",
        "Password123!!!, org.password_common",
        "1234567890, org.password_common",
        "QianTang2026!, org.password_common",
        "我爱湖城数据平台呀早, org.password_common",
        "abcabcabcabc, org.password_common",
        "abcdefghijklmnop, org.password_common"
    })
    void whatIsGuessedFirstIsRefused(String password, String code) {
        assertThatThrownBy(() -> rules.check(password, "chen.gong", "陈工程师"))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo(code));
    }

    @Test
    void fourWordsAreFineAndSoIsChinese() {
        assertThatCode(() -> rules.check("correct horse battery", "chen.gong", "陈工程师"))
                .doesNotThrowAnyException();
        assertThatCode(() -> rules.check("早上骑车过西湖再去喝茶", "chen.gong", "陈工程师")).doesNotThrowAnyException();
    }

    @Test
    void moreThanIsLookedAtIsRefusedInsteadOfIgnored() {
        assertThatThrownBy(() -> rules.check("早上骑车过西湖再去喝茶".repeat(24), "chen.gong", "陈工程师"))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code().id()).isEqualTo("org.password_too_long"));
    }

    @Test
    void sixtyFourCharactersOfAnyKindArePossible() {
        String phrase = "a phrase of many small words is what everybody can keep in mind1";
        assertThat(phrase).hasSize(64);
        assertThatCode(() -> rules.check("早上骑车过西湖再去喝茶呀慢慢".repeat(5).substring(0, 64), "chen.gong", "陈工程师"))
                .doesNotThrowAnyException();
        assertThatCode(() -> rules.check(phrase, "chen.gong", "陈工程师")).doesNotThrowAnyException();
        assertThatCode(() -> rules.check("~`!@#$%^&*()_+-=|}{", "chen.gong", "陈工程师"))
                .doesNotThrowAnyException();
        assertThatCode(() -> rules.check("onlysmallletters", "chen.gong", "陈工程师"))
                .doesNotThrowAnyException();
    }

    @Test
    void noInstallationMayAskForLess() {
        assertThatThrownBy(() -> new PasswordRules(9, Set.of())).hasMessageContaining("password-min-length");
    }
}

package org.qiantang.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.core.UnifiedSocialCreditCode.Fault;

class UnifiedSocialCreditCodeTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "91350100M000100Y43",
                "91350200MA2YJ1XR9G",
                "91440101MA5CJQ4N59",
                "11332500MB1601924J",
                "11100000000013338W",
                "11330105002500287C",
                "91330106MA0000007Q",
                "11330100000000000H",
                "12330100MB0000000K",
                "91350100m000100y43",
            })
    void validCodesAreAccepted(String text) {
        assertThat(UnifiedSocialCreditCode.findFault(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "91350100M0001TGQXM, LEGACY_CHECK_CHARACTER",
        "91350100I000100Y43, CHARACTER",
        "91350100M000100Y4, LENGTH",
        "91350100M000100Y53, CHECK_CHARACTER",
    })
    void whatIsWrongIsNamed(String text, Fault fault) {
        assertThat(UnifiedSocialCreditCode.findFault(text)).contains(fault);
        assertThat(UnifiedSocialCreditCode.find(text)).isEmpty();
    }

    @Test
    void theCheckCharacterTheEarlyCodeShouldHaveHadIsKnown() {
        assertThat(UnifiedSocialCreditCode.checkCharacter("91350100M0001TGQX")).isEqualTo('1');
    }

    @ParameterizedTest
    @CsvSource({"D2143569, X", "M000100Y, 4", "00250028, 7", "MB160192, 4"})
    void theOrganisationCodeInsideHasItsOwnCheckCharacter(String first8, char check) {
        assertThat(UnifiedSocialCreditCode.organisationCheckCharacter(first8)).isEqualTo(check);
    }

    @Test
    void thePartsAreReadable() {
        UnifiedSocialCreditCode code = UnifiedSocialCreditCode.of("91350100M000100Y43");

        assertThat(code.registrationAuthority()).isEqualTo('9');
        assertThat(code.divisionCode()).isEqualTo("350100");
        assertThat(code.organisationCode()).isEqualTo("M000100Y4");
    }
}

package org.qiantang.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ELicenceIdentifierTest {
    @ParameterizedTest
    @CsvSource({
        "11100000000013338W011.11430000006122244L.20230000403.001, U",
        "11100000000013338W009.11330105002500287C.2025052201.002, 0",
        "11100000MB03271699022.340100.000000016.001, 9",
        "11100000000013338W011.113301000000000000.20230923000001.001, A",
    })
    void theCheckCharacterIsComputedOverThePartsWithoutDots(String text, char check) {
        String[] parts = text.split("\\.");

        assertThat(ELicenceIdentifier.of(parts[0], parts[1], parts[2], parts[3]).check())
                .isEqualTo(check);
        assertThat(ELicenceIdentifier.find(text + "." + check)).isPresent();
        assertThat(ELicenceIdentifier.find(ELicenceIdentifier.ROOT + "." + text + "." + check))
                .map(ELicenceIdentifier::text)
                .contains(ELicenceIdentifier.ROOT + "." + text + "." + check);
    }

    @Test
    void theSelfTestOfTheStandardPasses() {
        assertThat(Iso7064.mod37And36("A12425GABC1234002")).isEqualTo('M');
    }

    @Test
    void aWrongCheckCharacterOrPartIsRefused() {
        assertThat(ELicenceIdentifier.find("11100000000013338W011.11430000006122244L.20230000403.001.V"))
                .isEmpty();
        assertThat(ELicenceIdentifier.find("11100000000013338W011.11430000006122244L.20230000403.001"))
                .isEmpty();
        assertThat(ELicenceIdentifier.find("11100000000013338W011..20230000403.001.U"))
                .isEmpty();
        assertThatThrownBy(() -> new ELicenceIdentifier("A", "B", "C", "001", '?'))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

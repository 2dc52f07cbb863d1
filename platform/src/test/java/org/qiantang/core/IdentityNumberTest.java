package org.qiantang.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.core.IdentityNumber.Fault;
import org.qiantang.core.IdentityNumber.Sex;

class IdentityNumberTest {
    @Test
    void theStandardsOwnExampleIsAWomanBornOnTheLastDayOf1949() {
        IdentityNumber number = IdentityNumber.of("11010519491231002X");

        assertThat(number.birthDate()).isEqualTo(LocalDate.of(1949, 12, 31));
        assertThat(number.sex()).isEqualTo(Sex.FEMALE);
        assertThat(number.sex().code()).isEqualTo(2);
        assertThat(number.divisionCode()).isEqualTo("110105");
    }

    @Test
    void aManBornIn1880IsAccepted() {
        IdentityNumber number = IdentityNumber.of("440524188001010014");

        assertThat(number.birthDate()).isEqualTo(LocalDate.of(1880, 1, 1));
        assertThat(number.sex()).isEqualTo(Sex.MALE);
    }

    @Test
    void aLowerCaseXIsKeptInUpperCase() {
        assertThat(IdentityNumber.of("11010519491231002x").text()).isEqualTo("11010519491231002X");
    }

    @ParameterizedTest
    @ValueSource(strings = {"330106180012310008", "330110180012310010", "330103195001010016"})
    void syntheticNumbersAndAbolishedDivisionsAreAccepted(String text) {
        String checked = text.substring(0, 17) + IdentityNumber.checkCharacter(text.substring(0, 17));

        assertThat(IdentityNumber.findFault(checked)).isEmpty();
        if (!text.startsWith("330103")) {
            assertThat(checked).isEqualTo(text);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "110105194912310021, CHECK_CHARACTER",
        "33010218000229001X, DATE",
        "11010519491331002X, DATE",
        "1101051949123100X2, CHARACTER",
        "１10105194912310021, CHARACTER",
        "440524880101001, LENGTH",
        "11010519491231002, LENGTH",
    })
    void whatIsWrongIsNamed(String text, Fault fault) {
        assertThat(IdentityNumber.findFault(text)).contains(fault);
        assertThatThrownBy(() -> IdentityNumber.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNumberOfFifteenDigitsIsUpgraded() {
        assertThat(IdentityNumber.upgrade("440524880101001").text()).isEqualTo("440524198801010011");
        assertThat(IdentityNumber.find("440524880101001")).contains(IdentityNumber.of("440524198801010011"));
        assertThat(IdentityNumber.find("440524881301001")).isEmpty();
    }

    @Test
    void everySingleDigitErrorIsNoticed() {
        String number = "11010519491231002X";

        for (int position = 0; position < 17; position++) {
            for (char digit = '0'; digit <= '9'; digit++) {
                if (digit != number.charAt(position)) {
                    String wrong = number.substring(0, position) + digit + number.substring(position + 1);
                    assertThat(IdentityNumber.find(wrong)).as(wrong).isEmpty();
                }
            }
        }
    }
}

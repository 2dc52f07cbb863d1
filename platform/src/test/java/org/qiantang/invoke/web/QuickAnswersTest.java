package org.qiantang.invoke.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a query at the door is what everybody reads of it, or nothing. */
class QuickAnswersTest {
    @Test
    void plainQueryIsItsNamesAndValues() {
        assertThat(QuickAnswers.plain(null)).isEmpty();
        assertThat(QuickAnswers.plain("")).isEmpty();
        assertThat(QuickAnswers.plain("number=11010519491231002X&fields=a,b&sort=-a&note="))
                .isEqualTo(Map.of("number", "11010519491231002X", "fields", "a,b", "sort", "-a", "note", ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a=%31",
                "a=1+2",
                "a=1&a=2",
                "a",
                "=1",
                "a=1&",
                "&a=1",
                "a=1&&b=2",
                "a=b=c",
                "a=中",
                "a=1;b=2",
                "a=1\u0000"
            })
    void whatCouldBeReadInAnotherWayIsLeftToOthers(String query) {
        assertThat(QuickAnswers.plain(query)).isNull();
    }
}

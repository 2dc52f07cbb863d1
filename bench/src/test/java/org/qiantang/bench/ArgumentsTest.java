package org.qiantang.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
    private static final Map<String, String> DEFAULTS = Map.of("pairs", "5", "part", "both", "many", "false");

    @Test
    void whatIsNotSaidIsAsUsual() {
        Arguments arguments = Arguments.parse(List.of("--pairs", "3", "--many"), DEFAULTS);

        assertThat(arguments.number("pairs")).isEqualTo(3);
        assertThat(arguments.text("part")).isEqualTo("both");
        assertThat(arguments.is("many")).isTrue();
    }

    @Test
    void whatNobodyKnowsIsRefused() {
        for (List<String> words : List.of(
                List.of("--rows", "3"),
                List.of("pairs", "3"),
                List.of("--pairs"),
                List.of("--pairs", "0"),
                List.of("--pairs", "many"))) {
            assertThatThrownBy(() -> Arguments.parse(words, DEFAULTS)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}

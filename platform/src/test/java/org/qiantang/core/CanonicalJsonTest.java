package org.qiantang.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class CanonicalJsonTest {
    @Test
    void keysAreSortedByTheirUtf16UnitsAndNothingIsSpaced() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("\u20ac", "Euro Sign");
        map.put("\r", "Carriage Return");
        map.put("\ufb33", "Hebrew");
        map.put("1", "One");
        map.put("\ud83d\ude00", "Smiley");
        map.put("\u0080", "Control");
        map.put("\u00f6", "O");

        assertThat(text(map))
                .isEqualTo(
                        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\",\"\u00f6\":\"O\",\"\u20ac\":\"Euro"
                                + " Sign\",\"\ud83d\ude00\":\"Smiley\",\"\ufb33\":\"Hebrew\"}");
    }

    @Test
    void textIsEscapedAsShortAsCanBe() {
        assertThat(text("\u20ac$\u000f\nA'B\"\\\\\"/")).isEqualTo("\"\u20ac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
    }

    @Test
    void aTreeAndTheSameMapsAreTheSameBytes() {
        Map<String, Object> map = Map.of("b", Arrays.asList(1, 2L, null, true), "a", Map.of(), "c", List.of());
        String text = text(map);

        assertThat(text).isEqualTo("{\"a\":{},\"b\":[1,2,null,true],\"c\":[]}");
        assertThat(CanonicalJson.bytes(JsonMapper.shared().readTree(" { \"c\":[ ], \"b\":[1,2,null,true],\"a\":{}}")))
                .isEqualTo(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void numbersThatReadersWouldRoundAreRefused() {
        assertThat(text(9007199254740991L)).isEqualTo("9007199254740991");
        assertThatThrownBy(() -> CanonicalJson.bytes(9007199254740992L)).hasMessageContaining("string");
        assertThatThrownBy(() -> CanonicalJson.bytes(0.5)).hasMessageContaining("Double");
    }

    private static String text(Object value) {
        return new String(CanonicalJson.bytes(value), StandardCharsets.UTF_8);
    }
}

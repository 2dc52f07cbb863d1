package org.qiantang.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.qiantang.core.CanonicalJson;

/** What is put together from parts is what would be written whole. */
class ServedEntryTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "check|窗口 3 号|JZ-1|1|whole",
                "-|-|-|0|unchanged",
                "\"q\"|a\\b|{\"id\":7}|9007199254740991|cut",
            })
    void isWhatCanonicalJsonWrites(
            @Nullable String calledFor,
            @Nullable String operator,
            @Nullable String caseNumber,
            long rows,
            String ended) {
        LakeReader.Call call = new LakeReader.Call("s-人口/v1", calledFor, operator);
        Accesses.Errand errand = new Accesses.Errand("client:\"x\"", "civil", "service", caseNumber, null, true, call);
        ServedEntry entry = new ServedEntry(errand, "sm3:ab", "raw_police.人口", "77", call.service());
        Map<String, @Nullable Object> whole = new HashMap<>();
        whole.put("kind", "served");
        whole.put("id", 42L);
        whole.put("at", "2026-11-23T02:00:00Z");
        whole.put("asOf", null);
        whole.put("who", "client:\"x\"");
        whole.put("purpose", "service");
        whole.put("statement", "sm3:ab");
        whole.put("tables", List.of("raw_police.人口"));
        whole.put("unmasked", true);
        whole.put("grant", null);
        whole.put("scenario", null);
        whole.put("case", caseNumber);
        whole.put("service", "s-人口/v1");
        whole.put("calledFor", calledFor);
        whole.put("operator", operator);
        whole.put("rows", rows);
        whole.put("ended", ended);
        whole.put("snapshots", Map.of("raw_police.人口", "77"));

        byte[] bytes = entry.bytes(42, "2026-11-23T02:00:00Z", caseNumber, call, rows, ended);

        assertThat(new String(bytes, UTF_8)).isEqualTo(new String(CanonicalJson.bytes(whole), UTF_8));
    }
}

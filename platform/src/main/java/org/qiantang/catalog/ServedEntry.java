package org.qiantang.catalog;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CanonicalJson;

/**
 * The evidence that a read was asked for and answered, for reads that differ in little else than who stands behind them: what they have in
 * common is written once. Its bytes are those of {@link CanonicalJson}.
 */
final class ServedEntry {
    private final String beforeId;
    private final String beforeOperator = ",\"kind\":\"served\",\"operator\":";
    private final String beforeRows;
    private final String end;

    /**
     * @param errand of any of them
     * @param statement what {@link Accesses#hash} says of its text
     * @param service the version that is called
     */
    ServedEntry(Accesses.Errand errand, String statement, String table, String snapshot, String service) {
        Entitlement entitlement = errand.entitlement();
        StringBuilder text = new StringBuilder();
        put(text, "grant", entitlement == null ? null : entitlement.number());
        beforeId = text.append(",\"id\":").toString();
        text.setLength(0);
        put(text, "purpose", errand.purpose());
        beforeRows = text.append(",\"rows\":").toString();
        text.setLength(0);
        put(text, "scenario", entitlement == null ? null : entitlement.scenario());
        put(text, "service", service);
        put(text, "snapshots", Map.of(table, snapshot));
        put(text, "statement", statement);
        put(text, "tables", List.of(table));
        put(text, "unmasked", errand.unmasked());
        put(text, "who", errand.who());
        end = text.append('}').toString();
    }

    /**
     * @param at when, as an instant is written
     * @param ended whole, cut or unchanged
     */
    byte[] bytes(long id, String at, @Nullable String caseNumber, LakeReader.Call call, long rows, String ended) {
        StringBuilder text = new StringBuilder(1_024).append("{\"asOf\":null");
        put(text, "at", at);
        put(text, "calledFor", call.scenario());
        put(text, "case", caseNumber);
        put(text, "ended", ended);
        text.append(beforeId);
        CanonicalJson.write(text, id);
        text.append(beforeOperator);
        CanonicalJson.write(text, call.operator());
        text.append(beforeRows);
        CanonicalJson.write(text, rows);
        return text.append(end).toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void put(StringBuilder text, String name, @Nullable Object value) {
        text.append(",\"").append(name).append("\":");
        CanonicalJson.write(text, value);
    }
}

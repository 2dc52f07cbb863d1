package org.qiantang.core;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One JSON value, one sequence of bytes (RFC 8785): keys in order of their UTF-16 units, no spaces, shortest escapes, UTF-8. What is
 * signed is written this way, so that anybody can write it again and compare.
 *
 * <p>Numbers are whole and fit 53 bits, because that is all JSON readers agree on; anything larger is written as a string.
 */
public final class CanonicalJson {
    private static final long LARGEST = (1L << 53) - 1;

    private CanonicalJson() {}

    /** @param value a {@link JsonNode}, or maps, iterables, strings, booleans, whole numbers and null */
    public static byte[] bytes(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value);
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Writes a value behind what is written, for who puts a larger one together from parts. */
    public static void write(StringBuilder out, @Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case JsonNode node -> writeNode(out, node);
            case Map<?, ?> map -> writeMap(out, map);
            case Iterable<?> items -> writeItems(out, items);
            case String text -> writeText(out, text);
            case Boolean truth -> out.append(truth);
            case Integer number -> writeNumber(out, number);
            case Long number -> writeNumber(out, number);
            default ->
                throw new IllegalArgumentException(
                        "No canonical form of a " + value.getClass().getName());
        }
    }

    private static void writeNode(StringBuilder out, JsonNode node) {
        if (node.isObject()) {
            Map<String, JsonNode> map = new TreeMap<>();
            node.properties().forEach(entry -> map.put(entry.getKey(), entry.getValue()));
            writeMap(out, map);
        } else if (node.isArray()) {
            writeItems(out, node);
        } else if (node.isString()) {
            writeText(out, node.stringValue());
        } else if (node.isBoolean()) {
            out.append(node.booleanValue());
        } else if (node.isIntegralNumber() && node.canConvertToLong()) {
            writeNumber(out, node.longValue());
        } else if (node.isNull()) {
            out.append("null");
        } else {
            throw new IllegalArgumentException("No canonical form of " + node.getNodeType());
        }
    }

    private static void writeMap(StringBuilder out, Map<?, ?> map) {
        Map<String, @Nullable Object> sorted = new TreeMap<>();
        map.forEach((key, value) -> sorted.put((String) key, value));
        char before = '{';
        for (Map.Entry<String, @Nullable Object> entry : sorted.entrySet()) {
            out.append(before);
            before = ',';
            writeText(out, entry.getKey());
            out.append(':');
            write(out, entry.getValue());
        }
        out.append(sorted.isEmpty() ? "{}" : "}");
    }

    private static void writeItems(StringBuilder out, Iterable<?> items) {
        char before = '[';
        for (Object item : items) {
            out.append(before);
            before = ',';
            write(out, item);
        }
        out.append(before == '[' ? "[]" : "]");
    }

    private static void writeNumber(StringBuilder out, long number) {
        if (number > LARGEST || number < -LARGEST) {
            throw new IllegalArgumentException("Too large for a JSON number, write it as a string: " + number);
        }
        out.append(number);
    }

    private static void writeText(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\t' -> out.append("\\t");
                case '\n' -> out.append("\\n");
                case '\f' -> out.append("\\f");
                case '\r' -> out.append("\\r");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}

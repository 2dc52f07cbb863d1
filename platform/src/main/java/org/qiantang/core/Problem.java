package org.qiantang.core;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A refusal a person can act on: a stable code and a sentence in Chinese and English that says what could not be done, why, and what
 * to do. Rendered as RFC 9457 problem+json at the web's edge and as one line in the command line.
 */
public final class Problem extends RuntimeException {
    private final Code code;
    private final Map<String, String> arguments;
    private final Map<String, Object> members;

    /**
     * @param arguments name, value, name, value … for the placeholders {@code {name}} of the sentences
     */
    public Problem(Code code, String... arguments) {
        this(code, pairs(arguments), Map.of());
    }

    private Problem(Code code, Map<String, String> arguments, Map<String, Object> members) {
        super(sentence(requireNonNull(code, "code is null").en(), arguments));
        this.code = code;
        this.arguments = arguments;
        this.members = members;
    }

    /** The same refusal with one more member in its problem+json, for programs that want to go on from it. */
    public Problem with(String name, Object value) {
        Map<String, Object> more = new TreeMap<>(members);
        more.put(name, value);
        return new Problem(code, arguments, Map.copyOf(more));
    }

    public Code code() {
        return code;
    }

    public Map<String, String> arguments() {
        return arguments;
    }

    /** What {@link #with} added. */
    public Map<String, Object> members() {
        return members;
    }

    public String zh() {
        return sentence(code.zh(), arguments);
    }

    public String en() {
        return sentence(code.en(), arguments);
    }

    private static Map<String, String> pairs(String... arguments) {
        if (arguments.length % 2 != 0) {
            throw new IllegalArgumentException("Arguments come in pairs: " + List.of(arguments));
        }
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            map.put(arguments[i], arguments[i + 1]);
        }
        return Map.copyOf(map);
    }

    private static String sentence(String pattern, Map<String, String> arguments) {
        String text = pattern;
        for (Map.Entry<String, String> argument : arguments.entrySet()) {
            text = text.replace("{" + argument.getKey() + "}", argument.getValue());
        }
        // A placeholder at the end may have had nothing to say.
        return text.stripTrailing();
    }

    /** Implemented by one enum per part; {@code docs/errors.md} is generated from them. */
    public interface Code {
        Wording wording();

        /** The stable name, such as {@code collect.source_unreachable}. */
        default String id() {
            return wording().id();
        }

        /** The HTTP status it is answered with. */
        default int status() {
            return wording().status();
        }

        default String zh() {
            return wording().zh();
        }

        default String en() {
            return wording().en();
        }
    }

    /** What a code says; the sentences have placeholders {@code {name}}. */
    public record Wording(String id, int status, String zh, String en) {
        public Wording {
            requireNonNull(id, "id is null");
            requireNonNull(zh, "zh is null");
            requireNonNull(en, "en is null");
        }
    }
}

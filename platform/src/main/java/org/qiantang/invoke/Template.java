package org.qiantang.invoke;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.qiantang.core.Problem;

/**
 * A statement with named parameters, {@code :name}. Each becomes a place of the engine's own, {@code CAST($1 AS type)}, to which a value is
 * bound; texts, names in quotes and comments stay as they are.
 *
 * @param sql with {@code $1}, {@code $2} …
 * @param names what each of them is called
 */
record Template(String sql, List<String> names) {
    Template {
        names = List.copyOf(names);
    }

    static Template of(String text, Map<String, Parameter> parameters) {
        StringBuilder sql = new StringBuilder();
        List<String> names = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            int end = untouched(text, at);
            if (end > at) {
                sql.append(text, at, end);
                at = end;
            } else if (c == '$' || c == '?') {
                throw wrong(c + " → :name");
            } else if (c == ':' && at + 1 < text.length() && isStart(text.charAt(at + 1))) {
                end = at + 1;
                while (end < text.length() && isPart(text.charAt(end))) {
                    end++;
                }
                String name = text.substring(at + 1, end);
                Parameter parameter = parameters.get(name);
                if (parameter == null) {
                    throw wrong(":" + name);
                }
                if (!names.contains(name)) {
                    names.add(name);
                }
                sql.append("CAST($").append(names.indexOf(name) + 1).append(" AS ");
                sql.append(parameter.type().sql()).append(')');
                at = end;
            } else {
                sql.append(c);
                at++;
            }
        }
        return new Template(sql.toString(), names);
    }

    /** Where what begins here and holds no parameter ends; the place itself where nothing such begins. */
    private static int untouched(String text, int at) {
        char c = text.charAt(at);
        if (text.startsWith("::", at) || text.startsWith(":=", at)) {
            return at + 2;
        }
        if (text.startsWith("--", at)) {
            int end = text.indexOf('\n', at);
            return end < 0 ? text.length() : end;
        }
        if (text.startsWith("/*", at)) {
            return commentEnd(text, at);
        }
        if (c == '"') {
            return quoteEnd(text, at + 1, '"', false);
        }
        if (c == '\'') {
            boolean escapes = at > 0
                    && (text.charAt(at - 1) == 'e' || text.charAt(at - 1) == 'E')
                    && (at == 1 || !isPart(text.charAt(at - 2)));
            return quoteEnd(text, at + 1, '\'', escapes);
        }
        if (isStart(c)) {
            int end = at + 1;
            while (end < text.length() && (isPart(text.charAt(end)) || text.charAt(end) == '$')) {
                end++;
            }
            return end;
        }
        return at;
    }

    private static int commentEnd(String text, int at) {
        int depth = 0;
        for (int i = at; i + 1 < text.length(); i++) {
            if (text.startsWith("/*", i)) {
                depth++;
                i++;
            } else if (text.startsWith("*/", i)) {
                depth--;
                i++;
                if (depth == 0) {
                    return i + 1;
                }
            }
        }
        throw wrong("/*");
    }

    private static int quoteEnd(String text, int from, char quote, boolean escapes) {
        for (int i = from; i < text.length(); i++) {
            if (escapes && text.charAt(i) == '\\') {
                i++;
            } else if (text.charAt(i) == quote) {
                if (i + 1 < text.length() && text.charAt(i + 1) == quote) {
                    i++;
                } else {
                    return i + 1;
                }
            }
        }
        throw wrong(String.valueOf(quote));
    }

    private static boolean isStart(char c) {
        return Character.isLetter(c) || c == '_';
    }

    private static boolean isPart(char c) {
        return Character.isLetterOrDigit(c) || c == '_';
    }

    private static Problem wrong(String reason) {
        return new Problem(InvokeProblem.DEFINITION_WRONG, "where", "sql", "reason", reason);
    }
}

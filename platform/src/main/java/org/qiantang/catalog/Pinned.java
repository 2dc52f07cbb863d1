package org.qiantang.catalog;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Statements of one table that are plainly about persons whom they name by number: {@code SELECT … FROM t WHERE id_number = '…' AND …}. Only
 * what is beyond doubt is taken for one: conditions that all hold, each a column against literals. Everything else may be about anybody.
 */
final class Pinned {
    private static final Pattern TOKEN = Pattern.compile(
            "\\s+|(?<text>'(?:[^']|'')*')|(?<quoted>\"(?:[^\"]|\"\")*\")|(?<word>[\\p{L}_][\\p{L}\\p{N}_$]*)"
                    + "|(?<number>[0-9]+(?:\\.[0-9]+)?)|(?<sign><=|>=|<>|!=|[=<>(),.*;])");
    private static final Set<String> ENDS = Set.of("ORDER", "LIMIT", "OFFSET");
    private static final Set<String> COMPARISONS = Set.of("=", "<", ">", "<=", ">=", "<>", "!=");
    /** What could make more of the statement than one look at one table. */
    private static final Set<String> DOUBTFUL = Set.of(
            "UNION",
            "INTERSECT",
            "EXCEPT",
            "JOIN",
            "WITH",
            "OR",
            "NOT",
            "CASE",
            "BETWEEN",
            "OVER",
            "GROUP",
            "HAVING",
            "QUALIFY",
            "WINDOW",
            "LATERAL",
            "PIVOT",
            "UNPIVOT",
            "EXISTS",
            "SAMPLE",
            "TABLESAMPLE",
            "VALUES");

    private Pinned() {}

    /**
     * The texts to one of which a column of numbers must be equal in every row that is read; empty where that cannot be told.
     *
     * @param numbers the columns that hold identity numbers, lower-case
     */
    static Optional<Set<String>> by(String sql, Set<String> numbers) {
        List<String> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(sql);
        int at = 0;
        while (at < sql.length()) {
            if (!matcher.find(at) || matcher.start() != at) {
                return Optional.empty();
            }
            at = matcher.end();
            String token = matcher.group();
            if (!token.isBlank()) {
                tokens.add(matcher.group("word") == null ? token : token.toUpperCase(Locale.ROOT));
            }
        }
        if (!tokens.isEmpty() && tokens.getLast().equals(";")) {
            tokens.removeLast();
        }
        int where = tokens.indexOf("WHERE");
        int from = tokens.indexOf("FROM");
        boolean plain = !tokens.isEmpty()
                && tokens.getFirst().equals("SELECT")
                && tokens.lastIndexOf("SELECT") == 0
                && from > 0
                && from == tokens.lastIndexOf("FROM")
                && where > from
                && where == tokens.lastIndexOf("WHERE")
                && tokens.stream().noneMatch(DOUBTFUL::contains)
                && !tokens.subList(from, where).contains(",")
                && !tokens.subList(from, where).contains("(");
        if (!plain) {
            return Optional.empty();
        }
        return conditions(tokens.subList(where + 1, tokens.size()), numbers);
    }

    private static Optional<Set<String>> conditions(List<String> tokens, Set<String> numbers) {
        @Nullable Set<String> pinned = null;
        int at = 0;
        while (true) {
            Condition next = condition(tokens, at);
            if (next == null) {
                return Optional.empty();
            }
            if (next.equals && numbers.contains(next.column)) {
                pinned = next.texts;
            }
            at = next.end;
            if (at == tokens.size() || ENDS.contains(tokens.get(at))) {
                return Optional.ofNullable(pinned);
            }
            if (!tokens.get(at++).equals("AND")) {
                return Optional.empty();
            }
        }
    }

    private record Condition(String column, boolean equals, Set<String> texts, int end) {}

    private static @Nullable Condition condition(List<String> tokens, int start) {
        int at = start;
        String column = name(tokens, at);
        if (column == null) {
            return null;
        }
        at++;
        while (at + 1 < tokens.size() && tokens.get(at).equals(".")) {
            column = name(tokens, at + 1);
            at += 2;
        }
        if (column == null || at + 1 >= tokens.size()) {
            return null;
        }
        String sign = tokens.get(at++);
        if (COMPARISONS.contains(sign)) {
            String literal = tokens.get(at++);
            return isLiteral(literal)
                    ? new Condition(column, sign.equals("=") && isText(literal), Set.of(text(literal)), at)
                    : null;
        }
        if (sign.equals("LIKE")) {
            return isText(tokens.get(at)) ? new Condition(column, false, Set.of(), at + 1) : null;
        }
        if (!sign.equals("IN") || !tokens.get(at++).equals("(")) {
            return null;
        }
        Set<String> texts = new HashSet<>();
        boolean all = true;
        while (at + 1 < tokens.size()) {
            String literal = tokens.get(at++);
            if (!isLiteral(literal)) {
                return null;
            }
            all &= isText(literal);
            texts.add(text(literal));
            String next = tokens.get(at++);
            if (next.equals(")")) {
                return new Condition(column, all, texts, at);
            }
            if (!next.equals(",")) {
                return null;
            }
        }
        return null;
    }

    private static @Nullable String name(List<String> tokens, int at) {
        if (at >= tokens.size()) {
            return null;
        }
        String token = tokens.get(at);
        if (token.startsWith("\"")) {
            return token.substring(1, token.length() - 1).replace("\"\"", "\"").toLowerCase(Locale.ROOT);
        }
        return Character.isLetter(token.charAt(0)) || token.charAt(0) == '_' ? token.toLowerCase(Locale.ROOT) : null;
    }

    private static boolean isText(String token) {
        return token.startsWith("'");
    }

    private static boolean isLiteral(String token) {
        return isText(token) || Character.isDigit(token.charAt(0));
    }

    private static String text(String token) {
        return isText(token) ? token.substring(1, token.length() - 1).replace("''", "'") : token;
    }
}

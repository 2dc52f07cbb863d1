package org.qiantang.zone;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Classifier;
import org.qiantang.catalog.ContentKind;
import org.qiantang.catalog.Findings;
import org.qiantang.catalog.Level;
import org.qiantang.catalog.Subject;
import org.qiantang.portal.SmallCells;
import org.qiantang.zone.CheckReport.Check;
import org.qiantang.zone.CheckReport.Of;
import org.qiantang.zone.CheckReport.Verdict;

/**
 * What has to be right of a result before a person is asked whether it may leave the zone. The same result gives the same report, in
 * whatever order its rows are.
 */
final class ResultChecks {
    private static final int MOST_EXAMPLES = 20;

    /** Nothing that is shown of somebody as it is leaves. */
    private static final Level MOST = Level.L2;

    /** One of these is enough in a text: their shapes or check digits do not come by chance. */
    private static final Set<ContentKind> TELLING =
            Set.of(ContentKind.ID_NUMBER, ContentKind.PHONE, ContentKind.EMAIL, ContentKind.FREE_TEXT_WITH_PERSONAL);

    private static final Pattern WHOLE = Pattern.compile("\\d{1,18}");

    private ResultChecks() {}

    /**
     * What is known of a result besides its rows.
     *
     * @param fixed whether its columns are those that the statement has whatever the data are
     * @param level of all of it together
     * @param tables that it was made of
     */
    record About(boolean fixed, Level level, Set<String> tables) {
        About {
            tables = Set.copyOf(tables);
        }
    }

    /** A result of the same zone that has left it; its rows are fetched when they are needed, one result's after the other's. */
    record Earlier(String release, Set<String> tables, Supplier<Held> held) {
        Earlier {
            tables = Set.copyOf(tables);
        }
    }

    static CheckReport check(Held held, About about, int k, int mostRows, List<Earlier> earlier) {
        List<Check> checks = new ArrayList<>();
        checks.add(schema(about.fixed));
        checks.add(rows(held, mostRows));
        checks.add(level(held, about.level));
        checks.add(identifiers(held));
        switch (held.kind()) {
            case RECORDS -> {
                checks.add(anonymity(held, k));
                checks.add(attributes(held, k));
            }
            case STATISTIC -> {
                checks.add(counts(held));
                checks.add(cells(held, k));
            }
        }
        checks.add(differencing(held, about.tables, k, earlier));
        return new CheckReport(k, checks);
    }

    private static Check schema(boolean fixed) {
        return fixed
                ? pass(Of.SCHEMA, "结果的列由语句决定。", "The statement says which columns there are.")
                : new Check(
                        Of.SCHEMA,
                        Verdict.FAIL,
                        "结果的列名随数据变化，可能带出数据内容。请改为固定的列。",
                        "Which columns there are depends on the data, so that their names can tell of it. Name the columns in the statement.",
                        Map.of(),
                        List.of());
    }

    private static Check rows(Held held, int most) {
        int rows = held.rows().size();
        return rows > 0 && rows <= most
                ? new Check(
                        Of.ROWS, Verdict.PASS, "行数在限额之内。", "As many rows as may be.", figures("rows", rows), List.of())
                : new Check(
                        Of.ROWS,
                        Verdict.FAIL,
                        "结果为空，或行数超过限额。",
                        "The result is empty, or has more rows than may be.",
                        figures("rows", rows, "most", most),
                        List.of());
    }

    private static Check level(Held held, Level level) {
        List<String> over = held.columns().stream()
                .filter(column -> column.level().compareTo(MOST) > 0)
                .map(column -> column.name() + " " + column.level())
                .toList();
        if (level.compareTo(MOST) <= 0) {
            return pass(Of.LEVEL, "重新定级后不高于 L2。", "Graded anew, it is no more sensitive than L2.");
        }
        return new Check(
                Of.LEVEL,
                Verdict.FAIL,
                "重新定级为 " + level + "，高于可以带出的 L2。请汇总，或不取敏感列。",
                "Graded anew it is " + level
                        + ", and no more than L2 leaves. Aggregate, or leave the sensitive columns out.",
                figures("columns", over.size()),
                over);
    }

    private static Check identifiers(Held held) {
        Map<ContentKind, Long> found = new EnumMap<>(ContentKind.class);
        List<String> where = new ArrayList<>();
        for (int i = 0; i < held.columns().size(); i++) {
            Held.Column column = held.columns().get(i);
            List<String> values = new ArrayList<>();
            for (List<@Nullable String> row : held.rows()) {
                String value = row.get(i);
                if (value != null) {
                    values.add(value);
                }
            }
            boolean text = isText(column.type());
            Findings findings = Classifier.look(text ? "string" : "decimal", values);
            findings.kinds().forEach((kind, count) -> {
                boolean personal = kind.level().isMasked() && kind.subject() != Subject.LEGAL_PERSON;
                boolean enough = text && TELLING.contains(kind) && count.matched() > 0
                        || findings.seen() > 0 && (double) count.matched() / findings.seen() >= kind.threshold();
                if (personal && enough && count.matched() > 0) {
                    found.merge(kind, (long) count.matched(), Long::sum);
                    where.add(column.name() + " " + kind);
                }
            });
        }
        if (found.isEmpty()) {
            return pass(Of.IDENTIFIERS, "没有发现直接标识个人的内容。", "Nothing was found that says who somebody is.");
        }
        Map<String, Long> figures = new TreeMap<>();
        found.forEach((kind, n) -> figures.put(kind.name(), n));
        return new Check(
                Of.IDENTIFIERS,
                Verdict.FAIL,
                "发现直接标识个人的内容，例如证件号码、电话、姓名或住址。请去掉或汇总。",
                "Something in it says who somebody is: identity numbers, phones, names or addresses. Leave it out, or aggregate.",
                figures,
                limited(where));
    }

    private static boolean isText(String type) {
        String upper = type.toUpperCase(Locale.ROOT);
        // Lists of numbers end in brackets, whatever they begin with.
        return upper.endsWith("]")
                || !(upper.endsWith("INT")
                        || upper.equals("INTEGER")
                        || upper.startsWith("DECIMAL")
                        || upper.equals("DOUBLE")
                        || upper.equals("FLOAT")
                        || upper.equals("BOOLEAN"));
    }

    private static Check anonymity(Held held, int k) {
        int[] identifying = held.at(Declaration.As.IDENTIFYING);
        Map<List<@Nullable String>, Long> groups = groups(held, identifying);
        List<String> small = groups.entrySet().stream()
                .filter(group -> group.getValue() < k)
                .map(group -> group.getKey() + " " + group.getValue())
                .sorted()
                .toList();
        long smallest = groups.values().stream().mapToLong(n -> n).min().orElse(0);
        if (small.isEmpty()) {
            return new Check(
                    Of.K_ANONYMITY,
                    Verdict.PASS,
                    "每一种准标识符组合至少有 " + k + " 条记录。",
                    "Each combination of what identifies is that of at least " + k + " records.",
                    figures("groups", groups.size(), "smallest", smallest),
                    List.of());
        }
        return new Check(
                Of.K_ANONYMITY,
                Verdict.FAIL,
                "有的准标识符组合不足 " + k + " 条记录，可能认出其中的人。请归并取值，或去掉这些记录。",
                "Some combinations of what identifies are those of fewer than " + k
                        + " records, who could be recognised. Make the values coarser, or leave these records out.",
                figures("groups", groups.size(), "small", small.size(), "smallest", smallest),
                limited(small));
    }

    private static Map<List<@Nullable String>, Long> groups(Held held, int[] at) {
        Map<List<@Nullable String>, Long> groups = new HashMap<>();
        for (List<@Nullable String> row : held.rows()) {
            groups.merge(Held.of(row, at), 1L, Long::sum);
        }
        return groups;
    }

    /** What was said not to identify and yet is rare. */
    private static Check attributes(Held held, int k) {
        List<String> rare = new ArrayList<>();
        long values = 0;
        for (Declaration.As as : List.of(Declaration.As.ATTRIBUTE, Declaration.As.MEASURE)) {
            for (int at : held.at(as)) {
                long few = groups(held, new int[] {at}).values().stream()
                        .filter(n -> n < k)
                        .count();
                if (few > 0) {
                    values += few;
                    rare.add(held.columns().get(at).name() + " " + few);
                }
            }
        }
        long combinations =
                held.at(Declaration.As.IDENTIFYING).length == held.columns().size()
                        ? 0
                        : groups(held, IntStream.range(0, held.columns().size()).toArray()).values().stream()
                                .filter(n -> n < k)
                                .count();
        return rare.isEmpty() && combinations == 0
                ? pass(Of.ATTRIBUTES, "声明为非标识的列没有罕见取值。", "What was said not to identify has no rare values.")
                : new Check(
                        Of.ATTRIBUTES,
                        Verdict.ATTENTION,
                        "声明为非标识的列有不足 " + k + " 条记录共有的取值，或与其他列合在一起时如此，审核人需判断是否足以认人。",
                        "What was said not to identify has values, alone or with the other columns, that fewer than "
                                + k
                                + " records share; the reviewer has to judge whether somebody could be recognised by them.",
                        figures("combinations", combinations, "values", values),
                        limited(rare));
    }

    private static Check counts(Held held) {
        int[] counts = held.at(Declaration.As.COUNT);
        List<String> wrong = new ArrayList<>();
        for (int at : held.at(Declaration.As.MEASURE)) {
            Held.Column column = held.columns().get(at);
            if (isText(column.type())) {
                // Any number of rows could be put together in a text or a list.
                wrong.add(column.name());
            }
        }
        for (int at : counts) {
            Held.Column column = held.columns().get(at);
            boolean whole = held.rows().stream()
                    .map(row -> row.get(at))
                    .allMatch(value -> value != null && WHOLE.matcher(value).matches());
            if (!column.counted() || !whole) {
                wrong.add(column.name());
            }
        }
        long nobody = held.rows().stream()
                .filter(row -> Arrays.stream(counts).allMatch(at -> "0".equals(row.get(at))))
                .count();
        if (counts.length > 0 && wrong.isEmpty() && nobody == 0) {
            return pass(Of.COUNTS, "声明为计数的列由计数得出。", "What was said to be a count is one.");
        }
        return new Check(
                Of.COUNTS,
                Verdict.FAIL,
                "统计结果须有计数列，且须直接由 count 得出（不带 FILTER）、为非负整数，每行不能全为 0；度量列须是数值，不能是文本或列表。",
                "A statistic needs a count, made by count itself without a filter, never null or negative, and not all nought in a row;"
                        + " its measures are numbers, not texts or lists.",
                figures("nobody", nobody, "wrong", wrong.size()),
                wrong);
    }

    private static Check cells(Held held, int k) {
        int[] dimensions = held.at(Declaration.As.IDENTIFYING);
        int[] counts = held.at(Declaration.As.COUNT);
        if (dimensions.length > SmallCells.MOST_DIMENSIONS) {
            return new Check(
                    Of.SMALL_CELLS,
                    Verdict.FAIL,
                    "分组的列超过 " + SmallCells.MOST_DIMENSIONS + " 个，不能判断哪些单元格可以反推。请减少分组。",
                    "It is grouped by more than " + SmallCells.MOST_DIMENSIONS
                            + " columns, so that it cannot be told what could be computed from it. Group by fewer.",
                    figures("dimensions", dimensions.length),
                    List.of());
        }
        List<List<@Nullable String>> cells = new ArrayList<>();
        List<long @Nullable []> numbers = new ArrayList<>();
        List<String> small = new ArrayList<>();
        for (List<@Nullable String> row : held.rows()) {
            List<@Nullable String> cell = Held.of(row, dimensions);
            long @Nullable [] all = new long[counts.length];
            for (int i = 0; i < counts.length; i++) {
                String value = row.get(counts[i]);
                if (value == null || !WHOLE.matcher(value).matches()) {
                    all = null;
                    break;
                }
                all[i] = Long.parseLong(value);
            }
            cells.add(cell);
            numbers.add(all);
            if (all == null || Arrays.stream(all).anyMatch(n -> n > 0 && n < k)) {
                small.add(cell + " " + (all == null ? "?" : Arrays.toString(all)));
            }
        }
        // What has small cells fails as it is, whatever would hide them.
        SmallCells.Fate[] fates = small.isEmpty() ? SmallCells.judge(cells, numbers, k) : new SmallCells.Fate[0];
        long suppressed = Arrays.stream(fates)
                .filter(fate -> fate == SmallCells.Fate.SUPPRESSED)
                .count();
        if (small.isEmpty() && suppressed == 0) {
            return pass(Of.SMALL_CELLS, "没有小于 " + k + " 的单元格。", "No cell is of fewer than " + k + ".");
        }
        small.sort(java.util.Comparator.naturalOrder());
        return new Check(
                Of.SMALL_CELLS,
                Verdict.FAIL,
                "有小于 " + k + " 的单元格，或同一单元格出现多行。请归并类别，或去掉这些单元格及由合计可反推的单元格。",
                "Some cells are of fewer than " + k
                        + ", or a cell is there twice. Put categories together, or leave out these cells and what would give them back.",
                figures("small", small.size(), "suppressed", suppressed),
                limited(small));
    }

    private static Check differencing(Held held, Set<String> tables, int k, List<Earlier> earlier) {
        List<String> close = new ArrayList<>();
        long cells = 0;
        long releases = 0;
        for (Earlier each : earlier) {
            if (each.tables.stream().noneMatch(tables::contains)) {
                continue;
            }
            List<Differencing.Close> found = Differencing.compare(held, each.held.get(), k);
            if (!found.isEmpty()) {
                releases++;
                cells += found.size();
                found.stream()
                        .map(one -> each.release + " " + one.cell() + " " + one.before() + " → " + one.now())
                        .sorted()
                        .limit(MOST_EXAMPLES)
                        .forEach(close::add);
            }
        }
        return close.isEmpty()
                ? pass(
                        Of.DIFFERENCING,
                        "与本域已带出的结果对比，没有相差不足 " + k + " 的分组。",
                        "Held against what has left the zone, no group differs by fewer than " + k + ".")
                : new Check(
                        Of.DIFFERENCING,
                        Verdict.ATTENTION,
                        "与本域已带出的结果相比，有的分组相差不足 " + k + "，两者相减可能推知个人。审核人须逐一核对。",
                        "Held against what has left the zone, some groups differ by fewer than " + k
                                + ": taken from each other they may tell of somebody. The reviewer has to look at each.",
                        figures("cells", cells, "releases", releases),
                        limited(close));
    }

    private static Check pass(Of of, String zh, String en) {
        return new Check(of, Verdict.PASS, zh, en, Map.of(), List.of());
    }

    private static List<String> limited(List<String> all) {
        return all.stream().limit(MOST_EXAMPLES).collect(Collectors.toList());
    }

    private static Map<String, Long> figures(Object... pairs) {
        Map<String, Long> figures = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            figures.put(Objects.toString(pairs[i]), ((Number) pairs[i + 1]).longValue());
        }
        return figures;
    }
}

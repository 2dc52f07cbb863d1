package org.qiantang.catalog;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What can be said of a resource without asking anybody: the beginning of its entry. */
final class EntryDrafts {
    private static final int LONGEST_NAME = 60;
    private static final int FEWEST_COLLECTIONS = 4;
    private static final Pattern MONEY = Pattern.compile("金额|价款|单价|总价|费用|余额|工资|收入|amount|price|salary|\\bfee\\b");
    private static final Pattern LONG_TEXT = Pattern.compile("备注|说明|描述|内容|意见|摘要|remark|description|comment|content");

    private EntryDrafts() {}

    /**
     * @param collectedAt when it was collected, in any order
     * @param uscc of the department, where it has one
     */
    static Entry.Statement of(
            Resource resource,
            List<Resource.Field> fields,
            Map<String, String> details,
            List<Instant> collectedAt,
            @Nullable String uscc) {
        String comment = resource.comment() == null ? "" : resource.comment().strip();
        return new Entry.Statement(
                "",
                clipped(resource.title(), 200),
                uscc,
                clipped(comment.isEmpty() || comment.equals(resource.title()) ? "" : comment, 4_000),
                null,
                format(resource.kind(), details),
                items(fields),
                null,
                null,
                null,
                resource.level() == Level.L4 ? Guide.OpenClass.FORBIDDEN : null,
                null,
                observed(collectedAt).orElse(null),
                List.of());
    }

    private static Guide.Format format(String kind, Map<String, String> details) {
        String form = details.getOrDefault("format", "").toLowerCase(java.util.Locale.ROOT);
        return switch (kind) {
            case "FILE" ->
                form.contains("workbook") || form.contains("delimited")
                        ? Guide.Format.SPREADSHEET
                        : Guide.Format.SELF_DESCRIBING;
            case "SHEET" -> Guide.Format.SPREADSHEET;
            case "ENDPOINT" -> Guide.Format.SELF_DESCRIBING;
            default -> Guide.Format.DATABASE;
        };
    }

    private static List<Entry.Statement.Item> items(List<Resource.Field> fields) {
        List<Entry.Statement.Item> items = new ArrayList<>();
        Set<String> taken = new HashSet<>();
        for (Resource.Field field : fields) {
            String name = name(field);
            // Two columns with one comment are told apart by what they are called.
            if (!taken.add(name)) {
                name = clipped(name, 100) + "（" + clipped(field.name(), 90) + "）";
                taken.add(name);
            }
            items.add(new Entry.Statement.Item(name, field.name(), type(field)));
        }
        return items;
    }

    private static String name(Resource.Field field) {
        String comment = field.comment() == null ? "" : field.comment().strip();
        String head = comment.split("[\\n。；;：:（(，,]", 2)[0].strip();
        return head.isEmpty() || head.length() > LONGEST_NAME ? clipped(field.sourceName(), 200) : head;
    }

    private static Guide.DataTypeCode type(Resource.Field field) {
        Guide.DataTypeCode code = Guide.DataTypeCode.ofLakeType(field.type());
        String words = field.name() + " " + (field.comment() == null ? "" : field.comment());
        return switch (code) {
            case N -> MONEY.matcher(words).find() ? Guide.DataTypeCode.Y : code;
            case C -> LONG_TEXT.matcher(words).find() ? Guide.DataTypeCode.M : code;
            default -> code;
        };
    }

    /** How often it has come so far; nothing while that is too seldom to tell. */
    static Optional<Guide.UpdateCycle> observed(List<Instant> collectedAt) {
        List<Instant> times = collectedAt.stream()
                .distinct()
                .sorted(Comparator.naturalOrder())
                .toList();
        if (times.size() < FEWEST_COLLECTIONS) {
            return Optional.empty();
        }
        List<Duration> gaps = new ArrayList<>();
        for (int i = 1; i < times.size(); i++) {
            gaps.add(Duration.between(times.get(i - 1), times.get(i)));
        }
        gaps.sort(Comparator.naturalOrder());
        Duration median = gaps.get(gaps.size() / 2);
        // Half of the time it came far earlier or later than usual.
        if (gaps.get(gaps.size() * 3 / 4).compareTo(gaps.get(gaps.size() / 4).multipliedBy(4)) > 0) {
            return Optional.of(Guide.UpdateCycle.IRREGULAR);
        }
        long hours = median.toHours();
        return Optional.of(
                median.toMinutes() < 30
                        ? Guide.UpdateCycle.REALTIME
                        : hours < 12
                                ? Guide.UpdateCycle.HOURLY
                                : hours < 84
                                        ? Guide.UpdateCycle.DAILY
                                        : hours < 15 * 24
                                                ? Guide.UpdateCycle.WEEKLY
                                                : hours < 60 * 24
                                                        ? Guide.UpdateCycle.MONTHLY
                                                        : hours < 180 * 24
                                                                ? Guide.UpdateCycle.QUARTERLY
                                                                : Guide.UpdateCycle.YEARLY);
    }

    private static String clipped(String text, int longest) {
        return text.length() <= longest ? text : text.substring(0, longest);
    }
}

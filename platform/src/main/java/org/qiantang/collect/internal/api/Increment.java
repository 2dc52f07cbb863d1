package org.qiantang.collect.internal.api;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.SourceObject;
import org.qiantang.lake.RowSink;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Asking only for what has changed. The newest time seen is kept with the table's snapshot; what is asked for reaches back a little before
 * it; records that come take the place of those with the same key. Once in a while everything is read, for only that shows what is gone.
 */
final class Increment {
    static final String MARK = "qiantang.api-mark";
    static final String FULL = "qiantang.api-full-at";

    private static final Duration FULL_EVERY = Duration.ofHours(168);
    private static final int MOST_CHANGES = 1_000_000;

    private final ApiResource.@Nullable Since since;
    private final String lakeName;
    private final Optional<Earlier> earlier;
    private final @Nullable Instant before;
    private final String lastFull;
    private final Set<String> keys = new HashSet<>();
    private @Nullable Instant newest;

    private Increment(
            ApiResource.@Nullable Since since,
            String lakeName,
            Optional<Earlier> earlier,
            @Nullable Instant before,
            String lastFull) {
        this.since = since;
        this.lakeName = lakeName;
        this.earlier = earlier;
        this.before = before;
        this.lastFull = lastFull;
        newest = before;
    }

    static Increment of(ApiResource resource, SourceObject object, Optional<Earlier> earlier, boolean inFull) {
        ApiResource.Since since = resource.since();
        String table = java.util.Objects.requireNonNull(object.lakeName());
        if (since == null) {
            return new Increment(null, table, earlier, null, "");
        }
        Map<String, String> summary =
                earlier.flatMap(lake -> lake.summary(table)).orElse(Map.of());
        String mark = summary.getOrDefault(MARK, "");
        String fullAt = summary.getOrDefault(FULL, "");
        Duration every = since.fullEveryHours() == null ? FULL_EVERY : Duration.ofHours(since.fullEveryHours());
        boolean due = inFull
                || mark.isEmpty()
                || fullAt.isEmpty()
                || Instant.parse(fullAt).plus(every).isBefore(Instant.now());
        return new Increment(since, table, earlier, due ? null : Instant.parse(mark), due ? "" : fullAt);
    }

    /** The time to ask from, as the interface wants it written; empty to ask for everything. */
    String since() {
        if (since == null || before == null) {
            return "";
        }
        int overlap = since.overlapSeconds() == null ? 300 : since.overlapSeconds();
        return ApiSettings.Times.of(since).write(before.minusSeconds(overlap));
    }

    void add(JsonNode record) {
        if (since == null) {
            return;
        }
        Instant at = time(
                RecordColumns.value(record, since.field()),
                ApiSettings.Times.of(since).zone());
        if (at != null && (newest == null || at.isAfter(newest))) {
            newest = at;
        }
        if (before != null) {
            if (keys.size() >= MOST_CHANGES) {
                throw ApiSettings.refused(
                        "since", "more than " + MOST_CHANGES + " records have changed; collect it in full");
            }
            keys.add(key(since.key().stream()
                    .map(field -> RecordColumns.text(RecordColumns.value(record, field)))
                    .toList()));
        }
    }

    private static String key(List<String> values) {
        return ApiPages.fingerprint(RecordColumns.JSON.writeValueAsBytes(values));
    }

    private static @Nullable Instant time(JsonNode value, ZoneId zone) {
        try {
            if (value.isIntegralNumber()) {
                long number = value.asLong();
                return number > 100_000_000_000L ? Instant.ofEpochMilli(number) : Instant.ofEpochSecond(number);
            }
            String text = value.isString() ? value.stringValue().strip().replace(' ', 'T') : "";
            if (text.length() == 10) {
                return LocalDate.parse(text).atStartOfDay(zone).toInstant();
            }
            return text.matches(".*(Z|[+-]\\d\\d:\\d\\d)$")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).atZone(zone).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }

    /** Takes a record that stays. */
    interface Keeper {
        void keep(JsonNode record) throws IOException;
    }

    /** Hands over the rows of the lake that were not met in this run; returns how many. */
    long keep(Keeper keeper) {
        ApiResource.Since settings = since;
        if (settings == null || before == null) {
            return 0;
        }
        long[] kept = {0};
        earlier.orElseThrow().rows(lakeName, new RowSink() {
            private final List<ResultColumn> columns = new ArrayList<>();

            @Override
            public void columns(List<ResultColumn> header) {
                columns.addAll(header);
            }

            @Override
            public void row(List<@Nullable String> values) {
                ObjectNode record = RecordColumns.JSON.createObjectNode();
                for (int i = 0; i < columns.size(); i++) {
                    put(record, columns.get(i), values.get(i));
                }
                List<String> own = settings.key().stream()
                        .map(field -> RecordColumns.text(RecordColumns.value(record, field)))
                        .toList();
                if (!keys.contains(key(own))) {
                    kept[0]++;
                    try {
                        keeper.keep(record);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        });
        return kept[0];
    }

    private static void put(ObjectNode record, RowSink.ResultColumn column, @Nullable String value) {
        String type = column.type();
        if (value == null) {
            record.putNull(column.name());
        } else if (type.equals("BOOLEAN")) {
            record.put(column.name(), Boolean.parseBoolean(value));
        } else if (type.equals("BIGINT")) {
            record.put(column.name(), new BigInteger(value));
        } else if (type.startsWith("DECIMAL")) {
            record.put(column.name(), new BigDecimal(value));
        } else if (type.equals("TIMESTAMP WITH TIME ZONE")) {
            record.put(column.name(), value.replace(' ', 'T').replaceFirst("([+-]\\d\\d)$", "$1:00"));
        } else {
            record.put(column.name(), value);
        }
    }

    /** What is kept with the snapshot for the next run. */
    Map<String, String> marks(Instant startedAt) {
        if (since == null || newest == null) {
            return Map.of();
        }
        return Map.of(MARK, newest.toString(), FULL, before == null ? startedAt.toString() : lastFull);
    }
}

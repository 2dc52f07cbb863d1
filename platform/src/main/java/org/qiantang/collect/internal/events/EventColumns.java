package org.qiantang.collect.internal.events;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.qiantang.lake.Column;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.TableName;

/**
 * The columns of a stream's table, learned from its events: a field becomes a column of the type its first value has, and keeps it. What
 * has no column or does not fit its own stays, exactly as it was sent, in {@code _more}.
 */
final class EventColumns {
    static final int TIME = 0;
    static final int DEVICE = 1;

    private static final int MOST = 500;
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_][\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ]{0,199}");
    private static final List<Column> HEAD =
            List.of(column("_time", LakeType.TIMESTAMP_TZ), column("_device", LakeType.TEXT));
    private static final List<Column> TAIL = List.of(
            column("_origin", LakeType.TEXT),
            column("_received_at", LakeType.TIMESTAMP_TZ),
            column("_more", LakeType.TEXT),
            column("_id", LakeType.UUID));

    private final List<Column> fields = new ArrayList<>();
    private final Map<String, Integer> positions = new HashMap<>();
    private final Set<String> names = new HashSet<>();

    /** What the table in the lake has, or nothing but our own columns. */
    static EventColumns of(Lake lake, TableName table) {
        EventColumns columns = new EventColumns();
        HEAD.forEach(column -> columns.names.add(column.name()));
        TAIL.forEach(column -> columns.names.add(column.name()));
        lake.shape(table).forEach((name, type) -> {
            if (!columns.names.contains(name)) {
                columns.add(name, type);
            }
        });
        return columns;
    }

    /** Makes a column of a field when there is room and no other has its name. */
    void learn(String field, LakeType type) {
        if (fields.size() < MOST && NAME.matcher(field).matches() && !names.contains(field.toLowerCase(Locale.ROOT))) {
            add(field, type);
        }
    }

    private void add(String field, LakeType type) {
        names.add(field.toLowerCase(Locale.ROOT));
        positions.put(field, HEAD.size() + fields.size());
        fields.add(column(field, type));
    }

    /** The position of a field's column, or -1. */
    int position(String field) {
        return positions.getOrDefault(field, -1);
    }

    LakeType type(int position) {
        return fields.get(position - HEAD.size()).type();
    }

    List<Column> all() {
        List<Column> all = new ArrayList<>(HEAD);
        all.addAll(fields);
        all.addAll(TAIL);
        return all;
    }

    int size() {
        return HEAD.size() + fields.size() + TAIL.size();
    }

    int origin() {
        return HEAD.size() + fields.size();
    }

    int receivedAt() {
        return origin() + 1;
    }

    int more() {
        return origin() + 2;
    }

    int id() {
        return origin() + 3;
    }

    private static Column column(String name, LakeType type) {
        return new Column(name, type, "json", null);
    }
}

package org.qiantang.collect.internal.jdbc;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.ChangeFeed.FollowedTable;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import org.qiantang.lake.TableChanges;
import org.qiantang.lake.TableChanges.Op;

/** A table whose rows the binary log changes, and how these become rows of the lake. */
final class BinlogTable {
    private final FollowedTable followed;
    private final List<BinlogColumn> columns;
    private final boolean[] isKey;

    private BinlogTable(FollowedTable followed, List<BinlogColumn> columns, boolean[] isKey) {
        this.followed = followed;
        this.columns = columns;
        this.isKey = isKey;
    }

    /** The tables of a server by schema and name, those that cannot be followed among them. */
    static Map<List<String>, BinlogTable> all(List<Table> tables, boolean isMariaDb) {
        Map<List<String>, BinlogTable> all = new LinkedHashMap<>();
        DatabaseConnector.objects(tables).forEach((table, object) -> {
            if (object.isCopied()) {
                all.put(List.of(table.schema, table.name), of(table, object, isMariaDb));
            }
        });
        return all;
    }

    private static BinlogTable of(Table table, SourceObject object, boolean isMariaDb) {
        List<BinlogColumn> columns = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (SourceColumn column : object.columns()) {
            BinlogColumn known = BinlogColumn.of(column, isMariaDb);
            if (known == null) {
                unknown.add(column.name() + " " + column.column().sourceType());
            } else {
                columns.add(known);
            }
        }
        List<String> key = new ArrayList<>();
        boolean[] isKey = new boolean[object.columns().size()];
        for (int i = 0; i < isKey.length; i++) {
            isKey[i] = table.primaryKey.isEmpty()
                    || table.primaryKey.contains(object.columns().get(i).name());
            if (isKey[i] && !table.primaryKey.isEmpty()) {
                key.add(object.columns().get(i).column().name());
            }
        }
        String reason = !table.isSteady
                ? table.details.getOrDefault("engine", "") + " keeps no snapshots"
                : table.details.containsKey("systemVersioned")
                        ? "system versioning"
                        : object.details().containsKey("unreadableColumns")
                                ? "unreadable columns " + object.details().get("unreadableColumns")
                                : !unknown.isEmpty()
                                        ? String.join(", ", unknown)
                                        : key.size() < table.primaryKey.size()
                                                ? "a key of prefixes " + table.primaryKey
                                                : "";
        Unreadable why = table.unreadable.orElse(
                reason.isEmpty() ? null : new Unreadable(CollectProblem.FOLLOWING_IMPOSSIBLE.id(), reason));
        String lakeName = object.lakeName();
        return new BinlogTable(
                new FollowedTable(
                        object.qualifiedName(),
                        lakeName == null ? "" : lakeName,
                        object.columns().stream().map(SourceColumn::column).toList(),
                        key,
                        why),
                List.copyOf(columns),
                isKey);
    }

    FollowedTable followed() {
        return followed;
    }

    String lakeName() {
        return followed.lakeName();
    }

    boolean isFollowed() {
        return followed.why() == null;
    }

    /** Whether it is as it was when these columns were read. */
    boolean isLike(BinlogTable other) {
        return followed.equals(other.followed);
    }

    /** Whether the log's columns are the table's. */
    boolean fits(byte[] types, int[] metadata) {
        if (types.length != columns.size()) {
            return false;
        }
        for (int i = 0; i < types.length; i++) {
            if (!columns.get(i).isWritten(BinlogColumn.code(types[i] & 0xff, metadata[i]))) {
                return false;
            }
        }
        return true;
    }

    /** One image of a row in the log: where its values are. */
    static final class Image {
        private final int[] at;
        /** Of null it is -1. */
        private final int[] length;

        int end;

        Image(int columns) {
            at = new int[columns];
            length = new int[columns];
        }

        /** Finds the values of the image that begins there. */
        void read(ByteBuffer rows, int start, byte[] types, int[] metadata) {
            int n = types.length;
            int next = start + (n + 7) / 8;
            for (int i = 0; i < n; i++) {
                at[i] = next;
                boolean isNull = (rows.get(start + i / 8) >> i % 8 & 1) != 0;
                length[i] = isNull ? -1 : BinlogColumn.length(rows, next, types[i] & 0xff, metadata[i]);
                next += Math.max(length[i], 0);
            }
            end = next;
        }
    }

    /** The shape in which the log writes the rows that follow. */
    record Written(BinlogTable table, byte[] types, int[] metadata) {
        void insert(TableChanges changes, ByteBuffer rows, Image image) {
            set(changes, changes.row(Op.INSERT, null), rows, image);
        }

        void delete(TableChanges changes, ByteBuffer rows, Image image) {
            int row = changes.row(Op.DELETE, null);
            for (int i = 0; i < types.length; i++) {
                cell(changes, i, row, rows, table.isKey[i] ? image : null);
            }
        }

        /** An update that changes the key, or a row that has none, goes and comes again. */
        void update(TableChanges changes, ByteBuffer rows, Image before, Image after) {
            if (table.followed.key().isEmpty() || keyDiffers(rows, before, after)) {
                delete(changes, rows, before);
                insert(changes, rows, after);
            } else {
                set(changes, changes.row(Op.UPDATE, null), rows, after);
            }
        }

        private boolean keyDiffers(ByteBuffer rows, Image before, Image after) {
            for (int i = 0; i < types.length; i++) {
                if (table.isKey[i]
                        && (before.length[i] != after.length[i]
                                || !rows.slice(before.at[i], Math.max(before.length[i], 0))
                                        .equals(rows.slice(after.at[i], Math.max(after.length[i], 0))))) {
                    return true;
                }
            }
            return false;
        }

        private void set(TableChanges changes, int row, ByteBuffer rows, Image image) {
            for (int i = 0; i < types.length; i++) {
                cell(changes, i, row, rows, image);
            }
        }

        private void cell(TableChanges changes, int i, int row, ByteBuffer rows, @Nullable Image image) {
            Batch batch = changes.batch();
            if (image == null || image.length[i] < 0) {
                batch.setNull(i, row);
                return;
            }
            Column lake = changes.columns().get(i);
            table.columns
                    .get(i)
                    .set(rows, image.at[i], image.length[i], types[i] & 0xff, metadata[i], batch, i, row, lake);
        }

        @Override
        public String toString() {
            return table.followed.object() + " " + Arrays.toString(types);
        }
    }
}

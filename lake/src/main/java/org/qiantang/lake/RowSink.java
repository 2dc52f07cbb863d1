package org.qiantang.lake;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes an answer as it comes: the header once, then the rows in order. */
public interface RowSink {
    void columns(List<ResultColumn> columns);

    /** Each value as exact text, null for null. Throwing ends the query. */
    void row(List<@Nullable String> values);

    /** A column of an answer; {@code type} as SQL names it. */
    record ResultColumn(String name, String type) {
        /** The lake's type that holds each of its values; text where there is none. */
        public LakeType lakeType() {
            return Types.ofEngine(type).orElse(LakeType.TEXT);
        }
    }
}

package org.qiantang.share;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.Level;
import org.qiantang.org.Department;

/**
 * A resource of the directory as somebody who wants to apply for it sees it.
 *
 * @param shareCondition under which condition it is shared, or the law by which it is not
 */
public record Offered(
        UUID entry,
        UUID resource,
        String title,
        String lakeTable,
        Department provider,
        Guide.ShareClass shareClass,
        @Nullable String shareCondition,
        Guide.OpenClass openClass,
        List<Field> fields) {
    public Offered {
        fields = List.copyOf(fields);
    }

    /** A column that can be asked for. */
    public record Field(String name, String title, String type, Level level) {}
}

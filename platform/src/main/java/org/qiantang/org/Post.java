package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A post (岗位) in a department: work is given to posts, and whoever holds one answers for it.
 *
 * @param reportsTo the post it reports to
 * @param divisions the codes its holder answers for; where there are none, the department's
 */
public record Post(
        String id,
        String departmentId,
        String name,
        @Nullable String nameEn,
        @Nullable String reportsTo,
        List<String> divisions,
        int ordinal,
        Validity validity) {
    public Post {
        requireNonNull(id, "id is null");
        requireNonNull(departmentId, "departmentId is null");
        requireNonNull(name, "name is null");
        requireNonNull(validity, "validity is null");
        divisions = List.copyOf(divisions);
    }
}

package org.qiantang.org;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A department with its place in the organisation (机构).
 *
 * @param uscc its unified social credit code, as it is on its certificate
 * @param division the code of the division it is a department of, and answers for unless its posts say otherwise
 * @param parent the department it is a part of
 * @param ordinal its place in protocol
 */
public record DepartmentEntry(
        Department department,
        @Nullable String uscc,
        @Nullable String division,
        @Nullable String parent,
        int ordinal,
        Validity validity) {
    public DepartmentEntry {
        requireNonNull(department, "department is null");
        requireNonNull(validity, "validity is null");
    }
}

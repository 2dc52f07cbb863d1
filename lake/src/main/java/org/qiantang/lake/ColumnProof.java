package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

/**
 * What proves a column: how many values, how many nulls, and an order-independent checksum, taken on both sides.
 *
 * @param read checksum of the values as the connector handed them over, 32 hexadecimal digits
 * @param written checksum of the values read back from the files that were committed, 32 hexadecimal digits
 */
public record ColumnProof(String column, long nulls, String read, String written) {
    public ColumnProof {
        requireNonNull(column, "column is null");
        requireNonNull(read, "read is null");
        requireNonNull(written, "written is null");
    }

    public boolean holds() {
        return read.equals(written);
    }
}

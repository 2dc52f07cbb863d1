package org.qiantang.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/**
 * A data resource (数据资源) of the catalogue: a table, whose it is, what it holds, how sensitive, how complete, as of when.
 *
 * @param lakeTable its name in the lake, {@code namespace.table}
 * @param name its qualified name at the source
 * @param rows null while nothing of it has landed
 * @param snapshotId a decimal number; a string, because it does not fit the numbers of a browser
 * @param matched names of the columns a search found it by
 */
public record Resource(
        UUID id,
        String lakeTable,
        String name,
        String title,
        @Nullable String comment,
        Department department,
        SourceRef source,
        String kind,
        @Nullable Long rows,
        @Nullable Long bytes,
        @Nullable Instant asOf,
        Completeness completeness,
        Level level,
        int columnsCount,
        @Nullable String snapshotId,
        List<String> matched) {
    public Resource {
        matched = List.copyOf(matched);
    }

    Resource withMatched(List<String> columns) {
        return new Resource(
                id,
                lakeTable,
                name,
                title,
                comment,
                department,
                source,
                kind,
                rows,
                bytes,
                asOf,
                completeness,
                level,
                columnsCount,
                snapshotId,
                columns);
    }

    /** The source it comes from. */
    public record SourceRef(UUID id, String name) {}

    /** A page of a list. */
    public record Page(long total, List<Resource> items) {
        public Page {
            items = List.copyOf(items);
        }
    }

    /** A column as the catalogue knows it. */
    public record Field(
            String name,
            String sourceName,
            String type,
            String sourceType,
            @Nullable String comment,
            boolean nullable,
            boolean key,
            Level level,
            @Nullable Detected detected,
            @Nullable String mask,
            @Nullable Long nulls,
            @Nullable String checksum) {}

    /** What the content was found to be. */
    public record Detected(ContentKind kind, double share) {}

    /** A run that collected it, and how that ended for this table. */
    public record ReceiptRef(UUID runId, Instant at, Completeness verdict) {}

    /** Everything about one resource. */
    public record Whole(
            Resource resource, List<Field> columns, Map<String, String> details, List<ReceiptRef> receipts) {
        public Whole {
            columns = List.copyOf(columns);
            details = Map.copyOf(details);
            receipts = List.copyOf(receipts);
        }
    }
}

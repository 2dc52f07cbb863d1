package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The receipt (归集回执) of a run: what was found, what was brought, what is missing. Signed over its canonical JSON; the names of the
 * components are the names in the JSON.
 *
 * @param keyFingerprint of the key that signs it
 * @param verdict {@code complete} exactly when everything that holds rows was landed whole
 * @param missing names each table, partition and column that is not in the lake whole
 */
public record Receipt(
        int version,
        String installation,
        String keyFingerprint,
        String runId,
        SourceDescription source,
        List<Attempt> attempts,
        @Nullable String position,
        @Nullable Instant startedAt,
        Instant finishedAt,
        List<Item> objects,
        Totals totals,
        Verdict verdict,
        List<Missing> missing) {
    public static final int VERSION = 1;

    public Receipt {
        requireNonNull(installation, "installation is null");
        requireNonNull(keyFingerprint, "keyFingerprint is null");
        requireNonNull(runId, "runId is null");
        requireNonNull(source, "source is null");
        requireNonNull(finishedAt, "finishedAt is null");
        requireNonNull(totals, "totals is null");
        requireNonNull(verdict, "verdict is null");
        attempts = List.copyOf(attempts);
        objects = List.copyOf(objects);
        missing = List.copyOf(missing);
    }

    /** Whether the lake has everything. */
    public enum Verdict {
        complete,
        incomplete,
    }

    /** @param department its id */
    public record SourceDescription(String name, String title, String kind, String location, String department) {}

    /** One time the worker was asked; the last one ended the run. */
    public record Attempt(
            Instant startedAt,
            @Nullable Instant finishedAt,
            @Nullable String position) {}

    /**
     * One thing that was found.
     *
     * @param lakeTable null when it is only recorded
     * @param snapshotId a decimal number, as a string
     * @param committedAt when it was seen to be in the lake
     */
    public record Item(
            String kind,
            String schema,
            String name,
            @Nullable String lakeTable,
            RunObject.State state,
            @Nullable Reason reason,
            @Nullable Long rowsAtSource,
            long rowsLanded,
            long rowsRejected,
            long valuesRejected,
            long bytes,
            @Nullable String snapshotId,
            @Nullable Instant committedAt,
            @Nullable String position,
            @Nullable Instant startedAt,
            @Nullable Instant finishedAt,
            List<ColumnProof> columns,
            Map<String, String> details) {
        public Item {
            requireNonNull(kind, "kind is null");
            requireNonNull(schema, "schema is null");
            requireNonNull(name, "name is null");
            requireNonNull(state, "state is null");
            columns = List.copyOf(columns);
            details = Map.copyOf(details);
        }

        public String qualifiedName() {
            return schema.isEmpty() ? name : schema + "." + name;
        }

        boolean isCopied() {
            return lakeTable != null;
        }
    }

    /** Why an object is not complete. */
    public record Reason(String code, @Nullable String detail) {}

    /** What proves a column: the same checksum, on the values as read and as written. */
    public record ColumnProof(
            String name,
            String lakeName,
            String sourceType,
            String type,
            long nulls,
            String checksumRead,
            String checksumWritten) {
        boolean holds() {
            return checksumRead.equals(checksumWritten);
        }
    }

    /**
     * Sums over the objects.
     *
     * @param tables objects that hold rows
     * @param rowsAtSource as far as they were counted
     */
    public record Totals(
            long objects,
            long tables,
            long completeTables,
            long rowsAtSource,
            long rowsLanded,
            long rowsRejected,
            long bytes) {
        static Totals of(List<Item> objects) {
            List<Item> tables = objects.stream().filter(Item::isCopied).toList();
            return new Totals(
                    objects.size(),
                    tables.size(),
                    tables.stream()
                            .filter(item -> item.state() == RunObject.State.COMPLETE)
                            .count(),
                    tables.stream()
                            .mapToLong(item -> item.rowsAtSource() == null ? 0 : item.rowsAtSource())
                            .sum(),
                    tables.stream().mapToLong(Item::rowsLanded).sum(),
                    tables.stream().mapToLong(Item::rowsRejected).sum(),
                    tables.stream().mapToLong(Item::bytes).sum());
        }
    }

    /** A table, partition or column that is not in the lake whole. */
    public record Missing(String object, String code, String reason) {}

    /** Why an object that calls itself complete is not, or null: rows that do not add up, or a column whose two sides differ. */
    static @Nullable Reason contradiction(Item item) {
        if (item.state() != RunObject.State.COMPLETE) {
            return null;
        }
        if (item.snapshotId() == null) {
            return new Reason("collect.proof_failed", "no snapshot");
        }
        Long atSource = item.rowsAtSource();
        if (item.rowsRejected() + item.valuesRejected() > 0
                || (atSource != null && atSource != item.rowsLanded() + item.rowsRejected())) {
            return new Reason(
                    "collect.rows_do_not_add_up",
                    atSource + " at the source, " + item.rowsLanded() + " landed, " + item.rowsRejected()
                            + " rejected");
        }
        List<String> broken = new ArrayList<>();
        for (ColumnProof column : item.columns()) {
            if (!column.holds()) {
                broken.add(column.name());
            }
        }
        return broken.isEmpty() ? null : new Reason("collect.proof_failed", String.join(", ", broken));
    }
}

package org.qiantang.collect.internal.postgres;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.LakeType;

/** A table, foreign table or view as the catalogue has it. */
final class Relation {
    final long oid;
    final String schema;
    final String name;
    final char kind;
    final boolean isPartition;
    final boolean isHeap;
    final long heapBytes;
    final long toastBytes;
    final long pages;
    final double tuples;
    final @Nullable String comment;
    final @Nullable String server;
    final long fileNode;
    final Access access;
    final List<Attribute> attributes = new ArrayList<>();
    final List<Relation> parents = new ArrayList<>();
    final List<Relation> children = new ArrayList<>();

    Relation(
            long oid,
            String schema,
            String name,
            char kind,
            boolean isPartition,
            boolean isHeap,
            long heapBytes,
            long toastBytes,
            long pages,
            double tuples,
            @Nullable String comment,
            @Nullable String server,
            long fileNode,
            Access access) {
        this.oid = oid;
        this.schema = schema;
        this.name = name;
        this.kind = kind;
        this.isPartition = isPartition;
        this.isHeap = isHeap;
        this.heapBytes = heapBytes;
        this.toastBytes = toastBytes;
        this.pages = pages;
        this.tuples = tuples;
        this.comment = comment;
        this.server = server;
        this.fileNode = fileNode;
        this.access = access;
    }

    /**
     * What the account may do.
     *
     * @param named whether its name can be said in UTF-8 at all
     * @param usage whether it may look into the schema
     * @param select whether it may read the whole table
     * @param selectSome whether it may read some column
     * @param policies whether row-level security would hide rows
     */
    record Access(boolean named, boolean usage, boolean select, boolean selectSome, boolean policies) {
        boolean whole() {
            return named && usage && select && !policies;
        }
    }

    /**
     * A column.
     *
     * @param sourceType the type as people write it
     * @param type OID of the type, of a domain its base type's
     * @param readable whether the account may read it
     * @param isVaried whether a value may be large
     * @param identity what stays when it is renamed, and what the server's feed of changes says of it
     */
    record Attribute(
            String name,
            String sourceType,
            Wire wire,
            LakeType lakeType,
            long type,
            boolean readable,
            boolean isVaried,
            Identity identity) {
        private static final long JSON = 114;
        private static final long BPCHAR = 1042;

        boolean isJson() {
            return type == JSON;
        }

        boolean isPadded() {
            return type == BPCHAR;
        }
    }

    /**
     * A column as the server knows it.
     *
     * @param number {@code attnum}, which no other column of the table ever has
     * @param declaredType OID of the type as declared, maybe a domain
     * @param computed whether the server computes it, so that a feed may leave it out
     * @param hasDefault whether rows of before may have another value than null in it
     */
    record Identity(int number, long declaredType, int modifier, Computed computed, boolean hasDefault) {}

    /** Whether a column's values are the server's own ({@code GENERATED ALWAYS AS}). */
    enum Computed {
        NO,
        /** When a row is written; the values are in the log. */
        STORED,
        /** Whenever a row is read; nothing but reading tells them. */
        VIRTUAL,
    }

    /** Whether it holds no rows of its own but partitions do. */
    boolean isPartitioned() {
        return kind == 'p';
    }

    boolean isForeign() {
        return kind == 'f';
    }

    boolean isView() {
        return kind == 'v' || kind == 'm';
    }

    /** Whether it becomes a table of the lake. */
    boolean isCopied() {
        return !isPartition && !isView();
    }

    String quotedName() {
        return Names.quoted(schema) + "." + Names.quoted(name);
    }

    String qualifiedName() {
        return schema + "." + name;
    }

    /** The columns that are collected. */
    List<Attribute> readable() {
        return attributes.stream().filter(Attribute::readable).toList();
    }

    /** The partitions that hold rows, or itself. */
    List<Relation> leaves() {
        if (!isPartitioned()) {
            return List.of(this);
        }
        return children.stream().flatMap(child -> child.leaves().stream()).toList();
    }

    /** The table it is in the end a partition of, or itself. */
    Relation root() {
        return isPartition && !parents.isEmpty() ? parents.getFirst().root() : this;
    }
}

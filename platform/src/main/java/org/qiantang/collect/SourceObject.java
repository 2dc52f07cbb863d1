package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;

/**
 * One thing found in a source, whether or not it can be copied: a table, a partition, a view, a sequence, a file, a sheet.
 *
 * @param kind what it is
 * @param schema the schema or folder it is in, or an empty string
 * @param name its own name
 * @param lakeName the name of the table it is copied to within the source's namespace; null when it is only recorded
 * @param columns the columns in their order; empty for what has none
 * @param estimatedRows the source's own guess, for progress
 * @param estimatedBytes likewise
 * @param details whatever else the source says of it (keys, foreign keys, definition, encoding, delimiter…), by name
 */
public record SourceObject(
        Kind kind,
        String schema,
        String name,
        @Nullable String lakeName,
        @Nullable String comment,
        List<SourceColumn> columns,
        OptionalLong estimatedRows,
        OptionalLong estimatedBytes,
        Map<String, String> details) {
    /** The detail that holds the content's hash. */
    public static final String CONTENT = "sha256";

    /** How contents are read; another number makes every file be read again. */
    private static final String READING = "1";

    public SourceObject {
        requireNonNull(kind, "kind is null");
        requireNonNull(schema, "schema is null");
        requireNonNull(name, "name is null");
        columns = List.copyOf(columns);
        details = Map.copyOf(details);
    }

    /** What a source can hold. */
    public enum Kind {
        TABLE,
        PARTITIONED_TABLE,
        /** Its rows are collected into {@code details["parent"]}. */
        PARTITION,
        FOREIGN_TABLE,
        VIEW,
        MATERIALIZED_VIEW,
        SEQUENCE,
        ENUM,
        DOMAIN,
        COMPOSITE_TYPE,
        FILE,
        SHEET,
        /** A list of records that an HTTP interface gives out. */
        ENDPOINT,
    }

    /**
     * The hash of the content together with the way in which it is read; empty where the source does not say what its content is. Two
     * objects with one fingerprint become the same table.
     */
    public Optional<String> fingerprint() {
        if (!details.containsKey(CONTENT)) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder(READING)
                .append('\n')
                .append(kind)
                .append('\n')
                .append(qualifiedName());
        new TreeMap<>(details).forEach((name, value) -> {
            if (!name.equals("modified")) {
                text.append('\n').append(name).append('=').append(value.replace("\n", "\\n"));
            }
        });
        columns.forEach(column -> text.append('\n')
                .append(column.name())
                .append('|')
                .append(column.column().name())
                .append('|')
                .append(column.column().type().label()));
        try {
            return Optional.of(HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest(text.toString().getBytes(StandardCharsets.UTF_8))));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public boolean isCopied() {
        return lakeName != null;
    }

    /** The name people see: {@code schema.name}, or the name alone. */
    public String qualifiedName() {
        return schema.isEmpty() ? name : schema + "." + name;
    }

    /** The same object with one column kept as its exact text. */
    public SourceObject withTextColumn(String lakeColumn) {
        List<SourceColumn> widened = columns.stream()
                .map(each -> each.column.name().equals(lakeColumn) ? each.asText() : each)
                .toList();
        return new SourceObject(kind, schema, name, lakeName, comment, widened, estimatedRows, estimatedBytes, details);
    }

    /**
     * A column at the source and in the lake.
     *
     * @param name the source's own name
     * @param column what it becomes
     * @param nullable whether the source allows null
     * @param details default, generation expression, enum values, domain …, by name
     */
    public record SourceColumn(String name, Column column, boolean nullable, Map<String, String> details) {
        /** The detail that tells a column apart at its source whatever it is called, where there is such a thing. */
        public static final String IDENTITY = "columnIdentity";

        public SourceColumn {
            requireNonNull(name, "name is null");
            requireNonNull(column, "column is null");
            details = Map.copyOf(details);
        }

        private SourceColumn asText() {
            return new SourceColumn(
                    name,
                    new Column(column.name(), LakeType.TEXT, column.sourceType(), column.comment()),
                    nullable,
                    details);
        }
    }
}

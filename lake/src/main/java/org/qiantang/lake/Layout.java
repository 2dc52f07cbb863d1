package org.qiantang.lake;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types.NestedField;

/**
 * Which columns a data file has, said by its name. The engine knows much less of files that it reads by field id than of those that it reads
 * by name: joins over them took it more than twice the time. Files that all say they were written as one schema of the table can be read
 * by name for whatever fields that schema has as they are asked for; of any others the ids decide.
 */
final class Layout {
    private static final Pattern NAMED = Pattern.compile(".*-([0-9a-f]{16})[.]parquet");

    /** Columns that the engine gives every file by itself. */
    private static final Set<String> TAKEN = Set.of("file_row_number", "file_index", "filename");

    private Layout() {}

    /** Ends the name of a file of these columns. */
    static String ending(Schema schema) {
        return "-" + fingerprint(schema) + ".parquet";
    }

    /** The schema that all of the files were written as; empty when that cannot be told. */
    static Optional<Schema> of(Table table, List<DataFile> files) {
        Set<String> said = files.stream()
                .map(file -> {
                    Matcher name = NAMED.matcher(file.location());
                    return name.matches() ? name.group(1) : "";
                })
                .collect(Collectors.toSet());
        if (said.size() != 1) {
            return Optional.empty();
        }
        String fingerprint = said.iterator().next();
        return fingerprint.isEmpty()
                ? Optional.empty()
                : table.schemas().values().stream()
                        .sorted(Comparator.comparing(
                                schema -> schema.schemaId() != table.schema().schemaId()))
                        .filter(schema -> fingerprint(schema).equals(fingerprint))
                        .findFirst();
    }

    /** Whether files of this schema have the fields under their present names and types. */
    static boolean holds(Schema layout, List<NestedField> fields) {
        return layout.columns().stream()
                        .noneMatch(field -> TAKEN.contains(field.name().toLowerCase(Locale.ROOT)))
                && fields.stream().allMatch(field -> {
                    NestedField written = layout.findField(field.fieldId());
                    return written != null
                            && written.name().equals(field.name())
                            && written.type().equals(field.type());
                });
    }

    private static String fingerprint(Schema schema) {
        String columns = schema.columns().stream()
                .sorted(Comparator.comparingInt(NestedField::fieldId))
                .map(field -> field.fieldId() + ":" + field.type() + ":" + field.name())
                .collect(Collectors.joining("\n"));
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(columns.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

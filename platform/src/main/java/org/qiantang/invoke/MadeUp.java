package org.qiantang.invoke;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows that nobody is in, of a service's declared fields alone: for whoever builds a system before the data may be read. They are the same
 * each time, and every text in them says that it is an example.
 */
public final class MadeUp {
    private static final int ROWS = 3;
    private static final LocalDate DAY = LocalDate.of(2000, 1, 1);

    private MadeUp() {}

    /** A few rows, each value as text in the form of its field. */
    public static List<List<String>> rows(Definition definition) {
        List<List<String>> rows = new ArrayList<>();
        for (int row = 1; row <= ROWS; row++) {
            List<String> values = new ArrayList<>();
            for (Definition.Field field : definition.fields()) {
                values.add(value(field, row));
            }
            rows.add(List.copyOf(values));
        }
        return List.copyOf(rows);
    }

    private static String value(Definition.Field field, int row) {
        String type = field.type();
        if (type.startsWith("DECIMAL")) {
            return row + ".5";
        }
        return switch (type) {
            case "BOOLEAN" -> Boolean.toString(row % 2 == 1);
            case "TINYINT",
                    "SMALLINT",
                    "INTEGER",
                    "BIGINT",
                    "HUGEINT",
                    "UTINYINT",
                    "USMALLINT",
                    "UINTEGER",
                    "UBIGINT" -> Integer.toString(row);
            case "FLOAT", "DOUBLE" -> row + ".25";
            case "DATE" -> DAY.plusDays(row).toString();
            case "TIME" -> "08:00:0" + row;
            case "TIMESTAMP" -> DAY.plusDays(row) + " 08:00:00";
            case "TIMESTAMP WITH TIME ZONE" -> DAY.plusDays(row) + " 08:00:00+08";
            case "UUID" -> "00000000-0000-4000-8000-00000000000" + row;
            default -> "示例-" + field.name() + "-" + row;
        };
    }
}

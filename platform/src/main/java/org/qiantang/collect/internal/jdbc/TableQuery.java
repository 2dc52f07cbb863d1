package org.qiantang.collect.internal.jdbc;

import java.util.ArrayList;
import java.util.List;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.lake.LakeType;

/**
 * What is asked of the source for one part, and how the answer is to be read.
 *
 * <p>Where a value may be too large to come at all the source itself puts null in its place, and two columns behind all others say how
 * large it is and how it begins.
 *
 * @param columns one per column of the lake, in order
 * @param count what asks the source how many rows the part has
 * @param large for each column, where the two stand that tell of a refused value, or 0
 * @param key the places of the primary key among the columns
 * @param countsRows whether the table has no columns, so that its rows are only numbered
 */
record TableQuery(
        String sql,
        String count,
        List<Selected> columns,
        int[] large,
        int[] key,
        boolean countsRows,
        KeyRange range,
        boolean byNumber) {
    /** What a refused value shows of itself, in characters. */
    private static final int EXCERPT = 1_000;

    /** A column of the lake, and how it is read. */
    record Selected(String name, String lakeName, LakeType type, Reading reading) {}

    static TableQuery of(SourceObject object, Table table, KeyRange range, Dialect dialect, long largest) {
        boolean countsRows = object.columns().equals(List.of(DatabaseConnector.ROW_COLUMN));
        List<Selected> selected = new ArrayList<>();
        List<String> expressions = new ArrayList<>();
        List<Field> measured = new ArrayList<>();
        if (countsRows) {
            expressions.add("1");
        } else {
            for (SourceColumn column : object.columns()) {
                Field field = table.field(column.name());
                LakeType type = column.column().type();
                boolean asText = type.equals(LakeType.TEXT) && !field.type().equals(LakeType.TEXT);
                selected.add(new Selected(
                        column.name(), column.column().name(), type, asText ? field.textReading() : field.reading()));
                expressions.add(asText ? field.textExpression() : field.expression());
                measured.add(field);
            }
        }
        int[] large = new int[selected.size()];
        List<String> sizes = measured.stream()
                .map(Field::large)
                .filter(size -> !size.isEmpty())
                .toList();
        String total = String.join(
                " + ",
                sizes.stream()
                        .map(size -> "COALESCE(OCTET_LENGTH(" + size + "), 0)")
                        .toList());
        int columns = selected.size();
        for (int i = 0; i < columns; i++) {
            String size = measured.get(i).large();
            if (size.isEmpty()) {
                continue;
            }
            String length = "OCTET_LENGTH(" + size + ")";
            String refused = "(" + length + " > " + largest
                    + (sizes.size() == 1
                            ? ""
                            : " OR " + total + " > " + largest + " AND " + length + " > " + largest / sizes.size())
                    + ")";
            String excerpt = selected.get(i).reading() == Reading.BYTES
                    ? "HEX(LEFT(" + size + ", " + EXCERPT / 2 + "))"
                    : "LEFT(" + expressions.get(i) + ", " + EXCERPT + ")";
            expressions.set(i, "CASE WHEN " + refused + " THEN NULL ELSE " + expressions.get(i) + " END");
            expressions.add("CASE WHEN " + refused + " THEN " + length + " END");
            expressions.add("CASE WHEN " + refused + " THEN " + excerpt + " END");
            large[i] = expressions.size() - 1;
        }
        int[] key = table.primaryKey.stream()
                .mapToInt(name -> selected.stream().map(Selected::name).toList().indexOf(name))
                .filter(place -> place >= 0)
                .toArray();
        Field by = table.rangeKey().orElse(null);
        String from = " FROM " + table.quotedName + (by == null ? "" : range.condition(dialect.quoted(by.name())));
        return new TableQuery(
                "SELECT " + String.join(", ", expressions) + from,
                "SELECT COUNT(*)" + from,
                List.copyOf(selected),
                large,
                key,
                countsRows,
                range,
                by != null && KeyRange.isNumber(by.reading()));
    }
}

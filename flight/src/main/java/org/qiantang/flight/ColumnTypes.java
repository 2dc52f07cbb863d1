package org.qiantang.flight;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.arrow.vector.types.DateUnit;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** The catalogue's types as Arrow names them; the same that an answer's columns have. */
final class ColumnTypes {
    private static final Pattern DECIMAL = Pattern.compile("decimal\\((\\d+),(\\d+)\\)");
    private static final int DECIMAL_BITS = 128;

    private ColumnTypes() {}

    /** The same instants, said in UTC: the JDBC driver moves those of any other zone twice. */
    static Schema inUtc(Schema schema) {
        return new Schema(schema.getFields().stream()
                .map(field -> field.getType() instanceof ArrowType.Timestamp moment && moment.getTimezone() != null
                        ? new Field(
                                field.getName(),
                                new FieldType(
                                        field.isNullable(), new ArrowType.Timestamp(moment.getUnit(), "UTC"), null),
                                List.of())
                        : field)
                .toList());
    }

    static Field field(JsonNode column) {
        return new Field(
                column.path("name").asText(),
                new FieldType(true, type(column.path("type").asText()), null),
                List.of());
    }

    static ArrowType type(String label) {
        Matcher decimal = DECIMAL.matcher(label);
        if (decimal.matches()) {
            return new ArrowType.Decimal(
                    Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)), DECIMAL_BITS);
        }
        return switch (label) {
            case "boolean" -> new ArrowType.Bool();
            case "int" -> new ArrowType.Int(32, true);
            case "long" -> new ArrowType.Int(64, true);
            case "float" -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
            case "double" -> new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
            case "date" -> new ArrowType.Date(DateUnit.DAY);
            case "time" -> new ArrowType.Time(TimeUnit.MICROSECOND, 64);
            case "timestamp" -> new ArrowType.Timestamp(TimeUnit.MICROSECOND, null);
            case "timestamptz" -> new ArrowType.Timestamp(TimeUnit.MICROSECOND, "UTC");
            case "binary" -> new ArrowType.Binary();
            default -> new ArrowType.Utf8();
        };
    }
}

package org.qiantang.lake;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;

/** The engine's rows as batches: what to select of a column so that a value of a type can be taken from its answer, and the taking. */
final class EngineRows {
    private EngineRows() {}

    /** @param name as SQL writes it */
    static String expression(String name, String engineType, LakeType type) {
        return switch (type) {
            case LakeType.Text ignored -> {
                boolean nested = engineType.endsWith("]")
                        || engineType.startsWith("STRUCT(")
                        || engineType.startsWith("MAP(")
                        || engineType.startsWith("UNION(");
                yield nested ? "to_json(" + name + ")::VARCHAR" : name + "::VARCHAR";
            }
            case LakeType.Date ignored ->
                "CASE " + name + " WHEN DATE 'infinity' THEN " + Batch.INFINITE_DATE + " WHEN DATE '-infinity' THEN -"
                        + Batch.INFINITE_DATE + " ELSE date_diff('day', DATE '1970-01-01', " + name + ") END";
            case LakeType.Time ignored -> "date_diff('microsecond', TIME '00:00:00', " + name + ")";
            case LakeType.Timestamp ignored -> instant(name + "::TIMESTAMP", "TIMESTAMP");
            case LakeType.TimestampTz ignored -> instant(name, "TIMESTAMPTZ");
            case LakeType.Binary ignored -> "hex(" + name + ")";
            case LakeType.Uuid ignored -> name + "::VARCHAR";
            case LakeType.Decimal decimal when engineType.equals("UBIGINT") -> name + "::DECIMAL(20,0)";
            default -> name;
        };
    }

    private static String instant(String value, String type) {
        return "CASE " + value + " WHEN " + type + " 'infinity' THEN " + Long.MAX_VALUE + " WHEN " + type
                + " '-infinity' THEN -" + Long.MAX_VALUE + " ELSE epoch_us(" + value + ") END";
    }

    /** Fills a batch from where the answer stands; 0 when it is at its end. */
    static int fill(Batch batch, ResultSet result, List<LakeType> types) throws SQLException {
        int row = 0;
        while (row < batch.capacity() && result.next()) {
            for (int c = 0; c < types.size(); c++) {
                set(batch, c, row, types.get(c), result);
            }
            row++;
        }
        return row;
    }

    private static void set(Batch batch, int c, int row, LakeType type, ResultSet result) throws SQLException {
        int i = c + 1;
        switch (type) {
            case LakeType.Text ignored -> {
                String text = result.getString(i);
                if (text != null) {
                    batch.setText(c, row, text.getBytes(StandardCharsets.UTF_8));
                }
            }
            case LakeType.Uuid ignored -> {
                String text = result.getString(i);
                if (text != null) {
                    UUID uuid = UUID.fromString(text);
                    batch.setUuid(c, row, uuid.getMostSignificantBits(), uuid.getLeastSignificantBits());
                }
            }
            case LakeType.Binary ignored -> {
                String hex = result.getString(i);
                if (hex != null) {
                    batch.setBinary(c, row, HexFormat.of().parseHex(hex));
                }
            }
            case LakeType.Decimal decimal -> {
                BigDecimal value = result.getBigDecimal(i);
                if (value != null) {
                    batch.setDecimal(c, row, value.setScale(decimal.scale()).unscaledValue());
                }
            }
            case LakeType.Float32 ignored -> {
                float value = result.getFloat(i);
                if (!result.wasNull()) {
                    batch.setDouble(c, row, value);
                }
            }
            case LakeType.Float64 ignored -> {
                double value = result.getDouble(i);
                if (!result.wasNull()) {
                    batch.setDouble(c, row, value);
                }
            }
            case LakeType.Bool ignored -> {
                boolean value = result.getBoolean(i);
                if (!result.wasNull()) {
                    batch.setBool(c, row, value);
                }
            }
            default -> {
                long value = result.getLong(i);
                if (!result.wasNull()) {
                    batch.setLong(c, row, value);
                }
            }
        }
        if (result.wasNull()) {
            batch.setNull(c, row);
        }
    }
}

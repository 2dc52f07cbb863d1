package org.qiantang.collect.internal.postgres;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector;
import org.qiantang.collect.internal.Connector.Part;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.lake.Batch;
import org.qiantang.lake.BatchContents;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.LakeType;

/** A table as a connector reads it, each value written the way PostgreSQL writes it as text, to be held against what JDBC says. */
record Reading(SourceObject object, List<List<String>> rows, List<RejectedRow> rejects, long rowsAtSource, int parts) {

    /** Reads the whole object; as often as a value does not fit its type, the column becomes text and the reading starts again. */
    static Reading of(Connector connector, SourceObject found) throws Exception {
        SourceObject object = found;
        while (true) {
            try {
                return once(connector, object);
            } catch (LakeException e) {
                if (e.kind() != LakeException.Kind.VALUE_DOES_NOT_FIT) {
                    throw e;
                }
                object = connector.asText(object, e.column());
            }
        }
    }

    private static Reading once(Connector connector, SourceObject object) throws Exception {
        List<Column> columns =
                object.columns().stream().map(SourceColumn::column).toList();
        List<List<String>> rows = new ArrayList<>();
        List<RejectedRow> rejects = new ArrayList<>();
        long atSource = 0;
        List<Part> parts = connector.parts(object);
        BatchContents batch = new BatchContents(columns);
        for (Part part : parts) {
            try (Connector.PartReader reader = connector.open(object, part, rejects::add)) {
                for (int n = batch.read(reader); n > 0; n = batch.read(reader)) {
                    for (int row = 0; row < n; row++) {
                        List<String> values = new ArrayList<>();
                        for (int column = 0; column < columns.size(); column++) {
                            values.add(
                                    batch.isNull(column, row)
                                            ? null
                                            : text(columns.get(column).type(), batch, column, row));
                        }
                        rows.add(values);
                    }
                }
                atSource += reader.rowsAtSource().orElseThrow();
            }
        }
        return new Reading(object, rows, rejects, atSource, parts.size());
    }

    /** The same columns by JDBC, each cast to text by the server. */
    static List<List<String>> byJdbc(String url, String user, String password, SourceObject object)
            throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, user, password);
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = ''; SET TimeZone = 'UTC'; SET extra_float_digits = 3");
            String columns = object.columns().stream()
                    .map(column -> {
                        String name = '"' + column.name().replace("\"", "\"\"") + '"';
                        // The cast strips the padding that the type's own output keeps.
                        return column.column().sourceType().matches("character\\(\\d+\\)|bpchar")
                                ? name
                                : name + "::text";
                    })
                    .collect(Collectors.joining(", "));
            String from = '"' + object.schema().replace("\"", "\"\"") + "\".\""
                    + object.name().replace("\"", "\"\"") + '"';
            boolean only = object.kind() != SourceObject.Kind.PARTITIONED_TABLE;
            List<List<String>> rows = new ArrayList<>();
            try (ResultSet row =
                    statement.executeQuery("SELECT " + columns + " FROM " + (only ? "ONLY " : "") + from)) {
                while (row.next()) {
                    List<String> values = new ArrayList<>();
                    for (int i = 0; i < object.columns().size(); i++) {
                        String value = row.getString(i + 1);
                        values.add(
                                value == null
                                        ? null
                                        : canonical(
                                                object.columns().get(i).column().type(), value));
                    }
                    rows.add(values);
                }
            }
            return rows;
        }
    }

    /** Rows in an order of their own. */
    static List<List<String>> sorted(List<List<String>> rows) {
        return rows.stream().sorted(Comparator.comparing(List::toString)).toList();
    }

    /** Shortest texts of a floating-point number differ from language to language; its bits do not. */
    private static String canonical(LakeType type, String text) {
        return switch (type) {
            case LakeType.Float32 ignored -> Float.toHexString(Float.parseFloat(text));
            case LakeType.Float64 ignored -> Double.toHexString(Double.parseDouble(text));
            default -> text;
        };
    }

    private static String text(LakeType type, BatchContents batch, int column, int row) {
        long number = batch.isNumber(column) ? batch.number(column, row) : 0;
        return switch (type) {
            case LakeType.Bool ignored -> number == 1 ? "true" : "false";
            case LakeType.Int32 ignored -> "" + Math.toIntExact(number);
            case LakeType.Int64 ignored -> "" + number;
            case LakeType.Float32 ignored -> Float.toHexString((float) Double.longBitsToDouble(number));
            case LakeType.Float64 ignored -> Double.toHexString(Double.longBitsToDouble(number));
            case LakeType.Decimal decimal ->
                batch.isNumber(column)
                        ? BigDecimal.valueOf(number, decimal.scale()).toPlainString()
                        : batch.bytes(column, row);
            case LakeType.Date ignored -> date(number);
            case LakeType.Time ignored -> time(LocalTime.ofNanoOfDay(number * 1_000));
            case LakeType.Timestamp ignored -> timestamp(number, "");
            case LakeType.TimestampTz ignored -> timestamp(number, "+00");
            case LakeType.Text ignored -> batch.bytes(column, row);
            case LakeType.Uuid ignored -> batch.bytes(column, row);
            case LakeType.Binary ignored -> "\\x" + batch.bytes(column, row);
        };
    }

    private static String date(long days) {
        if (Math.abs(days) == Batch.INFINITE_DATE) {
            return days > 0 ? "infinity" : "-infinity";
        }
        LocalDate date = LocalDate.ofEpochDay(days);
        return day(date) + era(date);
    }

    private static String timestamp(long micros, String zone) {
        if (Math.abs(micros) == Long.MAX_VALUE) {
            return micros > 0 ? "infinity" : "-infinity";
        }
        LocalDateTime time = LocalDateTime.ofEpochSecond(
                Math.floorDiv(micros, 1_000_000L), (int) Math.floorMod(micros, 1_000_000L) * 1_000, ZoneOffset.UTC);
        return day(time.toLocalDate()) + " " + time(time.toLocalTime()) + zone + era(time.toLocalDate());
    }

    private static String day(LocalDate date) {
        int year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
        return "%04d-%02d-%02d".formatted(year, date.getMonthValue(), date.getDayOfMonth());
    }

    private static String era(LocalDate date) {
        return date.getYear() > 0 ? "" : " BC";
    }

    private static String time(LocalTime time) {
        String fraction = time.getNano() == 0
                ? ""
                : "." + "%06d".formatted(time.getNano() / 1_000).replaceAll("0+$", "");
        return "%02d:%02d:%02d".formatted(time.getHour(), time.getMinute(), time.getSecond()) + fraction;
    }
}

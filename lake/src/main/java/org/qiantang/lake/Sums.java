package org.qiantang.lake;

import java.math.BigInteger;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;

/** Rows of a relation and, per column in the schema's order, nulls and {@link Checksum}, as the engine computes them. */
record Sums(long rows, List<Of> columns) {
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(128);
    /** What the engine's {@code hash} makes of a null of any type. */
    private static final BigInteger OF_NULL = new BigInteger("bf58476d1ce4e5b9", 16);

    Sums {
        columns = List.copyOf(columns);
    }

    /** @param relation what stands behind FROM; it has the schema's columns by name */
    static Sums of(Connection connection, String relation, Schema schema) throws SQLException {
        List<NestedField> fields = schema.columns();
        String sums = fields.stream()
                .map(field -> {
                    String column = Sql.name(field.name());
                    return ", count(" + column + "), sum(" + Types.hash(Types.lake(field.type()), column) + ")";
                })
                .collect(Collectors.joining());
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*)" + sums + " FROM " + relation)) {
            row.next();
            long rows = row.getLong(1);
            List<Of> columns = new ArrayList<>();
            for (int i = 0; i < fields.size(); i++) {
                long nulls = rows - row.getLong(2 + 2 * i);
                String sum = row.getString(3 + 2 * i);
                // To leave nulls out while summing costs the engine as much as the sum; they all hash to the same.
                columns.add(new Of(
                        nulls,
                        sum == null
                                ? BigInteger.ZERO
                                : new BigInteger(sum)
                                        .subtract(OF_NULL.multiply(BigInteger.valueOf(nulls)))
                                        .mod(MODULUS)));
            }
            return new Sums(rows, columns);
        }
    }

    /** These without some rows, and with some others. */
    Sums changed(Sums without, Sums with) {
        List<Of> changed = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            changed.add(columns.get(i).minus(without.columns.get(i)).plus(with.columns.get(i)));
        }
        return new Sums(rows - without.rows + with.rows, changed);
    }

    /** One column: nulls, and the sum modulo 2^128. */
    record Of(long nulls, BigInteger sum) {
        static final Of NONE = new Of(0, BigInteger.ZERO);

        Of plus(Of other) {
            return new Of(nulls + other.nulls, sum.add(other.sum).mod(MODULUS));
        }

        Of minus(Of other) {
            return new Of(nulls - other.nulls, sum.subtract(other.sum).mod(MODULUS));
        }

        static Of of(long nulls, String hex) {
            return new Of(nulls, new BigInteger(hex, 16));
        }

        String hex() {
            return String.format("%032x", sum);
        }
    }
}

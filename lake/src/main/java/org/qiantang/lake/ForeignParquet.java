package org.qiantang.lake;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Parquet file that others wrote, read by an engine of its own that has a fixed share of memory, never writes and can reach nothing
 * but this file: a hostile one costs itself only. What has no native type in the lake is text: nested values as JSON, anything else as
 * the engine writes it.
 *
 * <p>Not thread-safe.
 */
public final class ForeignParquet implements AutoCloseable {
    private final Path file;
    private final long memoryBytes;
    private final Connection connection;
    private @Nullable Connection rowByRow;
    private final String from;
    private final List<Column> columns = new ArrayList<>();
    private final List<String> engineTypes = new ArrayList<>();
    private final Set<String> unreadable = new HashSet<>();
    private final long rows;

    private ForeignParquet(Path file, long memoryBytes) throws SQLException {
        this.file = file;
        this.memoryBytes = memoryBytes;
        from = " FROM read_parquet(" + Sql.text(file.toString()) + ")";
        connection = connect(new Properties());
        try (Statement statement = connection.createStatement()) {
            findUnreadable(statement);
            describe(statement);
            try (ResultSet count = statement.executeQuery("SELECT count(*)" + from)) {
                count.next();
                rows = count.getLong(1);
            }
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private Connection connect(Properties properties) throws SQLException {
        Connection opened = DriverManager.getConnection("jdbc:duckdb:", properties);
        try (Statement statement = opened.createStatement()) {
            statement.execute("SET memory_limit = '" + memoryBytes / (1 << 20) + "MiB'");
            statement.execute("SET threads = 1");
            statement.execute("SET temp_directory = ''");
            statement.execute("SET TimeZone = 'UTC'");
            statement.execute("SET autoinstall_known_extensions = false");
            statement.execute("SET autoload_known_extensions = false");
            statement.execute("SET allowed_paths = " + Sql.list(List.of(file.toString())));
            statement.execute("SET enable_external_access = false");
            statement.execute("SET lock_configuration = true");
            return opened;
        } catch (SQLException e) {
            opened.close();
            throw e;
        }
    }

    /** Opens a file and reads what it says of itself; {@code memoryBytes} is all its reading may take. */
    public static ForeignParquet open(Path file, long memoryBytes) {
        try {
            return new ForeignParquet(file, memoryBytes);
        } catch (SQLException e) {
            throw Lake.failure("Cannot read the file", e);
        }
    }

    /** The columns that can be read, with their types as the engine names them. */
    public List<Column> columns() {
        return List.copyOf(columns);
    }

    /** Names of columns that would lose digits: decimals of more than 38. */
    public Set<String> unreadable() {
        return Set.copyOf(unreadable);
    }

    public long rows() {
        return rows;
    }

    /** Decodes every value once and keeps none, so that what is damaged is known before anything of the file counts. */
    public void decode() {
        if (columns.isEmpty()) {
            return;
        }
        StringBuilder sums = new StringBuilder();
        for (int i = 0; i < columns.size(); i++) {
            sums.append(i == 0 ? "" : ", ")
                    .append("bit_xor(hash(")
                    .append(expression(i, columns.get(i).type()))
                    .append("))");
        }
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT " + sums + from)) {
            result.next();
        } catch (SQLException e) {
            throw Lake.failure("Cannot read the file", e);
        }
    }

    /** Reads all rows, once, in these types, each of which is its column's own or text; closing this ends it. */
    public ChunkReader read(List<LakeType> types) {
        StringBuilder select = new StringBuilder();
        for (int i = 0; i < types.size(); i++) {
            select.append(i == 0 ? "" : ", ").append(expression(i, types.get(i)));
        }
        try {
            Properties properties = new Properties();
            // Else the driver holds a whole result before it gives the first row. It then keeps the engine's reasons to
            // itself, which
            // is why everything else goes over a connection without.
            properties.setProperty("jdbc_stream_results", "true");
            Connection streaming = connect(properties);
            rowByRow = streaming;
            Statement statement = streaming.createStatement();
            ResultSet result = statement.executeQuery("SELECT " + (types.isEmpty() ? "1" : select) + from);
            return batch -> fill(batch, result, types);
        } catch (SQLException e) {
            throw Lake.failure("Cannot read the file", e);
        }
    }

    @Override
    public void close() {
        try {
            if (rowByRow != null) {
                rowByRow.close();
            }
            connection.close();
        } catch (SQLException e) {
            throw Lake.failure("Cannot let go of the file", e);
        }
    }

    /** The engine reads decimals of more than 38 digits as doubles, which is not what they are. */
    private void findUnreadable(Statement statement) throws SQLException {
        String schema = "SELECT name FROM parquet_schema(" + Sql.text(file.toString())
                + ") WHERE precision > 38 AND (converted_type = 'DECIMAL' OR logical_type LIKE 'Decimal%')";
        try (ResultSet wide = statement.executeQuery(schema)) {
            while (wide.next()) {
                unreadable.add(wide.getString(1));
            }
        }
    }

    private void describe(Statement statement) throws SQLException {
        try (ResultSet described = statement.executeQuery("DESCRIBE SELECT *" + from)) {
            while (described.next()) {
                String name = described.getString("column_name");
                String type = described.getString("column_type");
                if (!unreadable.contains(name)) {
                    columns.add(new Column(name, Types.ofEngine(type).orElse(LakeType.TEXT), type, null));
                    engineTypes.add(type);
                }
            }
        }
    }

    private String expression(int column, LakeType type) {
        return EngineRows.expression(Sql.name(columns.get(column).name()), engineTypes.get(column), type);
    }

    private static int fill(Batch batch, ResultSet result, List<LakeType> types) {
        try {
            return EngineRows.fill(batch, result, types);
        } catch (SQLException e) {
            throw Lake.failure("Cannot read the file", e);
        }
    }
}

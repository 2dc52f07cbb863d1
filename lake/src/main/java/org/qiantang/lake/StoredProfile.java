package org.qiantang.lake;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.iceberg.types.Types.NestedField;

/** Measures a table that nobody measured on its way in: each row of its snapshot goes through a batch, which sketches it. */
final class StoredProfile {
    private StoredProfile() {}

    static TableProfile of(LakeSettings settings, Scan scan, Trino.Watched watch) throws SQLException {
        List<NestedField> fields = scan.schema().columns();
        List<Column> columns = fields.stream()
                .map(field -> new Column(field.name(), Types.lake(field.type()), Types.duckdb(field.type()), null))
                .toList();
        List<LakeType> types = columns.stream().map(Column::type).toList();
        String select = columns.stream()
                .map(column -> EngineRows.expression(Sql.name(column.name()), "", column.type()))
                .collect(Collectors.joining(", "));
        Instant at = Instant.now();
        try (Connection connection = Engine.openRowByRow(settings, settings.queryMemoryBytes());
                Batch batch = new Batch(columns, true);
                Statement statement = connection.createStatement()) {
            statement.execute("SET threads = 1");
            Map<TableName, Scan> scans = Map.of(scan.state().table(), scan);
            Lake.show(connection, scans);
            Lake.close(connection, settings, scans, List.of());
            watch.on(statement);
            long rows = 0;
            try (ResultSet result = statement.executeQuery(
                    "SELECT " + select + " FROM " + Sql.table(scan.state().table()))) {
                for (int read = EngineRows.fill(batch, result, types);
                        read > 0;
                        read = EngineRows.fill(batch, result, types)) {
                    if (watch.stopped()) {
                        throw new LakeException(LakeException.Kind.CANCELLED, "The profile was stopped");
                    }
                    batch.sketch(read);
                    batch.clear();
                    rows += read;
                }
            } finally {
                watch.on(null);
            }
            List<Sketch> sketches = batch.sketches();
            List<ColumnProfile> profiles = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                profiles.add(
                        sketches.get(i).profile(columns.get(i).name(), rows, batch.nullCount(i), at, settings.zone()));
            }
            return new TableProfile(scan.state().table(), scan.state().snapshotId(), at, profiles);
        }
    }
}

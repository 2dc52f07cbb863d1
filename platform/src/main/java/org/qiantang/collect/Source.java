package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/**
 * A department's system (数源系统) whose whole content is collected. Its password is not here: it stays sealed in the database.
 *
 * @param name short, and part of the lake's namespace: {@code raw_<name>}
 * @param location a JDBC URL without credentials, or a folder
 * @param settings what its kind needs beyond address and account; nothing secret
 * @param lastRun its newest run, whatever its state
 * @param nextRunAt when its schedule starts it next; null when nobody has planned that
 * @param tables tables found by the latest receipt
 * @param rows rows landed by the latest receipt
 */
public record Source(
        UUID id,
        String name,
        String title,
        Department department,
        SourceKind kind,
        String location,
        @Nullable String username,
        Map<String, String> settings,
        Instant createdAt,
        @Nullable RunSummary lastRun,
        @Nullable Instant nextRunAt,
        long tables,
        long rows) {
    public Source {
        requireNonNull(id, "id is null");
        requireNonNull(name, "name is null");
        requireNonNull(title, "title is null");
        requireNonNull(department, "department is null");
        requireNonNull(kind, "kind is null");
        requireNonNull(location, "location is null");
        settings = Map.copyOf(settings);
        requireNonNull(createdAt, "createdAt is null");
    }
}

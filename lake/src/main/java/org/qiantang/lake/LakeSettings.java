package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;

/**
 * Where a lake is and what it may use.
 *
 * @param catalogUrl JDBC URL of the PostgreSQL database that holds the catalogue
 * @param warehouse folder of the data, absolute
 * @param temp folder for what does not fit in memory, absolute; emptied by nobody but the lake
 * @param writeMemoryBytes memory of all writes together
 * @param queryMemoryBytes memory of one query
 * @param threads threads of the engine
 * @param queryTimeout after which a query is stopped
 * @param zone in which times with a zone are shown as text
 */
public record LakeSettings(
        String catalogUrl,
        String user,
        String password,
        Path warehouse,
        Path temp,
        long writeMemoryBytes,
        long queryMemoryBytes,
        int threads,
        Duration queryTimeout,
        ZoneId zone) {
    private static final long MIB = 1L << 20;

    public LakeSettings {
        requireNonNull(catalogUrl, "catalogUrl is null");
        if (!warehouse.isAbsolute() || !temp.isAbsolute()) {
            throw new IllegalArgumentException("The lake's folders must be absolute: " + warehouse + ", " + temp);
        }
    }

    /** What a machine with two cores and little memory can give. */
    public static LakeSettings small(String catalogUrl, String user, String password, Path warehouse, Path temp) {
        return new LakeSettings(
                catalogUrl,
                user,
                password,
                warehouse.toAbsolutePath(),
                temp.toAbsolutePath(),
                256 * MIB,
                384 * MIB,
                2,
                Duration.ofMinutes(10),
                ZoneId.of("Asia/Shanghai"));
    }

    /** The same in another city. */
    public LakeSettings in(ZoneId otherZone) {
        return new LakeSettings(
                catalogUrl,
                user,
                password,
                warehouse,
                temp,
                writeMemoryBytes,
                queryMemoryBytes,
                threads,
                queryTimeout,
                otherZone);
    }

    @Override
    public String toString() {
        return "LakeSettings[" + warehouse + "]";
    }
}

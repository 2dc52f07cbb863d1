package org.qiantang.app.worker;

import java.nio.file.Path;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.Profiling;
import org.qiantang.lake.ClusterSettings;
import org.qiantang.lake.LakeSettings;

/**
 * What the hub tells a worker on its standard input before anything else; secrets never stand in the argument list.
 *
 * @param token every request must carry
 * @param drivers the folder into which JDBC drivers are dropped
 * @param lanes tables and parts of tables collected at the same time
 * @param profiling of what is collected
 * @param keepsLake whether it also looks after the lake's tables, which one worker does for all
 * @param historyDays for how many days that one keeps what the lake was
 * @param zone where the city's clocks stand
 * @param cluster who answers queries; null for the worker itself
 */
public record WorkerSettings(
        String token,
        String catalogUrl,
        String catalogUser,
        String catalogPassword,
        String warehouse,
        String temp,
        String drivers,
        int lanes,
        Profiling profiling,
        boolean keepsLake,
        int historyDays,
        String zone,
        @Nullable ClusterSettings cluster) {
    /** The same for another start of the worker; a token never serves two. */
    public WorkerSettings withToken(String fresh) {
        return new WorkerSettings(
                fresh,
                catalogUrl,
                catalogUser,
                catalogPassword,
                warehouse,
                temp,
                drivers,
                lanes,
                profiling,
                keepsLake,
                historyDays,
                zone,
                cluster);
    }

    LakeSettings lake() {
        return LakeSettings.small(catalogUrl, catalogUser, catalogPassword, Path.of(warehouse), Path.of(temp))
                .in(ZoneId.of(zone));
    }

    @Override
    public String toString() {
        return "WorkerSettings[" + warehouse + "]";
    }
}

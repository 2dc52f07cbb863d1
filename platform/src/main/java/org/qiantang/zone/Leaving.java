package org.qiantang.zone;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Level;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.core.type.TypeReference;

/** What a result is when it is looked at to leave, beside what has left already. */
@Service
final class Leaving {
    private static final TypeReference<List<LakeReader.TableRead>> TABLES = new TypeReference<>() {};
    private static final TypeReference<List<Held.Column>> COLUMNS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final ResultFiles files;

    Leaving(JdbcClient jdbc, ResultFiles files) {
        this.jdbc = jdbc;
        this.files = files;
    }

    /** Every release of the zones of a zone's department: that one ended and another began takes nothing back. */
    List<ResultChecks.Earlier> left(UUID zone) {
        return jdbc.sql("""
                        select l.number, l.run_id, r.tables from zone_releases l join zone_runs r on r.id = l.run_id where l.zone_id in (
                            select id from zone_zones where department_id = (select department_id from zone_zones where id = ?))
                        order by l.released_at""")
                .param(zone)
                .query((row, n) -> {
                    UUID run = row.getObject("run_id", UUID.class);
                    return new ResultChecks.Earlier(row.getString("number"), tables(row), () -> held(run));
                })
                .list();
    }

    /** Who handed in the result of a run. */
    String submitter(UUID run) {
        return jdbc.sql("select coalesce(submitter, who) from zone_runs where id = ?")
                .param(run)
                .query(String.class)
                .single();
    }

    private static Set<String> tables(ResultSet row) throws SQLException {
        return ZoneRuns.JSON.readValue(row.getString("tables"), TABLES).stream()
                .map(LakeReader.TableRead::name)
                .collect(Collectors.toSet());
    }

    /** The rows of a run with what they are; refuses when they are gone. */
    Held held(UUID run) {
        return jdbc.sql("select * from zone_runs where id = ?")
                .param(run)
                .query((row, n) -> held(row))
                .single();
    }

    private Held held(ResultSet row) throws SQLException {
        Declaration declared = ZoneRuns.JSON.readValue(row.getString("declared"), Declaration.class);
        return new Held(
                declared.kind(),
                ZoneRuns.JSON.readValue(row.getString("held_columns"), COLUMNS),
                files.rows(row.getObject("id", UUID.class), row.getString("digest")));
    }

    /** Looks at a result that is held once more, beside what has left by now. */
    CheckReport check(Zone zone, UUID run) {
        return jdbc.sql("select * from zone_runs where id = ?")
                .param(run)
                .query((row, n) -> ResultChecks.check(
                        held(row),
                        new ResultChecks.About(
                                row.getBoolean("fixed"), Level.valueOf(row.getString("level")), tables(row)),
                        zone.k(),
                        zone.mostRows(),
                        left(zone.id())))
                .single();
    }
}

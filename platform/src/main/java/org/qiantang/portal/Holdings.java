package org.qiantang.portal;

import static java.util.Objects.requireNonNull;

import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.quality.OwnRecords;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * What the city holds about somebody (我的数据), by resource and department. Looked up once for each snapshot of a resource, and only for
 * whoever asks about themselves.
 */
@Service
public final class Holdings {
    /** The rest is looked at when the page asks again. */
    private static final int MOST_LOOKS = 20;

    private final JdbcClient jdbc;
    private final OwnRecords records;
    private final Clock clock;

    Holdings(JdbcClient jdbc, OwnRecords records, Clock clock) {
        this.jdbc = jdbc;
        this.records = records;
        this.clock = clock;
    }

    /**
     * A resource that may hold something about somebody.
     *
     * @param records how many about them, 50 at the most; null while it is not looked at, and where the law keeps it back
     * @param withheld the law that keeps them back
     */
    public record Holding(
            UUID entry,
            String title,
            String summary,
            Department provider,
            @Nullable Integer records,
            @Nullable String withheld) {}

    private record Stand(String lakeTable, long snapshot) {}

    /** What there is about whoever asks, and what of it is kept back; without what holds nothing about them. */
    public List<Holding> list(Account who) {
        List<OwnRecords.About> all = records.list(who);
        Map<UUID, Stand> stands =
                stands(all.stream().map(OwnRecords.About::entry).toList());
        Map<UUID, Integer> known = known(who, stands);
        List<Holding> holdings = new ArrayList<>();
        int looks = 0;
        for (OwnRecords.About each : all) {
            Stand stand = stands.get(each.entry());
            Integer count = known.get(each.entry());
            if (each.withheld() == null && count == null && stand != null && looks < MOST_LOOKS) {
                looks++;
                count = look(who, each.entry(), stand);
            }
            if (each.withheld() != null || count == null || count > 0) {
                holdings.add(new Holding(
                        each.entry(),
                        each.title(),
                        each.summary(),
                        each.provider(),
                        each.withheld() == null ? count : null,
                        each.withheld()));
            }
        }
        return holdings;
    }

    /** The tables in which there was something about somebody when they last looked. */
    List<String> tables(Account who) {
        return jdbc.sql("select distinct lake_table from portal_holdings where username = ? and records > 0 order by 1")
                .param(who.username())
                .query((row, n) -> requireNonNull(row.getString(1)))
                .list();
    }

    private @Nullable Integer look(Account who, UUID entry, Stand stand) {
        int count;
        try {
            count = records.records(who, entry).size();
        } catch (Problem problem) {
            // One table that cannot be read now must not hide the others.
            return null;
        }
        jdbc.sql("""
                        insert into portal_holdings (username, entry_id, lake_table, snapshot_id, records, looked_at)
                        values (:who, :entry, :table, :snapshot, :records, :at)
                        on conflict (username, entry_id) do update set lake_table = excluded.lake_table,
                            snapshot_id = excluded.snapshot_id, records = excluded.records, looked_at = excluded.looked_at""")
                .param("who", who.username())
                .param("entry", entry)
                .param("table", stand.lakeTable)
                .param("snapshot", stand.snapshot)
                .param("records", count)
                .param("at", Timestamp.from(clock.instant()))
                .update();
        return count;
    }

    private Map<UUID, Stand> stands(List<UUID> entries) {
        Map<UUID, Stand> stands = new HashMap<>();
        if (!entries.isEmpty()) {
            jdbc.sql("""
                            select e.id, r.namespace || '.' || r.table_name, r.snapshot_id from catalog_entries e
                            join catalog_resources r on r.id = e.resource_id where e.id in (:entries) and r.snapshot_id is not null""").param("entries", Set.copyOf(entries)).query(row -> {
                stands.put(row.getObject(1, UUID.class), new Stand(row.getString(2), row.getLong(3)));
            });
        }
        return stands;
    }

    private Map<UUID, Integer> known(Account who, Map<UUID, Stand> stands) {
        Map<UUID, Integer> known = new HashMap<>();
        jdbc.sql("select entry_id, snapshot_id, records from portal_holdings where username = ?")
                .param(who.username())
                .query(row -> {
                    Stand stand = stands.get(row.getObject(1, UUID.class));
                    if (stand != null && stand.snapshot == row.getLong(2)) {
                        known.put(row.getObject(1, UUID.class), row.getInt(3));
                    }
                });
        return known;
    }
}

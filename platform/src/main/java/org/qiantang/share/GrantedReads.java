package org.qiantang.share;

import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.time.Clock;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.catalog.Entitlement;
import org.qiantang.catalog.Entitlements;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.lake.Mask;
import org.qiantang.lake.TablePolicy;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/**
 * What a grant lets a read see, and how often: the fields that it names, each as it says, and no other; the rows that it covers; as many
 * calls and rows a day as it has. A day is one of the city's calendar.
 */
@Service
public final class GrantedReads implements Entitlements {
    /** Under what the keys of pseudonyms are derived. */
    private static final String PSEUDONYMS = "pseudonyms of a recipient's scenario";

    private final Grants grants;
    private final JdbcClient jdbc;
    private final Sealing sealing;
    private final CityCalendar calendar;
    private final Clock clock;

    GrantedReads(Grants grants, JdbcClient jdbc, Sealing sealing, CityCalendar calendar, Clock clock) {
        this.grants = grants;
        this.jdbc = jdbc;
        this.sealing = sealing;
        this.calendar = calendar;
        this.clock = clock;
    }

    @Override
    public Optional<Entitlement> begin(UUID id, Account who) {
        return grants.inForce(id, who).map(this::begin);
    }

    @Override
    public Optional<Entitlement> beginInside(UUID id, Account who) {
        Department own = who.department();
        return own == null
                ? Optional.empty()
                : grants.inside(own).stream()
                        .filter(grant -> grant.id().equals(id))
                        .findFirst()
                        .map(this::begin);
    }

    private Entitlement begin(Grant grant) {
        Quota quota = grant.quota();
        // One statement counts and looks, so that no two calls are the last one.
        long rows = jdbc.sql("""
                        insert into share_grant_days as d (grant_id, day, calls, rows) values (:grant, :day, 1, 0)
                        on conflict (grant_id, day) do update set calls = d.calls + 1 where d.calls < :calls and d.rows < :rows
                        returning d.rows""")
                .param("grant", grant.id())
                .param("day", today())
                .param("calls", quota.callsADay())
                .param("rows", quota.rowsADay())
                .query(Long.class)
                .optional()
                .orElseThrow(() -> used(grant));
        grants.used(grant.id());
        return entitlement(grant, rows);
    }

    @Override
    public Optional<Entitlement> look(UUID id, Account who) {
        record Used(long calls, long rows) {}
        return grants.inForce(id, who).map(grant -> {
            Used today = jdbc.sql("select calls, rows from share_grant_days where grant_id = ? and day = ?")
                    .params(id, today())
                    .query((row, n) -> new Used(row.getLong(1), row.getLong(2)))
                    .optional()
                    .orElse(new Used(0, 0));
            if (today.calls >= grant.quota().callsADay()
                    || today.rows >= grant.quota().rowsADay()) {
                throw used(grant);
            }
            return entitlement(grant, today.rows);
        });
    }

    @Override
    public void delivered(UUID id, long rows) {
        jdbc.sql("""
                        insert into share_grant_days as d (grant_id, day, calls, rows) values (:grant, :day, 1, :rows)
                        on conflict (grant_id, day) do update set calls = d.calls + 1, rows = d.rows + :rows""")
                .param("grant", id)
                .param("day", today())
                .param("rows", rows)
                .update();
        grants.used(id);
    }

    private static Problem used(Grant grant) {
        Quota quota = grant.quota();
        return new Problem(
                ShareProblem.QUOTA_USED,
                "number",
                grant.number(),
                "calls",
                Long.toString(quota.callsADay()),
                "rows",
                Long.toString(quota.rowsADay()));
    }

    private Entitlement entitlement(Grant grant, long rows) {
        return new Entitlement(
                grant.id(),
                grant.number(),
                grant.scenario(),
                grant.tables().stream().collect(Collectors.toMap(GrantedTable::table, table -> policy(grant, table))),
                Math.max(0, grant.quota().rowsADay() - rows));
    }

    @Override
    public void take(UUID id, Account who, long rows) {
        Grant grant = grants.inForce(id, who).orElseThrow(() -> new Problem(CatalogProblem.NO_SUCH_GRANT));
        long most = grant.quota().rowsADay();
        // One statement counts and looks, so that two answers cannot take the same rows.
        boolean fits = rows <= most
                && jdbc.sql("""
                        insert into share_grant_days as d (grant_id, day, calls, rows) values (:grant, :day, 0, :rows)
                        on conflict (grant_id, day) do update set rows = d.rows + excluded.rows
                        where d.rows + excluded.rows <= :most
                        returning d.rows""")
                        .param("grant", id)
                        .param("day", today())
                        .param("rows", rows)
                        .param("most", most)
                        .query(Long.class)
                        .optional()
                        .isPresent();
        if (!fits) {
            throw used(grant);
        }
    }

    @Override
    public void handedOut(UUID id, long rows) {
        jdbc.sql("update share_grant_days set rows = rows + ? where grant_id = ? and day = ?")
                .params(rows, id, today())
                .update();
    }

    private TablePolicy policy(Grant grant, GrantedTable table) {
        Map<String, Mask> columns = new LinkedHashMap<>();
        table.fields().forEach((name, showing) -> columns.put(name, mask(grant, Showing.of(showing))));
        return new TablePolicy(columns, new Mask.Omit(), table.rows());
    }

    private Mask mask(Grant grant, Showing showing) {
        return switch (showing) {
            case Showing.Clear ignored -> new Mask.Clear();
            case Showing.Keep keep -> new Mask.KeepEnds(keep.head(), keep.tail());
            case Showing.Hide ignored -> new Mask.Hide();
            // Another recipient's, or another scenario's, cannot be joined with it.
            case Showing.Pseudonym ignored -> {
                byte[] of = (grant.recipient() + "\0" + grant.scenario()).getBytes(StandardCharsets.UTF_8);
                yield new Mask.Pseudonym(HexFormat.of().formatHex(sealing.mac(PSEUDONYMS, of)));
            }
        };
    }

    private Date today() {
        return Date.valueOf(LocalDate.ofInstant(clock.instant(), calendar.zone()));
    }
}

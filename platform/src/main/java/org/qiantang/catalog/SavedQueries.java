package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Role;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * The statements that people keep for later (保存的查询), so that the department's next analyst need not write them again. A statement gives
 * nobody a right to what it reads: whoever runs it reads what they may.
 */
@Service
public final class SavedQueries {
    private static final int MOST = 500;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final JdbcClient jdbc;
    private final Clock clock;

    SavedQueries(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * How an answer is drawn.
     *
     * @param x column of the answer along which it is drawn
     * @param y columns that are drawn
     */
    public record Chart(Kind kind, String x, List<String> y) {
        public enum Kind {
            LINE,
            BAR
        }

        public Chart {
            requireNonNull(kind, "kind is null");
            requireNonNull(x, "x is null");
            y = List.copyOf(y);
        }
    }

    /** @param shared whether one's department sees it; the data bureau's people, who are in none, see each other's */
    public record Wanted(String title, String sql, @Nullable Chart chart, boolean shared) {
        public Wanted {
            title = title.strip();
        }
    }

    /** @param own whether it is the asker's, who alone changes it */
    public record Saved(
            UUID id,
            String title,
            String sql,
            @Nullable Chart chart,
            boolean shared,
            boolean own,
            String owner,
            Instant changedAt) {}

    /** One's own, and what one's department shares; by title. */
    public List<Saved> list(Account who) {
        return jdbc.sql("""
                        select * from catalog_saved_queries
                        where owner = :who or shared and (department = :department or department is null and :bureau)
                        order by title, owner""")
                .param("who", who.username())
                .param("department", LakeReader.department(who))
                .param("bureau", who.department() == null && (who.has(Role.ENGINEER) || who.has(Role.ANALYST)))
                .query((row, n) -> saved(row, who))
                .list();
    }

    public Saved add(Account who, Wanted wanted) {
        int has = jdbc.sql("select count(*) from catalog_saved_queries where owner = ?")
                .param(who.username())
                .query(Integer.class)
                .single();
        if (has >= MOST) {
            throw new Problem(CatalogProblem.TOO_MANY_SAVED, "most", Integer.toString(MOST));
        }
        UUID id = UUID.randomUUID();
        write("""
                        insert into catalog_saved_queries (id, owner, department, title, sql, chart, shared, changed_at)
                        values (:id, :who, :department, :title, :sql, cast(:chart as jsonb), :shared, :at)""", who, id, wanted);
        return get(who, id);
    }

    /** Changes one's own. */
    public Saved change(Account who, UUID id, Wanted wanted) {
        int changed = write("""
                        update catalog_saved_queries set title = :title, sql = :sql, chart = cast(:chart as jsonb), shared = :shared,
                            department = :department, changed_at = :at where id = :id and owner = :who""", who, id, wanted);
        if (changed == 0) {
            throw notFound(id);
        }
        return get(who, id);
    }

    /** Forgets one's own. */
    public void remove(Account who, UUID id) {
        int removed = jdbc.sql("delete from catalog_saved_queries where id = ? and owner = ?")
                .params(id, who.username())
                .update();
        if (removed == 0) {
            throw notFound(id);
        }
    }

    private int write(String sql, Account who, UUID id, Wanted wanted) {
        try {
            return jdbc.sql(sql)
                    .param("id", id)
                    .param("who", who.username())
                    .param("department", LakeReader.department(who))
                    .param("title", wanted.title)
                    .param("sql", wanted.sql)
                    .param("chart", wanted.chart == null ? null : JSON.writeValueAsString(wanted.chart))
                    .param("shared", wanted.shared)
                    .param("at", Timestamp.from(clock.instant().truncatedTo(ChronoUnit.MICROS)))
                    .update();
        } catch (DuplicateKeyException taken) {
            throw new Problem(CatalogProblem.SAVED_TITLE_TAKEN, "title", wanted.title);
        }
    }

    private Saved get(Account who, UUID id) {
        return list(who).stream().filter(each -> each.id.equals(id)).findFirst().orElseThrow(() -> notFound(id));
    }

    private static Problem notFound(UUID id) {
        return new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
    }

    private static Saved saved(ResultSet row, Account who) throws SQLException {
        String owner = row.getString("owner");
        return new Saved(
                row.getObject("id", UUID.class),
                row.getString("title"),
                row.getString("sql"),
                Optional.ofNullable(row.getString("chart"))
                        .map(chart -> JSON.readValue(chart, Chart.class))
                        .orElse(null),
                row.getBoolean("shared"),
                owner.equals(who.username()),
                owner,
                row.getTimestamp("changed_at").toInstant());
    }
}

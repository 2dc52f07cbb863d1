package org.qiantang.zone;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.CatalogProblem;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Level;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.share.Grant;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Statements of members of a zone: run under what the zone was granted, their rows held where nobody sees them, looked at by the checks. A
 * member hears that it ran, what columns it has, about how many rows, and what the checks say in words.
 */
@Service
public final class ZoneRuns {
    static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<List<ZoneRun.ZoneColumn>> COLUMNS = new TypeReference<>() {};
    private static final TypeReference<List<LakeReader.TableRead>> TABLES = new TypeReference<>() {};
    private static final TypeReference<List<EvidenceRecords.Recorded>> EVIDENCE = new TypeReference<>() {};

    /** A result is held in memory while it is looked at; one of all zones at a time. */
    private static final long MOST_BYTES = 64L << 20;

    /** What a value takes besides its characters, and a row besides its values. */
    private static final int OF_A_VALUE = 56;

    private static final int MOST_LISTED = 200;
    static final String RUN = "select * from zone_runs r ";

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Zones zones;
    private final LakeReader reader;
    private final ResultFiles files;
    private final Leaving leaving;
    private final ZoneTerms terms;
    private final CityCalendar calendar;
    private final Clock clock;

    ZoneRuns(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Zones zones,
            LakeReader reader,
            ResultFiles files,
            Leaving leaving,
            ZoneTerms terms,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.zones = zones;
        this.reader = reader;
        this.files = files;
        this.leaving = leaving;
        this.terms = terms;
        this.calendar = calendar;
        this.clock = clock;
    }

    /** Runs a statement to its end. That it failed is told by the run; what is refused before it runs is a {@link Problem}. */
    public ZoneRun run(Account who, UUID zoneId, String statement, Declaration declared) {
        Zone zone = zones.find(zoneId);
        zones.requireMember(who, zone);
        Set<TableName> tables = reader.reads(statement).keySet();
        if (tables.isEmpty()) {
            throw new Problem(ZoneProblem.NO_TABLE);
        }
        List<Grant> under = under(zones.usable(zone), tables);
        List<ZoneRun.ZoneColumn> columns = columns(statement, declared);
        UUID id = UUID.randomUUID();
        transaction.executeWithoutResult(status -> begin(who, zone, id, statement, declared, under, columns));
        return files.alone(() -> {
            execute(who, zone, id, statement, declared, under, columns);
            return get(who, id);
        });
    }

    private static List<Grant> under(List<Grant> usable, Set<TableName> tables) {
        Map<UUID, Grant> under = new LinkedHashMap<>();
        for (TableName table : tables) {
            Grant grant = usable.stream()
                    .filter(each -> each.tables().stream()
                            .anyMatch(granted -> granted.table().equals(table)))
                    .findFirst()
                    .orElseThrow(() -> new Problem(CatalogProblem.NOT_GRANTED, "table", table.toString()));
            under.put(grant.id(), grant);
        }
        return List.copyOf(under.values());
    }

    /** No row is looked at for it, so that no refusal tells of one. */
    private List<ZoneRun.ZoneColumn> columns(String statement, Declaration declared) {
        List<ZoneRun.ZoneColumn> columns = reader.columns(statement, List.of()).stream()
                .map(column -> new ZoneRun.ZoneColumn(column.name(), column.type(), declared.as(column.name()), null))
                .toList();
        Set<String> names = new HashSet<>();
        for (ZoneRun.ZoneColumn column : columns) {
            if (!names.add(column.name().toLowerCase(Locale.ROOT))) {
                throw new Problem(ZoneProblem.SAME_COLUMN_TWICE, "column", column.name());
            }
        }
        declared.columns().forEach((name, as) -> {
            if (columns.stream().noneMatch(column -> column.name().equals(name))) {
                throw new Problem(ZoneProblem.NO_SUCH_COLUMN, "column", name);
            }
            Declaration.As never = switch (declared.kind()) {
                case RECORDS -> Declaration.As.COUNT;
                case STATISTIC -> Declaration.As.ATTRIBUTE;
            };
            if (as == never) {
                throw new Problem(ZoneProblem.WRONG_DECLARATION, "column", name, "as", as.name());
            }
        });
        return columns;
    }

    private void begin(
            Account who,
            Zone zone,
            UUID id,
            String statement,
            Declaration declared,
            List<Grant> under,
            List<ZoneRun.ZoneColumn> columns) {
        // As the zone is by now; and no two runs are the last one.
        zones.requireMember(who, zones.lock(zone.id()));
        Instant today = LocalDate.ofInstant(clock.instant(), calendar.zone())
                .atStartOfDay(calendar.zone())
                .toInstant();
        long used = jdbc.sql("select count(*) from zone_runs where zone_id = ? and begun_at >= ?")
                .params(zone.id(), Timestamp.from(today))
                .query(Long.class)
                .single();
        if (used >= zone.runsADay()) {
            throw new Problem(ZoneProblem.RUNS_USED, "runs", Integer.toString(zone.runsADay()));
        }
        jdbc.sql("""
                        insert into zone_runs (id, zone_id, who, who_name, state, statement, declared, grants, numbers, columns, begun_at)
                        values (:id, :zone, :who, :name, 'RUNNING', :statement, cast(:declared as jsonb), :grants, :numbers,
                            cast(:columns as jsonb), :at)""")
                .param("id", id)
                .param("zone", zone.id())
                .param("who", who.username())
                .param("name", who.displayName())
                .param("statement", statement)
                .param("declared", JSON.writeValueAsString(declared))
                .param("grants", under.stream().map(Grant::id).toArray(UUID[]::new), Types.ARRAY)
                .param("numbers", under.stream().map(Grant::number).toArray(String[]::new), Types.ARRAY)
                .param("columns", JSON.writeValueAsString(columns))
                .param("at", Timestamp.from(clock.instant()))
                .update();
    }

    private void execute(
            Account who,
            Zone zone,
            UUID id,
            String statement,
            Declaration declared,
            List<Grant> under,
            List<ZoneRun.ZoneColumn> columns) {
        Gathering rows = new Gathering();
        try {
            LakeReader.ZoneAnswer answer = reader.readInZone(
                    who, statement, under.stream().map(Grant::id).toList(), zone.mostRows(), rows);
            if (answer.truncated()) {
                failed(id, ZoneRun.Failure.TOO_MANY_ROWS);
            } else {
                hold(zone, id, declared, columns, answer, rows.rows);
            }
        } catch (Gathering.TooMuch tooMuch) {
            failed(id, ZoneRun.Failure.TOO_LARGE);
        } catch (Problem problem) {
            failed(id, failure(problem));
        } catch (RuntimeException | Error e) {
            failed(id, ZoneRun.Failure.UNAVAILABLE);
            throw e;
        }
    }

    /** Looks at an answer and keeps it in the zone. */
    private void hold(
            Zone zone,
            UUID id,
            Declaration declared,
            List<ZoneRun.ZoneColumn> columns,
            LakeReader.ZoneAnswer answer,
            List<List<@Nullable String>> rows) {
        boolean fixed = answer.columns().stream()
                .map(LakeReader.SqlColumn::name)
                .toList()
                .equals(columns.stream().map(ZoneRun.ZoneColumn::name).toList());
        Held held = new Held(declared.kind(), held(answer, declared), rows);
        Set<String> tables =
                answer.tables().stream().map(LakeReader.TableRead::name).collect(Collectors.toSet());
        CheckReport report = ResultChecks.check(
                held,
                new ResultChecks.About(fixed, answer.level(), tables),
                zone.k(),
                zone.mostRows(),
                leaving.left(zone.id()));
        String digest = files.keep(id, rows);
        boolean kept = jdbc.sql("""
                        update zone_runs set state = 'HELD', ended_at = :at, row_count = :rows, digest = :digest, level = :level,
                            tables = cast(:tables as jsonb), evidence = cast(:evidence as jsonb), report = cast(:report as jsonb),
                            columns = cast(:columns as jsonb), held_columns = cast(:held as jsonb), fixed = :fixed where id = :id and state = 'RUNNING'
                            and exists (select from zone_zones z where z.id = zone_id and z.state = 'ACTIVE')""")
                        .param("at", Timestamp.from(clock.instant()))
                        .param("rows", (long) rows.size())
                        .param("digest", digest)
                        .param("level", answer.level().name())
                        .param("tables", JSON.writeValueAsString(answer.tables()))
                        .param("evidence", JSON.writeValueAsString(answer.evidence()))
                        .param("report", JSON.writeValueAsString(report))
                        .param("held", JSON.writeValueAsString(held.columns()))
                        .param("fixed", fixed)
                        // What the columns are called by the data stays inside.
                        .param("columns", JSON.writeValueAsString(fixed ? graded(columns, answer) : columns))
                        .param("id", id)
                        .update()
                == 1;
        if (!kept) {
            files.forget(id);
            failed(id, ZoneRun.Failure.STOPPED);
        }
    }

    private static List<ZoneRun.ZoneColumn> graded(List<ZoneRun.ZoneColumn> columns, LakeReader.ZoneAnswer answer) {
        List<ZoneRun.ZoneColumn> graded = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            ZoneRun.ZoneColumn column = columns.get(i);
            graded.add(new ZoneRun.ZoneColumn(
                    column.name(),
                    column.type(),
                    column.as(),
                    answer.columns().get(i).level()));
        }
        return graded;
    }

    private static List<Held.Column> held(LakeReader.ZoneAnswer answer, Declaration declared) {
        List<Held.Column> columns = new ArrayList<>();
        for (int i = 0; i < answer.columns().size(); i++) {
            LakeReader.SqlColumn column = answer.columns().get(i);
            List<ColumnLineage.Origin> origins =
                    i < answer.origins().size() ? answer.origins().get(i).origins() : List.of();
            boolean known = i < answer.origins().size()
                    && answer.origins().get(i).unknown().isEmpty();
            boolean asItIs = known && origins.size() == 1 && origins.getFirst().way() == ColumnLineage.Way.IDENTITY;
            boolean counted = known && answer.origins().get(i).counted();
            columns.add(new Held.Column(
                    column.name(),
                    column.type(),
                    column.level(),
                    declared.as(column.name()),
                    asItIs
                            ? origins.getFirst().table() + "."
                                    + origins.getFirst().column()
                            : column.name(),
                    counted));
        }
        return columns;
    }

    private static ZoneRun.Failure failure(Problem problem) {
        if (!(problem.code() instanceof CatalogProblem code)) {
            return ZoneRun.Failure.UNAVAILABLE;
        }
        return switch (code) {
            case SQL_TOO_LARGE, NO_ROOM_FOR_EXTRACT -> ZoneRun.Failure.TOO_LARGE;
            case SQL_TOO_LONG -> ZoneRun.Failure.TOO_LONG;
            case SQL_STOPPED -> ZoneRun.Failure.STOPPED;
            case LAKE_UNAVAILABLE -> ZoneRun.Failure.UNAVAILABLE;
            default -> ZoneRun.Failure.AT_A_VALUE;
        };
    }

    private void failed(UUID id, ZoneRun.Failure failure) {
        jdbc.sql("update zone_runs set state = 'FAILED', failure = ?, ended_at = ? where id = ? and state = 'RUNNING'")
                .params(failure.name(), Timestamp.from(clock.instant()), id)
                .update();
    }

    /** Those of a zone, the newest first. */
    public List<ZoneRun> list(Account who, UUID zone) {
        zones.seen(who, zone);
        sweep();
        return jdbc.sql(RUN + " where zone_id = ? order by ordinal desc limit " + MOST_LISTED)
                .param(zone)
                .query((row, n) -> shown(who, run(row)))
                .list();
    }

    public ZoneRun get(Account who, UUID id) {
        ZoneRun run = find(id);
        zones.seen(who, run.zone());
        return shown(who, run);
    }

    /** What was lost with the hub that ran it. */
    private void sweep() {
        jdbc.sql(
                        "update zone_runs set state = 'FAILED', failure = 'STOPPED', ended_at = :now where state = 'RUNNING' and begun_at < :lost")
                .param("now", Timestamp.from(clock.instant()))
                .param("lost", Timestamp.from(clock.instant().minus(Leftovers.LOST)))
                .update();
    }

    /** Hands a result in for review, with what it is wanted for. Refuses what cannot be approved anyway. */
    public ZoneRun submit(Account who, UUID id, @Nullable String purpose) {
        String words = Zones.required(purpose, "带出的用途 (what it is wanted for)");
        transaction.executeWithoutResult(status -> {
            ZoneRun run = locked(who, id, ZoneRun.State.HELD);
            requirePassed(requireNonNull(run.report(), "a result that is held was checked"));
            requireGrants(zones.find(run.zone()), id);
            Instant now = clock.instant();
            jdbc.sql(
                            "update zone_runs set state = 'SUBMITTED', purpose = ?, submitter = ?, submitted_at = ?, due_at = ? where id = ?")
                    .params(
                            words,
                            who.username(),
                            Timestamp.from(now),
                            Timestamp.from(calendar.due(now, terms.reviewDays())),
                            id)
                    .update();
        });
        return get(who, id);
    }

    /** Refuses what was made under a grant that was revoked or suspended since, has ended, or is not the zone's any more. */
    void requireGrants(Zone zone, UUID run) {
        Set<UUID> usable = zones.usable(zone).stream().map(Grant::id).collect(Collectors.toSet());
        boolean all = usable.containsAll(jdbc.sql("select unnest(grants) from zone_runs where id = ?")
                .param(run)
                .query(UUID.class)
                .list());
        if (!all) {
            throw new Problem(CatalogProblem.NO_SUCH_GRANT);
        }
    }

    static void requirePassed(CheckReport report) {
        if (report.verdict() == CheckReport.Verdict.FAIL) {
            throw new Problem(
                    ZoneProblem.CHECKS_FAILED,
                    "checks",
                    report.checks().stream()
                            .filter(check -> check.verdict() == CheckReport.Verdict.FAIL)
                            .map(check -> check.of().name())
                            .collect(Collectors.joining(", ")));
        }
    }

    /** Deletes a result that is not to leave. */
    public ZoneRun discard(Account who, UUID id) {
        transaction.executeWithoutResult(status -> {
            locked(who, id, ZoneRun.State.HELD);
            jdbc.sql("update zone_runs set state = 'DISCARDED' where id = ?")
                    .param(id)
                    .update();
        });
        files.forget(id);
        return get(who, id);
    }

    private ZoneRun locked(Account who, UUID id, ZoneRun.State state) {
        zones.requireMember(who, zones.lock(find(id).zone()));
        ZoneRun run = find(id);
        requireState(run, state);
        return run;
    }

    static void requireState(ZoneRun run, ZoneRun.State state) {
        if (run.state() != state) {
            throw new Problem(ZoneProblem.WRONG_STATE, "state", run.state().name());
        }
    }

    private static ZoneRun shown(Account who, ZoneRun run) {
        return Zones.seesAll(who) ? run : run.withoutFigures();
    }

    ZoneRun find(UUID id) {
        return jdbc.sql(RUN + " where id = ?")
                .param(id)
                .query((row, n) -> run(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    ZoneRun run(ResultSet row) throws SQLException {
        Instant begun = row.getTimestamp("begun_at").toInstant();
        Instant ended = instant(row, "ended_at");
        Instant due = instant(row, "due_at");
        ZoneRun.State state = ZoneRun.State.valueOf(row.getString("state"));
        Long rows = row.getObject("row_count", Long.class);
        String failure = row.getString("failure");
        String level = row.getString("level");
        String report = row.getString("report");
        return new ZoneRun(
                row.getObject("id", UUID.class),
                row.getObject("zone_id", UUID.class),
                requireNonNull(row.getString("who")),
                requireNonNull(row.getString("who_name")),
                state,
                requireNonNull(row.getString("statement")),
                JSON.readValue(row.getString("declared"), Declaration.class),
                Zones.strings(row, "numbers"),
                JSON.readValue(row.getString("columns"), COLUMNS),
                begun,
                ended == null ? null : Duration.between(begun, ended).toSeconds() + 1,
                failure == null ? null : ZoneRun.Failure.valueOf(failure),
                rows,
                rows == null ? null : about(rows),
                level == null ? null : Level.valueOf(level),
                row.getString("tables") == null ? List.of() : JSON.readValue(row.getString("tables"), TABLES),
                row.getString("digest"),
                row.getString("evidence") == null ? List.of() : JSON.readValue(row.getString("evidence"), EVIDENCE),
                report == null ? null : JSON.readValue(report, CheckReport.class),
                row.getString("purpose"),
                instant(row, "submitted_at"),
                due,
                state == ZoneRun.State.SUBMITTED && due != null && due.isBefore(clock.instant()),
                row.getString("reviewer_name"),
                instant(row, "reviewed_at"),
                row.getString("reason"),
                row.getString("legal_basis"));
    }

    /** Two digits of it; 0 for fewer than ten. */
    static long about(long rows) {
        if (rows < 10) {
            return 0;
        }
        long unit = 1;
        while (rows / unit >= 100) {
            unit *= 10;
        }
        return rows / unit * unit;
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }

    /** Rows in memory, as many as fit. */
    private static final class Gathering implements RowSink {
        private final List<List<@Nullable String>> rows = new ArrayList<>();
        private long bytes;

        /** More than a result may hold. */
        private static final class TooMuch extends RuntimeException {}

        @Override
        public void columns(List<ResultColumn> columns) {
            // they come with the answer
        }

        @Override
        public void row(List<@Nullable String> values) {
            take(OF_A_VALUE);
            for (String value : values) {
                take(OF_A_VALUE + (value == null ? 0 : 2L * value.length()));
            }
            rows.add(new ArrayList<>(values));
        }

        private void take(long more) {
            bytes += more;
            if (bytes > MOST_BYTES) {
                throw new TooMuch();
            }
        }
    }
}

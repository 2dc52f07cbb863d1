package org.qiantang.collect;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.Resources;
import org.qiantang.catalog.SchemaVersion;
import org.qiantang.core.Site;
import org.qiantang.org.Account;
import org.qiantang.org.AnswersOwed;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.quality.Objections;
import org.qiantang.quality.Scores;
import org.qiantang.quality.Tickets;
import org.qiantang.quality.Timeliness;
import org.springframework.stereotype.Service;

/** Draws the city's picture (全量率 by department and city) out of the latest receipts. */
@Service
public final class Overviews {
    private static final int MOST_POINTS = 120;

    private final Departments departments;
    private final Sources sources;
    private final Collections collections;
    private final Receipts receipts;
    private final Verifications verifications;
    private final Resources resources;
    private final Schedules schedules;
    private final Timeliness timeliness;
    private final Scores scores;
    private final Tickets tickets;
    private final Objections objections;
    private final List<AnswersOwed> others;
    private final Site installation;
    private final Clock clock;

    Overviews(
            Departments departments,
            Sources sources,
            Collections collections,
            Receipts receipts,
            Verifications verifications,
            Resources resources,
            Schedules schedules,
            Timeliness timeliness,
            Scores scores,
            Tickets tickets,
            Objections objections,
            List<AnswersOwed> others,
            Site installation,
            Clock clock) {
        this.departments = departments;
        this.sources = sources;
        this.collections = collections;
        this.receipts = receipts;
        this.verifications = verifications;
        this.resources = resources;
        this.schedules = schedules;
        this.timeliness = timeliness;
        this.scores = scores;
        this.tickets = tickets;
        this.objections = objections;
        this.others = List.copyOf(others);
        this.installation = installation;
        this.clock = clock;
    }

    /** The city as somebody sees it: numbers are the same for all, what needs attention is not. */
    public Overview get(Account who) {
        List<Source> all = sources.list();
        Map<UUID, Receipts.Latest> latest = new HashMap<>();
        receipts.latest().forEach(each -> latest.put(each.sourceId(), each));
        Map<String, UUID> ids =
                resources.idsByLakeTable(all.stream().map(Source::id).toList());
        List<RunSummary> running = collections.list(Set.of(RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING));
        List<Overview.DepartmentOverview> byDepartment = departments.list().stream()
                .map(department -> overview(
                        department,
                        all.stream()
                                .filter(source -> source.department().equals(department))
                                .toList(),
                        latest,
                        ids,
                        running))
                .toList();
        return new Overview(
                clock.instant(),
                new Overview.Site(installation.name(), installation.kind() == Site.Kind.TRIAL),
                city(byDepartment, all.size()),
                byDepartment,
                running,
                attention(all, resources.listUnseen(who), verifications.newest()),
                day(all),
                thinned(receipts.history()));
    }

    private Overview.Day day(List<Source> sources) {
        Instant now = clock.instant();
        Instant since = now.atZone(schedules.zone())
                .toLocalDate()
                .atStartOfDay(schedules.zone())
                .toInstant();
        Map<UUID, Source> byId = new HashMap<>();
        sources.forEach(source -> byId.put(source.id(), source));
        List<Overview.Arrived> arrived = resources.listArrivals(since).stream()
                .map(each -> {
                    Source source = byId.get(each.source());
                    return new Overview.Arrived(
                            source == null ? null : source.id(),
                            source == null ? each.sourceName() : source.title(),
                            each.departmentId(),
                            each.tables(),
                            each.rows(),
                            each.last());
                })
                .toList();
        List<Overview.Late> late = new ArrayList<>();
        schedules.listMissed(now).forEach((id, due) -> {
            Source source = byId.get(id);
            if (source != null) {
                late.add(new Overview.Late(
                        null, id, source.title(), source.department().id(), due));
            }
        });
        timeliness
                .late()
                .forEach(each -> late.add(
                        new Overview.Late(each.resource(), null, each.title(), each.departmentId(), each.dueAt())));
        return new Overview.Day(
                since,
                arrived,
                late,
                scores.worse(since).stream()
                        .map(each -> new Overview.Worse(
                                each.resource(), each.title(), each.departmentId(), each.before(), each.now()))
                        .toList(),
                owes(),
                tickets.undispatched(),
                others.stream().mapToInt(AnswersOwed::waitForBureau).sum());
    }

    private List<Overview.Owes> owes() {
        Map<String, Overview.Owes> owes = new HashMap<>();
        tickets.owed()
                .forEach(each -> add(
                        owes,
                        new Overview.Owes(
                                each.department().id(),
                                each.open(),
                                0,
                                0,
                                each.overdue() + each.escalated(),
                                each.nextDue())));
        objections
                .owed()
                .forEach(each -> add(
                        owes,
                        new Overview.Owes(each.department().id(), 0, each.open(), 0, each.overdue(), each.nextDue())));
        others.forEach(kind -> kind.owed()
                .forEach(each -> add(
                        owes,
                        new Overview.Owes(each.department().id(), 0, 0, each.open(), each.overdue(), each.nextDue()))));
        return owes.values().stream()
                .sorted(Comparator.comparing(Overview.Owes::nextDue, Comparator.nullsLast(Comparator.naturalOrder()))
                        .thenComparing(Overview.Owes::departmentId))
                .toList();
    }

    private static void add(Map<String, Overview.Owes> owes, Overview.Owes more) {
        owes.merge(
                more.departmentId(),
                more,
                (one, other) -> new Overview.Owes(
                        one.departmentId(),
                        one.tickets() + other.tickets(),
                        one.objections() + other.objections(),
                        one.applications() + other.applications(),
                        one.overdue() + other.overdue(),
                        earlier(one.nextDue(), other.nextDue())));
    }

    private static @Nullable Instant earlier(@Nullable Instant one, @Nullable Instant other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.isBefore(other) ? one : other;
    }

    private static Overview.City city(List<Overview.DepartmentOverview> departments, int sources) {
        long tables = departments.stream()
                .mapToLong(Overview.DepartmentOverview::tables)
                .sum();
        long complete = departments.stream()
                .mapToLong(Overview.DepartmentOverview::completeTables)
                .sum();
        return new Overview.City(
                (int) departments.stream().filter(each -> each.sources() > 0).count(),
                sources,
                tables,
                complete,
                departments.stream()
                        .mapToLong(Overview.DepartmentOverview::rows)
                        .sum(),
                departments.stream()
                        .mapToLong(Overview.DepartmentOverview::rejected)
                        .sum(),
                departments.stream()
                        .mapToLong(Overview.DepartmentOverview::bytes)
                        .sum(),
                completeness(complete, tables));
    }

    private static Overview.DepartmentOverview overview(
            Department department,
            List<Source> sources,
            Map<UUID, Receipts.Latest> latest,
            Map<String, UUID> ids,
            List<RunSummary> running) {
        List<Overview.TableCell> cells = new ArrayList<>();
        long complete = 0;
        long rows = 0;
        long rejected = 0;
        long bytes = 0;
        Instant lastFinishedAt = null;
        for (Source source : sources) {
            Receipts.Latest receipt = latest.get(source.id());
            if (receipt == null) {
                continue;
            }
            Receipt.Totals totals = receipt.receipt().totals();
            complete += totals.completeTables();
            rows += totals.rowsLanded();
            bytes += totals.bytes();
            if (lastFinishedAt == null || receipt.finishedAt().isAfter(lastFinishedAt)) {
                lastFinishedAt = receipt.finishedAt();
            }
            for (Receipt.Item item : receipt.receipt().objects()) {
                String lakeTable = item.lakeTable();
                if (lakeTable != null) {
                    long refused = item.rowsRejected() + item.valuesRejected();
                    rejected += refused;
                    cells.add(new Overview.TableCell(
                            ids.get(lakeTable), lakeTable, completeness(item.state()), item.rowsLanded(), refused));
                }
            }
        }
        int open = (int) running.stream()
                .filter(run -> run.departmentId().equals(department.id()))
                .count();
        return new Overview.DepartmentOverview(
                department.id(),
                department.name(),
                department.nameEn(),
                sources.size(),
                cells.size(),
                complete,
                rows,
                rejected,
                bytes,
                completeness(complete, cells.size()),
                lastFinishedAt,
                state(sources, open, complete, cells.size(), lastFinishedAt),
                open,
                cells);
    }

    private static Overview.DepartmentState state(
            List<Source> sources, int running, long complete, long tables, @Nullable Instant lastFinishedAt) {
        if (running > 0) {
            return Overview.DepartmentState.RUNNING;
        }
        boolean failed =
                sources.stream().map(Source::lastRun).anyMatch(run -> run != null && run.state() == RunState.FAILED);
        if (failed) {
            return Overview.DepartmentState.FAILED;
        }
        if (lastFinishedAt == null) {
            return Overview.DepartmentState.NEVER;
        }
        boolean allThere =
                sources.stream().allMatch(source -> source.lastRun() != null || source.kind() == SourceKind.EVENTS);
        return complete == tables && allThere ? Overview.DepartmentState.COMPLETE : Overview.DepartmentState.INCOMPLETE;
    }

    private static Completeness completeness(RunObject.State state) {
        return switch (state) {
            case COMPLETE -> Completeness.COMPLETE;
            case INCOMPLETE -> Completeness.INCOMPLETE;
            case UNREADABLE -> Completeness.UNREADABLE;
            case WAITING, READING, VERIFYING, FAILED, CANCELLED, RECORDED -> Completeness.FAILED;
        };
    }

    private static @Nullable Double completeness(long complete, long tables) {
        return tables == 0 ? null : (double) complete / tables;
    }

    /** What needs somebody, the newest first. */
    private static List<Overview.Attention> attention(
            List<Source> sources, List<SchemaVersion.Unseen> changes, List<Verification> verified) {
        List<Overview.Attention> attention = new ArrayList<>();
        Map<UUID, Source> byId = new HashMap<>();
        sources.forEach(source -> byId.put(source.id(), source));
        for (SchemaVersion.Unseen change : changes) {
            Source source = byId.get(change.sourceId());
            if (source != null) {
                attention.add(changed(source, change));
            }
        }
        for (Verification verification : verified) {
            Source source = byId.get(verification.sourceId());
            if (source != null) {
                attention(source, verification).ifPresent(attention::add);
            }
        }
        for (Source source : sources) {
            RunSummary run = source.lastRun();
            String department = source.department().id();
            if (source.kind() == SourceKind.EVENTS) {
                continue;
            }
            if (run == null) {
                attention.add(new Overview.Attention(
                        Overview.Kind.NEVER_COLLECTED,
                        department,
                        source.id(),
                        null,
                        null,
                        "来源“" + source.title() + "”还没有归集过。",
                        "Source \"" + source.title() + "\" has never been collected.",
                        source.createdAt()));
                continue;
            }
            Instant at = run.finishedAt() == null ? source.createdAt() : run.finishedAt();
            RunSummary.Words message = run.message();
            if (run.state() == RunState.FAILED) {
                attention.add(new Overview.Attention(
                        Overview.Kind.RUN_FAILED,
                        department,
                        source.id(),
                        run.id(),
                        null,
                        "来源“" + source.title() + "”归集失败：" + (message == null ? "" : message.zh()),
                        "Source \"" + source.title() + "\" could not be collected: "
                                + (message == null ? "" : message.en()),
                        at));
            } else if (run.state() == RunState.INCOMPLETE) {
                int missing = run.tables().failed();
                attention.add(new Overview.Attention(
                        Overview.Kind.RUN_INCOMPLETE,
                        department,
                        source.id(),
                        run.id(),
                        null,
                        "来源“" + source.title() + "”有 " + missing + " 张表没有归集完整。",
                        missing + (missing == 1 ? " table" : " tables") + " of source \"" + source.title()
                                + "\" could not be collected whole.",
                        at));
            }
        }
        attention.sort(Comparator.comparing(Overview.Attention::at).reversed());
        return attention;
    }

    private static Overview.Attention changed(Source source, SchemaVersion.Unseen change) {
        boolean one = change.resources() == 1;
        return new Overview.Attention(
                Overview.Kind.SCHEMA_CHANGED,
                change.departmentId(),
                source.id(),
                null,
                one ? change.resourceId() : null,
                one
                        ? "来源“" + source.title() + "”的表“" + change.title() + "”结构有变化。"
                        : "来源“" + source.title() + "”有 " + change.resources() + " 张表结构有变化。",
                one
                        ? "Table \"" + change.title() + "\" of source \"" + source.title()
                                + "\" has changed its structure."
                        : change.resources() + " tables of source \"" + source.title()
                                + "\" have changed their structure.",
                change.at());
    }

    /** What a source's newest verification found, until one finds it equal. */
    private static Optional<Overview.Attention> attention(Source source, Verification verification) {
        Verification.Totals totals = verification.totals();
        return switch (verification.state()) {
            case DIFFERENT ->
                Optional.of(new Overview.Attention(
                        Overview.Kind.VERIFICATION_DIFFERENT,
                        source.department().id(),
                        source.id(),
                        verification.repairRun(),
                        null,
                        "来源“" + source.title() + "”核对发现 " + totals.different() + " 张表有差异：" + totals.differing()
                                + " 行不同，"
                                + switch (verification.aim()) {
                                    case REPAIR -> totals.repaired() + " 行已修复，" + totals.toBeCollected() + " 张表重新归集。";
                                    case LOOK -> "只是查看，没有改动湖中的数据。";
                                },
                        "Verifying source \"" + source.title() + "\" found " + totals.different()
                                + (totals.different() == 1 ? " table" : " tables") + " different: " + totals.differing()
                                + " rows differ, "
                                + switch (verification.aim()) {
                                    case REPAIR ->
                                        totals.repaired() + " were repaired, " + totals.toBeCollected()
                                                + " tables are collected anew.";
                                    case LOOK -> "and nothing was changed, as it was only looked.";
                                },
                        at(verification)));
            case INCOMPLETE, FAILED ->
                Optional.of(new Overview.Attention(
                        Overview.Kind.VERIFICATION_FAILED,
                        source.department().id(),
                        source.id(),
                        null,
                        null,
                        "来源“" + source.title() + "”未能核对完："
                                + (verification.message() == null
                                        ? totals.notCompared() + " 张表无法比较。"
                                        : verification.message().zh()),
                        "Source \"" + source.title() + "\" could not be verified as a whole: "
                                + (verification.message() == null
                                        ? totals.notCompared() + " tables could not be compared."
                                        : verification.message().en()),
                        at(verification)));
            case EQUAL, CANCELLED, QUEUED, RUNNING, CANCELLING -> Optional.empty();
        };
    }

    private static Instant at(Verification verification) {
        Instant finished = verification.finishedAt();
        return finished == null ? verification.queuedAt() : finished;
    }

    /** At most so many points, the last always among them. */
    private static List<Receipts.Volume> thinned(List<Receipts.Volume> history) {
        if (history.size() <= MOST_POINTS) {
            return history;
        }
        List<Receipts.Volume> thin = new ArrayList<>();
        for (int i = 1; i <= MOST_POINTS; i++) {
            thin.add(history.get((int) ((long) i * history.size() / MOST_POINTS) - 1));
        }
        return thin;
    }
}

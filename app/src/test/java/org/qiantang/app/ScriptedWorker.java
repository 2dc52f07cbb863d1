package org.qiantang.app;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.qiantang.catalog.Classifier;
import org.qiantang.catalog.Findings;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.CollectionWorker;
import org.qiantang.collect.Collector;
import org.qiantang.collect.EventLanding;
import org.qiantang.collect.FollowEvent;
import org.qiantang.collect.RunEvent;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.SourceKind;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.VerifyEvent;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.ColumnProof;
import org.qiantang.lake.Commit;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TableWrite;

/** A worker whose every step a test decides. What it says it landed is really in the lake. */
final class ScriptedWorker implements CollectionWorker, EventLanding {
    /** A table of text columns. */
    record Table(String schema, String name, String comment, List<String> columns, List<List<String>> rows) {
        String lakeName() {
            return schema + "__" + name;
        }
    }

    /** What happens in one call of {@link #run}. */
    interface Script {
        void play(Run run) throws Exception;
    }

    private final Lake lake;
    private final Collector real;
    private final Map<String, List<Script>> scripts = new ConcurrentHashMap<>();
    private final Set<String> cancelled = ConcurrentHashMap.newKeySet();
    final List<RunOrder> orders = new CopyOnWriteArrayList<>();
    final List<FollowOrder> released = new CopyOnWriteArrayList<>();

    ScriptedWorker(Lake lake) {
        this.lake = lake;
        this.real = new Collector(lake, 1, Path.of("no-drivers"));
    }

    /** The scripts of a source, one per call; the last one is played for all calls after it. */
    void script(String source, Script... calls) {
        scripts.put(source, new ArrayList<>(List.of(calls)));
    }

    @Override
    public void run(RunOrder order, Consumer<RunEvent> events) {
        orders.add(order);
        List<Script> calls = scripts.get(order.sourceName());
        if (calls == null) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "no script");
        }
        Script script;
        synchronized (calls) {
            script = calls.size() > 1 ? calls.removeFirst() : calls.getFirst();
        }
        try {
            script.play(new Run(order, events));
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sources are verified as the real worker does. */
    @Override
    public void verify(VerifyOrder order, Consumer<VerifyEvent> events) {
        real.verify(order, events);
    }

    @Override
    public void follow(FollowOrder order, Consumer<FollowEvent> events) {
        throw new Problem(CollectProblem.FOLLOWING_IMPOSSIBLE, "reason", "a script");
    }

    @Override
    public void unfollow(String sourceName) {}

    @Override
    public void release(FollowOrder order) {
        released.add(order);
    }

    @Override
    public void give(String runId, List<String> lakeNames, boolean last) {
        throw new AssertionError("Scripts do not share runs");
    }

    @Override
    public void cancel(String runId) {
        cancelled.add(runId);
        real.cancel(runId);
    }

    /** Events are landed as the real worker does. */
    @Override
    public Landed land(Order order) {
        return real.land(order);
    }

    @Override
    public SourceReport inspect(SourceAccess access) {
        if (access.kind() == SourceKind.POSTGRES && !scripts.containsKey("reachable")) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "connection refused");
        }
        return new SourceReport(
                "PostgreSQL", "18.6", Map.of(SourceObject.Kind.TABLE, 2), List.of(), 12, 3400, List.of());
    }

    /** One call, for scripts. */
    final class Run {
        final RunOrder order;
        private final Consumer<RunEvent> events;

        private Run(RunOrder order, Consumer<RunEvent> events) {
            this.order = order;
            this.events = events;
        }

        /** Says something in somebody else's words. */
        void say(RunEvent event) {
            events.accept(event);
        }

        /** Collects what the order says, as the real worker does. */
        void reallyCollect() {
            real.run(order, events);
        }

        boolean isCancelled() {
            return cancelled.contains(order.runId());
        }

        void discover(Table... tables) {
            List<SourceObject> objects = new ArrayList<>();
            for (Table table : tables) {
                objects.add(object(table));
            }
            objects.add(new SourceObject(
                    SourceObject.Kind.VIEW,
                    "public",
                    "a_view",
                    null,
                    null,
                    List.of(),
                    OptionalLong.empty(),
                    OptionalLong.empty(),
                    Map.of("definition", "select 1")));
            events.accept(new RunEvent.Discovered("0/16B3748", Instant.now(), objects, "", 2));
        }

        /** Finds one file. */
        void discoverFile(Table table, String sha256) {
            SourceObject object = object(table);
            Map<String, String> details = new java.util.HashMap<>(object.details());
            details.put("sha256", sha256);
            events.accept(new RunEvent.Discovered(
                    "folder",
                    Instant.now(),
                    List.of(new SourceObject(
                            SourceObject.Kind.FILE,
                            object.schema(),
                            object.name(),
                            object.lakeName(),
                            object.comment(),
                            object.columns(),
                            object.estimatedRows(),
                            object.estimatedBytes(),
                            details)),
                    "",
                    1));
        }

        /** Says of a file that the lake has it. */
        void unchanged(Table table) {
            events.accept(
                    new RunEvent.Ended(result(table, RunEvent.State.UNCHANGED, Optional.empty(), Instant.now(), null)));
        }

        void progress(Table table, long rows) {
            events.accept(
                    new RunEvent.Progress(table.schema + "." + table.name, RunEvent.Phase.READING, rows, rows * 10));
        }

        /** Lands a table, unless the order says that it is there already. */
        void land(Table table) throws Exception {
            if (order.finished().contains(table.lakeName())) {
                return;
            }
            Instant start = Instant.now();
            progress(table, table.rows.size());
            Commit commit = write(new TableName("raw_" + order.sourceName(), table.lakeName()), table);
            events.accept(new RunEvent.Ended(result(table, RunEvent.State.COMPLETE, Optional.of(commit), start, null)));
        }

        /** Ends a table that brought nothing. */
        void refuse(Table table, RunEvent.State state, String code) {
            if (!order.finished().contains(table.lakeName())) {
                events.accept(new RunEvent.Ended(result(table, state, Optional.empty(), Instant.now(), code)));
            }
        }

        /** Lands a table but reports a checksum of another value than was read. */
        void landWrongly(Table table) throws Exception {
            Commit commit = write(new TableName("raw_" + order.sourceName(), table.lakeName()), table);
            var good = result(table, RunEvent.State.COMPLETE, Optional.of(commit), Instant.now(), null);
            List<RunEvent.ColumnResult> columns = good.columns().stream()
                    .map(column -> new RunEvent.ColumnResult(
                            column.name(),
                            column.lakeName(),
                            column.sourceType(),
                            column.type(),
                            column.nulls(),
                            "f".repeat(32),
                            column.checksumWritten()))
                    .toList();
            events.accept(new RunEvent.Ended(new RunEvent.ObjectResult(
                    good.object(),
                    good.lakeName(),
                    good.state(),
                    good.position(),
                    null,
                    null,
                    good.rowsAtSource(),
                    good.rowsLanded(),
                    0,
                    0,
                    good.bytes(),
                    good.snapshotId(),
                    good.startedAt(),
                    good.endedAt(),
                    columns,
                    good.findings(),
                    good.profiles())));
        }
    }

    static void die() {
        throw new Problem(CollectProblem.WORKER_LOST);
    }

    Commit write(TableName name, Table table) throws Exception {
        List<Column> columns =
                table.columns.stream().map(column -> column(column)).toList();
        try (TableWrite write = lake.replace(name, columns)) {
            int[] at = {0};
            write.profile();
            write.write(batch -> {
                int n = 0;
                while (at[0] < table.rows.size() && n < batch.capacity()) {
                    List<String> row = table.rows.get(at[0]++);
                    for (int c = 0; c < row.size(); c++) {
                        if (row.get(c) == null) {
                            batch.setNull(c, n);
                        } else {
                            batch.setText(c, n, row.get(c).getBytes(StandardCharsets.UTF_8));
                        }
                    }
                    n++;
                }
                return n;
            });
            return write.commit(Map.of());
        }
    }

    private static Column column(String spec) {
        String[] parts = spec.split(":", 2);
        return new Column(parts[0], LakeType.TEXT, "text", parts.length > 1 ? parts[1] : null);
    }

    private static SourceObject object(Table table) {
        List<SourceObject.SourceColumn> columns = table.columns.stream()
                .map(spec -> {
                    Column column = column(spec);
                    return new SourceObject.SourceColumn(column.name(), column, true, Map.of());
                })
                .toList();
        return new SourceObject(
                SourceObject.Kind.TABLE,
                table.schema,
                table.name,
                table.lakeName(),
                table.comment,
                columns,
                OptionalLong.of(table.rows.size()),
                OptionalLong.of(1000),
                Map.of("primaryKey", "[\"" + column(table.columns.getFirst()).name() + "\"]"));
    }

    private static RunEvent.ObjectResult result(
            Table table, RunEvent.State state, Optional<Commit> commit, Instant start, String code) {
        List<RunEvent.ColumnResult> columns = new ArrayList<>();
        Map<String, Findings> findings = new java.util.HashMap<>();
        commit.ifPresent(landed -> {
            for (ColumnProof proof : landed.columns()) {
                columns.add(new RunEvent.ColumnResult(
                        proof.column(),
                        proof.column(),
                        "text",
                        "string",
                        proof.nulls(),
                        proof.read(),
                        proof.written()));
            }
            for (String spec : table.columns) {
                Column column = column(spec);
                findings.put(
                        column.name(),
                        Classifier.look(
                                column.type().label(), landed.samples().getOrDefault(column.name(), List.of())));
            }
        });
        return new RunEvent.ObjectResult(
                table.schema + "." + table.name,
                table.lakeName(),
                state,
                "0/16B3748",
                code,
                code == null ? null : "said so",
                OptionalLong.of(table.rows.size()),
                commit.map(Commit::rows).orElse(0L),
                0,
                0,
                commit.map(Commit::bytes).orElse(0L),
                commit.map(Commit::snapshotId).orElse(null),
                start,
                Instant.now(),
                columns,
                findings,
                commit.map(Commit::profiles).orElse(List.of()));
    }
}

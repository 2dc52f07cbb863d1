package org.qiantang.collect.internal.api;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.SourcePreview;
import org.qiantang.collect.internal.Connector;
import org.qiantang.core.Problem;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;
import tools.jackson.databind.JsonNode;

/**
 * A department's interface as a source. Discovery asks for the first page of each resource. A table is read in two goes: at first all pages
 * are spooled, which is when its columns become known, then the table starts again with them and reads the spool.
 */
public final class ApiConnector implements Connector {
    private static final int PREVIEWED = 20;
    private static final int PREVIEW_CHARACTERS = 200;
    private static final int MOST_COMPARED = 1_000_000;
    private static final int BATCH_BYTES = 32 << 20;

    private final ApiSettings settings;
    private final ApiCalls calls;
    private final Path spools;
    private final Optional<Earlier> earlier;
    private final String position;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Probe> probes = new LinkedHashMap<>();
    private final Map<String, Download> downloads = new ConcurrentHashMap<>();
    private List<SourceObject> objects = List.of();

    private ApiConnector(ApiSettings settings, Path spools, Optional<Earlier> earlier) {
        this.settings = settings;
        this.spools = spools;
        this.earlier = earlier;
        calls = new ApiCalls(settings, Clock.systemUTC());
        position = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /**
     * Nothing is asked yet.
     *
     * @param spools where records wait for their table
     * @param earlier what runs before this one brought; empty when nothing is to be kept
     */
    public static ApiConnector open(SourceAccess access, Path spools, Optional<Earlier> earlier) {
        return new ApiConnector(ApiSettings.of(access), spools, earlier);
    }

    @Override
    public String product() {
        return "HTTP API";
    }

    @Override
    public String version() {
        return "";
    }

    @Override
    public String position() {
        return position;
    }

    /** What the first page of a resource showed, or why it could not be had. */
    private record Probe(
            ApiResource resource,
            SourceObject object,
            JsonNode records,
            @Nullable Problem problem) {}

    @Override
    public synchronized List<SourceObject> discover() {
        if (objects.isEmpty()) {
            for (ApiResource resource : settings.resources()) {
                Probe probe = probe(resource);
                probes.put(resource.name(), probe);
            }
            Optional<Problem> first = probes.values().stream()
                    .map(Probe::problem)
                    .filter(java.util.Objects::nonNull)
                    .map(java.util.Objects::requireNonNull)
                    .findFirst();
            if (first.isPresent() && probes.values().stream().allMatch(probe -> probe.problem != null)) {
                throw first.get();
            }
            objects = probes.values().stream().map(Probe::object).toList();
        }
        return objects;
    }

    private Probe probe(ApiResource described) {
        try {
            ApiPages.Page page = new ApiPages(described, settings, calls, "").fetchFirst();
            ApiResource resource = FirstPage.complete(described, page);
            ApiPages pages = new ApiPages(resource, settings, calls, "");
            JsonNode records = pages.records(page);
            RecordColumns columns = new RecordColumns(List.of());
            records.forEach(columns::add);
            OptionalLong total = pages.total(page, OptionalLong.empty());
            if (records.isEmpty() && total.orElse(0) > 0) {
                return failed(
                        described,
                        new Problem(
                                CollectProblem.TOTAL_DIFFERS,
                                "reason",
                                "the interface states " + total.getAsLong()
                                        + " records, and its first page holds none"));
            }
            return new Probe(resource, object(resource, columns.columns(), total, Map.of()), records, null);
        } catch (Problem problem) {
            if (problem.code() == CollectProblem.SOURCE_UNREACHABLE) {
                throw problem;
            }
            return failed(described, problem);
        } catch (ApiPages.Broken broken) {
            return failed(described, broken.problem());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "interrupted");
        }
    }

    private static Probe failed(ApiResource resource, Problem problem) {
        SourceObject object = object(
                resource,
                List.of(),
                OptionalLong.empty(),
                Map.of("unreadable", problem.code().id()));
        return new Probe(resource, object, RecordColumns.JSON.createArrayNode(), problem);
    }

    private static SourceObject object(
            ApiResource resource, List<SourceColumn> columns, OptionalLong rows, Map<String, String> more) {
        Map<String, String> details = new LinkedHashMap<>();
        details.put("path", resource.path() == null ? "" : resource.path());
        if (resource.records() != null) {
            details.put("records", resource.records());
        }
        if (resource.total() != null) {
            details.put("total", resource.total());
        }
        if (resource.paging() != null) {
            details.put("paging", resource.paging().step().name());
        }
        details.putAll(more);
        return new SourceObject(
                SourceObject.Kind.ENDPOINT,
                "",
                resource.name(),
                resource.name(),
                resource.title(),
                columns,
                rows,
                OptionalLong.empty(),
                details);
    }

    @Override
    public List<SourcePreview> previews() {
        discover();
        return probes.values().stream()
                .filter(probe -> probe.problem == null)
                .map(ApiConnector::preview)
                .toList();
    }

    private static SourcePreview preview(Probe probe) {
        List<SourceColumn> columns = probe.object.columns();
        List<List<@Nullable String>> rows = new ArrayList<>();
        for (JsonNode record : probe.records) {
            if (rows.size() == PREVIEWED) {
                break;
            }
            List<@Nullable String> row = new ArrayList<>();
            for (SourceColumn column : columns) {
                JsonNode value = RecordColumns.value(record, column.name());
                row.add(value.isNull() || value.isMissingNode() ? null : shortened(RecordColumns.text(value)));
            }
            rows.add(row);
        }
        return new SourcePreview(
                probe.object.name(),
                columns.stream().map(SourceColumn::name).toList(),
                rows,
                probe.object.estimatedRows().isPresent()
                        ? probe.object.estimatedRows().getAsLong()
                        : null,
                RecordColumns.JSON.writeValueAsString(probe.resource));
    }

    private static String shortened(String text) {
        return text.length() <= PREVIEW_CHARACTERS ? text : text.substring(0, PREVIEW_CHARACTERS) + "…";
    }

    @Override
    public Optional<Unreadable> unreadable(SourceObject object) {
        Problem problem = probe(object).problem;
        return Optional.ofNullable(problem)
                .map(why -> new Unreadable(why.code().id(), why.arguments().getOrDefault("reason", why.en())));
    }

    @Override
    public List<Part> parts(SourceObject object) {
        return object.columns().isEmpty() ? List.of() : List.of(new Part(object.name(), 1));
    }

    @Override
    public PartReader open(SourceObject object, Part part, Consumer<RejectedRow> rejects) {
        Download download = downloads.get(object.name());
        if (download != null) {
            return new Reading(download, object.columns(), rejects);
        }
        return new Fetching(object, probe(object).resource);
    }

    @Override
    public boolean learns() {
        return true;
    }

    @Override
    public SourceObject asText(SourceObject object, String lakeColumn) {
        List<SourceColumn> columns = object.columns().stream()
                .map(column -> column.column().name().equals(lakeColumn)
                        ? new SourceColumn(
                                column.name(),
                                new Column(
                                        lakeColumn,
                                        LakeType.TEXT,
                                        column.column().sourceType(),
                                        null),
                                column.nullable(),
                                column.details())
                        : column)
                .toList();
        return with(object, columns, object.estimatedRows(), Map.of());
    }

    private static SourceObject with(
            SourceObject object, List<SourceColumn> columns, OptionalLong rows, Map<String, String> more) {
        Map<String, String> details = new LinkedHashMap<>(object.details());
        details.putAll(more);
        return new SourceObject(
                object.kind(),
                object.schema(),
                object.name(),
                object.lakeName(),
                object.comment(),
                columns,
                rows,
                object.estimatedBytes(),
                details);
    }

    private Probe probe(SourceObject object) {
        discover();
        return requireNonNull(probes.get(object.name()), "no such resource");
    }

    @Override
    public void close() {
        executor.shutdownNow();
        calls.close();
        for (Download download : downloads.values()) {
            try {
                download.spool.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** A resource's records, all there. */
    private record Download(
            Spool spool, OptionalLong stated, Optional<Unreadable> shortfall, List<RejectedRow> rejects) {}

    /** The first go: takes the pages, and ends with the columns instead of with rows. */
    private final class Fetching implements PartReader {
        private final SourceObject object;
        private final ApiResource resource;
        private final long bytesBefore = calls.bytes();
        private volatile @Nullable ApiPages pages;
        private volatile boolean closed;

        Fetching(SourceObject object, ApiResource resource) {
            this.object = object;
            this.resource = resource;
        }

        @Override
        public int read(Batch batch) throws Exception {
            Gathering gathering = gather();
            if (gathering.changed()) {
                gathering.close();
                gathering = gather();
            }
            Map<String, String> details = gathering.finish();
            downloads.put(object.name(), gathering.download());
            throw new Learned(
                    with(object, gathering.columns.columns(), OptionalLong.of(gathering.spool.records()), details));
        }

        private Gathering gather() throws Exception {
            Gathering gathering = new Gathering(resource, object, new Spool(spools), earlier);
            boolean whole = false;
            try {
                ApiPages walk = new ApiPages(resource, settings, calls, gathering.since());
                pages = walk;
                if (closed) {
                    walk.close();
                }
                gathering.walked = walk.walk(executor, gathering);
                whole = true;
                return gathering;
            } finally {
                if (!whole) {
                    gathering.close();
                }
            }
        }

        @Override
        public long bytesRead() {
            return calls.bytes() - bytesBefore;
        }

        @Override
        public OptionalLong rowsAtSource() {
            return OptionalLong.empty();
        }

        @Override
        public void close() {
            closed = true;
            ApiPages walk = pages;
            if (walk != null) {
                walk.close();
            }
        }
    }

    /** The second go: hands the spooled records over. */
    private static final class Reading implements PartReader {
        private final Download download;
        private final List<SourceColumn> columns;
        private final Consumer<RejectedRow> rejects;
        private Spool.@Nullable Lines lines;
        private long line;
        private volatile long bytes;

        Reading(Download download, List<SourceColumn> columns, Consumer<RejectedRow> rejects) {
            this.download = download;
            this.columns = columns;
            this.rejects = rejects;
        }

        @Override
        public int read(Batch batch) throws IOException {
            Spool.Lines from = lines;
            if (from == null) {
                from = download.spool.lines();
                lines = from;
                download.rejects.forEach(rejects);
            }
            int row = 0;
            long taken = 0;
            while (row < batch.capacity() && taken < BATCH_BYTES) {
                byte[] json = from.next();
                if (json == null) {
                    break;
                }
                line++;
                taken += json.length;
                JsonNode record = RecordColumns.JSON.readTree(json);
                for (int c = 0; c < columns.size(); c++) {
                    SourceColumn column = columns.get(c);
                    JsonNode value = RecordColumns.value(record, column.name());
                    if (!RecordColumns.set(batch, c, row, column.column(), value)) {
                        rejects.accept(new RejectedRow(
                                "record " + line,
                                column.name(),
                                CollectProblem.INVALID_TEXT.id(),
                                "half of a character, which no text can hold",
                                RecordColumns.escaped(value)));
                    }
                }
                row++;
            }
            bytes += taken;
            return row;
        }

        @Override
        public long bytesRead() {
            return bytes;
        }

        @Override
        public OptionalLong rowsAtSource() {
            return download.stated;
        }

        @Override
        public Optional<Unreadable> shortfall() {
            return download.shortfall;
        }

        @Override
        public void close() {}
    }

    /** Records on their way into the spool. */
    private final class Gathering implements ApiPages.Sink {
        private final ApiResource resource;
        private final SourceObject object;
        private final Spool spool;
        private final Increment increment;
        private final RecordColumns columns;
        private final List<RejectedRow> broken = new ArrayList<>();
        private final Set<String> met = new HashSet<>();
        private long repeated;
        private long kept;
        private ApiPages.@Nullable Walked walked;

        Gathering(ApiResource resource, SourceObject object, Spool spool, Optional<Earlier> earlier) {
            this.resource = resource;
            this.object = object;
            this.spool = spool;
            columns = new RecordColumns(object.columns());
            increment = Increment.of(resource, object, earlier, settings.inFull());
        }

        String since() {
            return increment.since();
        }

        @Override
        public void page(JsonNode records) throws IOException {
            for (JsonNode record : records) {
                byte[] json = RecordColumns.JSON.writeValueAsBytes(record);
                boolean compare = resource.isUnique() && met.size() < MOST_COMPARED;
                if (compare && !met.add(ApiPages.fingerprint(json))) {
                    repeated++;
                    continue;
                }
                columns.add(record);
                increment.add(record);
                spool.add(json);
            }
        }

        @Override
        public void broken(RejectedRow page) {
            broken.add(page);
        }

        /** Whether the source stated another number of records at last than at first, and not all came. */
        boolean changed() {
            ApiPages.Walked all = requireNonNull(walked);
            return !all.firstTotal().equals(all.lastTotal()) && differs(all);
        }

        private boolean differs(ApiPages.Walked all) {
            return all.lastTotal().isPresent() && all.lastTotal().getAsLong() != all.records() - repeated;
        }

        /** Adds the rows that earlier runs brought and this one has not seen again, and says what is worth saying. */
        Map<String, String> finish() throws IOException {
            ApiPages.Walked all = requireNonNull(walked);
            kept = increment.keep(record -> {
                columns.add(record);
                spool.add(RecordColumns.JSON.writeValueAsBytes(record));
            });
            StringBuilder at = new StringBuilder(position).append(", pages ").append(all.pages());
            if (repeated > 0) {
                at.append(", records that came twice ").append(repeated);
            }
            if (!increment.since().isEmpty()) {
                at.append(", changes since ")
                        .append(increment.since())
                        .append(", rows kept ")
                        .append(kept);
            }
            Map<String, String> details = new LinkedHashMap<>();
            details.put("qiantang.position", at.toString());
            details.putAll(increment.marks(Instant.parse(position)));
            return details;
        }

        Download download() {
            ApiPages.Walked all = requireNonNull(walked);
            OptionalLong stated = all.lastTotal().isPresent()
                    ? OptionalLong.of(all.lastTotal().getAsLong() + kept)
                    : OptionalLong.empty();
            Optional<Unreadable> shortfall = differs(all)
                    ? Optional.of(new Unreadable(
                            CollectProblem.TOTAL_DIFFERS.id(),
                            "the interface states " + all.lastTotal().getAsLong() + " records, "
                                    + (all.records() - repeated) + " came"))
                    : Optional.empty();
            return new Download(spool, stated, shortfall, List.copyOf(broken));
        }

        void close() throws IOException {
            spool.close();
        }
    }
}

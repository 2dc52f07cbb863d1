package org.qiantang.collect.internal.peer;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.PeerSpool;
import org.qiantang.collect.PeerSpool.ShownTable;
import org.qiantang.collect.PeerSpool.Step;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector;
import org.qiantang.lake.Batch;
import org.qiantang.lake.Column;
import tools.jackson.databind.json.JsonMapper;

/** The wholes of a peer's tables that wait: of each table the newest, from which its steps go on. */
public final class PeerConnector implements Connector {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final PeerSpool spool;
    private final String follower;
    private final String positionKey;
    private final Map<String, Step> wholes = new LinkedHashMap<>();

    /** @param positionKey under which a table's snapshot says where its follower goes on */
    public PeerConnector(PeerSpool spool, String follower, String positionKey) {
        this.spool = spool;
        this.follower = follower;
        this.positionKey = positionKey;
        spool.steps().stream()
                .filter(step -> step.head().whole())
                .forEach(step -> wholes.put(step.head().table().lakeName(), step));
    }

    @Override
    public String product() {
        return "Qiantang";
    }

    @Override
    public String version() {
        return "";
    }

    @Override
    public String position() {
        return wholes.values().stream()
                .map(Step::end)
                .max(String::compareTo)
                .map(end -> "step " + end)
                .orElse("nothing");
    }

    @Override
    public List<SourceObject> discover() {
        return wholes.values().stream().map(this::object).toList();
    }

    private SourceObject object(Step step) {
        ShownTable table = step.head().table();
        int dot = table.object().indexOf('.');
        Map<String, String> details = new LinkedHashMap<>();
        // Where it goes on is the table's own affair: each has steps of its own.
        details.put(positionKey, follower + " " + step.end());
        details.put("qiantang.position", step.head().position());
        if (!table.key().isEmpty()) {
            details.put("primaryKey", JSON.writeValueAsString(table.key()));
        }
        return new SourceObject(
                SourceObject.Kind.TABLE,
                dot < 0 ? "" : table.object().substring(0, dot),
                table.object().substring(dot + 1),
                table.lakeName(),
                table.title(),
                table.columns().stream()
                        .map(column -> new SourceColumn(column.name(), column.column(), true, Map.of()))
                        .toList(),
                OptionalLong.of(step.head().rows()),
                OptionalLong.empty(),
                details);
    }

    @Override
    public Optional<Unreadable> unreadable(SourceObject object) {
        return Optional.empty();
    }

    @Override
    public List<Part> parts(SourceObject object) {
        return List.of(new Part("whole", 1));
    }

    @Override
    public PartReader open(SourceObject object, Part part, Consumer<RejectedRow> rejects) {
        Step step = wholes.get(object.lakeName());
        if (step == null) {
            throw new IllegalStateException("No whole of " + object.qualifiedName());
        }
        return new Reader(
                step, object.columns().stream().map(SourceColumn::column).toList());
    }

    @Override
    public SourceObject asText(SourceObject object, String lakeColumn) {
        return object.withTextColumn(lakeColumn);
    }

    @Override
    public void close() {
        // Files are open only while they are read.
    }

    private final class Reader implements PartReader {
        private final Step step;
        private final List<Column> columns;
        private final Deque<Path> batches;
        private final Deque<List<@Nullable String>> rows = new ArrayDeque<>();
        private volatile long bytes;
        private boolean ended;

        Reader(Step step, List<Column> columns) {
            this.step = step;
            this.columns = columns;
            this.batches = new ArrayDeque<>(spool.batches(step));
        }

        @Override
        public int read(Batch batch) {
            int row = 0;
            while (row < batch.capacity()) {
                if (rows.isEmpty()) {
                    Path next = batches.poll();
                    if (next == null) {
                        ended = true;
                        break;
                    }
                    bytes += next.toFile().length();
                    List<List<@Nullable String>> loaded = new ArrayList<>();
                    PeerSpool.read(next, change -> loaded.add(change.values()));
                    rows.addAll(loaded);
                    continue;
                }
                List<@Nullable String> values = rows.remove();
                for (int i = 0; i < columns.size(); i++) {
                    @Nullable String value = values.get(i);
                    if (value == null) {
                        batch.setNull(i, row);
                    } else {
                        PeerValues.set(batch, i, row, columns.get(i), value);
                    }
                }
                row++;
            }
            return row;
        }

        @Override
        public long bytesRead() {
            return bytes;
        }

        @Override
        public OptionalLong rowsAtSource() {
            return ended ? OptionalLong.of(step.head().rows()) : OptionalLong.empty();
        }

        @Override
        public void close() {
            rows.clear();
        }
    }
}

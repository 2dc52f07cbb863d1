package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.qiantang.collect.internal.CollectionRun;
import org.qiantang.collect.internal.Connector;
import org.qiantang.collect.internal.files.FolderConnector;
import org.qiantang.collect.internal.postgres.PostgresConnector;
import org.qiantang.lake.Lake;

/**
 * The collecting end of the lake worker: opens a source, copies everything it holds into the lake with several lanes, and says how each
 * table ended. It keeps nothing between runs; what must survive is in the lake and, once acknowledged, with the hub.
 */
public final class Collector implements CollectionWorker {
    private final Lake lake;
    private final int lanes;
    private final Map<String, CollectionRun> running = new ConcurrentHashMap<>();

    /** @param lanes parts that are read, written and proven at the same time */
    public Collector(Lake lake, int lanes) {
        this.lake = requireNonNull(lake, "lake is null");
        if (lanes < 1) {
            throw new IllegalArgumentException("At least one lane is needed");
        }
        this.lanes = lanes;
    }

    @Override
    public void run(RunOrder order, Consumer<RunEvent> events) {
        try (Connector connector = open(order.access())) {
            CollectionRun run = new CollectionRun(order, connector, lake, lanes);
            running.put(order.runId(), run);
            try {
                run.collect(events);
            } finally {
                running.remove(order.runId());
            }
        }
    }

    @Override
    public void cancel(String runId) {
        CollectionRun run = running.get(runId);
        if (run != null) {
            run.cancel();
        }
    }

    @Override
    public SourceReport inspect(SourceAccess access) {
        try (Connector connector = open(access)) {
            List<SourceObject> objects = connector.discover();
            Map<SourceObject.Kind, Integer> counts = new EnumMap<>(SourceObject.Kind.class);
            long rows = 0;
            long bytes = 0;
            List<String> unreadable = new java.util.ArrayList<>();
            for (SourceObject object : objects) {
                counts.merge(object.kind(), 1, Integer::sum);
                if (object.isCopied()) {
                    rows += object.estimatedRows().orElse(0);
                    bytes += object.estimatedBytes().orElse(0);
                }
                Optional<Connector.Unreadable> reason = connector.unreadable(object);
                reason.ifPresent(why -> unreadable.add(object.qualifiedName() + ": " + why.reason()));
            }
            return new SourceReport(connector.product(), connector.version(), counts, unreadable, rows, bytes);
        }
    }

    private Connector open(SourceAccess access) {
        return switch (access.kind()) {
            case POSTGRES -> PostgresConnector.open(access.location(), access.username(), access.secret(), lanes);
            case FOLDER -> FolderConnector.open(Path.of(access.location()));
            case SFTP, WEBDAV, S3 -> FolderConnector.open(access);
        };
    }
}

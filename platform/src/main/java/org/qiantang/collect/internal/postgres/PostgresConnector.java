package org.qiantang.collect.internal.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;

/**
 * A PostgreSQL database of a department, all of whose tables are read under one exported snapshot.
 *
 * <p>Thread-safe once {@link #discover} has returned. As many parts are read at the same time as there are lanes; the first
 * {@link PartReader#read} of another one waits.
 */
public final class PostgresConnector implements Connector {
    /** Stands in for the columns of a table that has none, whose rows are still to be counted. */
    static final SourceColumn ROW_COLUMN = new SourceColumn(
            "_row", new Column("_row", LakeType.INT64, "", null), false, Map.of("synthetic", "ordinal"));

    /** The largest value taken; a row as a whole carries no more than this in large values either. */
    static final long LARGEST_VALUE_BYTES = 64L << 20;

    private static final long PAGE_BYTES = 8192;
    private static final long PART_PAGES = (96L << 20) / PAGE_BYTES;

    /** Before it a range of tuple ids was found by reading the whole table. */
    private static final int TID_RANGE_SCAN_VERSION = 140_000;

    private final Sessions sessions;
    private final long largestValueBytes;
    private final long partPages;
    private volatile @Nullable Catalogue catalogue;

    PostgresConnector(PostgresLocation location, int lanes, long largestValueBytes, long partPages) {
        this(new Sessions(location, lanes), largestValueBytes, partPages);
    }

    private PostgresConnector(Sessions sessions, long largestValueBytes, long partPages) {
        this.sessions = sessions;
        this.largestValueBytes = largestValueBytes;
        this.partPages = partPages;
    }

    /** Connects and sees the state that another connector has open. */
    public static PostgresConnector openAt(PostgresLocation location, int lanes, String state) {
        return new PostgresConnector(new Sessions(location, lanes, null, state), LARGEST_VALUE_BYTES, PART_PAGES);
    }

    @Override
    public Optional<String> sharedState() {
        return Optional.of(sessions.snapshot());
    }

    /** Connects and takes a snapshot from whose end on the source can be followed under the given name. */
    public static PostgresConnector openToFollow(PostgresLocation location, int lanes, String follower) {
        return new PostgresConnector(new Sessions(location, lanes, follower, null), LARGEST_VALUE_BYTES, PART_PAGES);
    }

    @Override
    public Optional<String> followPosition() {
        return Optional.ofNullable(sessions.followPosition());
    }

    /**
     * Connects and takes the snapshot.
     *
     * @param jdbcUrl see {@link PostgresLocation#of}
     * @param lanes how many parts are read at the same time
     * @throws Problem when the location is none, the source does not answer, or it refuses the account
     */
    public static PostgresConnector open(String jdbcUrl, String username, String password, int lanes) {
        return new PostgresConnector(
                PostgresLocation.of(jdbcUrl, username, password), lanes, LARGEST_VALUE_BYTES, PART_PAGES);
    }

    public String product() {
        return "PostgreSQL";
    }

    /** The server's own words, such as {@code 18.6}. */
    public String version() {
        return sessions.version();
    }

    @Override
    public String position() {
        return sessions.position();
    }

    @Override
    public List<SourceObject> discover() {
        return catalogue().objects();
    }

    @Override
    public Optional<Unreadable> unreadable(SourceObject object) {
        if (!object.isCopied()) {
            return Optional.empty();
        }
        Relation relation = catalogue().relation(object);
        Relation.Access access = relation.access;
        String name = object.qualifiedName();
        if (!access.named()) {
            return refusal(CollectProblem.INVALID_TEXT, "the name of " + name);
        }
        if (!access.usage()) {
            return refusal(CollectProblem.NO_SELECT_PRIVILEGE, "permission denied for schema " + relation.schema);
        }
        if (!access.select() && (!access.selectSome() || relation.readable().isEmpty())) {
            return refusal(CollectProblem.NO_SELECT_PRIVILEGE, "permission denied for table " + name);
        }
        if (access.policies()) {
            return refusal(
                    CollectProblem.ROW_LEVEL_SECURITY,
                    "query would be affected by row-level security policy for table " + name);
        }
        return Optional.empty();
    }

    private static Optional<Unreadable> refusal(CollectProblem code, String reason) {
        return Optional.of(new Unreadable(code.id(), reason));
    }

    @Override
    public List<Part> parts(SourceObject object) {
        Relation relation = catalogue().relation(object);
        List<Relation> leaves = relation.leaves();
        // The account may read the whole but not each partition: then the whole is the only way in.
        if (relation.isPartitioned()
                && !leaves.stream().allMatch(leaf -> relation.access.whole() && leaf.access.whole())) {
            return List.of(new Part(new Slice.Whole(relation.oid).spec(), weight(leaves)));
        }
        List<Part> parts = new ArrayList<>();
        for (Relation leaf : leaves) {
            long pages = leaf.heapBytes / PAGE_BYTES;
            boolean divisible = leaf.isHeap
                    && leaf.access.select()
                    && !object.columns().equals(List.of(ROW_COLUMN))
                    && sessions.serverVersion() >= TID_RANGE_SCAN_VERSION;
            long count = divisible && !leaf.isForeign() ? Math.max(1, (pages + partPages - 1) / partPages) : 1;
            if (count == 1) {
                parts.add(new Part(new Slice.Whole(leaf.oid).spec(), weight(List.of(leaf))));
                continue;
            }
            for (long i = 0; i < count; i++) {
                long from = pages * i / count;
                // The last one is open: whatever the table has grown by since belongs to it.
                long to = i == count - 1 ? Slice.OPEN : pages * (i + 1) / count;
                parts.add(new Part(new Slice.Pages(leaf.oid, from, to).spec(), weight(List.of(leaf)) / count));
            }
        }
        return parts;
    }

    private static long weight(List<Relation> relations) {
        return relations.stream()
                .mapToLong(relation -> Math.max(PAGE_BYTES, relation.heapBytes + relation.toastBytes))
                .sum();
    }

    @Override
    public PartReader open(SourceObject object, Part part, Consumer<RejectedRow> rejects) {
        return new CopyReader(sessions, query(object, part), rejects, largestValueBytes);
    }

    private CopyQuery query(SourceObject object, Part part) {
        Relation relation = catalogue().relation(object);
        Slice slice = Slice.of(part.spec());
        Relation leaf = catalogue().relation(slice.oid());
        return CopyQuery.of(object, relation, leaf, slice, sessions.ascii(), largestValueBytes);
    }

    @Override
    public OptionalLong count(SourceObject object, Part part) throws SQLException, InterruptedException {
        Connection connection = sessions.borrow();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query(object, part).count())) {
            row.next();
            long rows = row.getLong(1);
            sessions.giveBack(connection);
            return OptionalLong.of(rows);
        } finally {
            // Nothing happens where it was given back.
            sessions.discard(connection);
        }
    }

    @Override
    public SourceObject asText(SourceObject object, String lakeColumn) {
        List<SourceColumn> columns = new ArrayList<>();
        for (SourceColumn each : object.columns()) {
            Column column = each.column();
            columns.add(
                    column.name().equals(lakeColumn)
                            ? new SourceColumn(
                                    each.name(),
                                    new Column(column.name(), LakeType.TEXT, column.sourceType(), column.comment()),
                                    each.nullable(),
                                    each.details())
                            : each);
        }
        return new SourceObject(
                object.kind(),
                object.schema(),
                object.name(),
                object.lakeName(),
                object.comment(),
                columns,
                object.estimatedRows(),
                object.estimatedBytes(),
                object.details());
    }

    @Override
    public void close() {
        sessions.close();
    }

    private Catalogue catalogue() {
        Catalogue known = catalogue;
        return known != null ? known : read();
    }

    private synchronized Catalogue read() {
        Catalogue known = catalogue;
        if (known == null) {
            try {
                known = new Catalogue(sessions);
            } catch (SQLException e) {
                throw new Problem(CollectProblem.CATALOGUE_UNREADABLE, "reason", Sessions.sentence(e));
            }
            catalogue = known;
        }
        return known;
    }
}

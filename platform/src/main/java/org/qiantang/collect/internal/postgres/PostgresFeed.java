package org.qiantang.collect.internal.postgres;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.ChangeFeed;
import org.qiantang.core.Problem;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.TableChanges;
import org.qiantang.lake.TableChanges.Op;

/**
 * The changes of a PostgreSQL database by logical replication ({@code pgoutput}, protocol version 1), from a slot and a publication of
 * ours. Values come as text, which is the one form in which every type says exactly what {@code COPY} of a collection said.
 *
 * <p>A transaction is handed over when the source has committed it, however large; positions are its log's, in hexadecimal digits.
 */
public final class PostgresFeed implements ChangeFeed {
    /** Between two looks for more; a push by the server would be the same to us, for the driver cannot wait with an end. */
    private static final Duration SHORT = Duration.ofMillis(2);

    /** Messages handed over before the caller gets a chance to do something else. */
    private static final int PIECE = 20_000;

    /** So many are enough where a transaction has just ended. */
    private static final int WHOLE_PIECE = 2_000;

    private final PostgresLocation location;
    private final Replica replica;
    private final Connection connection;
    private final PGReplicationStream stream;
    private final Map<Long, Shape> shapes = new HashMap<>();
    private Replica.Tables known;
    private boolean inTransaction;
    private Instant committedAt = Instant.EPOCH;
    private volatile boolean closed;

    private PostgresFeed(
            PostgresLocation location,
            Replica replica,
            Replica.Tables known,
            Connection connection,
            PGReplicationStream stream) {
        this.location = location;
        this.replica = replica;
        this.known = known;
        this.connection = connection;
        this.stream = stream;
    }

    /**
     * Goes on where the slot stands.
     *
     * @param follower the name of our slot and publication
     * @throws Problem when the source does not allow it, or does not have the slot
     */
    public static PostgresFeed open(PostgresLocation location, String follower) {
        Replica replica = new Replica(location, follower);
        Connection connection = null;
        try {
            Replica.Tables tables = replica.publish();
            replica.requireSlot();
            connection = Replica.replicating(location);
            PGReplicationStream stream = connection
                    .unwrap(PGConnection.class)
                    .getReplicationAPI()
                    .replicationStream()
                    .logical()
                    .withSlotName(follower)
                    .withSlotOption("proto_version", 1)
                    .withSlotOption("publication_names", "\"" + follower + "\"")
                    .withStatusInterval(5, TimeUnit.SECONDS)
                    .start();
            return new PostgresFeed(location, replica, tables, connection, stream);
        } catch (SQLException e) {
            Replica.close(connection);
            throw Replica.problem(e);
        } catch (RuntimeException e) {
            Replica.close(connection);
            throw e;
        }
    }

    /** Leaves nothing of ours at a source that is not to be followed any more. */
    public static void release(PostgresLocation location, String follower) {
        try (Replica replica = new Replica(location, follower)) {
            replica.leave();
        } catch (SQLException e) {
            throw Replica.problem(e);
        }
    }

    @Override
    public List<FollowedTable> tables() {
        return known.followed();
    }

    @Override
    public void read(Sink sink, Duration patience) throws SQLException {
        long deadline = System.nanoTime() + patience.toNanos();
        int taken = 0;
        while (!closed && taken < PIECE && (inTransaction || taken < WHOLE_PIECE)) {
            ByteBuffer message = stream.readPending();
            if (message == null) {
                if (taken > 0 && !inTransaction || System.nanoTime() >= deadline) {
                    return;
                }
                LockSupport.parkNanos(SHORT.toNanos());
                continue;
            }
            taken++;
            take(message, sink);
        }
    }

    @Override
    public void confirm(String position) throws SQLException {
        LogSequenceNumber number = LogSequenceNumber.valueOf(Long.parseUnsignedLong(position, 16));
        stream.setAppliedLSN(number);
        stream.setFlushedLSN(number);
        stream.forceUpdateStatus();
    }

    @Override
    public @Nullable String caughtUpTo() {
        return inTransaction ? null : position(stream.getLastReceiveLSN().asLong());
    }

    @Override
    public Lag lag() throws SQLException {
        return replica.lag();
    }

    @Override
    public void forget() throws SQLException {
        close();
        replica.dropSlot();
        replica.close();
    }

    @Override
    public void look(Sink sink) throws SQLException {
        Replica.Tables now = replica.publish();
        Map<Long, Replica.Table> before = known.byOid();
        now.byOid().forEach((oid, table) -> {
            Replica.Table former = before.get(oid);
            if (former == null) {
                sink.appeared(table.followed());
            }
        });
        for (Replica.Table table : now.byOid().values()) {
            Replica.Table former = before.get(table.oid());
            if (former != null && former.isFollowed() && (!table.isFollowed() || hasOtherRows(former, table))) {
                sink.collectAnew(table.followed().lakeName(), CollectProblem.SHAPE_CHANGED.id(), "");
            }
        }
        before.forEach((oid, table) -> {
            if (!now.byOid().containsKey(oid)) {
                sink.vanished(table.followed().lakeName());
            }
        });
        // What has the same columns as before needs no new look; the others are compared when their next change comes.
        known = known.with(now);
    }

    /** Whether a partition went away, or came with rows that the feed never had. */
    private boolean hasOtherRows(Replica.Table former, Replica.Table now) throws SQLException {
        for (long leaf : now.leaves()) {
            if (!former.leaves().contains(leaf) && replica.cameWithRows(leaf)) {
                return true;
            }
        }
        return !now.leaves().containsAll(former.leaves());
    }

    @Override
    public void close() {
        closed = true;
        Replica.close(connection);
        replica.close();
    }

    @Override
    public String toString() {
        return "PostgresFeed[" + location + "]";
    }

    /** A position of the source's log as text that sorts as the log goes. */
    static String position(long number) {
        return String.format("%016X", number);
    }

    private void take(ByteBuffer message, Sink sink) throws SQLException {
        switch ((char) message.get()) {
            case 'B' -> {
                sink.begin(position(message.getLong()));
                inTransaction = true;
            }
            case 'C' -> {
                message.get();
                message.getLong();
                String end = position(message.getLong());
                committedAt = Instant.ofEpochSecond(946_684_800L).plusNanos(message.getLong() * 1_000);
                inTransaction = false;
                sink.committed(end, committedAt);
            }
            case 'R' -> {
                Shape shape = Shape.read(message);
                shapes.put(shape.oid, shape);
            }
            case 'I' -> change(message, sink, Op.INSERT);
            case 'U' -> change(message, sink, Op.UPDATE);
            case 'D' -> change(message, sink, Op.DELETE);
            case 'T' -> truncate(message, sink);
            default -> {
                // types, origins and messages of others say nothing about rows
            }
        }
    }

    private void truncate(ByteBuffer message, Sink sink) throws SQLException {
        int relations = message.getInt();
        message.get();
        for (int i = 0; i < relations; i++) {
            long oid = Integer.toUnsignedLong(message.getInt());
            Replica.Table table = known.tableOf(oid);
            if (table == null) {
                continue;
            }
            if (table.oid() != oid) {
                sink.collectAnew(table.followed().lakeName(), CollectProblem.TABLE_TRUNCATED.id(), "");
                continue;
            }
            TableChanges changes = sink.changes(table.followed().lakeName());
            if (changes != null) {
                changes.truncate();
            }
        }
    }

    private void change(ByteBuffer message, Sink sink, Op op) throws SQLException {
        long oid = Integer.toUnsignedLong(message.getInt());
        Shape shape = shapes.get(oid);
        Replica.Table table = known.tableOf(oid);
        if (shape == null || table == null) {
            return;
        }
        String lakeName = table.followed().lakeName();
        if (!sink.wants(lakeName)) {
            return;
        }
        // Asked for only now: a table that has been changed in a transaction cannot take another shape in the same one.
        if (!shape.fits(table)) {
            if (!reshape(shape, table, sink)) {
                return;
            }
            table = known.tableOf(oid);
        }
        TableChanges changes = sink.changes(lakeName);
        if (changes == null || table == null) {
            return;
        }
        try {
            apply(message, op, shape.mapping(changes, table), changes, sink);
        } catch (LakeException e) {
            if (e.kind() != LakeException.Kind.VALUE_DOES_NOT_FIT && e.kind() != LakeException.Kind.PROOF_FAILED) {
                throw e;
            }
            sink.collectAnew(lakeName, CollectProblem.FOLLOWING_DIVERGED.id(), String.valueOf(e.getMessage()));
        }
    }

    /** The table has other columns than when we last looked. False when it is to be collected anew. */
    private boolean reshape(Shape shape, Replica.Table former, Sink sink) throws SQLException {
        Replica.Tables fresh = replica.publish();
        Replica.Table now = fresh.byOid().get(former.oid());
        String lakeName = former.followed().lakeName();
        Optional<Map<String, String>> renamed =
                now != null && shape.fits(now) ? former.renamedIn(now) : Optional.empty();
        if (now == null || renamed.isEmpty()) {
            sink.collectAnew(lakeName, CollectProblem.SHAPE_CHANGED.id(), "");
            return false;
        }
        known = known.with(now);
        try {
            sink.reshaped(now.followed(), renamed.get());
        } catch (SQLException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        return true;
    }

    private static void apply(ByteBuffer message, Op op, Mapping mapping, TableChanges changes, Sink sink) {
        byte[] @Nullable [] old = null;
        if (op != Op.INSERT) {
            char kind = (char) message.get();
            if (kind == 'K' || kind == 'O') {
                old = Mapping.tuple(message);
                if (op == Op.UPDATE) {
                    message.get();
                }
            }
        } else {
            message.get();
        }
        if (op == Op.DELETE) {
            byte[] @Nullable [] gone = java.util.Objects.requireNonNull(old, "a deletion says which row");
            mapping.delete(changes, gone);
            return;
        }
        byte[] @Nullable [] values = Mapping.tuple(message);
        if (old != null && mapping.hasOld(old)) {
            mapping.fillFrom(old, values);
        }
        if (op == Op.INSERT) {
            mapping.set(changes, changes.row(Op.INSERT, null), values, Map.of());
            return;
        }
        BitSet kept = mapping.kept(values);
        if (old != null && mapping.keyDiffers(old, values)) {
            mapping.delete(changes, old);
            Map<Integer, Object> former = kept.isEmpty() ? Map.of() : sink.former(changes, kept);
            int row = changes.row(Op.INSERT, null);
            mapping.set(changes, row, values, former);
            return;
        }
        if (mapping.isKeyless()) {
            throw new LakeException(LakeException.Kind.PROOF_FAILED, "An update did not say which row it was");
        }
        mapping.set(changes, changes.row(Op.UPDATE, kept), values, Map.of());
    }

    /** The columns of a relation as the feed gives them. */
    private static final class Shape {
        private record Attribute(String name, long type, int modifier) {}

        final long oid;
        private final List<Attribute> attributes;
        private @Nullable TableChanges mappedTo;
        private @Nullable Mapping mapping;
        private Replica.@Nullable Table fitting;

        private Shape(long oid, List<Attribute> attributes) {
            this.oid = oid;
            this.attributes = attributes;
        }

        static Shape read(ByteBuffer message) {
            long oid = Integer.toUnsignedLong(message.getInt());
            text(message);
            text(message);
            message.get();
            int n = message.getShort();
            List<Attribute> attributes = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                message.get();
                attributes.add(
                        new Attribute(text(message), Integer.toUnsignedLong(message.getInt()), message.getInt()));
            }
            return new Shape(oid, attributes);
        }

        private static String text(ByteBuffer message) {
            int start = message.position();
            while (message.get() != 0) {
                // up to the end of the text
            }
            byte[] bytes = new byte[message.position() - 1 - start];
            message.get(start, bytes);
            return new String(bytes, UTF_8);
        }

        /** Whether these are the table's columns, in whatever order, as a partition may have them. */
        boolean fits(Replica.Table table) {
            if (fitting == table) {
                return true;
            }
            Map<String, Relation.Identity> wanted = table.columns();
            boolean fits = attributes.size() == wanted.size()
                    && attributes.stream().allMatch(attribute -> {
                        Relation.Identity identity = wanted.get(attribute.name);
                        return identity != null
                                && identity.declaredType() == attribute.type
                                && identity.modifier() == attribute.modifier;
                    });
            fitting = fits ? table : null;
            return fits;
        }

        Mapping mapping(TableChanges changes, Replica.Table table) {
            Mapping known = mapping;
            if (known == null || mappedTo != changes) {
                known = new Mapping(attributes.stream().map(Attribute::name).toList(), changes.columns(), table);
                mapping = known;
                mappedTo = changes;
            }
            return known;
        }
    }

    /** From the feed's columns to the lake's. */
    private static final class Mapping {
        /** Stands for a large value that did not change and was not sent. */
        private static final byte[] UNCHANGED = {};

        private final List<Column> columns;
        private final int[] from;
        private final boolean[] isKey;
        private final boolean isKeyless;

        Mapping(List<String> names, List<Column> columns, Replica.Table table) {
            this.columns = columns;
            from = new int[columns.size()];
            isKey = new boolean[columns.size()];
            isKeyless = table.followed().key().isEmpty();
            for (int i = 0; i < from.length; i++) {
                String lakeName = columns.get(i).name();
                from[i] = names.indexOf(table.sourceName(lakeName));
                isKey[i] = isKeyless || table.followed().key().contains(lakeName);
            }
        }

        static byte[] @Nullable [] tuple(ByteBuffer message) {
            int n = message.getShort();
            byte[] @Nullable [] values = new byte[n][];
            for (int i = 0; i < n; i++) {
                switch ((char) message.get()) {
                    case 'n' -> values[i] = null;
                    case 'u' -> values[i] = UNCHANGED;
                    default -> {
                        int length = message.getInt();
                        byte[] value = new byte[length];
                        message.get(value);
                        values[i] = value;
                    }
                }
            }
            return values;
        }

        boolean isKeyless() {
            return isKeyless;
        }

        /** Whether the old row is whole, which it is when the table says FULL. */
        boolean hasOld(byte[] @Nullable [] old) {
            return old.length > 0;
        }

        /** Takes from the old row what the new one does not say because it stayed. */
        void fillFrom(byte[] @Nullable [] old, byte[] @Nullable [] values) {
            for (int i = 0; i < values.length; i++) {
                if (values[i] == UNCHANGED && old[i] != null) {
                    values[i] = old[i];
                }
            }
        }

        BitSet kept(byte[] @Nullable [] values) {
            BitSet kept = new BitSet();
            for (int i = 0; i < from.length; i++) {
                if (values[from[i]] == UNCHANGED) {
                    kept.set(i);
                }
            }
            return kept;
        }

        boolean keyDiffers(byte[] @Nullable [] old, byte[] @Nullable [] values) {
            for (int i = 0; i < from.length; i++) {
                if (isKey[i] && !Arrays.equals(old[from[i]], values[from[i]])) {
                    return true;
                }
            }
            // Without a key the row is what it is: the old one goes, the new one comes.
            return isKeyless;
        }

        void delete(TableChanges changes, byte[] @Nullable [] old) {
            int row = changes.row(Op.DELETE, null);
            for (int i = 0; i < from.length; i++) {
                byte[] value = isKey[i] ? old[from[i]] : null;
                if (value == null || value == UNCHANGED) {
                    changes.batch().setNull(i, row);
                } else {
                    ReplicaValues.set(changes.batch(), i, row, columns.get(i), value);
                }
            }
        }

        /** @param former values of columns that the feed did not send */
        void set(TableChanges changes, int row, byte[] @Nullable [] values, Map<Integer, Object> former) {
            for (int i = 0; i < from.length; i++) {
                byte[] value = values[from[i]];
                if (value != null && value != UNCHANGED) {
                    ReplicaValues.set(changes.batch(), i, row, columns.get(i), value);
                    continue;
                }
                switch (former.get(i)) {
                    case null -> changes.batch().setNull(i, row);
                    case String text -> changes.batch().setText(i, row, text);
                    case byte[] bytes -> changes.batch().setBinary(i, row, bytes);
                    default -> throw new IllegalStateException("Only texts and binaries are kept");
                }
            }
        }
    }
}

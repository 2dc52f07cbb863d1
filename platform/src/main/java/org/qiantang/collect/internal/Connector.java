package org.qiantang.collect.internal;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.SourceObject;
import org.qiantang.collect.SourcePreview;
import org.qiantang.lake.ChunkReader;

/**
 * What a kind of source must answer so that its content can be collected in full. One connector is opened per run, in the lake
 * worker; it sees one consistent state of the source for as long as it is open. Once it has discovered, several threads ask it.
 */
public interface Connector extends AutoCloseable {
    /** What answers, as people call it: {@code PostgreSQL}, {@code folder}. */
    String product();

    /** Its version, or an empty string. */
    String version();

    /** Where the source stood when this connector was opened: an LSN and snapshot name, or a time and a fingerprint. */
    String position();

    /** The position from which a {@link ChangeFeed} goes on where this state ends; empty when nobody is to follow. */
    default Optional<String> followPosition() {
        return Optional.empty();
    }

    /** The name by which others can open the same state of the source while this is open; empty when they cannot. */
    default Optional<String> sharedState() {
        return Optional.empty();
    }

    /** Everything there is, copied or not, unreadable or not. The order is the order of collection. */
    List<SourceObject> discover();

    /** Why the object cannot be read at all, checked without reading it. */
    Optional<Unreadable> unreadable(SourceObject object);

    /**
     * The parts of an object, each of which becomes one file of the lake; together they are the whole object and no row is in two of
     * them. An object without rows has one part or none.
     */
    List<Part> parts(SourceObject object);

    /**
     * Opens one part. Parts may be read at the same time by several threads. The reader follows the columns of {@code object}, which
     * may have been widened to text by {@link #asText} since discovery.
     *
     * @param rejects takes what could not be read, as it is met
     */
    PartReader open(SourceObject object, Part part, Consumer<RejectedRow> rejects) throws Exception;

    /**
     * Rows of a part by the source's own count, which costs it less than handing them over; empty when only reading tells. Rows that
     * would be rejected are among them.
     */
    default OptionalLong count(SourceObject object, Part part) throws Exception {
        return OptionalLong.empty();
    }

    /** Whether its readers may throw {@link Learned}. */
    default boolean learns() {
        return false;
    }

    /** The same object with one column kept as its exact text, because a value did not fit the native type. */
    SourceObject asText(SourceObject object, String lakeColumn);

    /** The first rows of what can be shown before anything is collected; for connection tests. */
    default List<SourcePreview> previews() {
        return List.of();
    }

    @Override
    void close();

    /** A part of an object; {@code spec} is the connector's own (a page range, a sheet), {@code weight} its share of the work. */
    record Part(String spec, long weight) {}

    /** Why something cannot be read: a stable code such as {@code collect.no_select_privilege} and the source's own words. */
    record Unreadable(String code, String reason) {}

    /** A row or value that could not be taken. {@code where} is a line, a page and tuple, or a cell; {@code raw} the text as it stands. */
    record RejectedRow(
            String where,
            String column,
            String code,
            String reason,
            String raw,
            @Nullable Message message) {
        public RejectedRow(String where, String column, String code, String reason, String raw) {
            this(where, column, code, reason, raw, null);
        }
    }

    /**
     * What has to be known besides to read a rejected message again, for nobody can ask for it a second time.
     *
     * @param id what it is known by
     * @param sender whose token was shown; empty when the message itself says
     * @param form as which it was read
     * @param exact the bytes in Base64 where the text does not say them all; empty when they are not kept
     */
    record Message(
            String id,
            String sender,
            String origin,
            long receivedAtMicros,
            @Nullable String form,
            @Nullable String exact) {}

    /**
     * Thrown by a reader that had to meet every row before it knew the columns: the table starts again as {@link #object}. Details whose
     * names begin with {@code qiantang.} are kept with the table's snapshot.
     */
    final class Learned extends Exception {
        private final transient SourceObject object;

        public Learned(SourceObject object) {
            super("The columns of " + object.qualifiedName() + " are known now");
            this.object = object;
        }

        public SourceObject object() {
            return object;
        }
    }

    /** Reads one part. */
    interface PartReader extends ChunkReader, AutoCloseable {
        /** Bytes taken from the source so far; read by another thread for progress. */
        long bytesRead();

        /**
         * Rows the source itself says were in the part, once {@link #read} has returned 0: those handed over and those rejected. Empty
         * when the source does not count.
         */
        OptionalLong rowsAtSource();

        /** Why what was read well is not all there is, once {@link #read} has returned 0. The table is then incomplete. */
        default Optional<Unreadable> shortfall() {
            return Optional.empty();
        }

        @Override
        void close();
    }
}

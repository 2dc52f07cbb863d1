package org.qiantang.collect.internal;

import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.lake.Column;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.TableChanges;

/**
 * What changes in a source, transaction by transaction, from a position on that the source remembers for us.
 *
 * <p>A position is a text; of two positions of one source the later is the greater as text. Not thread-safe but for {@link #close}.
 */
public interface ChangeFeed extends AutoCloseable {
    /** The tables that can be followed, as they are now, and those that cannot, with the reason. */
    List<FollowedTable> tables();

    /**
     * Begins to read. Called once, before the first {@link #read}.
     *
     * @param earliest every table of ours has what came before; empty when there is no table yet. A source that remembers by itself
     *     where we were need not look at it.
     */
    default void start(String earliest) throws Exception {}

    /**
     * Hands over whole transactions that have come, one or some; returns soon when nothing has, and after a while when more comes
     * than can be handed over at once. In the middle of a transaction it may return too: what has no {@link Sink#committed} yet must
     * wait.
     *
     * @param patience how long to wait for the first change
     */
    void read(Sink sink, Duration patience) throws Exception;

    /** Everything before this position is safe in the lake; the source may forget it. */
    void confirm(String position) throws Exception;

    /** The newest position up to which nothing is left to hand over; null when a transaction is under way. */
    @Nullable
    String caughtUpTo();

    /**
     * How far we are behind, and what the source keeps on its disk for us.
     *
     * @param bytesBehind bytes of the source's log that were not read yet
     * @param bytesKept bytes of log that the source cannot remove because of us
     */
    record Lag(long bytesBehind, long bytesKept) {}

    /** Asks the source; a question on a connection of its own. */
    Lag lag() throws Exception;

    /**
     * Looks at the source's catalogue again: tables that came or went since the last look, or whose shape changed without a sign in the
     * feed, are told to the sink.
     */
    void look(Sink sink) throws Exception;

    /** Ends the feed; may be called by another thread. */
    @Override
    void close();

    /** Lets the source forget us, so that it keeps nothing for us any longer; what comes next is a new collection. */
    void forget() throws Exception;

    /**
     * A table as it is followed.
     *
     * @param columns lake columns, in order
     * @param key lake columns that tell rows apart; empty when the whole row does
     * @param why why it cannot be followed, or null
     */
    record FollowedTable(
            String object,
            String lakeName,
            List<Column> columns,
            List<String> key,
            Connector.@Nullable Unreadable why) {
        public FollowedTable {
            columns = List.copyOf(columns);
            key = List.copyOf(key);
        }

        /** Names and types of the columns, in order. */
        Map<String, LakeType> types() {
            Map<String, LakeType> types = new LinkedHashMap<>();
            columns.forEach(column -> types.put(column.name(), column.type()));
            return types;
        }

        /** The same with some columns as text. */
        FollowedTable withText(Set<String> names) {
            return new FollowedTable(
                    object,
                    lakeName,
                    columns.stream()
                            .map(column -> names.contains(column.name())
                                    ? new Column(column.name(), LakeType.TEXT, column.sourceType(), column.comment())
                                    : column)
                            .toList(),
                    key,
                    why);
        }
    }

    /** Takes what has changed. */
    interface Sink {
        /** A transaction begins that commits at this position. */
        void begin(String position);

        /** Whether the lake does not have what the present transaction changes in a table. */
        boolean wants(String lakeName);

        /**
         * Where the changes of a table in the present transaction go; null when they are not wanted, because the lake has them or the
         * table is to be collected anew.
         */
        @Nullable
        TableChanges changes(String lakeName);

        /** What {@link TableChanges#former} says, when everything that came before is in the lake. */
        Map<Integer, Object> former(TableChanges changes, BitSet wanted);

        /** The transaction has ended; the next one has a position that is not smaller than this. */
        void committed(String position, Instant at);

        /** The table changed its shape in a way that the lake can follow: from here on it is as told. */
        void reshaped(FollowedTable table, Map<String, String> renamed) throws Exception;

        /** The table cannot go on by changes alone and has to be collected anew. */
        void collectAnew(String lakeName, String code, String reason);

        /** A table that nobody knew. It is collected at the next occasion. */
        void appeared(FollowedTable table);

        /** The table is not there any more; the lake keeps what it was. */
        void vanished(String lakeName);
    }
}

package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Accesses.Access;
import org.qiantang.catalog.Accesses.Errand;
import org.qiantang.core.Problem;
import org.qiantang.lake.Feeds;
import org.qiantang.lake.Mask;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.Sql;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;
import org.qiantang.org.Account;
import org.qiantang.org.EvidenceRecords;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;

/**
 * The same door as {@link LakeReader} for what changes in a table: always under a right that names it, always as that shows it, and written
 * down before the first change is handed over.
 */
@Service
public final class FeedReader {
    private static final int NO_ROWS = 0;

    private final Feeds feeds;
    private final Resources resources;
    private final ContestedRecords contested;
    private final ObjectProvider<Entitlements> entitlements;
    private final Accesses accesses;
    private final Footprints footprints;

    FeedReader(
            Feeds feeds,
            Resources resources,
            ContestedRecords contested,
            ObjectProvider<Entitlements> entitlements,
            Accesses accesses,
            Footprints footprints) {
        this.feeds = feeds;
        this.resources = resources;
        this.contested = contested;
        this.entitlements = entitlements;
        this.accesses = accesses;
        this.footprints = footprints;
    }

    /**
     * From one state of a table to another under a right.
     *
     * @param terms as {@link State} said of both; once the right says something else the step cannot be read any more
     * @param from null for nothing at all
     */
    public record Step(
            UUID grant,
            TableName table,
            String terms,
            List<String> key,
            @Nullable Long from,
            long to,
            int schema) {
        public Step {
            requireNonNull(grant, "grant is null");
            requireNonNull(table, "table is null");
            requireNonNull(terms, "terms is null");
            key = List.copyOf(key);
        }
    }

    /**
     * A table as it is now.
     *
     * @param shape two states of one shape can be compared
     * @param key the columns that tell its rows apart; none where the reader does not see all of them
     */
    public record State(long snapshot, int schema, String shape, String terms, List<String> key) {
        public State {
            key = List.copyOf(key);
        }
    }

    /** Takes changes. */
    public interface Sink {
        void columns(List<RowSink.ResultColumn> columns);

        void change(Change change);
    }

    /** @param contested whether somebody says that the record is wrong about them, as far as what is shown tells */
    public record Change(Feeds.Operation operation, List<@Nullable String> values, boolean contested) {}

    /**
     * What was handed over.
     *
     * @param number of the right, as people call it
     * @param evidence where it is written down
     */
    public record Handed(long rows, String number, EvidenceRecords.Recorded evidence) {}

    /** Refuses where the right is not in force. */
    public State state(Account who, UUID grant, TableName table) {
        Right right = right(who, grant, table);
        Feeds.Head head = LakeReader.translated(() -> feeds.head(table, right.policy));
        List<String> key = resources
                .find(table)
                .map(found -> resources.getWhole(found.id()).columns().stream()
                        .filter(Resource.Field::key)
                        .map(Resource.Field::name)
                        .toList())
                .orElse(List.of());
        boolean told = key.stream()
                .map(right.policy::mask)
                .allMatch(mask -> mask instanceof Mask.Clear || mask instanceof Mask.Pseudonym);
        return new State(
                head.snapshot(), head.schema(), head.shape(), right.policy.fingerprint(), told ? key : List.of());
    }

    /** How many changes a step has. Nothing is handed out. */
    public long count(Account who, Step step) {
        Right right = right(who, step);
        return LakeReader.translated(() -> feeds.read(asked(step, right, 0, NO_ROWS), new Nobody()))
                .total();
    }

    /** Hands over a part of a step, as much of it as the day's quota still holds. */
    public Handed read(Account who, Step step, long offset, int limit, Sink sink) {
        Right right = right(who, step);
        int most = (int) Math.min(limit, right.entitlement.rowsLeft());
        Errand errand = new Errand(
                who.username(),
                LakeReader.department(who),
                "subscription",
                null,
                right.entitlement,
                right.unmasked,
                null);
        String words = "changes of " + step.table() + " from " + (step.from() == null ? "nothing" : step.from())
                + " to " + step.to() + ", " + most + " after " + offset;
        Set<TableName> table = Set.of(step.table());
        Trail trail = footprints.of(
                new Query("SELECT * FROM " + Sql.table(step.table()), null, most, Map.of(step.table(), right.policy)),
                table);
        Access access = accesses.begin(errand, new Query(words, null, most, Map.of()), table, trail);
        Handing handing = new Handing(step.table(), right.policy, trail, sink);
        try {
            LakeReader.translated(() -> feeds.read(asked(step, right, offset, most), handing));
        } catch (RuntimeException | Error e) {
            if (handing.rows > 0) {
                keeper().delivered(step.grant(), handing.rows);
            }
            try {
                accesses.end(access, handing.rows, null, trail);
            } catch (RuntimeException unnoted) {
                e.addSuppressed(unnoted);
            }
            throw e;
        }
        keeper().delivered(step.grant(), handing.rows);
        EvidenceRecords.Recorded given =
                accesses.end(access, handing.rows, new Queries.Answer(handing.rows, false, List.of()), trail);
        return new Handed(handing.rows, right.entitlement.number(), given);
    }

    /** Lets a state of a table be there for as long as it is needed. */
    public void keep(TableName table, long snapshot) {
        LakeReader.translated(() -> {
            feeds.keep(table, snapshot);
            return table;
        });
    }

    public Set<Long> kept(TableName table) {
        return LakeReader.translated(() -> feeds.kept(table));
    }

    public void release(TableName table, Set<Long> snapshots) {
        LakeReader.translated(() -> {
            feeds.release(table, snapshots);
            return table;
        });
    }

    private static Feeds.Step asked(Step step, Right right, long offset, int limit) {
        return new Feeds.Step(
                UUID.randomUUID().toString(),
                step.table(),
                right.policy,
                step.key(),
                step.from(),
                step.to(),
                step.schema(),
                offset,
                limit);
    }

    private record Right(Entitlement entitlement, TablePolicy policy, boolean unmasked) {}

    private Right right(Account who, Step step) {
        Right right = right(who, step.grant(), step.table());
        if (!right.policy.fingerprint().equals(step.terms())) {
            throw new Problem(CatalogProblem.OTHER_TERMS);
        }
        return right;
    }

    private Right right(Account who, UUID grant, TableName table) {
        Entitlement entitlement =
                keeper().look(grant, who).orElseThrow(() -> new Problem(CatalogProblem.NO_SUCH_GRANT));
        TablePolicy policy = entitlement.tables().get(table);
        if (policy == null) {
            throw new Problem(CatalogProblem.NOT_GRANTED, "table", table.toString());
        }
        boolean unmasked =
                LakeReader.showsSensitive(policy, resources.known(table).orElse(Map.of()));
        return new Right(entitlement, policy, unmasked);
    }

    private Entitlements keeper() {
        return entitlements.getIfAvailable(() -> Entitlements.NONE);
    }

    /** To whom rows go that somebody else looks at. */
    private static final class Nobody implements RowSink {
        @Override
        public void columns(List<ResultColumn> columns) {
            // nobody sees any
        }

        @Override
        public void row(List<@Nullable String> values) {
            // nor any row
        }
    }

    private final class Handing implements RowSink {
        private final TableName table;
        private final TablePolicy policy;
        private final Sink sink;
        private final Marking marking;
        private final RowSink watched;
        private long rows;

        Handing(TableName table, TablePolicy policy, Trail trail, Sink sink) {
            this.table = table;
            this.policy = policy;
            this.sink = sink;
            this.watched = trail.watching(new Nobody());
            this.marking = new Marking(contested.of(Set.of(table)));
        }

        @Override
        public void columns(List<ResultColumn> columns) {
            List<ResultColumn> shown = columns.subList(1, columns.size());
            List<Marking.@Nullable From> from = new ArrayList<>();
            shown.forEach(column -> from.add(
                    policy.mask(column.name()) instanceof Mask.Clear ? new Marking.From(table, column.name()) : null));
            marking.header(from);
            watched.columns(shown);
            sink.columns(shown);
        }

        @Override
        public void row(List<@Nullable String> values) {
            List<@Nullable String> shown = values.subList(1, values.size());
            rows++;
            watched.row(shown);
            sink.change(new Change(
                    Feeds.Operation.valueOf(requireNonNull(values.getFirst(), "a change says what it is")),
                    shown,
                    marking.isContested(shown)));
        }
    }
}

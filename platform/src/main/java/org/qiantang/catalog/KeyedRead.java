package org.qiantang.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Sm3;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.org.EvidenceRecords;

/**
 * A question by key, asked again and again under one right, and all that its answers have in common: made by {@link KeyedReads}, and as
 * good as what it was made of. Whoever answers by it makes sure that this still stands. Immutable.
 */
public final class KeyedRead {
    private final LakeReader.Asked asked;
    private final Accesses.Errand errand;
    private final Footprints.Plan plan;
    private final String shown;
    private final Sm3.Begun statement;
    private final ServedEntry entry;
    private final List<LakeReader.SqlColumn> columns;
    private final AnswerLevel level;
    private final List<RowSink.ResultColumn> header;
    private final LakeReader.TableRead table;
    private final TableName name;
    private final Marking marking;
    private final List<Contested.InTable> contested;
    private final Entitlement entitlement;
    private final KeyedRows rows;

    KeyedRead(
            LakeReader.Asked asked,
            Accesses.Errand errand,
            Footprints.Plan plan,
            String shown,
            List<LakeReader.SqlColumn> columns,
            AnswerLevel level,
            LakeReader.TableRead table,
            TableName name,
            Marking marking,
            Entitlement entitlement,
            String service,
            KeyedRows rows) {
        this.asked = asked;
        this.errand = errand;
        this.plan = plan;
        this.shown = shown;
        this.statement = LakeReader.begin(asked.sql());
        this.entry = new ServedEntry(errand, Accesses.hash(asked.sql()), name.toString(), table.snapshotId(), service);
        this.columns = List.copyOf(columns);
        this.level = level;
        this.header = columns.stream()
                .map(column -> new RowSink.ResultColumn(column.name(), column.type()))
                .toList();
        this.table = table;
        this.name = name;
        this.marking = marking;
        this.contested = marking.tables();
        this.entitlement = entitlement;
        this.rows = rows;
    }

    /** The right's id. */
    public UUID right() {
        return entitlement.id();
    }

    /**
     * What is answered to one call.
     *
     * @param state as {@link LakeReader#askUnless} says it
     * @param unchanged whether the caller has it, and is given no rows
     */
    public record Found(
            KeyedRead read,
            List<String> bound,
            @Nullable String caseNumber,
            LakeReader.Call call,
            String state,
            boolean unchanged,
            List<List<@Nullable String>> rows,
            boolean truncated) {
        public Found {
            bound = List.copyOf(bound);
        }
    }

    /**
     * Finds the rows of a key. Nothing of them may be handed out before {@link KeyedReads#record} has them in writing.
     *
     * @param bound as bound values are written, in the order of the keys
     * @param known states whose answers the caller has
     */
    public Found find(
            List<String> bound, int limit, @Nullable String caseNumber, LakeReader.Call call, Set<String> known) {
        String state = LakeReader.state(statement, List.copyOf(bound), null, limit, shown);
        if (known.contains(state)) {
            return new Found(this, bound, caseNumber, call, state, true, List.of(), false);
        }
        List<List<@Nullable String>> found = rows.find(bound, limit);
        boolean truncated = found.size() > limit;
        return new Found(
                this,
                bound,
                caseNumber,
                call,
                state,
                false,
                truncated ? new ArrayList<>(found.subList(0, limit)) : found,
                truncated);
    }

    Accesses.Served served(Found found) {
        Trail trail = plan.trail(List.copyOf(found.bound));
        if (found.unchanged) {
            trail.unseen();
        } else {
            RowSink watching = trail.watching(Nobody.SINK);
            watching.columns(header);
            found.rows.forEach(watching::row);
        }
        return new Accesses.Served(
                new Accesses.Errand(
                        errand.who(),
                        errand.department(),
                        errand.purpose(),
                        found.caseNumber,
                        entitlement,
                        errand.unmasked(),
                        found.call),
                found.call,
                asked.sql(),
                entry,
                name,
                found.bound,
                trail,
                found.rows.size(),
                found.unchanged ? "unchanged" : found.truncated ? "cut" : "whole");
    }

    /** The answer as any other read gives it. */
    public LakeReader.SqlAnswer answer(Found found, EvidenceRecords.Recorded evidence) {
        return new LakeReader.SqlAnswer(
                columns,
                level.whole(),
                level.combined(),
                found.rows,
                marking.rows(found.rows),
                contested,
                found.truncated,
                found.rows.size(),
                0,
                table.asOf(),
                List.of(table),
                entitlement.number(),
                evidence);
    }

    private enum Nobody implements RowSink {
        SINK;

        @Override
        public void columns(List<ResultColumn> columns) {
            // looked at on their way alone
        }

        @Override
        public void row(List<@Nullable String> values) {
            // looked at on its way alone
        }
    }
}

package org.qiantang.share;

import static java.util.Objects.requireNonNull;

import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Entries;
import org.qiantang.catalog.Entry;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/** The carts (申请车) in which people gather what they want to apply for, and what of the directory can be applied for. */
@Service
public final class Carts {
    private final JdbcClient jdbc;
    private final Entries entries;
    private final Resources resources;
    private final Clock clock;

    Carts(JdbcClient jdbc, Entries entries, Resources resources, Clock clock) {
        this.jdbc = jdbc;
        this.entries = entries;
        this.resources = resources;
        this.clock = clock;
    }

    /** What somebody has gathered, the oldest first; what cannot be applied for any more is not in it. */
    public List<Offered> list(Account who) {
        List<Offered> offers = new ArrayList<>();
        for (UUID entry : ids(who)) {
            Entry found = entries.get(entry);
            if (isAvailable(found)) {
                offers.add(offered(found));
            }
        }
        return offers;
    }

    List<UUID> ids(Account who) {
        return jdbc.sql("select entry_id from share_carts where username = ? order by added_at, entry_id")
                .param(who.username())
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
    }

    /** Puts an entry in; twice is once. */
    public List<Offered> add(Account who, UUID entry) {
        Department own = department(who);
        Offered offer = offer(entry);
        if (offer.provider().id().equals(own.id())) {
            throw new Problem(ShareProblem.OWN_DATA, "title", offer.title());
        }
        jdbc.sql("insert into share_carts (username, entry_id, added_at) values (?, ?, ?) on conflict do nothing")
                .params(who.username(), entry, Timestamp.from(clock.instant()))
                .update();
        return list(who);
    }

    /** Puts what the directory says of a resource in. */
    public List<Offered> addResource(Account who, UUID resource) {
        UUID entry = entries.findByResource(resource)
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", resource.toString()));
        return add(who, entry);
    }

    public List<Offered> remove(Account who, UUID entry) {
        jdbc.sql("delete from share_carts where username = ? and entry_id = ?")
                .params(who.username(), entry)
                .update();
        return list(who);
    }

    /** Inside the caller's transaction. */
    void empty(Account who) {
        jdbc.sql("delete from share_carts where username = ?")
                .param(who.username())
                .update();
    }

    static Department department(Account who) {
        Department own = who.department();
        if (own == null) {
            throw new Problem(ShareProblem.NO_DEPARTMENT);
        }
        return own;
    }

    /** What a published entry offers; refuses where there is nothing to read. */
    Offered offer(UUID id) {
        Entry entry = entries.get(id);
        if (!isAvailable(entry)) {
            throw new Problem(
                    ShareProblem.NOT_AVAILABLE, "title", entry.statement().title());
        }
        return offered(entry);
    }

    /** What another installation can apply for, by id: those after one, at most so many. */
    public List<Offered> offers(@Nullable UUID after, int most) {
        return entries.listPublished(after, most).stream().map(this::offered).toList();
    }

    private boolean isAvailable(Entry entry) {
        boolean stands = entry.state() == Entry.State.PUBLISHED || entry.state() == Entry.State.CHANGED;
        UUID resource = entry.resource();
        return stands && resource != null && resources.get(resource).snapshotId() != null;
    }

    private Offered offered(Entry entry) {
        // What counts is what was published, not what is being written.
        Entry.Statement said = entries.listVersions(entry.id()).getFirst().statement();
        Resource.Whole whole = resources.getWhole(requireNonNull(entry.resource()));
        Map<String, String> titles = new HashMap<>();
        said.items().forEach(item -> {
            String column = item.column();
            if (column != null) {
                titles.put(column, item.name());
            }
        });
        return new Offered(
                entry.id(),
                whole.resource().id(),
                said.title(),
                whole.resource().lakeTable(),
                entry.provider(),
                requireNonNull(said.shareClass()),
                said.shareCondition(),
                requireNonNull(said.openClass()),
                whole.columns().stream()
                        .map(column -> new Offered.Field(
                                column.name(),
                                titles.getOrDefault(column.name(), column.name()),
                                column.type(),
                                column.level()))
                        .toList());
    }
}

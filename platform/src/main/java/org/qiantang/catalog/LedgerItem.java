package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/**
 * Something the city has built or bought besides data, in the one ledger (一本账) of what there is: so that nobody pays for it twice.
 *
 * @param capacity of a cloud resource; null for the other kinds
 */
public record LedgerItem(
        UUID id,
        Kind kind,
        String name,
        Department owner,
        String purpose,
        State state,
        @Nullable LocalDate since,
        @Nullable LocalDate until,
        @Nullable Capacity capacity,
        @Nullable Capacity taken,
        List<Use> uses,
        int revision,
        Instant changedAt,
        String changedBy) {
    public LedgerItem {
        requireNonNull(id, "id is null");
        requireNonNull(kind, "kind is null");
        requireNonNull(owner, "owner is null");
        uses = List.copyOf(uses);
    }

    /** The four kinds of the ledger. */
    public enum Kind {
        /** 数据: the directory's entries. */
        DATA,
        /** 应用. */
        APPLICATION,
        /** 组件: interfaces, models, rule sets that others build on. */
        COMPONENT,
        /** 云资源. */
        CLOUD,
    }

    /** Where it is in its life. */
    public enum State {
        PLANNED,
        BUILDING,
        RUNNING,
        STOPPED,
    }

    /** Computing that a cloud resource has, or that somebody needs. */
    public record Capacity(int cores, int memoryGb, int storageGb) {
        public Capacity {
            if (cores < 0 || memoryGb < 0 || storageGb < 0) {
                throw new IllegalArgumentException("Capacity is not negative");
            }
        }

        /** What is left when this much is taken. */
        Capacity without(@Nullable Capacity taken) {
            return taken == null
                    ? this
                    : new Capacity(
                            Math.max(0, cores - taken.cores),
                            Math.max(0, memoryGb - taken.memoryGb),
                            Math.max(0, storageGb - taken.storageGb));
        }

        boolean holds(Capacity needed) {
            return cores >= needed.cores && memoryGb >= needed.memoryGb && storageGb >= needed.storageGb;
        }

        boolean isNothing() {
            return cores == 0 && memoryGb == 0 && storageGb == 0;
        }
    }

    /** Something of the ledger that it uses. */
    public record Use(Kind kind, UUID id, String name) {}

    /** What somebody writes of it. */
    public record Written(
            Kind kind,
            String name,
            String purpose,
            State state,
            @Nullable LocalDate since,
            @Nullable LocalDate until,
            @Nullable Capacity capacity,
            @Nullable Capacity taken,
            List<UUID> uses) {
        public Written {
            requireNonNull(state, "state is null");
            name = Entry.Statement.text(name, 200, "name");
            purpose = Entry.Statement.text(purpose, 4_000, "purpose");
            uses = uses.stream().distinct().toList();
            if (kind == Kind.DATA) {
                throw new IllegalArgumentException("Data is stated in the directory");
            }
            if (name.isEmpty() || purpose.isEmpty() || uses.size() > 1_000) {
                throw new IllegalArgumentException("It has a name, a purpose and at most 1,000 uses");
            }
            if (since != null && until != null && until.isBefore(since)) {
                throw new IllegalArgumentException("It ends before it begins");
            }
        }
    }

    /** Those that were found first, and how many there are. */
    public record Page(long total, List<LedgerItem> items) {
        public Page {
            items = List.copyOf(items);
        }
    }
}

package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/** A project (立项) that a department wants to begin, with what the ledger said of it when it was registered. */
public record Project(
        UUID id,
        Department department,
        Wanted wanted,
        List<Overlap> overlaps,
        Instant registeredAt,
        String registeredBy) {
    public Project {
        requireNonNull(id, "id is null");
        requireNonNull(wanted, "wanted is null");
        overlaps = List.copyOf(overlaps);
    }

    /**
     * What is wanted.
     *
     * @param uses entries and things of the ledger that it needs, by id
     * @param dataWanted data it means to collect, in words
     */
    public record Wanted(
            String name,
            String purpose,
            List<UUID> uses,
            List<String> dataWanted,
            LedgerItem.@Nullable Capacity capacity) {
        public Wanted {
            name = Entry.Statement.text(name, 200, "name");
            purpose = Entry.Statement.text(purpose, 4_000, "purpose");
            uses = uses.stream().distinct().toList();
            dataWanted = dataWanted.stream()
                    .map(String::strip)
                    .filter(words -> !words.isEmpty())
                    .toList();
            if (name.isEmpty() || purpose.isEmpty() || uses.size() > 1_000 || dataWanted.size() > 200) {
                throw new IllegalArgumentException("A project has a name, a purpose and a bounded number of needs");
            }
        }
    }

    /** Why something of the ledger overlaps with a project. */
    public enum Reason {
        /** It is there for the same, by its words. */
        SAME_PURPOSE,
        /** It works on the same data and components. */
        SAME_USES,
        /** What is to be collected is there. */
        DATA_EXISTS,
        /** What is to be collected is there, and a law keeps its department from sharing it. */
        DATA_NOT_SHARED,
        /** It has the capacity to spare. */
        IDLE_CAPACITY,
    }

    /**
     * Something of the ledger to look at before money is spent.
     *
     * @param percent how alike, 1 to 100
     * @param shared the words or things that both have
     */
    public record Overlap(
            LedgerItem.Kind kind,
            UUID id,
            String name,
            Department owner,
            Reason reason,
            int percent,
            List<String> shared) {
        public Overlap {
            shared = List.copyOf(shared);
        }
    }
}

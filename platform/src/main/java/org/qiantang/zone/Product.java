package org.qiantang.zone;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/**
 * A data product in the register (公共数据资源登记).
 *
 * @param sources the resources of the city that its releases were made of
 * @param priceBasis how the price comes about, in words
 */
public record Product(
        UUID id,
        String number,
        UUID zone,
        String zoneName,
        Department operator,
        String name,
        Kind kind,
        String purpose,
        Price price,
        String priceBasis,
        List<Source> sources,
        List<Release> releases,
        State state,
        int revision,
        Instant registeredAt,
        @Nullable Instant publishedAt,
        @Nullable Instant withdrawnAt,
        @Nullable String reason) {
    public Product {
        sources = List.copyOf(sources);
        releases = List.copyOf(releases);
    }

    /** In what form it is used. */
    public enum Kind {
        DATA_SET,
        REPORT,
        INTERFACE,
    }

    /** For the public good or for a price. */
    public enum Price {
        /** 用于公共治理、公益事业的，免费. */
        PUBLIC_INTEREST_FREE,
        /** 补偿成本、合理收益, within the ceiling that the government sets. */
        COST,
    }

    /** Where it stands. */
    public enum State {
        REGISTERED,
        /** On the open portal. */
        PUBLISHED,
        /** For good: nothing of it is handed out any more. */
        WITHDRAWN,
    }

    /** A table that was read, by its name in the directory. */
    public record Source(String table, String name) {}
}

package org.qiantang.invoke;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/**
 * A data service (数据服务): a question about the city's data with a name and an address, so that a system need not know tables.
 *
 * @param department whose it is; null for the bureau's own
 * @param versions the newest first
 */
public record DataService(String name, @Nullable Department department, List<Version> versions) {
    public DataService {
        requireNonNull(name, "name is null");
        versions = List.copyOf(versions);
    }

    /**
     * One version of it; what is published stays as it is.
     *
     * @param number {@code 2} is called by {@code v2}
     * @param revision grows with each change of a draft
     * @param sunsetAt the day a deprecated version is to be retired
     */
    public record Version(
            String service,
            int number,
            State state,
            Definition definition,
            int revision,
            String changedBy,
            Instant changedAt,
            @Nullable Instant publishedAt,
            @Nullable Instant deprecatedAt,
            @Nullable Instant sunsetAt,
            @Nullable Instant retiredAt) {
        /** As people call it. */
        String named() {
            return service + "/v" + number;
        }
    }

    /** From being written to being gone. */
    public enum State {
        DRAFT("草稿 (a draft)"),
        PUBLISHED("已发布 (published)"),
        /** Still answers, and says until when. */
        DEPRECATED("待下线 (deprecated)"),
        RETIRED("已下线 (retired)");

        private final String words;

        State(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }

        /** Whether it answers. */
        public boolean isOpen() {
            return this == PUBLISHED || this == DEPRECATED;
        }
    }
}

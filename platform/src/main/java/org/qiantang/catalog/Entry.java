package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.LocalDate;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;

/**
 * An entry of the city's directory (公共数据目录): what a department states about a resource, checked and published by the bureau as Order 809
 * asks. What others may rely on is its newest published version; the entry itself is where the next one is prepared.
 *
 * @param resource what it is about; null when nothing of it is collected yet
 * @param revision grows with every change; whoever changes it says which one they saw
 * @param discovered nobody has touched it: it says what the resource says at this moment
 * @param resourceCode given at the first publishing, for ever
 * @param version the newest one published, 0 before
 * @param publishedOn the day of that version
 */
public record Entry(
        UUID id,
        @Nullable UUID resource,
        Department provider,
        State state,
        int revision,
        boolean discovered,
        Statement statement,
        @Nullable String resourceCode,
        int version,
        @Nullable LocalDate publishedOn,
        @Nullable String submittedBy,
        Instant changedAt,
        @Nullable String changedBy) {
    public Entry {
        requireNonNull(id, "id is null");
        requireNonNull(provider, "provider is null");
        requireNonNull(state, "state is null");
        requireNonNull(statement, "statement is null");
        requireNonNull(changedAt, "changedAt is null");
    }

    /** Where an entry stands between its department and the bureau. */
    public enum State {
        DRAFT("草稿"),
        SUBMITTED("待审核"),
        UNDER_REVIEW("审核中"),
        /** By the bureau to the department, with words. */
        RETURNED("退回补正"),
        PUBLISHED("已发布"),
        /** The next version is being written; the published one stands. */
        CHANGED("变更中"),
        RETIRED("已停用");

        private final String zh;

        State(String zh) {
            this.zh = zh;
        }

        public String zh() {
            return zh;
        }
    }

    /** What can be done with an entry. */
    public enum Act {
        EDIT("修改", Role.OFFICER, EnumSet.of(State.DRAFT, State.RETURNED, State.CHANGED)),
        SUBMIT("提交", Role.OFFICER, EnumSet.of(State.DRAFT, State.RETURNED, State.CHANGED)),
        TAKE("受理", Role.ENGINEER, EnumSet.of(State.SUBMITTED)),
        RETURN("退回", Role.ENGINEER, EnumSet.of(State.UNDER_REVIEW)),
        PUBLISH("发布", Role.ENGINEER, EnumSet.of(State.UNDER_REVIEW)),
        CHANGE("变更", Role.OFFICER, EnumSet.of(State.PUBLISHED)),
        RETIRE("停用", Role.ENGINEER, EnumSet.of(State.PUBLISHED, State.CHANGED)),
        /** Of what was never published and is about nothing that is collected: it was a mistake. */
        DISCARD("删除", Role.OFFICER, EnumSet.of(State.DRAFT, State.RETURNED));

        private final String zh;
        private final Role role;
        private final Set<State> from;

        Act(String zh, Role role, Set<State> from) {
            this.zh = zh;
            this.role = role;
            this.from = from;
        }

        public String zh() {
            return zh;
        }
    }

    /**
     * The core metadata of the guide, as far as people write it; the provider, the code and the day of publishing are the entry's own.
     *
     * @param summary 信息资源摘要
     * @param providerUscc the provider's unified social credit code, where it has one
     * @param shareCondition the condition, or the law that forbids sharing
     */
    public record Statement(
            String classification,
            String title,
            @Nullable String providerUscc,
            String summary,
            Guide.@Nullable Theme theme,
            Guide.@Nullable Format format,
            List<Item> items,
            Guide.@Nullable ShareClass shareClass,
            @Nullable String shareCondition,
            Guide.@Nullable ShareMode shareMode,
            Guide.@Nullable OpenClass openClass,
            @Nullable String openCondition,
            Guide.@Nullable UpdateCycle updateCycle,
            List<String> relatedResourceCodes) {
        /** What is stated before anything is. */
        static final Statement EMPTY =
                new Statement("", "", null, "", null, null, List.of(), null, null, null, null, null, null, List.of());

        private static final int MOST_ITEMS = 5_000;
        private static final int LONGEST_TITLE = 200;
        private static final int LONGEST_TEXT = 4_000;

        public Statement {
            classification = text(classification, LONGEST_TITLE, "classification");
            title = text(title, LONGEST_TITLE, "title");
            summary = text(summary, LONGEST_TEXT, "summary");
            providerUscc = optional(providerUscc, "providerUscc");
            shareCondition = optional(shareCondition, "shareCondition");
            openCondition = optional(openCondition, "openCondition");
            items = List.copyOf(items);
            relatedResourceCodes = relatedResourceCodes.stream()
                    .map(String::strip)
                    .filter(code -> !code.isEmpty())
                    .distinct()
                    .toList();
            if (items.size() > MOST_ITEMS || relatedResourceCodes.size() > MOST_ITEMS) {
                throw new IllegalArgumentException("A statement has at most " + MOST_ITEMS + " items");
            }
        }

        static String text(String text, int longest, String what) {
            String stripped = requireNonNull(text, what + " is null").strip();
            if (stripped.length() > longest) {
                throw new IllegalArgumentException(what + " has more than " + longest + " characters");
            }
            return stripped;
        }

        private static @Nullable String optional(@Nullable String text, String what) {
            return text == null || text.isBlank() ? null : text(text, LONGEST_TEXT, what);
        }

        /**
         * 信息项: a datum that each record of the resource has.
         *
         * @param column the resource's column that holds it, where it has one
         */
        public record Item(String name, @Nullable String column, Guide.DataTypeCode type) {
            public Item {
                name = text(name, LONGEST_TITLE, "name");
                column = optional(column, "column");
                requireNonNull(type, "type is null");
            }
        }
    }

    Entry with(Statement said) {
        return new Entry(
                id,
                resource,
                provider,
                state,
                revision,
                discovered,
                said,
                resourceCode,
                version,
                publishedOn,
                submittedBy,
                changedAt,
                changedBy);
    }

    /** The state after an act; refuses what the present state does not allow. */
    State after(Act act) {
        if (!isPossible(act)) {
            throw new Problem(DirectoryProblem.WRONG_STATE, "act", act.zh, "state", state.zh);
        }
        return switch (act) {
            case EDIT -> state;
            case SUBMIT -> State.SUBMITTED;
            case TAKE -> State.UNDER_REVIEW;
            case RETURN -> State.RETURNED;
            case PUBLISH -> State.PUBLISHED;
            case CHANGE -> State.CHANGED;
            case RETIRE, DISCARD -> State.RETIRED;
        };
    }

    /** Refuses whoever this act does not belong to: a department answers for its entries, the bureau for what is published. */
    void require(Act act, Account who) {
        // Whoever may do everything may not be both persons either.
        if (isOwnReview(act, who)) {
            throw new Problem(DirectoryProblem.SAME_PERSON);
        }
        if (who.has(Role.OPERATOR)) {
            return;
        }
        if (!isOf(act, who)) {
            throw new Problem(
                    DirectoryProblem.NOT_YOURS,
                    "act",
                    act.zh,
                    "who",
                    act.role == Role.OFFICER ? provider.name() : "数据局 (the data bureau)");
        }
    }

    private boolean isOwnReview(Act act, Account who) {
        return act == Act.PUBLISH && who.username().equals(submittedBy);
    }

    private boolean isPossible(Act act) {
        return act.from.contains(state) && (act != Act.DISCARD || version == 0 && resource == null);
    }

    /** What somebody may do with it now. */
    public Set<Act> acts(Account who) {
        Set<Act> acts = EnumSet.noneOf(Act.class);
        for (Act act : Act.values()) {
            boolean theirs = who.has(Role.OPERATOR) || isOf(act, who);
            if (isPossible(act) && theirs && !isOwnReview(act, who)) {
                acts.add(act);
            }
        }
        return acts;
    }

    private boolean isOf(Act act, Account who) {
        Department own = who.department();
        return who.has(act.role)
                && (act.role != Role.OFFICER || own != null && own.id().equals(provider.id()));
    }

    /** An entry as a list of all of them needs it. */
    public record Brief(
            UUID id,
            String title,
            Department provider,
            State state,
            boolean discovered,
            @Nullable String resourceCode,
            Guide.@Nullable ShareClass shareClass,
            Guide.@Nullable Theme theme,
            int version,
            Instant changedAt,
            @Nullable String changedBy) {}

    /** How many entries there are of each value, every other condition kept. */
    public record Facet(String name, String value, long count) {}

    /** A part of the list. */
    public record Page(long total, List<Brief> items, List<Facet> facets) {
        public Page {
            items = List.copyOf(items);
            facets = List.copyOf(facets);
        }
    }

    /** What was published once, for ever as it was. */
    public record Version(
            int version, Statement statement, String resourceCode, LocalDate publishedOn, String publishedBy) {}

    /** Something that was done with an entry. */
    public record Event(
            Instant at,
            String who,
            Act act,
            State state,
            int version,
            @Nullable String words) {}
}

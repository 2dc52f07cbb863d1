package org.qiantang.app.worker;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.FollowEvent;
import org.qiantang.collect.RunEvent;
import org.qiantang.collect.VerifyEvent;
import org.qiantang.lake.Extract;
import org.qiantang.lake.Feeds;
import org.qiantang.lake.LakeType;
import org.qiantang.lake.Mask;
import org.qiantang.lake.Queries.Answer;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.RowSink.ResultColumn;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;

/** What travels between hub and worker, and how it is written. */
final class Wire {
    static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new SimpleModule("qiantang-wire")
                    .addSerializer(LakeType.class, new TypeWriter())
                    .addDeserializer(LakeType.class, new TypeReader()))
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private Wire() {}

    /** One line of a run: just one of the fields is there. */
    record RunLine(
            RunEvent.@Nullable Discovered discovered,
            RunEvent.@Nullable Progress progress,
            RunEvent.@Nullable Ended ended,
            @Nullable Refusal refusal,
            @Nullable Boolean end) {
        static RunLine of(RunEvent event) {
            return switch (event) {
                case RunEvent.Discovered e -> new RunLine(e, null, null, null, null);
                case RunEvent.Progress e -> new RunLine(null, e, null, null, null);
                case RunEvent.Ended e -> new RunLine(null, null, e, null, null);
            };
        }
    }

    /** One line of a follower: just one of the fields is there. */
    record FollowLine(
            FollowEvent.@Nullable Started started,
            FollowEvent.@Nullable Applied applied,
            FollowEvent.@Nullable Changed changed,
            FollowEvent.@Nullable Reshaped reshaped,
            FollowEvent.@Nullable Beat beat,
            @Nullable Refusal refusal,
            @Nullable Boolean end) {
        static FollowLine of(FollowEvent event) {
            return switch (event) {
                case FollowEvent.Started e -> new FollowLine(e, null, null, null, null, null, null);
                case FollowEvent.Applied e -> new FollowLine(null, e, null, null, null, null, null);
                case FollowEvent.Changed e -> new FollowLine(null, null, e, null, null, null, null);
                case FollowEvent.Reshaped e -> new FollowLine(null, null, null, e, null, null, null);
                case FollowEvent.Beat e -> new FollowLine(null, null, null, null, e, null, null);
            };
        }

        /** What the line says of the source; null when it is the last line. */
        @Nullable
        FollowEvent event() {
            return started != null
                    ? started
                    : applied != null ? applied : changed != null ? changed : reshaped != null ? reshaped : beat;
        }
    }

    /** One line of a verification: just one of the fields is there. */
    record VerifyLine(
            VerifyEvent.@Nullable Began began,
            VerifyEvent.@Nullable Progress progress,
            VerifyEvent.@Nullable Compared compared,
            @Nullable FollowLine followed,
            @Nullable Refusal refusal,
            @Nullable Boolean end) {
        static VerifyLine of(VerifyEvent event) {
            return switch (event) {
                case VerifyEvent.Began e -> new VerifyLine(e, null, null, null, null, null);
                case VerifyEvent.Progress e -> new VerifyLine(null, e, null, null, null, null);
                case VerifyEvent.Compared e -> new VerifyLine(null, null, e, null, null, null);
                case VerifyEvent.Followed e -> new VerifyLine(null, null, null, FollowLine.of(e.event()), null, null);
            };
        }

        /** What the line says of the source; null when it is the last line. */
        @Nullable
        VerifyEvent event() {
            if (followed != null) {
                FollowEvent event = followed.event();
                return event == null ? null : new VerifyEvent.Followed(event);
            }
            return began != null ? began : progress != null ? progress : compared;
        }
    }

    record SourceName(String name) {}

    /** One line of an answer: just one of the fields is there. */
    record AnswerLine(
            @Nullable List<ResultColumn> columns,
            @Nullable List<@Nullable String> row,
            @Nullable Answer answer,
            @Nullable Refusal refusal) {}

    /**
     * Why something was not done.
     *
     * @param code of a {@link org.qiantang.core.Problem}, or {@code lake.KIND} for a refusal of the lake
     */
    record Refusal(String code, Map<String, String> arguments, String message) {}

    record Statement(String sql) {}

    /** A statement whose columns are followed back, and the snapshots it read. */
    record Derivation(String sql, List<TableAt> tables) {
        record TableAt(TableName table, long snapshot) {}

        static Derivation of(String sql, Map<TableName, Long> snapshots) {
            return new Derivation(
                    sql,
                    snapshots.entrySet().stream()
                            .map(each -> new TableAt(each.getKey(), each.getValue()))
                            .toList());
        }

        Map<TableName, Long> snapshots() {
            Map<TableName, Long> snapshots = new java.util.HashMap<>();
            tables.forEach(each -> snapshots.put(each.table, each.snapshot));
            return snapshots;
        }
    }

    record RunId(String runId) {}

    record Given(String runId, List<String> lakeNames, boolean last) {}

    record QueryId(String id) {}

    /** A query with its policies in a list, for map keys are strings here. */
    record Question(
            String id,
            String sql,
            @Nullable String asOf,
            long limit,
            List<Policy> policies,
            List<@Nullable String> parameters) {
        static Question of(Query query) {
            List<Policy> policies = query.policies().entrySet().stream()
                    .map(each -> Policy.of(each.getKey(), each.getValue()))
                    .toList();
            return new Question(query.id(), query.sql(), query.asOf(), query.limit(), policies, query.parameters());
        }

        Query query() {
            Map<TableName, TablePolicy> byTable = new java.util.HashMap<>();
            policies.forEach(each -> byTable.put(each.table, each.policy()));
            return new Query(id, sql, asOf, limit, byTable).with(parameters);
        }
    }

    /** An extract; its rows' marks are in lists, for map keys are strings here. */
    record FileWanted(
            Question question,
            Extract.Form form,
            String file,
            long mostBytes,
            String mark,
            List<List<MarkedValue>> marked) {
        record MarkedValue(int place, String value) {}

        static FileWanted of(Extract extract) {
            return new FileWanted(
                    Question.of(extract.query()),
                    extract.form(),
                    extract.file().toString(),
                    extract.mostBytes(),
                    extract.marks().column(),
                    extract.marks().rows().stream()
                            .map(row -> row.entrySet().stream()
                                    .map(each -> new MarkedValue(each.getKey(), each.getValue()))
                                    .toList())
                            .toList());
        }

        Extract extract() {
            List<Map<Integer, String>> rows = marked.stream()
                    .map(row -> row.stream().collect(Collectors.toMap(MarkedValue::place, MarkedValue::value)))
                    .toList();
            return new Extract(question.query(), form, Path.of(file), mostBytes, new Extract.Marks(mark, rows));
        }
    }

    /** A step of a table's feed; the policy names the table. */
    record FeedStep(
            String id,
            Policy policy,
            List<String> key,
            @Nullable Long from,
            long to,
            int schema,
            long offset,
            int limit) {
        static FeedStep of(Feeds.Step step) {
            return new FeedStep(
                    step.id(),
                    Policy.of(step.table(), step.policy()),
                    step.key(),
                    step.from(),
                    step.to(),
                    step.schema(),
                    step.offset(),
                    step.limit());
        }

        Feeds.Step step() {
            return new Feeds.Step(id, policy.table, policy.policy(), key, from, to, schema, offset, limit);
        }
    }

    /** One line of a step: just one of the fields is there. */
    record FeedLine(
            @Nullable List<ResultColumn> columns,
            @Nullable List<@Nullable String> row,
            Feeds.@Nullable Part part,
            @Nullable Refusal refusal) {}

    /** Snapshots of a table that are to stay or may go. */
    record Kept(TableName table, Set<Long> snapshots) {}

    /** What may be seen of a table. */
    record Policy(TableName table, Map<String, Shown> columns, Shown others, List<RowCondition> rows) {
        static Policy of(TableName table, TablePolicy policy) {
            Map<String, Shown> columns = new java.util.HashMap<>();
            policy.columns().forEach((name, mask) -> columns.put(name, Shown.of(mask)));
            return new Policy(table, columns, Shown.of(policy.others()), policy.rows());
        }

        TablePolicy policy() {
            Map<String, Mask> masks = new java.util.HashMap<>();
            columns.forEach((name, shown) -> masks.put(name, shown.mask()));
            return new TablePolicy(masks, others.mask(), rows);
        }
    }

    /** A mask by its text; a pseudonym's key stands beside it. */
    record Shown(String text, @Nullable String key) {
        static Shown of(Mask mask) {
            return new Shown(mask.text(), mask instanceof Mask.Pseudonym pseudonym ? pseudonym.key() : null);
        }

        Mask mask() {
            return key != null ? new Mask.Pseudonym(key) : Mask.of(text).orElseThrow();
        }
    }

    private static final class TypeWriter extends StdSerializer<LakeType> {
        TypeWriter() {
            super(LakeType.class);
        }

        @Override
        public void serialize(LakeType type, JsonGenerator out, SerializationContext context) {
            out.writeString(type.label());
        }
    }

    private static final class TypeReader extends StdDeserializer<LakeType> {
        TypeReader() {
            super(LakeType.class);
        }

        @Override
        public LakeType deserialize(JsonParser in, DeserializationContext context) {
            return LakeType.of(in.getValueAsString());
        }
    }
}

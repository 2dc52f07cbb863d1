package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The receipts (归集回执) of all runs, kept as the exact bytes that were signed. How complete the city is (全量率) is computed from them
 * and from nothing else.
 */
@Service
public final class Receipts {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int CACHED = 500;

    private final JdbcClient jdbc;
    private final Sources sources;
    private final RunStore runs;
    private final Sealing sealing;
    private final Site installation;
    /** Receipts never change, so what was read once is right for ever. */
    private final Map<UUID, Receipt> read = new ConcurrentHashMap<>();

    Receipts(JdbcClient jdbc, Sources sources, RunStore runs, Sealing sealing, Site installation) {
        this.jdbc = jdbc;
        this.sources = sources;
        this.runs = runs;
        this.sealing = sealing;
        this.installation = installation;
    }

    /** The signed document of a run, byte for byte. */
    public byte[] getDocument(UUID run) {
        return jdbc.sql("select document from collect_receipts where run_id = ?")
                .param(run)
                .query(byte[].class)
                .optional()
                .orElseThrow(() -> new Problem(
                        runs.find(run).isPresent() ? CollectProblem.NO_RECEIPT : CoreProblem.NOT_FOUND,
                        "what",
                        run.toString()));
    }

    /** A source's latest receipt: of the last run that went to its end; of a cancelled or failed one while there is no such. */
    public record Latest(UUID sourceId, Instant finishedAt, Receipt receipt) {}

    /** The latest receipt of every connected source that has one. */
    List<Latest> latest() {
        return jdbc.sql("""
                        select distinct on (c.source_id) c.source_id, c.run_id, c.finished_at
                        from collect_receipts c join collect_sources s on s.id = c.source_id
                        where s.deleted_at is null
                        order by c.source_id, (c.run_state in ('COMPLETE', 'INCOMPLETE')) desc, c.finished_at desc""")
                .query((row, n) -> new Latest(
                        row.getObject(1, UUID.class),
                        row.getTimestamp(3).toInstant(),
                        receipt(row.getObject(2, UUID.class))))
                .list();
    }

    /** How much the receipts of all connected sources together spoke for, at each time one was added. */
    List<Volume> history() {
        Map<UUID, Volume> bySource = new HashMap<>();
        List<Volume> history = new ArrayList<>();
        jdbc.sql("""
                        select c.source_id, c.finished_at, c.rows, c.tables
                        from collect_receipts c join collect_sources s on s.id = c.source_id
                        where s.deleted_at is null and c.run_state in ('COMPLETE', 'INCOMPLETE') order by c.finished_at""").query(row -> {
            Instant at = row.getTimestamp(2).toInstant();
            bySource.put(row.getObject(1, UUID.class), new Volume(at, row.getLong("rows"), row.getLong("tables")));
            history.add(new Volume(
                    at,
                    bySource.values().stream().mapToLong(Volume::rows).sum(),
                    bySource.values().stream().mapToLong(Volume::tables).sum()));
        });
        return history;
    }

    /** Rows and tables in the lake at a time. */
    public record Volume(Instant at, long rows, long tables) {}

    /** Builds, signs and stores the receipt of a run whose objects have all ended. In the caller's transaction. */
    Receipt issue(RunSummary run, RunState state, Instant at, RunSummary.@Nullable Words message, String code) {
        Receipt.SourceDescription source = sources.describe(run.sourceId());
        List<Receipt.Item> objects = runs.items(run.id(), "raw_" + source.name());
        List<Receipt.Missing> missing = missing(objects);
        if (missing.isEmpty() && (state == RunState.FAILED || state == RunState.CANCELLED)) {
            missing = List.of(new Receipt.Missing(source.name(), code, message == null ? "" : message.en()));
        }
        Receipt receipt = new Receipt(
                Receipt.VERSION,
                installation.name(),
                Sealing.fingerprint(sealing.publicKey()),
                run.id().toString(),
                source,
                runs.attempts(run.id()),
                run.position(),
                run.startedAt(),
                at,
                objects,
                Receipt.Totals.of(objects),
                missing.isEmpty() ? Receipt.Verdict.complete : Receipt.Verdict.incomplete,
                missing);
        List<ReceiptVerifier.Finding> wrong = ReceiptVerifier.contradictions(receipt);
        if (!wrong.isEmpty()) {
            throw new IllegalStateException("A receipt that contradicts itself is not signed: " + wrong);
        }
        jdbc.sql("""
                        insert into collect_receipts (run_id, source_id, finished_at, run_state, tables, rows, document)
                        values (?, ?, ?, ?, ?, ?, ?)""")
                .params(
                        run.id(),
                        run.sourceId(),
                        Timestamp.from(at),
                        endState(state, receipt).name(),
                        receipt.totals().tables(),
                        receipt.totals().rowsLanded(),
                        signed(receipt))
                .update();
        return receipt;
    }

    /** A run that went to its end is complete or incomplete by its receipt. */
    static RunState endState(RunState state, Receipt receipt) {
        return switch (state) {
            case CANCELLED, FAILED -> state;
            case QUEUED, RUNNING, CANCELLING, COMPLETE, INCOMPLETE ->
                switch (receipt.verdict()) {
                    case complete -> RunState.COMPLETE;
                    case incomplete -> RunState.INCOMPLETE;
                };
        };
    }

    private byte[] signed(Receipt receipt) {
        JsonNode content = JSON.valueToTree(receipt);
        byte[] signature = sealing.sign(CanonicalJson.bytes(content));
        Base64.Encoder base64 = Base64.getEncoder();
        return CanonicalJson.bytes(Map.of(
                "receipt",
                content,
                "signature",
                Map.of(
                        "algorithm",
                        Sealing.ALGORITHM,
                        "publicKey",
                        base64.encodeToString(sealing.publicKey().getEncoded()),
                        "value",
                        base64.encodeToString(signature))));
    }

    /** Every table, partition and column that is not in the lake whole, with the reason. */
    private static List<Receipt.Missing> missing(List<Receipt.Item> objects) {
        List<Receipt.Missing> missing = new ArrayList<>();
        Map<String, Receipt.Reason> absent = new HashMap<>();
        for (Receipt.Item item : objects) {
            if (!item.state().isShort()) {
                continue;
            }
            Receipt.Reason reason = requireNonNull(item.reason(), "what is not whole has a reason");
            String words = reason.detail() == null ? "" : reason.detail();
            missing.add(new Receipt.Missing(item.qualifiedName(), reason.code(), words));
            if (item.snapshotId() == null) {
                absent.put(item.qualifiedName(), reason);
            }
            for (String column : list(item.details().get("unreadableColumns"))) {
                missing.add(new Receipt.Missing(
                        item.qualifiedName() + "." + column, CollectProblem.COLUMNS_UNREADABLE.id(), words));
            }
        }
        for (Receipt.Item item : objects) {
            Receipt.Reason reason = absent.get(item.details().getOrDefault("parent", ""));
            if (item.kind().equals(SourceObject.Kind.PARTITION.name()) && reason != null) {
                missing.add(new Receipt.Missing(
                        item.qualifiedName(), reason.code(), reason.detail() == null ? "" : reason.detail()));
            }
        }
        return missing;
    }

    /** Lists in details are JSON arrays of names. */
    static List<String> list(@Nullable String details) {
        if (details == null || !details.startsWith("[")) {
            return List.of();
        }
        try {
            return JSON.readValue(details, new TypeReference<List<String>>() {});
        } catch (JacksonException e) {
            return List.of(details);
        }
    }

    private Receipt receipt(UUID run) {
        if (read.size() > CACHED) {
            read.clear();
        }
        return read.computeIfAbsent(
                run, id -> JSON.treeToValue(JSON.readTree(getDocument(id)).path("receipt"), Receipt.class));
    }
}

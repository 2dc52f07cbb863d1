package org.qiantang.collect;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * One batch that another platform says it has sent back (回流批次), held against what arrived. What arrived may be nothing; only a batch
 * that arrived as it was sent is landed.
 *
 * @param resource at the other platform
 * @param batch its number within the resource
 * @param rows lines it is said to have
 * @param sha256 of its bytes, as it is said to be; 64 lower-case hexadecimal digits
 * @param arrivedRows null when nothing arrived
 * @param reason why nothing arrived; null when something did
 */
public record Delivery(
        String resource,
        String batch,
        @Nullable Instant sentAt,
        long rows,
        String sha256,
        @Nullable Long arrivedRows,
        @Nullable String arrivedSha256,
        @Nullable String reason) {
    /** The name under which an object's details carry the deliveries of a resource. */
    static final String DETAIL = "deliveries";

    private static final JsonMapper JSON = JsonMapper.shared();

    /** How expected and received stand to each other. */
    public enum Standing {
        EQUAL,
        /** Nothing arrived. */
        MISSING,
        /** Something arrived, but not what was sent. */
        DIFFERENT,
        /** The other platform does not speak of it any more. */
        WITHDRAWN,
    }

    public Delivery {
        requireNonNull(resource, "resource is null");
        requireNonNull(batch, "batch is null");
        requireNonNull(sha256, "sha256 is null");
    }

    public Standing standing() {
        if (arrivedRows == null) {
            return Standing.MISSING;
        }
        return arrivedRows == rows && sha256.equals(arrivedSha256) ? Standing.EQUAL : Standing.DIFFERENT;
    }

    /** Deliveries as an object's details carry them. */
    public static Map<String, String> details(List<Delivery> deliveries) {
        return Map.of(DETAIL, JSON.writeValueAsString(deliveries));
    }

    static List<Delivery> of(Map<String, String> details) {
        String written = details.get(DETAIL);
        return written == null ? List.of() : JSON.readValue(written, new TypeReference<List<Delivery>>() {});
    }

    /** Why a resource is not whole though all that arrived was landed; null when it is. */
    static Receipt.@Nullable Reason difference(Map<String, String> details) {
        List<String> open = of(details).stream()
                .filter(delivery -> delivery.standing() != Standing.EQUAL)
                .map(delivery -> delivery.batch + ": " + delivery.words())
                .toList();
        return open.isEmpty()
                ? null
                : new Receipt.Reason(CollectProblem.DELIVERY_DIFFERS.id(), String.join("; ", open));
    }

    private String words() {
        if (arrivedRows == null) {
            return "nothing arrived of " + rows + " rows (" + reason + ")";
        }
        return arrivedRows == rows
                ? "its " + rows + " rows are not those that were sent"
                : arrivedRows + " rows arrived of " + rows;
    }
}

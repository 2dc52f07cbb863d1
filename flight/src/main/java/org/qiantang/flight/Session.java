package org.qiantang.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** One person's way to the hub, and the statements that their tool has prepared. */
final class Session implements AutoCloseable {
    private static final int PAGE = 200;
    private static final int MOST_STATEMENTS = 1_000;
    private static final Duration TICKET_HOLDS = Duration.ofMinutes(10);

    /** Who reads tables without a grant. */
    private static final Set<String> READ_EVERYWHERE = Set.of("ENGINEER", "ANALYST", "OPERATOR");

    private final Hub.Caller hub;
    private final Set<String> roles;
    /** Whether the hub has a session that ends with this one. */
    private final boolean signsOut;

    private final Map<ByteString, Prepared> statements = new ConcurrentHashMap<>();
    private volatile long lastUsed = System.nanoTime();

    Session(Hub.Caller hub, Set<String> roles, boolean signsOut) {
        this.hub = hub;
        this.roles = Set.copyOf(roles);
        this.signsOut = signsOut;
    }

    void touch() {
        lastUsed = System.nanoTime();
    }

    boolean isIdleFor(Duration time) {
        return System.nanoTime() - lastUsed > time.toNanos();
    }

    /** A statement and the columns of its answer. */
    record Prepared(ByteString handle, String sql, Schema schema, long at) {}

    /** A table as it can be asked; its columns only where they are wanted. */
    record TableSeen(String schema, String name, @Nullable Schema columns) {}

    /** Asks the hub what the answer's columns are, which refuses what may not be asked. */
    Prepared prepare(String sql, Asked asked, BufferAllocator memory) {
        if (statements.size() >= MOST_STATEMENTS) {
            statements.values().removeIf(old -> System.nanoTime() - old.at > TICKET_HOLDS.toNanos());
        }
        if (statements.size() >= MOST_STATEMENTS) {
            throw CallStatus.RESOURCE_EXHAUSTED
                    .withDescription("Too many statements are open: close some.")
                    .toRuntimeException();
        }
        Schema schema = columns(sql, asked, memory);
        Prepared prepared =
                new Prepared(ByteString.copyFromUtf8(UUID.randomUUID().toString()), sql, schema, System.nanoTime());
        statements.put(prepared.handle, prepared);
        return prepared;
    }

    Schema columns(String sql, Asked asked, BufferAllocator memory) {
        Map<String, Object> body = asked.statement(sql);
        body.put("limit", 0);
        try (InputStream answer = hub.open("api/sql/export?format=arrow", body);
                ArrowStreamReader reader = new ArrowStreamReader(answer, memory)) {
            return ColumnTypes.inUtc(reader.getVectorSchemaRoot().getSchema());
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** What was prepared; refused when it is closed, or another person's. */
    Prepared prepared(ByteString handle) {
        Prepared found = statements.get(handle);
        if (found == null) {
            throw CallStatus.NOT_FOUND
                    .withDescription("There is no such statement; it was closed.")
                    .toRuntimeException();
        }
        return found;
    }

    /** The same for a ticket, which counts once and for a while. */
    Prepared redeem(ByteString ticket) {
        Prepared found = statements.remove(ticket);
        if (found == null || System.nanoTime() - found.at > TICKET_HOLDS.toNanos()) {
            throw CallStatus.NOT_FOUND
                    .withDescription("The ticket was used already, or is too old: ask again.")
                    .toRuntimeException();
        }
        return found;
    }

    void forget(ByteString handle) {
        statements.remove(handle);
    }

    /** All rows, as an Arrow stream. */
    InputStream rows(String id, String sql, Asked asked) {
        Map<String, Object> body = asked.statement(sql);
        body.put("id", id);
        return hub.open("api/sql/export?format=arrow", body);
    }

    void stop(String id) {
        hub.delete("api/sql/" + id);
    }

    /** The tables that can be asked: those of the grant that is named, and for who reads the whole lake all that there are. */
    List<TableSeen> tables(Asked asked, Predicate<String> schemas, Predicate<String> names, Columns columns) {
        Map<String, TableSeen> found = new TreeMap<>();
        Set<String> known = new HashSet<>();
        if (asked.grant() != null) {
            JsonNode grant = hub.get("api/share/grants/" + encoded(asked.grant()));
            if (grant.path("brief").path("inForce").asBoolean(false)) {
                for (JsonNode each : grant.path("grant").path("tables")) {
                    String schema = each.path("table").path("namespace").asText();
                    String name = each.path("table").path("name").asText();
                    known.add(schema + "." + name);
                    if (schemas.test(schema) && names.test(name)) {
                        String sql = "select * from " + quoted(schema) + "." + quoted(name);
                        found.put(schema + "." + name, new TableSeen(schema, name, columns.granted(this, sql, asked)));
                    }
                }
            }
        }
        if (roles.stream().anyMatch(READ_EVERYWHERE::contains)) {
            for (JsonNode each : resources()) {
                String lakeTable = each.path("lakeTable").asText();
                int dot = lakeTable.indexOf('.');
                String schema = lakeTable.substring(0, Math.max(0, dot));
                String name = lakeTable.substring(dot + 1);
                if (!known.contains(lakeTable)
                        && !each.path("snapshotId").asText("").isEmpty()
                        && schemas.test(schema)
                        && names.test(name)) {
                    found.put(
                            lakeTable,
                            new TableSeen(
                                    schema,
                                    name,
                                    columns.catalogued(this, each.path("id").asText())));
                }
            }
        }
        return List.copyOf(found.values());
    }

    /** How the columns of tables are found. */
    interface Columns {
        Columns NONE = new Columns() {
            @Override
            public @Nullable Schema granted(Session session, String sql, Asked asked) {
                return null;
            }

            @Override
            public @Nullable Schema catalogued(Session session, String resource) {
                return null;
            }
        };

        static Columns all(BufferAllocator memory) {
            return new Columns() {
                @Override
                public Schema granted(Session session, String sql, Asked asked) {
                    return session.columns(sql, asked, memory);
                }

                @Override
                public Schema catalogued(Session session, String resource) {
                    return Columns.of(session.hub.get("api/resources/" + encoded(resource)));
                }
            };
        }

        private static Schema of(JsonNode resource) {
            return new Schema(java.util.stream.StreamSupport.stream(
                            resource.path("columns").spliterator(), false)
                    .map(ColumnTypes::field)
                    .toList());
        }

        @Nullable
        Schema granted(Session session, String sql, Asked asked);

        @Nullable
        Schema catalogued(Session session, String resource);
    }

    private List<JsonNode> resources() {
        List<JsonNode> all = new ArrayList<>();
        while (true) {
            JsonNode page = hub.get("api/resources?limit=" + PAGE + "&offset=" + all.size());
            page.path("items").forEach(all::add);
            if (page.path("items").isEmpty() || all.size() >= page.path("total").asLong()) {
                return all;
            }
        }
    }

    static FlightRuntimeException broken(IOException e) {
        return CallStatus.UNAVAILABLE
                .withDescription("The hub's answer broke off: " + e.getMessage())
                .withCause(e)
                .toRuntimeException();
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String encoded(String part) {
        return URLEncoder.encode(part, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        try {
            if (signsOut) {
                hub.delete("api/session");
            }
        } catch (FlightRuntimeException gone) {
            // It ends by itself.
        } finally {
            hub.close();
        }
    }
}

package org.qiantang.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.events.EventRecord;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The streams of events (事件流) and who may speak in them: devices and gateways, each with a token of its own. What strangers say is kept
 * apart until somebody registers them. A stream is a source whose kind is {@link SourceKind#EVENTS}.
 */
@Service
public final class EventStreams {
    private static final UUID NO_STREAM = EventRecord.NO_STREAM;
    private static final String TOKEN_PREFIX = "qte_";
    private static final int TOKEN_BYTES = 32;
    private static final Pattern DEVICE = Pattern.compile("[^\\p{Cntrl}]{1,200}");

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private volatile @Nullable Registry registry;

    EventStreams(JdbcClient jdbc, TransactionTemplate transaction, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** Who speaks, and in which stream. */
    public record Sender(UUID stream, String device) {}

    /** A registered device, without its token, which nobody can show again. */
    public record Device(
            String device,
            String title,
            boolean gateway,
            boolean hasToken,
            Instant registeredAt,
            String registeredBy,
            boolean releasing,
            long events,
            @Nullable Instant lastEventAt) {}

    /** A device nobody has registered, and what of it waits. */
    public record Stranger(String device, long events, Instant firstAt, Instant lastAt) {}

    /** A token as it is shown once. */
    public record Token(String token) {
        @Override
        public String toString() {
            return "Token[…]";
        }
    }

    /**
     * What a stream has brought so far: received = landed + duplicates + quarantined; rejects come on top.
     *
     * @param replayed rejects that were read again and have become events, which are received too
     */
    public record Totals(
            long received,
            long landed,
            long duplicates,
            long quarantined,
            long rejected,
            long replayed,
            @Nullable Instant lastEventAt) {}

    /** Events received in a minute. */
    public record Minute(Instant minute, long events) {}

    /** A stream as those see it who take its events; one that was changed is another, to whom lines are opened anew. */
    record Stream(
            UUID id,
            String name,
            String location,
            Map<String, String> settings,
            @Nullable Instant changedAt) {}

    /** Everything that has to be known of all streams at the door, read at once and replaced when it changes. */
    private record Registry(
            Map<String, Stream> byName,
            Map<UUID, Stream> byId,
            Map<ByteBuffer, Sender> byTokenHash,
            Map<UUID, Set<String>> devices,
            Map<UUID, Set<String>> gateways) {}

    /**
     * Who shows this token in a stream.
     *
     * @throws Problem {@code collect.event_token_refused}, whatever is wrong
     */
    public Sender sender(String stream, String token) {
        Registry known = registry();
        Stream found = known.byName.get(stream);
        // Looked up by its hash, whose bytes tell nothing about how near a guess has come.
        Sender sender = known.byTokenHash.get(ByteBuffer.wrap(hash(token)));
        if (found == null || sender == null || !sender.stream().equals(found.id())) {
            throw new Problem(CollectProblem.EVENT_TOKEN_REFUSED, "stream", stream);
        }
        return sender;
    }

    /** The stream of that kind of location in which a device is registered; for doors at which nobody names a stream. */
    Optional<UUID> streamOf(String locationPrefix, String device) {
        Registry known = registry();
        List<UUID> candidates = known.byId.values().stream()
                .filter(stream -> stream.location().startsWith(locationPrefix))
                .map(Stream::id)
                .toList();
        Optional<UUID> registered = candidates.stream()
                .filter(id -> known.devices.getOrDefault(id, Set.of()).contains(device))
                .findFirst();
        // A stranger belongs to the only stream there is; among several, nobody can say.
        return registered.isPresent() || candidates.size() != 1
                ? registered
                : candidates.stream().findFirst();
    }

    boolean isGateway(Sender sender) {
        return registry().gateways.getOrDefault(sender.stream(), Set.of()).contains(sender.device());
    }

    boolean isRegistered(UUID stream, String device) {
        return registry().devices.getOrDefault(stream, Set.of()).contains(device);
    }

    /** How text of a stream's events is read that is no UTF-8. */
    public Charset encoding(UUID stream) {
        Stream found = registry().byId.get(stream);
        return found == null ? UTF_8 : EventSettings.encoding(found.settings());
    }

    Stream stream(UUID id) {
        requireStream(id);
        return requireNonNull(registry().byId.get(id));
    }

    List<Stream> streams() {
        return List.copyOf(registry().byId.values());
    }

    /** The streams as the landing needs them. */
    List<EventLanding.Stream> landings() {
        Registry known = registry();
        return known.byId.values().stream()
                .map(stream -> new EventLanding.Stream(
                        stream.id(),
                        stream.name(),
                        EventLocation.find(stream.location()).orElseThrow().complete(stream.settings()),
                        known.devices.getOrDefault(stream.id(), Set.of()),
                        known.gateways.getOrDefault(stream.id(), Set.of())))
                .toList();
    }

    /** Registers a device; what of it waits in quarantine comes out soon. Returns its token. */
    public Token register(UUID source, String device, String title, boolean gateway, String by) {
        requireStream(source);
        String number = device.strip();
        if (!DEVICE.matcher(number).matches()) {
            throw new Problem(CollectProblem.BAD_DEVICE, "device", number);
        }
        String token = token();
        try {
            jdbc.sql("""
                            insert into collect_event_devices (source_id, device, title, gateway, token_hash, registered_at,
                                registered_by, release_since)
                            values (?, ?, ?, ?, ?, ?, ?, ?)""")
                    .params(source, number, title.strip(), gateway, hash(token), now(), by, now())
                    .update();
        } catch (DuplicateKeyException e) {
            throw new Problem(CollectProblem.DEVICE_TAKEN, "device", number);
        }
        forget();
        return new Token(token);
    }

    /** Replaces a device's token; the old one is refused from now on. */
    public Token rotate(UUID source, String device) {
        String token = token();
        int changed = jdbc.sql("update collect_event_devices set token_hash = ? where source_id = ? and device = ?")
                .params(hash(token), source, device)
                .update();
        if (changed == 0) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", device);
        }
        forget();
        return new Token(token);
    }

    /** Removes a device; what it brought stays, what it says from now on is quarantined. */
    public void remove(UUID source, String device) {
        int changed = jdbc.sql("delete from collect_event_devices where source_id = ? and device = ?")
                .params(source, device)
                .update();
        if (changed == 0) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", device);
        }
        forget();
    }

    /** The order of a list of devices. */
    public enum Order {
        NUMBER,
        /** Those of which nothing came for the longest time first. */
        SILENCE,
    }

    /** @param text part of a number or title, or an empty string */
    public List<Device> devices(UUID source, String text, Order order, long offset, int limit) {
        requireStream(source);
        String by = switch (order) {
            case NUMBER -> "device";
            case SILENCE -> "last_event_at nulls first, device";
        };
        return jdbc.sql("""
                        select * from collect_event_devices
                        where source_id = :source and (device ilike :like or title ilike :like)
                        order by %s limit :limit offset :offset""".formatted(by))
                .param("source", source)
                .param("like", "%" + text.replaceAll("([\\\\%_])", "\\\\$1") + "%")
                .param("limit", limit)
                .param("offset", offset)
                .query((row, n) -> device(row))
                .list();
    }

    public long countDevices(UUID source) {
        return jdbc.sql("select count(*) from collect_event_devices where source_id = ?")
                .param(source)
                .query(Long.class)
                .single();
    }

    /** Devices of which nothing came for that long, or never; a gateway that only speaks for others is not silent. */
    public long countSilent(UUID source, Duration silence) {
        return jdbc.sql("""
                        select count(*) from collect_event_devices
                        where source_id = ? and coalesce(last_event_at, 'epoch') < ? and not (gateway and events = 0)""")
                .params(source, Timestamp.from(clock.instant().minus(silence)))
                .query(Long.class)
                .single();
    }

    public List<Stranger> strangers(UUID source) {
        return jdbc.sql("""
                        select device, sum(events) events, min(first_at) first_at, max(last_at) last_at
                        from collect_event_strangers where stream in (?, ?) group by device order by max(last_at) desc limit 500""")
                .params(source, NO_STREAM)
                .query((row, n) -> new Stranger(
                        row.getString("device"),
                        row.getLong("events"),
                        row.getTimestamp("first_at").toInstant(),
                        row.getTimestamp("last_at").toInstant()))
                .list();
    }

    public Totals totals(UUID source) {
        return jdbc.sql("select * from collect_event_totals where source_id = ?")
                .param(source)
                .query((row, n) -> new Totals(
                        row.getLong("received"),
                        row.getLong("landed"),
                        row.getLong("duplicates"),
                        row.getLong("quarantined"),
                        row.getLong("rejected"),
                        row.getLong("replayed"),
                        instant(row, "last_event_at")))
                .optional()
                .orElse(new Totals(0, 0, 0, 0, 0, 0, null));
    }

    /** The last minutes in which something came, in their order. */
    public List<Minute> minutes(UUID source, int count) {
        return jdbc.sql("""
                        select minute, events from collect_event_minutes where source_id = ? and minute >= ? order by minute""")
                .params(source, Timestamp.from(clock.instant().minus(count, ChronoUnit.MINUTES)))
                .query((row, n) -> new Minute(row.getTimestamp(1).toInstant(), row.getLong(2)))
                .list();
    }

    /** The end of the window that is being landed; the same at every try. */
    long window(UUID log, long from, long to) {
        return requireNonNull(transaction.execute(status -> {
            jdbc.sql(
                            "insert into collect_event_log (log_id, landed, window_to) values (?, ?, ?) on conflict do nothing")
                    .params(log, from, from)
                    .update();
            jdbc.sql("update collect_event_log set window_to = ? where log_id = ? and window_to <= landed")
                    .params(to, log)
                    .update();
            return jdbc.sql("select window_to from collect_event_log where log_id = ?")
                    .param(log)
                    .query(Long.class)
                    .single();
        }));
    }

    /** Up to where a log has landed. */
    long landed(UUID log) {
        return jdbc.sql("select landed from collect_event_log where log_id = ?")
                .param(log)
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    void failed(UUID log, @Nullable String why) {
        jdbc.sql("update collect_event_log set failure = :why where log_id = :log and failure is distinct from :why")
                .param("why", why)
                .param("log", log)
                .update();
    }

    Optional<String> failure(UUID log) {
        return jdbc.sql("select failure from collect_event_log where log_id = ? and failure is not null")
                .param(log)
                .query(String.class)
                .optional();
    }

    /** Notes what a window brought. Must be called in a transaction; true the first time, and only then it has counted anything. */
    boolean record(UUID log, long from, long to, EventLanding.Landed landed) {
        int moved = jdbc.sql(
                        "update collect_event_log set landed = ?, failure = null where log_id = ? and landed = ? and window_to = ?")
                .params(to, log, from, to)
                .update();
        if (moved == 0) {
            return false;
        }
        for (EventLanding.OfStream stream : landed.streams()) {
            if (registry().byId.containsKey(stream.id())) {
                record(stream);
            }
        }
        for (EventLanding.Quarantined each : landed.quarantined()) {
            jdbc.sql("""
                            insert into collect_event_strangers (stream, device, events, first_at, last_at) values (?, ?, ?, ?, ?)
                            on conflict (stream, device) do update set
                                events = collect_event_strangers.events + excluded.events,
                                first_at = least(collect_event_strangers.first_at, excluded.first_at),
                                last_at = greatest(collect_event_strangers.last_at, excluded.last_at)""")
                    .params(
                            each.stream(),
                            each.device(),
                            each.events(),
                            Timestamp.from(each.first()),
                            Timestamp.from(each.last()))
                    .update();
        }
        return true;
    }

    private void record(EventLanding.OfStream stream) {
        Timestamp last = stream.devices().stream()
                .map(EventLanding.OfDevice::last)
                .max(java.util.Comparator.naturalOrder())
                .map(Timestamp::from)
                .orElse(null);
        jdbc.sql("""
                        insert into collect_event_totals as t (source_id, received, landed, duplicates, quarantined, rejected,
                            replayed, last_event_at)
                        values (:source, :received, :landed, :duplicates, :quarantined, :rejected, :replayed, :last)
                        on conflict (source_id) do update set received = t.received + excluded.received,
                            landed = t.landed + excluded.landed, duplicates = t.duplicates + excluded.duplicates,
                            quarantined = t.quarantined + excluded.quarantined, rejected = t.rejected + excluded.rejected,
                            replayed = t.replayed + excluded.replayed,
                            last_event_at = greatest(t.last_event_at, excluded.last_event_at)""")
                .param("source", stream.id())
                .param("received", stream.received())
                .param("landed", stream.landed())
                .param("duplicates", stream.duplicates())
                .param("quarantined", stream.quarantined())
                .param("rejected", stream.rejected())
                .param("replayed", stream.replayed())
                .param("last", last)
                .update();
        jdbc.sql("""
                        insert into collect_event_minutes as m (source_id, minute, events) values (?, date_trunc('minute', ?::timestamptz), ?)
                        on conflict (source_id, minute) do update set events = m.events + excluded.events""").params(stream.id(), now(), stream.received()).update();
        jdbc.sql("delete from collect_event_minutes where source_id = ? and minute < ?")
                .params(stream.id(), Timestamp.from(clock.instant().minus(1, ChronoUnit.DAYS)))
                .update();
        for (EventLanding.OfDevice device : stream.devices()) {
            jdbc.sql("""
                            update collect_event_devices set events = events + ?, last_event_at = greatest(last_event_at, ?)
                            where source_id = ? and device = ?""")
                    .params(device.events(), Timestamp.from(device.last()), stream.id(), device.device())
                    .update();
        }
    }

    /** Devices whose quarantined events have to come out, with their streams. */
    List<Sender> toRelease() {
        return jdbc.sql(
                        "select source_id, device from collect_event_devices where release_since is not null order by release_since")
                .query((row, n) -> new Sender(row.getObject(1, UUID.class), row.getString(2)))
                .list();
    }

    void released(Sender device) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("update collect_event_devices set release_since = null where source_id = ? and device = ?")
                    .params(device.stream(), device.device())
                    .update();
            jdbc.sql("delete from collect_event_strangers where device = ? and stream in (?, ?)")
                    .params(device.device(), device.stream(), NO_STREAM)
                    .update();
        });
    }

    /** Forgets what is known at the door, because it has changed. */
    synchronized void forget() {
        registry = null;
    }

    private Registry registry() {
        Registry known = registry;
        if (known == null) {
            synchronized (this) {
                known = read();
                registry = known;
            }
        }
        return known;
    }

    private Registry read() {
        Map<String, Stream> byName = new HashMap<>();
        Map<UUID, Stream> byId = new HashMap<>();
        jdbc.sql(
                        "select id, name, location, settings, changed_at from collect_sources where kind = 'EVENTS' and deleted_at is null")
                .query(row -> {
                    Stream stream = new Stream(
                            row.getObject("id", UUID.class),
                            row.getString("name"),
                            row.getString("location"),
                            Sources.settings(row),
                            instant(row, "changed_at"));
                    byName.put(stream.name(), stream);
                    byId.put(stream.id(), stream);
                });
        Map<ByteBuffer, Sender> byTokenHash = new HashMap<>();
        Map<UUID, Set<String>> devices = new HashMap<>();
        Map<UUID, Set<String>> gateways = new HashMap<>();
        jdbc.sql("select source_id, device, gateway, token_hash from collect_event_devices")
                .query(row -> {
                    UUID stream = row.getObject("source_id", UUID.class);
                    String device = row.getString("device");
                    byte[] hash = row.getBytes("token_hash");
                    devices.computeIfAbsent(stream, any -> new HashSet<>()).add(device);
                    if (row.getBoolean("gateway")) {
                        gateways.computeIfAbsent(stream, any -> new HashSet<>()).add(device);
                    }
                    if (hash != null) {
                        byTokenHash.put(ByteBuffer.wrap(hash), new Sender(stream, device));
                    }
                });
        return new Registry(byName, byId, byTokenHash, devices, gateways);
    }

    private void requireStream(UUID source) {
        if (!registry().byId.containsKey(source)) {
            throw new Problem(CoreProblem.NOT_FOUND, "what", source.toString());
        }
    }

    private String token() {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return TOKEN_PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] hash(String token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private static Device device(ResultSet row) throws SQLException {
        return new Device(
                row.getString("device"),
                row.getString("title"),
                row.getBoolean("gateway"),
                row.getBytes("token_hash") != null,
                row.getTimestamp("registered_at").toInstant(),
                row.getString("registered_by"),
                row.getTimestamp("release_since") != null,
                row.getLong("events"),
                instant(row, "last_event_at"));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp time = row.getTimestamp(column);
        return time == null ? null : time.toInstant();
    }
}

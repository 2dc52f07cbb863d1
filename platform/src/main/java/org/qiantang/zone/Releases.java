package org.qiantang.zone;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.Sm3;
import org.qiantang.org.Account;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.Role;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What left the zones: marked files with signed manifests, and which release a file that somebody found is of. */
@Service
public final class Releases {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Under what the keys of marks are derived. */
    private static final String MARKS = "watermark of a release";

    private static final int LEAST_ROWS = 10;
    private static final int MOST_ROWS = 20_000;

    /** A file that is of no release is taken for one less than once in a thousand million times. */
    private static final double SURE = -9;

    private static final String RELEASE = "select * from zone_releases l ";

    private final JdbcClient jdbc;
    private final Zones zones;
    private final ResultFiles files;
    private final Leaving leaving;
    private final Sealing sealing;
    private final EvidenceRecords evidence;
    private final Clock clock;

    Releases(
            JdbcClient jdbc,
            Zones zones,
            ResultFiles files,
            Leaving leaving,
            Sealing sealing,
            EvidenceRecords evidence,
            Clock clock) {
        this.jdbc = jdbc;
        this.zones = zones;
        this.files = files;
        this.leaving = leaving;
        this.sealing = sealing;
        this.evidence = evidence;
        this.clock = clock;
    }

    private Watermark mark(UUID release) {
        return new Watermark(sealing.mac(MARKS, release.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** Makes the file of a result, marks it, writes down that it leaves and signs what it is. Inside the caller's transaction. */
    Release make(Zone zone, ZoneRun run, Account reviewer, String reason) {
        Held held = leaving.held(run.id());
        UUID id = UUID.randomUUID();
        byte[] file =
                mark(id).write(held.columns().stream().map(Held.Column::name).toList(), held.rows());
        String sha256 = files.keepRelease(id, file);
        String number = zones.number("FB", "zone_release_numbers");
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        String statement = HexFormat.of().formatHex(Sm3.digest(run.statement().getBytes(StandardCharsets.UTF_8)));
        Map<String, Object> entry = new TreeMap<>();
        entry.put("kind", "release");
        entry.put("at", now.toString());
        entry.put("who", reviewer.username());
        entry.put("release", number);
        entry.put("zone", zone.number());
        entry.put("statement", statement);
        entry.put("grants", run.grants());
        entry.put("rows", held.rows().size());
        entry.put("sha256", sha256);
        EvidenceRecords.Recorded recorded = evidence.record(entry);
        Map<String, Object> content = new TreeMap<>();
        content.put("release", number);
        content.put("id", id.toString());
        content.put("zone", zone.number());
        content.put("operator", zone.operator().id());
        content.put("agreement", zone.agreement());
        content.put("at", now.toString());
        content.put("run", run.id().toString());
        content.put("runner", run.who());
        content.put("submitter", leaving.submitter(run.id()));
        content.put("reviewer", reviewer.username());
        content.put("purpose", String.valueOf(run.purpose()));
        content.put("reason", reason);
        content.put("statement", statement);
        content.put("grants", run.grants());
        content.put(
                "tables",
                run.tables().stream()
                        .map(table -> Map.of("name", table.name(), "snapshot", table.snapshotId()))
                        .toList());
        content.put(
                "columns",
                run.columns().stream()
                        .map(column -> Map.of(
                                "name",
                                column.name(),
                                "type",
                                column.type(),
                                "as",
                                column.as().name()))
                        .toList());
        content.put("k", zone.k());
        content.put("rows", held.rows().size());
        content.put("bytes", file.length);
        content.put("sha256", sha256);
        content.put(
                "evidence", Map.of("log", recorded.log(), "index", recorded.index(), "leafHash", recorded.leafHash()));
        jdbc.sql("""
                        insert into zone_releases (id, number, zone_id, run_id, released_at, row_count, bytes, sha256, manifest)
                        values (:id, :number, :zone, :run, :at, :rows, :bytes, :sha256, :manifest)""")
                .param("id", id)
                .param("number", number)
                .param("zone", zone.id())
                .param("run", run.id())
                .param("at", Timestamp.from(now))
                .param("rows", held.rows().size())
                .param("bytes", file.length)
                .param("sha256", sha256)
                .param("manifest", signed(content))
                .update();
        return find(id);
    }

    private byte[] signed(Map<String, Object> content) {
        JsonNode manifest = JSON.valueToTree(content);
        Base64.Encoder base64 = Base64.getEncoder();
        return CanonicalJson.bytes(Map.of(
                "manifest",
                manifest,
                "signature",
                Map.of(
                        "algorithm",
                        Sealing.ALGORITHM,
                        "publicKey",
                        base64.encodeToString(sealing.publicKey().getEncoded()),
                        "value",
                        base64.encodeToString(sealing.sign(CanonicalJson.bytes(manifest))))));
    }

    public List<Release> list(Account who, UUID zone) {
        zones.seen(who, zone);
        return jdbc.sql(RELEASE + " where zone_id = ? order by released_at desc")
                .param(zone)
                .query((row, n) -> release(row))
                .list();
    }

    /** What a release is, signed; canonical JSON. */
    public byte[] manifest(Account who, UUID id) {
        zones.seen(who, find(id).zone());
        return jdbc.sql("select manifest from zone_releases where id = ?")
                .param(id)
                .query(byte[].class)
                .single();
    }

    /**
     * A file that leaves, and where that is written down.
     *
     * @param name for whoever saves it
     */
    public record Handed(String name, byte[] content, EvidenceRecords.Recorded evidence) {}

    /** The file, for members of the zone and the bureau. Refuses what no standing product is registered with. */
    public Handed file(Account who, UUID id) {
        Release release = find(id);
        Zone zone = zones.find(release.zone());
        if (!who.has(Role.ENGINEER)) {
            zones.requireMember(who, zone);
        }
        String product = jdbc.sql(
                        "select number from zone_products where releases @> array[cast(? as uuid)] and state <> 'WITHDRAWN' order by number limit 1")
                .param(id)
                .query(String.class)
                .optional()
                .orElseThrow(() -> new Problem(ZoneProblem.NOT_REGISTERED));
        return hand(who.username(), release, product);
    }

    /** Writes down that it is handed out, before it is. */
    Handed hand(String who, Release release, String product) {
        byte[] file = files.release(release.id(), release.sha256());
        EvidenceRecords.Recorded recorded = evidence.record(Map.of(
                "kind",
                "handed",
                "at",
                clock.instant().truncatedTo(ChronoUnit.MICROS).toString(),
                "who",
                who,
                "release",
                release.number(),
                "product",
                product,
                "sha256",
                release.sha256()));
        return new Handed(release.number() + ".csv", file, recorded);
    }

    /**
     * What speaks for a file being of a release. Each on its own is enough.
     *
     * @param order whether its rows stand in the release's order
     * @param quotes whether its values are in quotes as in the release
     * @param contained how many of its rows are rows of the release, of all that were looked at, whatever order and quotes they have
     */
    public record Recognised(Release release, boolean order, boolean quotes, long contained, long rows) {}

    /** Which releases a file, or a piece of one, is of; the surest first. Empty where it is of none that can be told. */
    public List<Recognised> recognise(String text) {
        List<Fragment.Row> rows = Fragment.read(text, MOST_ROWS);
        if (rows.size() < LEAST_ROWS) {
            throw new Problem(ZoneProblem.FRAGMENT_TOO_SHORT, "least", Integer.toString(LEAST_ROWS));
        }
        List<Recognised> found = new ArrayList<>();
        for (Release release : jdbc.sql(RELEASE + " order by released_at desc")
                .query((row, n) -> release(row))
                .list()) {
            Watermark.Agreement agreement = mark(release.id()).agreement(rows);
            boolean order = agreement.orderExponent() < SURE;
            boolean quotes = agreement.quotesExponent() < SURE;
            long contained = files.alone(() -> contained(release, rows));
            if (order || quotes || contained * 10 >= rows.size() * 9L) {
                found.add(new Recognised(release, order, quotes, contained, rows.size()));
            }
        }
        found.sort(Comparator.comparing((Recognised each) -> each.order || each.quotes)
                .thenComparing(Recognised::contained)
                .reversed());
        return found;
    }

    private long contained(Release release, List<Fragment.Row> rows) {
        Map<List<@Nullable String>, Integer> left = new HashMap<>();
        try {
            leaving.held(release.run()).rows().forEach(row -> left.merge(row, 1, Integer::sum));
        } catch (Problem gone) {
            return 0;
        }
        long contained = 0;
        for (Fragment.Row row : rows) {
            Integer n = left.get(row.values());
            if (n != null && n > 0) {
                left.put(row.values(), n - 1);
                contained++;
            }
        }
        return contained;
    }

    Release find(UUID id) {
        return jdbc.sql(RELEASE + " where id = ?")
                .param(id)
                .query((row, n) -> release(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    static Release release(ResultSet row) throws SQLException {
        return new Release(
                row.getObject("id", UUID.class),
                requireNonNull(row.getString("number")),
                row.getObject("zone_id", UUID.class),
                row.getObject("run_id", UUID.class),
                row.getTimestamp("released_at").toInstant(),
                row.getLong("row_count"),
                row.getLong("bytes"),
                requireNonNull(row.getString("sha256")));
    }
}

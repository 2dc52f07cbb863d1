package org.qiantang.collect;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.EventLanding.Landed;
import org.qiantang.collect.EventLanding.OfStream;
import org.qiantang.collect.EventLanding.Order;
import org.qiantang.collect.internal.events.EventLander;
import org.qiantang.collect.internal.events.EventLog;
import org.qiantang.collect.internal.events.EventRecord;
import org.qiantang.lake.Upkeep;

/** Events on their way from the log into a real lake. */
class EventLandingTests {
    private static final UUID STREAM = UUID.fromString("0f4f6f0e-9f6c-4a35-8f5e-5f3e5f2f1a01");
    private static final long AT = 1_780_000_000_000_000L;

    /** Of rows with the time at 5 and the id at 6; all were received at once. */
    private static final java.util.Comparator<List<String>> NEWER =
            java.util.Comparator.<List<String>, String>comparing(
                            row -> row.get(5), java.util.Comparator.nullsFirst(java.util.Comparator.naturalOrder()))
                    .thenComparing(row -> row.get(6));

    @TempDir
    Path folder;

    private Lakeside lakeside;
    private EventLog log;
    private EventLander lander;
    private long landed;

    @BeforeEach
    void open() throws IOException {
        lakeside = new Lakeside(folder);
        log = EventLog.open(folder.resolve("events"), EventLog.Limits.USUAL);
        lander = new EventLander(lakeside.lake);
    }

    @AfterEach
    void close() {
        log.close();
        lakeside.close();
    }

    @Test
    void everyValueLandsInItsColumnOrStaysAsItWasSent() {
        send("""
                {"device":"d1","time":"2026-11-23T08:00:00+08:00","value":23.10,"ok":true,"note":"一切正常","tags":["a",{"b":1}]}
                {"device":"d1","time":"2026-11-23T08:01:00+08:00","value":"n/a","ok":"yes","note":7,"tags":null}
                {"device":"d1","time":"2026-11-23T08:02:00+08:00","value":0.1234567890123456789,"big":12345678901234567890123,"Note":"二"}
                {"device":"d1","time":"no time","value":1e400,"_id":"mine","lone":"\\ud800"}""");

        OfStream of = land().streams().getFirst();

        assertThat(of.received()).isEqualTo(4);
        assertThat(of.landed()).isEqualTo(4);
        assertThat(rows("value, ok, note, tags, _more"))
                .containsExactly(
                        row("23.1", "true", "一切正常", "[\"a\",{\"b\":1}]", null),
                        row(null, null, "7", null, "{\"value\":\"n/a\",\"ok\":\"yes\"}"),
                        row(null, null, null, null, "{\"value\":0.1234567890123456789,\"Note\":\"二\"}"),
                        row(null, null, null, null, "{\"value\":1e400,\"_id\":\"mine\",\"lone\":\"\\ud800\"}"));
        assertThat(rows("big, lone, \"time\"").get(2))
                .isEqualTo(row("12345678901234567890123", null, "2026-11-23T08:02:00+08:00"));
        assertThat(rows("_device, _time, _received_at, _origin").getFirst())
                .isEqualTo(row("d1", "2026-11-23 00:00:00+00", "2026-05-28 20:26:40+00", null));
        assertThat(rows("_time").getLast()).isEqualTo(row((String) null));
    }

    @Test
    void newFieldsBecomeColumnsAndOldRowsStay() {
        send("{\"device\":\"d1\",\"ts\":1780000000,\"a\":1}");
        land();
        lander = new EventLander(lakeside.lake);
        send("{\"device\":\"d1\",\"ts\":1780000001,\"a\":\"text\",\"b\":\"x\"}");
        land();

        assertThat(rows("a, b, _more")).containsExactly(row("1.0", null, null), row(null, "x", "{\"a\":\"text\"}"));
    }

    @Test
    void theFinalTableIsTheSameForAnyOrderAndAnyRepetition() throws Exception {
        List<String> events = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            // Late ones by hours, some without a time, some of a field that others lack.
            String time = i % 17 == 0 ? "" : ",\"time\":\"2026-11-23T%02d:%02d:00Z\"".formatted(i % 7, i % 60);
            String more = i % 5 == 0 ? ",\"extra\":\"" + i + "\"" : "";
            events.add("{\"device\":\"d" + i % 9 + "\"" + time + ",\"value\":" + i / 2 + more + "}");
        }
        Set<String> distinct = new TreeSet<>(events);
        List<List<String>> expected = null;
        for (int seed = 0; seed < 4; seed++) {
            Random random = new Random(seed);
            List<String> sent = new ArrayList<>(events);
            IntStream.range(0, 200).forEach(i -> sent.add(events.get(random.nextInt(events.size()))));
            Collections.shuffle(sent, random);
            try (Lakeside other = new Lakeside(folder.resolve("permutation-" + seed));
                    EventLog otherLog =
                            EventLog.open(folder.resolve("permutation-" + seed + "/events"), EventLog.Limits.USUAL)) {
                EventLander otherLander = new EventLander(other.lake);
                long from = 0;
                long total = 0;
                long repeated = 0;
                for (int i = 0; i < sent.size(); ) {
                    int batch = Math.min(sent.size(), i + 1 + random.nextInt(120));
                    otherLog.append(record(String.join("\n", sent.subList(i, batch))));
                    i = batch;
                    if (random.nextInt(3) == 0) {
                        // whoever landed the last ones remembers nothing of it
                        otherLander = new EventLander(other.lake);
                    }
                    OfStream of = otherLander
                            .land(new Order(
                                    folder.resolve("permutation-" + seed + "/events")
                                            .toString(),
                                    otherLog.id(),
                                    from,
                                    otherLog.durable(),
                                    List.of(stream())))
                            .streams()
                            .getFirst();
                    from = otherLog.durable();
                    if (random.nextInt(4) == 0) {
                        // which leaves no snapshot by which to tell what has come since
                        new Upkeep(other.lake, new Upkeep.Policy(Duration.ZERO, 1, Duration.ofHours(1))).all();
                    }
                    total += of.landed();
                    repeated += of.duplicates();
                }
                List<List<String>> table = other.rows(
                        "SELECT device, \"time\", \"value\", extra, _device, _time, _id FROM raw_sensors.events ORDER BY ALL");
                // Whoever starts anew looks at once; the one before waits until it is time again.
                new EventLander(other.lake).keepLatest();
                List<List<String>> latest = other.rows(
                        "SELECT device, \"time\", \"value\", extra, _device, _time, _id FROM raw_sensors.latest ORDER BY ALL");
                // The rule once more, by another way: sorted in here, the first of each device.
                Map<String, List<String>> newest = new java.util.TreeMap<>();
                table.forEach(event ->
                        newest.merge(event.get(4), event, (one, two) -> NEWER.compare(one, two) >= 0 ? one : two));
                assertThat(latest).containsExactlyInAnyOrderElementsOf(newest.values());
                assertThat(total).isEqualTo(distinct.size());
                assertThat(repeated).isEqualTo(sent.size() - distinct.size());
                assertThat(table).hasSize(distinct.size());
                expected = expected == null ? table : expected;
                assertThat(table).isEqualTo(expected);
            }
        }
    }

    @Test
    void theNewestIsOfEachFactorAndCommandOfADeviceAndOutlivesWhoeverDies() {
        send("{\"device\":\"d1\",\"time\":\"2026-11-23T08:00:00Z\",\"rtd\":1}");
        land();
        send("""
                {"device":"d1","time":"2026-11-23T08:01:00Z","cn":"2011","factor":"w01018","rtd":2}
                {"device":"d1","time":"2026-11-23T08:01:00Z","cn":"2011","factor":"w01001","rtd":3}
                {"device":"d1","time":"2026-11-23T08:00:30Z","cn":"2011","factor":"w01001","rtd":4}
                {"device":"d1","time":"2026-11-23T08:00:00Z","cn":"2061","factor":"w01001","rtd":5}""");
        land();
        // Nobody remembers that there is more.
        lander = new EventLander(lakeside.lake);
        lander.keepLatest();

        assertThat(lakeside.rows("SELECT cn, factor, rtd FROM raw_sensors.latest ORDER BY rtd"))
                .containsExactly(
                        row(null, null, "1.0"),
                        row("2011", "w01018", "2.0"),
                        row("2011", "w01001", "3.0"),
                        row("2061", "w01001", "5.0"));
    }

    @Test
    void landingAgainAfterACrashChangesNothingAndSaysTheSame() {
        send(
                "{\"device\":\"d1\",\"time\":\"2026-11-23T08:00:00Z\",\"v\":1}\n{\"device\":\"d1\",\"time\":\"2026-11-23T08:00:00Z\",\"v\":1}");
        send("{\"device\":\"stranger\",\"v\":2}");
        long from = landed;
        Landed first = land();

        landed = from;
        lander = new EventLander(lakeside.lake);
        Landed again = land();

        assertThat(first.streams().getFirst().landed()).isEqualTo(1);
        assertThat(first.streams().getFirst().duplicates()).isEqualTo(1);
        assertThat(again.streams().getFirst())
                .usingRecursiveComparison()
                .ignoringFields("table", "newest")
                .isEqualTo(first.streams().getFirst());
        assertThat(again.quarantined()).isEqualTo(first.quarantined());
        assertThat(lakeside.rows("SELECT count(*) FROM raw_sensors.events")).containsExactly(row("1"));
        assertThat(lakeside.rows("SELECT count(*) FROM ops_collect.quarantine")).containsExactly(row("1"));
    }

    @Test
    void whoeverCouldNotNoteWhatLandedIsToldAllOfItAgain() {
        send("{\"device\":\"d1\",\"time\":\"2026-11-23T08:00:00Z\",\"v\":1}");
        long from = landed;
        OfStream first = land().streams().getFirst();

        landed = from;
        OfStream again = land().streams().getFirst();
        send("{\"device\":\"d1\",\"time\":\"2026-11-23T08:01:00Z\",\"v\":2}");
        OfStream next = land().streams().getFirst();

        assertThat(first.table()).isNotNull();
        assertThat(first.newest()).isNotNull();
        assertThat(again).isEqualTo(first);
        assertThat(next.table()).isNotEqualTo(first.table());
        assertThat(next.newest())
                .as("it is not their turn yet, and what was noted is not said again")
                .isNull();
    }

    @Test
    void eventsOfStrangersWaitInQuarantine() {
        send("{\"device\":\"stranger\",\"v\":1}\n{\"device\":\"d1\",\"v\":2}\n{\"v\":3}");
        log.append(new EventRecord(
                EventRecord.Kind.EVENTS, STREAM, AT, "d2", "", "{\"device\":\"d1\",\"v\":4}".getBytes(UTF_8)));
        log.append(new EventRecord(EventRecord.Kind.EVENTS, STREAM, AT, "d2", "", "{\"v\":5}".getBytes(UTF_8)));
        log.append(new EventRecord(
                EventRecord.Kind.EVENTS, EventRecord.NO_STREAM, AT, "mn-9", "", "{\"v\":6}".getBytes(UTF_8)));

        Landed of = land();

        assertThat(rows("_device, v")).containsExactlyInAnyOrder(row("d1", "2.0"), row("d2", "5.0"));
        assertThat(of.streams().getFirst().quarantined()).isEqualTo(3);
        assertThat(of.quarantined())
                .extracting(EventLanding.Quarantined::device)
                .containsExactly("", "d1", "mn-9", "stranger");
        assertThat(lakeside.rows("SELECT device, reason, raw FROM ops_collect.quarantine ORDER BY raw"))
                .containsExactly(
                        row("d1", "not a gateway", "{\"device\":\"d1\",\"v\":4}"),
                        row("stranger", "not registered", "{\"device\":\"stranger\",\"v\":1}"),
                        row("", "no device", "{\"v\":3}"),
                        row("mn-9", "no such stream", "{\"v\":6}"));
    }

    @Test
    void whatIsNoEventIsKeptWithItsReason() {
        log.append(new EventRecord(
                EventRecord.Kind.REJECT,
                STREAM,
                AT,
                "d1",
                "",
                "{\"where\":\"line 7\",\"code\":\"collect.event_not_json\",\"reason\":\"why\",\"raw\":\"<xml/>\"}"
                        .getBytes(UTF_8)));

        Landed of = land();

        assertThat(of.streams().getFirst().rejected()).isEqualTo(1);
        assertThat(lakeside.rows(
                        "SELECT run_id, source, object, \"where\", code, reason, raw FROM ops_collect.rejects"))
                .containsExactly(row(
                        STREAM.toString(), "sensors", "events", "line 7", "collect.event_not_json", "why", "<xml/>"));
    }

    @Test
    void aRejectThatIsAnEventNowIsMarkedBehindItAndOnce() {
        send("{\"device\":\"d1\",\"v\":1}");
        log.append(
                new EventRecord(EventRecord.Kind.REPLAYED, STREAM, AT, "engineer", "", "id-1\nid-2\n".getBytes(UTF_8)));
        long from = landed;
        OfStream first = land().streams().getFirst();

        landed = from;
        lander = new EventLander(lakeside.lake);
        OfStream again = land().streams().getFirst();

        assertThat(first.replayed()).isEqualTo(2);
        assertThat(again.replayed()).isEqualTo(2);
        assertThat(lakeside.rows("SELECT stream, id, \"at\", \"by\" FROM ops_collect.replays ORDER BY id"))
                .containsExactly(
                        row(STREAM.toString(), "id-1", "2026-05-28 20:26:40+00", "engineer"),
                        row(STREAM.toString(), "id-2", "2026-05-28 20:26:40+00", "engineer"));
    }

    @Test
    void ignoredFieldsDoNotMakeAnEventAnother() {
        Map<String, String> settings = Map.of("ignore", "seq,sent", "time", "happened");
        send("{\"device\":\"d1\",\"happened\":\"20261123080000\",\"seq\":1,\"v\":[1, {\"a\":2}],\"s\":\"x\"}");
        send("{\"device\":\"d1\",\"happened\":\"20261123080000\",\"seq\":2,\"v\":[1, {\"a\":2}],\"s\":\"x\"}");
        send("{\"device\":\"d1\",\"happened\":\"20261123080000\",\"seq\":2,\"v\":[1, {\"a\":3}],\"s\":\"x\"}");

        OfStream of = land(settings).streams().getFirst();

        assertThat(of.landed()).isEqualTo(2);
        assertThat(of.duplicates()).isEqualTo(1);
        assertThat(rows("_time").getFirst()).isEqualTo(row("2026-11-23 00:00:00+00"));
    }

    private static List<String> row(String... values) {
        return java.util.Arrays.asList(values);
    }

    private List<List<String>> rows(String columns) {
        return lakeside.rows("SELECT " + columns + " FROM raw_sensors.events ORDER BY _time NULLS LAST, _received_at");
    }

    private void send(String lines) {
        log.append(record(lines));
    }

    private static EventRecord record(String lines) {
        return new EventRecord(EventRecord.Kind.EVENTS, STREAM, AT, "", "", lines.getBytes(UTF_8));
    }

    private Landed land() {
        return land(Map.of());
    }

    private Landed land(Map<String, String> settings) {
        EventLanding.Stream stream =
                new EventLanding.Stream(STREAM, "sensors", settings, stream().devices(), Set.of());
        long to = log.durable();
        Landed answer =
                lander.land(new Order(folder.resolve("events").toString(), log.id(), landed, to, List.of(stream)));
        landed = to;
        return answer;
    }

    private static EventLanding.Stream stream() {
        return new EventLanding.Stream(
                STREAM, "sensors", Map.of(), Set.of("d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8"), Set.of());
    }
}

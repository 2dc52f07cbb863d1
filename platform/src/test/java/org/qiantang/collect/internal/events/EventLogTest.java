package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

class EventLogTest {
    private static final UUID STREAM = UUID.fromString("6f1c1a43-55a6-4d0c-93c2-9a3e3fb7a2b1");
    private static final EventLog.Limits SMALL = new EventLog.Limits(4_096, 1 << 20, 64 << 20);

    @TempDir
    Path folder;

    private final FaultyDisk disk = new FaultyDisk();

    @Test
    void whatWasAppendedIsReadBackAsItWas() {
        EventRecord first = new EventRecord(
                EventRecord.Kind.EVENTS, STREAM, 1_700_000_000_000_001L, "站点-1", "city/air/1", bytes("{\"值\":1}"));
        EventRecord second =
                new EventRecord(EventRecord.Kind.REJECT, EventRecord.NO_STREAM, -1, "", "", new byte[] {0, -1});
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            log.append(first);
            log.append(second);

            assertThat(LogWindow.read(folder, log.id(), 0, log.durable()).entries())
                    .extracting(LogWindow.Entry::record)
                    .usingRecursiveFieldByFieldElementComparator()
                    .containsExactly(first, second);
        }
    }

    @Test
    void powerLossKeepsWhatWasAcknowledged() throws Exception {
        // Enough to begin several files, whose names must be safe as well.
        List<String> acknowledged = appendFromManyThreads(200);

        disk.losePower(folder);

        assertThat(reopened()).containsAll(acknowledged);
        assertThat(Segment.list(folder)).hasSizeGreaterThan(2);
    }

    @Test
    void manySendersShareAForce() throws Exception {
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            int before = disk.forces.get();
            CountDownLatch slow = new CountDownLatch(1);
            disk.beforeForce = () -> {
                try {
                    slow.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            };
            try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 50; i++) {
                    int n = i;
                    senders.submit(() -> log.append(record("{\"n\":" + n + "}")));
                }
                await().until(() -> LogWindow.boundary(folder, 0, Long.MAX_VALUE, Long.MAX_VALUE) > 0);
                slow.countDown();
            }

            assertThat(texts(log)).hasSize(50);
            assertThat(disk.forces.get() - before).isLessThan(20);
        }
    }

    @Test
    void aTornTailIsCutAndTheLogGoesOn() throws Exception {
        List<String> acknowledged = appendFromManyThreads(20);
        Path last = Segment.list(folder).getLast().file();
        byte[] whole = Files.readAllBytes(last);
        try (FileChannel channel = FileChannel.open(last, StandardOpenOption.APPEND)) {
            // The beginning of a record that was on its way.
            channel.write(ByteBuffer.allocate(40).putInt(100).putInt(7).rewind());
        }

        assertThat(reopened()).containsExactlyInAnyOrderElementsOf(acknowledged);
        assertThat(Files.readAllBytes(last)).isEqualTo(whole);
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            log.append(record("{\"after\":true}"));
            assertThat(texts(log)).hasSize(acknowledged.size() + 1).endsWith("{\"after\":true}");
        }
    }

    @RepeatedTest(20)
    void whereverTheLogIsCutTheWholeRecordsBeforeAreThere() throws Exception {
        try (EventLog log = EventLog.open(folder, EventLog.Limits.USUAL, disk)) {
            for (int i = 0; i < 20; i++) {
                log.append(record("{\"n\":" + i + "}"));
            }
        }
        Path file = Segment.list(folder).getLast().file();
        long size = Files.size(file);
        long cut = Segment.HEADER + new Random().nextLong(size - Segment.HEADER);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(cut);
        }

        int expected = (int) ((cut - Segment.HEADER) * 20 / (size - Segment.HEADER));
        assertThat(reopened().size()).isBetween(expected - 1, expected + 1);
        for (int i = 0; i < reopened().size(); i++) {
            assertThat(reopened().get(i)).isEqualTo("{\"n\":" + i + "}");
        }
    }

    @Test
    void aFailedForceIsNeverAcknowledgedAndNeverTriedAgain() {
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            log.append(record("{\"n\":1}"));
            Path failing = Segment.list(folder).getLast().file();
            disk.failForce = true;
            refused(() -> log.append(record("{\"n\":2}")), CollectProblem.EVENTS_NOT_DURABLE);
            refused(() -> log.append(record("{\"n\":3}")), CollectProblem.EVENTS_NOT_DURABLE);
            assertThat(log.refusal()).hasValueSatisfying(why -> assertThat(why).contains("Input/output error"));
            assertThat(texts(log)).as("reading goes on").containsExactly("{\"n\":1}");

            disk.failForce = false;
            await().until(() -> log.refusal().isEmpty());
            log.append(record("{\"n\":4}"));

            assertThat(texts(log)).containsExactly("{\"n\":1}", "{\"n\":4}");
            assertThat(Segment.list(folder).getLast().file()).isNotEqualTo(failing);
        }
        assertThat(reopened()).as("what stood behind the failure stays out").containsExactly("{\"n\":1}", "{\"n\":4}");
    }

    @Test
    void whatASystemForgotAfterAFailedForceWasNeverAcknowledged() throws Exception {
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            log.append(record("{\"n\":1}"));
            disk.failNextForce = true;
            refused(() -> log.append(record("{\"n\":2}")), CollectProblem.EVENTS_NOT_DURABLE);

            await().until(() -> log.refusal().isEmpty());
            log.append(record("{\"n\":3}"));
        }
        disk.losePower(folder);

        assertThat(reopened()).containsExactly("{\"n\":1}", "{\"n\":3}");
    }

    @Test
    void everybodyWhoWaitedForAFailedForceIsRefused() throws Exception {
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            CountDownLatch slow = new CountDownLatch(1);
            disk.failForce = true;
            disk.beforeForce = () -> {
                try {
                    slow.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            };
            List<Future<?>> waiting = new ArrayList<>();
            try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 20; i++) {
                    waiting.add(senders.submit(() -> log.append(record("{}"))));
                }
                slow.countDown();
            }

            assertThat(waiting).allSatisfy(each -> assertThat(each.state()).isEqualTo(Future.State.FAILED));
            assertThat(log.durable()).isZero();
        }
    }

    @Test
    void aFullDiskRefusesAndTheLogGoesOnWhenThereIsSpaceAgain() {
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            log.append(record("{\"n\":1}"));
            disk.full = true;
            refused(() -> log.append(record("{\"n\":2}")), CollectProblem.EVENTS_NOT_DURABLE);
            refused(() -> log.append(record("{\"n\":2}")), CollectProblem.EVENTS_NOT_DURABLE);

            disk.full = false;
            await().until(() -> log.refusal().isEmpty());
            log.append(record("{\"n\":3}"));

            assertThat(texts(log)).containsExactly("{\"n\":1}", "{\"n\":3}");
        }
        assertThat(reopened()).containsExactly("{\"n\":1}", "{\"n\":3}");
    }

    @Test
    void whoeverSendsFasterThanTheLakeTakesIsToldToWait() {
        try (EventLog log = EventLog.open(folder, new EventLog.Limits(4_096, 1 << 20, 10_000), disk)) {
            refused(
                    () -> {
                        for (int i = 0; i < 1_000; i++) {
                            log.append(record("{\"n\":" + i + "}"));
                        }
                    },
                    CollectProblem.EVENTS_BUSY);

            log.release(log.durable());
            log.append(record("{}"));

            assertThat(Segment.list(folder)).as("what was released is gone").hasSizeLessThan(3);
        }
    }

    @Test
    void positionsGoOnAfterEverythingWasReleased() {
        long end;
        UUID id;
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            for (int i = 0; i < 200; i++) {
                log.append(record("{\"n\":" + i + "}"));
            }
            end = log.durable();
            id = log.id();
            log.release(end);
        }
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            assertThat(log.durable()).isEqualTo(end);
            assertThat(log.id()).isEqualTo(id);
        }
    }

    @Test
    void aDamagedStretchIsNamedAndWhatFollowsIsRead() throws Exception {
        long[] ends = new long[10];
        UUID id;
        try (EventLog log = EventLog.open(folder, EventLog.Limits.USUAL, disk)) {
            id = log.id();
            for (int i = 0; i < 10; i++) {
                log.append(record("{\"n\":" + i + "}"));
                ends[i] = log.durable();
            }
        }
        try (FileChannel channel =
                FileChannel.open(Segment.list(folder).getFirst().file(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), Segment.HEADER + ends[3] + 12);
        }

        LogWindow window = LogWindow.read(folder, id, 0, ends[9]);

        assertThat(window.entries()).hasSize(9);
        assertThat(window.damaged()).containsExactly(new LogWindow.Damage(ends[3], ends[4]));
        assertThat(reopened()).as("opening the log does not cut at the damage").hasSize(9);
    }

    @Test
    void windowsTogetherHoldEveryRecordOnce() throws Exception {
        List<String> acknowledged = appendFromManyThreads(300);
        List<String> read = new ArrayList<>();
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            long from = 0;
            while (from < log.durable()) {
                long to = LogWindow.boundary(folder, from, log.durable(), 1_000);
                assertThat(to).isGreaterThan(from);
                LogWindow window = LogWindow.read(folder, log.id(), from, to);
                assertThat(window.damaged()).isEmpty();
                window.entries().forEach(entry -> read.add(text(entry)));
                from = to;
            }
        }
        assertThat(read).containsExactlyInAnyOrderElementsOf(acknowledged);
    }

    @RepeatedTest(10)
    void killingTheProcessLosesNothingAcknowledged() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Appender.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            int enough = 50 + new Random().nextInt(500);
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                acknowledged.add(line);
                if (acknowledged.size() == enough) {
                    process.destroyForcibly();
                }
            }
        } catch (IOException e) {
            // its output ends with it
        }
        process.waitFor();

        assertThat(acknowledged).hasSizeGreaterThan(40);
        Set<String> found = Set.copyOf(reopened());
        // The last line may have been cut while it was printed.
        assertThat(found).containsAll(acknowledged.subList(0, acknowledged.size() - 1));
    }

    /** Appends from several threads and prints what was acknowledged, until it is killed. */
    static final class Appender {
        public static void main(String... arguments) {
            EventLog log = EventLog.open(new File(arguments[0]).toPath(), SMALL);
            for (int t = 0; t < 8; t++) {
                int thread = t;
                Thread.ofPlatform().start(() -> {
                    for (long i = 0; true; i++) {
                        String text = "{\"thread\":" + thread + ",\"n\":" + i + "}";
                        log.append(record(text));
                        synchronized (System.out) {
                            System.out.println(text);
                            System.out.flush();
                        }
                    }
                });
            }
        }
    }

    private List<String> appendFromManyThreads(int count) throws Exception {
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            for (int from = 0; from < count; from += 40) {
                try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
                    for (int i = from; i < Math.min(count, from + 40); i++) {
                        String text = "{\"n\":" + i + ",\"text\":\"" + "x".repeat(i % 97) + "\"}";
                        senders.submit(() -> {
                            log.append(record(text));
                            acknowledged.add(text);
                        });
                    }
                }
            }
        }
        assertThat(acknowledged).hasSize(count);
        return List.copyOf(acknowledged);
    }

    private List<String> reopened() {
        try (EventLog log = EventLog.open(folder, SMALL, disk)) {
            return texts(log);
        }
    }

    private List<String> texts(EventLog log) {
        return LogWindow.read(folder, log.id(), log.released(), log.durable()).entries().stream()
                .map(EventLogTest::text)
                .collect(Collectors.toList());
    }

    private static String text(LogWindow.Entry entry) {
        return new String(entry.record().content(), UTF_8);
    }

    private static EventRecord record(String text) {
        return new EventRecord(EventRecord.Kind.EVENTS, STREAM, 1, "d", "", bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, CollectProblem code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(code));
    }
}

package org.qiantang.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EvidenceLogTest {
    static final byte[] SECRET = "a secret of thirty-two bytes ...".getBytes(UTF_8);
    /** Segments of sixteen entries, so that a few entries already are several. */
    static final int LEVEL = 4;

    static List<Suite> suites() {
        return List.of(new Ed25519Suite(), new Sm2Suite());
    }

    @TempDir
    Path folder;

    private final List<Checkpoint> signed = new CopyOnWriteArrayList<>();

    private EvidenceLog open(Suite suite) throws IOException {
        return open(folder, suite, signed);
    }

    static EvidenceLog open(Path folder, Suite suite, List<Checkpoint> signed) throws IOException {
        return EvidenceLog.open(
                new Segments(folder, LEVEL), folder, LogKey.of("test/log", suite, SECRET), SECRET, signed::add);
    }

    private FolderCheck.Verdict check(Suite suite) throws IOException {
        return FolderCheck.check(
                new Segments(folder, LEVEL), LogKey.of("test/log", suite, SECRET), List.copyOf(signed));
    }

    private static byte[] entry(int n) {
        return ("entry " + n + " 某人查阅了某表").getBytes(UTF_8);
    }

    private static int number(byte[] entry) {
        return Integer.parseInt(new String(entry, UTF_8).split(" ")[1]);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void whatManyAppendAtOnceIsThereOnceAfterwardsAndProven(Suite suite) throws Exception {
        Set<Long> indices = new HashSet<>();
        try (EvidenceLog log = open(suite);
                ExecutorService many = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Long>> tasks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                byte[] entry = entry(i);
                tasks.add(() -> log.append(entry).index());
            }
            for (Future<Long> each : many.invokeAll(tasks)) {
                indices.add(each.get());
            }
        }

        assertThat(indices).hasSize(100);
        assertThat(check(suite)).isEqualTo(new FolderCheck.Verdict(100, 0, 0));
        try (EvidenceLog log = open(suite)) {
            Set<String> texts = new HashSet<>();
            for (long index = 0; index < 100; index++) {
                Proof proof = Proof.parse(log.prove(index).orElseThrow().text());
                proof.verify(log.key());
                texts.add(proof.entryText());
            }
            assertThat(texts).hasSize(100);
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aRootIsSignedWithinASecondAndEachExtendsTheOneBefore(Suite suite) throws Exception {
        try (EvidenceLog log = open(suite)) {
            for (int i = 0; i < 37; i++) {
                log.append(entry(i));
                if (i % 18 == 0) {
                    long size = log.size();
                    await().atMost(EvidenceLog.SIGNED_WITHIN.plusSeconds(1))
                            .until(() -> log.checkpoint().size() >= size);
                }
            }
            Checkpoint last = signed.getLast();
            Merkle merkle = new Merkle(suite);
            for (Checkpoint earlier : signed) {
                assertThat(merkle.extend(
                                earlier.size(),
                                earlier.root(),
                                last.size(),
                                last.root(),
                                log.consistency(earlier.size(), last.size())))
                        .isTrue();
            }
        }
        assertThat(signed).hasSizeGreaterThan(2);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aTornEndIsCutWhereverItTears(Suite suite) throws Exception {
        try (EvidenceLog log = open(suite)) {
            for (int i = 0; i < 20; i++) {
                log.append(entry(i));
            }
        }
        Path last = folder.resolve("entries/00000001");
        byte[] signedBytes = Files.readAllBytes(last);
        byte[] checkpoint = Files.readAllBytes(folder.resolve("checkpoint"));
        byte[] next = entry(20);
        byte[] record = new byte[2 + next.length + Suite.HASH_BYTES];
        record[1] = (byte) next.length;
        System.arraycopy(next, 0, record, 2, next.length);
        System.arraycopy(new Merkle(suite).leaf(next), 0, record, 2 + next.length, Suite.HASH_BYTES);

        for (int room : new int[] {0, 1_000}) {
            for (int torn = 0; torn <= record.length; torn++) {
                byte[] bytes = Arrays.copyOf(signedBytes, signedBytes.length + torn + room);
                System.arraycopy(record, 0, bytes, signedBytes.length, torn);
                Files.write(last, bytes);
                try (EvidenceLog log = open(suite)) {
                    assertThat(log.size()).isEqualTo(torn == record.length ? 21 : 20);
                }
                check(suite);
                Files.write(last, signedBytes);
                Files.write(folder.resolve("checkpoint"), checkpoint);
                signed.clear();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void roomIsTakenAheadAndGivenBackAtTheEnd(Suite suite) throws Exception {
        Path last = folder.resolve("entries/00000000");
        try (EvidenceLog log = open(suite)) {
            log.append(entry(0));
            assertThat(Files.size(last)).isGreaterThanOrEqualTo(1 << 20);
            await().until(() -> log.checkpoint().size() == 1);
            assertThat(log.entry(0)).contains(entry(0));
            check(suite);
            byte[] live = Files.readAllBytes(last);
            live[live.length - 1] = 1;
            Files.write(last, live);
            assertThatThrownBy(() -> check(suite)).hasMessageContaining("ends within an entry");
        }
        assertThat(Files.size(last)).isEqualTo(2 + entry(0).length + Suite.HASH_BYTES);
        check(suite);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aCheckpointThatWasOnItsWayOutIsTheOneStill(Suite suite) throws Exception {
        try (EvidenceLog log = open(suite)) {
            log.append(entry(0));
        }
        Files.move(folder.resolve("checkpoint"), folder.resolve("checkpoint.former"));
        Files.writeString(folder.resolve("checkpoint.spare"), "half");
        try (EvidenceLog log = open(suite)) {
            assertThat(log.checkpoint().size()).isEqualTo(1);
        }
        check(suite);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void whatWasSignedAndIsGoneIsRefusedAndLeftAsItIs(Suite suite) throws Exception {
        try (EvidenceLog log = open(suite)) {
            for (int i = 0; i < 40; i++) {
                log.append(entry(i));
            }
        }
        Path last = folder.resolve("entries/00000002");
        byte[] all = Files.readAllBytes(last);
        byte[] cut = Arrays.copyOf(all, all.length - 1);
        Files.write(last, cut);

        assertThatThrownBy(() -> open(suite))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("40 entries");
        assertThat(Files.readAllBytes(last)).isEqualTo(cut);
        Files.write(last, all);
        open(suite).close();
    }

    @ParameterizedTest
    @MethodSource("suites")
    void anOldEntryLosesItsBytesAndNoProofUnlessItIsHeld(Suite suite) throws Exception {
        try (EvidenceLog log = open(suite)) {
            for (int i = 0; i < 70; i++) {
                log.append(entry(i));
            }
            await().until(() -> log.checkpoint().size() == 70);
            byte[] boundary = entry(63);

            long dropped = log.drop(
                    newest -> number(newest) < 63, (oldest, newest) -> number(oldest) <= 20 && number(newest) >= 20);

            assertThat(boundary).isNotEmpty();
            assertThat(dropped).isEqualTo(32);
            assertThat(log.entry(3)).isEmpty();
            assertThat(log.prove(3)).isEmpty();
            assertThat(log.entry(20)).contains(entry(20));
            Checkpoint now = log.checkpoint();
            Merkle merkle = new Merkle(suite);
            assertThat(merkle.includes(merkle.leaf(entry(3)), 3, 70, log.inclusion(3, 70), now.root()))
                    .as("whoever kept the entry can still prove it")
                    .isTrue();
            log.prove(69).orElseThrow().verify(log.key());
        }
        assertThat(check(suite)).isEqualTo(new FolderCheck.Verdict(70, 0, 32));
        open(suite).close();
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aCrashBetweenAFullSegmentAndItsRootIsMended(Suite suite) throws Exception {
        try (EvidenceLog log = open(suite)) {
            for (int i = 0; i < 40; i++) {
                log.append(entry(i));
            }
        }
        Path roots = folder.resolve("roots");
        byte[] before = Files.readAllBytes(roots);
        Files.write(roots, Arrays.copyOf(before, Suite.HASH_BYTES));

        open(suite).close();

        assertThat(Files.readAllBytes(roots)).isEqualTo(before);
        assertThat(check(suite).signed()).isEqualTo(40);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void aCrashBetweenTheLastEntryOfASegmentAndTheEndOfItsRoomIsMended(Suite suite) throws Exception {
        try (EvidenceLog log = open(suite)) {
            for (int i = 0; i < 32; i++) {
                log.append(entry(i));
            }
        }
        Path last = folder.resolve("entries/00000001");
        byte[] whole = Files.readAllBytes(last);
        Files.write(last, Arrays.copyOf(whole, whole.length + 5_000));
        Files.delete(folder.resolve("entries/00000002"));
        Path roots = folder.resolve("roots");
        byte[] before = Files.readAllBytes(roots);
        Files.write(roots, Arrays.copyOf(before, Suite.HASH_BYTES));

        try (EvidenceLog log = open(suite)) {
            assertThat(log.append(entry(32)).index()).isEqualTo(32);
        }

        assertThat(Files.readAllBytes(last)).isEqualTo(whole);
        assertThat(Files.readAllBytes(roots)).isEqualTo(before);
        assertThat(check(suite).signed()).isEqualTo(33);
        Files.write(last, Arrays.copyOf(whole, whole.length + 1));
        assertThatThrownBy(() -> check(suite)).hasMessageContaining("longer than it may be");
    }

    @ParameterizedTest
    @MethodSource("suites")
    void oneProcessWritesAndTheKeyIsTheLogsOwn(Suite suite) throws Exception {
        try (EvidenceLog log = open(suite)) {
            log.append(entry(0));
            assertThatThrownBy(() -> open(suite)).isInstanceOf(EvidenceException.class);
            assertThat(LogKey.parse(log.key().line()).line())
                    .isEqualTo(log.key().line());
        }
        byte[] other = SECRET.clone();
        other[0]++;

        assertThatThrownBy(() -> EvidenceLog.open(
                        new Segments(folder, LEVEL), folder, LogKey.of("test/log", suite, other), other, signed::add))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining("another key");
    }
}

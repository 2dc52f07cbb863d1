package org.qiantang.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.qiantang.evidence.EvidenceLogTest.LEVEL;
import static org.qiantang.evidence.EvidenceLogTest.SECRET;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever owns the disk may do with it what they like; who remembers a checkpoint notices. */
class MutationTest {
    private static final int MUTATIONS = 10_000;
    private static final int ENTRIES = 70;
    private static final List<String> KINDS =
            List.of("bit", "deletion", "reordering", "truncation", "fork", "replay", "removed file");

    @TempDir
    Path folder;

    static List<Suite> suites() {
        return EvidenceLogTest.suites();
    }

    @ParameterizedTest
    @MethodSource("suites")
    void noneOfTenThousandChangesGoesUnnoticed(Suite suite) throws Exception {
        LogKey key = LogKey.of("test/log", suite, SECRET);
        Path log = folder.resolve("log");
        write(log, suite, "", ENTRIES);
        Checkpoint remembered = Checkpoint.parse(Files.readString(log.resolve("checkpoint")), key);
        Map<String, byte[]> whole = read(log);
        List<Map<String, byte[]>> forks = new ArrayList<>();
        List<Map<String, byte[]>> older = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            // The owner has the key, and signs another history of the same size, or shows an older state.
            Path fork = folder.resolve("fork" + i);
            write(fork, suite, "another " + i + " ", ENTRIES);
            forks.add(read(fork));
            Path old = folder.resolve("old" + i);
            write(old, suite, "", 8 * i);
            older.add(read(old));
        }
        assertThat(FolderCheck.check(new Segments(log, LEVEL), key, List.of(remembered))
                        .signed())
                .isEqualTo(ENTRIES);

        Random chance = new Random(20261128);
        Map<String, Integer> found = new TreeMap<>();
        List<String> unnoticed = new ArrayList<>();
        Map<String, byte[]> shown = whole;
        for (int n = 0; n < MUTATIONS; n++) {
            String kind = KINDS.get(n % KINDS.size());
            Map<String, byte[]> mutated = same(whole, whole);
            while (same(mutated, whole) == whole) {
                mutated = mutate(kind, whole, forks, older, chance);
            }
            show(log, shown, mutated);
            shown = mutated;
            try {
                FolderCheck.Verdict verdict = FolderCheck.check(new Segments(log, LEVEL), key, List.of(remembered));
                unnoticed.add(n + " " + kind + " " + verdict);
            } catch (IOException noticed) {
                found.merge(kind, 1, Integer::sum);
            }
        }

        assertThat(unnoticed).isEmpty();
        assertThat(found.values().stream().mapToInt(each -> each).sum()).isEqualTo(MUTATIONS);
        assertThat(found).containsOnlyKeys(KINDS);
    }

    private static Map<String, byte[]> mutate(
            String kind,
            Map<String, byte[]> whole,
            List<Map<String, byte[]>> forks,
            List<Map<String, byte[]>> older,
            Random chance) {
        Map<String, byte[]> mutated = new TreeMap<>(whole);
        List<String> names = List.copyOf(whole.keySet());
        String name = names.get(chance.nextInt(names.size()));
        byte[] bytes = whole.get(name);
        switch (kind) {
            case "bit" -> {
                byte[] flipped = bytes.clone();
                if (flipped.length > 0) {
                    flipped[chance.nextInt(flipped.length)] ^= (byte) (1 << chance.nextInt(8));
                }
                mutated.put(name, flipped);
            }
            case "deletion" -> {
                List<byte[]> records = records(mutated);
                records.remove(chance.nextInt(records.size()));
                lay(mutated, records);
            }
            case "reordering" -> {
                List<byte[]> records = records(mutated);
                byte[] moved = records.remove(chance.nextInt(records.size()));
                records.add(chance.nextInt(records.size() + 1), moved);
                lay(mutated, records);
            }
            case "truncation" -> mutated.put(name, Arrays.copyOf(bytes, chance.nextInt(bytes.length + 1)));
            case "fork" -> {
                // The whole other history, or a part of it put in place of ours.
                Map<String, byte[]> fork = forks.get(chance.nextInt(forks.size()));
                if (chance.nextBoolean()) {
                    mutated.putAll(fork);
                } else {
                    mutated.put(name, fork.get(name));
                }
            }
            case "replay" -> {
                mutated.clear();
                mutated.putAll(older.get(chance.nextInt(older.size())));
            }
            default -> mutated.remove(name);
        }
        return mutated;
    }

    /** All entries as they are on disk, one after the other. */
    private static List<byte[]> records(Map<String, byte[]> files) {
        List<byte[]> records = new ArrayList<>();
        files.forEach((name, bytes) -> {
            if (name.startsWith("entries")) {
                for (int at = 0; at < bytes.length; ) {
                    int length = 2 + ((bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff) + Suite.HASH_BYTES;
                    records.add(Arrays.copyOfRange(bytes, at, at + length));
                    at += length;
                }
            }
        });
        return records;
    }

    /** As somebody would who knows the format: every segment full but the last. */
    private static void lay(Map<String, byte[]> files, List<byte[]> records) {
        files.keySet().removeIf(name -> name.startsWith("entries"));
        for (int from = 0; from < records.size(); from += 1 << LEVEL) {
            java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
            records.subList(from, Math.min(records.size(), from + (1 << LEVEL))).forEach(bytes::writeBytes);
            files.put("entries/%08x".formatted(from >> LEVEL), bytes.toByteArray());
        }
    }

    private void write(Path log, Suite suite, String prefix, int entries) throws IOException {
        try (EvidenceLog open = EvidenceLogTest.open(log, suite, new ArrayList<>())) {
            for (int i = 0; i < entries; i++) {
                open.submit((prefix + "entry " + i).getBytes(UTF_8));
            }
        }
        if (entries == 0) {
            // A log without entries has no root of its own yet.
            Files.deleteIfExists(log.resolve("checkpoint"));
        }
    }

    private static Map<String, byte[]> read(Path log) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(log)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                String name = log.relativize(file).toString();
                // It says nothing: it is there to be locked.
                if (!name.equals("lock")) {
                    files.put(name, Files.readAllBytes(file));
                }
            }
        }
        return files;
    }

    private static void show(Path log, Map<String, byte[]> before, Map<String, byte[]> after) throws IOException {
        for (String name : before.keySet()) {
            if (!after.containsKey(name)) {
                Files.delete(log.resolve(name));
            }
        }
        for (Map.Entry<String, byte[]> file : after.entrySet()) {
            if (!Arrays.equals(file.getValue(), before.get(file.getKey()))) {
                Files.write(log.resolve(file.getKey()), file.getValue());
            }
        }
    }

    /** The other one where both hold the same bytes. */
    private static Map<String, byte[]> same(Map<String, byte[]> one, Map<String, byte[]> other) {
        boolean equal = one.keySet().equals(other.keySet())
                && one.keySet().stream().allMatch(name -> Arrays.equals(one.get(name), other.get(name)));
        return equal ? other : one;
    }
}

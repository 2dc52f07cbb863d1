package org.qiantang.evidence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillTest {
    private static final int ROUNDS = 20;
    private static final Suite SUITE = new Ed25519Suite();

    @TempDir
    Path folder;

    /** Appends from four threads and says of each entry that is acknowledged where it is. */
    static final class Writer {
        public static void main(String[] args) throws Exception {
            EvidenceLog log = EvidenceLogTest.open(Path.of(args[0]), SUITE, new CopyOnWriteArrayList<>());
            for (int t = 0; t < 4; t++) {
                String name = args[1] + "-" + t;
                Thread.ofPlatform().start(() -> {
                    try {
                        for (int i = 0; ; i++) {
                            String entry = name + "-" + i;
                            long index = log.append(entry.getBytes(UTF_8)).index();
                            System.out.println(index + " " + entry);
                        }
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
            }
        }
    }

    @Test
    void nothingAcknowledgedIsLostHoweverOftenTheWriterIsKilled() throws Exception {
        Random chance = new Random();
        Map<Long, String> acknowledged = new HashMap<>();
        Path log = folder.resolve("log");
        for (int round = 0; round < ROUNDS; round++) {
            Process writer = start(Writer.class.getName(), log.toString(), "r" + round);
            int acknowledgements = 1 + chance.nextInt(1_000);
            try (BufferedReader out = writer.inputReader(UTF_8)) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    // What comes after the kill was acknowledged before it.
                    if (line.matches("\\d+ r\\d+-\\d-\\d+")) {
                        acknowledged.put(Long.valueOf(line.split(" ")[0]), line.split(" ")[1]);
                    }
                    if (--acknowledgements == 0) {
                        // By its handle, which leaves the pipe open.
                        writer.toHandle().destroyForcibly();
                    }
                }
            }
            assertThat(writer.waitFor()).isEqualTo(137);
        }

        Map<Long, String> kept = new HashMap<>();
        LogKey key;
        try (EvidenceLog open = EvidenceLogTest.open(log, SUITE, new CopyOnWriteArrayList<>())) {
            key = open.key();
        }
        Segments segments = new Segments(log, EvidenceLogTest.LEVEL);
        long[] index = new long[1];
        for (long segment = 0; segment < segments.count(); segment++) {
            segments.read(segment, (entry, hash) -> kept.put(index[0]++, new String(entry, UTF_8)));
        }
        assertThat(acknowledged).hasSizeGreaterThan(ROUNDS);
        assertThat(kept).containsAllEntriesOf(acknowledged);
        assertThat(FolderCheck.check(segments, key, List.of()).unsigned()).isZero();
    }

    @Test
    void theProgramThatChecksRunsAloneOnAProofAndOnTheFolder() throws Exception {
        Path log = folder.resolve("log");
        Path proof = folder.resolve("proof.txt");
        LogKey key;
        try (EvidenceLog open = EvidenceLog.open(log, "city/hub", SUITE, EvidenceLogTest.SECRET, made -> {})) {
            open.append("{\"who\":\"shen\"}".getBytes(UTF_8));
            key = open.key();
        }
        try (EvidenceLog open = EvidenceLog.open(log, "city/hub", SUITE, EvidenceLogTest.SECRET, made -> {})) {
            Files.writeString(proof, open.prove(0).orElseThrow().text());
        }

        assertThat(verify(proof, key)).contains("HOLDS", "shen");
        assertThat(verify(log, key)).contains("1 entries signed");
        String text = Files.readString(proof);
        Files.writeString(proof, text.replace("index 0", "index 1"));
        assertThat(verify(proof, key)).contains("DOES NOT HOLD");
        // As a resident saves it, who may not know what the entry says.
        Proof whole = Proof.parse(text);
        String leaf = HexFormat.of().formatHex(whole.leaf(SUITE));
        String hidden = "log city/hub\nindex 0\nleaf " + leaf + "\n\n" + whole.withoutEntry();
        Files.writeString(proof, hidden);
        assertThat(verify(proof, key)).contains("HOLDS", leaf).doesNotContain("shen", "DOES NOT");
        for (String wrong : List.of(
                hidden.replace(
                        "leaf " + leaf, "leaf " + leaf.replace(leaf.charAt(5), leaf.charAt(5) == '0' ? '1' : '0')),
                hidden.replaceFirst("index 0", "index 1"),
                hidden.replaceFirst("leaf .*", "leaf"))) {
            Files.writeString(proof, wrong);
            assertThat(verify(proof, key)).contains("DOES NOT HOLD");
        }
        Files.delete(log.resolve("entries/00000000"));
        assertThat(verify(log, key)).contains("DOES NOT HOLD");
    }

    private static String verify(Path what, LogKey key) throws Exception {
        Process process = start(Verify.class.getName(), what.toString(), "--key", key.line());
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).isEqualTo(said.contains("DOES NOT HOLD") ? 1 : 0);
        return said;
    }

    private static Process start(String... arguments) throws IOException {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-Dstdout.encoding=UTF-8",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}

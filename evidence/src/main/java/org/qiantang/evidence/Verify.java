package org.qiantang.evidence;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The program that checks evidence on any machine, without the platform and without a network. */
public final class Verify {
    private Verify() {}

    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** 0: it holds; 1: it does not; 2: wrong usage. */
    private static int run(String[] args) {
        Path what = null;
        String key = null;
        List<Path> remembered = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            String value = i + 1 < args.length ? args[i + 1] : null;
            if (args[i].equals("--key") && value != null) {
                key = value;
                i++;
            } else if (args[i].equals("--checkpoint") && value != null) {
                remembered.add(Path.of(value));
                i++;
            } else if (what == null && !args[i].startsWith("--")) {
                what = Path.of(args[i]);
            } else {
                return usage();
            }
        }
        if (what == null || key == null) {
            return usage();
        }
        return verify(what, key, remembered);
    }

    private static int usage() {
        System.err.println("Usage: qiantang-verify <log's folder | proof> --key <key | file> [--checkpoint <file>]…");
        return 2;
    }

    private static int verify(Path what, String keyOrFile, List<Path> remembered) {
        try {
            Path file = keyOrFile.contains("+") ? null : Path.of(keyOrFile);
            LogKey key = LogKey.parse(file == null ? keyOrFile : text(file));
            List<Checkpoint> checkpoints = new ArrayList<>();
            for (Path each : remembered) {
                checkpoints.add(Checkpoint.parse(text(each), key));
            }
            System.out.println(
                    Files.isDirectory(what) ? folder(what, key, checkpoints) : proof(what, key, checkpoints));
            return 0;
        } catch (IOException | IllegalArgumentException e) {
            System.out.println("不成立 DOES NOT HOLD: " + reason(e));
            return 1;
        }
    }

    private static @Nullable String reason(Exception e) {
        return e instanceof EvidenceException || e instanceof IllegalArgumentException ? e.getMessage() : e.toString();
    }

    private static String folder(Path folder, LogKey key, List<Checkpoint> remembered) throws IOException {
        FolderCheck.Verdict verdict = FolderCheck.check(folder, key, remembered);
        return "成立 HOLDS: %s, %d entries signed, %d not signed yet, of %d only the hash is kept, %d remembered checkpoints met"
                .formatted(key.name(), verdict.signed(), verdict.unsigned(), verdict.dropped(), remembered.size());
    }

    private static String proof(Path file, LogKey key, List<Checkpoint> remembered) throws IOException {
        String text = text(file);
        if (Proof.Hidden.looksLike(text)) {
            Proof.Hidden proof = Proof.Hidden.parse(text);
            Checkpoint checkpoint = met(proof.verify(key), remembered);
            return "成立 HOLDS: entry %d of %d in %s, of which this says the hash alone%n%s"
                    .formatted(
                            proof.index(),
                            checkpoint.size(),
                            key.name(),
                            HexFormat.of().formatHex(proof.leaf()));
        }
        Proof proof = Proof.parse(text);
        Checkpoint checkpoint = met(proof.verify(key), remembered);
        return "成立 HOLDS: entry %d of %d in %s%n%s"
                .formatted(proof.index(), checkpoint.size(), key.name(), proof.entryText());
    }

    private static Checkpoint met(Checkpoint checkpoint, List<Checkpoint> remembered) throws EvidenceException {
        for (Checkpoint each : remembered) {
            if (each.size() == checkpoint.size() && !java.util.Arrays.equals(each.root(), checkpoint.root())) {
                throw new EvidenceException("There are two histories of %d entries".formatted(each.size()));
            }
        }
        return checkpoint;
    }

    private static String text(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8);
    }
}

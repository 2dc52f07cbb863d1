package org.qiantang.evidence;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a whole log in one stream and says whether it is what was signed. Needs the log's key and no secret. */
public final class FolderCheck {
    private FolderCheck() {}

    /**
     * What holds.
     *
     * @param signed entries under the folder's signed root
     * @param unsigned entries after it: up to a second's worth while the log is written
     * @param dropped entries of which only the hash was kept
     */
    public record Verdict(long signed, long unsigned, long dropped) {}

    /**
     * Refuses ({@link EvidenceException}) a log that is not as it was signed, or not the continuation of what is remembered.
     *
     * @param remembered checkpoints that were noted down elsewhere
     */
    public static Verdict check(Path folder, LogKey key, List<Checkpoint> remembered) throws IOException {
        return check(new Segments(folder, Segments.USUAL_LEVEL), key, remembered);
    }

    static Verdict check(Segments segments, LogKey key, List<Checkpoint> remembered) throws IOException {
        if (!Files.exists(segments.checkpoint())) {
            throw new EvidenceException("The log has no checkpoint");
        }
        Checkpoint own = Checkpoint.parse(Files.readString(segments.checkpoint(), StandardCharsets.UTF_8), key);
        Map<Long, byte[]> roots = new HashMap<>();
        roots.put(own.size(), own.root());
        for (Checkpoint each : remembered) {
            if (each.size() > own.size()) {
                throw new EvidenceException(
                        "The log ends at %d entries; %d are remembered".formatted(own.size(), each.size()));
            }
            byte[] other = roots.putIfAbsent(each.size(), each.root());
            if (other != null && !Arrays.equals(other, each.root())) {
                throw new EvidenceException("There are two histories of %d entries".formatted(each.size()));
            }
        }
        Merkle merkle = new Merkle(key.suite());
        Merkle.Edge edge = merkle.edge();
        long[] dropped = new long[1];
        meet(edge, roots);
        long count = segments.count();
        for (long segment = 0; segment < count; segment++) {
            if (edge.size() != segment << segments.level) {
                throw new EvidenceException("Segment %08x is not whole".formatted(segment - 1));
            }
            segments.read(segment, (entry, hash) -> {
                if (entry == null) {
                    dropped[0]++;
                } else if (!Arrays.equals(merkle.leaf(entry), hash)) {
                    throw new EvidenceException("Entry " + edge.size() + " is not as it was written");
                }
                edge.add(hash);
                meet(edge, roots);
            });
            if (edge.size() == segment + 1 << segments.level
                    && !(segments.rootCount() > segment
                            && Arrays.equals(segments.root(segment), edge.whole(segments.level)))) {
                throw new EvidenceException("The kept root of segment %08x is another".formatted(segment));
            }
        }
        if (!roots.isEmpty()) {
            throw new EvidenceException(
                    "Entries are missing: there are %d, signed were %d".formatted(edge.size(), own.size()));
        }
        if (Files.exists(segments.roots())
                && Files.size(segments.roots()) != (edge.size() >>> segments.level) * Suite.HASH_BYTES) {
            throw new EvidenceException("There are roots of segments that are not there");
        }
        return new Verdict(own.size(), edge.size() - own.size(), dropped[0]);
    }

    private static void meet(Merkle.Edge edge, Map<Long, byte[]> roots) throws EvidenceException {
        byte[] root = roots.remove(edge.size());
        if (root != null && !Arrays.equals(root, edge.root())) {
            throw new EvidenceException("The first %d entries are not those that were signed".formatted(edge.size()));
        }
    }
}

package org.qiantang.evidence;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * That an entry is in a log, as one text that stands on its own (C2SP tlog-proof, the entry as its extra part): what a resident is given
 * and a court can check.
 */
public record Proof(long index, byte[] entry, List<byte[]> path, String checkpoint) {
    private static final String TITLE = "c2sp.org/tlog-proof@v1";

    public Proof {
        path = List.copyOf(path);
        entry = entry.clone();
    }

    public String text() {
        return text("extra " + Base64.getEncoder().encodeToString(entry) + "\n");
    }

    /** The same for who may know that the entry is there and not what it says; its {@link #leaf} goes with it. */
    public String withoutEntry() {
        return text("");
    }

    /** What the log has of the entry. */
    public byte[] leaf(Suite suite) {
        return new Merkle(suite).leaf(entry);
    }

    private String text(String extra) {
        StringBuilder text = new StringBuilder(TITLE + "\n" + extra + "index " + index + "\n");
        path.forEach(
                hash -> text.append(Base64.getEncoder().encodeToString(hash)).append('\n'));
        return text.append('\n').append(checkpoint).toString();
    }

    /** Whether a text is meant as a proof. */
    static boolean looksLike(String text) {
        return text.startsWith(TITLE + "\n");
    }

    public static Proof parse(String text) throws EvidenceException {
        int blank = text.indexOf("\n\n");
        List<String> lines =
                blank < 0 ? List.of() : text.substring(0, blank).lines().toList();
        if (lines.size() < 3
                || !lines.get(0).equals(TITLE)
                || !lines.get(1).startsWith("extra ")
                || !lines.get(2).matches("index (0|[1-9][0-9]{0,17})")) {
            throw new EvidenceException("The file is no proof");
        }
        List<byte[]> path = new ArrayList<>();
        for (String line : lines.subList(3, lines.size())) {
            path.add(Checkpoint.strict(line));
        }
        return new Proof(
                Long.parseLong(lines.get(2).substring(6)),
                Checkpoint.strict(lines.get(1).substring(6)),
                path,
                text.substring(blank + 2));
    }

    /** Refuses ({@link EvidenceException}) what does not hold; else says by which checkpoint it does. */
    public Checkpoint verify(LogKey key) throws EvidenceException {
        Checkpoint signed = Checkpoint.parse(checkpoint, key);
        Merkle merkle = new Merkle(key.suite());
        if (!merkle.includes(merkle.leaf(entry), index, signed.size(), path, signed.root())) {
            throw new EvidenceException("The entry is not in the log, or is another one than entry " + index);
        }
        return signed;
    }

    /** What was written down. */
    public String entryText() {
        return new String(entry, StandardCharsets.UTF_8);
    }
}

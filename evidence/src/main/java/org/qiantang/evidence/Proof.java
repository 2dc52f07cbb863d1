package org.qiantang.evidence;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    public static Proof parse(String text) throws EvidenceException {
        Hidden found = Hidden.read(text, 2);
        return new Proof(
                found.index,
                Checkpoint.strict(text.lines().skip(1).findFirst().orElseThrow().substring(6)),
                found.path,
                found.checkpoint);
    }

    /** Refuses ({@link EvidenceException}) what does not hold; else says by which checkpoint it does. */
    public Checkpoint verify(LogKey key) throws EvidenceException {
        return new Hidden(index, leaf(key.suite()), path, checkpoint).verify(key);
    }

    /**
     * That an entry is in a log for who may not know what it says, such as a resident who was read about: a court holds the entry against
     * its hash.
     *
     * @param leaf what the log has of the entry
     */
    public record Hidden(long index, byte[] leaf, List<byte[]> path, String checkpoint) {
        private static final Pattern LEAF = Pattern.compile("leaf ([0-9a-f]{64})");

        public Hidden {
            path = List.copyOf(path);
            leaf = leaf.clone();
        }

        /** Whether a text is meant as such a proof: three lines that say where the entry is, and the proof without it. */
        static boolean looksLike(String text) {
            return text.startsWith("log ");
        }

        public static Hidden parse(String text) throws EvidenceException {
            int blank = text.indexOf("\n\n");
            List<String> head =
                    blank < 0 ? List.of() : text.substring(0, blank).lines().toList();
            Matcher leaf = LEAF.matcher(head.size() == 3 ? head.get(2) : "");
            if (!leaf.matches()) {
                throw new EvidenceException("The file is no proof");
            }
            Hidden found = read(text.substring(blank + 2), 1);
            if (!head.get(1).equals("index " + found.index)) {
                throw new EvidenceException("The file speaks of two entries");
            }
            return new Hidden(found.index, HexFormat.of().parseHex(leaf.group(1)), found.path, found.checkpoint);
        }

        /** What proofs of both kinds have. */
        private static Hidden read(String text, int at) throws EvidenceException {
            int blank = text.indexOf("\n\n");
            List<String> lines =
                    blank < 0 ? List.of() : text.substring(0, blank).lines().toList();
            if (lines.size() <= at
                    || !lines.get(0).equals(TITLE)
                    || at == 2 && !lines.get(1).startsWith("extra ")
                    || !lines.get(at).matches("index (0|[1-9][0-9]{0,17})")) {
                throw new EvidenceException("The file is no proof");
            }
            List<byte[]> path = new ArrayList<>();
            for (String line : lines.subList(at + 1, lines.size())) {
                path.add(Checkpoint.strict(line));
            }
            return new Hidden(Long.parseLong(lines.get(at).substring(6)), new byte[0], path, text.substring(blank + 2));
        }

        /** Refuses ({@link EvidenceException}) what does not hold; else says by which checkpoint it does. */
        public Checkpoint verify(LogKey key) throws EvidenceException {
            Checkpoint signed = Checkpoint.parse(checkpoint, key);
            if (!new Merkle(key.suite()).includes(leaf, index, signed.size(), path, signed.root())) {
                throw new EvidenceException("The entry is not in the log, or is another one than entry " + index);
            }
            return signed;
        }
    }

    /** What was written down. */
    public String entryText() {
        return new String(entry, StandardCharsets.UTF_8);
    }
}

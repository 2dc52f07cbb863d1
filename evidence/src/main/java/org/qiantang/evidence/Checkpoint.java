package org.qiantang.evidence;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A log's size and root, signed (C2SP tlog-checkpoint): who remembers one notices whatever is done to the entries before it.
 *
 * @param note the text that is signed, with its signature
 */
public record Checkpoint(long size, byte[] root, String note) {
    private static final Pattern FORM = Pattern.compile(
            "([^\\n]+)\\n(0|[1-9][0-9]{0,17})\\n([A-Za-z0-9+/=]{44})\\n\\n— ([^ \\n]+) ([A-Za-z0-9+/=]+)\\n");

    public Checkpoint {
        root = root.clone();
    }

    static Checkpoint sign(LogKey key, byte[] secret, long size, byte[] root) {
        String body = key.name() + "\n" + size + "\n" + Base64.getEncoder().encodeToString(root) + "\n";
        byte[] signature = key.suite().sign(secret, body.getBytes(StandardCharsets.UTF_8));
        byte[] named = Arrays.copyOf(key.id(), 4 + signature.length);
        System.arraycopy(signature, 0, named, 4, signature.length);
        return new Checkpoint(
                size,
                root,
                body + "\n— " + key.name() + " " + Base64.getEncoder().encodeToString(named) + "\n");
    }

    /** Reads a note and refuses ({@link EvidenceException}) what the key has not signed just so. */
    public static Checkpoint parse(String note, LogKey key) throws EvidenceException {
        Matcher form = FORM.matcher(note);
        if (!form.matches()) {
            throw new EvidenceException("The checkpoint is not one");
        }
        if (!form.group(1).equals(key.name()) || !form.group(4).equals(key.name())) {
            throw new EvidenceException("The checkpoint is of another log: " + form.group(1));
        }
        byte[] root = strict(form.group(3));
        byte[] named = strict(form.group(5));
        if (root.length != Suite.HASH_BYTES || named.length < 5 || !Arrays.equals(Arrays.copyOf(named, 4), key.id())) {
            throw new EvidenceException("The checkpoint is signed with another key");
        }
        byte[] body = note.substring(0, form.end(3) + 1).getBytes(StandardCharsets.UTF_8);
        if (!key.suite().verify(key.publicKey(), body, Arrays.copyOfRange(named, 4, named.length))) {
            throw new EvidenceException("The checkpoint's signature does not hold");
        }
        return new Checkpoint(Long.parseLong(form.group(2)), root, note);
    }

    /** Base64 in its one canonical form: the bits that a lenient reader ignores would else be free to change. */
    static byte[] strict(String text) throws EvidenceException {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException notBase64) {
            // said below
        }
        throw new EvidenceException("Not Base64 in its canonical form");
    }
}

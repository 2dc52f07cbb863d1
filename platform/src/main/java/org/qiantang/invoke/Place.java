package org.qiantang.invoke;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.qiantang.core.Sealing;

/**
 * Where in an answer a caller is: after so many rows of the tables as they stood at the first page. Later pages are of the same state, so
 * that no row is missing or comes twice whatever is written meanwhile. It goes out signed and holds for its own question alone.
 *
 * @param asOf a snapshot or a time; empty where nothing is read
 */
record Place(String asOf, long rows) {
    private static final Pattern WRITTEN = Pattern.compile("([0-9A-Za-z:.+-]*)/([0-9]{1,15})");
    private static final String PURPOSE = "places in the answers of data services";
    private static final int CODE_BYTES = 12;

    /** @param question what it is a place in */
    String write(Sealing sealing, String question) {
        byte[] text = (asOf + "/" + rows).getBytes(StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(code(sealing, question, text), CODE_BYTES + text.length);
        System.arraycopy(text, 0, whole, CODE_BYTES, text.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
    }

    /** Empty for what this installation did not write for this question. */
    static Optional<Place> read(Sealing sealing, String question, String written) {
        byte[] whole;
        try {
            whole = Base64.getUrlDecoder().decode(written);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        if (whole.length <= CODE_BYTES) {
            return Optional.empty();
        }
        byte[] text = Arrays.copyOfRange(whole, CODE_BYTES, whole.length);
        Matcher parts = WRITTEN.matcher(new String(text, StandardCharsets.US_ASCII));
        boolean ours =
                java.security.MessageDigest.isEqual(code(sealing, question, text), Arrays.copyOf(whole, CODE_BYTES));
        return ours && parts.matches()
                ? Optional.of(new Place(parts.group(1), Long.parseLong(parts.group(2))))
                : Optional.empty();
    }

    private static byte[] code(Sealing sealing, String question, byte[] text) {
        byte[] asked = question.getBytes(StandardCharsets.UTF_8);
        byte[] message = Arrays.copyOf(asked, asked.length + 1 + text.length);
        System.arraycopy(text, 0, message, asked.length + 1, text.length);
        return Arrays.copyOf(sealing.mac(PURPOSE, message), CODE_BYTES);
    }
}

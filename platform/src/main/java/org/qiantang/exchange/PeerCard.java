package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.qiantang.core.HttpSignature;
import org.qiantang.core.Sealing;

/**
 * What an installation hands another to be known by (名片).
 *
 * @param name as people call it
 * @param address under which its peers reach it, without a slash at its end
 * @param publicKey by which it signs: Ed25519, X.509, base64
 * @param evidenceKey of its evidence log, by which proofs out of that are checked
 */
public record PeerCard(String name, String address, String publicKey, String evidenceKey) {
    private static final int GROUPS = 6;
    private static final int GROUP = 100_000;

    public PeerCard {
        requireNonNull(name, "name is null");
        requireNonNull(address, "address is null");
        requireNonNull(publicKey, "publicKey is null");
        requireNonNull(evidenceKey, "evidenceKey is null");
    }

    /** @throws IllegalArgumentException when it is none */
    PublicKey key() {
        return Sealing.publicKey(Base64.getDecoder().decode(publicKey));
    }

    /**
     * Six groups of five digits that two people read to each other: the same on both sides, and others if anything of either card is. About
     * 99 bits.
     */
    static String fingerprint(PeerCard one, PeerCard other) {
        String both = Stream.of(one, other)
                .map(card -> Stream.of(card.name, card.address, HttpSignature.keyId(card.key()), card.evidenceKey)
                        // With its length, so that no text of one can be taken for two.
                        .map(text -> text.length() + ":" + text)
                        .collect(Collectors.joining()))
                .sorted()
                .collect(Collectors.joining());
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(both.getBytes(StandardCharsets.UTF_8));
            java.math.BigInteger left = new java.math.BigInteger(1, digest);
            List<String> groups = new java.util.ArrayList<>();
            for (int i = 0; i < GROUPS; i++) {
                java.math.BigInteger[] parts = left.divideAndRemainder(java.math.BigInteger.valueOf(GROUP));
                groups.add("%05d".formatted(parts[1].intValue()));
                left = parts[0];
            }
            return String.join(" ", groups);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

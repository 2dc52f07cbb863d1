package org.qiantang.evidence;

import java.security.MessageDigest;

/** A hash and a signature that belong together: what a log is made with, and what it is checked with. Thread-safe. */
public interface Suite {
    /** Every hash of a suite has as many bytes. */
    int HASH_BYTES = 32;

    /** By which name a configuration chooses it. */
    String id();

    MessageDigest digest();

    /** What stands in front of a public key, so that none is taken for another algorithm's (C2SP signed-note). */
    byte[] keyType();

    /** @param secret 32 bytes made by chance */
    byte[] publicKey(byte[] secret);

    byte[] sign(byte[] secret, byte[] message);

    boolean verify(byte[] publicKey, byte[] message, byte[] signature);
}

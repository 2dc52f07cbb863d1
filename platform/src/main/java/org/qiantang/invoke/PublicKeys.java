package org.qiantang.invoke;

/** Reads the public keys that people bring; kept by the part that knows tokens. */
public interface PublicKeys {
    /**
     * A public key of a kind that can sign assertions. Refuses ({@link org.qiantang.core.Problem}) whatever else there is in the text, a
     * private key most of all.
     *
     * @param text PEM or JWK
     */
    Read read(String text);

    /** Whether anybody was named who may say whose a client's certificate is. */
    default boolean knowsAuthorities() {
        return false;
    }

    /**
     * A key.
     *
     * @param jwk as JSON, with its thumbprint as {@code kid}
     * @param thumbprint RFC 7638, SHA-256
     */
    record Read(String jwk, String thumbprint) {}
}

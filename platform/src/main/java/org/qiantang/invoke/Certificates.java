package org.qiantang.invoke;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import javax.security.auth.x500.X500Principal;
import org.qiantang.core.Problem;

/** X.509 certificates of clients (RFC 8705). */
public final class Certificates {
    private static final int LEAST_RSA_BITS = 2_048;
    private static final int LEAST_EC_BITS = 256;

    private Certificates() {}

    /** Reads one in PEM. Refuses ({@link InvokeProblem#BAD_KEY}) what is none, or has a weak key. */
    public static X509Certificate read(String pem) {
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(pem.strip().getBytes(StandardCharsets.US_ASCII)));
            boolean strong = switch (certificate.getPublicKey()) {
                case ECPublicKey key -> key.getParams().getOrder().bitLength() >= LEAST_EC_BITS;
                case RSAPublicKey key -> key.getModulus().bitLength() >= LEAST_RSA_BITS;
                default -> false;
            };
            if (!strong) {
                throw bad(certificate.getPublicKey().getAlgorithm());
            }
            return certificate;
        } catch (CertificateException e) {
            throw bad("PEM: -----BEGIN CERTIFICATE-----");
        }
    }

    /** The SHA-256 of one, as {@code x5t#S256} says it. */
    public static String print(X509Certificate certificate) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("A certificate cannot be summed", e);
        }
    }

    /** A subject in the one way in which two that are the same read the same. */
    public static String subject(String name) {
        try {
            return new X500Principal(name).getName(X500Principal.CANONICAL);
        } catch (IllegalArgumentException e) {
            throw bad(name);
        }
    }

    private static Problem bad(String reason) {
        return new Problem(InvokeProblem.BAD_KEY, "reason", reason);
    }
}

package org.qiantang.invoke;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Account;
import org.qiantang.org.Department;

/**
 * A system of a department that calls by itself (客户端): the receiving system of a grant, which no person stands behind at the moment of
 * a call.
 *
 * @param id by which it names itself
 * @param revokedAt since when nothing it shows counts; null while it does
 * @param scopes what its tokens may be for
 */
public record Client(
        String id,
        Department department,
        String title,
        String createdBy,
        Instant createdAt,
        @Nullable Instant revokedAt,
        Set<Scope> scopes,
        List<Credential> credentials) {
    private static final String PREFIX = "client:";

    public Client {
        requireNonNull(id, "id is null");
        requireNonNull(department, "department is null");
        scopes = Set.copyOf(scopes);
        credentials = List.copyOf(credentials);
    }

    /** As whom it reads: nobody's roles, its department's grants. */
    public Account account() {
        return new Account(PREFIX + id, title, Set.of(), department);
    }

    /** Whether it is a program that asks. No person's name has a colon. */
    public static boolean isBehind(Account account) {
        return account.username().startsWith(PREFIX);
    }

    /** The program that asks. */
    static String idOf(Account account) {
        return account.username().substring(PREFIX.length());
    }

    /**
     * What a client proves itself by.
     *
     * @param fingerprint of the key or certificate, the subject, or the last characters of the secret: enough to tell which it is
     * @param publicKey as a JWK; null where it is no key
     */
    public record Credential(
            UUID id,
            Kind kind,
            String fingerprint,
            @Nullable String publicKey,
            Instant createdAt,
            @Nullable Instant expiresAt,
            @Nullable Instant revokedAt) {
        /** Whether it counts at a moment. */
        public boolean isValid(Instant at) {
            return revokedAt == null && (expiresAt == null || at.isBefore(expiresAt));
        }

        /** How it is shown. */
        public enum Kind {
            /** Signs assertions ({@code private_key_jwt}); the platform never sees it. */
            KEY,
            /** A certificate of its own on the connection ({@code self_signed_tls_client_auth}), known by its SHA-256. */
            CERTIFICATE,
            /** Any certificate that an authority issued to this subject ({@code tls_client_auth}). */
            SUBJECT,
            /** Is sent along ({@code client_secret_basic}); kept as a slow hash. */
            SECRET,
        }
    }
}

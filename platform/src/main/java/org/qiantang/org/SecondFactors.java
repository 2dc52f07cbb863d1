package org.qiantang.org;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.core.Site;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The second factor (双因素) of those who sign in: codes of an authenticator, and recovery codes for the day it is lost. Secrets are sealed
 * and shown once; a code counts once.
 */
@Service
public final class SecondFactors {
    private static final int RECOVERY_CODES = 10;
    private static final String ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Sealing sealing;
    private final Site site;
    private final Clock clock;
    private final AuditTrail audit;
    private final Obliged obliged;

    /** Who has to have one; everybody else may. */
    public enum Obliged {
        ADMINISTRATORS,
        EVERYBODY,
    }

    SecondFactors(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Sealing sealing,
            Site site,
            Clock clock,
            AuditTrail audit,
            Obliged obliged) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.sealing = sealing;
        this.site = site;
        this.clock = clock;
        this.audit = audit;
        this.obliged = obliged;
    }

    /**
     * What has to get into an authenticator.
     *
     * @param key to be typed, in base 32
     * @param uri the same as a picture carries it
     */
    public record Enrolment(String key, String uri) {
        @Override
        public String toString() {
            return "Enrolment[]";
        }
    }

    /** Whether who holds such roles has to have one. */
    boolean isObliged(Set<Role> roles) {
        return obliged == Obliged.EVERYBODY || roles.stream().anyMatch(Role::isDuty);
    }

    public boolean isSet(String username) {
        return jdbc.sql("select 1 from org_second_factors where username = ? and confirmed_at is not null")
                .param(username)
                .query()
                .optionalValue()
                .isPresent();
    }

    /** A new secret that counts once {@link #confirm} has seen a code of it. */
    public Enrolment begin(String username) {
        if (isSet(username)) {
            throw new Problem(OrgProblem.SECOND_FACTOR_IS_SET);
        }
        byte[] secret = Totp.newSecret();
        jdbc.sql("""
                        insert into org_second_factors (username, secret) values (:username, :secret)
                        on conflict (username) do update set secret = excluded.secret, last_step = 0
                        where org_second_factors.confirmed_at is null""")
                .param("username", username)
                .param("secret", sealing.seal(Base64.getEncoder().encodeToString(secret), purpose(username)))
                .update();
        String key = Totp.base32(secret);
        return new Enrolment(key, Totp.uri(site.name(), username, key));
    }

    /** Takes the second factor into use and returns the recovery codes, which are shown this once. */
    public List<String> confirm(Actor who, String code) {
        return transaction.execute(status -> {
            String username = who.username();
            if (isSet(username)) {
                throw new Problem(OrgProblem.SECOND_FACTOR_IS_SET);
            }
            if (!takeCode(username, code)) {
                throw new Problem(OrgProblem.BAD_CODE);
            }
            jdbc.sql("update org_second_factors set confirmed_at = ? where username = ?")
                    .params(clock.instant().atOffset(ZoneOffset.UTC), username)
                    .update();
            jdbc.sql("delete from org_recovery_codes where username = ?")
                    .param(username)
                    .update();
            List<String> codes = new ArrayList<>();
            for (int i = 0; i < RECOVERY_CODES; i++) {
                String fresh = recoveryCode();
                codes.add(fresh);
                jdbc.sql("insert into org_recovery_codes (username, hash) values (?, ?)")
                        .params(username, hash(username, fresh))
                        .update();
            }
            endSessions(username);
            audit.record(who, Act.SECOND_FACTOR_SET, username, Map.of(), Map.of());
            return List.copyOf(codes);
        });
    }

    /** Whether a code of the authenticator or a recovery code is right; either counts once. */
    boolean take(Actor who, String code) {
        String username = who.username();
        if (takeCode(username, code)) {
            return true;
        }
        String typed = code.strip().toLowerCase(Locale.ROOT);
        int used = jdbc.sql(
                        "update org_recovery_codes set used_at = ? where username = ? and hash = ? and used_at is null")
                .params(clock.instant().atOffset(ZoneOffset.UTC), username, hash(username, typed))
                .update();
        if (used > 0) {
            audit.record(who, Act.RECOVERY_CODE_USED, username, Map.of(), Map.of("left", left(username)));
        }
        return used > 0;
    }

    private boolean takeCode(String username, String code) {
        Optional<byte[]> secret = jdbc.sql("select secret from org_second_factors where username = ?")
                .param(username)
                .query(byte[].class)
                .optional()
                .map(kept -> Base64.getDecoder().decode(sealing.open(kept, purpose(username))));
        OptionalLong step = secret.isEmpty()
                ? OptionalLong.empty()
                : Totp.find(secret.get(), code.replace(" ", "").strip(), clock.instant());
        // The database decides between two who show the same code at the same time.
        return step.isPresent()
                && jdbc.sql(
                                        "update org_second_factors set last_step = :step where username = :username and last_step < :step")
                                .param("step", step.getAsLong())
                                .param("username", username)
                                .update()
                        > 0;
    }

    private long left(String username) {
        return jdbc.sql("select count(*) from org_recovery_codes where username = ? and used_at is null")
                .param(username)
                .query(Long.class)
                .single();
    }

    /** Forgets the second factor. Inside the caller's transaction. */
    void remove(String username) {
        jdbc.sql("delete from org_recovery_codes where username = ?")
                .param(username)
                .update();
        jdbc.sql("delete from org_second_factors where username = ?")
                .param(username)
                .update();
        endSessions(username);
    }

    /** Whoever is in by what counted before comes in again. */
    private void endSessions(String username) {
        jdbc.sql("update org_accounts set revision = revision + 1, password_revision = revision + 1 where username = ?")
                .param(username)
                .update();
    }

    private static String purpose(String username) {
        return "second factor of " + username;
    }

    private static String recoveryCode() {
        StringBuilder code = new StringBuilder();
        for (int i = 0; i < 24; i++) {
            code.append(i > 0 && i % 6 == 0 ? "-" : "").append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
        }
        return code.toString();
    }

    /** They have 118 bits of chance each: a plain hash is enough. */
    private static String hash(String username, String code) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256")
                            .digest((username + " " + code).getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}

package org.qiantang.invoke;

import static java.util.Objects.requireNonNull;

import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Act;
import org.qiantang.org.Actor;
import org.qiantang.org.AuditTrail;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.Programs;
import org.qiantang.org.Role;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The clients of the city and what they prove themselves by. A client may hold two valid credentials at once, so that one takes over from the
 * other without a moment in between.
 */
@Service
public final class Clients implements Programs {
    private static final Pattern ID = Pattern.compile("[a-z][a-z0-9-]{2,62}");
    private static final int LONGEST_TITLE = 100;
    private static final int MOST_CREDENTIALS = 2;
    private static final int SECRET_BYTES = 32;
    private static final int SHOWN_OF_SECRET = 4;
    private static final String CLIENT = """
            select c.*, d.name d_name, d.name_en d_name_en from invoke_clients c join org_departments d on d.id = c.department_id
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Departments departments;
    private final AuditTrail trail;
    private final PublicKeys keys;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final PasswordEncoder encoder = new BCryptPasswordEncoder(10);

    Clients(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Departments departments,
            AuditTrail trail,
            PublicKeys keys,
            Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.departments = departments;
        this.trail = trail;
        this.keys = keys;
        this.clock = clock;
    }

    /**
     * What somebody brings to prove themselves by; a secret that the platform makes where they bring nothing, and no two at once.
     *
     * @param publicKey PEM or JWK
     * @param certificate PEM, of the client's own
     * @param subject of certificates that an authority issues (RFC 4514)
     * @param expiresAt null for as long as nobody revokes it
     */
    public record Brought(
            @Nullable String publicKey,
            @Nullable String certificate,
            @Nullable String subject,
            @Nullable Instant expiresAt) {
        Client.Credential.Kind kind() {
            if (Stream.of(publicKey, certificate, subject)
                            .filter(Objects::nonNull)
                            .count()
                    > 1) {
                throw new Problem(CoreProblem.BAD_REQUEST, "reason", "publicKey | certificate | subject");
            }
            return publicKey != null
                    ? Client.Credential.Kind.KEY
                    : certificate != null
                            ? Client.Credential.Kind.CERTIFICATE
                            : subject != null ? Client.Credential.Kind.SUBJECT : Client.Credential.Kind.SECRET;
        }
    }

    /**
     * A client after it was given a credential.
     *
     * @param secret shown this once; null where it was anything else
     */
    public record Given(Client client, @Nullable String secret) {}

    /** Those of one's department; the bureau and the auditor see all. */
    public List<Client> list(Account who) {
        Department own = who.department();
        return jdbc
                .sql(CLIENT + " where :all or c.department_id = :own order by c.revoked_at is not null, c.id")
                .param("all", who.has(Role.ENGINEER) || who.has(Role.AUDITOR))
                .param("own", own == null ? "" : own.id())
                .query((row, n) -> bare(row))
                .list()
                .stream()
                .map(this::whole)
                .toList();
    }

    /**
     * Makes a client with its first credential.
     *
     * @param department whose it is; null for one's own
     * @param scopes what its tokens may be for
     */
    public Given register(
            Account who,
            Actor actor,
            String id,
            String title,
            @Nullable String department,
            Set<Scope> scopes,
            Brought brought) {
        if (!ID.matcher(id).matches()) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "id: " + ID.pattern());
        }
        if (title.isBlank() || title.length() > LONGEST_TITLE) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "title: 1–" + LONGEST_TITLE);
        }
        requireSome(scopes);
        Department own = who.department();
        String whose = department == null || department.isBlank() ? own == null ? null : own.id() : department;
        if (whose == null) {
            throw new Problem(InvokeProblem.NO_DEPARTMENT);
        }
        Department its = departments.get(whose);
        requireMayKeep(who, its, id);
        return requireNonNull(transaction.execute(status -> {
            try {
                jdbc.sql(
                                "insert into invoke_clients (id, department_id, title, created_by, created_at, scopes) values (?, ?, ?, ?, ?, ?)")
                        .params(id, its.id(), title.strip(), who.username(), now(), names(scopes))
                        .update();
            } catch (DuplicateKeyException e) {
                throw new Problem(InvokeProblem.NAME_TAKEN, "name", id);
            }
            trail.record(
                    actor,
                    Act.CLIENT_REGISTERED,
                    id,
                    Map.of(),
                    Map.of("department", its.id(), "scopes", words(scopes)));
            return add(actor, id, brought);
        }));
    }

    /** Gives it one credential more. */
    public Given addCredential(Account who, Actor actor, String id, Brought brought) {
        return requireNonNull(transaction.execute(status -> {
            Client client = locked(who, id);
            long valid = client.credentials().stream()
                    .filter(each -> each.isValid(clock.instant()))
                    .count();
            if (valid >= MOST_CREDENTIALS) {
                throw new Problem(InvokeProblem.TWO_CREDENTIALS, "client", id);
            }
            return add(actor, id, brought);
        }));
    }

    private Given add(Actor actor, String id, Brought brought) {
        Instant expiresAt = brought.expiresAt;
        if (expiresAt != null && !expiresAt.isAfter(clock.instant())) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "expiresAt");
        }
        Client.Credential.Kind kind = brought.kind();
        PublicKeys.Read key = kind == Client.Credential.Kind.KEY ? keys.read(requireNonNull(brought.publicKey)) : null;
        String secret = kind == Client.Credential.Kind.SECRET ? secret() : null;
        String subject = kind == Client.Credential.Kind.SUBJECT ? subject(requireNonNull(brought.subject)) : null;
        UUID credential = UUID.randomUUID();
        jdbc.sql("""
                        insert into invoke_credentials (id, client_id, kind, public_key, secret_hash, subject, fingerprint, created_by,
                            created_at, expires_at)
                        values (:id, :client, :kind, :key, :hash, :subject, :fingerprint, :by, :at, :expires)""")
                .param("id", credential)
                .param("client", id)
                .param("kind", kind.name())
                .param("key", key == null ? null : key.jwk())
                .param("hash", secret == null ? null : encoder.encode(secret))
                .param("subject", subject)
                .param(
                        "fingerprint",
                        switch (kind) {
                            case KEY -> requireNonNull(key).thumbprint();
                            case CERTIFICATE ->
                                Certificates.print(Certificates.read(requireNonNull(brought.certificate)));
                            case SUBJECT -> requireNonNull(subject);
                            case SECRET -> "…" + requireNonNull(secret).substring(secret.length() - SHOWN_OF_SECRET);
                        })
                .param("by", actor.username())
                .param("at", now())
                .param("expires", expiresAt == null ? null : Timestamp.from(expiresAt))
                .update();
        trail.record(actor, Act.CREDENTIAL_ADDED, id, Map.of(), Map.of("credential", credential, "kind", kind.name()));
        return new Given(find(id).orElseThrow(), secret);
    }

    private String subject(String said) {
        if (!keys.knowsAuthorities()) {
            throw new Problem(InvokeProblem.NO_AUTHORITIES);
        }
        Certificates.subject(said);
        return said.strip();
    }

    /** What was proved by it before counts until its token ends; nothing new is. */
    public Client revokeCredential(Account who, Actor actor, String id, UUID credential) {
        return requireNonNull(transaction.execute(status -> {
            Client client = locked(who, id);
            if (client.credentials().stream().noneMatch(each -> each.id().equals(credential))) {
                throw new Problem(CoreProblem.NOT_FOUND, "what", credential.toString());
            }
            int revoked = jdbc.sql(
                            "update invoke_credentials set revoked_at = ?, revoked_by = ? where id = ? and revoked_at is null")
                    .params(now(), who.username(), credential)
                    .update();
            if (revoked > 0) {
                trail.record(actor, Act.CREDENTIAL_REVOKED, id, Map.of("credential", credential), Map.of());
            }
            return find(id).orElseThrow();
        }));
    }

    /** Nothing it shows counts from this moment on, tokens included, for ever. */
    public Client revoke(Account who, Actor actor, String id) {
        return requireNonNull(transaction.execute(status -> {
            locked(who, id);
            jdbc.sql("update invoke_clients set revoked_at = ?, revoked_by = ? where id = ?")
                    .params(now(), who.username(), id)
                    .update();
            trail.record(actor, Act.CLIENT_REVOKED, id, Map.of(), Map.of());
            return find(id).orElseThrow();
        }));
    }

    /** Lets its tokens be for this and nothing else, at once. */
    public Client setScopes(Account who, Actor actor, String id, Set<Scope> scopes) {
        requireSome(scopes);
        return requireNonNull(transaction.execute(status -> {
            Client client = locked(who, id);
            if (!client.scopes().equals(scopes)) {
                jdbc.sql("update invoke_clients set scopes = ? where id = ?")
                        .params(names(scopes), id)
                        .update();
                trail.record(
                        actor,
                        Act.CLIENT_SCOPES_CHANGED,
                        id,
                        Map.of("scopes", words(client.scopes())),
                        Map.of("scopes", words(scopes)));
            }
            return find(id).orElseThrow();
        }));
    }

    private static void requireSome(Set<Scope> scopes) {
        if (scopes.isEmpty()) {
            throw new Problem(CoreProblem.BAD_REQUEST, "reason", "scopes: 1–" + Scope.values().length);
        }
    }

    private static String[] names(Set<Scope> scopes) {
        return scopes.stream().sorted().map(Scope::name).toArray(String[]::new);
    }

    private static String words(Set<Scope> scopes) {
        return scopes.stream().sorted().map(Scope::word).collect(Collectors.joining(" "));
    }

    public Optional<Client> find(String id) {
        return jdbc.sql(CLIENT + " where c.id = ?")
                .param(id)
                .query((row, n) -> bare(row))
                .optional()
                .map(this::whole);
    }

    /** As whom a client reads that is not revoked. */
    public Optional<Account> account(String id) {
        return standing(id).map(Client::account);
    }

    /** One that is not revoked, without what it proves itself by. */
    public Optional<Client> standing(String id) {
        return jdbc.sql(CLIENT + " where c.id = ? and c.revoked_at is null")
                .param(id)
                .query((row, n) -> bare(row))
                .optional();
    }

    @Override
    public Optional<Account> current(Account program, String scope) {
        return standing(Client.idOf(program))
                .filter(client ->
                        client.scopes().stream().anyMatch(each -> each.word().equals(scope)))
                .map(Client::account);
    }

    /** Whether it is one of the client's secrets that count now. Takes as long as a slow hash does. */
    public boolean knows(String id, CharSequence secret) {
        return jdbc.sql("""
                        select k.secret_hash from invoke_credentials k join invoke_clients c on c.id = k.client_id
                        where c.id = :id and c.revoked_at is null and k.kind = 'SECRET' and k.revoked_at is null
                        and (k.expires_at is null or k.expires_at > :now)""").param("id", id).param("now", now()).query(String.class).list().stream()
                .anyMatch(hash -> encoder.matches(secret, hash));
    }

    /** Whether an assertion is shown for the first time; from now on it is not. */
    public boolean isFirst(String id, String jti, Instant expiresAt) {
        jdbc.sql("delete from invoke_assertions where expires_at < ?")
                .param(Timestamp.from(clock.instant().minusSeconds(120)))
                .update();
        return jdbc.sql(
                                "insert into invoke_assertions (client_id, jti, expires_at) values (?, ?, ?) on conflict do nothing")
                        .params(id, jti, Timestamp.from(expiresAt))
                        .update()
                == 1;
    }

    private Client locked(Account who, String id) {
        jdbc.sql("select id from invoke_clients where id = ? for update")
                .param(id)
                .query(String.class)
                .optional();
        Client client = find(id).orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id));
        requireMayKeep(who, client.department(), id);
        if (client.revokedAt() != null) {
            throw new Problem(InvokeProblem.CLIENT_REVOKED, "client", id);
        }
        return client;
    }

    private static void requireMayKeep(Account who, Department department, String what) {
        Department own = who.department();
        boolean theirs = who.has(Role.OFFICER) && own != null && own.id().equals(department.id());
        if (!theirs && !who.has(Role.ENGINEER)) {
            throw new Problem(InvokeProblem.NOT_YOURS, "what", what, "who", department.name());
        }
    }

    private String secret() {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private Client whole(Client bare) {
        List<Client.Credential> credentials = jdbc.sql(
                        "select * from invoke_credentials where client_id = ? order by created_at, id")
                .param(bare.id())
                .query((each, n) -> new Client.Credential(
                        each.getObject("id", UUID.class),
                        Client.Credential.Kind.valueOf(each.getString("kind")),
                        requireNonNull(each.getString("fingerprint")),
                        each.getString("public_key"),
                        each.getTimestamp("created_at").toInstant(),
                        instant(each, "expires_at"),
                        instant(each, "revoked_at")))
                .list();
        return new Client(
                bare.id(),
                bare.department(),
                bare.title(),
                bare.createdBy(),
                bare.createdAt(),
                bare.revokedAt(),
                bare.scopes(),
                credentials);
    }

    /** Without its credentials. */
    private static Client bare(ResultSet row) throws SQLException {
        return new Client(
                requireNonNull(row.getString("id")),
                new Department(row.getString("department_id"), row.getString("d_name"), row.getString("d_name_en")),
                requireNonNull(row.getString("title")),
                requireNonNull(row.getString("created_by")),
                row.getTimestamp("created_at").toInstant(),
                instant(row, "revoked_at"),
                Arrays.stream((String[]) row.getArray("scopes").getArray())
                        .map(Scope::valueOf)
                        .collect(Collectors.toSet()),
                List.of());
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }
}

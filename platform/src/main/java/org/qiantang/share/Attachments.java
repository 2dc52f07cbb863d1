package org.qiantang.share;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * What is handed in with an application (申请附件): the approval, contract or text of a law that a reviewer wants to see. Both sides see it;
 * once the application is handed in nobody changes it.
 */
@Service
public final class Attachments {
    /** Of one file. */
    public static final int LARGEST_BYTES = 10 << 20;

    private static final int MOST = 10;
    private static final int LONGEST_NAME = 200;
    private static final String ZIP = "PK\3\4";
    private static final String LISTED = "select id, name, media_type, sha256, octet_length(content) bytes, added_by,"
            + " added_at from share_attachments";

    /** What a reviewer's computer shows without running anything: by the end of the name, how such a file begins and what it is. */
    private static final Map<String, Kind> KINDS = Map.of(
            "pdf", new Kind("%PDF-", "application/pdf"),
            "png", new Kind("\u0089PNG", "image/png"),
            "jpg", new Kind("\u00ff\u00d8\u00ff", "image/jpeg"),
            "jpeg", new Kind("\u00ff\u00d8\u00ff", "image/jpeg"),
            "ofd", new Kind(ZIP, "application/ofd"),
            "docx", new Kind(ZIP, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
            "xlsx", new Kind(ZIP, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"));

    private record Kind(String begins, String mediaType) {}

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Applications applications;
    private final Clock clock;

    Attachments(JdbcClient jdbc, TransactionTemplate transaction, Applications applications, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.applications = applications;
        this.clock = clock;
    }

    /** @param sha256 hexadecimal, by which a file that was kept elsewhere is known to be this one */
    public record Attachment(
            UUID id, String name, String mediaType, long bytes, String sha256, String addedBy, Instant addedAt) {}

    /** A file as it was handed in. */
    public record Content(String name, String mediaType, byte[] bytes) {}

    /** The oldest first. */
    public List<Attachment> list(Account who, UUID application) {
        applications.requireSeen(who, application);
        return jdbc.sql(LISTED + " where application_id = ? order by added_at, id")
                .param(application)
                .query((row, n) -> attachment(row))
                .list();
    }

    /** Puts a file to a draft. */
    public List<Attachment> add(Account who, UUID application, String name, byte[] bytes) {
        String said = name.strip();
        if (said.isEmpty() || said.length() > LONGEST_NAME || said.chars().anyMatch(Attachments::isForbidden)) {
            throw new Problem(ShareProblem.ATTACHMENT_NAME);
        }
        Kind kind = kind(said, bytes)
                .orElseThrow(() -> new Problem(
                        ShareProblem.ATTACHMENT_KIND,
                        "name",
                        said,
                        "kinds",
                        String.join(", ", KINDS.keySet().stream().sorted().toList())));
        transaction.executeWithoutResult(status -> {
            applications.requireDraft(who, application);
            int has = jdbc.sql("select count(*) from share_attachments where application_id = ?")
                    .param(application)
                    .query(Integer.class)
                    .single();
            if (has >= MOST) {
                throw new Problem(ShareProblem.TOO_MANY_ATTACHMENTS, "most", Integer.toString(MOST));
            }
            jdbc.sql("""
                            insert into share_attachments (id, application_id, name, media_type, sha256, content, added_by, added_at)
                            values (?, ?, ?, ?, ?, ?, ?, ?)""")
                    .params(
                            UUID.randomUUID(),
                            application,
                            said,
                            kind.mediaType,
                            sha256(bytes),
                            bytes,
                            who.displayName(),
                            Timestamp.from(clock.instant().truncatedTo(ChronoUnit.MICROS)))
                    .update();
        });
        return list(who, application);
    }

    /** Takes a file from a draft. */
    public List<Attachment> remove(Account who, UUID application, UUID id) {
        transaction.executeWithoutResult(status -> {
            applications.requireDraft(who, application);
            int removed = jdbc.sql("delete from share_attachments where application_id = ? and id = ?")
                    .params(application, id)
                    .update();
            if (removed == 0) {
                throw new Problem(CoreProblem.NOT_FOUND, "what", id.toString());
            }
        });
        return list(who, application);
    }

    public Content read(Account who, UUID application, UUID id) {
        applications.requireSeen(who, application);
        return jdbc.sql("select name, media_type, content from share_attachments where application_id = ? and id = ?")
                .params(application, id)
                .query((row, n) ->
                        new Content(row.getString("name"), row.getString("media_type"), row.getBytes("content")))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private static boolean isForbidden(int letter) {
        return letter < ' ' || letter == 0x7f || "/\\:*?\"<>|".indexOf(letter) >= 0;
    }

    /** A file is what its name says only if it begins so. */
    private static Optional<Kind> kind(String name, byte[] bytes) {
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return Optional.ofNullable(KINDS.get(ending))
                .filter(kind -> bytes.length > kind.begins.length()
                        && new String(bytes, 0, kind.begins.length(), ISO_8859_1).equals(kind.begins));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Attachment attachment(ResultSet row) throws SQLException {
        return new Attachment(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("media_type"),
                row.getLong("bytes"),
                row.getString("sha256"),
                row.getString("added_by"),
                row.getTimestamp("added_at").toInstant());
    }
}

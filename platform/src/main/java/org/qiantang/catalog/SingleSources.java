package org.qiantang.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Datum.Claim;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/** One item, one source: what several departments hold, side by side, and which of them a person has named authoritative. */
@Service
public final class SingleSources {
    private static final int MOST_CANDIDATES = 100;

    /** Every item that is published now. */
    private static final String PUBLISHED = """
            with published as (
                select e.id entry_id, e.resource_id, v.statement ->> 'title' title, v.statement ->> 'updateCycle' cycle,
                    v.statement ->> 'shareClass' share, i ->> 'name' item, i ->> 'column' col,
                    d.id did, d.name dname, d.name_en dname_en, f.detected_kind kind,
                    lower(regexp_replace(i ->> 'name', '\\s', '', 'g')) key
                from catalog_entries e
                join catalog_entry_versions v on v.entry_id = e.id and v.version = e.published_version
                join org_departments d on d.id = e.department_id
                cross join lateral jsonb_array_elements(v.statement -> 'items') i
                left join catalog_fields f on f.resource_id = e.resource_id and f.name = i ->> 'column'
                where e.state <> 'RETIRED')
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Clock clock;

    SingleSources(JdbcClient jdbc, TransactionTemplate transaction, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.clock = clock;
    }

    /** An item of an entry. */
    public record ItemRef(UUID entry, String item) {
        public ItemRef {
            Objects.requireNonNull(entry, "entry is null");
            item = item.strip();
        }
    }

    /** What looks as if departments held the same, those that most departments hold first. */
    public List<Datum.Candidate> listCandidates() {
        List<Datum.Candidate> candidates = new ArrayList<>();
        candidates.addAll(candidates(Datum.Likeness.SAME_NAME, "p.key", "k.datum_id", "true"));
        Set<Set<ItemRef>> seen = new LinkedHashSet<>();
        candidates.forEach(each -> seen.add(refs(each)));
        candidates(
                        Datum.Likeness.SAME_CONTENT,
                        "p.kind",
                        "cast(null as uuid)",
                        "p.kind in ('ID_NUMBER', 'USCC', 'PLATE')")
                .stream()
                .filter(each -> seen.add(refs(each)))
                .forEach(candidates::add);
        return candidates;
    }

    private static Set<ItemRef> refs(Datum.Candidate candidate) {
        Set<ItemRef> refs = new LinkedHashSet<>();
        candidate.claims().forEach(claim -> refs.add(new ItemRef(claim.entry(), claim.item())));
        return refs;
    }

    /** @param by the expression that is alike, of ours only */
    private List<Datum.Candidate> candidates(Datum.Likeness likeness, String by, String datum, String condition) {
        record Found(String by, @Nullable UUID datum, Claim claim) {}
        List<Found> found = jdbc.sql(PUBLISHED
                        + ", known as (select distinct on (1) lower(regexp_replace(item, '\\s', '', 'g')) key, datum_id"
                        + " from catalog_datum_claims order by 1, datum_id),"
                        + " unclaimed as (select p.*, " + by + " alike, " + datum + " datum from published p"
                        + " left join known k on k.key = p.key"
                        + " where " + condition
                        + " and not exists (select from catalog_datum_claims c where c.entry_id = p.entry_id and c.item = p.item)),"
                        + " groups as (select alike, count(distinct did) departments from unclaimed group by alike"
                        + " having count(distinct did) > 1 or bool_or(datum is not null) order by 2 desc, 1 limit "
                        + MOST_CANDIDATES
                        + ") select u.* from groups g join unclaimed u using (alike)"
                        + " order by g.departments desc, alike, did, title, item")
                .query((row, n) -> new Found(row.getString("alike"), row.getObject("datum", UUID.class), claim(row)))
                .list();
        Map<String, List<Found>> groups = new LinkedHashMap<>();
        found.forEach(each ->
                groups.computeIfAbsent(each.by, key -> new ArrayList<>()).add(each));
        return groups.values().stream()
                .map(group -> new Datum.Candidate(
                        group.getFirst().claim.item(),
                        likeness,
                        group.getFirst().datum,
                        group.stream().map(Found::claim).toList()))
                .toList();
    }

    public List<Datum> list() {
        return data("", null);
    }

    public Datum get(UUID id) {
        return data(" where d.id = :id", id).stream()
                .findFirst()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private List<Datum> data(String where, @Nullable UUID id) {
        record Row(UUID id, String name, String subject) {}
        JdbcClient.StatementSpec heads =
                jdbc.sql("select id, name, subject from catalog_data d" + where + " order by subject, name limit 500");
        List<Row> rows = (id == null ? heads : heads.param("id", id))
                .query((row, n) -> new Row(row.getObject(1, UUID.class), row.getString(2), row.getString(3)))
                .list();
        if (rows.isEmpty()) {
            return List.of();
        }
        List<UUID> ids = rows.stream().map(Row::id).toList();
        Map<UUID, List<Claim>> claims = new LinkedHashMap<>();
        jdbc.sql(PUBLISHED + """
                        select p.*, c.datum_id from catalog_datum_claims c
                        join published p on p.entry_id = c.entry_id and p.item = c.item
                        where c.datum_id in (:ids) order by p.did, p.title, p.item""").param("ids", ids).query(row -> {
            claims.computeIfAbsent(row.getObject("datum_id", UUID.class), each -> new ArrayList<>())
                    .add(claim(row));
        });
        return rows.stream()
                .map(row -> new Datum(
                        row.id,
                        row.name,
                        row.subject,
                        claims.getOrDefault(row.id, List.of()),
                        listAuthorities(row.id).stream().findFirst().orElse(null)))
                .toList();
    }

    /** Which items were named its source, the newest first. */
    public List<Datum.Authority> listAuthorities(UUID datum) {
        return jdbc.sql("""
                        select a.*, v.statement ->> 'title' title, case when e.state = 'RETIRED' then 'ENTRY_RETIRED'
                            when exists (select from jsonb_array_elements(v.statement -> 'items') i where i ->> 'name' = a.item)
                                then 'HELD' else 'ITEM_GONE' end standing
                        from catalog_datum_authorities a
                        join catalog_entries e on e.id = a.entry_id
                        join catalog_entry_versions v on v.entry_id = e.id and v.version = e.published_version
                        where a.datum_id = ? order by a.id desc limit 100""")
                .param(datum)
                .query((row, n) -> new Datum.Authority(
                        row.getObject("entry_id", UUID.class),
                        row.getString("title"),
                        row.getString("item"),
                        row.getTimestamp("since").toInstant(),
                        row.getString("named_by"),
                        row.getString("words"),
                        Datum.Standing.valueOf(row.getString("standing"))))
                .list();
    }

    /** Which items were said to be the datum and were taken back, the newest first. */
    public List<Datum.Withdrawal> listWithdrawals(UUID datum) {
        return jdbc.sql("""
                        select w.*, v.statement ->> 'title' title from catalog_datum_withdrawals w
                        join catalog_entries e on e.id = w.entry_id
                        join catalog_entry_versions v on v.entry_id = e.id and v.version = e.published_version
                        where w.datum_id = ? order by w.id desc limit 100""")
                .param(datum)
                .query((row, n) -> new Datum.Withdrawal(
                        row.getObject("entry_id", UUID.class),
                        row.getString("title"),
                        row.getString("item"),
                        row.getTimestamp("at").toInstant(),
                        row.getString("who"),
                        row.getString("words")))
                .list();
    }

    /** Says that an item is not the datum after all; it may become another. The source stays until another is named. */
    public Datum withdraw(UUID id, ItemRef claim, String words, Account who) {
        if (words.isBlank()) {
            throw new Problem(DirectoryProblem.WORDS_MISSING, "act", "撤回 (withdraw)");
        }
        return Objects.requireNonNull(transaction.execute(status -> {
            Datum.Authority authority = get(id).authority();
            if (authority != null
                    && authority.entry().equals(claim.entry())
                    && authority.item().equals(claim.item())) {
                throw new Problem(DirectoryProblem.SOURCE_STAYS, "item", claim.item());
            }
            int withdrawn = jdbc.sql("""
                            with gone as (delete from catalog_datum_claims
                                where datum_id = :datum and entry_id = :entry and item = :item returning *)
                            insert into catalog_datum_withdrawals (datum_id, entry_id, item, at, who, words)
                            select datum_id, entry_id, item, :now, :who, :words from gone""")
                    .param("datum", id)
                    .param("entry", claim.entry())
                    .param("item", claim.item())
                    .param("now", Timestamp.from(clock.instant()))
                    .param("who", who.username())
                    .param("words", words.strip())
                    .update();
            if (withdrawn == 0) {
                throw new Problem(DirectoryProblem.NO_SUCH_ITEM, "item", claim.item());
            }
            return get(id);
        }));
    }

    /** The data that an entry's items are claims of. */
    public List<Datum.Part> listParts(UUID entry) {
        List<UUID> ids = jdbc.sql("select distinct datum_id from catalog_datum_claims where entry_id = ?")
                .param(entry)
                .query((row, n) -> row.getObject(1, UUID.class))
                .list();
        List<Datum.Part> parts = new ArrayList<>();
        for (UUID id : ids) {
            Datum datum = get(id);
            Datum.Authority authority = datum.authority();
            Optional<Claim> source = authority == null
                    ? Optional.empty()
                    : datum.claims().stream()
                            .filter(claim -> claim.entry().equals(authority.entry())
                                    && claim.item().equals(authority.item()))
                            .findFirst();
            datum.claims().stream()
                    .filter(claim -> claim.entry().equals(entry))
                    .forEach(claim -> parts.add(new Datum.Part(
                            id,
                            datum.name(),
                            datum.subject(),
                            claim.item(),
                            source.filter(claim::equals).isPresent(),
                            source.orElse(null),
                            authority != null && authority.standing() != Datum.Standing.HELD ? authority : null)));
        }
        return parts;
    }

    /** Says that these items are one datum, and which of them is its source. */
    public Datum name(String name, String subject, List<ItemRef> claims, ItemRef authority, String words, Account who) {
        return Objects.requireNonNull(transaction.execute(status -> {
            UUID id = jdbc.sql("""
                            insert into catalog_data (name, subject, made_at, made_by) values (:name, :subject, :now, :who)
                            on conflict (name, subject) do update set name = excluded.name returning id""")
                    .param("name", name.strip())
                    .param("subject", subject.strip())
                    .param("now", Timestamp.from(clock.instant()))
                    .param("who", who.username())
                    .query(UUID.class)
                    .single();
            return nameAuthority(id, claims, authority, words, who);
        }));
    }

    /** Adds claims to a datum and names its source, in place of the one it had. */
    public Datum nameAuthority(UUID id, List<ItemRef> claims, ItemRef authority, String words, Account who) {
        if (words.isBlank()) {
            throw new Problem(DirectoryProblem.WORDS_MISSING, "act", "确定权威来源 (name the source)");
        }
        return Objects.requireNonNull(transaction.execute(status -> {
            get(id);
            Set<ItemRef> all = new LinkedHashSet<>(claims);
            all.add(authority);
            all.forEach(claim -> claim(id, claim));
            Instant now = clock.instant();
            jdbc.sql("""
                            insert into catalog_datum_authorities (datum_id, entry_id, item, since, named_by, words)
                            values (?, ?, ?, ?, ?, ?)""")
                    .params(id, authority.entry(), authority.item(), Timestamp.from(now), who.username(), words.strip())
                    .update();
            return get(id);
        }));
    }

    private void claim(UUID datum, ItemRef claim) {
        int claimed = jdbc.sql(PUBLISHED + """
                        insert into catalog_datum_claims (datum_id, entry_id, item)
                        select :datum, entry_id, item from published where entry_id = :entry and item = :item limit 1
                        on conflict (entry_id, item) do update set datum_id = excluded.datum_id
                            where catalog_datum_claims.datum_id = excluded.datum_id""")
                .param("datum", datum)
                .param("entry", claim.entry())
                .param("item", claim.item())
                .update();
        if (claimed == 0) {
            throw new Problem(DirectoryProblem.NO_SUCH_ITEM, "item", claim.item());
        }
    }

    private static Claim claim(ResultSet row) throws SQLException {
        @Nullable String kind = row.getString("kind");
        @Nullable String cycle = row.getString("cycle");
        @Nullable String share = row.getString("share");
        return new Claim(
                row.getObject("entry_id", UUID.class),
                row.getString("item"),
                row.getString("title"),
                new Department(row.getString("did"), row.getString("dname"), row.getString("dname_en")),
                row.getString("col"),
                kind == null ? null : ContentKind.valueOf(kind),
                cycle == null ? null : Guide.UpdateCycle.valueOf(cycle),
                share == null ? null : Guide.ShareClass.valueOf(share));
    }
}

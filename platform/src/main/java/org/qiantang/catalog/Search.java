package org.qiantang.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Found.Column;
import org.qiantang.catalog.Found.Facet;
import org.qiantang.catalog.Found.Freshness;
import org.qiantang.catalog.Found.Hit;
import org.qiantang.catalog.Found.Kind;
import org.qiantang.catalog.Found.Layer;
import org.qiantang.catalog.Found.Match;
import org.qiantang.catalog.Found.Thing;
import org.qiantang.catalog.internal.Marks;
import org.qiantang.catalog.internal.Question;
import org.qiantang.catalog.internal.ThingIndex;
import org.qiantang.catalog.internal.ThingIndex.Answer;
import org.qiantang.catalog.internal.ThingIndex.Part;
import org.qiantang.catalog.internal.Words;
import org.qiantang.org.Department;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * The city's one search: over data, the directory, the ledger and departments, by Chinese, English, pinyin, and nearly right. It looks in
 * an index in memory, which is brought up to what is committed before each answer.
 */
@Service
public final class Search {
    private static final JsonMapper JSON = JsonMapper.shared();
    /** With fewer answers to the whole question, things that answer a part of it are worth seeing. */
    private static final int FEW = 5;

    private static final int MOST_COLUMNS_MARKED = 4;
    /** Joins what {@link #ids} found, as parameter {@code hits}, to the id that follows. */
    static final String HITS =
            " join unnest(cast(:hits as uuid[])) with ordinality hit(hit_id, place) on hit.hit_id = ";

    private static final String KIND = "kind";
    private static final String ID = "id";
    private static final String DISCOVERED = "DISCOVERED";
    private static final List<String> FACETS = List.of(KIND, "department", "theme", "level", "layer", "shareClass");
    private static final String FRESHNESS = "freshness";

    private final JdbcClient jdbc;
    private final Clock clock;
    private final Words words;
    private final ThingIndex index = new ThingIndex();
    private final ReentrantLock filling = new ReentrantLock();
    /** In which transaction each thing was last changed of what is in the index. */
    private final Map<String, Long> taken = new HashMap<>();

    private @Nullable String from;

    Search(JdbcClient jdbc, Clock clock, SearchWords words) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.words = Words.read(words.own());
    }

    /**
     * What somebody looks for.
     *
     * @param text an empty one for everything
     * @param chosen values by the facet they are of
     */
    public record Wanted(String text, Map<String, Set<String>> chosen) {
        public Wanted {
            Map<String, Set<String>> given = new TreeMap<>();
            chosen.forEach((facet, values) -> {
                if (!values.isEmpty()) {
                    given.put(facet, Set.copyOf(values));
                }
            });
            chosen = given;
        }
    }

    /** The things that answer, the best first. */
    public Found search(Wanted wanted, Resources.Range range) {
        catchUp();
        Question question = Question.of(wanted.text(), words);
        Found[] page = new Found[1];
        boolean everything = wanted.text().isBlank();
        if (!everything && question.isEmpty()) {
            return new Found(0, List.of(), List.of(), false, null);
        }
        look(question, everything, (answers, loosely, look) -> {
            Map<String, Map<String, Long>> counts = new LinkedHashMap<>();
            List<Answer> kept = new ArrayList<>();
            Instant now = clock.instant();
            for (Answer answer : answers) {
                Map<String, String> values = values(answer, now);
                if (DISCOVERED.equals(values.get(KIND))) {
                    continue;
                }
                count(wanted.chosen(), values, counts, answer, kept);
            }
            List<Hit> hits = kept.stream()
                    .skip(range.offset())
                    .limit(range.limit())
                    .map(answer -> hit(JSON.readValue(look.stored(answer), Stored.class), question))
                    .toList();
            page[0] = new Found(
                    kept.size(),
                    hits,
                    facets(counts),
                    loosely,
                    hits.isEmpty() || everything ? null : Marks.meant(question, texts(hits.getFirst())));
        });
        return page[0];
    }

    private static List<String> texts(Hit hit) {
        List<String> texts =
                new ArrayList<>(List.of(hit.thing().title(), hit.thing().name()));
        hit.matches().forEach(match -> texts.add(match.text()));
        return texts;
    }

    /** The ids of what answers of one list, the best first. */
    List<UUID> ids(String text, Set<Kind> kinds) {
        catchUp();
        Question question = Question.of(text, words);
        List<UUID> ids = new ArrayList<>();
        if (question.isEmpty()) {
            return ids;
        }
        Set<String> names = new HashSet<>();
        kinds.forEach(kind -> names.add(kind.name()));
        if (kinds.contains(Kind.ENTRY)) {
            names.add(DISCOVERED);
        }
        index.look(
                question.strictly(),
                List.of(KIND, ID),
                look -> look.answers().forEach(answer -> {
                    if (names.contains(answer.facets().get(KIND))) {
                        ids.add(UUID.fromString(answer.facets().get(ID)));
                    }
                }));
        return ids;
    }

    /** Shows what of a text answers a question. */
    Marking marking(String text) {
        return new Marking(Question.of(text, words));
    }

    /** What of a text answers a question. */
    record Marking(Question question) {
        boolean marks(String text) {
            return !Marks.of(question, text).isEmpty();
        }
    }

    private interface Use {
        void accept(List<Answer> answers, boolean loosely, ThingIndex.Look look);
    }

    private void look(Question question, boolean everything, Use use) {
        if (everything) {
            index.look(Question.EVERYTHING, FACETS, look -> use.accept(look.answers(), false, look));
            return;
        }
        boolean[] enough = new boolean[1];
        index.look(question.strictly(), FACETS, look -> {
            enough[0] = look.answers().stream()
                            .filter(each -> !DISCOVERED.equals(each.facets().get(KIND)))
                            .limit(FEW)
                            .count()
                    == FEW;
            if (enough[0]) {
                use.accept(look.answers(), false, look);
            }
        });
        if (!enough[0]) {
            index.look(
                    question.strictly(),
                    List.of(),
                    strict -> index.look(
                            question.loosely(),
                            FACETS,
                            look -> use.accept(
                                    look.answers(),
                                    look.answers().size() > strict.answers().size(),
                                    look)));
        }
    }

    private static Map<String, String> values(Answer answer, Instant now) {
        Map<String, String> values = new HashMap<>(answer.facets());
        if (answer.asOf() != Long.MIN_VALUE) {
            Duration age = Duration.between(Instant.ofEpochMilli(answer.asOf()), now);
            Freshness freshness = age.toDays() < 1
                    ? Freshness.DAY
                    : age.toDays() < 7 ? Freshness.WEEK : age.toDays() < 31 ? Freshness.MONTH : Freshness.OLDER;
            values.put(FRESHNESS, freshness.name());
        }
        return values;
    }

    /** What meets all conditions is kept; what meets all but one is counted for that one, so that a person sees what else there is. */
    private static void count(
            Map<String, Set<String>> chosen,
            Map<String, String> values,
            Map<String, Map<String, Long>> counts,
            Answer answer,
            List<Answer> kept) {
        String failed = null;
        for (Map.Entry<String, Set<String>> each : chosen.entrySet()) {
            String value = values.get(each.getKey());
            if (value == null || !each.getValue().contains(value)) {
                if (failed != null) {
                    return;
                }
                failed = each.getKey();
            }
        }
        if (failed == null) {
            kept.add(answer);
        }
        for (Map.Entry<String, String> each : values.entrySet()) {
            if (failed == null || failed.equals(each.getKey())) {
                counts.computeIfAbsent(each.getKey(), key -> new HashMap<>()).merge(each.getValue(), 1L, Long::sum);
            }
        }
    }

    private static List<Facet> facets(Map<String, Map<String, Long>> counts) {
        List<Facet> facets = new ArrayList<>();
        List<String> names = new ArrayList<>(FACETS);
        names.add(FRESHNESS);
        for (String name : names) {
            counts.getOrDefault(name, Map.of()).entrySet().stream()
                    .sorted(Map.Entry.<String, Long>comparingByValue()
                            .reversed()
                            .thenComparing(Map.Entry.comparingByKey()))
                    .forEach(each -> facets.add(new Facet(name, each.getKey(), each.getValue())));
        }
        return facets;
    }

    /** A thing as the index keeps it. */
    record Stored(Thing thing, List<Column> columns) {}

    private static Hit hit(Stored stored, Question question) {
        Thing thing = stored.thing();
        List<Match> matches = new ArrayList<>();
        mark(Found.Place.TITLE, thing.title(), question, matches);
        if (!thing.name().equals(thing.title())) {
            mark(Found.Place.NAME, thing.name(), question, matches);
        }
        if (thing.summary() != null && !thing.summary().equals(thing.title())) {
            mark(Found.Place.SUMMARY, thing.summary(), question, matches);
        }
        int before = matches.size();
        for (Column column : stored.columns()) {
            if (matches.size() - before == MOST_COLUMNS_MARKED) {
                break;
            }
            String text = column.comment() == null || column.comment().equals(column.name())
                    ? column.name()
                    : column.comment() + " " + column.name();
            mark(Found.Place.COLUMN, text, question, matches);
        }
        if (thing.kind() != Kind.DEPARTMENT) {
            mark(Found.Place.DEPARTMENT, thing.department().name(), question, matches);
        }
        if (thing.source() != null) {
            mark(Found.Place.SOURCE, thing.source(), question, matches);
        }
        return new Hit(thing, matches);
    }

    private static void mark(Found.Place place, String text, Question question, List<Match> matches) {
        List<Found.Span> spans = Marks.of(question, text).stream()
                .map(span -> new Found.Span(span.from(), span.to()))
                .toList();
        if (!spans.isEmpty()) {
            matches.add(new Match(place, text, spans));
        }
    }

    // --- the index follows the tables

    /** Takes in everything that was committed before this call. */
    void catchUp() {
        filling.lock();
        try {
            if (from == null) {
                fill();
                return;
            }
            Map<String, Set<String>> changed = new HashMap<>();
            Map<String, Long> seen = new HashMap<>();
            String[] next = new String[1];
            jdbc.sql("""
                            select s.oldest::text, c.kind, c.id, c.tx::text
                            from (select pg_snapshot_xmin(pg_current_snapshot()) oldest) s
                                left join catalog_search_changes c on c.tx >= cast(:from as xid8)""").param("from", from).query(row -> {
                next[0] = row.getString(1);
                @Nullable String kind = row.getString(2);
                if (kind != null) {
                    String key = kind + ":" + row.getString(3);
                    long tx = Long.parseLong(row.getString(4));
                    if (!Objects.equals(taken.get(key), tx)) {
                        seen.put(key, tx);
                        changed.computeIfAbsent(kind, each -> new HashSet<>()).add(row.getString(3));
                    }
                }
            });
            if (changed.containsKey("DEPARTMENT")) {
                // Its name is in all that is its own; that happens once a year.
                fill();
            } else if (!changed.isEmpty()) {
                take(changed);
                from = next[0];
            } else {
                from = next[0];
            }
            // What is older than the next look is never seen again.
            taken.values().removeIf(tx -> tx < Long.parseLong(Objects.requireNonNull(from)));
            taken.putAll(seen);
        } finally {
            filling.unlock();
        }
    }

    private void fill() {
        String oldest = jdbc.sql("select pg_snapshot_xmin(pg_current_snapshot())::text")
                .query(String.class)
                .single();
        index.clear();
        List<ThingIndex.Entry> all = new ArrayList<>();
        all.addAll(resources(null));
        all.addAll(entries(null));
        all.addAll(ledger(null));
        all.addAll(departments());
        index.put(all, Set.of());
        from = oldest;
    }

    private void take(Map<String, Set<String>> changed) {
        Set<String> resources = new HashSet<>(changed.getOrDefault("RESOURCE", Set.of()));
        Set<String> entries = new HashSet<>(changed.getOrDefault("ENTRY", Set.of()));
        Set<String> ledger = changed.getOrDefault("LEDGER", Set.of());
        // An entry speaks of its resource, and a resource is filed under its entry's theme.
        jdbc.sql("""
                        select id, resource_id from catalog_entries
                        where resource_id is not null and (id = any (:entries) or resource_id = any (:resources))""")
                .param("entries", uuids(entries))
                .param("resources", uuids(resources))
                .query(row -> {
                    entries.add(row.getString(1));
                    resources.add(row.getString(2));
                });
        List<ThingIndex.Entry> found = new ArrayList<>();
        found.addAll(resources(uuids(resources)));
        found.addAll(entries(uuids(entries)));
        found.addAll(ledger(uuids(ledger)));
        Set<String> gone = new HashSet<>();
        resources.forEach(id -> gone.add("RESOURCE:" + id));
        entries.forEach(id -> gone.add("ENTRY:" + id));
        ledger.forEach(id -> gone.add("LEDGER:" + id));
        found.forEach(each -> gone.remove(each.key()));
        index.put(found, gone);
    }

    private static UUID[] uuids(Collection<String> ids) {
        return ids.stream().map(UUID::fromString).toArray(UUID[]::new);
    }

    private List<ThingIndex.Entry> resources(UUID @Nullable [] ids) {
        List<ThingIndex.Entry> found = new ArrayList<>();
        jdbc.sql("""
                        select r.id, r.title, r.name, r.comment, r.namespace, r.table_name, r.source_name, r.level, r.as_of,
                            d.id did, d.name dname, d.name_en dname_en, coalesce(e.theme, r.theme) theme, e.share_class, c.names, c.comments, c.source_names
                        from catalog_resources r join org_departments d on d.id = r.department_id
                            left join catalog_entries e on e.resource_id = r.id and e.state <> 'RETIRED'
                            left join lateral (select array_agg(f.name order by f.ordinal) names,
                                array_agg(f.comment order by f.ordinal) comments, array_agg(f.source_name order by f.ordinal) source_names
                                from catalog_fields f where f.resource_id = r.id and f.present) c on true
                        where :all or r.id = any (:ids)
                        order by r.namespace, r.table_name""")
                .param("all", ids == null)
                .param("ids", ids == null ? new UUID[0] : ids)
                .query(row -> {
                    List<Column> columns = new ArrayList<>();
                    List<String> texts = new ArrayList<>();
                    List<@Nullable String> names = strings(row, "names");
                    List<@Nullable String> comments = strings(row, "comments");
                    List<@Nullable String> sourceNames = strings(row, "source_names");
                    for (int i = 0; i < names.size(); i++) {
                        String name = Objects.requireNonNull(names.get(i));
                        String sourceName = Objects.requireNonNull(sourceNames.get(i));
                        @Nullable String comment = comments.get(i);
                        columns.add(new Column(name, comment));
                        texts.add(name);
                        if (!name.equalsIgnoreCase(sourceName)) {
                            texts.add(sourceName);
                        }
                        if (comment != null && !comment.equals(name)) {
                            texts.add(comment);
                        }
                    }
                    @Nullable Timestamp asOf = row.getTimestamp("as_of");
                    Layer layer = Layer.ofNamespace(row.getString("namespace"));
                    Thing thing = new Thing(
                            Kind.RESOURCE,
                            row.getString("id"),
                            row.getString("title"),
                            row.getString("namespace") + "." + row.getString("table_name"),
                            row.getString("comment"),
                            department(row),
                            row.getString("source_name"),
                            word(Guide.Theme.class, row.getString("theme")),
                            Level.valueOf(row.getString("level")),
                            layer,
                            word(Guide.ShareClass.class, row.getString("share_class")),
                            null,
                            asOf == null ? null : asOf.toInstant());
                    found.add(entry("RESOURCE", thing, Kind.RESOURCE.name(), columns, texts, row.getString("name")));
                });
        return found;
    }

    private List<ThingIndex.Entry> entries(UUID @Nullable [] ids) {
        List<ThingIndex.Entry> found = new ArrayList<>();
        jdbc.sql("""
                        select e.id, e.statement, e.resource_code, e.state, coalesce(e.theme, r.theme) theme, e.share_class, coalesce(e.title, r.title) title,
                            coalesce(e.statement ->> 'summary', r.comment) summary, r.name, r.namespace, r.table_name, r.source_name,
                            r.level, r.as_of, d.id did, d.name dname, d.name_en dname_en
                        from catalog_entries e left join catalog_resources r on r.id = e.resource_id
                            join org_departments d on d.id = case when e.statement is null then r.department_id else e.department_id end
                        where (:all or e.id = any (:ids)) and not (e.state = 'RETIRED' and e.published_version = 0)
                        order by title, e.id""")
                .param("all", ids == null)
                .param("ids", ids == null ? new UUID[0] : ids)
                .query(row -> {
                    @Nullable String statement = row.getString("statement");
                    List<Column> columns = statement == null
                            ? List.of()
                            : JSON.readValue(statement, Entry.Statement.class).items().stream()
                                    .map(item -> new Column(item.name(), item.column()))
                                    .toList();
                    List<String> texts = new ArrayList<>();
                    columns.forEach(column -> {
                        texts.add(column.name());
                        if (column.comment() != null) {
                            texts.add(column.comment());
                        }
                    });
                    @Nullable String code = row.getString("resource_code");
                    @Nullable String name = row.getString("name");
                    @Nullable String level = row.getString("level");
                    @Nullable Timestamp asOf = row.getTimestamp("as_of");
                    Thing thing = new Thing(
                            Kind.ENTRY,
                            row.getString("id"),
                            row.getString("title"),
                            code == null ? "" : code,
                            row.getString("summary"),
                            department(row),
                            row.getString("source_name"),
                            word(Guide.Theme.class, row.getString("theme")),
                            level == null ? null : Level.valueOf(level),
                            null,
                            word(Guide.ShareClass.class, row.getString("share_class")),
                            row.getString("state"),
                            asOf == null ? null : asOf.toInstant());
                    found.add(entry(
                            "ENTRY",
                            thing,
                            statement == null ? DISCOVERED : Kind.ENTRY.name(),
                            columns,
                            texts,
                            name == null
                                    ? ""
                                    : name + " " + row.getString("namespace") + "." + row.getString("table_name")));
                });
        return found;
    }

    private List<ThingIndex.Entry> ledger(UUID @Nullable [] ids) {
        List<ThingIndex.Entry> found = new ArrayList<>();
        jdbc.sql("""
                        select l.id, l.kind, l.name, l.purpose, l.state, d.id did, d.name dname, d.name_en dname_en
                        from catalog_ledger l join org_departments d on d.id = l.department_id
                        where :all or l.id = any (:ids) order by l.name, l.id""")
                .param("all", ids == null)
                .param("ids", ids == null ? new UUID[0] : ids)
                .query(row -> {
                    Thing thing = new Thing(
                            Kind.valueOf(row.getString("kind")),
                            row.getString("id"),
                            row.getString("name"),
                            "",
                            row.getString("purpose"),
                            department(row),
                            null,
                            null,
                            null,
                            null,
                            null,
                            row.getString("state"),
                            null);
                    found.add(entry("LEDGER", thing, thing.kind().name(), List.of(), List.of(), ""));
                });
        return found;
    }

    private List<ThingIndex.Entry> departments() {
        List<ThingIndex.Entry> found = new ArrayList<>();
        jdbc.sql("select id did, name dname, name_en dname_en from org_departments order by ordinal, id")
                .query(row -> {
                    Department department = department(row);
                    Thing thing = new Thing(
                            Kind.DEPARTMENT,
                            department.id(),
                            department.name(),
                            department.nameEn(),
                            null,
                            department,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null);
                    found.add(entry("DEPARTMENT", thing, Kind.DEPARTMENT.name(), List.of(), List.of(), ""));
                });
        return found;
    }

    /**
     * @param shownAs the kind lists know it by
     * @param alsoNamed what else programs call it
     */
    private static ThingIndex.Entry entry(
            String origin, Thing thing, String shownAs, List<Column> columns, List<String> texts, String alsoNamed) {
        Map<Part, List<String>> parts = new EnumMap<>(Part.class);
        parts.put(Part.TITLE, List.of(thing.title()));
        parts.put(Part.NAME, List.of(thing.name(), alsoNamed));
        parts.put(Part.SUMMARY, thing.summary() == null ? List.of() : List.of(thing.summary()));
        parts.put(Part.COLUMNS, texts);
        parts.put(
                Part.CONTEXT,
                thing.kind() == Kind.DEPARTMENT
                        ? List.of()
                        : List.of(
                                thing.department().name(),
                                thing.department().nameEn(),
                                thing.source() == null ? "" : thing.source()));
        Map<String, String> facets = new HashMap<>();
        facets.put(KIND, shownAs);
        facets.put(ID, thing.id());
        facets.put("department", thing.department().id());
        put(facets, "theme", thing.theme());
        put(facets, "level", thing.level());
        put(facets, "layer", thing.layer());
        put(facets, "shareClass", thing.shareClass());
        return new ThingIndex.Entry(
                origin + ":" + thing.id(),
                parts,
                facets,
                thing.asOf() == null ? Long.MIN_VALUE : thing.asOf().toEpochMilli(),
                JSON.writeValueAsString(new Stored(thing, columns)));
    }

    private static void put(Map<String, String> facets, String name, @Nullable Enum<?> value) {
        if (value != null) {
            facets.put(name, value.name());
        }
    }

    private static <W extends Enum<W> & Guide.Word> @Nullable W word(Class<W> list, @Nullable String name) {
        return name == null ? null : Guide.find(list, name).orElse(null);
    }

    private static Department department(ResultSet row) throws SQLException {
        return new Department(row.getString("did"), row.getString("dname"), row.getString("dname_en"));
    }

    private static List<@Nullable String> strings(ResultSet row, String column) throws SQLException {
        List<@Nullable String> strings = new ArrayList<>();
        java.sql.@Nullable Array array = row.getArray(column);
        if (array != null) {
            for (@Nullable Object each : (@Nullable Object[]) array.getArray()) {
                strings.add((@Nullable String) each);
            }
        }
        return strings;
    }
}

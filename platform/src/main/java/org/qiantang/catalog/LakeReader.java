package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Accesses.Access;
import org.qiantang.catalog.Accesses.Errand;
import org.qiantang.core.Problem;
import org.qiantang.core.Sm3;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.Extract;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.Mask;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Queries.Answer;
import org.qiantang.lake.Queries.References;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.RowSink.ResultColumn;
import org.qiantang.lake.Sql;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Enclosures;
import org.qiantang.org.EvidenceRecords;
import org.qiantang.org.Role;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Service;

/**
 * The only way from people to the rows of the lake. Every table asked for must be in the catalogue; whatever is of {@link Level#L3} or
 * above, or not in the catalogue yet, is masked inside the read itself; and each read is written down with who asked before its first row
 * is handed over.
 */
@Service
public final class LakeReader {
    /** Marks a contested row of an export. */
    public static final String CONTESTED = "contested";

    /** Who reads when nobody has signed in. */
    public static final String PUBLIC = "public";

    /** Who reads when it is the platform itself. */
    private static final String OWN = "qiantang";

    private static final int STATE_BYTES = 16;

    private final Queries queries;
    private final Resources resources;
    private final ContestedRecords contested;
    /** Those who keep them look at what is read themselves. */
    private final ObjectProvider<Entitlements> entitlements;

    private final Enclosures enclosures;
    private final Accesses accesses;
    private final Footprints footprints;
    private final Clock clock;

    LakeReader(
            Queries queries,
            Resources resources,
            ContestedRecords contested,
            ObjectProvider<Entitlements> entitlements,
            Enclosures enclosures,
            Accesses accesses,
            Footprints footprints,
            Clock clock) {
        this.queries = queries;
        this.resources = resources;
        this.contested = contested;
        this.entitlements = entitlements;
        this.enclosures = enclosures;
        this.accesses = accesses;
        this.footprints = footprints;
        this.clock = clock;
    }

    /** The first rows of a resource. Masked for everybody, the operator included. */
    public Preview preview(Account who, UUID resource, int limit) {
        enclosures.requireOutside(who);
        Resource found = resources.get(resource);
        if (found.snapshotId() == null) {
            throw new Problem(CatalogProblem.NOTHING_LANDED, "name", found.name());
        }
        TableName table = tableName(found.lakeTable());
        Map<String, Resources.Known> known = resources.known(table).orElseThrow();
        String sql = "select * from " + Sql.table(table);
        Rows rows = new Rows();
        Query query = new Query(UUID.randomUUID().toString(), sql, null, limit, Map.of(table, policy(known)));
        Done done = read(who.username(), department(who), "preview", query, references(sql), rows);
        List<PreviewColumn> columns = rows.columns.stream()
                .map(column -> {
                    Resources.Known field = known.get(column.name());
                    boolean masked = field == null || field.mask() != null;
                    return new PreviewColumn(
                            column.name(), column.type(), field == null ? Level.L4 : field.level(), masked);
                })
                .toList();
        Marking marking = new Marking(contested.of(Set.of(table)));
        List<Marking.@Nullable From> from = new ArrayList<>();
        columns.forEach(column -> from.add(column.masked() ? null : new Marking.From(table, column.name())));
        marking.header(from);
        return new Preview(
                asOf(done.answer), columns, rows.rows, marking.rows(rows.rows), marking.tables(), done.given);
    }

    /** In which order rows of open data come. */
    public enum Order {
        /** The same at every read of a snapshot, so that pages fit together. */
        STABLE,
        ANY,
    }

    /**
     * What anybody wants of one table.
     *
     * @param columns those alone, and of these only what is not sensitive
     * @param snapshot as of which
     */
    public record OpenRead(
            TableName table,
            List<String> columns,
            List<RowCondition> rows,
            String snapshot,
            long offset,
            long limit,
            Order order) {
        public OpenRead {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
        }
    }

    /** As of when it was read, and what of the table somebody says is wrong about them. */
    public record OpenAnswer(Instant asOf, List<Contested.InTable> contested) {}

    /**
     * Reads what is open to everybody: named columns of {@link Level#L1}, and no other, of a table that the caller knows to be opened. Whoever
     * asks is nobody in particular ({@code public}).
     */
    public OpenAnswer readOpen(String purpose, OpenRead read, RowSink sink) {
        Map<String, Resources.Known> known = resources.known(read.table).orElseThrow(() -> noSuchTable(read.table));
        Map<String, Mask> columns = new HashMap<>();
        for (String column : read.columns) {
            Resources.Known field = known.get(column);
            if (field != null && field.level() == Level.L1) {
                columns.put(column, new Mask.Clear());
            }
        }
        if (read.columns.isEmpty() || columns.size() != read.columns.size()) {
            throw new IllegalArgumentException("Not all of these columns of " + read.table + " are for everybody");
        }
        String sql = "SELECT " + read.columns.stream().map(Sql::name).collect(Collectors.joining(", ")) + " FROM "
                + Sql.table(read.table)
                + (read.order == Order.STABLE ? " ORDER BY ALL LIMIT " + read.limit + " OFFSET " + read.offset : "");
        Query query = new Query(
                sql,
                read.snapshot,
                read.limit,
                Map.of(read.table, new TablePolicy(columns, new Mask.Omit(), read.rows)));
        Answer answer = read(PUBLIC, purpose, query, references(sql), sink);
        return new OpenAnswer(
                requireNonNull(asOf(answer), "a table that was read has a time"),
                new Marking(contested.of(Set.of(read.table))).tables());
    }

    private static @Nullable Instant asOf(Answer answer) {
        return answer.tables().stream()
                .map(Queries.TableState::committedAt)
                .min(java.util.Comparator.naturalOrder())
                .orElse(null);
    }

    /**
     * Reads in clear, for the platform's own judgement of the data: what people are told of it are numbers, or what is about themselves.
     * The caller has checked who may.
     *
     * @param who on whose behalf, or the platform's own part
     */
    public Answer readInClear(String who, String purpose, Query query, RowSink sink) {
        if (!query.policies().isEmpty()) {
            throw new IllegalArgumentException("What is masked cannot be counted right");
        }
        References references = references(query.sql());
        for (TableName table : references.tables()) {
            if (resources.find(table).isEmpty()) {
                throw noSuchTable(table);
            }
        }
        return read(who, purpose, query, references, sink);
    }

    /**
     * Finds rows by what is in them in clear and shows them masked, for somebody who has to mend them; for everybody, the operator
     * included. A column of the answer that is not one column of a table as it is, is hidden when any of what it is made of is.
     *
     * @param asOf null for now; else a snapshot id or a time
     */
    public Preview find(String who, String purpose, String sql, @Nullable String asOf, int limit) {
        References references = references(sql);
        Map<TableName, Map<String, Resources.Known>> known = new HashMap<>();
        references
                .tables()
                .forEach(table -> known.put(table, resources.known(table).orElseThrow(() -> noSuchTable(table))));
        ColumnLineage lineage = translated(() -> queries.lineage(sql, Map.of()));
        Rows rows = new Rows();
        Done done = read(
                who,
                null,
                purpose,
                new Query(UUID.randomUUID().toString(), sql, asOf, limit, Map.of()),
                references,
                rows);
        List<Shown> shown = shown(rows.columns, lineage, known);
        List<List<@Nullable String>> masked = new ArrayList<>();
        for (List<@Nullable String> row : rows.rows) {
            List<@Nullable String> values = new ArrayList<>();
            for (int i = 0; i < row.size(); i++) {
                values.add(Masks.apply(shown.get(i).mask, row.get(i)));
            }
            masked.add(values);
        }
        Marking marking = new Marking(contested.of(references.tables()));
        // What is masked here was still read in clear, so each row can be told.
        List<Marking.@Nullable From> from = new ArrayList<>();
        shown.forEach(each -> from.add(each.from));
        marking.header(from);
        return new Preview(
                asOf(done.answer),
                shown.stream()
                        .map(each -> new PreviewColumn(each.name, each.type, each.level, each.mask != null))
                        .toList(),
                masked,
                marking.rows(rows.rows),
                marking.tables(),
                done.given);
    }

    private record Shown(
            String name, String type, Level level, @Nullable Mask mask, Marking.@Nullable From from) {}

    private static List<Shown> shown(
            List<ResultColumn> columns, ColumnLineage lineage, Map<TableName, Map<String, Resources.Known>> known) {
        List<Shown> shown = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            ResultColumn column = columns.get(i);
            // An older snapshot may have other columns than the lineage of today.
            ColumnLineage.Result origin = i < lineage.columns().size()
                            && lineage.columns().get(i).name().equals(column.name())
                    ? lineage.columns().get(i)
                    : null;
            shown.add(
                    origin == null
                                    || !lineage.unknown().isEmpty()
                                    || !origin.unknown().isEmpty()
                            ? new Shown(column.name(), column.type(), Level.L4, new Mask.Hide(), null)
                            : shown(column, origin, known));
        }
        return shown;
    }

    private static Shown shown(
            ResultColumn column, ColumnLineage.Result origin, Map<TableName, Map<String, Resources.Known>> known) {
        Level level = Level.L1;
        boolean hidden = false;
        Mask mask = null;
        for (ColumnLineage.Origin each : origin.origins()) {
            if (!each.way().reveals()) {
                continue;
            }
            Resources.Known field = known.getOrDefault(each.table(), Map.of()).get(each.column());
            Level its = field == null ? Level.L4 : field.level();
            level = its.compareTo(level) > 0 ? its : level;
            if (field == null || field.mask() != null) {
                hidden = true;
                mask = field == null ? new Mask.Hide() : field.mask();
            }
        }
        boolean asItIs =
                origin.origins().size() == 1 && origin.origins().getFirst().way() == ColumnLineage.Way.IDENTITY;
        Marking.From from = asItIs
                ? new Marking.From(
                        origin.origins().getFirst().table(),
                        origin.origins().getFirst().column())
                : null;
        return new Shown(column.name(), column.type(), level, hidden && !asItIs ? new Mask.Hide() : mask, from);
    }

    /** What is contested of what a statement reads, and by which columns of its answer that can be seen. */
    private Marking marking(
            String sql, References references, List<ResultColumn> columns, Map<TableName, TablePolicy> policies) {
        Marking marking = new Marking(contested.of(references.tables()));
        if (marking.isNeeded()) {
            List<ColumnLineage.Result> origins = origins(sql, policies);
            List<Marking.@Nullable From> from = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                from.add(i < origins.size() ? unmasked(origins.get(i), policies) : null);
            }
            marking.header(from);
        }
        return marking;
    }

    private static Marking.@Nullable From unmasked(ColumnLineage.Result column, Map<TableName, TablePolicy> policies) {
        if (column.origins().size() != 1 || !column.unknown().isEmpty()) {
            return null;
        }
        ColumnLineage.Origin origin = column.origins().getFirst();
        Mask mask = policies.getOrDefault(origin.table(), TablePolicy.OPEN).mask(origin.column());
        return !(mask instanceof Mask.Clear) || origin.way() != ColumnLineage.Way.IDENTITY
                ? null
                : new Marking.From(origin.table(), origin.column());
    }

    /** Answers a statement with rows in memory. */
    public SqlAnswer ask(Account who, Asked asked, int limit) {
        References references = references(asked.sql());
        Right right = right(who, asked, references);
        right.requireCase(references);
        return ask(right, "sql", references, limit);
    }

    /**
     * Answers a statement unless the asker has its answer; that they asked counts and is written down in either case.
     *
     * @param known states whose answers the asker has
     */
    public Conditional askUnless(Account who, Asked asked, int limit, Set<String> known) {
        References references = references(asked.sql());
        Right right = right(who, asked, references);
        String state = state(asked, right.policies, references, limit);
        if (known.contains(state)) {
            Query query = query(who, asked, 0, right.policies);
            Trail trail = footprints.of(query, references.tables()).unseen();
            Access access = accesses.begin(right.errand("service"), query, references.tables(), trail);
            return new Conditional(state, null, accesses.unchanged(access, trail));
        }
        SqlAnswer answer = ask(right, "service", references, limit);
        return new Conditional(state, answer, answer.evidence());
    }

    /** All that an answer is made of: the statement, what may be seen of its tables, their newest snapshots and what of them is contested. */
    private String state(Asked asked, Map<TableName, TablePolicy> policies, References references, int limit) {
        return state(asked, limit, shown(policies, references));
    }

    /** @param shown what {@link #shown} says */
    static String state(Asked asked, int limit, String shown) {
        return state(begin(asked.sql()), asked.parameters(), asked.time(), limit, shown);
    }

    /** Begins to say the state of a statement's answers. */
    static Sm3.Begun begin(String sql) {
        return Sm3.begin((sql + '\0').getBytes(StandardCharsets.UTF_8));
    }

    static String state(
            Sm3.Begun statement, List<@Nullable String> parameters, @Nullable String time, int limit, String shown) {
        String rest = parameters.toString() + '\0' + time + '\0' + limit + '\0' + shown;
        return HexFormat.of().formatHex(statement.digest(rest.getBytes(StandardCharsets.UTF_8)), 0, STATE_BYTES);
    }

    /** What may be seen of tables, their newest snapshots and what of them is contested, as a short text. */
    String shown(Map<TableName, TablePolicy> policies, References references) {
        StringBuilder text = new StringBuilder();
        Map<TableName, Long> snapshots = resources.snapshots(references.tables());
        for (TableName table : references.tables()) {
            TablePolicy policy = policies.getOrDefault(table, TablePolicy.OPEN);
            text.append(table).append('\0').append(snapshots.get(table)).append('\0');
            text.append(new TreeMap<>(policy.columns())).append(policy.others()).append(policy.rows());
        }
        contested.of(references.tables()).stream()
                .map(String::valueOf)
                .sorted()
                .forEach(each -> text.append('\0').append(each));
        return digest(text.toString());
    }

    private static String digest(String text) {
        byte[] digest = Sm3.digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest, 0, STATE_BYTES);
    }

    /**
     * What columns a statement's answer has, whoever asks for it: no row is looked at. Which columns of which tables it may read is said by
     * what {@link #reads} says.
     */
    public List<SqlColumn> columns(String sql, List<@Nullable String> parameters) {
        References references = references(sql);
        Map<TableName, TablePolicy> nothing = new HashMap<>();
        for (TableName table : references.tables()) {
            if (resources.find(table).isEmpty()) {
                throw noSuchTable(table);
            }
            // An error of the engine could tell of a value.
            nothing.put(table, new TablePolicy(Map.of(), new Mask.Hide(), List.of()));
        }
        Rows rows = new Rows();
        Query query = new Query(sql, null, 0, nothing).with(parameters);
        translated(() -> queries.run(query, rows));
        AnswerLevel level = level(sql, references, Map.of());
        List<SqlColumn> columns = new ArrayList<>();
        rows.columns.forEach(column -> columns.add(
                new SqlColumn(column.name(), column.type(), false, level.column(columns.size(), rows.columns.size()))));
        return columns;
    }

    /** The tables that a statement reads, each with the columns of it that it may read and that are sensitive. */
    public Map<TableName, Set<String>> reads(String sql) {
        References references = references(sql);
        Map<TableName, Set<String>> reads = new TreeMap<>();
        for (TableName table : references.tables()) {
            Map<String, Resources.Known> known = resources.known(table).orElseThrow(() -> noSuchTable(table));
            reads.put(
                    table,
                    known.entrySet().stream()
                            .filter(field -> field.getValue().mask() != null && references.mayRead(field.getKey()))
                            .map(Map.Entry::getKey)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        return reads;
    }

    private SqlAnswer ask(Right right, String purpose, References references, int limit) {
        Instant start = clock.instant();
        Rows rows = new Rows();
        Asked asked = right.asked;
        Map<TableName, TablePolicy> policies = right.policies;
        Done done = right.read(purpose, query(right.who, asked, limit, policies), references, rows);
        Answer answer = done.answer;
        AnswerLevel level = level(asked.sql(), references, policies);
        List<SqlColumn> columns = columns(rows.columns, references, policies, level);
        List<TableRead> tables = answer.tables().stream()
                .map(state -> new TableRead(
                        state.table().toString(),
                        Long.toString(state.snapshotId()),
                        state.committedAt(),
                        resources
                                .find(state.table())
                                .map(Resource::completeness)
                                .orElse(null),
                        masked(policies.getOrDefault(state.table(), TablePolicy.OPEN))
                                .filter(references::mayRead)
                                .sorted()
                                .toList()))
                .toList();
        Instant oldest = tables.stream()
                .map(TableRead::asOf)
                .min(java.util.Comparator.naturalOrder())
                .orElse(null);
        Marking marking = marking(asked.sql(), references, rows.columns, policies);
        return new SqlAnswer(
                columns,
                level.whole(),
                level.combined(),
                rows.rows,
                marking.rows(rows.rows),
                marking.tables(),
                answer.truncated(),
                rows.rows.size(),
                java.time.Duration.between(start, clock.instant()).toMillis(),
                oldest,
                tables,
                right.number(),
                done.given);
    }

    /** Takes rows that nobody has asked for yet, with the column names and types before them. */
    interface Keeping extends RowSink {
        /** What is kept, when all rows have come. */
        KeyedRows kept() throws IOException;
    }

    /**
     * Looks through the answers to a question, whatever is bound to it, for those who are going to ask it: what they all have in common, and
     * the rows themselves by their keys. It is the platform's own work and counts as nobody's read; what comes out of it is what the right shows.
     *
     * @param asked under a right, of one table, with nothing bound
     * @param whole the same question without its conditions, the columns of the keys behind its own
     * @param keys how many these are
     * @param keeping takes the rows that these policies show, key columns included
     */
    Optional<KeyedRead> keyed(Account who, String service, Asked asked, String whole, int keys, Keeping keeping)
            throws IOException {
        References references = references(asked.sql());
        if (references.tables().size() != 1 || asked.grant() == null) {
            return Optional.empty();
        }
        Entitlement entitlement = keeper().look(asked.grant(), who).orElse(null);
        if (entitlement == null) {
            return Optional.empty();
        }
        Right right = right(who, asked, references, entitlement);
        String shown = shown(right.policies, references);
        Query query = new Query(whole, null, Long.MAX_VALUE, right.policies);
        Footprints.Plan plan =
                footprints.plan(new Query(asked.sql(), null, Long.MAX_VALUE, right.policies), references.tables());
        Rows header = new Rows();
        RowSink sink = new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                header.columns(columns.subList(0, columns.size() - keys));
                keeping.columns(columns);
            }

            @Override
            public void row(List<@Nullable String> values) {
                keeping.row(values);
            }
        };
        Answer answer = read(
                        Errand.without(OWN, null, "index", right.unmasked),
                        query,
                        references(whole),
                        footprints.ofOwnWork(whole, references.tables()),
                        sink)
                .answer;
        AnswerLevel level = level(asked.sql(), references, right.policies);
        Queries.TableState state = answer.tables().getFirst();
        TableRead table = new TableRead(
                state.table().toString(), Long.toString(state.snapshotId()), state.committedAt(), null, List.of());
        return Optional.of(new KeyedRead(
                asked,
                right.errand("service"),
                plan,
                shown,
                columns(header.columns, references, right.policies, level),
                level,
                table,
                state.table(),
                marking(asked.sql(), references, header.columns, right.policies),
                entitlement,
                service,
                keeping.kept()));
    }

    private static List<SqlColumn> columns(
            List<ResultColumn> answered,
            References references,
            Map<TableName, TablePolicy> policies,
            AnswerLevel level) {
        Set<String> hidden = policies.values().stream()
                .flatMap(LakeReader::masked)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .collect(Collectors.toSet());
        List<SqlColumn> columns = new ArrayList<>();
        for (ResultColumn column : answered) {
            columns.add(new SqlColumn(
                    column.name(),
                    column.type(),
                    hidden.contains(references.origin(column.name())),
                    level.column(columns.size(), answered.size())));
        }
        return columns;
    }

    /** Takes an answer that leaves the platform; what of it is contested is said before its first row. */
    public interface ExportSink extends RowSink {
        void contested(List<Contested.InTable> tables);
    }

    /**
     * Answers a statement row by row, for an export. Where a table has contested records and the answer has a column by which they are
     * known, each row gets one more value at its end: {@value #CONTESTED}, or nothing.
     */
    public void export(Account who, Asked asked, ExportSink sink) {
        References references = references(asked.sql());
        Right right = right(who, asked, references);
        right.requireCase(references);
        Map<TableName, TablePolicy> policies = right.policies;
        RowSink marked = new RowSink() {
            private Marking marking = new Marking(List.of());

            @Override
            public void columns(List<ResultColumn> columns) {
                marking = marking(asked.sql(), references, columns, policies);
                sink.contested(marking.tables());
                List<ResultColumn> header = new ArrayList<>(columns);
                if (marking.canTell()) {
                    header.add(new ResultColumn(CONTESTED, "VARCHAR"));
                }
                sink.columns(header);
            }

            @Override
            public void row(List<@Nullable String> values) {
                if (!marking.canTell()) {
                    sink.row(values);
                    return;
                }
                List<@Nullable String> row = new ArrayList<>(values);
                row.add(marking.isContested(values) ? CONTESTED : null);
                sink.row(row);
            }
        };
        Done done = right.read("export", query(who, asked, Long.MAX_VALUE, policies), references, marked);
        if (done.answer.truncated()) {
            // Only the day's rows of a grant can end it, and nobody may take what came for all of it.
            throw new Problem(CatalogProblem.EXPORT_CUT, "number", requireNonNull(right.number()));
        }
    }

    /**
     * Answers a statement by a file. That a right's rows of the day do not hold it is said before anybody has a byte of it; from then on all
     * of it counts as given, whatever becomes of it on its way. Contested rows are marked as in {@link #export}.
     *
     * @param limit rows at the most; 0 for the columns alone
     */
    Extracted extract(Account who, Asked asked, long limit, Extract.Form form, Path file, long mostBytes) {
        References references = references(asked.sql());
        Right right = right(who, asked, references);
        right.requireCase(references);
        Marking marking = new Marking(contested.of(references.tables()));
        if (marking.isNeeded()) {
            marking.header(origins(asked.sql(), right.policies).stream()
                    .<Marking.@Nullable From>map(column -> unmasked(column, right.policies))
                    .toList());
        }
        Extract.Marks marks = new Extract.Marks(CONTESTED, marking.told());
        Query query = query(who, asked, Math.min(limit, right.rowsToLook()), right.policies);
        Trail trail = footprints.of(query, references.tables()).unseen();
        Access access = accesses.begin(right.errand("export"), query, references.tables(), trail);
        Extract.Made made;
        try {
            made = translated(() -> queries.extract(new Extract(query, form, file, mostBytes, marks)));
            right.take(made.rows());
        } catch (RuntimeException | Error e) {
            try {
                accesses.end(access, 0, null, trail);
            } catch (RuntimeException unnoted) {
                e.addSuppressed(unnoted);
            }
            throw e;
        }
        EvidenceRecords.Recorded given =
                accesses.end(access, made.rows(), new Answer(made.rows(), false, made.tables()), trail);
        return new Extracted(made.rows(), made.bytes(), marking.tables(), right.number(), given);
    }

    /**
     * Answers a statement of a zone: what all its rights together show, to a sink that no person looks at. Nothing is handed out by it, and
     * so it is written down; what leaves later is told of then.
     *
     * @param rights each of which covers a table that is read; where two cover the same, the first counts
     * @param limit rows at the most; the answer says whether there were more
     */
    public ZoneAnswer readInZone(Account who, String sql, List<UUID> rights, long limit, RowSink sink) {
        References references = references(sql);
        Map<TableName, TablePolicy> policies = new HashMap<>();
        Map<Entitlement, Set<TableName>> under = new LinkedHashMap<>();
        for (UUID right : rights) {
            Entitlement entitlement =
                    keeper().beginInside(right, who).orElseThrow(() -> new Problem(CatalogProblem.NO_SUCH_GRANT));
            for (TableName table : references.tables()) {
                TablePolicy granted = entitlement.tables().get(table);
                if (granted != null && policies.putIfAbsent(table, granted) == null) {
                    under.computeIfAbsent(entitlement, any -> new TreeSet<>()).add(table);
                }
            }
        }
        for (TableName table : references.tables()) {
            if (resources.find(table).isEmpty()) {
                throw noSuchTable(table);
            }
            if (!policies.containsKey(table)) {
                throw new Problem(CatalogProblem.NOT_GRANTED, "table", table.toString());
            }
        }
        Query query = new Query(sql, null, limit, policies);
        Trail trail = footprints.of(query, references.tables()).unseen();
        List<Access> begun = new ArrayList<>();
        Rows header = new Rows();
        RowSink both = new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                header.columns(columns);
                sink.columns(columns);
            }

            @Override
            public void row(List<@Nullable String> values) {
                sink.row(values);
            }
        };
        Answer answer;
        try {
            for (Map.Entry<Entitlement, Set<TableName>> each : under.entrySet()) {
                boolean unmasked = each.getValue().stream()
                        .anyMatch(table -> showsSensitive(
                                requireNonNull(policies.get(table)),
                                resources.known(table).orElse(Map.of())));
                Errand errand =
                        new Errand(who.username(), department(who), "zone", null, each.getKey(), unmasked, null);
                begun.add(accesses.begin(errand, query, each.getValue(), trail));
            }
            answer = translated(() -> queries.run(query, both));
        } catch (RuntimeException | Error e) {
            for (Access access : begun) {
                try {
                    accesses.end(access, 0, null, trail);
                } catch (RuntimeException unnoted) {
                    e.addSuppressed(unnoted);
                }
            }
            throw e;
        }
        List<EvidenceRecords.Recorded> evidence = begun.stream()
                .map(access -> accesses.end(access, 0, answer, trail))
                .toList();
        AnswerLevel level = level(sql, references, policies);
        List<ColumnLineage.Result> origins = origins(sql, policies);
        return new ZoneAnswer(
                columns(header.columns, references, policies, level),
                origins.size() == header.columns.size() ? origins : List.of(),
                level.whole(),
                level.combined(),
                answer.truncated(),
                answer.tables().stream()
                        .map(state -> new TableRead(
                                state.table().toString(),
                                Long.toString(state.snapshotId()),
                                state.committedAt(),
                                resources
                                        .find(state.table())
                                        .map(Resource::completeness)
                                        .orElse(null),
                                List.of()))
                        .toList(),
                evidence);
    }

    private AnswerLevel level(String sql, References references, Map<TableName, TablePolicy> policies) {
        Map<TableName, Map<String, Resources.Known>> known = new HashMap<>();
        references
                .tables()
                .forEach(table -> known.put(table, resources.known(table).orElse(Map.of())));
        return AnswerLevel.of(footprints.lineage(sql, resources.snapshots(references.tables())), policies, known);
    }

    private List<ColumnLineage.Result> origins(String sql, Map<TableName, TablePolicy> policies) {
        try {
            return Footprints.answered(queries.lineage(sql, Map.of()), policies);
        } catch (LakeException unclear) {
            // That the table has contested records is said all the same.
            return List.of();
        }
    }

    /**
     * A file that holds an answer.
     *
     * @param contested the tables that were read of which something is contested
     * @param grant the number of the one it was read under
     * @param evidence where it is written down that this was handed out
     */
    record Extracted(
            long rows,
            long bytes,
            List<Contested.InTable> contested,
            @Nullable String grant,
            EvidenceRecords.Recorded evidence) {}

    /** Stops what the person asks under this id; nothing happens when nothing is under way. */
    public void stop(Account who, String id) {
        translated(() -> {
            queries.stop(queryId(who, id));
            return id;
        });
    }

    /** Reads one of the platform's own tables ({@code ops_*}), for the parts that own them; the caller has checked who may. */
    public void readOwn(Account who, String purpose, String sql, int limit, RowSink sink) {
        Query query = new Query(sql, null, limit, Map.of());
        read(who.username(), department(who), purpose, query, references(sql), sink);
    }

    private References references(String sql) {
        return translated(() -> queries.references(sql));
    }

    private static Query query(Account who, Asked asked, long limit, Map<TableName, TablePolicy> policies) {
        String id = asked.id() == null ? UUID.randomUUID().toString() : queryId(who, asked.id());
        return new Query(id, asked.sql(), asked.time(), limit, policies).with(asked.parameters());
    }

    /** Nobody can stop what another person asks. */
    private static String queryId(Account who, String id) {
        return who.username() + "/" + id;
    }

    /**
     * What a person may see of the tables of a statement. Under a grant its tables are what it says. Of others, who works with the whole lake
     * sees what is not sensitive, and nobody else anything.
     */
    private Right right(Account who, Asked asked, References references) {
        enclosures.requireOutside(who);
        return right(
                who,
                asked,
                references,
                asked.grant() == null
                        ? null
                        : keeper().begin(asked.grant(), who)
                                .orElseThrow(() -> new Problem(CatalogProblem.NO_SUCH_GRANT)));
    }

    private Right right(Account who, Asked asked, References references, @Nullable Entitlement entitlement) {
        if (entitlement == null && who.has(Role.OPERATOR)) {
            return new Right(who, null, asked, Map.of(), !references.tables().isEmpty());
        }
        boolean everywhere = who.has(Role.ENGINEER) || who.has(Role.ANALYST);
        if (entitlement == null && !everywhere) {
            throw new Problem(CatalogProblem.NO_GRANT_NAMED);
        }
        Map<TableName, TablePolicy> policies = new HashMap<>();
        boolean unmasked = false;
        for (TableName table : references.tables()) {
            Map<String, Resources.Known> known = resources.known(table).orElseThrow(() -> noSuchTable(table));
            TablePolicy granted =
                    entitlement == null ? null : entitlement.tables().get(table);
            if (granted == null && !everywhere) {
                throw new Problem(CatalogProblem.NOT_GRANTED, "table", table.toString());
            }
            policies.put(table, granted == null ? policy(known) : granted);
            unmasked |= granted != null && showsSensitive(granted, known);
        }
        return new Right(who, entitlement, asked, policies, unmasked);
    }

    static boolean showsSensitive(TablePolicy policy, Map<String, Resources.Known> known) {
        return known.entrySet().stream()
                .anyMatch(
                        field -> field.getValue().mask() != null && policy.mask(field.getKey()) instanceof Mask.Clear);
    }

    private Entitlements keeper() {
        return entitlements.getIfAvailable(() -> Entitlements.NONE);
    }

    /** By what somebody reads, and what they see by it. */
    private final class Right {
        private final Account who;
        private final @Nullable Entitlement entitlement;
        private final Asked asked;
        private final Map<TableName, TablePolicy> policies;
        private final boolean unmasked;

        Right(
                Account who,
                @Nullable Entitlement entitlement,
                Asked asked,
                Map<TableName, TablePolicy> policies,
                boolean unmasked) {
            this.who = who;
            this.entitlement = entitlement;
            this.asked = asked;
            this.policies = policies;
            this.unmasked = unmasked;
        }

        @Nullable
        String number() {
            return entitlement == null ? null : entitlement.number();
        }

        Errand errand(String purpose) {
            return new Errand(
                    who.username(), department(who), purpose, asked.caseNumber(), entitlement, unmasked, asked.call());
        }

        /** What is strictly kept is read for a case, whoever was granted it. */
        void requireCase(References references) {
            boolean said = asked.caseNumber() != null && !asked.caseNumber().isBlank();
            if (entitlement == null || said || asked.call() != null) {
                return;
            }
            AnswerLevel level = level(asked.sql(), references, policies);
            if (level.whole() == Level.L4) {
                throw new Problem(level.combined() ? CatalogProblem.CASE_NEEDED_JOINED : CatalogProblem.CASE_NEEDED);
            }
        }

        /** One more than may be handed out, so that it is seen whether there is more. */
        long rowsToLook() {
            return entitlement == null || entitlement.rowsLeft() == Long.MAX_VALUE
                    ? Long.MAX_VALUE
                    : entitlement.rowsLeft() + 1;
        }

        void take(long rows) {
            if (entitlement != null) {
                keeper().take(entitlement.id(), who, rows);
            }
        }

        Done read(String purpose, Query query, References references, RowSink sink) {
            Errand errand = errand(purpose);
            if (entitlement == null) {
                return LakeReader.this.read(errand, query, references, sink);
            }
            Query within = new Query(
                            query.id(),
                            query.sql(),
                            query.asOf(),
                            Math.min(query.limit(), entitlement.rowsLeft()),
                            query.policies())
                    .with(query.parameters());
            Counting counting = new Counting(sink);
            try {
                Done done = LakeReader.this.read(errand, within, references, counting);
                // Where none are left, nobody looks whether there would have been one.
                return within.limit() == 0 && query.limit() > 0 ? done.cut() : done;
            } finally {
                keeper().handedOut(entitlement.id(), counting.rows);
            }
        }
    }

    /** The columns that are not shown as they are. */
    private static Stream<String> masked(TablePolicy policy) {
        return policy.columns().entrySet().stream()
                .filter(column -> !(column.getValue() instanceof Mask.Clear))
                .map(Map.Entry::getKey);
    }

    private Answer read(String who, String purpose, Query query, References references, RowSink sink) {
        return read(who, null, purpose, query, references, sink).answer;
    }

    static @Nullable String department(Account who) {
        Department department = who.department();
        return department == null ? null : department.id();
    }

    private Done read(
            String who, @Nullable String department, String purpose, Query query, References references, RowSink sink) {
        boolean unmasked = query.policies().isEmpty() && !references.tables().isEmpty();
        Trail trail = unmasked
                ? footprints.ofOwnWork(query.sql(), references.tables())
                : footprints.of(query, references.tables());
        return read(Errand.without(who, department, purpose, unmasked), query, references, trail, sink);
    }

    /** @param given what the evidence says that it was */
    private record Done(Answer answer, EvidenceRecords.Recorded given) {
        Done cut() {
            return new Done(new Answer(answer.rows(), true, answer.tables()), given);
        }
    }

    private Done read(Errand errand, Query query, References references, RowSink sink) {
        Trail trail = footprints.of(query, references.tables());
        return read(errand, query, references, trail, sink);
    }

    private Done read(Errand errand, Query query, References references, Trail trail, RowSink sink) {
        Access access = accesses.begin(errand, query, references.tables(), trail);
        Counting counting = new Counting(sink);
        RowSink watched = trail.watching(counting);
        Answer answer;
        try {
            answer = translated(() -> queries.run(query, watched));
        } catch (RuntimeException | Error e) {
            try {
                accesses.end(access, counting.rows, null, trail);
            } catch (RuntimeException unnoted) {
                e.addSuppressed(unnoted);
            }
            throw e;
        }
        return new Done(answer, accesses.end(access, counting.rows, answer, trail));
    }

    /** Writes down that the platform itself reads tables in clear, before it does: what comes out never reaches a person unmasked. */
    public void noteOwnWork(String who, String purpose, String sql, Set<TableName> tables) {
        accesses.begin(
                Errand.without(who, null, purpose, true),
                new Query(sql, null, 0, Map.of()),
                tables,
                footprints.ofOwnWork(sql, tables));
    }

    /** What everybody may see of a table: what is not sensitive. A column that the catalogue has never heard of is hidden rather than shown. */
    private static TablePolicy policy(Map<String, Resources.Known> known) {
        Map<String, Mask> columns = new HashMap<>();
        known.forEach((name, field) -> columns.put(name, field.shown()));
        return new TablePolicy(columns, new Mask.Hide(), List.of());
    }

    private Problem noSuchTable(TableName table) {
        List<String> similar = resources.similar(table);
        String hint = similar.isEmpty() ? "" : "→ " + String.join(", ", similar);
        return new Problem(CatalogProblem.NO_SUCH_TABLE, "table", table.toString(), "hint", hint);
    }

    private static TableName tableName(String lakeTable) {
        int dot = lakeTable.indexOf('.');
        return new TableName(lakeTable.substring(0, dot), lakeTable.substring(dot + 1));
    }

    interface LakeCall<T> {
        T call();
    }

    static <T> T translated(LakeCall<T> call) {
        try {
            return call.call();
        } catch (LakeException e) {
            String reason = requireNonNull(e.getMessage(), "a lake's refusal has words");
            throw switch (e.kind()) {
                case NOT_ALLOWED -> new Problem(CatalogProblem.SQL_NOT_ALLOWED, "reason", reason);
                case BAD_STATEMENT -> {
                    Problem wrong = new Problem(CatalogProblem.SQL_WRONG, "reason", reason);
                    yield e.position() < 0 ? wrong : wrong.with("position", e.position());
                }
                case NO_SUCH_TABLE ->
                    new Problem(
                            CatalogProblem.NO_SUCH_TABLE,
                            "table",
                            reason.replaceFirst("^No such table: ", ""),
                            "hint",
                            "");
                case NO_SUCH_SNAPSHOT -> new Problem(CatalogProblem.NO_SUCH_SNAPSHOT, "reason", reason);
                case OUT_OF_MEMORY -> new Problem(CatalogProblem.SQL_TOO_LARGE);
                case CANCELLED -> new Problem(CatalogProblem.SQL_STOPPED);
                case TOO_LONG -> new Problem(CatalogProblem.SQL_TOO_LONG);
                case NO_SPACE -> new Problem(CatalogProblem.NO_ROOM_FOR_EXTRACT);
                case UNAVAILABLE, STORAGE, DISK_FAILED ->
                    new Problem(CatalogProblem.LAKE_UNAVAILABLE, "reason", reason);
                case VALUE_DOES_NOT_FIT, PROOF_FAILED -> e;
            };
        }
    }

    /**
     * Rows of a table.
     *
     * @param contestedRows the places, from 0, of rows that somebody says are wrong about them
     * @param contested the tables that were read of which something is contested
     * @param evidence where it is written down
     */
    public record Preview(
            @Nullable Instant asOf,
            List<PreviewColumn> columns,
            List<List<@Nullable String>> rows,
            List<Integer> contestedRows,
            List<Contested.InTable> contested,
            EvidenceRecords.Recorded evidence) {}

    /** A column of a preview. */
    public record PreviewColumn(String name, String type, Level level, boolean masked) {}

    /**
     * A statement of a person.
     *
     * @param id by which the same person can stop it
     * @param asOf null or blank for now; else a snapshot id or a time
     * @param grant under which it is asked; without one, whoever works with the lake sees what is not sensitive
     * @param caseNumber of the affair it is asked for, so that the access can be explained later
     * @param parameters what {@code $1}, {@code $2} … stand for
     * @param call of the service that is called by it; null for who asks in their own words
     */
    public record Asked(
            @Nullable String id,
            String sql,
            @Nullable String asOf,
            @Nullable UUID grant,
            @Nullable String caseNumber,
            List<@Nullable String> parameters,
            @Nullable Call call) {
        public Asked {
            parameters = Collections.unmodifiableList(new ArrayList<>(parameters));
        }

        /** In one's own words. */
        public Asked(
                @Nullable String id,
                String sql,
                @Nullable String asOf,
                @Nullable UUID grant,
                @Nullable String caseNumber) {
            this(id, sql, asOf, grant, caseNumber, List.of(), null);
        }

        /** Under no grant. */
        public Asked(@Nullable String id, String sql, @Nullable String asOf) {
            this(id, sql, asOf, null, null);
        }

        @Nullable
        String time() {
            return asOf == null || asOf.isBlank() ? null : asOf.strip();
        }
    }

    /**
     * How a program says for whom it calls.
     *
     * @param service what is called
     * @param scenario what for, in the caller's words
     * @param operator the person at the other end
     */
    public record Call(
            String service,
            @Nullable String scenario,
            @Nullable String operator) {}

    /**
     * An answer, or that it would be the one the asker has.
     *
     * @param state what the answer depends on, as a short text: the same state means the same answer
     * @param answer null when the asker has it
     * @param evidence where it is written down
     */
    public record Conditional(String state, @Nullable SqlAnswer answer, EvidenceRecords.Recorded evidence) {}

    /**
     * @param masked whether it shows, under whatever name, a column that is masked for the person who asked
     * @param level of what it shows of its origins
     */
    public record SqlColumn(String name, String type, boolean masked, Level level) {}

    /**
     * The answer to a statement.
     *
     * @param level how sensitive it is as a whole, graded anew
     * @param combined whether that is more than its columns' because it joins what several tables say of persons
     * @param contestedRows the places, from 0, of rows that somebody says are wrong about them, as far as the answer's columns tell
     * @param contested the tables that were read of which something is contested
     * @param asOf the oldest of the snapshots that were read
     * @param grant the number of the one it was read under
     * @param evidence where it is written down that this was handed out
     */
    public record SqlAnswer(
            List<SqlColumn> columns,
            Level level,
            boolean combined,
            List<List<@Nullable String>> rows,
            List<Integer> contestedRows,
            List<Contested.InTable> contested,
            boolean truncated,
            long rowCount,
            long millis,
            @Nullable Instant asOf,
            List<TableRead> tables,
            @Nullable String grant,
            EvidenceRecords.Recorded evidence) {}

    /**
     * What an answer of a zone is, without its rows.
     *
     * @param origins of each column; empty where it cannot be told
     * @param truncated whether there were more rows
     * @param evidence where it is written down, once for each right
     */
    public record ZoneAnswer(
            List<SqlColumn> columns,
            List<ColumnLineage.Result> origins,
            Level level,
            boolean combined,
            boolean truncated,
            List<TableRead> tables,
            List<EvidenceRecords.Recorded> evidence) {}

    /**
     * A table that was read, and at which snapshot.
     *
     * @param completeness null for the platform's own tables
     * @param masked columns that the statement may have read, masked: what it counts and compares are the masked values
     */
    public record TableRead(
            String name,
            String snapshotId,
            Instant asOf,
            @Nullable Completeness completeness,
            List<String> masked) {}

    private static final class Rows implements RowSink {
        private List<ResultColumn> columns = List.of();
        private final List<List<@Nullable String>> rows = new ArrayList<>();

        @Override
        public void columns(List<ResultColumn> header) {
            columns = List.copyOf(header);
        }

        @Override
        public void row(List<@Nullable String> values) {
            rows.add(new ArrayList<>(values));
        }
    }

    private static final class Counting implements RowSink {
        private final RowSink sink;
        private long rows;

        Counting(RowSink sink) {
            this.sink = sink;
        }

        @Override
        public void columns(List<ResultColumn> columns) {
            sink.columns(columns);
        }

        @Override
        public void row(List<@Nullable String> values) {
            sink.row(values);
            rows++;
        }
    }
}

package org.qiantang.portal;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Completeness;
import org.qiantang.catalog.Contested;
import org.qiantang.catalog.Entry;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Level;
import org.qiantang.catalog.Resource;
import org.qiantang.catalog.Resources;
import org.qiantang.core.CityCalendar;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.Sm3;
import org.qiantang.lake.RowCondition;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.qiantang.quality.Scores;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the city opens to everybody (公共数据开放): the published entries that say so, and of an unconditionally open one the columns that it
 * names and that are not sensitive. Nothing else can be asked for here; who may see more is no business of this part.
 */
@Service
public final class OpenData {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MOST_CELLS = 20_000;
    private static final int MOST_DIMENSIONS = 4;
    private static final int MOST_REMEMBERED = 16;

    /** Published, opened, and not more open than its data have since been found to bear. */
    private static final String OPENED = """
             from catalog_entries e
            join catalog_entry_versions v on v.entry_id = e.id and v.version = e.published_version
            join org_departments d on d.id = e.department_id
            left join catalog_resources r on r.id = e.resource_id
            where e.state <> 'RETIRED' and v.statement ->> 'openClass' in ('OPEN', 'RESTRICTED')
            and (v.statement ->> 'openClass' = 'OPEN' and r.level >= 'L3' or r.level = 'L4') is not true
            """;

    private final JdbcClient jdbc;
    private final Resources resources;
    private final Scores scores;
    private final LakeReader reader;
    private final PortalTerms terms;
    private final CityCalendar calendar;
    private final Clock clock;
    private final Map<String, Told> statistics = Collections.synchronizedMap(new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Told> eldest) {
            return size() > MOST_REMEMBERED;
        }
    });

    OpenData(
            JdbcClient jdbc,
            Resources resources,
            Scores scores,
            LakeReader reader,
            PortalTerms terms,
            CityCalendar calendar,
            Clock clock) {
        this.jdbc = jdbc;
        this.resources = resources;
        this.scores = scores;
        this.reader = reader;
        this.terms = terms;
        this.calendar = calendar;
        this.clock = clock;
    }

    /**
     * An opened entry as a list of them needs it.
     *
     * @param condition how what is opened conditionally is applied for
     * @param rows null while nothing of it is collected
     * @param downloads how often it was taken away
     */
    public record Dataset(
            UUID id,
            String code,
            String title,
            String summary,
            Department provider,
            Guide.OpenClass openClass,
            @Nullable String condition,
            Guide.@Nullable Theme theme,
            Guide.@Nullable UpdateCycle updateCycle,
            LocalDate publishedOn,
            @Nullable Instant asOf,
            @Nullable Long rows,
            long downloads) {}

    /** A part of the list. */
    public record Datasets(long total, List<Dataset> items) {
        public Datasets {
            items = List.copyOf(items);
        }
    }

    /** A column that is open. */
    public record OpenField(String name, String title, String type) {}

    /**
     * Which cells of a statistic there are.
     *
     * @param dimensions columns that together tell a cell
     * @param counts columns of which those below the threshold are not told
     */
    public record Statistic(List<String> dimensions, List<String> counts, int threshold) {
        public Statistic {
            dimensions = List.copyOf(dimensions);
            counts = List.copyOf(counts);
        }
    }

    /**
     * Everything about one.
     *
     * @param fields empty where it is opened conditionally, or nothing of it is collected
     * @param quality 0 to 1, null while nobody has looked
     * @param calls of the last 365 days
     */
    public record DatasetWhole(
            Dataset dataset,
            List<OpenField> fields,
            @Nullable Double quality,
            @Nullable Completeness completeness,
            String licence,
            @Nullable Statistic statistic,
            long calls,
            long mostRows) {
        public DatasetWhole {
            fields = List.copyOf(fields);
        }
    }

    /**
     * Rows of an open table.
     *
     * @param suppressed how many of the rows had their counts taken out, each of them null
     * @param contested records of it that somebody says are wrong about them
     */
    public record OpenRows(
            Instant asOf,
            List<String> columns,
            List<List<@Nullable String>> rows,
            long offset,
            boolean more,
            int suppressed,
            List<Contested.InTable> contested) {}

    /** Which rows: those whose columns are equal to these values. */
    public record Wanted(Map<String, String> equal, long offset, int limit) {
        public Wanted {
            equal = Map.copyOf(equal);
            if (offset < 0 || limit < 1) {
                throw new IllegalArgumentException("Not a part of a list");
            }
        }
    }

    /** An open table as it is opened at this moment; its tag changes whenever what is read of it may. */
    public record Opened(
            UUID entry,
            String title,
            String tag,
            TableName table,
            String snapshot,
            List<OpenField> fields,
            @Nullable Statistic statistic) {
        public Opened {
            fields = List.copyOf(fields);
        }

        List<String> names() {
            return fields.stream().map(OpenField::name).toList();
        }
    }

    private record Stored(
            Dataset dataset,
            Entry.Statement statement,
            @Nullable UUID resource,
            int version) {}

    /** What is opened and has these words in it. */
    public Datasets search(String words, long offset, int limit) {
        String text =
                "%" + words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%";
        String condition = OPENED + """
                and (v.statement ->> 'title' ilike :text or v.statement ->> 'summary' ilike :text or v.resource_code ilike :text
                    or d.name ilike :text or d.name_en ilike :text)
                """;
        long total = jdbc.sql("select count(*)" + condition)
                .param("text", text)
                .query(Long.class)
                .single();
        List<Dataset> items = jdbc.sql(
                        dataset() + condition
                                + " order by v.statement ->> 'openClass', v.statement ->> 'title' collate \"C\", e.id limit :limit offset :offset")
                .param("text", text)
                .param("limit", limit)
                .param("offset", offset)
                .query((row, n) -> stored(row).dataset)
                .list();
        return new Datasets(total, items);
    }

    public DatasetWhole get(UUID id) {
        Stored stored = find(id);
        Statistic statistic = statistic(id);
        List<OpenField> fields = List.of();
        Completeness completeness = null;
        Double quality = null;
        if (stored.resource != null) {
            Resource resource = resources.get(stored.resource);
            completeness = resource.completeness();
            List<Scores.Point> points = scores.history(stored.resource);
            quality = points.isEmpty() ? null : points.getLast().score().overall();
            if (stored.dataset.openClass == Guide.OpenClass.OPEN && resource.snapshotId() != null) {
                fields = fields(stored, statistic);
            }
        }
        long calls = jdbc.sql("select coalesce(sum(calls), 0) from portal_open_days where entry_id = ? and day > ?")
                .params(id, Date.valueOf(today().minusDays(365)))
                .query(Long.class)
                .single();
        return new DatasetWhole(
                stored.dataset, fields, quality, completeness, terms.licence(), statistic, calls, terms.mostRows());
    }

    /** What can be read of it now; refuses what is not open without a condition. */
    public Opened open(UUID id) {
        Stored stored = find(id);
        if (stored.dataset.openClass != Guide.OpenClass.OPEN) {
            throw new Problem(PortalProblem.NOT_OPEN, "title", stored.dataset.title);
        }
        if (stored.resource == null) {
            throw new Problem(PortalProblem.NOTHING_YET, "title", stored.dataset.title);
        }
        Resource resource = resources.get(stored.resource);
        Statistic statistic = statistic(id);
        List<OpenField> fields = fields(stored, statistic);
        String snapshot = resource.snapshotId();
        if (snapshot == null || fields.isEmpty()) {
            throw new Problem(PortalProblem.NOTHING_YET, "title", stored.dataset.title);
        }
        String shape = fields + " " + statistic;
        String tag = snapshot + "-" + stored.version + "-"
                + HexFormat.of().formatHex(Sm3.digest(shape.getBytes(StandardCharsets.UTF_8)), 0, 6);
        return new Opened(id, stored.dataset.title, tag, table(resource.lakeTable()), snapshot, fields, statistic);
    }

    /** A page of its rows, in one order as long as its tag stays. */
    public OpenRows rows(Opened opened, Wanted wanted) {
        wanted.equal.keySet().forEach(column -> {
            if (!opened.names().contains(column)) {
                throw new Problem(PortalProblem.NO_SUCH_FIELD, "field", column);
            }
        });
        count(opened.entry, "calls");
        if (opened.statistic != null) {
            return page(told(opened, opened.statistic), wanted);
        }
        Gathered gathered = new Gathered();
        LakeReader.OpenAnswer answer = reader.readOpen(
                "open-rows",
                new LakeReader.OpenRead(
                        opened.table,
                        opened.names(),
                        conditions(wanted.equal),
                        opened.snapshot,
                        wanted.offset,
                        wanted.limit + 1L,
                        LakeReader.Order.STABLE),
                gathered);
        boolean more = gathered.rows.size() > wanted.limit;
        return new OpenRows(
                answer.asOf(),
                gathered.columns,
                more ? gathered.rows.subList(0, wanted.limit) : gathered.rows,
                wanted.offset,
                more,
                0,
                answer.contested());
    }

    /** All of its rows, one by one. Refuses what is too large for a file. */
    public void all(Opened opened, RowSink sink) {
        Statistic statistic = opened.statistic;
        long rows = requireNonNull(resources.find(opened.table).orElseThrow().rows(), "an open table has landed");
        if (rows > terms.mostRows()) {
            throw new Problem(PortalProblem.FILE_TOO_LARGE, "rows", Long.toString(terms.mostRows()));
        }
        count(opened.entry, "downloads");
        if (statistic != null) {
            Told told = told(opened, statistic);
            sink.columns(told.header);
            told.rows.forEach(sink::row);
            return;
        }
        reader.readOpen(
                "open-file",
                new LakeReader.OpenRead(
                        opened.table,
                        opened.names(),
                        List.of(),
                        opened.snapshot,
                        0,
                        terms.mostRows(),
                        LakeReader.Order.ANY),
                sink);
    }

    /** Says that an entry's data are statistics, of which small cells are not told; the bureau and its department may. */
    public void declare(Account who, UUID id, Statistic statistic) {
        Stored stored = find(id);
        requireTheirs(who, stored);
        List<String> open = stored.resource == null
                ? List.of()
                : fields(stored, null).stream().map(OpenField::name).toList();
        boolean sound = !statistic.dimensions.isEmpty()
                && statistic.dimensions.size() <= MOST_DIMENSIONS
                && !statistic.counts.isEmpty()
                && open.containsAll(statistic.dimensions)
                && open.containsAll(statistic.counts)
                && Collections.disjoint(statistic.dimensions, statistic.counts)
                && statistic.threshold > 1;
        if (!sound) {
            throw new Problem(PortalProblem.NO_STATISTIC, "most", Integer.toString(MOST_DIMENSIONS));
        }
        jdbc.sql("""
                        insert into portal_statistics (entry_id, dimensions, counts, threshold, set_at, set_by)
                        values (:id, :dimensions, :counts, :threshold, :at, :by)
                        on conflict (entry_id) do update set dimensions = excluded.dimensions, counts = excluded.counts,
                            threshold = excluded.threshold, set_at = excluded.set_at, set_by = excluded.set_by""")
                .param("id", id)
                .param("dimensions", statistic.dimensions.toArray(String[]::new))
                .param("counts", statistic.counts.toArray(String[]::new))
                .param("threshold", statistic.threshold)
                .param("at", Timestamp.from(clock.instant()))
                .param("by", who.username())
                .update();
    }

    /** The threshold where nobody says another. */
    public int usualThreshold() {
        return terms.smallCell();
    }

    private static void requireTheirs(Account who, Stored stored) {
        Department own = who.department();
        boolean theirs = own != null && own.id().equals(stored.dataset.provider.id());
        if (!who.has(Role.ENGINEER) && !theirs) {
            throw new Problem(PortalProblem.NOT_YOURS, "who", stored.dataset.provider.name());
        }
    }

    private void count(UUID entry, String what) {
        String column = what.equals("calls") ? "calls" : "downloads";
        jdbc.sql("insert into portal_open_days as o (entry_id, day, " + column + ") values (?, ?, 1)"
                        + " on conflict (entry_id, day) do update set " + column + " = o." + column + " + 1")
                .params(entry, Date.valueOf(today()))
                .update();
    }

    private LocalDate today() {
        return LocalDate.ofInstant(clock.instant(), calendar.zone());
    }

    /** What is open of a statistic at a snapshot. */
    private record Told(
            Instant asOf,
            List<RowSink.ResultColumn> header,
            List<List<@Nullable String>> rows,
            List<Boolean> suppressed,
            List<Contested.InTable> contested) {}

    private Told told(Opened opened, Statistic statistic) {
        String key = opened.entry + " " + opened.tag;
        Told known = statistics.get(key);
        if (known == null) {
            known = suppress(opened, statistic);
            statistics.put(key, known);
        }
        return known;
    }

    private Told suppress(Opened opened, Statistic statistic) {
        Gathered gathered = new Gathered();
        LakeReader.OpenAnswer answer = reader.readOpen(
                "open-statistic",
                new LakeReader.OpenRead(
                        opened.table,
                        opened.names(),
                        List.of(),
                        opened.snapshot,
                        0,
                        MOST_CELLS + 1L,
                        LakeReader.Order.STABLE),
                gathered);
        if (gathered.rows.size() > MOST_CELLS) {
            throw new Problem(PortalProblem.TOO_MANY_CELLS, "cells", Integer.toString(MOST_CELLS));
        }
        int[] dimensions = places(gathered.columns, statistic.dimensions);
        int[] counts = places(gathered.columns, statistic.counts);
        List<List<@Nullable String>> cells = new ArrayList<>();
        List<long @Nullable []> numbers = new ArrayList<>();
        for (List<@Nullable String> row : gathered.rows) {
            List<@Nullable String> cell = new ArrayList<>();
            for (int place : dimensions) {
                cell.add(row.get(place));
            }
            cells.add(cell);
            numbers.add(numbers(row, counts));
        }
        SmallCells.Fate[] fates = SmallCells.judge(cells, numbers, statistic.threshold);
        List<List<@Nullable String>> rows = new ArrayList<>();
        List<Boolean> suppressed = new ArrayList<>();
        for (int i = 0; i < fates.length; i++) {
            if (fates[i] == SmallCells.Fate.LEFT_OUT) {
                continue;
            }
            List<@Nullable String> row = new ArrayList<>(gathered.rows.get(i));
            if (fates[i] == SmallCells.Fate.SUPPRESSED) {
                // What else is said of so few could give their number away.
                for (int place = 0; place < row.size(); place++) {
                    int column = place;
                    if (IntStream.of(dimensions).noneMatch(each -> each == column)) {
                        row.set(place, null);
                    }
                }
            }
            rows.add(row);
            suppressed.add(fates[i] == SmallCells.Fate.SUPPRESSED);
        }
        return new Told(answer.asOf(), gathered.header, rows, suppressed, answer.contested());
    }

    private static int[] places(List<String> columns, List<String> names) {
        return names.stream().mapToInt(columns::indexOf).toArray();
    }

    private static long @Nullable [] numbers(List<@Nullable String> row, int[] places) {
        long[] numbers = new long[places.length];
        for (int i = 0; i < places.length; i++) {
            String value = row.get(places[i]);
            if (value == null || !value.matches("[0-9]{1,15}(\\.0+)?")) {
                return null;
            }
            numbers[i] = Long.parseLong(value.replaceFirst("\\..*", ""));
        }
        return numbers;
    }

    private static OpenRows page(Told told, Wanted wanted) {
        List<String> names =
                told.header.stream().map(RowSink.ResultColumn::name).toList();
        List<List<@Nullable String>> rows = new ArrayList<>();
        int suppressed = 0;
        long seen = 0;
        boolean more = false;
        for (int i = 0; i < told.rows.size() && !more; i++) {
            List<@Nullable String> row = told.rows.get(i);
            boolean wantedRow = wanted.equal.entrySet().stream()
                    .allMatch(each -> each.getValue().equals(row.get(names.indexOf(each.getKey()))));
            if (!wantedRow || seen++ < wanted.offset) {
                continue;
            }
            if (rows.size() == wanted.limit) {
                more = true;
            } else {
                rows.add(row);
                suppressed += told.suppressed.get(i) ? 1 : 0;
            }
        }
        return new OpenRows(told.asOf, names, rows, wanted.offset, more, suppressed, told.contested);
    }

    private static List<RowCondition> conditions(Map<String, String> equal) {
        return equal.entrySet().stream()
                .map(each -> new RowCondition(each.getKey(), RowCondition.Operator.IN, List.of(each.getValue())))
                .toList();
    }

    /** The columns that the published version names and that are not sensitive, in its order. */
    private List<OpenField> fields(Stored stored, @Nullable Statistic statistic) {
        Map<String, Resource.Field> columns = new LinkedHashMap<>();
        resources
                .getWhole(requireNonNull(stored.resource))
                .columns()
                .forEach(field -> columns.put(field.name(), field));
        List<OpenField> fields = new ArrayList<>();
        for (Entry.Statement.Item item : stored.statement.items()) {
            Resource.Field field = item.column() == null ? null : columns.get(item.column());
            if (field != null && field.level() == Level.L1) {
                fields.add(new OpenField(field.name(), item.name(), field.type()));
            }
        }
        if (statistic != null) {
            List<String> names = fields.stream().map(OpenField::name).toList();
            if (!names.containsAll(statistic.dimensions) || !names.containsAll(statistic.counts)) {
                // What it was declared of is not there any more: then nobody can say which cells are small.
                return List.of();
            }
        }
        return fields;
    }

    private @Nullable Statistic statistic(UUID id) {
        return jdbc.sql("select * from portal_statistics where entry_id = ?")
                .param(id)
                .query((row, n) -> new Statistic(
                        List.of((String[]) row.getArray("dimensions").getArray()),
                        List.of((String[]) row.getArray("counts").getArray()),
                        row.getInt("threshold")))
                .optional()
                .orElse(null);
    }

    private Stored find(UUID id) {
        return jdbc.sql(dataset() + OPENED + " and e.id = :id")
                .param("id", id)
                .query((row, n) -> stored(row))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    private static String dataset() {
        return """
                select e.id, e.resource_id, v.version, v.statement, v.resource_code, v.published_on, d.id did, d.name dname, d.name_en dname_en,
                    r.as_of, r.rows,
                    (select coalesce(sum(o.downloads), 0) from portal_open_days o where o.entry_id = e.id) downloads
                """;
    }

    private static Stored stored(ResultSet row) throws SQLException {
        Entry.Statement statement = JSON.readValue(row.getString("statement"), Entry.Statement.class);
        Timestamp asOf = row.getTimestamp("as_of");
        long rows = row.getLong("rows");
        Long landed = row.wasNull() ? null : rows;
        return new Stored(
                new Dataset(
                        row.getObject("id", UUID.class),
                        requireNonNull(row.getString("resource_code")),
                        statement.title(),
                        statement.summary(),
                        new Department(row.getString("did"), row.getString("dname"), row.getString("dname_en")),
                        requireNonNull(statement.openClass()),
                        statement.openCondition(),
                        statement.theme(),
                        statement.updateCycle(),
                        row.getDate("published_on").toLocalDate(),
                        asOf == null ? null : asOf.toInstant(),
                        landed,
                        row.getLong("downloads")),
                statement,
                row.getObject("resource_id", UUID.class),
                row.getInt("version"));
    }

    private static TableName table(String lakeTable) {
        int dot = lakeTable.indexOf('.');
        return new TableName(lakeTable.substring(0, dot), lakeTable.substring(dot + 1));
    }

    private static final class Gathered implements RowSink {
        private List<ResultColumn> header = List.of();
        private List<String> columns = List.of();
        private final List<List<@Nullable String>> rows = new ArrayList<>();

        @Override
        public void columns(List<ResultColumn> found) {
            header = List.copyOf(found);
            columns = found.stream().map(ResultColumn::name).toList();
        }

        @Override
        public void row(List<@Nullable String> values) {
            rows.add(new ArrayList<>(values));
        }
    }
}

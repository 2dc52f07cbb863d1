package org.qiantang.invoke;

import static java.util.Objects.requireNonNull;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.LakeReader;
import org.qiantang.catalog.Resources;
import org.qiantang.core.Problem;
import org.qiantang.invoke.DataService.State;
import org.qiantang.invoke.DataService.Version;
import org.qiantang.lake.TableName;
import org.qiantang.org.Account;
import org.qiantang.org.Department;
import org.qiantang.org.Role;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * The data services of the city. A department makes them of its own data, the bureau of all; that there is one gives nobody a right to read:
 * grants do.
 */
@Service
public final class DataServices {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{1,62}");
    private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_]{0,62}");
    private static final int LONGEST_TITLE = 100;
    private static final int LONGEST_TEXT = 20_000;
    private static final int MOST_ROWS = 10_000;
    private static final int MOST_PARAMETERS = 50;
    private static final int MOST_RATE = 10_000;
    private static final int LONGEST_CACHE = 86_400;

    private static final String VERSION = """
            select v.*, s.department_id, d.name d_name, d.name_en d_name_en from invoke_service_versions v
            join invoke_services s on s.name = v.service left join org_departments d on d.id = s.department_id
            """;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final LakeReader reader;
    private final Resources resources;
    private final Clock clock;

    DataServices(
            JdbcClient jdbc, TransactionTemplate transaction, LakeReader reader, Resources resources, Clock clock) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.reader = reader;
        this.resources = resources;
        this.clock = clock;
    }

    /** All of them, in order of name; of drafts only those that one may change. */
    public List<DataService> list(Account who) {
        return services(
                jdbc.sql(VERSION + " order by v.service, v.version desc").query((row, n) -> row(row)).list().stream()
                        .filter(row -> maySee(who, row))
                        .toList());
    }

    public DataService get(Account who, String name) {
        List<Row> rows = rows(name).stream().filter(row -> maySee(who, row)).toList();
        if (rows.isEmpty()) {
            throw noSuchService(name);
        }
        return services(rows).getFirst();
    }

    /** Whether somebody may change a service. */
    public boolean mayChange(Account who, DataService service) {
        return mayChange(who, service.department());
    }

    private static boolean mayChange(Account who, @Nullable Department department) {
        Department own = who.department();
        return who.has(Role.ENGINEER)
                || who.has(Role.OFFICER)
                        && own != null
                        && department != null
                        && own.id().equals(department.id());
    }

    private static boolean maySee(Account who, Row row) {
        return row.version.state() != State.DRAFT || mayChange(who, row.department);
    }

    /** A version that answers. Refuses what is not there, not published yet, or retired. */
    public Version open(String name, int number) {
        Version version = find(name, number).orElseThrow(() -> noSuchService(name + "/v" + number));
        return switch (version.state()) {
            case PUBLISHED, DEPRECATED -> version;
            case RETIRED -> throw new Problem(InvokeProblem.RETIRED, "service", version.named());
            case DRAFT -> throw noSuchService(version.named());
        };
    }

    /** A version that one may look at: an own draft too. */
    public Version shown(Account who, String name, int number) {
        return rows(name).stream()
                .filter(row -> row.version.number() == number && maySee(who, row))
                .map(Row::version)
                .findFirst()
                .orElseThrow(() -> noSuchService(name + "/v" + number));
    }

    private Optional<Version> find(String name, int number) {
        return jdbc.sql(VERSION + " where v.service = ? and v.version = ?")
                .params(name, number)
                .query((row, n) -> row(row).version)
                .optional();
    }

    /** Makes a service, its first version a draft. */
    public DataService create(Account who, String name, Definition definition) {
        if (!NAME.matcher(name).matches()) {
            throw wrong("name", NAME.pattern());
        }
        Checked checked = check(who, definition);
        transaction.executeWithoutResult(status -> {
            try {
                jdbc.sql("""
                                insert into invoke_services (name, department_id, created_by, created_at)
                                values (:name, :department, :by, :at)""")
                        .param("name", name)
                        .param("department", checked.department)
                        .param("by", who.username())
                        .param("at", now())
                        .update();
            } catch (DuplicateKeyException e) {
                throw new Problem(InvokeProblem.NAME_TAKEN, "name", name);
            }
            insert(who, name, 1, checked.definition);
        });
        return get(who, name);
    }

    /** Begins the next version, a draft that says what the newest says. */
    public DataService next(Account who, String name) {
        transaction.executeWithoutResult(status -> {
            DataService service = locked(who, name);
            Version newest = service.versions().getFirst();
            if (newest.state() == State.DRAFT) {
                throw wrongState(newest);
            }
            insert(who, name, newest.number() + 1, newest.definition());
        });
        return get(who, name);
    }

    /** Writes a draft anew. */
    public DataService save(Account who, String name, int number, int revision, Definition definition) {
        Checked checked = check(who, definition);
        transaction.executeWithoutResult(status -> {
            Version version = version(locked(who, name), number);
            if (version.state() != State.DRAFT) {
                throw wrongState(version);
            }
            if (version.revision() != revision) {
                throw new Problem(InvokeProblem.CHANGED_MEANWHILE);
            }
            jdbc.sql("""
                            update invoke_service_versions
                            set definition = cast(:definition as json), revision = revision + 1, changed_by = :by, changed_at = :at
                            where service = :service and version = :version""")
                    .param("definition", JSON.writeValueAsString(checked.definition))
                    .param("by", who.username())
                    .param("at", now())
                    .param("service", name)
                    .param("version", number)
                    .update();
        });
        return get(who, name);
    }

    /** Lets it be called. What it says stays as it is from now on. */
    public DataService publish(Account who, String name, int number) {
        return move(who, name, number, State.PUBLISHED, null);
    }

    /** Says to whoever calls it until when it will answer. */
    public DataService deprecate(Account who, String name, int number, Instant sunsetAt) {
        if (!sunsetAt.isAfter(clock.instant())) {
            throw wrong("sunsetAt", "> " + clock.instant());
        }
        return move(who, name, number, State.DEPRECATED, sunsetAt);
    }

    /** Lets it answer no more. */
    public DataService retire(Account who, String name, int number) {
        return move(who, name, number, State.RETIRED, null);
    }

    private DataService move(Account who, String name, int number, State to, @Nullable Instant sunsetAt) {
        transaction.executeWithoutResult(status -> {
            Version version = version(locked(who, name), number);
            boolean may = switch (to) {
                case PUBLISHED -> version.state() == State.DRAFT;
                case DEPRECATED, RETIRED -> version.state().isOpen();
                case DRAFT -> false;
            };
            if (!may) {
                throw wrongState(version);
            }
            if (to == State.PUBLISHED) {
                // The tables may have changed since it was written.
                check(who, version.definition());
            }
            jdbc.sql("""
                            update invoke_service_versions set state = :state, changed_by = :by, changed_at = :at,
                                published_at = case when :state = 'PUBLISHED' then :at else published_at end,
                                deprecated_at = case when :state = 'DEPRECATED' then coalesce(deprecated_at, :at) else deprecated_at end,
                                sunset_at = coalesce(:sunset, sunset_at),
                                retired_at = case when :state = 'RETIRED' then :at else retired_at end
                            where service = :service and version = :version""")
                    .param("state", to.name())
                    .param("by", who.username())
                    .param("at", now())
                    .param("sunset", sunsetAt == null ? null : Timestamp.from(sunsetAt), java.sql.Types.TIMESTAMP)
                    .param("service", name)
                    .param("version", number)
                    .update();
        });
        return get(who, name);
    }

    private void insert(Account who, String name, int number, Definition definition) {
        jdbc.sql("""
                        insert into invoke_service_versions (service, version, state, definition, changed_by, changed_at)
                        values (:service, :version, 'DRAFT', cast(:definition as json), :by, :at)""")
                .param("service", name)
                .param("version", number)
                .param("definition", JSON.writeValueAsString(definition))
                .param("by", who.username())
                .param("at", now())
                .update();
    }

    /** What it asks, completed by what the platform knows of it, and whose data that is. */
    private record Checked(Definition definition, @Nullable String department) {}

    /** Says what would be saved of a definition, the columns above all. Refuses what cannot be. */
    public Definition complete(Account who, Definition definition) {
        return check(who, definition).definition;
    }

    private Checked check(Account who, Definition definition) {
        requireRight(definition);
        Question bare = Question.bare(definition);
        List<LakeReader.SqlColumn> columns = reader.columns(bare.sql(), bare.bound());
        List<Definition.Field> fields = fields(definition, columns);
        Set<String> names = fields.stream().map(Definition.Field::name).collect(Collectors.toSet());
        for (String each : definition.sortable()) {
            if (!names.contains(each)) {
                throw wrong("sortable", each);
            }
        }
        Set<String> all = columns.stream().map(LakeReader.SqlColumn::name).collect(Collectors.toSet());
        for (Parameter parameter : definition.parameters()) {
            Parameter.Filter filter = parameter.filter();
            if (definition.table() != null && (filter == null || !all.contains(filter.column()))) {
                throw wrong("parameters." + parameter.name(), filter == null ? "filter" : filter.column());
            }
        }
        // The statement as it is asked, with all that a call may say: what the engine refuses is refused now.
        Map<String, String> everything = new HashMap<>();
        Question whole = Question.of(
                forTrial(definition),
                everything,
                fields.stream().map(Definition.Field::name).toList(),
                List.of(),
                0);
        reader.columns(whole.sql(), whole.bound());
        Map<TableName, Set<String>> reads = reader.reads(whole.sql());
        boolean sensitive = reads.values().stream().anyMatch(sensitiveColumns -> !sensitiveColumns.isEmpty());
        return new Checked(
                definition.with(fields, definition.personal() || sensitive), department(who, reads.keySet()));
    }

    /** Each parameter with a value of its type, so that each of its conditions is in the statement. */
    private static Definition forTrial(Definition definition) {
        List<Parameter> parameters = definition.parameters().stream()
                .map(each -> new Parameter(
                        each.name(),
                        each.title(),
                        each.type(),
                        false,
                        switch (each.type()) {
                            case TEXT -> "";
                            case INTEGER, DECIMAL -> "0";
                            case DATE -> "2000-01-01";
                            case TIMESTAMP -> "2000-01-01T00:00:00Z";
                            case BOOLEAN -> "true";
                        },
                        null,
                        each.filter()))
                .toList();
        return new Definition(
                definition.title(),
                null,
                definition.table(),
                definition.sql(),
                parameters,
                List.of(),
                List.of(),
                1,
                1,
                0,
                definition.rate(),
                false);
    }

    private @Nullable String department(Account who, Set<TableName> tables) {
        Set<Department> departments = new HashSet<>();
        for (TableName table : tables) {
            resources.find(table).ifPresent(resource -> departments.add(resource.department()));
        }
        if (who.has(Role.ENGINEER)) {
            return departments.size() == 1 ? departments.iterator().next().id() : null;
        }
        Department own = who.department();
        if (own == null) {
            throw new Problem(InvokeProblem.NO_DEPARTMENT);
        }
        for (Department each : departments) {
            if (!each.id().equals(own.id())) {
                throw new Problem(InvokeProblem.NOT_YOURS, "what", tables.toString(), "who", each.name());
            }
        }
        return own.id();
    }

    private static List<Definition.Field> fields(Definition definition, List<LakeReader.SqlColumn> columns) {
        Map<String, LakeReader.SqlColumn> known = new LinkedHashMap<>();
        for (LakeReader.SqlColumn column : columns) {
            if (known.put(column.name(), column) != null) {
                throw wrong("fields", column.name() + " × 2");
            }
        }
        Map<String, String> titles = new LinkedHashMap<>();
        for (Definition.Field field : definition.fields()) {
            if (!known.containsKey(field.name()) || titles.put(field.name(), field.title()) != null) {
                throw wrong("fields", field.name());
            }
        }
        // Of a resource those that were chosen; of a statement all that it gives.
        Set<String> given = definition.table() != null && !titles.isEmpty() ? titles.keySet() : known.keySet();
        List<Definition.Field> fields = new ArrayList<>();
        for (String name : given) {
            LakeReader.SqlColumn column = requireNonNull(known.get(name));
            String title = titles.getOrDefault(name, "");
            fields.add(new Definition.Field(name, title.isBlank() ? name : title, column.type()));
        }
        return fields;
    }

    private static void requireRight(Definition definition) {
        String sql = definition.sql();
        String table = definition.table();
        if (definition.title().isBlank() || definition.title().length() > LONGEST_TITLE) {
            throw wrong("title", "1–" + LONGEST_TITLE);
        }
        if ((sql == null) == (table == null) || table != null && !table.matches("[^.]+[.].+")) {
            throw wrong("table", "table | sql");
        }
        if (sql != null && (sql.isBlank() || sql.length() > LONGEST_TEXT)) {
            throw wrong("sql", "1–" + LONGEST_TEXT);
        }
        if (definition.mostRows() < 1 || definition.mostRows() > MOST_ROWS) {
            throw wrong("mostRows", "1–" + MOST_ROWS);
        }
        if (definition.pageSize() < 1 || definition.pageSize() > definition.mostRows()) {
            throw wrong("pageSize", "1–" + definition.mostRows());
        }
        if (definition.cacheSeconds() < 0 || definition.cacheSeconds() > LONGEST_CACHE) {
            throw wrong("cacheSeconds", "0–" + LONGEST_CACHE);
        }
        Definition.Rate rate = definition.rate();
        if (rate.perSecond() < 1
                || rate.perSecond() > MOST_RATE
                || rate.burst() < rate.perSecond()
                || rate.burst() > MOST_RATE) {
            throw wrong("rate", "1 ≤ perSecond ≤ burst ≤ " + MOST_RATE);
        }
        if (definition.parameters().size() > MOST_PARAMETERS
                || definition.byName().size() != definition.parameters().size()) {
            throw wrong("parameters", "≤ " + MOST_PARAMETERS);
        }
        definition.parameters().forEach(DataServices::requireRight);
    }

    private static void requireRight(Parameter parameter) {
        String where = "parameters." + parameter.name();
        if (!WORD.matcher(parameter.name()).matches() || Calls.RESERVED.contains(parameter.name())) {
            throw wrong("parameters", parameter.name());
        }
        String pattern = parameter.pattern();
        if (pattern != null) {
            try {
                Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                throw wrong(where, pattern);
            }
        }
        if (parameter.defaultValue() != null) {
            try {
                parameter.bound(null);
            } catch (Problem notItself) {
                throw wrong(where, "defaultValue");
            }
        }
    }

    private DataService locked(Account who, String name) {
        jdbc.sql("select name from invoke_services where name = ? for update")
                .param(name)
                .query(String.class)
                .optional();
        DataService service = get(who, name);
        Department department = service.department();
        if (!mayChange(who, department)) {
            throw new Problem(
                    InvokeProblem.NOT_YOURS,
                    "what",
                    name,
                    "who",
                    department == null ? "数据局 (the data bureau)" : department.name());
        }
        return service;
    }

    private static Version version(DataService service, int number) {
        return service.versions().stream()
                .filter(each -> each.number() == number)
                .findFirst()
                .orElseThrow(() -> noSuchService(service.name() + "/v" + number));
    }

    private static Problem noSuchService(String name) {
        return new Problem(InvokeProblem.NO_SUCH_SERVICE, "service", name);
    }

    private static Problem wrongState(Version version) {
        return new Problem(
                InvokeProblem.WRONG_STATE,
                "service",
                version.named(),
                "state",
                version.state().words());
    }

    private static Problem wrong(String where, String reason) {
        return new Problem(InvokeProblem.DEFINITION_WRONG, "where", where, "reason", reason).with("where", where);
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private record Row(Version version, @Nullable Department department) {}

    private List<Row> rows(String name) {
        return jdbc.sql(VERSION + " where v.service = ? order by v.version desc")
                .param(name)
                .query((row, n) -> row(row))
                .list();
    }

    private static List<DataService> services(List<Row> rows) {
        Map<String, List<Row>> byName = new LinkedHashMap<>();
        rows.forEach(row -> byName.computeIfAbsent(row.version.service(), name -> new ArrayList<>())
                .add(row));
        return byName.entrySet().stream()
                .map(each -> new DataService(
                        each.getKey(),
                        each.getValue().getFirst().department,
                        each.getValue().stream().map(Row::version).toList()))
                .toList();
    }

    private static Row row(ResultSet row) throws SQLException {
        String department = row.getString("department_id");
        return new Row(
                new Version(
                        requireNonNull(row.getString("service")),
                        row.getInt("version"),
                        State.valueOf(row.getString("state")),
                        JSON.readValue(row.getString("definition"), Definition.class),
                        row.getInt("revision"),
                        requireNonNull(row.getString("changed_by")),
                        row.getTimestamp("changed_at").toInstant(),
                        instant(row, "published_at"),
                        instant(row, "deprecated_at"),
                        instant(row, "sunset_at"),
                        instant(row, "retired_at")),
                department == null
                        ? null
                        : new Department(department, row.getString("d_name"), row.getString("d_name_en")));
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        Timestamp at = row.getTimestamp(column);
        return at == null ? null : at.toInstant();
    }
}

package org.qiantang.collect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Resources;
import org.qiantang.collect.CollectionWorker.RunOrder;
import org.qiantang.collect.internal.api.ApiSettings;
import org.qiantang.collect.internal.api.Destinations;
import org.qiantang.collect.internal.files.FolderConnector;
import org.qiantang.collect.internal.jdbc.DatabaseLocation;
import org.qiantang.collect.internal.jdbc.DatabaseSettings;
import org.qiantang.core.CoreProblem;
import org.qiantang.core.Problem;
import org.qiantang.core.Sealing;
import org.qiantang.lake.LakeException;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** The departments' systems that are connected. Their passwords are sealed with the installation's master key and never given back. */
@Service
public final class Sources {
    /** Before the name of a peer, where other sources have their address. */
    static final String PEER = "peer:";

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,39}");
    private static final Pattern CREDENTIALS = Pattern.compile(
            "(?i)[?&;](?:user|username|uid|password|pwd|sslpassword)=|//[^/?]*@|^jdbc:oracle:\\w+:[^@]+@");

    private static final Pattern HTTP = Pattern.compile("(?i)^https?://");

    private static final Pattern PLATFORM = Pattern.compile("(?i)^(?:qiantang|platform\\+https?)://[^/]");

    private static final String SOURCE = """
            select s.*, d.name department_name, d.name_en department_name_en, t.tables, t.rows, p.next_at
            from collect_sources s join org_departments d on d.id = s.department_id
            left join collect_schedules p on p.source_id = s.id and p.enabled
            left join lateral (select tables, rows from collect_receipts c where c.source_id = s.id
                order by (run_state in ('COMPLETE', 'INCOMPLETE')) desc, finished_at desc limit 1) t on true
            """;

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final TypeReference<Map<String, String>> SETTINGS = new TypeReference<>() {};

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;
    private final Departments departments;
    private final RunStore runs;
    private final CollectionWorker worker;
    private final Sealing sealing;
    private final Clock clock;
    private final Optional<Path> home;
    private final EventStreams streams;
    private final Resources resources;
    private final Optional<OwnPorts> ownPorts;

    Sources(
            JdbcClient jdbc,
            TransactionTemplate transaction,
            Departments departments,
            RunStore runs,
            CollectionWorker worker,
            Sealing sealing,
            Clock clock,
            Optional<HomeFolder> home,
            Optional<OwnPorts> ownPorts,
            EventStreams streams,
            Resources resources) {
        this.jdbc = jdbc;
        this.transaction = transaction;
        this.departments = departments;
        this.runs = runs;
        this.worker = worker;
        this.sealing = sealing;
        this.clock = clock;
        this.home = home.map(HomeFolder::path);
        this.ownPorts = ownPorts;
        this.streams = streams;
        this.resources = resources;
    }

    /** What a person gives to connect a source; {@code settings} as {@link SourceAccess} has them. */
    public record NewSource(
            String name,
            String title,
            String departmentId,
            String location,
            String username,
            String password,
            Map<String, String> settings) {
        @Override
        public String toString() {
            return "NewSource[" + name + "]";
        }
    }

    /**
     * What a person changes of a source. Its name stays, for the lake's tables are called by it.
     *
     * @param password null leaves the one there is, as long as nothing else says where it goes
     */
    public record Edit(
            String title,
            String departmentId,
            String location,
            String username,
            @Nullable String password,
            Map<String, String> settings) {
        @Override
        public String toString() {
            return "Edit[" + location + "]";
        }
    }

    /** The installation's own folder, in which only {@code sources} may be collected. */
    public record HomeFolder(Path path) {}

    /** The ports at which this installation listens, to which no source may lead. */
    @FunctionalInterface
    public interface OwnPorts {
        Set<Integer> now();
    }

    /** A connection test's outcome. */
    public record Tested(CollectionWorker.SourceReport report, Duration took) {}

    /** Connects a source without reading it. */
    public Source add(NewSource wanted, String by) {
        if (!NAME.matcher(wanted.name()).matches()) {
            throw new Problem(CollectProblem.BAD_NAME, "name", wanted.name());
        }
        Department department = departments.get(wanted.departmentId());
        SourceAccess access = wanted(wanted.location(), wanted.username(), wanted.password(), wanted.settings());
        if (access.kind() == SourceKind.PEER) {
            throw new Problem(CollectProblem.PEER_IS_FOLLOWED);
        }
        return add(wanted, department, access, by);
    }

    /** The tables of a peer, which the hub brings by itself. */
    Source addPeer(String name, String title, String departmentId, String peer, String by) {
        if (!NAME.matcher(name).matches()) {
            throw new Problem(CollectProblem.BAD_NAME, "name", name);
        }
        SourceAccess access = new SourceAccess(SourceKind.PEER, PEER + peer, "", "", Map.of());
        NewSource wanted = new NewSource(name, title, departmentId, access.location(), "", "", Map.of());
        return add(wanted, departments.get(departmentId), access, by);
    }

    private Source add(NewSource wanted, Department department, SourceAccess access, String by) {
        UUID id = UUID.randomUUID();
        try {
            jdbc.sql("""
                            insert into collect_sources (id, name, title, department_id, kind, location, username, sealed_password,
                                settings, created_at, created_by)
                            values (?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?)""")
                    .params(
                            id,
                            wanted.name(),
                            titled(wanted.title(), wanted.name()),
                            department.id(),
                            access.kind().name(),
                            access.location(),
                            access.username(),
                            sealing.seal(access.secret(), purpose(id)),
                            JSON.writeValueAsString(access.settings()),
                            Timestamp.from(clock.instant()),
                            by)
                    .update();
        } catch (DuplicateKeyException e) {
            throw new Problem(CollectProblem.NAME_TAKEN, "name", wanted.name());
        }
        streams.forget();
        return get(id);
    }

    /** Connects and says what is there, keeping nothing. */
    public Tested test(String location, String username, String password, Map<String, String> settings) {
        return test(wanted(location, username, password, settings));
    }

    /** Connects to a source as it would be after an edit, and says what is there, keeping nothing. */
    public Tested test(UUID id, Edit edit) {
        return test(wanted(id, edit));
    }

    private Tested test(SourceAccess access) {
        Instant start = clock.instant();
        if (access.kind() == SourceKind.PEER) {
            throw new Problem(CollectProblem.PEER_IS_FOLLOWED);
        }
        try {
            // Events come in by the hub's own doors, so it is the hub that tries them.
            var report = access.kind() == SourceKind.EVENTS
                    ? EventBrokers.test(EventLocation.find(access.location()).orElseThrow(), access)
                    : worker.inspect(access);
            return new Tested(report, Duration.between(start, clock.instant()));
        } catch (LakeException e) {
            throw new Problem(CollectProblem.WORKER_LOST);
        }
    }

    /** The sources that are connected, by department and name. */
    public List<Source> list() {
        Map<UUID, RunSummary> newest = runs.newest();
        return jdbc.sql(SOURCE + " where s.deleted_at is null order by d.ordinal, s.name")
                .query((row, n) -> source(row, newest.get(row.getObject("id", UUID.class))))
                .list();
    }

    public Source get(UUID id) {
        RunSummary last =
                runs.list(id, Set.of(RunState.values()), 1).stream().findFirst().orElse(null);
        return jdbc.sql(SOURCE + " where s.deleted_at is null and s.id = ?")
                .param(id)
                .query((row, n) -> source(row, last))
                .optional()
                .orElseThrow(() -> new Problem(CoreProblem.NOT_FOUND, "what", id.toString()));
    }

    /** How a source would be reached after an edit, checked as a new one is. */
    SourceAccess wanted(UUID id, Edit edit) {
        Source source = get(id);
        SourceAccess now = access(id);
        @Nullable String typed = edit.password();
        SourceAccess next =
                wanted(edit.location(), edit.username(), typed == null ? now.secret() : typed, edit.settings());
        boolean staysSo = now.kind() == SourceKind.EVENTS
                || next.kind() == SourceKind.EVENTS
                || now.kind() == SourceKind.PEER
                || next.kind() == SourceKind.PEER;
        if (now.kind() != next.kind() && staysSo
                || now.kind() == SourceKind.PEER && !now.location().equals(next.location())) {
            throw new Problem(CollectProblem.KIND_STAYS, "source", source.name());
        }
        if (typed == null && !KeptSecret.mayBeUsed(now, next)) {
            throw new Problem(CollectProblem.SECRET_NEEDED, "source", source.name());
        }
        return next;
    }

    /** Stores an edit; called in the transaction that also says what it means for whoever follows the source. */
    void store(UUID id, Edit edit, SourceAccess access, String by) {
        Source source = get(id);
        Department department = departments.get(edit.departmentId());
        jdbc.sql("""
                        update collect_sources set title = :title, department_id = :department, kind = :kind, location = :location,
                            username = :username, sealed_password = :secret, settings = cast(:settings as jsonb), changed_at = :at,
                            changed_by = :by
                        where id = :id and deleted_at is null""")
                .param("title", titled(edit.title(), source.name()))
                .param("department", department.id())
                .param("kind", access.kind().name())
                .param("location", access.location())
                .param("username", access.username())
                .param("secret", sealing.seal(access.secret(), purpose(id)))
                .param("settings", JSON.writeValueAsString(access.settings()))
                .param("at", Timestamp.from(clock.instant()))
                .param("by", by)
                .param("id", id)
                .update();
        resources.moved(id, department.id());
    }

    private static String titled(String title, String name) {
        return title.isBlank() ? name : title.strip();
    }

    /**
     * Disconnects a source and destroys its password; what it brought and its receipts stay.
     *
     * @param confirm its name, typed by whoever wants this
     */
    public void delete(UUID id, String confirm, String by) {
        transaction.executeWithoutResult(status -> {
            Source source = get(id);
            if (!source.name().equals(confirm)) {
                throw new Problem(CollectProblem.NOT_CONFIRMED, "name", source.name());
            }
            jdbc.sql("select id from collect_sources where id = ? for update")
                    .param(id)
                    .query(UUID.class)
                    .single();
            boolean followed = jdbc.sql("select exists (select from collect_followings where source_id = ? and wanted)")
                    .param(id)
                    .query(Boolean.class)
                    .single();
            if (followed) {
                throw new Problem(CollectProblem.STILL_FOLLOWED, "name", source.name());
            }
            Set<RunState> open = Set.of(RunState.QUEUED, RunState.RUNNING, RunState.CANCELLING);
            runs.list(id, open, 1).stream().findFirst().ifPresent(run -> {
                throw new Problem(
                        CollectProblem.ALREADY_RUNNING,
                        "source",
                        source.name(),
                        "run",
                        run.id().toString());
            });
            jdbc.sql("update collect_sources set deleted_at = ?, deleted_by = ?, sealed_password = null where id = ?")
                    .params(Timestamp.from(clock.instant()), by, id)
                    .update();
        });
        streams.forget();
    }

    /** What the worker is told to collect a source in a run. */
    RunOrder order(UUID run, UUID source, String follower, Set<String> finished) {
        return jdbc.sql("""
                        select s.*, r.in_full, c.connections, c.rows_per_second from collect_sources s
                        join collect_runs r on r.source_id = s.id left join collect_schedules c on c.source_id = s.id
                        where s.id = ? and r.id = ?""")
                .params(source, run)
                .query((row, n) -> new RunOrder(
                        run.toString(),
                        row.getString("name"),
                        row.getBoolean("in_full") ? inFull(access(row, source)) : access(row, source),
                        follower,
                        finished,
                        row.getBoolean("in_full") ? Map.of() : runs.carriable(run),
                        limits(row),
                        null))
                .single();
    }

    SourceKind kindOf(UUID source) {
        return SourceKind.valueOf(jdbc.sql("select kind from collect_sources where id = ?")
                .param(source)
                .query(String.class)
                .single());
    }

    /** How a source is reached, with its secret. */
    SourceAccess access(UUID source) {
        return jdbc.sql("select * from collect_sources where id = ? and deleted_at is null")
                .param(source)
                .query((row, n) -> access(row, source))
                .single();
    }

    /** The same, to read everything even of what is usually read by its changes. */
    SourceAccess accessInFull(UUID source) {
        return inFull(access(source));
    }

    /** What may be asked of a source, by its schedule. */
    CollectionWorker.Limits limits(UUID source) {
        return jdbc.sql("select connections, rows_per_second from collect_schedules where source_id = ?")
                .param(source)
                .query((row, n) -> limits(row))
                .optional()
                .orElseGet(() -> new CollectionWorker.Limits(null, null));
    }

    private static CollectionWorker.Limits limits(ResultSet row) throws SQLException {
        return new CollectionWorker.Limits(
                (Integer) row.getObject("connections"), (Long) row.getObject("rows_per_second"));
    }

    /** Only interfaces are read by their changes; they are told by a setting. */
    private static SourceAccess inFull(SourceAccess access) {
        if (access.kind() != SourceKind.API) {
            return access;
        }
        Map<String, String> settings = new HashMap<>(access.settings());
        settings.put("inFull", "true");
        return new SourceAccess(access.kind(), access.location(), access.username(), access.secret(), settings);
    }

    private SourceAccess access(ResultSet row, UUID source) throws SQLException {
        SourceKind kind = SourceKind.valueOf(row.getString("kind"));
        return new SourceAccess(
                kind,
                row.getString("location"),
                row.getString("username"),
                sealing.open(row.getBytes("sealed_password"), purpose(source)),
                kind == SourceKind.PEER
                        ? Map.of(
                                PeerSources.FOLDER, spool(row.getString("name")).toString())
                        : settings(row));
    }

    /** Where what a peer told waits for the lake. */
    Path spool(String source) {
        return home.orElseThrow(() -> new IllegalStateException("An installation that has peers has a folder"))
                .resolve("peers")
                .resolve(source);
    }

    static Map<String, String> settings(ResultSet row) throws SQLException {
        return JSON.readValue(row.getString("settings"), SETTINGS);
    }

    /** Sources stay describable for their receipts after they are deleted. */
    Receipt.SourceDescription describe(UUID source) {
        return jdbc.sql("select * from collect_sources where id = ?")
                .param(source)
                .query((row, n) -> new Receipt.SourceDescription(
                        row.getString("name"),
                        row.getString("title"),
                        row.getString("kind"),
                        row.getString("location"),
                        row.getString("department_id")))
                .single();
    }

    private static String purpose(UUID source) {
        return "source-password " + source;
    }

    /** How a source is reached that somebody described, refused when nothing could come of it. */
    private SourceAccess wanted(String location, String username, String secret, Map<String, String> settings) {
        Place place = place(location, username, settings);
        SourceAccess access = new SourceAccess(place.kind(), place.location(), username.strip(), secret, settings);
        check(access);
        return access;
    }

    private record Place(SourceKind kind, String location) {}

    private Place place(String given, String username, Map<String, String> settings) {
        String location = given.strip();
        if (location.toLowerCase(Locale.ROOT).startsWith("jdbc:")) {
            if (CREDENTIALS.matcher(location).find()) {
                throw new Problem(CollectProblem.PASSWORD_IN_LOCATION);
            }
            if (!location.startsWith("jdbc:postgresql:")) {
                return database(location, settings);
            }
            if (username.isBlank()) {
                throw new Problem(CollectProblem.NO_USERNAME);
            }
            return new Place(SourceKind.POSTGRES, location);
        }
        if (location.startsWith(PEER)) {
            return new Place(SourceKind.PEER, location);
        }
        if (HTTP.matcher(location).find()) {
            return new Place(SourceKind.API, location);
        }
        if (PLATFORM.matcher(location).find()) {
            if (CREDENTIALS.matcher(location).find()) {
                throw new Problem(CollectProblem.PASSWORD_IN_LOCATION);
            }
            return new Place(SourceKind.PLATFORM, location);
        }
        Optional<EventLocation> events = EventLocation.find(location);
        if (events.isPresent()) {
            return new Place(SourceKind.EVENTS, events.get().text());
        }
        int scheme = location.indexOf("://");
        SourceKind remote = scheme < 0
                ? null
                : switch (location.substring(0, scheme).toLowerCase(Locale.ROOT)) {
                    case "sftp" -> SourceKind.SFTP;
                    case "webdav", "webdavs" -> SourceKind.WEBDAV;
                    case "s3" -> SourceKind.S3;
                    default -> null;
                };
        if (remote != null) {
            if (CREDENTIALS.matcher(location).find()) {
                throw new Problem(CollectProblem.PASSWORD_IN_LOCATION);
            }
            if (remote == SourceKind.SFTP && username.isBlank()) {
                throw new Problem(CollectProblem.NO_USERNAME);
            }
            return new Place(remote, location);
        }
        return new Place(SourceKind.FOLDER, folder(location).toString());
    }

    /** Refuses what the kind's own settings do not allow, before it is kept or tried. */
    private void check(SourceAccess access) {
        switch (access.kind()) {
            case POSTGRES, DATABASE, FOLDER, SFTP, WEBDAV, S3, PEER -> {}
            case PLATFORM -> {
                if (access.secret().isBlank()) {
                    throw new Problem(
                            CollectProblem.SIGN_IN_REFUSED,
                            "reason",
                            "the password field takes the token, and it is empty");
                }
                Destinations.check(
                        FolderConnector.platformAddress(access.location()),
                        "true".equals(access.settings().get("allowPlain")),
                        ownPorts.map(OwnPorts::now).orElse(Set.of()));
            }
            case EVENTS ->
                EventBrokers.check(EventLocation.find(access.location()).orElseThrow(), access);
            case API -> {
                ApiSettings settings = ApiSettings.of(access);
                Set<Integer> own = ownPorts.map(OwnPorts::now).orElse(Set.of());
                settings.addresses().forEach(address -> Destinations.check(address, settings.allowPlain(), own));
            }
        }
    }

    private Place database(String given, Map<String, String> settings) {
        DatabaseLocation location = DatabaseLocation.of(given);
        DatabaseSettings.of(settings);
        location.file().ifPresent(file -> folder(file.toString()));
        return new Place(SourceKind.DATABASE, location.url());
    }

    /** The folder must not be one of ours: secrets and the database's files are no department's data. */
    private Path folder(String location) {
        try {
            Path path = Path.of(location);
            if (!path.isAbsolute()) {
                throw new Problem(CollectProblem.FOLDER_NOT_ALLOWED, "reason", location);
            }
            Path real = Files.exists(path) ? path.toRealPath() : path.normalize();
            if (home.isPresent()) {
                Path own = home.get().toRealPath();
                boolean inside = real.startsWith(own) && !real.startsWith(own.resolve("sources"));
                if (inside || own.startsWith(real)) {
                    throw new Problem(CollectProblem.FOLDER_NOT_ALLOWED, "reason", location);
                }
            }
            return real;
        } catch (InvalidPathException | IOException e) {
            throw new Problem(CollectProblem.FOLDER_NOT_ALLOWED, "reason", location);
        }
    }

    private static Source source(ResultSet row, @Nullable RunSummary lastRun) throws SQLException {
        String username = row.getString("username");
        return new Source(
                row.getObject("id", UUID.class),
                row.getString("name"),
                row.getString("title"),
                new Department(
                        row.getString("department_id"),
                        row.getString("department_name"),
                        row.getString("department_name_en")),
                SourceKind.valueOf(row.getString("kind")),
                row.getString("location"),
                username.isEmpty() ? null : username,
                settings(row),
                row.getTimestamp("created_at").toInstant(),
                lastRun,
                RunStore.instant(row, "next_at"),
                row.getLong("tables"),
                row.getLong("rows"));
    }
}

package org.qiantang.app.install;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.qiantang.app.QiantangHub;
import org.qiantang.app.QiantangProperties;
import org.qiantang.app.demo.CityFolder;
import org.qiantang.app.install.Secrets.FirstAccount;
import org.qiantang.app.worker.WorkerClient;
import org.qiantang.core.Problem;
import org.qiantang.lake.ClusterSettings;
import org.qiantang.org.Account;
import org.qiantang.org.Accounts;
import org.qiantang.org.Department;
import org.qiantang.org.Departments;
import org.qiantang.org.Divisions;
import org.qiantang.org.ImportKind;
import org.qiantang.org.OrganisationImport;
import org.qiantang.org.Role;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;
import tools.jackson.databind.json.JsonMapper;

/**
 * One running installation: its home's lock, PostgreSQL, the lake worker and the hub, started so that each waits only for what it
 * needs, and stopped in the opposite order.
 */
public final class Installation implements AutoCloseable {
    /** One line for each message whatever somebody wrote into it, and what was thrown stands in from the margin. */
    static final String LOG_PATTERN = "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %5p [%X{traceId:--}] %-40.40logger{39} : "
            + "%replace(%m){'\\v+',' '}%n%replace(%ex){'(?m)^','    '}%nopex";

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    /** How long a request waits for a worker that is just being started again. */
    private static final Duration WORKER_PATIENCE = Duration.ofSeconds(20);

    private final Home home;
    private final Deque<AutoCloseable> running = new ArrayDeque<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private @Nullable HubAddress address;
    private @Nullable Secrets secrets;
    private List<FirstAccount> announced = List.of();

    private Installation(Home home) {
        this.home = home;
    }

    /**
     * Returns when the hub answers. A failure leaves nothing running.
     *
     * @param lock the home's lock, given to the installation
     */
    public static Installation start(HubOptions options, Home home, HomeLock lock) {
        Installation installation = new Installation(home);
        installation.running.push(lock);
        // Before anything is started: from here on a Ctrl-C has to stop it.
        Runtime.getRuntime().addShutdownHook(new Thread(installation::close, "qiantang-stop"));
        try {
            installation.startAll(options);
            return installation;
        } catch (RuntimeException | Error e) {
            installation.close();
            throw e;
        }
    }

    public Home home() {
        return home;
    }

    public HubAddress address() {
        if (address == null) {
            throw new IllegalStateException("The hub is not up");
        }
        return address;
    }

    public Secrets secrets() {
        if (secrets == null) {
            throw new IllegalStateException("The secrets are not made");
        }
        return secrets;
    }

    /** The accounts to tell whoever started this: on a trial all of them, in production the first one, when it was just made. */
    public List<FirstAccount> announcedAccounts() {
        return announced;
    }

    /** The installation's own PostgreSQL; nothing where a production installation names another. */
    public Optional<PostgresServer> postgres() {
        return part(PostgresServer.class);
    }

    /** The hub's parts, to be asked for by type. */
    public ConfigurableApplicationContext hub() {
        return part(ConfigurableApplicationContext.class)
                .orElseThrow(() -> new IllegalStateException("The hub is not up"));
    }

    private <T> Optional<T> part(Class<T> type) {
        synchronized (running) {
            return running.stream().filter(type::isInstance).map(type::cast).findFirst();
        }
    }

    private void startAll(HubOptions options) {
        if (options.port() != 0 && !PostgresServer.isFree(options.port())) {
            throw new Problem(InstallProblem.PORT_IN_USE, "port", String.valueOf(options.port()));
        }
        Settings settings = Settings.of(home);
        // The rehearsal of a build lives and dies by itself, whatever the environment says.
        Optional<DatabaseSettings> given =
                options.purpose() == HubOptions.Purpose.REHEARSE ? Optional.empty() : settings.database();
        given.ifPresentOrElse(this::stayWith, this::stayWithOwnDatabase);
        // A production installation knows of no city but what its people import.
        Optional<CityFolder> city = given.isPresent()
                ? Optional.empty()
                : Optional.of(options.purpose() == HubOptions.Purpose.REHEARSE ? CityFolder.builtIn() : home.city());
        ZoneId zone = settings.timeZone()
                .or(() -> city.map(CityFolder::zone))
                .orElse(ZoneId.of(QiantangProperties.TIME_ZONE));
        Secrets made = Secrets.of(home);
        secrets = made;

        CompletableFuture<DatabaseSettings> database = given.map(CompletableFuture::completedFuture)
                .orElseGet(() -> CompletableFuture.supplyAsync(() -> startPostgres(made)));
        CompletableFuture<DatabaseSettings> catalog = database.thenApply(DatabaseSettings::withCatalogSchema);
        Optional<ClusterSettings> cluster =
                options.purpose() == HubOptions.Purpose.REHEARSE ? Optional.empty() : settings.cluster();
        List<WorkerProcess> workers = new ArrayList<>();
        for (int number = 1;
                number <= (options.purpose() == HubOptions.Purpose.REHEARSE ? 1 : settings.collectors());
                number++) {
            WorkerProcess worker = options.purpose() == HubOptions.Purpose.REHEARSE
                    ? WorkerProcess.rehearse(home, catalog)
                    : WorkerProcess.start(
                            home,
                            number,
                            catalog,
                            settings.historyDays(),
                            settings.profiling(),
                            zone,
                            cluster.orElse(null));
            push(worker);
            workers.add(worker);
        }

        ConfigurableApplicationContext hub = startHub(options, settings, city.orElse(null), database, workers, made);
        push(hub);
        city.ifPresent(trial -> makeDepartments(hub, trial));
        if (options.purpose() == HubOptions.Purpose.SERVE) {
            announced = city.map(trial -> trialAccounts(hub, trial, made))
                    .orElseGet(() -> administrators(hub.getBean(Accounts.class)));
            city.ifPresent(trial -> makeOrganisation(hub, trial));
        }
        int port = hub.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        HubAddress listening = new HubAddress(
                ProcessHandle.current().pid(),
                port,
                "http://127.0.0.1:" + port + "/",
                options.purpose() == HubOptions.Purpose.ONE_COMMAND);
        listening.write(home);
        address = listening;
    }

    /** A production installation stays with the kind of database it was set up with: the lake's files and their catalogue are one. */
    private void stayWith(DatabaseSettings given) {
        if (Files.exists(home.postgres())) {
            throw otherDatabase(home.postgres().toString(), given.address());
        }
        given.checked();
        Home.write(home.databaseFile(), given.address() + "\n");
    }

    private void stayWithOwnDatabase() {
        Home.read(home.databaseFile()).ifPresent(known -> {
            throw otherDatabase(known.strip(), home.postgres().toString());
        });
    }

    private Problem otherDatabase(String known, String given) {
        return new Problem(InstallProblem.OTHER_DATABASE, "home", home.toString(), "known", known, "given", given);
    }

    private static void makeDepartments(ConfigurableApplicationContext hub, CityFolder city) {
        Departments departments = hub.getBean(Departments.class);
        if (departments.list().isEmpty()) {
            departments.ensure(city.departments().stream()
                    .map(each -> new Department(each.id(), each.name(), each.nameEn()))
                    .toList());
        }
    }

    /** The demo city's divisions, posts and people, unless somebody has told of others. */
    private static void makeOrganisation(ConfigurableApplicationContext hub, CityFolder city) {
        if (!hub.getBean(Divisions.class).tree().all().isEmpty()) {
            return;
        }
        OrganisationImport imports = hub.getBean(OrganisationImport.class);
        imports.ensure(ImportKind.DIVISIONS, city.file("divisions.csv"));
        imports.ensure(ImportKind.DIVISIONS, city.communities());
        imports.ensure(ImportKind.DEPARTMENTS, city.file("departments.csv"));
        imports.ensure(ImportKind.POSTS, city.file("posts.csv"));
        imports.ensure(ImportKind.PEOPLE, city.file("people.csv"));
    }

    /** One account per role and a second officer, so that the first visitor of a new home can sign in and see each side. */
    private static List<FirstAccount> trialAccounts(ConfigurableApplicationContext hub, CityFolder city, Secrets made) {
        Departments departments = hub.getBean(Departments.class);
        Accounts accounts = hub.getBean(Accounts.class);
        List<FirstAccount> trial = made.trialAccounts();
        trial.forEach(each -> {
            String of =
                    each.username().equals(Secrets.APPLICANT) ? city.applicantsDepartment() : city.officersDepartment();
            Department department = departments.list().stream()
                    .filter(one -> one.id().equals(of))
                    .findFirst()
                    .orElse(null);
            accounts.ensure(
                    each.role() == Role.OFFICER
                            ? new Account(each.username(), each.displayName(), Set.of(each.role()), department)
                            : each.account(),
                    each.password());
        });
        return trial;
    }

    /**
     * The accounts a production installation begins with: an engineer, and the three administrators who make all others. They get new
     * passwords whenever the file with them is missing; the administrators then come in without a second factor.
     */
    private List<FirstAccount> administrators(Accounts accounts) {
        List<FirstAccount> made = new ArrayList<>();
        // Each file is written last: a start that is killed before makes yet others.
        if (!Files.exists(home.administratorPassword())) {
            FirstAccount engineer = FirstAccount.administrator();
            accounts.put(engineer.account(), engineer.password());
            Home.write(home.administratorPassword(), engineer.password() + "\n");
            made.add(engineer);
        }
        if (!Files.exists(home.administratorAccounts())) {
            List<FirstAccount> duties = Secrets.administrators();
            duties.forEach(each -> accounts.put(each.newcomer(), each.password()));
            Home.write(
                    home.administratorAccounts(),
                    JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(duties) + "\n");
            made.addAll(duties);
        }
        return List.copyOf(made);
    }

    private DatabaseSettings startPostgres(Secrets made) {
        PostgresServer server = PostgresServer.start(home, made.postgresPassword());
        push(server);
        return server.settings(PostgresServer.DATABASE);
    }

    /** @param city of a trial installation; null in production */
    private ConfigurableApplicationContext startHub(
            HubOptions options,
            Settings settings,
            @Nullable CityFolder city,
            CompletableFuture<DatabaseSettings> database,
            List<WorkerProcess> workers,
            Secrets made) {
        // What the command line decided stands above whatever the environment says.
        Map<String, Object> decided = new LinkedHashMap<>();
        decided.put("qiantang.home", home.directory().toString());
        decided.put("qiantang.trial", city != null);
        decided.put("server.address", "127.0.0.1");
        decided.put("server.port", options.port());
        Map<String, Object> properties = new LinkedHashMap<>();
        if (city != null) {
            city.installation().ifPresent(name -> properties.put("qiantang.installation", name));
            properties.put("qiantang.time-zone", city.zone().getId());
        }
        properties.put("server.shutdown", "immediate");
        properties.put("spring.main.banner-mode", "off");
        properties.put("spring.lifecycle.timeout-per-shutdown-phase", "3s");
        properties.put("spring.threads.virtual.enabled", true);
        properties.put("logging.file.name", home.log().resolve("hub.log").toString());
        properties.put("logging.logback.rollingpolicy.max-file-size", "8MB");
        // The law on cybersecurity wants what happened in the net to be known for six months.
        properties.put("logging.logback.rollingpolicy.max-history", "184");
        properties.put("logging.logback.rollingpolicy.total-size-cap", "1GB");
        properties.put("logging.pattern.file", LOG_PATTERN);
        // The screen is for what the operator has to know; the log file has the rest.
        properties.put("logging.threshold.console", "OFF");
        properties.put("server.tomcat.basedir", home.tmp().toString());
        // The pool is built before PostgreSQL may be up; the real address is set by the time it is needed.
        properties.put("spring.datasource.url", "jdbc:postgresql://127.0.0.1/" + PostgresServer.DATABASE);
        properties.put("spring.datasource.username", "pending");
        properties.put("spring.datasource.hikari.connection-timeout", "30000");
        properties.put("spring.datasource.hikari.validation-timeout", "2000");
        properties.put("spring.datasource.hikari.maximum-pool-size", "16");
        properties.put("spring.datasource.hikari.minimum-idle", "2");

        SpringApplication application = new SpringApplication(QiantangHub.class);
        application.setRegisterShutdownHook(false);
        application.setDefaultProperties(properties);
        application.addInitializers(context -> {
            MutablePropertySources sources = context.getEnvironment().getPropertySources();
            sources.addFirst(new MapPropertySource("installation", decided));
            sources.addAfter(
                    StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                    new MapPropertySource("home", Map.copyOf(settings.file())));
            GenericApplicationContext beans = (GenericApplicationContext) context;
            beans.getBeanFactory().registerSingleton("home", home);
            beans.getBeanFactory().registerSingleton("secrets", made);
            beans.getBeanFactory().registerSingleton("workerProcess", workers.getFirst());
            beans.getBeanFactory().registerSingleton("hubOptions", options);
            for (WorkerProcess worker : workers) {
                // Whoever asks for the worker gets the first; who asks for all gets them in this order.
                beans.registerBean(
                        "worker" + (workers.indexOf(worker) + 1),
                        WorkerClient.class,
                        () -> new WorkerClient(() -> worker.awaitAddress(WORKER_PATIENCE)),
                        definition -> definition.setPrimary(worker == workers.getFirst()));
            }
            beans.getBeanFactory().addBeanPostProcessor(new DataSourceGate(database, PATIENCE));
        });
        try {
            return application.run();
        } catch (RuntimeException e) {
            throw refusal(options, e);
        }
    }

    private RuntimeException refusal(HubOptions options, RuntimeException failure) {
        Throwable root = failure;
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof Problem problem) {
                return problem;
            }
            if (t instanceof PortInUseException) {
                return new Problem(InstallProblem.PORT_IN_USE, "port", String.valueOf(options.port()));
            }
            if (t instanceof CompletionException && t.getCause() instanceof Problem problem) {
                return problem;
            }
            root = t;
        }
        Problem problem = new Problem(
                InstallProblem.HUB_FAILED,
                "reason",
                String.valueOf(root.getMessage()).lines().findFirst().orElse(root.toString()),
                "log",
                home.log().resolve("hub.log").toString());
        problem.initCause(failure);
        return problem;
    }

    private void push(AutoCloseable started) {
        boolean late;
        synchronized (running) {
            late = closed.get();
            if (!late) {
                running.push(started);
            }
        }
        if (late) {
            close(started);
        }
    }

    /** Stops the hub first, then the worker, then PostgreSQL, and gives the home back last. */
    @Override
    public void close() {
        Deque<AutoCloseable> parts;
        synchronized (running) {
            if (closed.getAndSet(true)) {
                return;
            }
            parts = new ArrayDeque<>(running);
        }
        try {
            Files.deleteIfExists(home.hubFile());
        } catch (IOException e) {
            // The next holder of the lock removes it.
        }
        for (AutoCloseable part : inOrderOfStopping(parts)) {
            close(part);
        }
    }

    private static Iterable<AutoCloseable> inOrderOfStopping(Deque<AutoCloseable> parts) {
        return parts.stream()
                .sorted(java.util.Comparator.comparingInt(Installation::rank))
                .toList();
    }

    // PostgreSQL and the worker start side by side, so the order of starting does not tell.
    private static int rank(AutoCloseable part) {
        return switch (part) {
            case ConfigurableApplicationContext hub -> 0;
            case WorkerProcess worker -> 1;
            case PostgresServer postgres -> 2;
            default -> 3;
        };
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            System.getLogger(Installation.class.getName())
                    .log(System.Logger.Level.WARNING, "Not stopped in order: {0}", e.toString());
        }
    }

    /** Lets the hub load while the database starts: only the first use of the connection pool waits. */
    private record DataSourceGate(CompletableFuture<DatabaseSettings> database, Duration patience)
            implements BeanPostProcessor {
        @Override
        public Object postProcessBeforeInitialization(Object bean, String name) {
            if (bean instanceof com.zaxxer.hikari.HikariDataSource pool) {
                DatabaseSettings settings = database.orTimeout(
                                patience.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                        .join();
                pool.setJdbcUrl(settings.url());
                pool.setUsername(settings.username());
                pool.setPassword(settings.password());
            }
            return bean;
        }
    }
}

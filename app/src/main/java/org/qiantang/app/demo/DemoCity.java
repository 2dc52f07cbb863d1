package org.qiantang.app.demo;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The demo city: a dozen departments with real source systems, databases in PostgreSQL and folders of files, made from a seed. A stranger
 * has something to collect in the first minute, and whoever builds a finder has a truth to be judged by. The same seed and scale give
 * the same bytes on every machine.
 */
public final class DemoCity {
    /** Of the city that every trial installation has. */
    public static final long SEED = 20_261_031;

    private static final int AT_ONCE = 2;

    private final CityFolder folder;
    private final long seed;
    private final double scale;

    /**
     * The city that comes with the program.
     *
     * @param scale 1 is about a million rows; between 0.001 and 100
     */
    public DemoCity(long seed, double scale) {
        this(CityFolder.builtIn(), seed, scale);
    }

    /**
     * @param folder which city it is
     * @param scale 1 is about a million rows; between 0.001 and 100
     */
    public DemoCity(CityFolder folder, long seed, double scale) {
        this.folder = requireNonNull(folder, "folder is null");
        if (!(scale >= 0.001 && scale <= 100)) {
            throw new IllegalArgumentException("The scale of a demo city lies between 0.001 and 100: " + scale);
        }
        this.seed = seed;
        this.scale = scale;
    }

    /** The source systems as they are to be registered, whether they were made yet or not. */
    public List<DemoSource> sources(DatabaseServer server, Path sourcesFolder) {
        return folder.systems().stream()
                .map(s -> s.kind() == DemoSource.Kind.POSTGRES
                        ? new DemoSource(
                                s.name(), s.title(), s.departmentId(), s.kind(), server.url(s.database()), s.reader())
                        : new DemoSource(
                                s.name(),
                                s.title(),
                                s.departmentId(),
                                s.kind(),
                                sourcesFolder.resolve(s.name()).toString(),
                                null))
                .toList();
    }

    /** The city of a folder that a truth file belongs to; empty when none was finished there. */
    public static Optional<DemoCity> find(CityFolder folder, Path truthFile) throws IOException {
        return TruthFile.read(truthFile)
                .map(node -> new DemoCity(
                        folder, node.path("seed").asLong(), node.path("scale").asDouble()));
    }

    public long seed() {
        return seed;
    }

    public double scale() {
        return scale;
    }

    /** The identity number of somebody of whom a register says what is wrong, and who will object to it. */
    public Optional<String> objector() {
        City city = new City(folder, seed, scale);
        for (long i = 0; i < city.persons(); i++) {
            City.Person person = city.person(i);
            if (person.is(Plant.MARRIED_BUT_SINGLE)) {
                return Optional.of(person.idNumber());
            }
        }
        return Optional.empty();
    }

    /**
     * Makes all source systems and the truth file. A city of the same seed and scale that is whole is left as it is; anything else under
     * the same names, half made or of another seed, is made anew.
     *
     * @param passwordOf the password of each read-only account, by its name; set on every call
     * @param sourcesFolder gets one folder per source that consists of files
     */
    public List<DemoSource> generate(
            DatabaseServer server, UnaryOperator<String> passwordOf, Path sourcesFolder, Path truthFile)
            throws IOException, SQLException, InterruptedException {
        requireNonNull(server, "server is null");
        DatabaseLoader loader = new DatabaseLoader(server);
        for (SourceSystem source : folder.systems()) {
            if (source.kind() == DemoSource.Kind.POSTGRES) {
                loader.grantLogin(source, passwordOf.apply(source.reader()));
            }
        }
        if (!isWhole(loader, sourcesFolder, truthFile)) {
            Files.deleteIfExists(truthFile);
            Files.createDirectories(sourcesFolder);
            Files.createDirectories(
                    requireNonNull(truthFile.toAbsolutePath().getParent(), "The truth file has no folder"));
            City city = new City(folder, seed, scale);
            Truth truth = new Truth();
            List<Callable<Boolean>> makers = new ArrayList<>();
            for (SourceSystem source : largestFirst()) {
                makers.add(() -> {
                    if (source.kind() == DemoSource.Kind.POSTGRES) {
                        loader.load(city, source, truth, mark(source));
                    } else {
                        writeFolder(city, source, truth, sourcesFolder);
                    }
                    return true;
                });
            }
            runAll(makers);
            List<TruthFile.Written> files = new ArrayList<>();
            for (SourceSystem source : folder.systems()) {
                if (source.kind() == DemoSource.Kind.FOLDER) {
                    files.addAll(TruthFile.filesOf(sourcesFolder, source));
                }
            }
            TruthFile.write(city, truth, files, truthFile);
        }
        return sources(server, sourcesFolder);
    }

    /** Writes all rows of all sources to sinks, with no database and no file; returns what was planted. */
    Truth write(BiFunction<SourceSystem, Table, Row.Sink> sinks) {
        City city = new City(folder, seed, scale);
        Truth truth = new Truth();
        for (SourceSystem source : folder.systems()) {
            for (Table table : source.tables()) {
                Row row = new Row(source, table, truth, sinks.apply(source, table));
                table.rows().write(city, row);
                truth.counted(source, table, row.written());
            }
        }
        return truth;
    }

    /** The environment has the most rows by far: it begins first, the others fill the second place. */
    private List<SourceSystem> largestFirst() {
        List<String> large = List.of(
                "environment", "health", "police", "social_security", "medical_insurance", "housing", "hotline");
        return folder.systems().stream()
                .sorted(Comparator.comparingInt(s -> large.contains(s.name()) ? large.indexOf(s.name()) : large.size()))
                .toList();
    }

    private static void writeFolder(City city, SourceSystem source, Truth truth, Path sourcesFolder)
            throws IOException {
        Path part = sourcesFolder.resolve(source.name() + ".part");
        Path whole = sourcesFolder.resolve(source.name());
        deleteFolder(part);
        Files.createDirectories(part);
        FolderWriter.write(city, source, truth, part);
        for (Path file : source.files()) {
            Files.copy(file, part.resolve(file.getFileName()));
        }
        deleteFolder(whole);
        Files.move(part, whole);
    }

    private static void deleteFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private String mark(SourceSystem source) {
        return source.title() + " [demo city " + TruthFile.VERSION + ", seed " + seed + ", scale " + scale + "]";
    }

    private boolean isWhole(DatabaseLoader loader, Path sourcesFolder, Path truthFile)
            throws IOException, SQLException {
        Optional<JsonNode> truth = TruthFile.read(truthFile);
        if (truth.isEmpty()
                || truth.get().path("seed").asLong() != seed
                || truth.get().path("scale").asDouble() != scale) {
            return false;
        }
        for (SourceSystem source : folder.systems()) {
            if (source.kind() == DemoSource.Kind.POSTGRES
                    && !loader.findMark(source).equals(Optional.of(mark(source)))) {
                return false;
            }
        }
        for (JsonNode file : truth.get().path("files")) {
            Path path = sourcesFolder
                    .resolve(file.path("source").asString())
                    .resolve(file.path("file").asString());
            if (!Files.isRegularFile(path)
                    || Files.size(path) != file.path("bytes").asLong()) {
                return false;
            }
        }
        return true;
    }

    private static void runAll(List<Callable<Boolean>> makers) throws IOException, SQLException, InterruptedException {
        try (ExecutorService executor = Executors.newFixedThreadPool(
                AT_ONCE, Thread.ofPlatform().daemon().name("demo-city-", 1).factory())) {
            List<Future<Boolean>> running =
                    makers.stream().map(executor::submit).toList();
            try {
                for (Future<Boolean> one : running) {
                    one.get();
                }
            } catch (ExecutionException failed) {
                executor.shutdownNow();
                switch (requireNonNull(failed.getCause(), "cause is null")) {
                    case IOException e -> throw e;
                    case SQLException e -> throw e;
                    case UncheckedIOException e -> throw requireNonNull(e.getCause(), "cause is null");
                    case Throwable e -> throw new IllegalStateException("The demo city could not be made", e);
                }
            } catch (InterruptedException stopped) {
                executor.shutdownNow();
                throw stopped;
            }
        }
    }
}

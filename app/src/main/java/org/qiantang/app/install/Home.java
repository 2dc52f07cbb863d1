package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.qiantang.app.demo.CityFolder;
import org.qiantang.core.Problem;

/**
 * The one directory an installation lives in: everything that must be backed up, and nothing outside of it. Only the account that
 * started the platform can look inside.
 */
public final class Home {
    static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");

    private final Path directory;

    private Home(Path directory) {
        this.directory = directory;
    }

    /** Names a home without touching the disk. */
    public static Home at(Path directory) {
        return new Home(
                requireNonNull(directory, "directory is null").toAbsolutePath().normalize());
    }

    /** Creates what is missing of the layout; an existing home keeps everything it has. */
    public Home create() {
        try {
            createPrivate(directory);
            for (Path part :
                    new Path[] {secrets(), keys(), runtime(), lake(), sources(), drivers(), demo(), log(), run(), tmp()
                    }) {
                createPrivate(part);
            }
            return this;
        } catch (IOException | UnsupportedOperationException e) {
            throw new Problem(InstallProblem.HOME_UNUSABLE, "home", directory.toString(), "reason", reason(e));
        }
    }

    public Path directory() {
        return directory;
    }

    public Path secrets() {
        return directory.resolve("secrets");
    }

    public Path keys() {
        return directory.resolve("keys");
    }

    /** The public half of the key receipts are signed with: the file an auditor is given. */
    public Path receiptKey() {
        return keys().resolve("receipt.pub");
    }

    public Path operatorToken() {
        return secrets().resolve("operator.token");
    }

    /** What lets the command line in as this home's operator; only its owner can read it. */
    public String readOperatorToken() {
        return read(operatorToken())
                .map(String::strip)
                .orElseThrow(() -> new Problem(
                        InstallProblem.HOME_UNUSABLE,
                        "home",
                        directory.toString(),
                        "reason",
                        "it has no operator token yet"));
    }

    /** Holds the database's own directory; it may belong to another account than the rest of the home. */
    public Path postgres() {
        return directory.resolve("postgres");
    }

    public Path runtime() {
        return directory.resolve("runtime");
    }

    public Path lake() {
        return directory.resolve("lake");
    }

    public Path sources() {
        return directory.resolve("sources");
    }

    /** JDBC drivers are dropped here: a jar each, or a folder of jars. */
    public Path drivers() {
        return directory.resolve("drivers");
    }

    public Path demo() {
        return directory.resolve("demo");
    }

    /**
     * The city this home's demo city is.
     *
     * @throws Problem when somebody broke the folder
     */
    public CityFolder city() {
        return Files.isDirectory(cityFolder()) ? cityAt(cityFolder()) : CityFolder.builtIn();
    }

    /**
     * Makes another city than the one that comes with the program this home's, by a copy, so that the home stays whole whatever becomes of
     * the folder. A home that began with a city stays with it.
     */
    public void adoptCity(Path folder) {
        cityAt(folder);
        try {
            if (Files.isDirectory(cityFolder())) {
                if (!files(folder).equals(files(cityFolder()))) {
                    throw otherCity(folder);
                }
            } else if (Files.exists(operatorToken())) {
                throw otherCity(folder);
            } else {
                copyCity(folder);
            }
        } catch (IOException e) {
            throw new Problem(InstallProblem.CITY_UNUSABLE, "folder", folder.toString(), "reason", reason(e));
        }
    }

    private Problem otherCity(Path folder) {
        return new Problem(
                InstallProblem.OTHER_CITY,
                "home",
                directory.toString(),
                "known",
                city().name(),
                "folder",
                folder.toString());
    }

    private static CityFolder cityAt(Path folder) {
        try {
            return CityFolder.at(folder);
        } catch (IllegalArgumentException e) {
            throw new Problem(
                    InstallProblem.CITY_UNUSABLE,
                    "folder",
                    folder.toString(),
                    "reason",
                    String.valueOf(e.getMessage()));
        }
    }

    private Path cityFolder() {
        return demo().resolve("city");
    }

    private void copyCity(Path folder) throws IOException {
        Path part = demo().resolve("city.part");
        // What a kill left behind may be of another folder.
        if (Files.isDirectory(part)) {
            try (Stream<Path> left = Files.walk(part)) {
                for (Path path : left.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
        for (Map.Entry<String, String> file : files(folder).entrySet()) {
            Path copy = part.resolve(file.getKey());
            Files.createDirectories(requireNonNull(copy.getParent(), "copy has no folder"));
            Files.copy(folder.resolve(file.getKey()), copy, StandardCopyOption.REPLACE_EXISTING);
        }
        Files.move(part, cityFolder(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** What a folder holds, by relative path, each file as a digest. */
    private static Map<String, String> files(Path folder) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(file).toString(), digest(file));
            }
        }
        return files;
    }

    private static String digest(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    public Path log() {
        return directory.resolve("log");
    }

    public Path run() {
        return directory.resolve("run");
    }

    public Path tmp() {
        return directory.resolve("tmp");
    }

    /** Where the worker of that number keeps what lasts no longer than itself: each engine takes the files of its folder for its own. */
    Path tmp(int worker) {
        Path folder = worker == 1 ? tmp() : tmp().resolve("worker-" + worker);
        try {
            createPrivate(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make " + folder, e);
        }
        return folder;
    }

    /** What the operator wrote down for this installation; it need not be there. */
    Path settings() {
        return directory.resolve("qiantang.properties");
    }

    /** The address of the database a production installation was set up with. */
    Path databaseFile() {
        return directory.resolve("database.url");
    }

    /** The first account's password on a production installation. */
    public Path administratorPassword() {
        return secrets().resolve("administrator.password");
    }

    /** The first passwords of the three administrators on a production installation. */
    public Path administratorAccounts() {
        return secrets().resolve("administrators.json");
    }

    Path lockFile() {
        return run().resolve("home.lock");
    }

    /** Names the process that holds the lock. */
    Path holderFile() {
        return run().resolve("home.pid");
    }

    /** Where the running hub says how it can be reached. */
    public Path hubFile() {
        return run().resolve("hub.json");
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    /** Replaces a small file so that after a crash either the old or the new content is there in full, readable by its owner only. */
    static void write(Path file, String content) {
        Path folder = requireNonNull(file.getParent(), "file has no folder");
        Path fresh = folder.resolve(
                "." + file.getFileName() + "." + ProcessHandle.current().pid());
        try {
            Files.deleteIfExists(fresh);
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(OWNER_FILE));
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                java.nio.ByteBuffer bytes = UTF_8.encode(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            sync(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + file, e);
        }
    }

    static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file, UTF_8));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read " + file, e);
        }
    }

    /** A rename is only durable once its directory is. */
    static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void createPrivate(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(folder);
        // The traversal bit may have been granted to the account the database runs as; reading never is.
        permissions.removeIf(p -> p != PosixFilePermission.OTHERS_EXECUTE && !OWNER_ONLY.contains(p));
        Files.setPosixFilePermissions(folder, permissions);
    }

    static String reason(Exception e) {
        String message = e.getMessage();
        return message == null || message.isBlank()
                ? e.getClass().getSimpleName()
                : e.getClass().getSimpleName() + ": " + message;
    }
}

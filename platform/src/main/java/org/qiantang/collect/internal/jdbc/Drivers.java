package org.qiantang.collect.internal.jdbc;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.Driver;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/**
 * The JDBC drivers of an installation. Each jar in the drivers folder, and each folder of jars in it, has a class loader of its own that
 * sees the JDK and nothing of ours, so that two drivers with unequal versions of one library live side by side. Thread-safe; a jar that
 * was dropped in is there for the next connection.
 */
public final class Drivers {
    /** How to know the driver when one looks for it, by the scheme of the address. */
    private static final Map<String, String> JARS = Map.of(
            "dm", "DmJdbcDriver18.jar",
            "h2", "h2-*.jar",
            "kingbase8", "kingbase8-*.jar",
            "mysql", "mysql-connector-j-*.jar",
            "opengauss", "opengauss-jdbc-*.jar",
            "oracle", "ojdbc11.jar",
            "sqlite", "sqlite-jdbc-*.jar",
            "sqlserver", "mssql-jdbc-*.jre11.jar");

    private final Path folder;
    private final Map<Path, Loaded> loaded = new HashMap<>();

    public Drivers(Path folder) {
        this.folder = requireNonNull(folder, "folder is null");
    }

    private record Loaded(
            Map<Path, FileTime> jars,
            List<Driver> drivers,
            @Nullable String unusable) {}

    /** A driver, and the address as it wants it. */
    record Found(Driver driver, String url) {
        boolean isOf(String packagePrefix) {
            return driver.getClass().getName().startsWith(packagePrefix);
        }
    }

    /** @throws Problem that says which jar to put where */
    synchronized Found find(DatabaseLocation location) {
        List<String> unusable = new ArrayList<>();
        for (Path entry : entries()) {
            Loaded those = load(entry);
            if (those.unusable != null) {
                unusable.add(entry.getFileName() + ": " + those.unusable);
            }
            for (Driver driver : those.drivers) {
                if (accepts(driver, location.url())) {
                    return new Found(driver, location.url());
                }
            }
        }
        if (location.isMySql()) {
            // The one driver that is always there speaks to both products.
            return new Found(
                    new org.mariadb.jdbc.Driver(),
                    "jdbc:mariadb:"
                            + location.url()
                                    .substring(
                                            "jdbc:".length() + location.scheme().length() + 1));
        }
        throw new Problem(
                CollectProblem.NO_DRIVER,
                "product",
                location.scheme(),
                "jar",
                JARS.getOrDefault(location.scheme(), "*.jar"),
                "folder",
                folder.toString(),
                "unusable",
                String.join("; ", unusable));
    }

    private List<Path> entries() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> list = Files.list(folder)) {
            return list.filter(path -> Files.isDirectory(path) || isJar(path))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static boolean isJar(Path path) {
        return path.getFileName().toString().endsWith(".jar") && Files.isRegularFile(path);
    }

    private Loaded load(Path entry) {
        Map<Path, FileTime> jars = new HashMap<>();
        try (Stream<Path> list = Files.isDirectory(entry) ? Files.list(entry) : Stream.of(entry)) {
            for (Path jar : list.filter(Drivers::isJar).toList()) {
                jars.put(jar, Files.getLastModifiedTime(jar));
            }
        } catch (IOException e) {
            return new Loaded(Map.of(), List.of(), e.toString());
        }
        Loaded known = loaded.get(entry);
        if (known != null && known.jars.equals(jars)) {
            return known;
        }
        Loaded fresh = load(jars);
        loaded.put(entry, fresh);
        return fresh;
    }

    /** The class loader stays open: connections may live as long as the process. */
    private static Loaded load(Map<Path, FileTime> jars) {
        List<Driver> drivers = new ArrayList<>();
        try {
            List<URL> urls = new ArrayList<>();
            for (Path jar : jars.keySet()) {
                urls.add(jar.toUri().toURL());
            }
            URLClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
            ServiceLoader.load(Driver.class, loader).forEach(drivers::add);
            return new Loaded(jars, drivers, drivers.isEmpty() ? "it names no JDBC driver" : null);
        } catch (MalformedURLException | ServiceConfigurationError | LinkageError e) {
            return new Loaded(jars, drivers, e.toString());
        }
    }

    private static boolean accepts(Driver driver, String url) {
        try {
            return driver.acceptsURL(url);
        } catch (SQLException e) {
            return false;
        }
    }
}

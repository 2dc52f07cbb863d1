package org.qiantang.app.install;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.qiantang.app.Qiantang;

/** The artefact that is running, so that it can start itself in another role and name its version. */
public final class ThisProgram {
    private ThisProgram() {}

    public static String version() {
        Properties properties = new Properties();
        try (InputStream in = Qiantang.class.getResourceAsStream("version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version", "?");
    }

    /**
     * The command line that starts this artefact on the Java it runs on now.
     *
     * @param role whose cache of prepared classes is used, when the build has made one
     */
    public static List<String> command(String role, List<String> options, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        String classPath = System.getProperty("java.class.path");
        beside(role + ".aot").ifPresent(cache -> command.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:aot*=off")));
        // Inside a self-contained jar the classes are nested, and only its own launcher finds them.
        boolean nested =
                String.valueOf(Qiantang.class.getResource("Qiantang.class")).startsWith("jar:nested:");
        command.addAll(List.of("-cp", absolute(classPath)));
        command.add(nested ? "org.springframework.boot.loader.launch.JarLauncher" : Qiantang.class.getName());
        command.addAll(List.of(arguments));
        return command;
    }

    /** Options with which the JVM notes, when it ends, which classes a role uses; see {@code bin/build}. */
    public static List<String> recording(Path folder, String role) {
        return List.of("-XX:AOTMode=record", "-XX:AOTConfiguration=" + folder.resolve(role + ".aotconf"));
    }

    /** A file or directory the build put beside the program, when this is a built program. */
    static Optional<Path> beside(String name) {
        String classPath = System.getProperty("java.class.path");
        return Optional.of(classPath)
                .filter(path -> !path.contains(":"))
                .map(path -> Path.of(path).toAbsolutePath().resolveSibling(name))
                .filter(Files::exists);
    }

    private static String absolute(String classPath) {
        List<String> parts = new ArrayList<>();
        for (String part : classPath.split(":", -1)) {
            if (!part.isEmpty()) {
                parts.add(Path.of(part).toAbsolutePath().toString());
            }
        }
        return String.join(":", parts);
    }
}

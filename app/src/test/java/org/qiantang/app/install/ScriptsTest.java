package org.qiantang.app.install;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/java-home}, which decides whether a stranger's first command works. */
class ScriptsTest {
    @TempDir
    Path folder;

    @Test
    void theNewEnoughJdkOfAFolderIsFoundAmongOlderOnes() throws Exception {
        jdk("jvm/java-17", "17.0.15");
        Path wanted = jdk("jvm/a jdk 25", "25.0.3");

        assertThat(find(folder.resolve("nowhere"))).isEqualTo("0 " + wanted);
    }

    @Test
    void javaHomeComesFirstWhenItIsNewEnough() throws Exception {
        jdk("jvm/jdk-25", "25.0.1");
        Path own = jdk("own", "26");

        assertThat(find(own)).isEqualTo("0 " + own);
    }

    @Test
    void anOldJavaHomeIsPassedOver() throws Exception {
        Path old = jdk("old", "17.0.1");
        Path wanted = jdk("jvm/jdk-25", "25");

        assertThat(find(old)).isEqualTo("0 " + wanted);
    }

    @Test
    void withoutAnyItSaysInOneLineWhatIsMissing() throws Exception {
        jdk("jvm/java-21", "21.0.2");

        String answer = find(folder.resolve("nowhere"));

        assertThat(answer).startsWith("1 ").contains("JDK 25");
        assertThat(answer.lines()).hasSize(1);
    }

    private Path jdk(String name, String version) throws IOException {
        Path jdk = folder.resolve(name);
        Files.createDirectories(jdk.resolve("bin"));
        Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
        Files.createFile(
                jdk.resolve("bin/javac"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        return jdk;
    }

    /** The script's exit status and what it found or said. */
    private String find(Path javaHome) throws Exception {
        String script = ". \"$0\" && echo \"$JAVA_HOME\"";
        // A search path without any Java, so that this machine's own does not answer.
        Path tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : List.of("sed", "head", "readlink", "dirname")) {
            if (!Files.exists(tools.resolve(tool))) {
                Files.createSymbolicLink(tools.resolve(tool), Path.of(Spawner.tool(tool)));
            }
        }
        ProcessBuilder builder = new ProcessBuilder(
                        Spawner.tool("bash"),
                        "-c",
                        script,
                        checkout().resolve("bin/java-home").toString())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().put("JAVA_HOME", javaHome.toString());
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("QIANTANG_JVM_FOLDERS", folder.resolve("jvm").toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        return process.waitFor() + " " + said;
    }

    private static Path checkout() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("bin/java-home"))) {
            folder = java.util.Objects.requireNonNull(folder.getParent(), "not inside a checkout");
        }
        return folder;
    }
}

package org.qiantang.flight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Over which lines passwords may travel. */
class GatewayOptionsTest {
    @TempDir
    Path folder;

    @Test
    void withoutMoreItListensOnThisMachineAlone() {
        GatewayOptions options = GatewayOptions.of("--hub", "http://127.0.0.1:8080");

        assertThat(options.host()).isEqualTo("127.0.0.1");
        assertThat(options.hub()).hasToString("http://127.0.0.1:8080/");
        assertThat(options.tlsCertificate()).isNull();
    }

    @Test
    void passwordsDoNotTravelInTheOpenUnlessSomebodySaysSo() throws IOException {
        String certificate = Files.createFile(folder.resolve("chain.pem")).toString();
        String key = Files.createFile(folder.resolve("key.pem")).toString();

        refused("TLS", "--hub", "https://hub.example/", "--host", "0.0.0.0");
        refused("https", "--hub", "http://198.51.100.7/");
        refused("belong together", "--hub", "https://hub.example/", "--tls-cert", certificate);
        assertThat(GatewayOptions.of("--hub", "https://hub.example/", "--host", "0.0.0.0", "--insecure")
                        .host())
                .isEqualTo("0.0.0.0");
        assertThat(GatewayOptions.of(
                                "--hub",
                                "https://hub.example/",
                                "--host",
                                "0.0.0.0",
                                "--tls-cert",
                                certificate,
                                "--tls-key",
                                key)
                        .tlsKey())
                .isEqualTo(Path.of(key));
    }

    @Test
    void nonsenseIsNamed() {
        refused("which hub");
        refused("--prot", "--hub", "https://hub.example/", "--prot", "1");
        refused("No port", "--hub", "https://hub.example/", "--port", "70000");
        refused("No address", "--hub", "hub.example");
        refused(
                "Cannot read",
                "--hub",
                "https://hub.example/",
                "--tls-cert",
                "/no/such.pem",
                "--tls-key",
                "/no/such.pem");
    }

    @Test
    void aPatternIsSqlsAndNothingElse() {
        assertThat(LakeProducer.like("raw_%")).accepts("raw_police", "RAW.x").rejects("std_police");
        assertThat(LakeProducer.like("a.c")).accepts("a.c").rejects("abc");
        assertThat(LakeProducer.like(null)).accepts("anything");
    }

    private static void refused(String because, String... arguments) {
        assertThatThrownBy(() -> GatewayOptions.of(arguments))
                .isInstanceOf(GatewayOptions.Refused.class)
                .hasMessageContaining(because);
    }
}

package org.qiantang.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.install.Home;
import org.qiantang.app.install.Secrets;
import org.qiantang.collect.Receipt;
import org.qiantang.core.CanonicalJson;
import org.qiantang.core.Sealing;
import tools.jackson.databind.json.JsonMapper;

/** A receipt in an auditor's hands, far from the installation. */
class ReceiptVerifyTest {
    @TempDir
    Path folder;

    private Home home;
    private Secrets secrets;

    @BeforeEach
    void anInstallation() {
        home = Home.at(folder.resolve("home")).create();
        secrets = Secrets.of(home);
    }

    @Test
    void aGenuineReceiptIsValid() throws Exception {
        assertThat(verify(signed(Receipt.Verdict.complete))).isZero();
        assertThat(verify(signed(Receipt.Verdict.complete) + "\n")).isZero();
    }

    @Test
    void aGenuineReceiptThatSaysIncompleteEndsWithThree() throws Exception {
        assertThat(verify(signed(Receipt.Verdict.incomplete))).isEqualTo(3);
    }

    @Test
    void anyChangeMakesItInvalid() throws Exception {
        String signed = signed(Receipt.Verdict.complete);

        assertThat(verify(signed.replace("人口库", "人口库2"))).isEqualTo(1);
        assertThat(verify(signed.replace("\"verdict\"", "\"verdict\":\"incomplete\",\"verdict\"")))
                .isEqualTo(1);
        assertThat(verify(signed.replace("Ed25519", "none"))).isEqualTo(1);
        assertThat(verify("{}")).isEqualTo(1);
        assertThat(verify("not json")).isEqualTo(1);
    }

    @Test
    void anotherInstallationsReceiptIsInvalidUnlessItsKeyIsTrusted() throws Exception {
        String foreign = signed(Receipt.Verdict.complete);
        Home other = Home.at(folder.resolve("other")).create();
        Secrets.of(other);

        assertThat(verify(foreign, "--home", other.toString())).isEqualTo(1);
        assertThat(verify(
                        foreign,
                        "--home",
                        other.toString(),
                        "--key",
                        home.receiptKey().toString()))
                .isZero();
        assertThat(verify(foreign, "--home", folder.resolve("nothing").toString()))
                .isEqualTo(1);
        assertThat(folder.resolve("nothing")).doesNotExist();
    }

    private int verify(String document, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("receipt.json"), document);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(said, true, UTF_8);
        List<String> line = new ArrayList<>(List.of("receipt", "verify", file.toString()));
        line.addAll(more.length == 0 ? List.of("--home", home.toString()) : List.of(more));
        return CommandLine.of(print, print, Map.of()).run(line);
    }

    private String signed(Receipt.Verdict verdict) {
        Sealing sealing =
                new Sealing(secrets.masterKey(), new KeyPair(secrets.receiptPublicKey(), secrets.receiptKey()));
        Receipt receipt = new Receipt(
                Receipt.VERSION,
                "Test",
                Sealing.fingerprint(sealing.publicKey()),
                "run-1",
                new Receipt.SourceDescription("city", "人口库", "POSTGRES", "jdbc:postgresql://db/city", "police"),
                List.of(),
                null,
                null,
                Instant.parse("2026-11-23T08:00:00Z"),
                List.of(),
                new Receipt.Totals(0, 0, 0, 0, 0, 0, 0),
                verdict,
                verdict == Receipt.Verdict.complete
                        ? List.of()
                        : List.of(new Receipt.Missing("public.x", "collect.x", "May not be read")));
        Object content = JsonMapper.shared().valueToTree(receipt);
        Base64.Encoder base64 = Base64.getEncoder();
        return new String(
                CanonicalJson.bytes(Map.of(
                        "receipt",
                        content,
                        "signature",
                        Map.of(
                                "algorithm",
                                Sealing.ALGORITHM,
                                "publicKey",
                                base64.encodeToString(sealing.publicKey().getEncoded()),
                                "value",
                                base64.encodeToString(sealing.sign(CanonicalJson.bytes(content)))))),
                UTF_8);
    }
}

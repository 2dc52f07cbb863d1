package org.qiantang.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.install.Home;
import org.qiantang.app.install.Secrets;

/** A receipt in an auditor's hands, far from the installation. */
class ReceiptCheckTest {
    private static final String COMPLETE =
            "{\"runId\":\"r1\",\"verdict\":\"complete\",\"source\":{\"title\":\"人口\\u0001\\n𠮷\",\"name\":\"city\"},\"totals\":{\"tables\":1,\"rowsLanded\":12}}";

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
    void aGenuineReceiptIsValidHoweverItIsLaidOut() throws Exception {
        String signed = signed(COMPLETE);

        assertThat(verify(signed)).isZero();
        assertThat(verify(signed.replace(",", " ,\n  "))).isZero();
    }

    @Test
    void aGenuineReceiptThatSaysIncompleteEndsWithThree() throws Exception {
        assertThat(verify(signed(COMPLETE.replace("complete", "incomplete")))).isEqualTo(3);
    }

    @Test
    void anyChangeMakesItInvalid() throws Exception {
        String signed = signed(COMPLETE);

        assertThat(verify(signed.replace("12", "13"))).isEqualTo(1);
        assertThat(verify(signed.replace("\"verdict\"", "\"verdict\":\"x\",\"verdict\"")))
                .isEqualTo(1);
        assertThat(verify(signed.replace("Ed25519", "none"))).isEqualTo(1);
        assertThat(verify("{}")).isEqualTo(1);
        assertThat(verify("not json")).isEqualTo(1);
    }

    @Test
    void anotherInstallationsReceiptIsInvalidUnlessItsKeyIsTrusted() throws Exception {
        String foreign = signed(COMPLETE);
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
    }

    private int verify(String document, String... more) throws IOException {
        Path file = Files.writeString(folder.resolve("receipt.json"), document);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(said, true, UTF_8);
        List<String> line = new java.util.ArrayList<>(List.of("receipt", "verify", file.toString()));
        line.addAll(more.length == 0 ? List.of("--home", home.toString()) : List.of(more));
        return CommandLine.of(print, print, Map.of()).run(line);
    }

    private String signed(String receipt) throws Exception {
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(secrets.receiptKey());
        signature.update(ReceiptCheck.canonical(ReceiptCheck.read(receipt)).getBytes(UTF_8));
        return "{\"receipt\":" + receipt + ",\"signature\":{\"algorithm\":\"Ed25519\",\"value\":\""
                + Base64.getEncoder().encodeToString(signature.sign()) + "\"}}";
    }
}

package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.install.Secrets.FirstAccount;

class SecretsTest {
    @TempDir
    Path folder;

    @Test
    void onlyTheOwnerCanReadThem() throws IOException {
        Home home = Home.at(folder.resolve("home")).create();
        Secrets secrets = Secrets.of(home);
        secrets.postgresPassword();
        secrets.trialAccounts();

        assertThat(permissions(home.directory())).isEqualTo("rwx------");
        assertThat(permissions(home.secrets())).isEqualTo("rwx------");
        try (Stream<Path> files = Files.list(home.secrets())) {
            assertThat(files.toList())
                    .extracting(file -> file.getFileName().toString())
                    .contains(
                            "postgres.password", "operator.token", "master.key", "receipt.key", "trial-accounts.json");
        }
        try (Stream<Path> files = Files.list(home.secrets())) {
            assertThat(files).allSatisfy(file -> assertThat(permissions(file)).isEqualTo("rw-------"));
        }
    }

    @Test
    void theyStayTheSameInOneHomeAndDifferBetweenHomes() {
        Home one = Home.at(folder.resolve("one")).create();
        Secrets first = Secrets.of(one);
        Secrets again = Secrets.of(one);
        Secrets other = Secrets.of(Home.at(folder.resolve("two")).create());

        assertThat(again.postgresPassword()).isEqualTo(first.postgresPassword());
        assertThat(again.operatorToken()).isEqualTo(first.operatorToken());
        assertThat(again.masterKey()).isEqualTo(first.masterKey()).hasSize(32);
        assertThat(again.receiptKey()).isEqualTo(first.receiptKey());
        assertThat(again.receiptPublicKey()).isEqualTo(first.receiptPublicKey());
        assertThat(again.trialAccounts()).isEqualTo(first.trialAccounts());
        assertThat(other.postgresPassword()).isNotEqualTo(first.postgresPassword());
        assertThat(other.operatorToken()).isNotEqualTo(first.operatorToken());
        assertThat(other.masterKey()).isNotEqualTo(first.masterKey());
        assertThat(other.receiptPublicKey()).isNotEqualTo(first.receiptPublicKey());
        List<String> passwords = Stream.of(first, other)
                .flatMap(secrets -> secrets.trialAccounts().stream())
                .map(FirstAccount::password)
                .toList();
        assertThat(passwords).doesNotHaveDuplicates().hasSize(18);
    }

    @Test
    void noneShowsInTheTextOfTheObjectThatHoldsIt() {
        Secrets secrets = Secrets.of(Home.at(folder.resolve("home")).create());
        FirstAccount engineer = secrets.trialAccounts().getFirst();

        assertThat(engineer.toString()).doesNotContain(engineer.password());
        assertThat(new DatabaseSettings("jdbc:x", "u", "hidden").toString()).doesNotContain("hidden");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}

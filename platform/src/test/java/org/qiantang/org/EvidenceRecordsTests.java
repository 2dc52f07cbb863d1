package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;
import org.qiantang.evidence.FolderCheck;
import org.qiantang.evidence.LogKey;
import org.qiantang.evidence.Proof;

class EvidenceRecordsTests {
    private static final Actor ADMIN = new Actor("sysadmin", "10.0.0.1");

    private Organisations city;

    @BeforeEach
    void open() {
        city = new Organisations();
    }

    @AfterEach
    void close() throws IOException {
        city.evidence.close();
    }

    private void act(String subject) {
        city.audit.record(ADMIN, Act.ACCOUNT_CREATED, subject, Map.of(), Map.of());
    }

    @Test
    void anAdministrativeActIsProvenWithoutThePlatform() throws IOException {
        act("chen.gong");

        await().until(() -> city.evidence.prove(0).isPresent());
        Proof proof = Proof.parse(city.evidence.prove(0).orElseThrow().text());
        proof.verify(LogKey.parse(city.evidence.state().key()));
        assertThat(proof.entryText()).contains("ACCOUNT_CREATED", "chen.gong", "sysadmin");
    }

    @Test
    void anActThatCannotBecomeEvidenceDoesNotHappen() throws IOException {
        city.evidence.close();
        Files.deleteIfExists(city.evidenceFolder);
        Files.createFile(city.evidenceFolder);

        assertThatThrownBy(() -> act("chen.gong"))
                .isInstanceOfSatisfying(
                        Problem.class,
                        problem -> assertThat(problem.code()).isEqualTo(OrgProblem.EVIDENCE_UNAVAILABLE));
        assertThat(city.jdbc
                        .sql("select count(*) from org_audit")
                        .query(Long.class)
                        .single())
                .isZero();

        Files.delete(city.evidenceFolder);
        act("chen.gong");
        assertThat(city.jdbc
                        .sql("select count(*) from org_audit")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void aFolderThatWasTakenBackIsToldByTheDatabase() throws IOException {
        act("first");
        city.evidence.close();
        Path before = city.evidenceFolder.resolveSibling("before");
        copy(city.evidenceFolder, before);
        act("second");
        city.evidence.close();
        await().until(() -> city.jdbc
                        .sql("select max(size) from org_checkpoints")
                        .query(Long.class)
                        .single()
                == 2);

        copy(before, city.evidenceFolder);

        assertThatThrownBy(() -> act("third")).isInstanceOf(Problem.class).hasMessageContaining("2 entries");
    }

    @Test
    void theLogGoesOnAfterARestartUnderItsName() throws IOException {
        act("first");
        String key = city.evidence.state().key();
        city.evidence.close();
        try (EvidenceRecords again = city.openEvidence()) {
            assertThat(again.record(Map.of("kind", "test")).index()).isEqualTo(1);
            assertThat(again.state().key()).isEqualTo(key);
        }
        assertThat(FolderCheck.check(city.evidenceFolder, LogKey.parse(key), List.of()))
                .isEqualTo(new FolderCheck.Verdict(2, 0, 0));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copied = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copied);
                } else {
                    Files.copy(file, copied, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }
}

package org.qiantang.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.qiantang.core.Problem;
import org.qiantang.evidence.FolderCheck;
import org.qiantang.evidence.LogKey;

/** What evidence says is forgotten when its time has come, unless somebody has it held; that it was there is not. */
class EvidenceHoldsTests {
    private static final Actor AUDITOR = new Actor("audit.admin", "10.0.0.1");
    /** As many as a file of the log has. */
    private static final int FILE = 1 << 14;

    private Organisations city;
    private EvidenceHolds holds;
    private EvidenceRetention retention;

    @BeforeEach
    void open() {
        city = new Organisations();
        holds = new EvidenceHolds(city.jdbc, city.transaction, city.audit, city.clock);
        retention = new EvidenceRetention(city.evidence, holds, city.audit, new EvidenceRetention.Kept(3), city.clock);
    }

    @AfterEach
    void close() throws IOException {
        city.evidence.close();
    }

    /** Two files of entries, the first of 2027, the second of 2028, and the beginning of a third. */
    private void fill() {
        for (String year : List.of("2027", "2028")) {
            try (ExecutorService people = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < FILE; i++) {
                    Map<String, Object> entry = Map.of("kind", "test", "at", year + "-05-01T00:00:00Z", "n", i);
                    people.submit(() -> city.evidence.record(entry));
                }
            }
        }
        city.evidence.record(Map.of("kind", "test", "at", "2028-05-02T00:00:00Z"));
        await().atMost(Duration.ofSeconds(30)).until(() -> city.evidence.state().size() == 2 * FILE + 1);
    }

    private void passTo(String time) {
        city.clock.pass(Duration.between(city.clock.instant(), Instant.parse(time)));
    }

    private EvidenceHold hold(String from, String until) {
        return holds.place(AUDITOR, Instant.parse(from), Instant.parse(until), "案号 (2026) 浙01 民初 1 号");
    }

    @Test
    void whatIsHeldStaysUntilItIsReleased() throws IOException {
        fill();
        EvidenceHold hold = hold("2027-04-30T00:00:00Z", "2027-06-01T00:00:00Z");

        passTo("2031-01-01T00:00:00Z");
        assertThat(retention.dropWhatIsOld()).isZero();
        assertThat(city.evidence.prove(7)).isPresent();

        passTo("2031-06-01T00:00:00Z");
        assertThat(retention.dropWhatIsOld()).isEqualTo(FILE);
        assertThat(city.evidence.prove(7)).isPresent();
        assertThat(city.evidence.prove(FILE + 7)).isEmpty();

        holds.release(AUDITOR, hold.id(), "结案");
        assertThat(retention.dropWhatIsOld()).isEqualTo(FILE);
        assertThat(city.evidence.prove(7)).isEmpty();
        assertThat(city.evidence.prove(2 * FILE)).isPresent();
        LogKey key = LogKey.parse(city.evidence.state().key());
        city.evidence.close();
        assertThat(FolderCheck.check(city.evidenceFolder, key, List.of()).dropped())
                .isEqualTo(2 * FILE);
        assertThat(city.audit.list(new AuditTrail.Wanted(null, null, null, 0, 10)))
                .extracting(AuditEntry::act)
                .containsExactly(Act.EVIDENCE_DROPPED, Act.EVIDENCE_RELEASED, Act.EVIDENCE_DROPPED, Act.EVIDENCE_HELD);
    }

    @Test
    void aHoldHasASpanAndAReasonAndIsReleasedOnce() {
        assertThatThrownBy(() -> hold("2020-06-01T00:00:00Z", "2020-06-01T00:00:00Z"))
                .isInstanceOfSatisfying(
                        Problem.class, e -> assertThat(e.code()).isEqualTo(OrgProblem.HOLD_WITHOUT_SPAN));
        assertThatThrownBy(() -> holds.place(AUDITOR, Instant.EPOCH, Instant.EPOCH.plusSeconds(1), " "))
                .isInstanceOfSatisfying(
                        Problem.class, e -> assertThat(e.code()).isEqualTo(OrgProblem.HOLD_WITHOUT_REASON));
        assertThatThrownBy(() -> holds.release(AUDITOR, UUID.randomUUID(), "x")).isInstanceOf(Problem.class);
        EvidenceHold hold = hold("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z");
        assertThat(holds.release(AUDITOR, hold.id(), "结案").releasedBy()).isEqualTo("audit.admin");
        assertThatThrownBy(() -> holds.release(AUDITOR, hold.id(), "结案"))
                .isInstanceOfSatisfying(Problem.class, e -> assertThat(e.code()).isEqualTo(OrgProblem.HOLD_RELEASED));
        assertThat(holds.list()).hasSize(1);
    }

    @Test
    void lessThanThreeYearsIsNoRetention() {
        assertThatThrownBy(() -> new EvidenceRetention.Kept(2)).hasMessageContaining("3 years");
    }
}

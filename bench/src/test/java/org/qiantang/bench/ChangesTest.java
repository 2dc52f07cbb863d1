package org.qiantang.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A comparison of readers is worth nothing when the log does not hold what it is said to hold. */
class ChangesTest {
    @Test
    void aPairHasItsChangesInTheLogAndNothingElse(@TempDir Path work) throws Exception {
        try (Source source = Source.start(work, "wal_level=logical")) {
            Changes changes = new Changes(source, 20_000);
            try (Connection connection = source.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("select pg_create_logical_replication_slot('test', 'test_decoding')");
            }
            long before = changes.digest().rows();

            changes.write();

            assertThat(changes.perPair()).isEqualTo(20_000);
            assertThat(changes.digest().rows()).isEqualTo(before + 10_000 - 2_000);
            String log = "select count(*) from pg_logical_slot_peek_changes('test', '" + changes.end() + "', null)"
                    + " where data like 'table public.permits: ";
            assertThat(source.single(log + "INSERT%'")).isEqualTo(10_000);
            assertThat(source.single(log + "UPDATE%'")).isEqualTo(8_000);
            assertThat(source.single(log + "DELETE%'")).isEqualTo(2_000);
        }
    }
}

package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A small demo city whose source systems live in the very PostgreSQL that is killed while they are made and collected. */
class TrialCityIT {
    private static final Set<String> ENDED = Set.of("COMPLETE", "INCOMPLETE", "FAILED", "CANCELLED");
    private static final int SOURCES = 13;

    @TempDir
    Path folder;

    private HubProcess hub;

    @AfterEach
    void stop() {
        hub.kill();
        await().atMost(Duration.ofSeconds(60)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void theCityIsThereInFullThoughItsDatabaseIsKilledAgainAndAgain() throws Exception {
        Home home = Home.at(folder.resolve("home"));
        hub = HubProcess.start(home, "--scale", "0.02", "--port", "0");
        HubClient client = hub.client();

        killPostgres();
        await().atMost(HubProcess.PATIENCE)
                .ignoreExceptions()
                .until(() -> !runs(client, Set.of("RUNNING")).isEmpty());
        killPostgres();
        for (int done : List.of(2, 6, 10)) {
            await().atMost(HubProcess.PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .ignoreExceptions()
                    .until(() -> runs(client, ENDED).size() >= done);
            killPostgres();
        }

        await().atMost(HubProcess.PATIENCE)
                .ignoreExceptions()
                .until(() -> runs(client, ENDED).size() == SOURCES);
        Map<String, String> ended = runs(client, ENDED);
        // The one file with ragged lines says so; everything else is complete.
        assertThat(ended.values()).containsOnly("COMPLETE", "INCOMPLETE").containsOnlyOnce("INCOMPLETE");
        assertThat(rows(client)).containsAllEntriesOf(rowsThatWereMade(home));
    }

    private void killPostgres() {
        long pid = await().atMost(HubProcess.PATIENCE).until(() -> hub.postgres(), found -> found > 0);
        Processes.kill(pid);
        await().atMost(HubProcess.PATIENCE).until(() -> hub.postgres() > 0 && hub.postgres() != pid);
    }

    /** The sources whose last run is in one of these states, with the state. */
    private static Map<String, String> runs(HubClient client, Set<String> states) {
        Map<String, String> runs = new TreeMap<>();
        for (JsonNode source : client.listSources()) {
            String state = source.path("lastRun").path("state").asString("");
            if (states.contains(state)) {
                runs.put(source.path("name").asString(), state);
            }
        }
        return runs;
    }

    private static Map<String, Long> rows(HubClient client) {
        Map<String, Long> rows = new TreeMap<>();
        for (JsonNode table : client.listTables()) {
            rows.put(table.path("lakeTable").asString(), table.path("rows").asLong());
        }
        return rows;
    }

    /** Of every table of every database. */
    private static Map<String, Long> rowsThatWereMade(Home home) throws IOException {
        Map<String, Long> rows = new TreeMap<>();
        JsonMapper.shared()
                .readTree(Files.readString(home.demo().resolve("truth.json")))
                .path("rows")
                .properties()
                .forEach(table -> Optional.of(table.getKey().split("[/.]"))
                        .filter(parts -> parts.length == 3)
                        .ifPresent(parts -> rows.put(
                                "raw_" + parts[0] + "." + parts[1] + "__" + parts[2],
                                table.getValue().asLong())));
        return rows;
    }
}

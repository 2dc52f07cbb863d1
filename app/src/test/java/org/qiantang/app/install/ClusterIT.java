package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.lake.ClusterSettings;
import org.qiantang.lake.Lake;
import org.qiantang.lake.LakeSettings;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.RowSink;
import org.qiantang.testing.Lakes;
import org.qiantang.testing.SharedData;
import org.qiantang.testing.TestCluster;
import org.qiantang.testing.TestPostgres;
import tools.jackson.databind.JsonNode;

/** A whole installation whose SQL is answered by a cluster of a coordinator and a worker over the same catalogue and files. */
@EnabledIfSystemProperty(named = "qiantang.test.long", matches = "true")
class ClusterIT {
    private static final Set<String> ENDED = Set.of("COMPLETE", "INCOMPLETE", "FAILED", "CANCELLED");
    private static final int DEMO_SOURCES = 13;
    private static final int TRANSACTIONS = 600;

    /** So many tables are merged by the cluster while they are followed. */
    private static final int MERGES = 20;

    @TempDir
    Path folder;

    private HubProcess hub;
    private TestCluster cluster;
    private Lake lake;
    private Queries throughCluster;

    @AfterEach
    void stop() {
        if (lake != null) {
            lake.close();
        }
        cluster.close();
        hub.kill();
        await().atMost(Duration.ofSeconds(60)).until(() -> Processes.of(folder).isEmpty());
    }

    @Test
    void bothEnginesAnswerAlikeWhileTheCityIsCollectedAndFollowed() throws Exception {
        Home home = Home.at(folder.resolve("home"));
        cluster = new TestCluster(folder.resolve("trino"));
        hub = HubProcess.start(
                home,
                Map.of(
                        "QIANTANG_ENGINE", "trino",
                        "QIANTANG_TRINO_URL", cluster.url().toString(),
                        "QIANTANG_TRINO_USERNAME", "qiantang",
                        "QIANTANG_TRINO_PASSWORD", cluster.password("qiantang"),
                        "QIANTANG_TRINO_CERTIFICATE", cluster.certificate().toString()),
                "--scale",
                "0.02",
                "--port",
                "0");
        HubClient client = hub.client();
        String pagila = pagila();
        String source = client.createSource(
                        "pagila", "pagila", "market", pagila, TestPostgres.USER, TestPostgres.PASSWORD)
                .path("id")
                .asString();
        String catalog =
                "jdbc:postgresql://127.0.0.1:" + port(home) + "/" + PostgresServer.DATABASE + "?currentSchema=lake";
        String password = Secrets.of(home).postgresPassword();
        lake = Lake.open(
                LakeSettings.small(catalog, PostgresServer.SUPERUSER, password, home.lake(), folder.resolve("tmp")));
        cluster.start(catalog + "_cluster", PostgresServer.SUPERUSER, password, false);
        cluster.addWorker();
        throughCluster = lake.through(new ClusterSettings(
                cluster.url(), "qiantang", cluster.password("qiantang"), cluster.certificate(), "lake"));
        client.startFollowing(source);
        await().atMost(HubProcess.PATIENCE.multipliedBy(2))
                .ignoreExceptions()
                .until(() -> client.listSources().stream()
                                .filter(each -> ENDED.contains(
                                        each.path("lastRun").path("state").asString("")))
                                .count()
                        == DEMO_SOURCES + 1);

        AtomicInteger merged = new AtomicInteger();
        int refused = 0;
        try (ExecutorService office = Executors.newSingleThreadExecutor()) {
            Future<Void> work = office.submit(() -> {
                work(merged);
                return null;
            });
            while (!work.isDone()) {
                for (String table : List.of("public__film", "public__rental", "public__customer")) {
                    try {
                        cluster.execute("ALTER TABLE raw_pagila." + table + " EXECUTE optimize");
                        merged.incrementAndGet();
                    } catch (SQLException e) {
                        assertThat(e.getMessage()).containsIgnoringCase("commit");
                        refused++;
                    }
                }
            }
            work.get();
        }
        for (String table : List.of("film", "rental", "customer", "payment")) {
            String check = "SELECT count(*), sum(" + table + "_id) FROM ";
            List<String> expected = atSource(check + table);
            await().atMost(HubProcess.PATIENCE)
                    .ignoreExceptions()
                    .untilAsserted(() -> assertThat(Lakes.rows(lake, check + "raw_pagila.public__" + table)
                                    .getFirst())
                            .isEqualTo(expected));
        }

        List<Queries.TableState> tables = lake.tables();
        long all = 0;
        for (Queries.TableState table : tables) {
            String sql = "SELECT * FROM \"" + table.table().namespace() + "\".\""
                    + table.table().name() + "\"";
            String asOf = Long.toString(table.snapshotId());
            Fingerprint here = fingerprint(lake, sql, asOf);
            Fingerprint there = fingerprint(throughCluster, sql, asOf);
            assertThat(there).as(table.table().toString()).isEqualTo(here);
            all += here.rows;
        }
        System.out.println(
                "cluster: " + tables.size() + " tables with " + all + " rows are equal through both engines; " + merged
                        + " tables were merged there while followed, " + refused + " refused");
        assertThat(tables).hasSizeGreaterThan(60);
        assertThat(merged.get()).isGreaterThanOrEqualTo(MERGES);

        String film =
                "SELECT rating, count(*) AS n, avg(length) FROM raw_pagila.public__film GROUP BY rating ORDER BY rating";
        JsonNode answer = client.query(film, Optional.empty());
        assertThat(answer.path("rows").toString())
                .isEqualTo(tools.jackson.databind.json.JsonMapper.shared().writeValueAsString(Lakes.rows(lake, film)));
        assertThat(Long.parseLong(cluster.one(
                        "SELECT count(*) FROM system.runtime.queries WHERE source = 'qiantang' AND state = 'FINISHED' AND query"
                                + " LIKE '%public__film%rating%'")))
                .isPositive();
    }

    private static String pagila() {
        TestPostgres postgres = TestPostgres.shared();
        String url = postgres.createDatabase("pagila_cluster");
        Path data = SharedData.folder("pagila-postgres");
        postgres.psql("pagila_cluster", data.resolve("pagila-schema.sql"));
        postgres.psql("pagila_cluster", data.resolve("pagila-data.sql"));
        return url;
    }

    /** What goes on in the shop while its tables are followed. */
    private static void work(AtomicInteger merged) throws SQLException {
        try (Connection connection = TestPostgres.shared().connect("pagila_cluster");
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < TRANSACTIONS || merged.get() < MERGES; i++) {
                connection.setAutoCommit(false);
                statement.execute("UPDATE film SET rental_rate = rental_rate + 0.01 WHERE film_id = " + (1 + i % 1000));
                statement.execute(
                        "UPDATE customer SET activebool = NOT activebool WHERE customer_id = " + (1 + i % 599));
                statement.execute("UPDATE rental SET return_date = now() WHERE rental_id = " + (1 + i % 16_000));
                if (i % 5 == 0) {
                    statement.execute(
                            "INSERT INTO rental (rental_date, inventory_id, customer_id, staff_id) VALUES (now() + " + i
                                    + " * interval '1 second', " + (1 + i % 4000) + ", " + (1 + i % 599) + ", 1)");
                }
                connection.commit();
            }
        }
    }

    private static List<String> atSource(String sql) throws SQLException {
        try (Connection connection = TestPostgres.shared().connect("pagila_cluster");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return List.of(row.getString(1), row.getString(2));
        }
    }

    private static String port(Home home) {
        return await().atMost(HubProcess.PATIENCE)
                .until(
                        () -> Home.read(home.postgres().resolve("data/postmaster.pid"))
                                .map(text -> text.lines().toList())
                                .filter(lines -> lines.size() > 7)
                                .map(lines -> lines.get(3).strip())
                                .orElse(""),
                        port -> !port.isEmpty());
    }

    /** A table's rows in any order: how many, and the sum of a hash of each. */
    private record Fingerprint(long rows, String columns, String sum) {}

    private static Fingerprint fingerprint(Queries asked, String sql, String asOf) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        byte[] sum = new byte[32];
        List<String> header = new ArrayList<>();
        long[] rows = {0};
        asked.run(new Query(sql, asOf, Long.MAX_VALUE, Map.of()), new RowSink() {
            @Override
            public void columns(List<ResultColumn> columns) {
                columns.forEach(column -> header.add(column.toString()));
            }

            @Override
            public void row(List<String> values) {
                rows[0]++;
                for (String value : values) {
                    digest.update(
                            value == null
                                    ? new byte[] {0}
                                    : ("v" + value.length() + ":" + value).getBytes(StandardCharsets.UTF_8));
                }
                byte[] hash = digest.digest();
                IntStream.range(0, sum.length).forEach(i -> sum[i] += hash[i]);
            }
        });
        return new Fingerprint(rows[0], header.toString(), HexFormat.of().formatHex(sum));
    }
}

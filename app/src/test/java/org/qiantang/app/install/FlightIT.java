package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.qiantang.app.cli.HubClient;
import org.qiantang.testing.TestPostgres;

/** An analyst's tool at the gateway: the ordinary JDBC driver, in a class loader of its own, before a hub and a gateway as they are started. */
class FlightIT {
    private static final Path MODULE =
            Path.of("..", "flight", "target").toAbsolutePath().normalize();
    private static final Pattern AT = Pattern.compile("Flight SQL at grpc(?:\\+tls)?://127\\.0\\.0\\.1:(\\d+) ");
    private static final String SOURCE = "flown";
    private static final String PERSON = "raw_flown.public__person";
    private static final String UNKNOWN = "00000000-0000-4000-8000-00000000000f";

    /** More than the engine does in a test's time. */
    private static final String ENDLESS =
            "SELECT count(*) AS n FROM %1$s a, %1$s b, %1$s c, %1$s d, %1$s e, %1$s f".formatted(PERSON)
                    + " WHERE hash(a.id + b.id + c.id + d.id + e.id + f.id) = 7";

    @TempDir
    static Path folder;

    private static Home home;
    private static HubProcess hub;
    private static Process gateway;
    private static int port;
    private static URLClassLoader tool;
    private static Driver driver;

    @BeforeAll
    static void start() throws Exception {
        TestPostgres source = TestPostgres.shared();
        source.createDatabase(SOURCE);
        source.execute(SOURCE, """
                CREATE TABLE person (id int PRIMARY KEY, name text, id_number text, phone text, amount numeric(12,2), big bigint,
                    born date, seen timestamptz, at timestamp, flag boolean, bytes bytea)""", """
                INSERT INTO person SELECT i, '王小明', '11010519491231002X', '1381234' || lpad(i::text, 4, '0'), i * 100.25,
                    9007199254740993 * i, DATE '1949-12-31' + i, TIMESTAMPTZ '2026-11-28 08:00:00+08' + make_interval(hours => i),
                    TIMESTAMP '2026-11-28 08:00:00.000001', i % 2 = 0, '\\x00ff'::bytea FROM generate_series(1, 200) i""", "UPDATE person SET amount = NULL, born = NULL WHERE id = 2");
        home = Home.at(folder.resolve("home"));
        hub = HubProcess.start(home, "--empty", "--port", "0");
        HubClient client = hub.client();
        String id = client.createSource(
                        SOURCE, SOURCE, "hotline", source.url(SOURCE), TestPostgres.USER, TestPostgres.PASSWORD)
                .path("id")
                .asString();
        String run = client.startRun(id).path("id").asString();
        await().atMost(HubProcess.PATIENCE)
                .until(() -> client.getRun(run).path("state").asString("").equals("COMPLETE"));
        gateway = startGateway(folder.resolve("gateway.txt"));
        port = awaitPort(gateway, folder.resolve("gateway.txt"));
        tool = new URLClassLoader(
                new URL[] {
                    MODULE.resolve("driver/flight-sql-jdbc-driver.jar").toUri().toURL()
                },
                ClassLoader.getPlatformClassLoader());
        driver = (Driver) tool.loadClass("org.apache.arrow.driver.jdbc.ArrowFlightJdbcDriver")
                .getConstructor()
                .newInstance();
    }

    private static Process startGateway(Path output, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                MODULE.resolve("classes") + ":" + MODULE.resolve("gateway") + "/*",
                "org.qiantang.flight.FlightGateway",
                "--hub",
                hub.awaitAddress().url(),
                "--port",
                "0"));
        words.addAll(List.of(more));
        return new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
    }

    private static int awaitPort(Process gateway, Path output) {
        Matcher said = await().atMost(Duration.ofMinutes(1))
                .failFast(() -> assertThat(gateway.isAlive())
                        .as("%s", Files.readString(output))
                        .isTrue())
                .until(() -> AT.matcher(Files.readString(output)), Matcher::find);
        return Integer.parseInt(said.group(1));
    }

    @AfterAll
    static void stop() throws Exception {
        if (tool != null) {
            tool.close();
        }
        if (gateway != null) {
            gateway.destroy();
            assertThat(gateway.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        if (hub != null) {
            hub.kill();
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> Processes.of(folder).isEmpty());
    }

    private static Connection as(String username, String... more) throws SQLException {
        String password = Secrets.of(home).trialAccounts().stream()
                .filter(account -> account.username().equals(username))
                .findFirst()
                .orElseThrow()
                .password();
        return connect(username, password, more);
    }

    private static Connection connect(String username, String password, String... more) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", username);
        properties.setProperty("password", password);
        properties.setProperty("useEncryption", "false");
        properties.setProperty("language", "en");
        properties.setProperty("port", Integer.toString(port));
        for (int i = 0; i < more.length; i += 2) {
            properties.setProperty(more[i], more[i + 1]);
        }
        return driver.connect("jdbc:arrow-flight-sql://127.0.0.1:" + properties.remove("port") + "/", properties);
    }

    @Test
    void aToolFindsTheTablesAndTheirColumns() throws SQLException {
        try (Connection analyst = as("analyst")) {
            List<String> tables = new ArrayList<>();
            try (ResultSet rows = analyst.getMetaData().getTables(null, "raw_flown", "%", new String[] {"TABLE"})) {
                while (rows.next()) {
                    tables.add(rows.getString("TABLE_SCHEM") + "." + rows.getString("TABLE_NAME") + " "
                            + rows.getString("TABLE_TYPE"));
                }
            }
            List<String> columns = new ArrayList<>();
            try (ResultSet rows = analyst.getMetaData().getColumns(null, "raw_flown", "public__person", "%")) {
                while (rows.next()) {
                    columns.add(rows.getString("COLUMN_NAME") + " " + rows.getInt("DATA_TYPE"));
                }
            }

            assertThat(tables).containsExactly(PERSON + " TABLE");
            assertThat(columns)
                    .contains(
                            "id " + java.sql.Types.INTEGER,
                            "name " + java.sql.Types.VARCHAR,
                            "amount " + java.sql.Types.DECIMAL,
                            "big " + java.sql.Types.BIGINT,
                            "born " + java.sql.Types.DATE)
                    .hasSize(11);
            assertThat(analyst.getMetaData().getDatabaseProductName()).contains("Qiantang");
            assertThat(analyst.getMetaData().isReadOnly()).isTrue();
        }
    }

    @Test
    void whoMayReadNothingWithoutAGrantFindsNoTableAndIsToldWhy() throws SQLException {
        try (Connection officer = as("officer");
                ResultSet tables = officer.getMetaData().getTables(null, null, "%", null)) {
            assertThat(tables.next()).isFalse();
            assertThatThrownBy(() -> ask(officer, "SELECT id FROM " + PERSON))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("catalog.no_grant_named");
        }
    }

    @Test
    void underAGrantAToolSeesItsFieldsAsItSaysUntilTheDaysRowsAreUsedUpOrItEnds() throws Exception {
        Sharing sharing = new Sharing(home, hub.awaitAddress().url());
        String grant = sharing.grant(PERSON, Map.of("id", "clear", "name", "clear", "phone", "keep(3,4)"), 500);
        try (Connection officer = as("applicant", "grant", grant, "caseNumber", "JZ-2026-0001")) {
            List<String> columns = new ArrayList<>();
            try (ResultSet rows = officer.getMetaData().getColumns(null, "raw_flown", "%", "%")) {
                while (rows.next()) {
                    columns.add(rows.getString("TABLE_NAME") + "." + rows.getString("COLUMN_NAME"));
                }
            }
            assertThat(columns)
                    .containsExactlyInAnyOrder("public__person.id", "public__person.name", "public__person.phone");
            assertThat(ask(officer, "SELECT * FROM " + PERSON + " WHERE id <= 2 ORDER BY id"))
                    .containsExactly("1 王小明 138****0001", "2 王小明 138****0002");
            assertThatThrownBy(() -> ask(officer, "SELECT id_number FROM " + PERSON))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("catalog.sql_wrong");
            assertThat(ask(officer, "SELECT count(*) FROM " + PERSON + " WHERE name = '王小明'"))
                    .containsExactly("200");
            assertThat(ask(officer, "SELECT id FROM " + PERSON)).hasSize(200);
            assertThat(ask(officer, "SELECT id FROM " + PERSON)).hasSize(200);
            assertThatThrownBy(() -> ask(officer, "SELECT id FROM " + PERSON))
                    .as("the day has 97 rows left")
                    .hasMessageContaining("share.quota_used");
            Sharing.call(
                    sharing.as("officer"), "POST", "/api/share/grants/" + grant + "/revoke", Map.of("words", "核实用途"));
            assertThatThrownBy(() -> ask(officer, "SELECT id FROM " + PERSON + " LIMIT 1"))
                    .hasMessageContaining("catalog.no_such_grant");
        }
        try (Connection stranger = as("officer", "grant", grant, "caseNumber", "JZ-2026-0001")) {
            assertThatThrownBy(() -> ask(stranger, "SELECT id FROM " + PERSON))
                    .hasMessageContaining("catalog.no_such_grant");
        }
    }

    @Test
    void valuesComeWithTheirTypesAndWhatIsSensitiveIsMasked() throws SQLException {
        try (Connection analyst = as("analyst");
                Statement statement = analyst.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + PERSON + " ORDER BY id LIMIT 2")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt("id")).isEqualTo(1);
            assertThat(rows.getString("name")).isEqualTo("王**");
            assertThat(rows.getString("id_number")).startsWith("1****").doesNotContain("1949");
            assertThat(rows.getString("phone")).isEqualTo("138****0001");
            assertThat(rows.getBigDecimal("amount")).isEqualTo(new BigDecimal("100.25"));
            assertThat(rows.getLong("big")).isEqualTo(9_007_199_254_740_993L);
            assertThat(rows.getBoolean("flag")).isFalse();
            assertThat(rows.getBytes("bytes")).isEqualTo(new byte[] {0, (byte) 0xff});
            assertThat(rows.getTimestamp("seen").toInstant()).isEqualTo("2026-11-28T01:00:00Z");
            assertThat(rows.next()).isTrue();
            assertThat(rows.getBigDecimal("amount")).isNull();
            assertThat(rows.getObject("born")).isNull();
            assertThat(rows.next()).isFalse();
        }
        try (Connection analyst = as("analyst")) {
            assertThat(ask(analyst, "SELECT count(*), sum(big) FROM " + PERSON))
                    .containsExactly("200 "
                            + new BigDecimal("9007199254740993")
                                    .multiply(new BigDecimal(20_100))
                                    .toPlainString());
        }
    }

    @Test
    void theHubsOwnSentenceIsWhatTheToolShows() throws SQLException {
        try (Connection analyst = as("analyst");
                Connection chinese = as("analyst", "language", "zh-CN");
                Connection granted = as("analyst", "grant", UNKNOWN, "caseNumber", "HZ-7")) {
            assertThatThrownBy(() -> ask(analyst, "SELECT * FROM raw_flown.public__persons"))
                    .hasMessageContaining("it is not in the catalogue")
                    .hasMessageContaining(PERSON);
            assertThatThrownBy(() -> ask(chinese, "SELECT * FROM raw_flown.public__persons"))
                    .hasMessageContaining("目录中没有它");
            assertThatThrownBy(() -> ask(analyst, "SELECT * FROM read_csv('/etc/passwd')"))
                    .hasMessageContaining("catalog.sql_not_allowed");
            assertThatThrownBy(() -> ask(granted, "SELECT id FROM " + PERSON))
                    .hasMessageContaining("catalog.no_such_grant");
        }
    }

    @Test
    void nothingCanBeWrittenAndParametersAreRefused() throws SQLException {
        try (Connection analyst = as("analyst");
                Statement statement = analyst.createStatement()) {
            assertThatThrownBy(() -> statement.executeUpdate("DELETE FROM " + PERSON))
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> {
                        try (var prepared = analyst.prepareStatement("SELECT id FROM " + PERSON + " WHERE id = ?")) {
                            prepared.setInt(1, 1);
                            prepared.executeQuery().next();
                        }
                    })
                    .isInstanceOf(Exception.class);
            try (var prepared = analyst.prepareStatement("SELECT max(id) FROM " + PERSON)) {
                for (int i = 0; i < 2; i++) {
                    try (ResultSet rows = prepared.executeQuery()) {
                        assertThat(rows.next()).isTrue();
                        assertThat(rows.getInt(1)).isEqualTo(200);
                    }
                }
            }
        }
    }

    @Test
    void aWrongPasswordIsRefusedInTheHubsWords() {
        assertThatThrownBy(() -> connect("analyst", "not the password"))
                .isInstanceOf(SQLException.class)
                .hasStackTraceContaining("[org.");
        assertThatThrownBy(() -> driver.connect(
                                "jdbc:arrow-flight-sql://127.0.0.1:" + port + "/?useEncryption=false", new Properties())
                        .getMetaData()
                        .getTables(null, null, "%", null))
                .isInstanceOf(Exception.class);
    }

    @Test
    void throughTlsTheToolKnowsWhomItTalksTo() throws Exception {
        Path store = folder.resolve("gateway.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/keytool").toString(),
                        "-genkeypair",
                        "-alias",
                        "gateway",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=gateway",
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "changeit",
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.txt").toFile())
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore made = KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
        Path certificate = pem("CERTIFICATE", made.getCertificate("gateway").getEncoded());
        Path key = pem(
                "PRIVATE KEY", made.getKey("gateway", "changeit".toCharArray()).getEncoded());
        Path output = folder.resolve("gateway-tls.txt");
        Process secure = startGateway(output, "--tls-cert", certificate.toString(), "--tls-key", key.toString());
        try {
            String tls = Integer.toString(awaitPort(secure, output));

            try (Connection analyst =
                    as("analyst", "port", tls, "useEncryption", "true", "tlsRootCerts", certificate.toString())) {
                assertThat(ask(analyst, "SELECT count(*) FROM " + PERSON)).containsExactly("200");
            }
            assertThatThrownBy(() -> as("analyst", "port", tls, "useEncryption", "true"))
                    .as("nobody vouches for it")
                    .isInstanceOf(SQLException.class);
            assertThatThrownBy(() -> as("analyst", "port", tls)).isInstanceOf(SQLException.class);
        } finally {
            secure.destroy();
            assertThat(secure.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static Path pem(String what, byte[] bytes) throws IOException {
        return Files.writeString(
                folder.resolve(what.replace(' ', '-') + ".pem"),
                "-----BEGIN " + what + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes) + "\n-----END " + what
                        + "-----\n");
    }

    @Test
    @Timeout(120)
    void aToolStopsWhatTakesLong() throws Exception {
        try (Connection analyst = as("analyst");
                Statement statement = analyst.createStatement()) {
            CompletableFuture<List<String>> rows = CompletableFuture.supplyAsync(() -> {
                try (ResultSet result = statement.executeQuery(ENDLESS)) {
                    return result.next() ? List.of(result.getString(1)) : List.of();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });

            await().atMost(Duration.ofSeconds(60)).until(() -> {
                statement.cancel();
                return rows.isDone();
            });

            assertThatThrownBy(rows::join).hasRootCauseInstanceOf(Exception.class);
            // One person has two at a time: were the stopped one still there, a third would be refused.
            try (Connection again = as("analyst")) {
                await().atMost(Duration.ofSeconds(30))
                        .ignoreExceptions()
                        .until(() -> ask(again, "SELECT 1 FROM " + PERSON + " LIMIT 1")
                                .equals(List.of("1")));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                try (var left = Files.list(home.directory().resolve("extracts"))) {
                    return left.findAny().isEmpty();
                }
            });
        }
    }

    private static List<String> ask(Connection connection, String sql) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.append(i == 1 ? "" : " ").append(result.getString(i));
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }
}

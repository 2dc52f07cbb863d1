package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresServerTests {
    private static final String PASSWORD = "one-password-of-this-test";
    // An asynchronous commit reaches the log only when the writer wakes; this late, a kill always comes before.
    private static final Map<String, String> SLEEPY_WRITER = Map.of("wal_writer_delay", "10s");

    @TempDir
    Path folder;

    @Test
    void settingsThatKeepAcknowledgedWritesAreReallyOn() throws Exception {
        try (PostgresServer server = PostgresServer.start(home(), PASSWORD)) {
            assertThat(show(server, "fsync")).isEqualTo("on");
            assertThat(show(server, "synchronous_commit")).isEqualTo("on");
            assertThat(show(server, "full_page_writes")).isEqualTo("on");
            assertThat(show(server, "wal_level")).isEqualTo("logical");
            assertThat(show(server, "listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(value(server, "SELECT min(x) FROM (VALUES ('杭州'), ('安徽'), ('北京')) AS t(x)"))
                    .isEqualTo("安徽");
        }
    }

    @Test
    void aWrongPasswordIsRefused() throws Exception {
        try (PostgresServer server = PostgresServer.start(home(), PASSWORD)) {
            DatabaseSettings right = server.settings("qiantang");

            assertThatThrownBy(() -> DriverManager.getConnection(right.url(), right.username(), "a guess"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
            assertThatThrownBy(() -> DriverManager.getConnection(right.url(), right.username(), ""))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void rootStepsDownToAnAccountThatOwnsTheDataWhereNamespacesAreForbidden() throws Exception {
        assumeThat(System.getProperty("user.name"))
                .as("only root can step down")
                .isEqualTo("root");
        Home home = home();
        for (Path part = home.directory(); !part.equals(part.getRoot()); part = part.getParent()) {
            if (part.startsWith(folder)) {
                Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rwx--x--x"));
            }
        }
        DatabaseUser user = DatabaseUser.steppingDown();

        try (PostgresServer server = PostgresServer.start(home, PASSWORD, user, Map.of())) {
            assertThat(show(server, "fsync")).isEqualTo("on");
            Object uid = Files.getAttribute(Path.of("/proc/" + server.pid()), "unix:uid");
            assertThat(uid).isEqualTo(user.owner().orElseThrow().uid());
            assertThat(Files.getAttribute(home.postgres().resolve("data"), "unix:uid"))
                    .isEqualTo(uid);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.postgres())))
                    .isEqualTo("rwx------");
        }
    }

    @Test
    void whatWasAcknowledgedIsThereAfterTheServerIsKilled() throws Exception {
        try (PostgresServer server = PostgresServer.start(home(), PASSWORD, DatabaseUser.choose(), SLEEPY_WRITER)) {
            int acknowledged = insertAndKill(server);

            assertThat(survivors(server)).isEqualTo(acknowledged);
        }
    }

    /** The control: without synchronous commits the same procedure does lose rows, so the test above can fail. */
    @Test
    void theProcedureNoticesCommitsThatWereNotSynchronous() throws Exception {
        Map<String, String> careless = Map.of("wal_writer_delay", "10s", "synchronous_commit", "off");
        try (PostgresServer server = PostgresServer.start(home(), PASSWORD, DatabaseUser.choose(), careless)) {
            int acknowledged = insertAndKill(server);

            assertThat(survivors(server)).isLessThan(acknowledged);
        }
    }

    @Test
    void aServerLeftBehindIsStoppedAndItsRowsAreKept() throws Exception {
        Home home = home();
        PostgresServer forgotten = PostgresServer.start(home, PASSWORD);
        execute(forgotten, "CREATE TABLE kept (x int); INSERT INTO kept VALUES (7)");
        long orphan = forgotten.pid();
        forgotten.abandon();

        try (PostgresServer next = PostgresServer.start(home, PASSWORD)) {
            assertThat(next.pid()).isNotEqualTo(orphan);
            assertThat(value(next, "SELECT x::text FROM kept")).isEqualTo("7");
        }
    }

    @Test
    void aPidFileThatNamesAStrangerIsNoObstacle() throws Exception {
        Home home = home();
        PostgresServer first = PostgresServer.start(home, PASSWORD);
        first.close();
        // As after a restart of a container, where low numbers come again.
        Files.writeString(
                home.postgres().resolve("data/postmaster.pid"),
                ProcessHandle.current().pid() + "\n");

        try (PostgresServer second = PostgresServer.start(home, PASSWORD)) {
            assertThat(show(second, "fsync")).isEqualTo("on");
        }
    }

    private Home home() {
        return Home.at(folder.resolve("a home of tests")).create();
    }

    /** Returns how many inserts the server said yes to before it was killed with everything it had started. */
    private static int insertAndKill(PostgresServer server) throws SQLException {
        // The table is not what is tested: it is there in any case.
        execute(server, "SET synchronous_commit = on; CREATE TABLE promised (n int)");
        int acknowledged = 0;
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement()) {
            for (; acknowledged < 20; acknowledged++) {
                statement.execute("INSERT INTO promised VALUES (" + acknowledged + ")");
            }
            long killed = server.pid();
            Processes.kill(killed);
            await().atMost(Duration.ofMinutes(1)).until(() -> server.pid() != 0 && server.pid() != killed);
        } catch (SQLException e) {
            // Closing a connection whose server is dead.
        }
        return acknowledged;
    }

    private static int survivors(PostgresServer server) {
        return await().atMost(Duration.ofMinutes(1))
                .ignoreExceptionsInstanceOf(SQLException.class)
                .until(() -> Integer.parseInt(value(server, "SELECT count(*)::text FROM promised")), n -> n >= 0);
    }

    private static Connection connect(PostgresServer server) throws SQLException {
        DatabaseSettings settings = server.settings("qiantang");
        return DriverManager.getConnection(settings.url(), settings.username(), settings.password());
    }

    private static void execute(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String show(PostgresServer server, String setting) throws SQLException {
        return value(server, "SHOW " + setting);
    }

    private static String value(PostgresServer server, String sql) throws SQLException {
        try (Connection connection = connect(server);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return String.valueOf(rows.getString(1));
        }
    }
}

package org.qiantang.app.install;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.qiantang.core.Problem;

/** How a database is reached: the trial installation's own, or the one a production installation names. */
public record DatabaseSettings(String url, String username, String password) {
    // Apart from the platform's own tables, whose migrations insist on finding their schema empty or known.
    private static final String CATALOG_SCHEMA = "lake";

    private static final String SCHEME = "jdbc:postgresql:";
    private static final int OLDEST_VERSION = 16;
    private static final String PATIENCE_SECONDS = "20";

    public DatabaseSettings {
        requireNonNull(url, "url is null");
        requireNonNull(username, "username is null");
        requireNonNull(password, "password is null");
    }

    /** The address without its parameters, among which a password may stand. */
    String address() {
        return url.replaceFirst("[?].*", "");
    }

    /** Refuses a database the platform could not live in. */
    DatabaseSettings checked() {
        if (!url.startsWith(SCHEME)) {
            throw unusable("it is not an address of the form " + SCHEME + "//host:port/database");
        }
        if (username.isEmpty()) {
            throw unusable("qiantang.database.username is not set");
        }
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet encoding = statement.executeQuery("SHOW server_encoding")) {
            int version = connection.getMetaData().getDatabaseMajorVersion();
            if (version < OLDEST_VERSION) {
                throw unusable("it is PostgreSQL " + version + ", and " + OLDEST_VERSION + " or newer is needed");
            }
            encoding.next();
            if (!encoding.getString(1).equals("UTF8")) {
                throw unusable("its encoding is " + encoding.getString(1) + ", and UTF8 is needed");
            }
            return this;
        } catch (SQLException e) {
            throw unusable(String.valueOf(e.getMessage()));
        }
    }

    /** The same database, speaking to the schema the lake's catalogue has to itself, which is made when it is missing. */
    DatabaseSettings withCatalogSchema() {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA IF NOT EXISTS " + CATALOG_SCHEMA);
        } catch (SQLException e) {
            throw unusable(String.valueOf(e.getMessage()));
        }
        return new DatabaseSettings(
                url + (url.contains("?") ? "&" : "?") + "currentSchema=" + CATALOG_SCHEMA, username, password);
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", username);
        properties.setProperty("password", password);
        properties.setProperty("loginTimeout", PATIENCE_SECONDS);
        return DriverManager.getConnection(url, properties);
    }

    private Problem unusable(String reason) {
        return new Problem(
                InstallProblem.DATABASE_UNUSABLE,
                "url",
                address(),
                "reason",
                reason.lines().findFirst().orElse(reason).replaceFirst("[.]$", ""));
    }

    @Override
    public String toString() {
        return "DatabaseSettings[" + address() + ", " + username + "]";
    }
}

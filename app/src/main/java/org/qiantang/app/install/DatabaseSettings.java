package org.qiantang.app.install;

import static java.util.Objects.requireNonNull;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.qiantang.core.Problem;

/** How a database is reached: the trial installation's own, or the one a production installation names. */
public record DatabaseSettings(String url, String username, String password) {
    // Apart from the platform's own tables, whose migrations insist on finding their schema empty or known.
    private static final String CATALOG_SCHEMA = "lake";

    public DatabaseSettings {
        requireNonNull(url, "url is null");
        requireNonNull(username, "username is null");
        requireNonNull(password, "password is null");
    }

    /** The same database, speaking to the schema the lake's catalogue has to itself, which is made when it is missing. */
    DatabaseSettings withCatalogSchema() {
        try (Connection connection = DriverManager.getConnection(url, username, password);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA IF NOT EXISTS " + CATALOG_SCHEMA);
        } catch (SQLException e) {
            throw new Problem(
                    InstallProblem.DATABASE_UNUSABLE,
                    "url",
                    url.replaceFirst("[?].*", ""),
                    "reason",
                    String.valueOf(e.getMessage()));
        }
        return new DatabaseSettings(
                url + (url.contains("?") ? "&" : "?") + "currentSchema=" + CATALOG_SCHEMA, username, password);
    }

    @Override
    public String toString() {
        return "DatabaseSettings[" + url.replaceFirst("[?].*", "") + ", " + username + "]";
    }
}

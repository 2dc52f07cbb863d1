package org.qiantang.collect.internal.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import java.util.Set;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;

/** How connections to one source are opened: whose, by which driver. */
record Opening(Drivers.Found driver, Dialect dialect, String username, String password) implements Dialect.Opener {
    private static final Set<Integer> SIGN_IN_ERRORS = Set.of(1017, 1044, 1045, 18456);

    @Override
    public Connection connect() throws SQLException {
        Properties properties = dialect.properties(driver);
        if (!username.isEmpty()) {
            properties.setProperty("user", username);
        }
        if (!password.isEmpty()) {
            properties.setProperty("password", password);
        }
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(driver.driver().getClass().getClassLoader());
        try {
            Connection connection = driver.driver().connect(dialect.url(driver), properties);
            if (connection == null) {
                throw new Problem(
                        CollectProblem.BAD_DATABASE_LOCATION, "reason", "the driver does not know what to do with it");
            }
            return connection;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** What a failure to connect means. */
    static Problem problem(SQLException e) {
        String sqlState = e.getSQLState() == null ? "" : e.getSQLState();
        boolean refused = sqlState.startsWith("28") || SIGN_IN_ERRORS.contains(e.getErrorCode());
        return new Problem(
                refused ? CollectProblem.SIGN_IN_REFUSED : CollectProblem.SOURCE_UNREACHABLE,
                "reason",
                Sessions.sentence(e));
    }

    @Override
    public String toString() {
        return "Opening[" + driver.url() + "]";
    }
}

package org.qiantang.lake;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.jdbc.JdbcClientPool;

/**
 * Connections to the catalogue. The pool would repeat whatever its connection broke under; but a commit that broke off may have been
 * carried out, and repeated it would fail as if somebody else had been faster, which makes Iceberg apply the same rows once more. So only
 * a connection that was found dead before anything was asked of it is replaced; everything else is the caller's to find out.
 */
final class CatalogConnections extends JdbcClientPool {
    private static final int CONNECTIONS = 4;
    private static final int PATIENCE_SECONDS = 5;
    /** One that answered so lately is not asked first whether it is there; should it be gone, whoever uses it finds out. */
    private static final long FRESH_NANOS = 1_000_000_000;

    private final Map<Connection, Long> answeredAt = new ConcurrentHashMap<>();

    CatalogConnections(String url, Map<String, String> properties) {
        super(CONNECTIONS, url, properties);
    }

    @Override
    public <R> R run(Action<R, Connection, SQLException> action, boolean retry)
            throws SQLException, InterruptedException {
        return super.run(
                connection -> {
                    Long before = answeredAt.remove(connection);
                    boolean fresh = before != null && System.nanoTime() - before < FRESH_NANOS;
                    if (!fresh && !connection.isValid(PATIENCE_SECONDS)) {
                        throw new Dead();
                    }
                    R answer = action.run(connection);
                    answeredAt.put(connection, System.nanoTime());
                    return answer;
                },
                true);
    }

    @Override
    protected boolean isConnectionException(Exception e) {
        return e instanceof Dead;
    }

    private static final class Dead extends SQLException {
        Dead() {
            super("The connection to the catalogue is gone", "08003");
        }
    }
}

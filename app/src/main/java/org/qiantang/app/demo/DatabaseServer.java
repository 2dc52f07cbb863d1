package org.qiantang.app.demo;

import static java.util.Objects.requireNonNull;

/** A PostgreSQL server in which the demo city may create databases and accounts. */
public record DatabaseServer(String host, int port, String superuser, String password) {
    public DatabaseServer {
        requireNonNull(host, "host is null");
        requireNonNull(superuser, "superuser is null");
        requireNonNull(password, "password is null");
    }

    /** The JDBC URL of one of its databases, without account or password. */
    public String url(String database) {
        return "jdbc:postgresql://" + host + ":" + port + "/" + database;
    }

    @Override
    public String toString() {
        return superuser + "@" + host + ":" + port;
    }
}

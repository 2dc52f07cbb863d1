package org.qiantang.app.install;

import static java.util.Objects.requireNonNull;

/** How a database is reached: the trial installation's own, or the one a production installation names. */
public record DatabaseSettings(String url, String username, String password) {
    public DatabaseSettings {
        requireNonNull(url, "url is null");
        requireNonNull(username, "username is null");
        requireNonNull(password, "password is null");
    }

    @Override
    public String toString() {
        return "DatabaseSettings[" + url + ", " + username + "]";
    }
}

package org.qiantang.org;

import org.springframework.jdbc.core.simple.JdbcClient;

/** The number of the organisation's state; every change inside of a transaction takes the next one, and the others wait for it. */
final class Revision {
    private Revision() {}

    static long of(JdbcClient jdbc) {
        return jdbc.sql("select revision from org_revision").query(Long.class).single();
    }

    static void next(JdbcClient jdbc) {
        jdbc.sql("update org_revision set revision = revision + 1").update();
    }

    /** As {@link #of}, and nobody changes anything until the caller's transaction ends. */
    static long hold(JdbcClient jdbc) {
        return jdbc.sql("select revision from org_revision for update")
                .query(Long.class)
                .single();
    }
}

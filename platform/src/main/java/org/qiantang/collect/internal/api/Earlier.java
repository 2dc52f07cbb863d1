package org.qiantang.collect.internal.api;

import java.util.Map;
import java.util.Optional;
import org.qiantang.lake.RowSink;

/** What earlier runs of a source brought, as it is in the lake. */
public interface Earlier {
    /** What was kept with the table's newest snapshot; empty when there is none. */
    Optional<Map<String, String>> summary(String lakeName);

    /** Every row of the table. */
    void rows(String lakeName, RowSink sink);
}

package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.UUID;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;

/**
 * A right to read tables in a way that not everybody may, given to somebody for a purpose and a time (a grant of sharing, for one). A read
 * that names it sees of its tables what it says, neither more nor less.
 *
 * @param number by which people call it
 * @param scenario what it was given for
 * @param rowsLeft how many rows may still be handed out under it today
 */
public record Entitlement(UUID id, String number, String scenario, Map<TableName, TablePolicy> tables, long rowsLeft) {
    public Entitlement {
        requireNonNull(id, "id is null");
        requireNonNull(number, "number is null");
        requireNonNull(scenario, "scenario is null");
        tables = Map.copyOf(tables);
        if (rowsLeft < 0) {
            throw new IllegalArgumentException("rowsLeft is negative");
        }
    }
}

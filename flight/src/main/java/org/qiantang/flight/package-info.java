/**
 * The door through which analysts' tools ask the lake: Arrow Flight SQL, spoken by the ordinary JDBC driver. It has no right of its own: it
 * signs in at the hub as whoever comes and asks the hub's API, so that policies, quotas and evidence are the hub's as for everybody.
 */
@NullMarked
package org.qiantang.flight;

import org.jspecify.annotations.NullMarked;

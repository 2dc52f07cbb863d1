/**
 * Exchange (交换): who was granted a table is told of what changes in it, from the whole or from a position on, by asking, by a stream or by a
 * signed call of their own system, and both sides can count what was sent and what arrived. Backflow (数据回流) is a subscription.
 *
 * <p>Speaks: nothing. Listens: nothing. Owns: tables {@code exchange_*}. May use: core, org, lake, catalog, share, collect.
 */
@ApplicationModule(displayName = "exchange 交换")
@NullMarked
package org.qiantang.exchange;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

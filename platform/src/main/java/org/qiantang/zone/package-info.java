/**
 * Authorised operation (授权运营): operators work with granted data inside a zone, and what leaves it are results that passed checks and a
 * second person's review, marked, signed and registered.
 *
 * <p>Speaks: nothing. Listens: nothing. Owns: tables {@code zone_*}. May use: core, org, lake, catalog, share, portal.
 */
@ApplicationModule(displayName = "zone 授权运营域")
@NullMarked
package org.qiantang.zone;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

/**
 * What the platform shows to the outside (门户): residents who read what about them and why, everybody the data that is open, and the bureau
 * what its data is worth to whom.
 *
 * <p>Speaks: nothing. Listens: nothing. Owns: tables {@code portal_*}. May use: core, org, lake, evidence, catalog, quality, share.
 */
@ApplicationModule(displayName = "portal 门户")
@NullMarked
package org.qiantang.portal;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

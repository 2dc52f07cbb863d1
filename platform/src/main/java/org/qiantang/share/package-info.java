/**
 * Sharing (共享): what was collected is not readable. A department applies for what it needs, with scenario, legal basis and purpose; the
 * bureau and the source department answer within working days; what comes of it is a grant, and a grant is all that opens a field.
 *
 * <p>Speaks: nothing. Listens: nothing. Owns: tables {@code share_*}. May use: core, org, lake, catalog, quality.
 */
@ApplicationModule(displayName = "share 共享")
@NullMarked
package org.qiantang.share;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

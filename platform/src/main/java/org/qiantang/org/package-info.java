/**
 * Organisation (机构): divisions, departments, posts and people as of a day; accounts, roles, the three administrators, and who is signed
 * in.
 *
 * <p>Speaks: nothing. Listens: nothing. Owns: tables {@code org_*}. May use: core.
 */
@ApplicationModule(displayName = "org 机构")
@NullMarked
package org.qiantang.org;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

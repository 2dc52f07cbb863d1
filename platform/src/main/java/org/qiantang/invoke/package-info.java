/**
 * Invoking (调用): systems of departments ask by themselves. A data service is a question with a name, an address and parameters; a client
 * proves who it is and gets what a grant of its department opens, no more, no faster than the service bears, each call written down.
 *
 * <p>Speaks: nothing. Listens: nothing. Owns: tables {@code invoke_*}. May use: core, org, lake, catalog, share.
 */
@ApplicationModule(displayName = "invoke 调用")
@NullMarked
package org.qiantang.invoke;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

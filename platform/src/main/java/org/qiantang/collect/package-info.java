/**
 * Collection (归集): brings everything a department's system holds into the lake, and proves it.
 *
 * <p>Speaks: {@link org.qiantang.collect.CollectionFinished}. Listens: nothing. Owns: tables {@code collect_*}, lake namespaces
 * {@code raw_*} and {@code ops_collect}. May use: core, org, lake, catalog, quality.
 */
@ApplicationModule(displayName = "collect 归集")
@NullMarked
package org.qiantang.collect;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

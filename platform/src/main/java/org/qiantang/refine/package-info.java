/**
 * Refining (治理): what departments sent becomes the city's own tables: standard ones in national codes, the five base libraries,
 * indicators, and the code lists they are made with; each by a statement that is versioned, tested and run again when its inputs change.
 *
 * <p>Speaks: {@link org.qiantang.catalog.TableDerived}. Listens: nothing. Owns: tables {@code refine_*}; in the lake {@code std_*},
 * {@code base_*}, {@code ind_*} and {@code codes}. May use: core, org, lake, catalog.
 */
@ApplicationModule(displayName = "refine 治理")
@NullMarked
package org.qiantang.refine;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

/**
 * Catalogue (目录): what the city has: every table and column, whose it is, how sensitive, how complete, as of when.
 *
 * <p>Speaks: nothing. Listens: {@link org.qiantang.catalog.TableDerived}. Owns: tables {@code catalog_*}. May use: core, org, lake.
 */
@ApplicationModule(displayName = "catalog 目录")
@NullMarked
package org.qiantang.catalog;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

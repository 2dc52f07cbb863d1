/** How the catalogue's search works inside; the part's own. */
@NullMarked
package org.qiantang.catalog.internal;

import org.jspecify.annotations.NullMarked;

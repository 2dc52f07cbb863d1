/**
 * Quality (质量): what the city demands of its data, measured on every snapshot; who has to mend what, by when; and what people say is wrong
 * about themselves.
 *
 * <p>Speaks: nothing. Listens: nothing. Owns: tables {@code quality_*}. May use: core, org, lake, catalog.
 */
@ApplicationModule(displayName = "quality 质量")
@NullMarked
package org.qiantang.quality;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

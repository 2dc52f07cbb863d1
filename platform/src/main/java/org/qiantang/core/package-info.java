/**
 * Core: the words every part shares, with no input or output: identifiers with their check digits, refusals, digests.
 *
 * <p>Speaks: nothing. Listens: nothing. Owns: nothing. May use: nothing.
 */
@ApplicationModule(displayName = "core")
@NullMarked
package org.qiantang.core;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.ApplicationModule;

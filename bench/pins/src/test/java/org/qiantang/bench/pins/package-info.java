/** Proof that the libraries we have chosen live in one program; ships with nothing. */
@NullMarked
package org.qiantang.bench.pins;

import org.jspecify.annotations.NullMarked;

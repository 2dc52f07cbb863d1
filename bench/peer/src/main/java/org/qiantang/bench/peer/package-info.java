/** The other side of a comparison: Spark with its own classpath, started by the benchmark as a program of its own. */
@NullMarked
package org.qiantang.bench.peer;

import org.jspecify.annotations.NullMarked;

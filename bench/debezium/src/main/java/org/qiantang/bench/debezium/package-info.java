/** The other side of a comparison: Debezium's embedded engine with its own classpath, started by the benchmark as a program of its own. */
@NullMarked
package org.qiantang.bench.debezium;

import org.jspecify.annotations.NullMarked;

/** Measurements: what the city's platform does beside the best that runs on the same machine in the same minute. */
@NullMarked
package org.qiantang.bench;

import org.jspecify.annotations.NullMarked;

/**
 * The narrow boundary between hub and lake worker: HTTP on the loopback interface with a token made for each start, newline-delimited
 * JSON in both directions. Whatever can crash (the engine, the collectors) lives behind it.
 */
@NullMarked
package org.qiantang.app.worker;

import org.jspecify.annotations.NullMarked;

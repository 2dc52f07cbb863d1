/** Events on their way into the lake: the log that makes them safe, the doors they come in by, and what lands them. */
@NullMarked
package org.qiantang.collect.internal.events;

import org.jspecify.annotations.NullMarked;

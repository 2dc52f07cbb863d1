/**
 * Evidence (存证): an append-only Merkle log (RFC 9162's tree) of who did what, from which nothing can be taken and in which nothing can be
 * changed without everybody noticing who remembers one of its signed roots. A library of the JDK alone, so that what checks it is small.
 *
 * <p>Speaks: nothing. Listens: nothing. Owns: the log's folder. May use: nothing.
 */
@NullMarked
package org.qiantang.evidence;

import org.jspecify.annotations.NullMarked;

/** Tables of a peer, out of the folder in which what it has told waits. */
@NullMarked
package org.qiantang.collect.internal.peer;

import org.jspecify.annotations.NullMarked;

/** The door through which other installations come, by signed messages alone. */
@NullMarked
package org.qiantang.app.peers;

import org.jspecify.annotations.NullMarked;

/** Who may come in, and to what: deny by default. */
@NullMarked
package org.qiantang.app.security;

import org.jspecify.annotations.NullMarked;

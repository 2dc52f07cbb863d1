/** Access tokens of clients (OAuth 2.0 client credentials): given by Spring's authorization server over our own clients and keys. */
@NullMarked
package org.qiantang.app.tokens;

import org.jspecify.annotations.NullMarked;

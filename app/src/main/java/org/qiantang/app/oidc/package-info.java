/** Signing in by providers of identities (统一身份认证): OpenID Connect, code flow with PKCE. */
@NullMarked
package org.qiantang.app.oidc;

import org.jspecify.annotations.NullMarked;

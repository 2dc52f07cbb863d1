package org.qiantang.app.tokens;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;

/** Tokens speak for themselves, and end soon: nothing is kept of those that were given. */
final class Issued implements OAuth2AuthorizationService {
    @Override
    public void save(OAuth2Authorization authorization) {
        // signed, and looked at by its signature alone
    }

    @Override
    public void remove(OAuth2Authorization authorization) {
        // never kept
    }

    @Override
    public @Nullable OAuth2Authorization findById(String id) {
        return null;
    }

    @Override
    public @Nullable OAuth2Authorization findByToken(String token, @Nullable OAuth2TokenType type) {
        return null;
    }
}

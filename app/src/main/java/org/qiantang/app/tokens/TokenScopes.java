package org.qiantang.app.tokens;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.qiantang.invoke.Scope;
import org.springframework.security.oauth2.jwt.Jwt;

/** What a token was asked for. One that asked for nothing calls data services, as all did before there was anything else. */
final class TokenScopes {
    private TokenScopes() {}

    static Set<Scope> of(Jwt token) {
        @Nullable Object said = token.getClaims().get("scope");
        if (said == null) {
            return EnumSet.of(Scope.SERVICES);
        }
        EnumSet<Scope> scopes = EnumSet.noneOf(Scope.class);
        Iterable<?> words =
                said instanceof Iterable<?> many ? many : Set.of(said.toString().split(" "));
        words.forEach(word -> Scope.of(word.toString()).ifPresent(scopes::add));
        return scopes;
    }
}

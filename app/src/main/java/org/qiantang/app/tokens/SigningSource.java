package org.qiantang.app.tokens;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.invoke.SigningKeys;
import org.qiantang.org.KeyRing;
import org.springframework.stereotype.Component;

/** The keys whose signatures on tokens count, as Spring's authorization server wants them; the one that signs comes first. */
@Component
final class SigningSource implements JWKSource<SecurityContext> {
    private final SigningKeys keys;

    SigningSource(SigningKeys keys) {
        this.keys = keys;
    }

    @Override
    public List<JWK> get(JWKSelector selector, @Nullable SecurityContext context) {
        List<JWK> found = selector.select(set(keys.valid()));
        // Another hub may have brought a key that this one has not seen yet.
        return found.isEmpty() ? selector.select(set(keys.validNow())) : found;
    }

    private static JWKSet set(List<KeyRing.SigningKey> keys) {
        return new JWKSet(keys.stream().map(SigningSource::jwk).toList());
    }

    private static JWK jwk(KeyRing.SigningKey key) {
        return new ECKey.Builder(Curve.P_256, (ECPublicKey) key.pair().getPublic())
                .privateKey((ECPrivateKey) key.pair().getPrivate())
                .keyID(key.keyId())
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(JWSAlgorithm.ES256)
                .build();
    }
}

package org.qiantang.app.tokens;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.Map;
import org.qiantang.core.Problem;
import org.qiantang.invoke.InvokeProblem;
import org.qiantang.invoke.PublicKeys;
import org.springframework.stereotype.Component;

/** Public keys as PEM or JWK: P-256, or RSA that is long enough. */
@Component
final class JwkKeys implements PublicKeys {
    private static final int LEAST_RSA_BITS = 2_048;

    private final ClientAuthorities authorities;

    JwkKeys(ClientAuthorities authorities) {
        this.authorities = authorities;
    }

    @Override
    public boolean knowsAuthorities() {
        return authorities.areThere();
    }

    @Override
    public Read read(String text) {
        JWK key = text.strip().startsWith("{") ? jwk(text) : pem(text);
        if (key.isPrivate()) {
            // It was shown to somebody, so it is nobody's secret any more.
            throw bad("这是私钥，已经泄露，请另行生成 (this is a private key; make another)");
        }
        try {
            String thumbprint = key.computeThumbprint().toString();
            JWK named = switch (key) {
                case ECKey ec
                when ec.getCurve().equals(Curve.P_256) ->
                    new ECKey.Builder(ec)
                            .keyID(thumbprint)
                            .keyUse(KeyUse.SIGNATURE)
                            .build();
                case RSAKey rsa
                when rsa.size() >= LEAST_RSA_BITS ->
                    new RSAKey.Builder(rsa)
                            .keyID(thumbprint)
                            .keyUse(KeyUse.SIGNATURE)
                            .build();
                default -> throw bad(key.getKeyType().getValue() + " " + key.size());
            };
            return new Read(named.toJSONString(), thumbprint);
        } catch (JOSEException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    private static JWK jwk(String text) {
        try {
            JWK key = JWK.parse(text);
            // Only what makes the key: no certificate, no address to fetch anything from.
            Map<String, ?> members = key.getRequiredParams();
            return key.isPrivate() ? key : JWK.parse(Map.copyOf(members));
        } catch (ParseException e) {
            throw bad(String.valueOf(e.getMessage()));
        }
    }

    private static JWK pem(String text) {
        if (!text.contains("-----BEGIN PUBLIC KEY-----")) {
            throw bad("PEM: -----BEGIN PUBLIC KEY-----");
        }
        byte[] bytes;
        try {
            bytes = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z0-9 ]+-----", ""));
        } catch (IllegalArgumentException e) {
            throw bad("PEM");
        }
        X509EncodedKeySpec spec = new X509EncodedKeySpec(bytes);
        try {
            ECPublicKey key = (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(spec);
            Curve curve = Curve.forECParameterSpec(key.getParams());
            if (curve == null) {
                throw bad("EC");
            }
            return new ECKey.Builder(curve, key).build();
        } catch (GeneralSecurityException notThis) {
            try {
                return new RSAKey.Builder(
                                (RSAPublicKey) KeyFactory.getInstance("RSA").generatePublic(spec))
                        .build();
            } catch (GeneralSecurityException e) {
                throw bad("PEM");
            }
        }
    }

    private static Problem bad(String reason) {
        return new Problem(InvokeProblem.BAD_KEY, "reason", reason);
    }
}

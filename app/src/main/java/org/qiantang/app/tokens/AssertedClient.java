package org.qiantang.app.tokens;

import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import jakarta.servlet.http.HttpServletRequest;
import java.text.ParseException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.core.OAuth2ErrorCodes;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.server.authorization.authentication.OAuth2ClientAuthenticationToken;
import org.springframework.security.web.authentication.AuthenticationConverter;

/**
 * Which client an assertion is of where {@code client_id} is left out, as RFC 7523 (3.) lets clients do. Nothing is believed here: the keys
 * of the client that it names have to have signed it.
 */
final class AssertedClient implements AuthenticationConverter {
    private static final ClientAuthenticationMethod ASSERTION =
            new ClientAuthenticationMethod("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");

    @Override
    public @Nullable Authentication convert(HttpServletRequest request) {
        String[] types = request.getParameterValues(OAuth2ParameterNames.CLIENT_ASSERTION_TYPE);
        String[] assertions = request.getParameterValues(OAuth2ParameterNames.CLIENT_ASSERTION);
        boolean ours = types != null
                && types.length == 1
                && types[0].equals(ASSERTION.getValue())
                && assertions != null
                && assertions.length == 1
                && request.getParameter(OAuth2ParameterNames.CLIENT_ID) == null;
        if (!ours || assertions == null) {
            return null;
        }
        try {
            JWTClaimsSet claims = SignedJWT.parse(assertions[0]).getJWTClaimsSet();
            String client = claims.getSubject();
            if (client != null && !client.isEmpty()) {
                return new OAuth2ClientAuthenticationToken(client, ASSERTION, assertions[0], Map.of());
            }
        } catch (ParseException e) {
            throw new OAuth2AuthenticationException(OAuth2ErrorCodes.INVALID_CLIENT);
        }
        throw new OAuth2AuthenticationException(OAuth2ErrorCodes.INVALID_CLIENT);
    }
}

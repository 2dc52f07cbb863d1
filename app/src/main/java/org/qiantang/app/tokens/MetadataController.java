package org.qiantang.app.tokens;

import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.qiantang.app.QiantangProperties;
import org.qiantang.invoke.Scope;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** What programs can find out about the authorization server (RFC 8414): that there are tokens for clients, and nothing else. */
@RestController
@Hidden
class MetadataController {
    private final QiantangProperties properties;
    private final ClientAuthorities authorities;

    MetadataController(QiantangProperties properties, ClientAuthorities authorities) {
        this.properties = properties;
        this.authorities = authorities;
    }

    /** Certificates come through proxies that the operator names; where there are none, nobody has one. */
    private List<String> methods() {
        List<String> methods = new ArrayList<>(List.of("private_key_jwt", "client_secret_basic"));
        if (!properties.trustedProxies().isEmpty()) {
            methods.add("self_signed_tls_client_auth");
            if (authorities.areThere()) {
                methods.add("tls_client_auth");
            }
        }
        return methods;
    }

    @GetMapping("/.well-known/oauth-authorization-server")
    Map<String, Object> metadata(HttpServletRequest request) {
        String issuer = TokensConfiguration.issuer(properties)
                .orElseGet(() -> ServletUriComponentsBuilder.fromContextPath(request)
                        .build()
                        .toUriString());
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("issuer", issuer);
        metadata.put("token_endpoint", issuer + TokensConfiguration.TOKEN);
        metadata.put("jwks_uri", issuer + TokensConfiguration.KEYS);
        metadata.put(
                "scopes_supported",
                Arrays.stream(Scope.values()).map(Scope::word).toList());
        metadata.put("grant_types_supported", List.of("client_credentials"));
        metadata.put("response_types_supported", List.of());
        metadata.put("token_endpoint_auth_methods_supported", methods());
        metadata.put("tls_client_certificate_bound_access_tokens", true);
        metadata.put("token_endpoint_auth_signing_alg_values_supported", List.of("ES256", "PS256", "RS256"));
        return metadata;
    }
}

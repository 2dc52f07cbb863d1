package org.qiantang.app.tokens;

import org.jspecify.annotations.Nullable;
import org.qiantang.invoke.Client;
import org.qiantang.invoke.Clients;
import org.qiantang.invoke.SigningKeys;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.TokenSettings;
import org.springframework.stereotype.Component;

/** Our clients as Spring's authorization server knows them; there is no second list of them. */
@Component
final class ClientRepository implements RegisteredClientRepository {
    private final Clients clients;

    ClientRepository(Clients clients) {
        this.clients = clients;
    }

    @Override
    public void save(RegisteredClient client) {
        throw new UnsupportedOperationException("Clients are registered by people");
    }

    @Override
    public @Nullable RegisteredClient findById(String id) {
        return findByClientId(id);
    }

    @Override
    public @Nullable RegisteredClient findByClientId(String id) {
        return clients.find(id)
                .filter(client -> client.revokedAt() == null)
                .map(ClientRepository::registered)
                .orElse(null);
    }

    private static RegisteredClient registered(Client client) {
        return RegisteredClient.withId(client.id())
                .clientId(client.id())
                .clientName(client.title())
                // Whether a secret is right is asked by the client's name: it may have two.
                .clientSecret(client.id())
                .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
                .clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
                .clientAuthenticationMethod(ClientAuthenticationMethod.SELF_SIGNED_TLS_CLIENT_AUTH)
                .clientAuthenticationMethod(ClientAuthenticationMethod.TLS_CLIENT_AUTH)
                .scopes(words -> client.scopes().forEach(scope -> words.add(scope.word())))
                .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
                .tokenSettings(TokenSettings.builder()
                        .accessTokenTimeToLive(SigningKeys.TOKEN_LIFE)
                        .build())
                .build();
    }

    /** Compares a secret with those of the client that stands in the place of a hash. */
    PasswordEncoder secrets() {
        return new PasswordEncoder() {
            @Override
            public String encode(@Nullable CharSequence secret) {
                throw new UnsupportedOperationException("Secrets are made by the platform");
            }

            @Override
            public boolean matches(@Nullable CharSequence secret, @Nullable String client) {
                return secret != null && client != null && clients.knows(client, secret);
            }
        };
    }
}

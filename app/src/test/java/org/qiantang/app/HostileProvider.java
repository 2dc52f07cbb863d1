package org.qiantang.app;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.json.JsonMapper;

/** A provider that says whatever a test wants it to say. */
final class HostileProvider implements AutoCloseable {
    static final String CLIENT = "qiantang";

    /** How its tokens are signed. */
    enum Signing {
        OWN_KEY,
        STRANGERS_KEY,
        NOT_AT_ALL,
        SHARED_SECRET,
    }

    private HttpServer server;
    private final int port;
    private ECKey key = newKey();
    String subject = "x-1";
    String nonce = "";
    Signing signing = Signing.OWN_KEY;
    Consumer<JWTClaimsSet.Builder> claims = none -> {};
    Consumer<Map<String, Object>> metadata = none -> {};
    /** The form of the last request for a token. */
    String asked = "";

    HostileProvider() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        port = server.getAddress().getPort();
        listen();
    }

    private void listen() {
        server.createContext("/.well-known/openid-configuration", exchange -> {
            Map<String, Object> said = new HashMap<>(Map.of(
                    "issuer", issuer(),
                    "authorization_endpoint", issuer() + "/authorize",
                    "token_endpoint", issuer() + "/token",
                    "jwks_uri", issuer() + "/keys",
                    "response_types_supported", List.of("code"),
                    "subject_types_supported", List.of("public"),
                    "id_token_signing_alg_values_supported", List.of("RS256", "ES256")));
            metadata.accept(said);
            answer(exchange, JsonMapper.shared().writeValueAsString(said));
        });
        server.createContext("/keys", exchange -> answer(exchange, new JWKSet(key.toPublicJWK()).toString()));
        server.createContext("/token", exchange -> {
            asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            answer(
                    exchange,
                    JsonMapper.shared()
                            .writeValueAsString(Map.of(
                                    "access_token",
                                    "a",
                                    "token_type",
                                    "Bearer",
                                    "expires_in",
                                    60,
                                    "id_token",
                                    token())));
        });
        server.start();
    }

    String issuer() {
        return "http://127.0.0.1:" + port;
    }

    /** New tokens are signed with another key from now on. */
    void rotate() {
        key = newKey();
    }

    void behave() {
        signing = Signing.OWN_KEY;
        claims = none -> {};
        metadata = none -> {};
    }

    void goAway() {
        server.stop(0);
    }

    void comeBack() {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        listen();
    }

    private String token() {
        Instant now = Instant.now();
        JWTClaimsSet.Builder builder = new JWTClaimsSet.Builder()
                .issuer(issuer())
                .subject(subject)
                .audience(CLIENT)
                .issueTime(Date.from(now))
                .expirationTime(Date.from(now.plusSeconds(300)))
                .claim("name", "来客")
                .claim("nonce", nonce);
        claims.accept(builder);
        JWTClaimsSet set = builder.build();
        try {
            return switch (signing) {
                case OWN_KEY -> signed(set, key, key.getKeyID());
                case STRANGERS_KEY -> signed(set, newKey(), key.getKeyID());
                case NOT_AT_ALL -> new PlainJWT(set).serialize();
                case SHARED_SECRET -> {
                    // The old trick: what is public, the key, as if it were a secret.
                    SignedJWT jwt = new SignedJWT(
                            new JWSHeader.Builder(JWSAlgorithm.HS256)
                                    .keyID(key.getKeyID())
                                    .build(),
                            set);
                    jwt.sign(new MACSigner(key.toPublicJWK().toJSONString().getBytes(StandardCharsets.UTF_8)));
                    yield jwt.serialize();
                }
            };
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String signed(JWTClaimsSet set, ECKey with, String keyId) throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(keyId).build(), set);
        jwt.sign(new ECDSASigner(with));
        return jwt.serialize();
    }

    private static ECKey newKey() {
        try {
            return new ECKeyGenerator(Curve.P_256)
                    .keyID(UUID.randomUUID().toString())
                    .generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void answer(HttpExchange exchange, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

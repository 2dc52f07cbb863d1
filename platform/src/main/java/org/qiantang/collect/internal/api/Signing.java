package org.qiantang.collect.internal.api;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.qiantang.core.Sm3;

/** How a request shows who asks. The secret is the source's sealed password, never a setting. */
sealed interface Signing {
    /** Nobody is asked for. */
    record Open() implements Signing {}

    /** The key stands in a header. */
    record HeaderKey(String header, String key) implements Signing {
        @Override
        public String toString() {
            return "HeaderKey[" + header + "]";
        }
    }

    /** The key stands in the address, which is never logged or shown. */
    record QueryKey(String param, String key) implements Signing {
        @Override
        public String toString() {
            return "QueryKey[" + param + "]";
        }
    }

    record Basic(String username, String password) implements Signing {
        @Override
        public String toString() {
            return "Basic[" + username + "]";
        }
    }

    /** OAuth 2.0 client credentials (RFC 6749, 4.4). */
    record OAuth(URI url, String client, String secret, String scope, boolean inForm) implements Signing {
        @Override
        public String toString() {
            return "OAuth[" + url + ", " + client + "]";
        }
    }

    /**
     * A code over time, a number used once and the body, as government gateways ask for it.
     *
     * @param canonical what the code is over; {@code {timestamp}}, {@code {nonce}}, {@code {body}}, {@code {method}}, {@code {path}},
     *     {@code {query}}, {@code {id}} and {@code {secret}} are put in
     */
    record Signature(
            Algorithm algorithm,
            String id,
            String secret,
            String canonical,
            Encoding encoding,
            boolean millis,
            String idHeader,
            String timestampHeader,
            String nonceHeader,
            String signatureHeader)
            implements Signing {
        @Override
        public String toString() {
            return "Signature[" + algorithm + ", " + id + "]";
        }

        String text(String timestamp, String nonce, String body, String method, String path, String query) {
            StringBuilder text = new StringBuilder();
            for (int at = 0; at < canonical.length(); ) {
                int open = canonical.indexOf('{', at);
                int close = open < 0 ? -1 : canonical.indexOf('}', open);
                if (close < 0) {
                    return text.append(canonical, at, canonical.length()).toString();
                }
                text.append(canonical, at, open);
                text.append(
                        switch (canonical.substring(open + 1, close)) {
                            case "timestamp" -> timestamp;
                            case "nonce" -> nonce;
                            case "body" -> body;
                            case "method" -> method;
                            case "path" -> path;
                            case "query" -> query;
                            case "id" -> id;
                            case "secret" -> secret;
                            case "newline" -> "\n";
                            default -> throw ApiSettings.refused("canonical", "it has an unknown word in braces");
                        });
                at = close + 1;
            }
            return text.toString();
        }

        String sign(String text) {
            byte[] message = text.getBytes(StandardCharsets.UTF_8);
            byte[] key = secret.getBytes(StandardCharsets.UTF_8);
            byte[] code = switch (algorithm) {
                case HMAC_SHA256 -> sha256(key, message);
                case HMAC_SM3 -> Sm3.hmac(key, message);
                case SHA256 -> sha256(message);
                case SM3 -> Sm3.digest(message);
            };
            return switch (encoding) {
                case HEX -> HexFormat.of().formatHex(code);
                case UPPER_HEX -> HexFormat.of().withUpperCase().formatHex(code);
                case BASE64 -> Base64.getEncoder().encodeToString(code);
            };
        }

        private static byte[] sha256(byte[] key, byte[] message) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                return mac.doFinal(message);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private static byte[] sha256(byte[] message) {
            try {
                return MessageDigest.getInstance("SHA-256").digest(message);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Keyed codes, and plain hashes for gateways that put the secret into the text. */
    enum Algorithm {
        HMAC_SHA256,
        HMAC_SM3,
        SHA256,
        SM3,
    }

    enum Encoding {
        HEX,
        UPPER_HEX,
        BASE64,
    }

    default Optional<URI> tokenUrl() {
        return this instanceof OAuth oauth ? Optional.of(oauth.url) : Optional.empty();
    }

    static Signing of(String username, String secret, Map<String, String> settings) {
        String kind = settings.getOrDefault("auth", username.isEmpty() || secret.isEmpty() ? "none" : "basic");
        return switch (kind) {
            case "none" -> new Open();
            case "header" -> new HeaderKey(header(settings, "authName", "X-API-Key"), needed(secret));
            case "bearer" -> new HeaderKey("Authorization", "Bearer " + needed(secret));
            case "query" -> new QueryKey(settings.getOrDefault("authName", "apikey"), needed(secret));
            case "basic" -> new Basic(username, needed(secret));
            case "oauth2" ->
                new OAuth(
                        ApiSettings.address(settings.getOrDefault("tokenUrl", ""), "tokenUrl"),
                        username,
                        needed(secret),
                        settings.getOrDefault("scope", ""),
                        settings.getOrDefault("clientAuth", "header").equals("form"));
            case "hmac" -> {
                Signature signature = new Signature(
                        choice(Algorithm.class, settings, "algorithm", "HMAC_SHA256"),
                        username,
                        needed(secret),
                        settings.getOrDefault("canonical", "{timestamp}{nonce}{body}"),
                        choice(Encoding.class, settings, "encoding", "HEX"),
                        settings.getOrDefault("timestampUnit", "seconds").equals("millis"),
                        header(settings, "idHeader", "X-App-Id"),
                        header(settings, "timestampHeader", "X-Timestamp"),
                        header(settings, "nonceHeader", "X-Nonce"),
                        header(settings, "signatureHeader", "X-Signature"));
                signature.text("", "", "", "", "", "");
                yield signature;
            }
            default -> throw ApiSettings.refused("auth", "there is no way called \"" + kind + "\"");
        };
    }

    private static String needed(String secret) {
        if (secret.isEmpty()) {
            throw ApiSettings.refused("auth", "it needs a key, which belongs into the password field");
        }
        return secret;
    }

    private static String header(Map<String, String> settings, String key, String otherwise) {
        String name = settings.getOrDefault(key, otherwise);
        if (!name.matches("[A-Za-z0-9_-]{1,100}")) {
            throw ApiSettings.refused(key, "\"" + name + "\" is no header's name");
        }
        return name;
    }

    private static <E extends Enum<E>> E choice(
            Class<E> type, Map<String, String> settings, String key, String otherwise) {
        String text = settings.getOrDefault(key, otherwise);
        try {
            return Enum.valueOf(type, text);
        } catch (IllegalArgumentException e) {
            throw ApiSettings.refused(key, "there is no \"" + text + "\"");
        }
    }
}

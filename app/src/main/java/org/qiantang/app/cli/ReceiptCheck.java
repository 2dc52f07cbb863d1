package org.qiantang.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.TreeMap;
import org.qiantang.app.install.Secrets;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Checks a receipt without any process or network: whoever holds the installation's public key can tell whether a receipt was issued by
 * it and is unchanged. The key inside the receipt is never trusted, only the one given.
 */
final class ReceiptCheck {
    // A name that stands twice could show one value to the check and another to the reader.
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    private ReceiptCheck() {}

    /** The receipt inside a signed document, as JSON, unchecked. */
    static JsonNode read(String document) {
        return JSON.readTree(document);
    }

    static boolean isGenuine(JsonNode document, PublicKey key) {
        JsonNode signature = document.path("signature");
        if (!document.path("receipt").isObject()
                || !signature.path("algorithm").asString("").equals("Ed25519")) {
            return false;
        }
        try {
            Signature check = Signature.getInstance("Ed25519");
            check.initVerify(key);
            check.update(canonical(document.path("receipt")).getBytes(UTF_8));
            return check.verify(
                    Base64.getDecoder().decode(signature.path("value").asString("")));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    static PublicKey key(Path pem) throws IOException {
        try {
            byte[] der = Secrets.der(java.nio.file.Files.readString(pem));
            return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IOException("Not an Ed25519 public key in PEM: " + pem, e);
        }
    }

    /** RFC 8785: names sorted by UTF-16, no white space, shortest escapes. Receipts hold whole numbers only. */
    static String canonical(JsonNode node) {
        StringBuilder text = new StringBuilder();
        write(node, text);
        return text.toString();
    }

    private static void write(JsonNode node, StringBuilder text) {
        if (node.isObject()) {
            TreeMap<String, JsonNode> sorted = new TreeMap<>();
            node.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
            String comma = "{";
            for (var entry : sorted.entrySet()) {
                text.append(comma);
                quote(entry.getKey(), text);
                text.append(':');
                write(entry.getValue(), text);
                comma = ",";
            }
            text.append(sorted.isEmpty() ? "{}" : "}");
        } else if (node.isArray()) {
            String comma = "[";
            for (JsonNode item : node) {
                text.append(comma);
                write(item, text);
                comma = ",";
            }
            text.append(node.isEmpty() ? "[]" : "]");
        } else if (node.isString()) {
            quote(node.stringValue(), text);
        } else {
            text.append(node.isNull() ? "null" : node.asString());
        }
    }

    private static void quote(String value, StringBuilder text) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> {
                    if (c < 0x20) {
                        text.append("\\u%04x".formatted((int) c));
                    } else {
                        text.append(c);
                    }
                }
            }
        }
        text.append('"');
    }
}

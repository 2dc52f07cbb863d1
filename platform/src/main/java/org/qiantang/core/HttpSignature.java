package org.qiantang.core;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What two installations say to each other, signed so that neither can deny it: HTTP Message Signatures (RFC 9421) by Ed25519, the content
 * by its SHA-256 (RFC 9530). A signature is kept together with its base, the very text that was signed; both and a public key are all that
 * is needed to check it years later.
 *
 * <p>A request covers method, target, content and the headers that count, an answer covers its status, content and headers and, of the
 * request, method, target, content and signature: so an answer belongs to its question. The target is the receiver's public address as its
 * peers know it, not what a proxy before it makes of that.
 *
 * @param base what was signed (RFC 9421, 2.5)
 * @param parameters the value of {@code @signature-params}
 * @param signature 64 bytes
 */
public record HttpSignature(String base, String parameters, byte[] signature) {
    /** The name of our signature among those a message may carry. */
    public static final String LABEL = "qiantang";

    private static final String INPUT = "signature-input";
    private static final String SIGNATURE = "signature";
    private static final String DIGEST = "content-digest";
    private static final String ALGORITHM = "ed25519";
    private static final String PARAMETERS = "@signature-params";
    private static final int LONGEST = 4_096;
    private static final int SIGNATURE_BYTES = 64;

    private static final Pattern MEMBER = Pattern.compile(
            "(?:^|,)[ \\t]*" + LABEL + "=(\\([^()]*\\)(?:;[a-z]+=(?:\"[^\"\\\\]*\"|[0-9]+))*)[ \\t]*(?=,|$)");
    private static final Pattern VALUE =
            Pattern.compile("(?:^|,)[ \\t]*" + LABEL + "=:([A-Za-z0-9+/=]*):[ \\t]*(?=,|$)");
    private static final Pattern COMPONENTS =
            Pattern.compile("\\(((?:\"[^\"\\\\]+\"(?:;req|;key=\"[a-z]+\")*(?: |(?=\\))))*+)\\)(.*)");
    private static final Pattern COMPONENT = Pattern.compile("\"([^\"\\\\]+)\"((?:;req|;key=\"[a-z]+\")*)");
    private static final Pattern PARAMETER = Pattern.compile(";([a-z]+)=(?:\"([^\"\\\\]*)\"|([0-9]+))");

    public HttpSignature {
        requireNonNull(base, "base is null");
        requireNonNull(parameters, "parameters is null");
        signature = signature.clone();
    }

    /** One that was kept: its base and its signature. */
    public static HttpSignature of(String base, byte[] signature) {
        String last = base.substring(base.lastIndexOf('\n') + 1);
        String begins = "\"" + PARAMETERS + "\": ";
        if (!last.startsWith(begins)) {
            throw new IllegalArgumentException("Not the base of a signature");
        }
        return new HttpSignature(base, last.substring(begins.length()), signature);
    }

    /**
     * A request as far as it is signed.
     *
     * @param target the whole address, that of the receiver as its peers know it
     * @param headers that count, by their names in lower case; {@code content-digest} is added when it is signed
     */
    public record Request(String method, URI target, Map<String, String> headers, byte[] content) {
        public Request {
            requireNonNull(method, "method is null");
            requireNonNull(target, "target is null");
            headers = lower(headers);
            requireNonNull(content, "content is null");
        }
    }

    /** An answer as far as it is signed; its headers as of a request. */
    public record Response(int status, Map<String, String> headers, byte[] content) {
        public Response {
            headers = lower(headers);
            requireNonNull(content, "content is null");
        }
    }

    /**
     * What has been checked.
     *
     * @param headers those that the signature covers: no other may be believed
     * @param nonce of a request; empty for an answer
     */
    public record Checked(
            HttpSignature signature, String keyId, Instant created, String nonce, Map<String, String> headers) {
        public Checked {
            headers = Map.copyOf(headers);
        }

        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
        }

        /** Refuses what was signed longer ago, or later, than that. */
        public void requireTimely(Instant now, Duration most) {
            long seconds = Math.abs(now.getEpochSecond() - created.getEpochSecond());
            if (seconds > most.toSeconds()) {
                throw new Problem(
                        SignatureProblem.CLOCK,
                        "seconds",
                        Long.toString(seconds),
                        "most",
                        Long.toString(most.toSeconds()));
            }
        }
    }

    /** Finds the public key of an id; empty where it is not known or counts no more. */
    public interface Keys {
        Optional<PublicKey> find(String keyId);
    }

    /** How a key is named in signatures: by what it is. */
    public static String keyId(PublicKey key) {
        return Sealing.fingerprint(key);
    }

    /** The headers that go with a message that has this signature and this content. */
    public Map<String, String> headers(byte[] content) {
        return Map.of(
                "Content-Digest", digest(content),
                "Signature-Input", LABEL + "=" + parameters,
                "Signature", LABEL + "=" + value());
    }

    private String value() {
        return ":" + Base64.getEncoder().encodeToString(signature) + ":";
    }

    /** Who signed; what {@link #check} goes by. */
    public String keyId() {
        return requireNonNull(parsed(parameters).get("keyid"), "no keyid");
    }

    /** Signs a request: method, target, content and all of its headers. */
    public static HttpSignature sign(Request request, PrivateKey key, String keyId, Instant at, String nonce) {
        List<String> components = new ArrayList<>(List.of("\"@method\"", "\"@target-uri\"", "\"content-digest\""));
        own(request.headers).forEach(name -> components.add("\"" + name + "\""));
        String parameters = "(" + String.join(" ", components) + ");created=" + at.getEpochSecond() + ";keyid=\""
                + keyId + "\";alg=\"" + ALGORITHM + "\";nonce=\"" + nonce + "\"";
        return signed(base(components, parameters, new Parts(request, null, null)), parameters, key);
    }

    /** Signs the answer to a request: status, content and all of its headers, and what was asked. */
    public static HttpSignature sign(
            Response response, Request request, HttpSignature asked, PrivateKey key, String keyId, Instant at) {
        List<String> components = new ArrayList<>(List.of("\"@status\"", "\"content-digest\""));
        own(response.headers).forEach(name -> components.add("\"" + name + "\""));
        components.addAll(BOUND);
        String parameters = "(" + String.join(" ", components) + ");created=" + at.getEpochSecond() + ";keyid=\""
                + keyId + "\";alg=\"" + ALGORITHM + "\"";
        return signed(base(components, parameters, new Parts(request, asked, response)), parameters, key);
    }

    private static final List<String> BOUND = List.of(
            "\"@method\";req",
            "\"@target-uri\";req",
            "\"content-digest\";req",
            "\"signature\";req;key=\"" + LABEL + "\"");

    /**
     * Whether a request is what its sender signed. Its nonce has not been held against those that came before.
     *
     * @param headers all that came, in lower case, one that came several times joined by a comma
     * @throws Problem with a {@link SignatureProblem}
     */
    public static Checked check(Request request, Keys keys) {
        Stated stated =
                stated(request.headers, Set.of("@method", "@target-uri", DIGEST, "content-type"), request.content);
        for (String component : stated.components) {
            if (component.contains(";")) {
                throw malformed(component);
            }
        }
        String nonce = stated.parameters.get("nonce");
        if (nonce == null || nonce.length() < 16 || nonce.length() > 128) {
            throw new Problem(SignatureProblem.MISSING, "what", "nonce");
        }
        requireDigest(request.headers, request.content);
        return checked(stated, new Parts(request, null, null), request.headers, keys, nonce);
    }

    /**
     * Whether an answer is what its sender signed in answer to this very request.
     *
     * @throws Problem with a {@link SignatureProblem}
     */
    public static Checked check(Response response, Request request, HttpSignature asked, Keys keys) {
        Stated stated = stated(response.headers, Set.of("@status", DIGEST, "content-type"), response.content);
        for (String each : BOUND) {
            if (!stated.components.contains(each)) {
                throw new Problem(SignatureProblem.MISSING, "what", each);
            }
        }
        requireDigest(response.headers, response.content);
        return checked(stated, new Parts(request, asked, response), response.headers, keys, "");
    }

    /** Whether this is a signature of that key; what the base says is for the reader. */
    public boolean holds(PublicKey key) {
        return base.endsWith("\n\"" + PARAMETERS + "\": " + parameters)
                && Ed25519Messages.verify(key, base.getBytes(StandardCharsets.UTF_8), signature);
    }

    /** {@code sha-256=:…:} (RFC 9530). */
    public static String digest(byte[] content) {
        try {
            return "sha-256=:"
                    + Base64.getEncoder()
                            .encodeToString(MessageDigest.getInstance("SHA-256").digest(content)) + ":";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Of several texts in one content, in their order: each can be proved without the others. */
    public static String digests(List<String> texts) {
        return texts.stream()
                .map(text -> digest(text.getBytes(StandardCharsets.UTF_8)))
                .collect(Collectors.joining(", "));
    }

    private record Stated(List<String> components, Map<String, String> parameters, String text, byte[] signature) {}

    private static Stated stated(Map<String, String> headers, Set<String> required, byte[] content) {
        String input = headers.get(INPUT);
        String value = headers.get(SIGNATURE);
        if (input == null || value == null) {
            throw new Problem(SignatureProblem.MISSING, "what", input == null ? "Signature-Input" : "Signature");
        }
        if (input.length() > LONGEST || value.length() > LONGEST) {
            throw malformed("too long");
        }
        String text = only(MEMBER, input, "Signature-Input");
        byte[] signature;
        try {
            signature = Base64.getDecoder().decode(only(VALUE, value, "Signature"));
        } catch (IllegalArgumentException e) {
            throw malformed("Signature");
        }
        // Unused bits of the last character could be anything: one signature has one text.
        if (signature.length != SIGNATURE_BYTES
                || !only(VALUE, value, "Signature").equals(Base64.getEncoder().encodeToString(signature))) {
            throw malformed("Signature");
        }
        Matcher whole = COMPONENTS.matcher(text);
        if (!whole.matches()) {
            throw malformed("Signature-Input");
        }
        List<String> components = new ArrayList<>();
        Matcher each = COMPONENT.matcher(whole.group(1));
        while (each.find()) {
            components.add(each.group());
        }
        if (new LinkedHashSet<>(components).size() != components.size()) {
            throw malformed("a component twice");
        }
        for (String name : required) {
            boolean needed = !name.equals("content-type") || content.length > 0 || headers.containsKey(name);
            if (needed && !components.contains("\"" + name + "\"")) {
                throw new Problem(SignatureProblem.MISSING, "what", name);
            }
        }
        Map<String, String> parameters = parsed(text);
        String algorithm = parameters.get("alg");
        if (algorithm != null && !algorithm.equals(ALGORITHM)) {
            throw malformed("alg=" + algorithm);
        }
        return new Stated(components, parameters, text, signature);
    }

    private static String only(Pattern pattern, String header, String name) {
        Matcher found = pattern.matcher(header);
        if (!found.find()) {
            throw malformed(name);
        }
        String text = found.group(1);
        if (found.find()) {
            throw malformed(name + ": " + LABEL + " twice");
        }
        return text;
    }

    private static Map<String, String> parsed(String parameters) {
        Map<String, String> found = new HashMap<>();
        Matcher each = PARAMETER.matcher(parameters.substring(parameters.indexOf(')') + 1));
        while (each.find()) {
            String value = each.group(2) == null ? each.group(3) : each.group(2);
            if (found.put(each.group(1), value) != null) {
                throw malformed(each.group(1) + " twice");
            }
        }
        return found;
    }

    private static Checked checked(Stated stated, Parts parts, Map<String, String> headers, Keys keys, String nonce) {
        String keyId = stated.parameters.get("keyid");
        String created = stated.parameters.get("created");
        if (keyId == null || created == null || created.length() > 12) {
            throw new Problem(SignatureProblem.MISSING, "what", keyId == null ? "keyid" : "created");
        }
        PublicKey key = keys.find(keyId)
                .orElseThrow(() -> new Problem(
                        SignatureProblem.KEY_UNKNOWN, "key", keyId.length() > 80 ? keyId.substring(0, 80) : keyId));
        HttpSignature signature =
                new HttpSignature(base(stated.components, stated.text, parts), stated.text, stated.signature);
        if (!signature.holds(key)) {
            throw new Problem(SignatureProblem.WRONG);
        }
        Map<String, String> covered = new TreeMap<>();
        for (String component : stated.components) {
            String name = component.substring(1, component.length() - 1);
            if (!component.contains(";") && !name.startsWith("@")) {
                covered.put(name, requireNonNull(headers.get(name)));
            }
        }
        return new Checked(signature, keyId, Instant.ofEpochSecond(Long.parseLong(created)), nonce, covered);
    }

    private static void requireDigest(Map<String, String> headers, byte[] content) {
        String stated = headers.get(DIGEST);
        if (stated == null) {
            throw new Problem(SignatureProblem.MISSING, "what", DIGEST);
        }
        if (!MessageDigest.isEqual(
                digest(content).getBytes(StandardCharsets.US_ASCII), stated.getBytes(StandardCharsets.UTF_8))) {
            throw new Problem(SignatureProblem.DIGEST_WRONG);
        }
    }

    /** What the components are taken from. */
    private record Parts(
            Request request,
            @Nullable HttpSignature asked,
            @Nullable Response response) {

        @Nullable
        String value(String component) {
            Matcher parts = COMPONENT.matcher(component);
            if (!parts.matches()) {
                return null;
            }
            String name = parts.group(1);
            return switch (parts.group(2)) {
                case "" -> response == null ? ofRequest(name) : ofResponse(response, name);
                case ";req" -> response == null ? null : ofRequest(name);
                case ";req;key=\"" + LABEL + "\"" -> asked == null || !name.equals(SIGNATURE) ? null : asked.value();
                default -> null;
            };
        }

        private @Nullable String ofRequest(String name) {
            URI target = request.target;
            return switch (name) {
                case "@method" -> request.method;
                case "@target-uri" -> target.toString();
                case "@authority" -> target.getRawAuthority().toLowerCase(Locale.ROOT);
                case "@scheme" -> target.getScheme().toLowerCase(Locale.ROOT);
                case "@path" -> target.getRawPath().isEmpty() ? "/" : target.getRawPath();
                case "@query" -> "?" + (target.getRawQuery() == null ? "" : target.getRawQuery());
                case DIGEST -> digest(request.content);
                default -> name.startsWith("@") ? null : request.headers.get(name);
            };
        }

        private static @Nullable String ofResponse(Response response, String name) {
            return switch (name) {
                case "@status" -> Integer.toString(response.status);
                case DIGEST -> digest(response.content);
                default -> name.startsWith("@") ? null : response.headers.get(name);
            };
        }
    }

    static String base(List<String> components, String parameters, Request request) {
        return base(components, parameters, new Parts(request, null, null));
    }

    private static String base(List<String> components, String parameters, Parts parts) {
        StringBuilder base = new StringBuilder();
        for (String component : components) {
            String value = parts.value(component);
            if (value == null || !value.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                throw malformed(component);
            }
            base.append(component).append(": ").append(value.strip()).append('\n');
        }
        return base.append('"')
                .append(PARAMETERS)
                .append("\": ")
                .append(parameters)
                .toString();
    }

    private static HttpSignature signed(String base, String parameters, PrivateKey key) {
        return new HttpSignature(base, parameters, Ed25519Messages.sign(key, base.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<String> own(Map<String, String> headers) {
        return headers.keySet().stream()
                .filter(name -> !Set.of(DIGEST, INPUT, SIGNATURE).contains(name))
                .toList();
    }

    private static Map<String, String> lower(Map<String, String> headers) {
        Map<String, String> lower = new TreeMap<>();
        headers.forEach((name, value) -> lower.put(name.toLowerCase(Locale.ROOT), value));
        return java.util.Collections.unmodifiableMap(lower);
    }

    private static Problem malformed(String what) {
        return new Problem(SignatureProblem.MALFORMED, "what", what);
    }
}

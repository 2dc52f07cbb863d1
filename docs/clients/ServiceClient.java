import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Calls a data service with nothing but the JDK: proves which client it is by its private key, goes through all pages as CSV, waits where it
 * is too fast, and does not fetch again what has not changed. Of a subscription ({@code /feeds/…}) it takes what has changed, acknowledges
 * each batch once it is printed, and goes on there the next time.
 *
 * <pre>java ServiceClient.java https://data.example.gov.cn my-client key.pem /services/residents/v1?area=330106001</pre>
 */
public final class ServiceClient {
    private static final Pattern NEXT = Pattern.compile("<([^>]+)>; rel=\"next\"");
    private static final Pattern TOKEN = Pattern.compile("\"access_token\"\\s*:\\s*\"([^\"]+)\"");
    private static final Pattern EVENT =
            Pattern.compile("\"type\":\"org\\.qiantang\\.change\\.(\\w+)\".*?\"data\":(\\{(?:[^{}\"]|\"(?:[^\"\\\\]|\\\\.)*\")*})");
    private static final Pattern POSITION = Pattern.compile("\"position\":\"([^\"]+)\"");
    private static final Pattern LASTS = Pattern.compile("\"expires_in\"\\s*:\\s*(\\d+)");

    private final HttpClient http = HttpClient.newHttpClient();
    private final URI hub;
    private final String client;
    private final PrivateKey key;
    private String token = "";
    private Instant tokenEnds = Instant.MIN;

    ServiceClient(URI hub, String client, PrivateKey key) {
        this.hub = hub;
        this.client = client;
        this.key = key;
    }

    public static void main(String[] arguments) throws Exception {
        String pem = Files.readString(Path.of(arguments[2])).replaceAll("-----[A-Z ]+-----", "");
        PrivateKey key = KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
        ServiceClient client = new ServiceClient(URI.create(arguments[0]), arguments[1], key);
        String path = arguments[3];
        if (path.startsWith("/feeds/")) {
            client.pull(path);
            return;
        }
        Optional<String> first = Optional.empty();
        for (Optional<String> page = Optional.of(path); page.isPresent(); ) {
            HttpResponse<String> answer = client.get(page.get(), Optional.empty());
            first = first.or(() -> answer.headers().firstValue("ETag"));
            answer.body().lines().skip(1).forEach(System.out::println);
            page = answer.headers().firstValue("Link").flatMap(ServiceClient::next);
        }
        int again = client.get(path, first).statusCode();
        System.err.println(again == 304 ? "unchanged" : "changed meanwhile");
    }

    /** Takes in what has changed since the last acknowledgement: one line for each event. */
    void pull(String feed) throws Exception {
        for (boolean more = true; more; ) {
            HttpResponse<String> answer = send(HttpRequest.newBuilder(hub.resolve(feed + "/events?limit=500")));
            String batch = answer.body();
            for (Matcher event = EVENT.matcher(batch); event.find(); ) {
                System.out.println(event.group(1) + " " + event.group(2));
            }
            // Only what is safe where it belongs is acknowledged; what is not comes again.
            String position = last(POSITION, batch);
            send(HttpRequest.newBuilder(hub.resolve(feed + "/acknowledge"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"position\":\"" + position + "\"}")));
            more = batch.contains("\"more\":true");
        }
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = http.send(
                request.header("Authorization", "Bearer " + token("subscriptions")).build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
        return answer;
    }

    private static String last(Pattern what, String text) {
        String last = "";
        for (Matcher found = what.matcher(text); found.find(); ) {
            last = found.group(1);
        }
        return last;
    }

    /** One page. Waits and asks again where the hub says that it is too fast. */
    HttpResponse<String> get(String path, Optional<String> known) throws Exception {
        while (true) {
            HttpRequest.Builder request = HttpRequest.newBuilder(hub.resolve(path))
                    .header("Authorization", "Bearer " + token("services"))
                    .header("Accept", "text/csv")
                    .header("X-Scenario", encoded("低保资格核对"))
                    .header("X-Operator", encoded("窗口 3 号"))
                    .header("X-Case", encoded("救助-2026-0042"));
            known.ifPresent(tag -> request.header("If-None-Match", tag));
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            switch (answer.statusCode()) {
                case 200, 304 -> {
                    return answer;
                }
                case 429 -> {
                    long seconds = answer.headers().firstValueAsLong("Retry-After").orElse(1);
                    System.err.println("too fast, waiting " + seconds + " s");
                    Thread.sleep(Duration.ofSeconds(seconds));
                }
                default -> throw new IllegalStateException(answer.statusCode() + " " + answer.body());
            }
        }
    }

    /** The token that is still good for a while, or a new one (RFC 6749 4.4, RFC 7523). */
    private String token(String scope) throws Exception {
        if (Instant.now().isBefore(tokenEnds)) {
            return token;
        }
        Map<String, String> form = Map.of(
                "grant_type", "client_credentials",
                "scope", scope,
                "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion", assertion());
        StringBuilder body = new StringBuilder();
        form.forEach((name, value) -> body.append(body.isEmpty() ? "" : "&").append(name).append('=').append(encoded(value)));
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(hub.resolve("/oauth2/token"))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("No token: " + answer.body());
        }
        token = found(TOKEN, answer.body());
        tokenEnds = Instant.now().plusSeconds(Long.parseLong(found(LASTS, answer.body())) - 30);
        return token;
    }

    /** Says once, for a minute, who this is. */
    private String assertion() throws Exception {
        long now = Instant.now().getEpochSecond();
        String claims = """
                {"iss":"%1$s","sub":"%1$s","aud":"%2$s","jti":"%3$s","iat":%4$d,"exp":%5$d}"""
                .formatted(client, hub.resolve("/oauth2/token"), UUID.randomUUID(), now, now + 60);
        String signed = base64("{\"alg\":\"ES256\",\"typ\":\"JWT\"}".getBytes(StandardCharsets.UTF_8))
                + "." + base64(claims.getBytes(StandardCharsets.UTF_8));
        Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
        signature.initSign(key);
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + base64(signature.sign());
    }

    private static Optional<String> next(String link) {
        Matcher next = NEXT.matcher(link);
        return next.find() ? Optional.of(next.group(1)) : Optional.empty();
    }

    private static String found(Pattern what, String text) {
        Matcher found = what.matcher(text);
        if (!found.find()) {
            throw new IllegalStateException("Not a token: " + text);
        }
        return found.group(1);
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}

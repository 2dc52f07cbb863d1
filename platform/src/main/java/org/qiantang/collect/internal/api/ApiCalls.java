package org.qiantang.collect.internal.api;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.core.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Speaks to one interface: at its pace, signed as it asks, again when that can help and do no harm. Thread-safe; a call ends early when
 * its thread is interrupted.
 */
final class ApiCalls implements AutoCloseable {
    private static final int MOST_REDIRECTS = 5;
    private static final int EXCERPT = 300;
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(30);
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(5);
    private static final Set<Integer> PASSING = Set.of(408, 429, 500, 502, 503, 504);
    /** With these the interface says that it has done nothing. */
    private static final Set<Integer> NOTHING_DONE = Set.of(429, 503);

    private final ApiSettings settings;
    private final Clock clock;
    private final HttpClient http;
    private final LongAdder bytes = new LongAdder();
    private long nextCallNanos = System.nanoTime();
    private @Nullable String token;
    private Instant tokenEnds = Instant.MIN;

    ApiCalls(ApiSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        Duration ten = Duration.ofSeconds(10);
        http = HttpClient.newBuilder()
                .connectTimeout(settings.timeout().compareTo(ten) < 0 ? settings.timeout() : ten)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** What is asked: an address with its query, and a body with POST. */
    record Ask(URI uri, @Nullable String body, String contentType, Map<String, String> headers, boolean mayRepeat) {}

    /** What came back, unpacked. */
    record Answer(URI uri, HttpHeaders headers, byte[] body) {
        String contentType() {
            return headers.firstValue("Content-Type").orElse("");
        }

        /** Its first words, for people who must find out what it was. */
        String excerpt() {
            String text = new String(body, 0, Math.min(body.length, EXCERPT), StandardCharsets.UTF_8);
            return text.strip();
        }
    }

    /** Bytes taken over the wire so far. */
    long bytes() {
        return bytes.sum();
    }

    Answer call(Ask ask) throws InterruptedException {
        boolean tokenRenewed = false;
        for (int failures = 0; ; failures++) {
            Problem problem;
            boolean again;
            Optional<Duration> asked = Optional.empty();
            try {
                HttpResponse<byte[]> response = followed(ask);
                int status = response.statusCode();
                if (status / 100 == 2) {
                    return new Answer(response.uri(), response.headers(), unpacked(response));
                }
                if (status == 401 && settings.signing() instanceof Signing.OAuth && !tokenRenewed) {
                    tokenRenewed = true;
                    forgetToken();
                    continue;
                }
                String why = status + " " + new Answer(response.uri(), response.headers(), response.body()).excerpt();
                boolean signIn = status == 401 || status == 403;
                problem = new Problem(
                        signIn ? CollectProblem.SIGN_IN_REFUSED : CollectProblem.API_REFUSED, "reason", why.strip());
                again = NOTHING_DONE.contains(status) || (ask.mayRepeat && PASSING.contains(status));
                if (NOTHING_DONE.contains(status)) {
                    asked = retryAfter(response.headers());
                }
            } catch (IOException e) {
                boolean notSent = e instanceof java.net.ConnectException || e instanceof HttpConnectTimeoutException;
                problem = new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", ask.uri.getHost() + ": " + words(e));
                again = notSent || ask.mayRepeat;
            }
            if (!again || failures >= settings.retries()) {
                throw problem;
            }
            Thread.sleep(asked.orElse(backoff(failures)));
        }
    }

    private HttpResponse<byte[]> followed(Ask ask) throws IOException, InterruptedException {
        URI uri = ask.uri;
        String body = ask.body;
        for (int redirects = 0; ; redirects++) {
            HttpResponse<byte[]> response = send(signed(uri, body, ask), settings.timeout());
            Optional<String> location = response.headers().firstValue("Location");
            if (response.statusCode() / 100 != 3 || location.isEmpty()) {
                return response;
            }
            URI next;
            try {
                next = uri.resolve(location.get());
            } catch (IllegalArgumentException e) {
                throw new Problem(CollectProblem.API_REFUSED, "reason", "it redirects to what is no address");
            }
            if (!Destinations.isSameOrigin(settings.base(), next)) {
                throw new Problem(
                        CollectProblem.ADDRESS_REFUSED,
                        "address",
                        next.getScheme() + "://" + next.getRawAuthority(),
                        "reason",
                        "the interface redirects to it, which is another server");
            }
            if (redirects >= MOST_REDIRECTS) {
                throw new Problem(CollectProblem.API_REFUSED, "reason", "it redirects without end");
            }
            if (response.statusCode() == 303) {
                body = null;
            } else if (body != null && response.statusCode() < 307) {
                throw new Problem(
                        CollectProblem.API_REFUSED, "reason", "it redirects a POST, which would lose its body");
            }
            uri = next;
        }
    }

    private HttpRequest signed(URI uri, @Nullable String body, Ask ask) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder();
        ask.headers.forEach(request::setHeader);
        request.setHeader("Accept", "application/json");
        request.setHeader("Accept-Encoding", "gzip");
        URI target = uri;
        switch (settings.signing()) {
            case Signing.Open ignored -> {}
            case Signing.HeaderKey key -> request.setHeader(key.header(), key.key());
            case Signing.QueryKey key -> target = ApiPages.withParameter(uri, key.param(), key.key());
            case Signing.Basic basic -> request.setHeader("Authorization", basic(basic.username(), basic.password()));
            case Signing.OAuth oauth -> request.setHeader("Authorization", "Bearer " + token(oauth));
            case Signing.Signature signature -> {
                Instant now = clock.instant();
                String time = Long.toString(signature.millis() ? now.toEpochMilli() : now.getEpochSecond());
                String nonce = UUID.randomUUID().toString().replace("-", "");
                String text = signature.text(
                        time,
                        nonce,
                        body == null ? "" : body,
                        body == null ? "GET" : "POST",
                        uri.getRawPath(),
                        uri.getRawQuery() == null ? "" : uri.getRawQuery());
                request.setHeader(signature.idHeader(), signature.id());
                request.setHeader(signature.timestampHeader(), time);
                request.setHeader(signature.nonceHeader(), nonce);
                request.setHeader(signature.signatureHeader(), signature.sign(text));
            }
        }
        request.uri(target);
        if (body != null) {
            request.setHeader("Content-Type", ask.contentType);
            request.POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return request.build();
    }

    private HttpResponse<byte[]> send(HttpRequest request, Duration timeout) throws IOException, InterruptedException {
        Destinations.check(request.uri(), settings.allowPlain(), Set.of());
        pace();
        long most = (long) settings.pageMegabytes() << 20;
        CompletableFuture<HttpResponse<byte[]>> future = http.sendAsync(
                request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), most));
        try {
            HttpResponse<byte[]> response = future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            bytes.add(response.body().length);
            return response;
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new IOException("no whole answer within " + timeout.toMillis() / 1000.0 + " s", e);
        } catch (InterruptedException e) {
            future.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failure) {
                if (String.valueOf(failure.getMessage()).startsWith("body exceeds capacity")) {
                    throw tooLarge();
                }
                throw failure;
            }
            throw new IllegalStateException("A request failed", e.getCause());
        }
    }

    private Problem tooLarge() {
        return new Problem(
                CollectProblem.ANSWER_TOO_LARGE,
                "reason",
                "more than " + settings.pageMegabytes() + " MiB in one answer");
    }

    private byte[] unpacked(HttpResponse<byte[]> response) throws IOException {
        String encoding = response.headers().firstValue("Content-Encoding").orElse("identity");
        return switch (encoding.toLowerCase(Locale.ROOT)) {
            case "identity", "" -> response.body();
            case "gzip", "x-gzip" -> {
                int most = settings.pageMegabytes() << 20;
                try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
                    byte[] body = in.readNBytes(most + 1);
                    if (body.length > most) {
                        throw tooLarge();
                    }
                    yield body;
                }
            }
            default ->
                throw new Problem(CollectProblem.API_REFUSED, "reason", "an answer packed as \"" + encoding + "\"");
        };
    }

    /** Waits for this call's turn. */
    private void pace() throws InterruptedException {
        long wait;
        synchronized (this) {
            long now = System.nanoTime();
            long mine = Math.max(now, nextCallNanos);
            nextCallNanos = mine + (long) (1e9 / settings.requestsPerSecond());
            wait = mine - now;
        }
        if (wait > 0) {
            TimeUnit.NANOSECONDS.sleep(wait);
        }
    }

    /** Twice as long after each failure, and never the same for two who failed together. */
    private Duration backoff(int failures) {
        long most = Math.min(settings.backoff().toMillis() << Math.min(failures, 16), LONGEST_BACKOFF.toMillis());
        return Duration.ofMillis(most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1));
    }

    private Optional<Duration> retryAfter(HttpHeaders headers) {
        return headers.firstValue("Retry-After").map(String::strip).flatMap(text -> {
            Duration wait;
            try {
                wait = text.matches("\\d{1,9}")
                        ? Duration.ofSeconds(Long.parseLong(text))
                        : Duration.between(
                                clock.instant(), ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
            return wait.isNegative()
                    ? Optional.empty()
                    : Optional.of(wait.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : wait);
        });
    }

    private synchronized void forgetToken() {
        token = null;
    }

    private synchronized String token(Signing.OAuth oauth) throws IOException, InterruptedException {
        String current = token;
        if (current != null && clock.instant().isBefore(tokenEnds)) {
            return current;
        }
        Map<String, String> form = new HashMap<>(Map.of("grant_type", "client_credentials"));
        if (!oauth.scope().isBlank()) {
            form.put("scope", oauth.scope());
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(oauth.url())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Accept", "application/json");
        if (oauth.inForm()) {
            form.put("client_id", oauth.client());
            form.put("client_secret", oauth.secret());
        } else {
            request.header("Authorization", basic(encoded(oauth.client()), encoded(oauth.secret())));
        }
        String body = form.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + encoded(entry.getValue()))
                .collect(java.util.stream.Collectors.joining("&"));
        HttpResponse<byte[]> response =
                send(request.POST(HttpRequest.BodyPublishers.ofString(body)).build(), settings.timeout());
        if (response.statusCode() == 429 || response.statusCode() >= 500) {
            throw new IOException("the token's address answers " + response.statusCode());
        }
        JsonNode answer;
        try {
            answer = JsonMapper.shared().readTree(response.body());
        } catch (JacksonException e) {
            throw new Problem(CollectProblem.SIGN_IN_REFUSED, "reason", "the token's address answers no JSON");
        }
        String fresh = answer.path("access_token").asString("");
        if (response.statusCode() != 200 || fresh.isEmpty()) {
            throw new Problem(
                    CollectProblem.SIGN_IN_REFUSED,
                    "reason",
                    "the token's address answers " + response.statusCode() + " "
                            + answer.path("error").asString("without a token"));
        }
        long seconds = answer.path("expires_in").asLong(300);
        tokenEnds = clock.instant().plusSeconds(Math.max(1, seconds - Math.min(30, seconds / 5)));
        token = fresh;
        return fresh;
    }

    private static String basic(String username, String password) {
        byte[] both = (username + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(both);
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static String words(Exception e) {
        String message = e.getMessage();
        return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
    }

    /** The address that a {@code Link} header calls the next. */
    static Optional<String> nextLink(List<String> links) {
        for (String header : links) {
            for (String link : header.split(",(?=\\s*<)", -1)) {
                int open = link.indexOf('<');
                int close = link.indexOf('>', open);
                if (open >= 0
                        && close > open
                        && link.substring(close)
                                .matches("(?is).*;\\s*rel\\s*=\\s*\"?([^\";]*\\s)?next(\\s[^\"]*)?\"?(\\s*;.*)?\\s*")) {
                    return Optional.of(link.substring(open + 1, close));
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}

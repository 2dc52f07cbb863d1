package org.qiantang.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import org.apache.arrow.flight.CallStatus;
import org.apache.arrow.flight.FlightRuntimeException;
import org.jspecify.annotations.Nullable;

/** The hub's API, as one person after the other calls it. */
final class Hub {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration CONNECTING = Duration.ofSeconds(10);

    private final URI base;

    Hub(URI base) {
        this.base = base;
    }

    /** Somebody who has not said yet who they are. */
    Caller stranger(String language) {
        return new Caller(null, language);
    }

    /** Whom the hub knows by a token. */
    Caller bearer(String token, String language) {
        return new Caller(token, language);
    }

    /** What one person's calls have in common: cookies or a token, and the language of refusals. */
    final class Caller implements AutoCloseable {
        private final CookieManager cookies = new CookieManager();
        private final HttpClient http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECTING)
                .cookieHandler(cookies)
                .build();
        private final @Nullable String token;
        private final String language;

        private Caller(@Nullable String token, String language) {
            this.token = token;
            this.language = language;
        }

        JsonNode get(String path) {
            return json(send(request(path).GET()));
        }

        JsonNode post(String path, Object body) {
            return json(open(path, body));
        }

        void delete(String path) {
            json(send(request(path).DELETE()));
        }

        /** The answer as it comes; whoever asked closes it. */
        InputStream open(String path, Object body) {
            try {
                return send(request(path)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body))));
            } catch (IOException e) {
                throw new IllegalStateException("What is asked cannot be written", e);
            }
        }

        private HttpRequest.Builder request(String path) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(base.resolve(path)).header("Accept-Language", language);
            if (token != null) {
                request.header("Authorization", "Bearer " + token);
            }
            cookie("QT-CSRF").ifPresent(value -> request.header("X-CSRF-Token", value));
            return request;
        }

        private Optional<String> cookie(String name) {
            return cookies.getCookieStore().getCookies().stream()
                    .filter(cookie -> cookie.getName().equals(name))
                    .map(HttpCookie::getValue)
                    .findFirst();
        }

        private InputStream send(HttpRequest.Builder request) {
            try {
                HttpResponse<InputStream> response = http.send(request.build(), BodyHandlers.ofInputStream());
                if (response.statusCode() < 300) {
                    return response.body();
                }
                try (InputStream refused = response.body()) {
                    throw refusal(response.statusCode(), refused.readAllBytes());
                }
            } catch (IOException e) {
                throw CallStatus.UNAVAILABLE
                        .withDescription(
                                language.startsWith("zh")
                                        ? "无法查询：中枢 " + base + " 没有应答，请稍后重试。"
                                        : "Cannot ask: the hub at " + base + " does not answer. Try again shortly.")
                        .withCause(e)
                        .toRuntimeException();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw CallStatus.CANCELLED.toRuntimeException();
            }
        }

        @Override
        public void close() {
            http.shutdownNow();
        }
    }

    private static JsonNode json(InputStream answer) {
        try (answer) {
            byte[] bytes = answer.readAllBytes();
            return bytes.length == 0 ? JSON.createObjectNode() : JSON.readTree(bytes);
        } catch (IOException e) {
            throw CallStatus.UNAVAILABLE
                    .withDescription("The hub's answer broke off")
                    .withCause(e)
                    .toRuntimeException();
        }
    }

    /** The hub's own sentence, with its code behind it. */
    private static FlightRuntimeException refusal(int status, byte[] body) {
        String said = "";
        String code = "";
        try {
            JsonNode problem = JSON.readTree(body);
            said = problem.path("detail").asText(problem.path("title").asText(""));
            code = problem.path("code").asText("");
        } catch (IOException notJson) {
            said = "";
        }
        String words =
                (said.isEmpty() ? "The hub answered " + status : said) + (code.isEmpty() ? "" : " [" + code + "]");
        CallStatus kind = switch (status) {
            case 400, 422 -> CallStatus.INVALID_ARGUMENT;
            case 401 -> CallStatus.UNAUTHENTICATED;
            case 403 -> CallStatus.UNAUTHORIZED;
            case 404 -> CallStatus.NOT_FOUND;
            case 409 -> code.equals("catalog.sql_stopped") ? CallStatus.CANCELLED : CallStatus.INVALID_ARGUMENT;
            case 429, 507 -> CallStatus.RESOURCE_EXHAUSTED;
            case 503 -> CallStatus.UNAVAILABLE;
            default -> CallStatus.INTERNAL;
        };
        return kind.withDescription(words).toRuntimeException();
    }
}

package org.qiantang.app.install;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Somebody in front of the console. */
record Visitor(HttpClient http, CookieManager cookies, String url) {
    static Visitor signedIn(String url, String username, String password) throws IOException, InterruptedException {
        CookieManager cookies = new CookieManager();
        Visitor visitor =
                new Visitor(HttpClient.newBuilder().cookieHandler(cookies).build(), cookies, url);
        visitor.get("/api/health", "zh-CN");
        HttpResponse<String> answer = visitor.send(
                "POST",
                "/api/session",
                "application/json",
                "{\"username\":\"%s\",\"password\":\"%s\"}".formatted(username, password));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return visitor;
    }

    HttpResponse<String> get(String path, String language) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url).resolve(path))
                        .header("Accept-Language", language)
                        .build(),
                BodyHandlers.ofString());
    }

    HttpResponse<String> send(String method, String path, String type, String body)
            throws IOException, InterruptedException {
        String token = cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals("QT-CSRF"))
                .findFirst()
                .orElseThrow()
                .getValue();
        return http.send(
                HttpRequest.newBuilder(URI.create(url).resolve(path))
                        .header("Content-Type", type)
                        .header("X-CSRF-Token", token)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }
}

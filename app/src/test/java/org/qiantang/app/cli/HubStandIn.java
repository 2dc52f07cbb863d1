package org.qiantang.app.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Answers as a hub's API does, with the answers a test lays out; a route's last answer is given again. */
final class HubStandIn implements AutoCloseable {
    private final HttpServer server;
    private final String token;
    private final Map<String, Queue<Answer>> answers = new ConcurrentHashMap<>();
    private final Queue<String> requests = new ConcurrentLinkedQueue<>();

    private record Answer(int status, String body) {}

    HubStandIn(String token) throws IOException {
        this.token = token;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/";
    }

    /** @param route such as {@code GET /api/sources} */
    HubStandIn on(String route, int status, String body) {
        answers.computeIfAbsent(route, r -> new ConcurrentLinkedQueue<>()).add(new Answer(status, body));
        return this;
    }

    /** What was asked, each with its body. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private void answer(HttpExchange exchange) throws IOException {
        String route = exchange.getRequestMethod() + " " + exchange.getRequestURI();
        requests.add((route + " " + new String(exchange.getRequestBody().readAllBytes(), UTF_8)).strip());
        boolean known = ("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"));
        Queue<Answer> queue = answers.getOrDefault(route, new ConcurrentLinkedQueue<>());
        Answer answer = queue.size() > 1 ? queue.remove() : queue.peek();
        if (answer == null || !known) {
            answer = new Answer(
                    known ? 404 : 401, "{\"code\":\"core.not_found\",\"detail\":\"Nothing at " + route + "\"}");
        }
        byte[] body = answer.body().getBytes(UTF_8);
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

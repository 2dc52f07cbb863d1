package org.qiantang.collect;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/** A department's interface that does what such interfaces do: well or badly, as each test says. */
final class BadApi implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    final List<Asked> asked = new CopyOnWriteArrayList<>();
    private final Map<String, AtomicInteger> times = new ConcurrentHashMap<>();

    /** A request as it arrived. */
    record Asked(String method, String path, Map<String, String> query, Map<String, String> headers, String body) {
        int number(String name) {
            return Integer.parseInt(query.getOrDefault(name, "0"));
        }
    }

    /** An answer to be given. */
    record Say(int status, String type, byte[] body, Map<String, String> headers) {
        static Say json(String body) {
            return new Say(200, "application/json", body.getBytes(StandardCharsets.UTF_8), Map.of());
        }

        static Say status(int status, String body) {
            return new Say(status, "text/plain", body.getBytes(StandardCharsets.UTF_8), Map.of());
        }

        Say with(String header, String value) {
            Map<String, String> more = new LinkedHashMap<>(headers);
            more.put(header, value);
            return new Say(status, type, body, more);
        }

        Say as(String otherType) {
            return new Say(status, otherType, body, headers);
        }
    }

    interface Behaviour {
        Say answer(Asked asked) throws Exception;
    }

    BadApi() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(executor);
        server.start();
    }

    String address(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** How often this was asked already under a name, counting from 1. */
    int time(String name) {
        return times.computeIfAbsent(name, any -> new AtomicInteger()).incrementAndGet();
    }

    BadApi on(String path, Behaviour behaviour) {
        server.createContext(path, exchange -> {
            try (exchange) {
                Asked request = asked(exchange);
                asked.add(request);
                Say say;
                try {
                    say = behaviour.answer(request);
                } catch (Exception e) {
                    say = Say.status(500, e.toString());
                }
                say.headers.forEach(exchange.getResponseHeaders()::set);
                exchange.getResponseHeaders().set("Content-Type", say.type);
                boolean chunked = say.headers.containsKey("X-Chunked");
                exchange.sendResponseHeaders(say.status, chunked ? 0 : say.body.length == 0 ? -1 : say.body.length);
                for (int at = 0; at < say.body.length; at += 100) {
                    exchange.getResponseBody().write(say.body, at, Math.min(100, say.body.length - at));
                    if (chunked) {
                        exchange.getResponseBody().flush();
                    }
                }
            }
        });
        return this;
    }

    private static Asked asked(HttpExchange exchange) throws IOException {
        Map<String, String> query = new LinkedHashMap<>();
        String raw = exchange.getRequestURI().getRawQuery();
        for (String part : raw == null ? new String[0] : raw.split("&")) {
            int equals = part.indexOf('=');
            query.put(
                    URLDecoder.decode(part.substring(0, equals), StandardCharsets.UTF_8),
                    URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
        }
        Map<String, String> headers = new LinkedHashMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.getFirst()));
        return new Asked(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                query,
                headers,
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
    }

    /** Records {@code from} to {@code to}, both of them there, as JSON objects. */
    static String records(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(id -> "{\"id\":" + id + ",\"name\":\"许可 " + id + "\",\"fee\":" + id + ".50}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** One page of {@code count} records as many gateways hand them out. */
    static String page(int number, int size, int count, int total) {
        int from = (number - 1) * size + 1;
        int to = Math.min(number * size, count);
        return "{\"code\":0,\"msg\":\"成功\",\"data\":{\"total\":" + total + ",\"list\":"
                + (from > to ? "[]" : records(from, to)) + "}}";
    }

    static byte[] packed(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    List<Integer> pagesAsked(String parameter) {
        List<Integer> pages = new ArrayList<>();
        asked.forEach(request -> pages.add(request.number(parameter)));
        return pages;
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }
}

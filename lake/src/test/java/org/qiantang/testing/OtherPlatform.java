package org.qiantang.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** Another platform as docs/sources/platform.md describes it, that can be told to send other than what it says. */
public final class OtherPlatform implements AutoCloseable {
    public static final String TOKEN = "granted-only-for-tests";

    private static final String ROOT = "/city/exchange/v1/resources";

    /** What becomes of a batch on its way. */
    public enum Way {
        /** It comes as it was sent. */
        WHOLE,
        /** Its last row does not come. */
        SHORT,
        /** A value in it is another. */
        ALTERED,
        /** The connection ends in the middle. */
        CUT,
        /** It is not there. */
        GONE,
    }

    private record Batch(String sentAt, List<String> rows) {
        byte[] bytes() {
            return (String.join("\n", rows) + "\n").getBytes(StandardCharsets.UTF_8);
        }
    }

    private final HttpServer server;
    private final Map<String, Map<String, Batch>> resources = new ConcurrentSkipListMap<>();
    private final Map<String, Way> ways = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private volatile int stumbles;

    public OtherPlatform() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    public String location() {
        return "platform+http://127.0.0.1:" + server.getAddress().getPort() + "/city";
    }

    /** Sends a batch of a resource: rows as JSON. */
    public void send(String resource, String batch, String... rows) {
        resources
                .computeIfAbsent(resource, any -> new ConcurrentSkipListMap<>())
                .put(batch, new Batch("2026-11-2" + (1 + asked.size() % 8) + "T08:00:00+08:00", List.of(rows)));
        asked.put(resource + "/" + batch, new AtomicInteger());
    }

    /** Takes its word back. */
    public void withdraw(String resource, String batch) {
        resources.get(resource).remove(batch);
    }

    public void lead(String resource, String batch, Way way) {
        ways.put(resource + "/" + batch, way);
    }

    /** The next so many batches that are asked for are altered, whatever else is said of them. */
    public void stumble(int times) {
        stumbles = times;
    }

    public int asked(String resource, String batch) {
        return asked.get(resource + "/" + batch).get();
    }

    private synchronized boolean stumbles() {
        if (stumbles == 0) {
            return false;
        }
        stumbles--;
        return true;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.sendResponseHeaders(401, -1);
            } else if (path.equals(ROOT)) {
                write(exchange, list().getBytes(StandardCharsets.UTF_8));
            } else if (path.startsWith(ROOT + "/")) {
                batch(exchange, path.substring(ROOT.length() + 1).split("/"));
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private void batch(HttpExchange exchange, String[] steps) throws IOException {
        String resource = URLDecoder.decode(steps[0], StandardCharsets.UTF_8);
        String name = URLDecoder.decode(steps[2], StandardCharsets.UTF_8);
        Batch batch = resources.getOrDefault(resource, Map.of()).get(name);
        Way way = stumbles() ? Way.ALTERED : ways.getOrDefault(resource + "/" + name, Way.WHOLE);
        if (batch == null || way == Way.GONE) {
            exchange.sendResponseHeaders(404, -1);
            return;
        }
        asked.get(resource + "/" + name).incrementAndGet();
        byte[] bytes = batch.bytes();
        switch (way) {
            case WHOLE -> write(exchange, bytes);
            case SHORT -> write(exchange, new Batch("", batch.rows.subList(0, batch.rows.size() - 1)).bytes());
            case ALTERED ->
                write(
                        exchange,
                        new String(bytes, StandardCharsets.UTF_8)
                                .replace('1', '7')
                                .getBytes(StandardCharsets.UTF_8));
            case CUT -> {
                exchange.sendResponseHeaders(200, bytes.length);
                OutputStream body = exchange.getResponseBody();
                body.write(bytes, 0, bytes.length / 2);
                body.flush();
            }
            case GONE -> throw new IllegalStateException("not reached");
        }
    }

    private String list() {
        return resources.entrySet().stream()
                .map(resource -> "{\"name\": \"" + resource.getKey() + "\", \"deliveries\": ["
                        + resource.getValue().entrySet().stream()
                                .map(batch -> "{\"batch\": \"" + batch.getKey() + "\", \"sentAt\": \""
                                        + batch.getValue().sentAt + "\", \"rows\": "
                                        + batch.getValue().rows.size() + ", \"sha256\": \""
                                        + sha256(batch.getValue().bytes()) + "\"}")
                                .collect(Collectors.joining(", "))
                        + "]}")
                .collect(Collectors.joining(", ", "{\"platform\": \"省平台\", \"resources\": [", "]}"));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(HttpExchange exchange, byte[] bytes) throws IOException {
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

package org.qiantang.app.worker;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The lake worker's process: settings in on one line of standard input, its port out on one line of standard output. */
public final class LakeWorker {
    private LakeWorker() {}

    public static void main(String[] arguments) throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        String line = input.readLine();
        if (line == null) {
            return;
        }
        JsonNode settings = JsonMapper.shared().readTree(line);
        String bearer = "Bearer " + settings.path("token").stringValue();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean known = bearer.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            exchange.sendResponseHeaders(known ? 204 : 401, -1);
            exchange.close();
        });
        server.start();
        System.out.println("{\"port\":" + server.getAddress().getPort() + "}");
        while (input.readLine() != null) {
            // Nothing more is said; the end of the input is the end of the hub.
        }
        Runtime.getRuntime().halt(0);
    }
}

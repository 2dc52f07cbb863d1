package org.qiantang.flight;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a gateway is started. Passwords go through it, so that without TLS it talks to this machine alone unless somebody says that they
 * know what they do.
 *
 * @param tlsCertificate a chain in PEM; null without TLS
 */
record GatewayOptions(
        URI hub,
        String host,
        int port,
        @Nullable Path tlsCertificate,
        @Nullable Path tlsKey) {
    static final String USAGE = """
            Usage: qiantang flight --hub URL [--port N] [--host ADDRESS] [--tls-cert FILE --tls-key FILE] [--insecure]

            Lets tools that speak Arrow Flight SQL (the JDBC driver, DBeaver, BI tools) ask a hub, each person as themselves.
              --hub URL         the hub, such as https://data.example.gov.cn/
              --port N          where to listen (31337)
              --host ADDRESS    on which address (127.0.0.1)
              --tls-cert FILE   certificate chain, PEM
              --tls-key FILE    its key, PKCS #8 in PEM
              --insecure        passwords may travel without TLS beyond this machine
            """;

    private static final int USUAL_PORT = 31337;

    /** Words that cannot be an option's. */
    static final class Refused extends RuntimeException {
        Refused(String message) {
            super(message);
        }
    }

    static GatewayOptions of(String... arguments) {
        URI hub = null;
        String host = "127.0.0.1";
        int port = USUAL_PORT;
        Path certificate = null;
        Path key = null;
        boolean insecure = false;
        for (int i = 0; i < arguments.length; i++) {
            String option = arguments[i];
            if (option.equals("--insecure")) {
                insecure = true;
                continue;
            }
            if (i + 1 == arguments.length) {
                throw new Refused("What does " + option + " say?");
            }
            String value = arguments[++i];
            switch (option) {
                case "--hub" -> hub = address(value);
                case "--host" -> host = value;
                case "--port" -> port = number(value);
                case "--tls-cert" -> certificate = file(value);
                case "--tls-key" -> key = file(value);
                default -> throw new Refused("There is no option " + option);
            }
        }
        if (hub == null) {
            throw new Refused("Say which hub: --hub URL");
        }
        if ((certificate == null) != (key == null)) {
            throw new Refused("--tls-cert and --tls-key belong together");
        }
        if (!insecure && certificate == null && !isThisMachine(host)) {
            throw new Refused("Passwords would travel to " + host
                    + " without TLS: name --tls-cert and --tls-key, or say --insecure");
        }
        if (!insecure && !"https".equals(hub.getScheme()) && !isThisMachine(hub.getHost())) {
            throw new Refused("Passwords would travel to " + hub + " without TLS: use https, or say --insecure");
        }
        return new GatewayOptions(hub, host, port, certificate, key);
    }

    private static URI address(String value) {
        URI given;
        try {
            given = URI.create(value.endsWith("/") ? value : value + "/");
        } catch (IllegalArgumentException e) {
            throw new Refused("No address: " + value);
        }
        if (given.getHost() == null || !("http".equals(given.getScheme()) || "https".equals(given.getScheme()))) {
            throw new Refused("No address of a hub: " + value);
        }
        return given;
    }

    private static int number(String value) {
        try {
            int port = Integer.parseInt(value);
            if (port >= 0 && port < 1 << 16) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw new Refused("No port: " + value);
        }
        throw new Refused("No port: " + value);
    }

    private static Path file(String value) {
        Path file = Path.of(value);
        if (!Files.isReadable(file)) {
            throw new Refused("Cannot read " + file);
        }
        return file;
    }

    private static boolean isThisMachine(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}

package org.qiantang.flight;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.arrow.flight.FlightServer;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.ServerHeaderMiddleware;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** The gateway's program: it serves until it is ended, and keeps nothing. */
public final class FlightGateway implements AutoCloseable {
    private static final long ENDING_SECONDS = 5;

    private final BufferAllocator memory;
    private final Sessions sessions;
    private final LakeProducer producer;
    private final FlightServer server;

    private FlightGateway(BufferAllocator memory, Sessions sessions, LakeProducer producer, FlightServer server) {
        this.memory = memory;
        this.sessions = sessions;
        this.producer = producer;
        this.server = server;
    }

    /** Says where it listens once it does, and ends with 2 when it was told nonsense. */
    public static void main(String... arguments) throws Exception {
        if (arguments.length == 1 && arguments[0].equals("--help")) {
            System.out.print(GatewayOptions.USAGE);
            return;
        }
        GatewayOptions options;
        try {
            options = GatewayOptions.of(arguments);
        } catch (GatewayOptions.Refused e) {
            System.err.println(e.getMessage());
            System.err.println();
            System.err.print(GatewayOptions.USAGE);
            System.exit(2);
            return;
        }
        FlightGateway gateway = start(options);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(gateway::close));
        System.out.println("Flight SQL at " + (options.tlsCertificate() == null ? "grpc://" : "grpc+tls://")
                + options.host() + ":" + gateway.server.getPort() + " for " + options.hub());
        gateway.server.awaitTermination();
    }

    static FlightGateway start(GatewayOptions options) throws IOException {
        BufferAllocator memory = new RootAllocator();
        Sessions sessions = new Sessions(new Hub(options.hub()));
        LakeProducer producer = new LakeProducer(memory, sessions);
        Location at = options.tlsCertificate() == null
                ? Location.forGrpcInsecure(options.host(), options.port())
                : Location.forGrpcTls(options.host(), options.port());
        FlightServer.Builder builder = FlightServer.builder(memory, at, producer)
                .headerAuthenticator(sessions)
                .middleware(LakeProducer.HEADERS, new ServerHeaderMiddleware.Factory());
        if (options.tlsCertificate() != null && options.tlsKey() != null) {
            builder.useTls(options.tlsCertificate().toFile(), options.tlsKey().toFile());
        }
        return new FlightGateway(memory, sessions, producer, builder.build().start());
    }

    int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        try {
            server.shutdown();
            if (!server.awaitTermination(ENDING_SECONDS, TimeUnit.SECONDS)) {
                server.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            producer.close();
            sessions.close();
            memory.close();
        }
    }
}

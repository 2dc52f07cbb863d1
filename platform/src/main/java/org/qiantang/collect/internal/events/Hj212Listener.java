package org.qiantang.collect.internal.events;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.qiantang.core.Problem;

/**
 * The port to which instruments send by HJ 212. A packet is answered when what it says is safe, not before, so that a device that hears
 * nothing sends it again. Nothing a line brings can stop the others.
 */
public final class Hj212Listener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Hj212Listener.class.getName());
    private static final int MOST_LINES = 20_000;
    /** The longest interval at which a device speaks is an hour. */
    private static final int SILENCE_MILLIS = 2 * 3_600 * 1_000;

    private static final int REMEMBERED_PACKETS = 10_000;

    private final ServerSocket server;
    private final Sink sink;
    private final Semaphore lines = new Semaphore(MOST_LINES);
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    /** When the values of a packet in parts were measured: only its first part says so. */
    private final Map<String, String> dataTimes = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > REMEMBERED_PACKETS;
        }
    };

    /** Where what came goes; both return when it is safe. */
    public interface Sink {
        /** @param events lines of JSON */
        void events(String device, byte[] events);

        void rejected(String from, String reason, String raw);
    }

    private Hj212Listener(ServerSocket server, Sink sink) {
        this.server = server;
        this.sink = sink;
    }

    /** Listens at a port of all addresses; 0 takes a free one. */
    public static Hj212Listener open(int port, Sink sink) throws IOException {
        ServerSocket server = new ServerSocket();
        try {
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress((InetAddress) null, port), 256);
        } catch (IOException e) {
            server.close();
            throw e;
        }
        Hj212Listener listener = new Hj212Listener(server, sink);
        Thread.ofPlatform().daemon().name("hj212").start(listener::accept);
        return listener;
    }

    public int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() {
        closeQuietly(server);
        open.forEach(Hj212Listener::closeQuietly);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket line = server.accept();
                if (lines.tryAcquire()) {
                    open.add(line);
                    Thread.ofVirtual().name("hj212-line").start(() -> attend(line));
                } else {
                    LOG.log(
                            System.Logger.Level.WARNING,
                            "More than {0} instruments are connected; one is refused",
                            MOST_LINES);
                    closeQuietly(line);
                }
            } catch (SocketException e) {
                if (!server.isClosed()) {
                    LOG.log(System.Logger.Level.WARNING, "An instrument could not connect: " + e.getMessage());
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "An instrument could not connect: " + e.getMessage());
            }
        }
    }

    private void attend(Socket line) {
        String from = String.valueOf(line.getRemoteSocketAddress());
        try (line) {
            line.setSoTimeout(SILENCE_MILLIS);
            line.setTcpNoDelay(true);
            InputStream in = line.getInputStream();
            OutputStream out = line.getOutputStream();
            Hj212Stream packets = new Hj212Stream();
            byte[] bytes = new byte[8 << 10];
            for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                packets.add(bytes, n);
                take(packets, from, out);
            }
            packets.rest().ifPresent(rest -> take(rest, from));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "The line of " + from + " ended: " + e.getMessage());
        } catch (Problem e) {
            // What is not safe is not answered; the line is cut so that the device tries again.
            LOG.log(System.Logger.Level.WARNING, "The line of " + from + " is cut: " + e.getMessage());
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "The line of " + from + " is cut", e);
        } finally {
            open.remove(line);
            lines.release();
        }
    }

    private void take(Hj212Stream packets, String from, OutputStream out) throws IOException {
        List<byte[]> answers = new ArrayList<>();
        for (Optional<Hj212Stream.Found> found = packets.next(); found.isPresent(); found = packets.next()) {
            take(found.get(), from).ifPresent(answers::add);
        }
        for (byte[] answer : answers) {
            out.write(answer);
        }
        out.flush();
    }

    /** Makes it safe; returns what is to be answered. */
    private Optional<byte[]> take(Hj212Stream.Found found, String from) {
        return switch (found) {
            case Hj212Stream.Found.Rubbish rubbish -> {
                sink.rejected(from, rubbish.reason(), rubbish.raw());
                yield Optional.empty();
            }
            case Hj212Stream.Found.Packet(Hj212Packet packet, String raw) -> {
                if (!packet.isNamed()) {
                    sink.rejected(from, "the packet names no device (MN) or command (CN)", raw);
                    yield Optional.empty();
                }
                if (!packet.isAnswer()) {
                    sink.events(packet.device(), packet.events(dataTime(packet)));
                }
                yield packet.wantsAnswer() ? Optional.of(packet.answer()) : Optional.empty();
            }
        };
    }

    private String dataTime(Hj212Packet packet) {
        String said = packet.dataTime();
        if (packet.get("PNUM").isEmpty()) {
            return said;
        }
        String key = packet.device() + "\0" + packet.get("CN") + "\0" + packet.get("QN");
        synchronized (dataTimes) {
            if (said.isEmpty()) {
                return dataTimes.getOrDefault(key, "");
            }
            dataTimes.put(key, said);
            return said;
        }
    }

    private static void closeQuietly(java.io.Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "Closing failed", e);
        }
    }
}

package org.qiantang.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A line to a server on this machine that can be cut: all of it at once, or when the server has heard something and not answered yet. */
public final class BrokenLine implements AutoCloseable {
    private final ServerSocket door;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile String fatal = "";
    private volatile int cuts;
    private volatile boolean down;

    private BrokenLine(ServerSocket door, int target) {
        this.door = door;
        this.target = target;
    }

    public static BrokenLine to(int port) {
        try {
            BrokenLine line = new BrokenLine(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
            Thread.ofVirtual().start(line::accept);
            return line;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public int port() {
        return door.getLocalPort();
    }

    /** How often the line was cut by {@link #cutAfter}. */
    public int cuts() {
        return cuts;
    }

    /** Cuts every connection; new ones may come. */
    public void cut() {
        open.forEach(BrokenLine::reset);
    }

    /** Cuts every connection, and lets none come until it is {@link #mend mended}. */
    public void down() {
        down = true;
        cut();
    }

    public void mend() {
        down = false;
    }

    /** The next connection that says this is cut once the server has answered, and the answer is swallowed. */
    public void cutAfter(String said) {
        fatal = said;
    }

    @Override
    public void close() throws IOException {
        door.close();
        cut();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket caller = door.accept();
                if (down) {
                    reset(caller);
                    continue;
                }
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                Connection connection = new Connection(caller, server);
                open.add(caller);
                open.add(server);
                Thread.ofVirtual().start(connection::forth);
                Thread.ofVirtual().start(connection::back);
            } catch (IOException e) {
                // The door is closed, or the server is away.
            }
        }
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // it was closed
        }
    }

    private final class Connection {
        private final Socket caller;
        private final Socket server;
        private volatile boolean doomed;

        Connection(Socket caller, Socket server) {
            this.caller = caller;
            this.server = server;
        }

        private void forth() {
            pass(caller, server, false);
        }

        private void back() {
            pass(server, caller, true);
        }

        private void pass(Socket from, Socket to, boolean answers) {
            byte[] bytes = new byte[1 << 16];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(bytes); n >= 0; n = in.read(bytes)) {
                    String word = fatal;
                    if (answers && doomed) {
                        cuts++;
                        break;
                    } else if (!answers
                            && !word.isEmpty()
                            && new String(bytes, 0, n, StandardCharsets.ISO_8859_1).contains(word)) {
                        doomed = true;
                        fatal = "";
                    }
                    out.write(bytes, 0, n);
                    out.flush();
                }
            } catch (IOException e) {
                // cut
            } finally {
                reset(from);
                reset(to);
                open.remove(from);
                open.remove(to);
            }
        }
    }
}

package org.qiantang.exchange;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.Problem;
import org.springframework.stereotype.Component;

/**
 * The systems that are called. An address is looked up once, judged, and that very address is connected to, so that a name cannot mean
 * another host a moment later; the JDK's client looks a name up by itself. Of an answer only its status is read: nothing of it can be had
 * through us, and nobody is followed anywhere.
 */
@Component
final class Receivers {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration WHOLE = Duration.ofSeconds(15);
    private static final int LONGEST_STATUS = 512;
    private static final int LONGEST_ECHO = 16_384;

    private final ReceiverRules rules;
    private final ScheduledExecutorService timer;

    Receivers(ReceiverRules rules) {
        this.rules = rules;
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("webhook-ends").factory());
        executor.setRemoveOnCancelPolicy(true);
        this.timer = executor;
    }

    /** Nobody was reached, so that nothing can have been taken in. */
    static final class Unreached extends IOException {
        private static final long serialVersionUID = 1;

        Unreached(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** Refuses an address that may not be called, as far as that can be told without looking it up. */
    URI check(String url) {
        URI uri;
        try {
            uri = URI.create(url.strip());
        } catch (IllegalArgumentException e) {
            throw refused("它不是网址 (it is no address)");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        String host = uri.getHost();
        if (host == null || uri.getRawUserInfo() != null || uri.getRawFragment() != null) {
            throw refused("须写明主机，且不含账号和片段 (it needs a host, and neither account nor fragment)");
        }
        boolean plain = scheme.equals("http") && rules.plainHttp() == ReceiverRules.PlainHttp.ALLOWED;
        if (!scheme.equals("https") && !plain) {
            throw refused("只能使用 https (only https may be used)");
        }
        if (isLiteral(host) && !rules.names(host)) {
            try {
                requirePublic(host, InetAddress.getByName(host));
            } catch (UnknownHostException e) {
                throw refused("主机地址无效 (no such address)");
            }
        }
        return uri;
    }

    private static boolean isLiteral(String host) {
        return host.startsWith("[") || host.matches("[0-9.]+");
    }

    private static Problem refused(String reason) {
        return new Problem(ExchangeProblem.RECEIVER_NOT_ALLOWED, "reason", reason);
    }

    private static void requirePublic(String host, InetAddress address) {
        if (!isPublic(address)) {
            throw refused(host + " 是内部地址 (is an internal address)");
        }
    }

    static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (address instanceof Inet6Address) {
            // Only what is routed, and nothing that stands for an IPv4 address (6to4, Teredo, NAT64).
            boolean routed = (first & 0xe0) == 0x20;
            boolean stands = first == 0x20 && second == 0x02
                    || first == 0x20 && second == 0x01 && bytes[2] == 0 && bytes[3] == 0;
            return routed && !stands;
        }
        return first != 0
                && first < 224
                && !(first == 100 && second >= 64 && second < 128)
                && !(first == 192 && second == 0 && bytes[2] == 0)
                && !(first == 198 && (second == 18 || second == 19));
    }

    /** Posts something and returns the status of the answer. */
    int post(String url, Map<String, String> headers, byte[] body) throws IOException {
        return post(url, headers, body, Receivers::status);
    }

    /** Posts something and tells whether it was taken and what was answered, head and all, holds these words. */
    boolean echoes(String url, Map<String, String> headers, byte[] body, String words) throws IOException {
        return post(url, headers, body, in -> {
            int status = status(in);
            String rest = new String(in.readNBytes(LONGEST_ECHO), StandardCharsets.US_ASCII);
            return status >= 200 && status < 300 && rest.contains(words);
        });
    }

    /** What is read of an answer. */
    private interface Reading<T> {
        T of(InputStream in) throws IOException;
    }

    private <T> T post(String url, Map<String, String> headers, byte[] body, Reading<T> reading) throws IOException {
        URI uri = check(url);
        String host = requireNonNull(uri.getHost(), "checked");
        boolean secure = uri.getScheme().equalsIgnoreCase("https");
        int port = uri.getPort() != -1 ? uri.getPort() : secure ? 443 : 80;
        InetAddress address;
        try {
            address = InetAddress.getByName(host);
        } catch (UnknownHostException e) {
            throw new Unreached("unknown host " + host, e);
        }
        if (!rules.names(host)) {
            requirePublic(host, address);
        }
        try (Socket socket = new Socket()) {
            ScheduledFuture<?> end =
                    timer.schedule(() -> closeQuietly(socket), WHOLE.toMillis(), TimeUnit.MILLISECONDS);
            try {
                try {
                    socket.connect(new InetSocketAddress(address, port), (int) CONNECT.toMillis());
                } catch (IOException e) {
                    throw new Unreached("no connection to " + host, e);
                }
                socket.setSoTimeout((int) WHOLE.toMillis());
                return secure
                        ? post(secured(socket, host, port), uri, headers, body, reading)
                        : post(socket, uri, headers, body, reading);
            } finally {
                end.cancel(false);
            }
        }
    }

    private static Socket secured(Socket socket, String host, int port) throws IOException {
        SSLSocket secured =
                (SSLSocket) ((SSLSocketFactory) SSLSocketFactory.getDefault()).createSocket(socket, host, port, true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    private static <T> T post(Socket socket, URI uri, Map<String, String> headers, byte[] body, Reading<T> reading)
            throws IOException {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        StringBuilder head = new StringBuilder("POST ").append(path);
        if (uri.getRawQuery() != null) {
            head.append('?').append(uri.getRawQuery());
        }
        head.append(" HTTP/1.1\r\nHost: ").append(uri.getHost());
        if (uri.getPort() != -1) {
            head.append(':').append(uri.getPort());
        }
        head.append("\r\nConnection: close\r\nContent-Length: ")
                .append(body.length)
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        head.append("\r\n");
        byte[] bytes = head.toString().getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream whole = new ByteArrayOutputStream(bytes.length + body.length);
        whole.write(bytes);
        whole.write(body);
        socket.getOutputStream().write(whole.toByteArray());
        socket.getOutputStream().flush();
        return reading.of(socket.getInputStream());
    }

    private static int status(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int each = in.read(); each != '\n'; each = in.read()) {
            if (each < 0 || line.length() >= LONGEST_STATUS) {
                throw new IOException("no answer");
            }
            line.append((char) each);
        }
        String[] parts = line.toString().strip().split(" ", 3);
        if (parts.length < 2 || !parts[0].startsWith("HTTP/1.") || !parts[1].matches("[1-5][0-9]{2}")) {
            throw new IOException("not an answer of HTTP");
        }
        return Integer.parseInt(parts[1]);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}

package org.qiantang.collect.internal.files;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.api.Destinations;
import org.qiantang.core.Problem;

/** What folders reached by HTTP have in common. No redirection is followed, and a server that falls silent is left. */
abstract class HttpFolder implements RemoteFolder {
    private static final Duration CONNECT = Duration.ofSeconds(15);
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("http-folder-clock").factory());

    /** Sends a request; an answer that refuses the whole source is a {@link Problem}. The caller closes the body. */
    final HttpResponse<InputStream> send(HttpRequest.Builder request) {
        HttpRequest asked = request.timeout(SILENCE).build();
        // Whether a password may go in clear each kind has said before.
        Destinations.check(asked.uri(), true, Set.of());
        HttpResponse<InputStream> response;
        try {
            response = http.send(asked, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", FileTables.explain(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "interrupted");
        }
        if (response.statusCode() >= 500 || response.statusCode() == 429) {
            throw unreachable(response);
        }
        return response;
    }

    static Problem unreachable(HttpResponse<InputStream> response) {
        return refusal(CollectProblem.SOURCE_UNREACHABLE, response);
    }

    static Problem refusal(CollectProblem code, HttpResponse<InputStream> response) {
        try (InputStream body = response.body()) {
            body.readNBytes(1 << 10);
        } catch (IOException e) {
            return new Problem(code, "reason", FileTables.explain(e));
        }
        return new Problem(code, "reason", "the server answers " + response.statusCode());
    }

    /** The answer to the request for one file. */
    final InputStream file(Entry entry, HttpResponse<InputStream> response) {
        return switch (response.statusCode()) {
            case 200 -> new Watched(response.body());
            case 404, 410 -> throw changed(entry, response, "it is gone");
            case 412 -> throw changed(entry, response, "it was written anew");
            default -> throw refusal(CollectProblem.NO_FILE_ACCESS, response);
        };
    }

    private static Problem changed(Entry entry, HttpResponse<InputStream> response, String reason) {
        Problem answered = refusal(CollectProblem.SOURCE_CHANGED, response);
        return answered.code() == CollectProblem.SOURCE_CHANGED
                ? new Problem(CollectProblem.SOURCE_CHANGED, "file", entry.relative(), "reason", reason)
                : answered;
    }

    static boolean isThisMachine(URI uri) {
        try {
            return InetAddress.getByName(uri.getHost()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    final InputStream watched(InputStream body) {
        return new Watched(body);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        http.shutdownNow();
    }

    /** Ends a body of which nothing has come for a while. */
    private final class Watched extends FilterInputStream {
        private final ScheduledFuture<?> watch;
        private volatile long heard = System.nanoTime();
        private volatile boolean waiting;

        Watched(InputStream in) {
            super(in);
            watch = clock.scheduleWithFixedDelay(this::look, 5, 5, TimeUnit.SECONDS);
        }

        private void look() {
            if (waiting && System.nanoTime() - heard > SILENCE.toNanos()) {
                try {
                    in.close();
                } catch (IOException e) {
                    watch.cancel(false);
                }
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            heard = System.nanoTime();
            waiting = true;
            try {
                return in.read(target, offset, length);
            } catch (IOException e) {
                throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", FileTables.explain(e));
            } finally {
                waiting = false;
            }
        }

        @Override
        public void close() throws IOException {
            watch.cancel(false);
            in.close();
        }
    }
}

package org.qiantang.catalog;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells another platform of lineage, in order, beside the work and never in its way: when nobody answers it waits longer and longer, and
 * what was not told by then is told after the next start.
 */
@Component
final class OpenLineageLoop implements SmartLifecycle {
    private static final System.Logger LOG = System.getLogger(OpenLineageLoop.class.getName());
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration LOOK = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int AT_ONCE = 100;

    private final OpenLineage events;
    private final OpenLineageTarget target;
    private volatile @Nullable Thread thread;
    private volatile @Nullable HttpClient client;
    private volatile CountDownLatch stopped = new CountDownLatch(1);

    OpenLineageLoop(OpenLineage events, OpenLineageTarget target) {
        this.events = events;
        this.target = target;
    }

    @Override
    public void start() {
        target.address().ifPresent(url -> {
            stopped = new CountDownLatch(1);
            thread = Thread.ofVirtual().name("openlineage-loop").start(() -> loop(url));
        });
    }

    @Override
    public void stop() {
        stopped.countDown();
        HttpClient asking = client;
        if (asking != null) {
            // whoever does not answer is not waited for; the database is not interrupted
            asking.shutdownNow();
        }
        Thread running = thread;
        if (running != null) {
            try {
                running.join(PATIENCE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        thread = null;
    }

    @Override
    public boolean isRunning() {
        return thread != null;
    }

    private void loop(URI url) {
        Duration pause = LOOK;
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            client = http;
            while (!stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    pause = tell(http, url) ? LOOK : longer(pause);
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.WARNING, "Telling of lineage goes on after a failure", e);
                    pause = longer(pause);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
    }

    /** Tells what waits; false when nobody can be told now. */
    private boolean tell(HttpClient http, URI url) throws InterruptedException {
        while (true) {
            List<OpenLineage.Pending> waiting = events.pending(AT_ONCE);
            for (OpenLineage.Pending each : waiting) {
                if (stopped.getCount() == 0) {
                    return true;
                }
                try {
                    int status = post(http, url, each.event());
                    if (status / 100 == 2) {
                        events.told(each.key());
                    } else if (status == 400 || status == 413 || status == 422) {
                        events.refused(each.key(), "HTTP " + status);
                    } else {
                        events.failed("HTTP " + status);
                        return false;
                    }
                } catch (IOException e) {
                    events.failed(e.getClass().getSimpleName());
                    return false;
                }
            }
            if (waiting.size() < AT_ONCE) {
                return true;
            }
        }
    }

    private int post(HttpClient http, URI url, OpenLineage.Event event) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(url)
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(event)));
        if (target.apiKey() != null) {
            request.header("Authorization", "Bearer " + target.apiKey());
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}

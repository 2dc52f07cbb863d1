package org.qiantang.app.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.CollectionWorker;
import org.qiantang.collect.EventLanding;
import org.qiantang.collect.FollowEvent;
import org.qiantang.collect.RunEvent;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.VerifyEvent;
import org.qiantang.core.Problem;
import org.qiantang.lake.ColumnLineage;
import org.qiantang.lake.Derivation;
import org.qiantang.lake.Derivations;
import org.qiantang.lake.Extract;
import org.qiantang.lake.Feeds;
import org.qiantang.lake.LakeException;
import org.qiantang.lake.Queries;
import org.qiantang.lake.Query;
import org.qiantang.lake.Rehearsal;
import org.qiantang.lake.RowSink;
import org.qiantang.lake.TableName;
import org.qiantang.lake.TablePolicy;
import org.qiantang.lake.TableProfile;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * The lake worker as the hub calls it. A worker that is not there or dies in the middle of a call is a refusal that may be repeated,
 * never a hang.
 */
public final class WorkerClient implements CollectionWorker, EventLanding, Queries, Derivations, Feeds, AutoCloseable {
    private final Supplier<Optional<WorkerAddress>> address;
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    /** @param address asked before each call, for a restarted worker has another */
    public WorkerClient(Supplier<Optional<WorkerAddress>> address) {
        this.address = address;
    }

    @Override
    public void run(RunOrder order, Consumer<RunEvent> events) {
        try (BufferedReader lines = stream("/v1/run", order)) {
            while (true) {
                String line = lines.readLine();
                if (line == null) {
                    throw new Problem(CollectProblem.WORKER_LOST);
                }
                Wire.RunLine event = Wire.JSON.readValue(line, Wire.RunLine.class);
                if (event.discovered() != null) {
                    events.accept(event.discovered());
                } else if (event.progress() != null) {
                    events.accept(event.progress());
                } else if (event.ended() != null) {
                    events.accept(event.ended());
                } else if (event.refusal() != null) {
                    throw thrown(event.refusal());
                } else {
                    return;
                }
            }
        } catch (IOException | JacksonException | LakeException e) {
            if (e instanceof LakeException lake && lake.kind() != LakeException.Kind.UNAVAILABLE) {
                throw lake;
            }
            throw new Problem(CollectProblem.WORKER_LOST);
        }
    }

    @Override
    public void verify(VerifyOrder order, Consumer<VerifyEvent> events) {
        try (BufferedReader lines = stream("/v1/verify", order)) {
            while (true) {
                String line = lines.readLine();
                if (line == null) {
                    throw new Problem(CollectProblem.WORKER_LOST);
                }
                Wire.VerifyLine said = Wire.JSON.readValue(line, Wire.VerifyLine.class);
                VerifyEvent event = said.event();
                if (event != null) {
                    events.accept(event);
                } else if (said.refusal() != null) {
                    throw thrown(said.refusal());
                } else {
                    return;
                }
            }
        } catch (IOException | JacksonException e) {
            throw new Problem(CollectProblem.WORKER_LOST);
        }
    }

    @Override
    public void follow(FollowOrder order, Consumer<FollowEvent> events) {
        try (BufferedReader lines = stream("/v1/follow", order)) {
            while (true) {
                String line = lines.readLine();
                if (line == null) {
                    throw new Problem(CollectProblem.WORKER_LOST);
                }
                Wire.FollowLine said = Wire.JSON.readValue(line, Wire.FollowLine.class);
                FollowEvent event = said.event();
                if (event != null) {
                    events.accept(event);
                } else if (said.refusal() != null) {
                    throw thrown(said.refusal());
                } else {
                    return;
                }
            }
        } catch (IOException | JacksonException e) {
            throw new Problem(CollectProblem.WORKER_LOST);
        }
    }

    @Override
    public void unfollow(String sourceName) {
        call("/v1/unfollow", new Wire.SourceName(sourceName), new TypeReference<Object>() {});
    }

    @Override
    public void release(FollowOrder order) {
        call("/v1/release", order, new TypeReference<Object>() {});
    }

    @Override
    public void cancel(String runId) {
        call("/v1/cancel", new Wire.RunId(runId), new TypeReference<Object>() {});
    }

    @Override
    public void give(String runId, List<String> lakeNames, boolean last) {
        call("/v1/give", new Wire.Given(runId, lakeNames, last), new TypeReference<Object>() {});
    }

    @Override
    public SourceReport inspect(SourceAccess access) {
        return call("/v1/inspect", access, new TypeReference<>() {});
    }

    @Override
    public Landed land(Order order) {
        return call("/v1/land", order, new TypeReference<>() {});
    }

    @Override
    public References references(String sql) {
        return call("/v1/references", new Wire.Statement(sql), new TypeReference<>() {});
    }

    @Override
    public ColumnLineage lineage(String sql, Map<TableName, Long> snapshots) {
        return call("/v1/lineage", Wire.Derivation.of(sql, snapshots), new TypeReference<>() {});
    }

    @Override
    public void stop(String id) {
        call("/v1/stop", new Wire.QueryId(id), new TypeReference<Object>() {});
    }

    @Override
    public List<TableState> tables() {
        return call("/v1/tables", new Wire.Statement(""), new TypeReference<>() {});
    }

    @Override
    public Answer run(Query query, RowSink sink) {
        try (BufferedReader lines = stream("/v1/query", Wire.Question.of(query))) {
            while (true) {
                String line = lines.readLine();
                if (line == null) {
                    throw unavailable(null);
                }
                Wire.AnswerLine part = Wire.JSON.readValue(line, Wire.AnswerLine.class);
                if (part.row() != null) {
                    sink.row(part.row());
                } else if (part.columns() != null) {
                    sink.columns(part.columns());
                } else if (part.answer() != null) {
                    return part.answer();
                } else if (part.refusal() != null) {
                    throw thrown(part.refusal());
                }
            }
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    @Override
    public Extract.Made extract(Extract extract) {
        return call("/v1/extract", Wire.FileWanted.of(extract), new TypeReference<>() {});
    }

    @Override
    public Head head(TableName table, TablePolicy policy) {
        return call("/v1/feed/head", Wire.Policy.of(table, policy), new TypeReference<>() {});
    }

    @Override
    public Part read(Step step, RowSink sink) {
        try (BufferedReader lines = stream("/v1/feed", Wire.FeedStep.of(step))) {
            while (true) {
                String line = lines.readLine();
                if (line == null) {
                    throw unavailable(null);
                }
                Wire.FeedLine said = Wire.JSON.readValue(line, Wire.FeedLine.class);
                if (said.row() != null) {
                    sink.row(said.row());
                } else if (said.columns() != null) {
                    sink.columns(said.columns());
                } else if (said.part() != null) {
                    return said.part();
                } else if (said.refusal() != null) {
                    throw thrown(said.refusal());
                }
            }
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    @Override
    public Set<Long> kept(TableName table) {
        return call("/v1/feed/kept", table, new TypeReference<>() {});
    }

    @Override
    public void keep(TableName table, long snapshot) {
        call("/v1/feed/keep", new Wire.Kept(table, Set.of(snapshot)), new TypeReference<Object>() {});
    }

    @Override
    public void release(TableName table, Set<Long> snapshots) {
        call("/v1/feed/release", new Wire.Kept(table, snapshots), new TypeReference<Object>() {});
    }

    @Override
    public Derivation.Result derive(Derivation derivation) {
        return call("/v1/derive", derivation, new TypeReference<>() {});
    }

    @Override
    public TableProfile profile(TableName table) {
        return call("/v1/profile", table, new TypeReference<>() {});
    }

    @Override
    public Rehearsal.Outcome rehearse(Rehearsal rehearsal) {
        return call("/v1/rehearse", rehearsal, new TypeReference<>() {});
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private BufferedReader stream(String path, Object body) {
        InputStream answer = send(path, body).body();
        return new BufferedReader(new InputStreamReader(answer, StandardCharsets.UTF_8), 1 << 16);
    }

    private <T> T call(String path, Object body, TypeReference<T> type) {
        try (InputStream answer = send(path, body).body()) {
            return Wire.JSON.readValue(answer, type);
        } catch (IOException e) {
            throw unavailable(e);
        }
    }

    private HttpResponse<InputStream> send(String path, Object body) {
        WorkerAddress at = address.get().orElseThrow(() -> unavailable(null));
        HttpRequest request = HttpRequest.newBuilder(at.base().resolve(path))
                .header("Authorization", "Bearer " + at.token())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Wire.JSON.writeValueAsBytes(body)))
                .build();
        try {
            HttpResponse<InputStream> response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() == 200) {
                return response;
            }
            try (InputStream refused = response.body()) {
                byte[] bytes = refused.readAllBytes();
                if (bytes.length == 0) {
                    throw unavailable(null);
                }
                throw thrown(Wire.JSON.readValue(bytes, Wire.Refusal.class));
            }
        } catch (IOException e) {
            throw unavailable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LakeException(LakeException.Kind.CANCELLED, "Interrupted while the lake worker was asked", e);
        }
    }

    private static LakeException unavailable(@org.jspecify.annotations.Nullable Exception cause) {
        return new LakeException(
                LakeException.Kind.UNAVAILABLE, "The lake worker is not there at the moment; please try again", cause);
    }

    private static RuntimeException thrown(Wire.Refusal refusal) {
        if (refusal.code().startsWith("lake.")) {
            var kind = LakeException.Kind.valueOf(refusal.code().substring("lake.".length()));
            return kind == LakeException.Kind.BAD_STATEMENT
                    ? LakeException.badStatement(
                            refusal.message(),
                            Integer.parseInt(refusal.arguments().getOrDefault("position", "-1")),
                            null)
                    : new LakeException(kind, refusal.message());
        }
        return CollectProblem.find(refusal.code())
                .<RuntimeException>map(code -> new Problem(
                        code,
                        refusal.arguments().entrySet().stream()
                                .flatMap(entry -> java.util.stream.Stream.of(entry.getKey(), entry.getValue()))
                                .toArray(String[]::new)))
                .orElseGet(() -> new IllegalStateException("The lake worker failed: " + refusal.message()));
    }
}

package org.qiantang.collect.internal.files;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.Delivery;
import org.qiantang.collect.SourceAccess;
import org.qiantang.collect.internal.Connector.Unreadable;
import org.qiantang.collect.internal.api.Destinations;
import org.qiantang.collect.internal.files.Listed.Skipped;
import org.qiantang.core.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Another platform, seen as a folder: a file for each resource that it grants, made of the batches it says it has sent. A batch is
 * fetched whole and held against its stated rows and digest before any of it counts; one that differs is asked for again, and when it
 * still differs it is left out and named. Each row says in {@code _batch} with which it came.
 */
final class PlatformFolder extends HttpFolder {
    private static final String RESOURCES = "/exchange/v1/resources";
    private static final int LARGEST_LIST = 16 << 20;
    private static final int TRIES = 3;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}/\\\\]{1,120}");
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String base;
    private final String token;
    private final boolean allowPlain;
    private final Map<String, List<Delivery>> stated = new ConcurrentHashMap<>();
    /** What arrived when a resource was first fetched; what is fetched again must be that. */
    private final Map<String, List<Delivery>> arrived = new ConcurrentHashMap<>();

    private String product = "platform";

    private PlatformFolder(String base, String token, boolean allowPlain) {
        this.base = base;
        this.token = token;
        this.allowPlain = allowPlain;
    }

    /** A platform at {@code qiantang://host}, {@code platform+https://host/path} or, on this machine, {@code platform+http://host}. */
    static PlatformFolder open(SourceAccess access) {
        return new PlatformFolder(
                address(access.location()),
                access.secret(),
                "true".equals(access.settings().get("allowPlain")));
    }

    /** The web address behind a platform's, without a slash at its end. */
    static String address(String location) {
        String web =
                location.strip().replaceFirst("(?i)^qiantang://", "https://").replaceFirst("(?i)^platform\\+", "");
        return web.replaceFirst("/+$", "");
    }

    @Override
    public String product() {
        return product;
    }

    @Override
    public Listing list() throws IOException {
        HttpResponse<InputStream> response = send(to(RESOURCES));
        if (response.statusCode() == 401 || response.statusCode() == 403) {
            throw refusal(CollectProblem.SIGN_IN_REFUSED, response);
        }
        if (response.statusCode() != 200) {
            throw unreachable(response);
        }
        JsonNode answer;
        try (InputStream body = watched(response.body())) {
            byte[] bytes = body.readNBytes(LARGEST_LIST + 1);
            if (bytes.length > LARGEST_LIST) {
                throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "its list of resources is too long");
            }
            answer = JSON.readTree(bytes);
        } catch (JacksonException e) {
            throw new Problem(CollectProblem.SOURCE_UNREACHABLE, "reason", "its list of resources is no JSON");
        }
        String name = answer.path("platform").asString("");
        if (!name.isBlank()) {
            product = name;
        }
        List<Entry> files = new ArrayList<>();
        List<Skipped> others = new ArrayList<>();
        for (JsonNode resource : answer.path("resources")) {
            take(resource, files, others);
        }
        return new Listing(files, others);
    }

    private void take(JsonNode resource, List<Entry> files, List<Skipped> others) {
        String name = resource.path("name").asString("");
        try {
            if (!NAME.matcher(name).matches() || name.startsWith(".")) {
                throw new IllegalArgumentException("a resource needs a name of 1 to 120 characters without slashes");
            }
            List<Delivery> deliveries = new ArrayList<>();
            Set<String> batches = new HashSet<>();
            for (JsonNode each : resource.path("deliveries")) {
                Delivery delivery = delivery(name, each);
                if (!batches.add(delivery.batch())) {
                    throw new IllegalArgumentException("batch " + delivery.batch() + " is named twice");
                }
                deliveries.add(delivery);
            }
            if (stated.putIfAbsent(name, List.copyOf(deliveries)) != null) {
                throw new IllegalArgumentException("it is named twice");
            }
            Instant last = deliveries.isEmpty() ? null : deliveries.getLast().sentAt();
            files.add(new Entry(name + ".ndjson", name, -1, last, Integer.toHexString(deliveries.hashCode())));
        } catch (IllegalArgumentException e) {
            others.add(new Skipped(
                    name.isBlank() ? "?" : name.replace('/', '_'),
                    new Unreadable(CollectProblem.CORRUPT_FILE.id(), String.valueOf(e.getMessage()))));
        }
    }

    private static Delivery delivery(String resource, JsonNode said) {
        String batch = said.path("batch").asString("");
        String sha256 = said.path("sha256").asString("");
        JsonNode rows = said.path("rows");
        if (!NAME.matcher(batch).matches()
                || !SHA256.matcher(sha256).matches()
                || !rows.canConvertToLong()
                || rows.asLong() < 0) {
            throw new IllegalArgumentException("batch \"" + batch + "\" lacks its number, rows or sha256");
        }
        Instant sentAt = null;
        try {
            String text = said.path("sentAt").asString("");
            sentAt =
                    text.isEmpty() ? null : java.time.OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("batch \"" + batch + "\" was sent at no time", e);
        }
        return new Delivery(resource, batch, sentAt, rows.asLong(), sha256, null, null, null);
    }

    @Override
    public Map<String, String> details(Entry entry) {
        List<Delivery> came = arrived.get(entry.address());
        return came == null ? Map.of() : Delivery.details(came);
    }

    @Override
    public InputStream open(Entry entry) {
        return new Batches(entry.address());
    }

    private HttpRequest.Builder to(String path) {
        URI uri = URI.create(base + path);
        Destinations.check(uri, allowPlain, Set.of());
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).GET();
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** A batch on this machine's disk. */
    private record Fetched(Path file, Delivery delivery) {}

    /** Fetches a batch until it is what it was said to be, or often enough. */
    private Fetched fetch(Delivery wanted) throws IOException {
        Path file = Files.createTempFile("batch-", ".ndjson");
        Delivery last = wanted;
        try {
            for (int attempt = 0; attempt < TRIES && last.standing() != Delivery.Standing.EQUAL; attempt++) {
                last = fetchOnce(wanted, file);
            }
            return new Fetched(file, last);
        } catch (IOException | RuntimeException e) {
            Files.deleteIfExists(file);
            throw e;
        }
    }

    private Delivery fetchOnce(Delivery wanted, Path file) throws IOException {
        HttpResponse<InputStream> response =
                send(to(RESOURCES + "/" + encoded(wanted.resource()) + "/deliveries/" + encoded(wanted.batch())));
        if (response.statusCode() != 200) {
            Problem refused = refusal(CollectProblem.NO_FILE_ACCESS, response);
            return with(wanted, null, null, refused.arguments().get("reason"));
        }
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        long rows = 0;
        try (InputStream body = new DigestInputStream(watched(response.body()), digest);
                OutputStream out = Files.newOutputStream(file)) {
            byte[] chunk = new byte[1 << 16];
            boolean blank = true;
            for (int n = body.read(chunk, 0, chunk.length); n >= 0; n = body.read(chunk, 0, chunk.length)) {
                out.write(chunk, 0, n);
                for (int i = 0; i < n; i++) {
                    if (chunk[i] == '\n') {
                        rows += blank ? 0 : 1;
                        blank = true;
                    } else if (chunk[i] != ' ' && chunk[i] != '\r' && chunk[i] != '\t') {
                        blank = false;
                    }
                }
            }
            rows += blank ? 0 : 1;
        } catch (Problem broken) {
            // the connection ended in the middle: nothing of it counts
            return with(wanted, null, null, broken.arguments().get("reason"));
        }
        return with(wanted, rows, HexFormat.of().formatHex(digest.digest()), null);
    }

    private static Delivery with(
            Delivery wanted, @Nullable Long rows, @Nullable String sha256, @Nullable String reason) {
        return new Delivery(
                wanted.resource(),
                wanted.batch(),
                wanted.sentAt(),
                wanted.rows(),
                wanted.sha256(),
                rows,
                sha256,
                reason);
    }

    /** The rows of a resource, batch after batch. */
    private final class Batches extends InputStream {
        private final String resource;
        private final boolean again;
        private final Iterator<Delivery> left;
        private final List<Delivery> came = new ArrayList<>();
        private @Nullable Path file;
        private @Nullable BufferedReader lines;
        private String prefix = "";
        private InputStream line = new ByteArrayInputStream(new byte[0]);

        Batches(String resource) {
            this.resource = resource;
            List<Delivery> first = arrived.get(resource);
            again = first != null;
            left =
                    requireNonNull(first == null ? stated.get(resource) : first, "a resource that was not listed")
                            .stream()
                            .filter(delivery -> first == null || delivery.standing() == Delivery.Standing.EQUAL)
                            .toList()
                            .iterator();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int n = line.read(target, offset, length);
            while (n <= 0 && length > 0) {
                if (!nextLine()) {
                    return -1;
                }
                n = line.read(target, offset, length);
            }
            return n;
        }

        private boolean nextLine() throws IOException {
            while (true) {
                String next = lines == null ? null : lines.readLine();
                if (next == null) {
                    if (!nextBatch()) {
                        return false;
                    }
                } else if (!next.isBlank()) {
                    line = new ByteArrayInputStream((marked(next) + "\n").getBytes(StandardCharsets.UTF_8));
                    return true;
                }
            }
        }

        /** The row with the batch's number in it; what is no object stays as it is and is rejected where rows are read. */
        private String marked(String row) {
            String text = row.strip();
            if (!text.startsWith("{")) {
                return text;
            }
            String rest = text.substring(1).stripLeading();
            return prefix + (rest.startsWith("}") ? "" : ",") + rest;
        }

        private boolean nextBatch() throws IOException {
            leave();
            while (left.hasNext()) {
                Delivery wanted = left.next();
                Fetched fetched = fetch(with(wanted, null, null, null));
                came.add(fetched.delivery());
                if (fetched.delivery().standing() == Delivery.Standing.EQUAL) {
                    file = fetched.file();
                    prefix = "{\"_batch\":" + JSON.writeValueAsString(wanted.batch());
                    lines = Files.newBufferedReader(fetched.file());
                    return true;
                }
                Files.deleteIfExists(fetched.file());
                if (again) {
                    throw new Problem(
                            CollectProblem.SOURCE_CHANGED,
                            "file",
                            resource,
                            "reason",
                            "batch " + wanted.batch() + " does not arrive a second time");
                }
            }
            if (!again) {
                arrived.put(resource, List.copyOf(came));
            }
            return false;
        }

        private void leave() throws IOException {
            if (lines != null) {
                lines.close();
            }
            if (file != null) {
                Files.deleteIfExists(file);
            }
            lines = null;
            file = null;
        }

        @Override
        public void close() throws IOException {
            leave();
        }
    }
}

package org.qiantang.collect.internal.api;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.Connector.RejectedRow;
import org.qiantang.collect.internal.api.ApiCalls.Answer;
import org.qiantang.collect.internal.api.ApiCalls.Ask;
import org.qiantang.collect.internal.api.ApiResource.Paging;
import org.qiantang.collect.internal.api.ApiResource.Step;
import org.qiantang.core.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Walks through the pages of one resource, first to last. Whatever an interface does, the walk ends: a page or cursor that was handed out
 * before is a refusal, not another round.
 */
final class ApiPages {
    private static final int DEFAULT_SIZE = 100;
    private static final int MOST_PAGES = 1_000_000;
    private static final int PARSE_TRIES = 3;
    private static final int MOST_BROKEN_IN_A_ROW = 3;
    private static final int RAW = 4_096;
    private static final Pattern CHARSET = Pattern.compile("(?i)charset\\s*=\\s*\"?([^\\s\";]+)");

    private final ApiResource resource;
    private final ApiSettings settings;
    private final ApiCalls calls;
    private final String since;
    private final Deque<Ahead> ahead = new ArrayDeque<>();
    private volatile boolean closed;

    /** @param since what is put in where the time is asked for; empty to ask for everything */
    ApiPages(ApiResource resource, ApiSettings settings, ApiCalls calls, String since) {
        this.resource = resource;
        this.settings = settings;
        this.calls = calls;
        this.since = since;
    }

    /** Takes pages as they come. */
    interface Sink {
        void page(JsonNode records) throws Exception;

        /** A page that could not be read, while those after it can. */
        void broken(RejectedRow page);
    }

    /**
     * What a walk met.
     *
     * @param firstTotal the number of records the interface stated at first, if it does
     * @param lastTotal and at last
     */
    record Walked(long pages, long records, OptionalLong firstTotal, OptionalLong lastTotal) {}

    /** Where a page is: its number, its offset, its cursor or its address. */
    record Place(
            long ordinal,
            long number,
            long offset,
            @Nullable String cursor,
            @Nullable URI address) {
        String where(Step step) {
            return switch (step) {
                case PAGE -> "page " + number;
                case OFFSET -> "offset " + offset;
                case NONE, CURSOR, LINK -> "page " + ordinal;
            };
        }
    }

    /** A page as it came. */
    record Page(Place place, Answer answer, JsonNode root) {}

    private record Ahead(Place place, Future<Page> page) {}

    /** What was asked for can be answered but not read. */
    static final class Broken extends Exception {
        private final RejectedRow page;

        Broken(RejectedRow page) {
            super(page.reason());
            this.page = page;
        }

        Problem problem() {
            return new Problem(
                    CollectProblem.API_NOT_JSON, "reason", page.where() + ": " + page.reason() + ": " + page.raw());
        }
    }

    private Place start() {
        return new Place(1, paging().firstOrDefault(), 0, null, null);
    }

    private Paging paging() {
        return resource.paging() == null ? Paging.NONE : resource.paging();
    }

    private int size() {
        Integer size = paging().size();
        return size == null ? DEFAULT_SIZE : size;
    }

    /** Ends the walk from another thread. */
    void close() {
        closed = true;
        synchronized (ahead) {
            ahead.forEach(each -> each.page.cancel(true));
        }
    }

    /** Reads all pages of a resource whose records and paging are known. */
    Walked walk(ExecutorService executor, Sink sink) throws Exception {
        Step step = paging().step();
        Place place = start();
        Map<String, String> seen = new HashMap<>();
        OptionalLong firstTotal = OptionalLong.empty();
        OptionalLong total = OptionalLong.empty();
        long records = 0;
        long usual = 0;
        int brokenInARow = 0;
        try {
            for (long pages = 0; ; pages++) {
                if (pages >= MOST_PAGES) {
                    throw new Problem(CollectProblem.API_PAGES_REPEAT, "reason", "more than " + MOST_PAGES + " pages");
                }
                readAhead(executor, place, step, total, usual);
                Page page;
                try {
                    page = take(executor, place);
                    brokenInARow = 0;
                } catch (Broken broken) {
                    boolean canSkip = (step == Step.PAGE || step == Step.OFFSET) && pages > 0;
                    if (!canSkip || ++brokenInARow >= MOST_BROKEN_IN_A_ROW) {
                        throw broken.problem();
                    }
                    sink.broken(broken.page);
                    place = after(place, usual > 0 ? usual : size());
                    continue;
                }
                JsonNode list = records(page);
                total = total(page, total);
                if (pages == 0) {
                    firstTotal = total;
                    usual = list.size();
                }
                String where = place.where(step);
                if (!list.isEmpty() && step != Step.NONE) {
                    String before = seen.put(fingerprint(list.toString()), where);
                    if (before != null) {
                        throw new Problem(
                                CollectProblem.API_PAGES_REPEAT,
                                "reason",
                                where + " holds just the records of " + before);
                    }
                }
                records += list.size();
                sink.page(list);
                Place next = next(page, place, list.size(), records, total);
                if (next == null) {
                    return new Walked(pages + 1, records, firstTotal, total);
                }
                String token = next.cursor() != null
                        ? next.cursor()
                        : next.address() == null ? null : next.address().toString();
                if (token != null && seen.put("next " + fingerprint(token), where) != null) {
                    throw new Problem(
                            CollectProblem.API_PAGES_REPEAT,
                            "reason",
                            where + " leads back to a page that was read before");
                }
                place = next;
            }
        } finally {
            close();
        }
    }

    private @Nullable Place next(Page page, Place place, int size, long records, OptionalLong total) {
        return switch (paging().step()) {
            case NONE -> null;
            case PAGE, OFFSET ->
                size == 0 || (total.isPresent() && records >= total.getAsLong()) ? null : after(place, size);
            case CURSOR -> {
                String cursor = RecordColumns.text(at(page.root, paging().next()));
                yield isNothing(at(page.root, paging().next())) || cursor.isBlank()
                        ? null
                        : new Place(place.ordinal + 1, place.number + 1, place.offset + size, cursor, null);
            }
            case LINK -> {
                Optional<String> link = paging().next() == null
                        ? ApiCalls.nextLink(page.answer.headers().allValues("Link"))
                        : Optional.of(at(page.root, paging().next()))
                                .filter(value -> !isNothing(value))
                                .map(RecordColumns::text)
                                .filter(text -> !text.isBlank());
                yield link.map(text -> new Place(
                                place.ordinal + 1, place.number + 1, place.offset + size, null, address(page, text)))
                        .orElse(null);
            }
        };
    }

    private static boolean isNothing(JsonNode value) {
        return value.isNull() || value.isMissingNode() || (value.isBoolean() && !value.booleanValue());
    }

    private URI address(Page page, String link) {
        URI next;
        try {
            next = page.answer.uri().resolve(link);
        } catch (IllegalArgumentException e) {
            throw new Problem(CollectProblem.API_REFUSED, "reason", "the next page's address is none: " + link);
        }
        if (!Destinations.isSameOrigin(settings.base(), next)) {
            throw new Problem(
                    CollectProblem.ADDRESS_REFUSED,
                    "address",
                    next.getScheme() + "://" + next.getRawAuthority(),
                    "reason",
                    "the interface names it as its next page, and it is another server");
        }
        return next;
    }

    private static Place after(Place place, long records) {
        return new Place(place.ordinal + 1, place.number + 1, place.offset + records, null, null);
    }

    /** Asks for the pages that are sure to follow, as many at a time as the source allows. */
    private void readAhead(ExecutorService executor, Place place, Step step, OptionalLong total, long usual) {
        boolean foreseeable = (step == Step.PAGE || step == Step.OFFSET) && total.isPresent() && usual > 0;
        synchronized (ahead) {
            if (closed) {
                throw new CancellationException();
            }
            Ahead first = ahead.peekFirst();
            if (first != null && !first.place.equals(place)) {
                ahead.forEach(each -> each.page.cancel(true));
                ahead.clear();
            }
            if (ahead.isEmpty()) {
                ahead.add(new Ahead(place, executor.submit(() -> fetch(place))));
            }
            while (foreseeable && ahead.size() < settings.concurrency()) {
                Place next = after(ahead.getLast().place, usual);
                if ((next.ordinal - 1) * usual >= total.getAsLong()) {
                    return;
                }
                ahead.add(new Ahead(next, executor.submit(() -> fetch(next))));
            }
        }
    }

    private Page take(ExecutorService executor, Place place) throws Exception {
        Ahead first;
        synchronized (ahead) {
            first = java.util.Objects.requireNonNull(ahead.peekFirst());
        }
        try {
            return first.page.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception cause) {
                throw cause;
            }
            throw e;
        } finally {
            synchronized (ahead) {
                ahead.pollFirst();
            }
        }
    }

    Page fetchFirst() throws InterruptedException, Broken {
        return fetch(start());
    }

    /** One page; what is not JSON is asked for again, for it may have been cut off. */
    private Page fetch(Place place) throws InterruptedException, Broken {
        Ask ask = ask(place);
        for (int tries = 1; ; tries++) {
            Answer answer = calls.call(ask);
            try {
                JsonNode root = RecordColumns.JSON.readTree(text(answer));
                if (root.isMissingNode()) {
                    throw new Broken(reject(place, answer, "an empty answer"));
                }
                Page page = new Page(place, answer, root);
                refuseFailure(page);
                return page;
            } catch (JacksonException e) {
                if (tries >= PARSE_TRIES || !ask.mayRepeat()) {
                    String what = answer.contentType().isEmpty() ? "" : " (" + answer.contentType() + ")";
                    throw new Broken(reject(
                            place,
                            answer,
                            "no JSON" + what + ": "
                                    + ApiCalls.words(e).lines().findFirst().orElse("")));
                }
            }
        }
    }

    private RejectedRow reject(Place place, Answer answer, String reason) {
        String raw = new String(answer.body(), 0, Math.min(answer.body().length, RAW), StandardCharsets.UTF_8);
        return new RejectedRow(place.where(paging().step()), "", CollectProblem.API_NOT_JSON.id(), reason, raw);
    }

    private static String text(Answer answer) {
        Charset charset = StandardCharsets.UTF_8;
        Matcher named = CHARSET.matcher(answer.contentType());
        if (named.find()) {
            try {
                charset = Charset.forName(named.group(1));
            } catch (IllegalArgumentException e) {
                throw new Problem(CollectProblem.API_REFUSED, "reason", "an unknown charset: " + named.group(1));
            }
        }
        String text;
        try {
            text = charset.newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(answer.body()))
                    .toString();
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new tools.jackson.core.exc.StreamReadException(null, "bytes that are not " + charset.name());
        }
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }

    private void refuseFailure(Page page) {
        ApiResource.Ok ok = resource.ok();
        if (ok != null) {
            JsonNode value = at(page.root, ok.at());
            if (isMissing(value) || !ok.is().contains(RecordColumns.text(value))) {
                throw new Problem(CollectProblem.API_REFUSED, "reason", page.answer.excerpt());
            }
        }
    }

    private static boolean isMissing(JsonNode value) {
        return value.isMissingNode();
    }

    /** The page's records; null in their place is none, and a single object is one. */
    JsonNode records(Page page) {
        JsonNode list = at(page.root, resource.records());
        if (list.isArray()) {
            return list;
        }
        if (list.isObject()) {
            return RecordColumns.JSON.createArrayNode().add(list);
        }
        if (list.isNull()) {
            return RecordColumns.JSON.createArrayNode();
        }
        throw new Problem(
                CollectProblem.API_NO_RECORDS,
                "pointer",
                String.valueOf(resource.records()),
                "reason",
                page.answer.excerpt());
    }

    OptionalLong total(Page page, OptionalLong before) {
        if (resource.total() == null) {
            return OptionalLong.empty();
        }
        JsonNode value = at(page.root, resource.total());
        if (value.isIntegralNumber() && value.canConvertToLong()) {
            return OptionalLong.of(value.longValue());
        }
        return value.isString() && value.stringValue().matches("\\d{1,18}")
                ? OptionalLong.of(Long.parseLong(value.stringValue()))
                : before;
    }

    static JsonNode at(JsonNode root, @Nullable String pointer) {
        return pointer == null || pointer.isEmpty() ? root : root.at(pointer);
    }

    /** The request for a page. */
    Ask ask(Place place) {
        Paging paging = paging();
        Map<String, String> words = new LinkedHashMap<>();
        words.put("${page}", Long.toString(place.number));
        words.put("${offset}", Long.toString(place.offset));
        words.put("${size}", Integer.toString(size()));
        words.put("${cursor}", place.cursor == null ? "" : place.cursor);
        words.put("${since}", since);
        URI uri = place.address != null ? place.address : address();
        String template = resource.body();
        if (place.address == null && !resource.bodyTakesParameters()) {
            String word = switch (paging.step()) {
                case PAGE -> "${page}";
                case OFFSET -> "${offset}";
                case CURSOR -> place.cursor == null ? "" : "${cursor}";
                case NONE, LINK -> "";
            };
            if (paging.param() != null && !word.isEmpty()) {
                uri = withParameter(uri, paging.param(), words.getOrDefault(word, ""));
            }
            if (paging.sizeParam() != null) {
                uri = withParameter(uri, paging.sizeParam(), words.getOrDefault("${size}", ""));
            }
            if (resource.since() != null && !since.isEmpty()) {
                uri = withParameter(uri, resource.since().param(), since);
            }
        }
        String type = resource.contentType() == null ? "application/json" : resource.contentType();
        String body = template == null ? null : filled(template, words, type.contains("x-www-form-urlencoded"));
        if (resource.methodOrDefault() == ApiResource.Method.POST && body == null) {
            body = "";
        }
        return new Ask(
                uri,
                resource.methodOrDefault() == ApiResource.Method.POST ? body : null,
                type,
                resource.headers() == null ? Map.of() : resource.headers(),
                resource.mayRepeat());
    }

    /** Values are escaped for where they are put, so that none of them can change what is asked. */
    private static String filled(String template, Map<String, String> words, boolean form) {
        String body = template;
        for (Map.Entry<String, String> word : words.entrySet()) {
            String value = word.getValue();
            String quoted = RecordColumns.JSON.writeValueAsString(value);
            body = body.replace(
                    word.getKey(), form ? ApiCalls.encoded(value) : quoted.substring(1, quoted.length() - 1));
        }
        return body;
    }

    private URI address() {
        String base = settings.base().toString();
        String path = resource.path() == null ? "" : resource.path();
        if (path.isEmpty()) {
            return settings.base();
        }
        int query = base.indexOf('?');
        String stem = (query < 0 ? base : base.substring(0, query)).replaceAll("/+$", "");
        try {
            return URI.create(stem + path);
        } catch (IllegalArgumentException e) {
            throw ApiSettings.refused("path", "\"" + path + "\" is no path of an address");
        }
    }

    /** The address with the parameter at that value, in its old place when it was there. */
    static URI withParameter(URI uri, String name, String value) {
        String query = uri.getRawQuery();
        String mine = ApiCalls.encoded(name) + "=" + ApiCalls.encoded(value);
        StringBuilder all = new StringBuilder();
        boolean put = false;
        for (String part : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = part.indexOf('=');
            boolean same =
                    decoded(equals < 0 ? part : part.substring(0, equals)).equals(name);
            if (same && put) {
                continue;
            }
            all.append(all.isEmpty() ? "" : "&").append(same ? mine : part);
            put |= same;
        }
        if (!put) {
            all.append(all.isEmpty() ? "" : "&").append(mine);
        }
        String text = uri.toString();
        int mark = text.indexOf('?');
        return URI.create((mark < 0 ? text : text.substring(0, mark)) + "?" + all);
    }

    /** An address's parameters in their order. */
    static Map<String, String> parameters(URI uri) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (uri.getRawQuery() != null) {
            Arrays.stream(uri.getRawQuery().split("&"))
                    .filter(part -> !part.isEmpty())
                    .forEach(part -> {
                        int equals = part.indexOf('=');
                        parameters.put(
                                decoded(equals < 0 ? part : part.substring(0, equals)),
                                equals < 0 ? "" : decoded(part.substring(equals + 1)));
                    });
        }
        return parameters;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }

    private static String fingerprint(String text) {
        return fingerprint(text.getBytes(StandardCharsets.UTF_8));
    }

    static String fingerprint(byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}

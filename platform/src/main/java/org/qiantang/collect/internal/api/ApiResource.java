package org.qiantang.collect.internal.api;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One list of records that an interface gives out; it becomes one table. What is left out is found on the first page.
 *
 * @param name the table's name
 * @param path appended to the source's address, with a query of its own where one is needed
 * @param body sent with POST; {@code ${page}}, {@code ${size}}, {@code ${offset}}, {@code ${cursor}} and {@code ${since}} are put in
 * @param contentType of the body
 * @param headers sent with every request; nothing secret
 * @param records JSON pointer to the array of records
 * @param total JSON pointer to the number of records the interface says there are
 * @param ok what an answer says when all is well, for interfaces that answer failures with status 200
 * @param unique whether no record comes twice, so that one that does is a page handed out again
 * @param repeatable whether a request may be sent again after it failed half-way; GET may
 */
public record ApiResource(
        String name,
        @Nullable String title,
        @Nullable String path,
        @Nullable Method method,
        @Nullable String body,
        @Nullable String contentType,
        @Nullable Map<String, String> headers,
        @Nullable String records,
        @Nullable String total,
        @Nullable Paging paging,
        @Nullable Ok ok,
        @Nullable Boolean unique,
        @Nullable Boolean repeatable,
        @Nullable Since since) {
    /** How it is asked for. */
    public enum Method {
        GET,
        POST,
    }

    /** What leads from one page to the next. */
    public enum Step {
        /** All records in one answer. */
        NONE,
        /** Pages have numbers. */
        PAGE,
        /** A page begins after so many records. */
        OFFSET,
        /** Each answer holds the word that asks for the next. */
        CURSOR,
        /** Each answer names the next one's address in its {@code Link} header, or at {@link Paging#next}. */
        LINK,
    }

    /**
     * @param param the parameter of the page's number, offset or cursor
     * @param sizeParam the parameter of the page's size
     * @param size records asked for at once
     * @param first number of the first page
     * @param next JSON pointer to the next cursor or address
     */
    public record Paging(
            Step step,
            @Nullable String param,
            @Nullable String sizeParam,
            @Nullable Integer size,
            @Nullable Integer first,
            @Nullable String next) {
        static final Paging NONE = new Paging(Step.NONE, null, null, null, null, null);

        public Paging {
            requireNonNull(step, "step is null");
        }

        int firstOrDefault() {
            return first == null ? 1 : first;
        }
    }

    /** An answer is well when the value at {@code at} is one of {@code is}. */
    public record Ok(String at, List<String> is) {
        public Ok {
            requireNonNull(at, "at is null");
            is = List.copyOf(is);
        }
    }

    /**
     * How only what has changed is asked for.
     *
     * @param param the parameter of the time
     * @param field the records' own field of that time
     * @param key the fields that tell records apart, so that a changed one takes the place of the one before
     * @param format {@code iso}, {@code epoch-seconds}, {@code epoch-millis}, or a pattern such as {@code yyyy-MM-dd HH:mm:ss}
     * @param zone of the pattern's times; Asia/Shanghai when left out
     * @param overlapSeconds asked for again, for what arrives late
     * @param fullEveryHours after which everything is read again, for only that shows what was deleted
     */
    public record Since(
            String param,
            String field,
            List<String> key,
            @Nullable String format,
            @Nullable String zone,
            @Nullable Integer overlapSeconds,
            @Nullable Integer fullEveryHours) {
        public Since {
            requireNonNull(param, "param is null");
            requireNonNull(field, "field is null");
            key = List.copyOf(key);
        }
    }

    static final Set<String> PLACEHOLDERS = Set.of("${page}", "${size}", "${offset}", "${cursor}", "${since}");

    public ApiResource {
        requireNonNull(name, "name is null");
        headers = headers == null ? null : Map.copyOf(headers);
    }

    Method methodOrDefault() {
        return method != null ? method : body == null ? Method.GET : Method.POST;
    }

    boolean mayRepeat() {
        return repeatable == null ? methodOrDefault() == Method.GET : repeatable;
    }

    boolean isUnique() {
        return unique != null && unique;
    }

    /** Whether the body says itself where the page's parameters go. */
    boolean bodyTakesParameters() {
        return body != null && PLACEHOLDERS.stream().anyMatch(body::contains);
    }

    /** The same with what was found on its first page. */
    ApiResource with(String foundRecords, @Nullable String foundTotal, Paging foundPaging) {
        return new ApiResource(
                name,
                title,
                path,
                method,
                body,
                contentType,
                headers,
                foundRecords,
                foundTotal,
                foundPaging,
                ok,
                unique,
                repeatable,
                since);
    }

    @Override
    public String toString() {
        return "ApiResource[" + name + "]";
    }

    static String names(List<ApiResource> resources) {
        return resources.stream().map(ApiResource::name).collect(Collectors.joining(", "));
    }
}

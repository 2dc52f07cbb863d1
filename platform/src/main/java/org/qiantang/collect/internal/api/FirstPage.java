package org.qiantang.collect.internal.api;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.CollectProblem;
import org.qiantang.collect.internal.api.ApiPages.Page;
import org.qiantang.collect.internal.api.ApiResource.Paging;
import org.qiantang.collect.internal.api.ApiResource.Step;
import org.qiantang.core.Problem;
import tools.jackson.databind.JsonNode;

/**
 * Finds on a resource's first page what its description leaves out: where the records are, the total, and how one comes to the next page.
 * So that pasting an address that works is description enough for most interfaces.
 */
final class FirstPage {
    private static final List<String> TOTALS = List.of(
            "total",
            "totalcount",
            "totalrecords",
            "totalelements",
            "totalnum",
            "totalsize",
            "recordstotal",
            "recordcount",
            "totalrows",
            "totalresults",
            "count");
    private static final List<String> PAGES =
            List.of("page", "pageno", "pagenum", "pagenumber", "pageindex", "currentpage", "curpage", "current");
    private static final List<String> OFFSETS = List.of("offset", "skip", "startindex", "start");
    private static final List<String> SIZES = List.of("pagesize", "size", "limit", "perpage", "rows", "top", "count");
    private static final List<String> CURSORS = List.of(
            "nextcursor",
            "nextpagetoken",
            "nexttoken",
            "nextpage",
            "nextlink",
            "nexturl",
            "odatanextlink",
            "next",
            "cursor");

    private FirstPage() {}

    private record Found(String pointer, String name, JsonNode value) {}

    static ApiResource complete(ApiResource resource, Page page) {
        String records = resource.records() != null ? resource.records() : records(page);
        String total = resource.total() != null
                ? emptyIsNone(resource.total())
                : total(page, ApiPages.at(page.root(), records));
        Paging paging = resource.paging() != null ? resource.paging() : paging(resource, page);
        return resource.with(records, total, paging);
    }

    private static @Nullable String emptyIsNone(String pointer) {
        return pointer.isEmpty() ? null : pointer;
    }

    private static String records(Page page) {
        if (page.root().isArray()) {
            return "";
        }
        List<Found> arrays = members(page.root()).stream()
                .filter(found -> found.value.isArray())
                .toList();
        return arrays.stream()
                .filter(found -> !found.value.isEmpty() && found.value.get(0).isObject())
                .findFirst()
                .or(() -> arrays.stream().findFirst())
                .map(Found::pointer)
                .orElseThrow(() -> new Problem(
                        CollectProblem.API_NO_RECORDS,
                        "pointer",
                        "?",
                        "reason",
                        page.answer().excerpt()));
    }

    private static @Nullable String total(Page page, JsonNode records) {
        List<Found> all = members(page.root());
        for (String name : TOTALS) {
            Optional<Found> found = all.stream()
                    .filter(each -> each.name.equals(name))
                    .filter(each -> (each.value.isIntegralNumber() && each.value.asLong() >= records.size())
                            || (each.value.isString()
                                    && each.value.stringValue().matches("\\d{1,18}")))
                    .findFirst();
            if (found.isPresent()) {
                return found.get().pointer;
            }
        }
        return null;
    }

    private static Paging paging(ApiResource resource, Page page) {
        Map<String, String> parameters = ApiPages.parameters(page.answer().uri());
        String size = named(parameters, SIZES);
        Integer howMany = size == null ? null : number(parameters.getOrDefault(size, ""));
        String number = named(parameters, PAGES);
        if (number != null) {
            // An address may be pasted from the middle of a list; only 0 says something of where its pages begin.
            int first = parameters.getOrDefault(number, "").equals("0") ? 0 : 1;
            return new Paging(Step.PAGE, number, size, howMany, first, null);
        }
        String offset = named(parameters, OFFSETS);
        if (offset != null) {
            return new Paging(Step.OFFSET, offset, size, howMany, null, null);
        }
        String body = resource.body() == null ? "" : resource.body();
        if (body.contains("${page}")) {
            return new Paging(Step.PAGE, null, null, null, null, null);
        }
        if (body.contains("${offset}")) {
            return new Paging(Step.OFFSET, null, null, null, null, null);
        }
        if (ApiCalls.nextLink(page.answer().headers().allValues("Link")).isPresent()) {
            return new Paging(Step.LINK, null, null, null, null, null);
        }
        List<Found> all = members(page.root());
        for (String name : CURSORS) {
            for (Found found : all) {
                boolean text =
                        found.value.isString() && !found.value.stringValue().isBlank();
                if (found.name.equals(name) && (text || found.value.isIntegralNumber())) {
                    return next(found, parameters, size, howMany);
                }
            }
        }
        return Paging.NONE;
    }

    private static Paging next(
            Found found, Map<String, String> parameters, @Nullable String size, @Nullable Integer howMany) {
        String text = RecordColumns.text(found.value);
        if (text.startsWith("http://") || text.startsWith("https://") || text.startsWith("/") || text.startsWith("?")) {
            return new Paging(Step.LINK, null, null, null, null, found.pointer);
        }
        String own = found.pointer.substring(found.pointer.lastIndexOf('/') + 1);
        String bare = own.replaceFirst("(?i)^next_?", "");
        String param = parameters.containsKey(own) || bare.isEmpty()
                ? own
                : Character.toLowerCase(bare.charAt(0)) + bare.substring(1);
        return new Paging(Step.CURSOR, param, size, howMany, null, found.pointer);
    }

    private static @Nullable Integer number(String text) {
        return text.matches("\\d{1,6}") ? Integer.valueOf(text) : null;
    }

    /** The parameter whose name is the first of the names. */
    private static @Nullable String named(Map<String, String> parameters, List<String> names) {
        return names.stream()
                .flatMap(name ->
                        parameters.keySet().stream().filter(key -> plain(key).equals(name)))
                .findFirst()
                .orElse(null);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
    }

    /** Everything in the answer's objects, the outer before the inner; what is inside of arrays are records. */
    private static List<Found> members(JsonNode root) {
        List<Found> all = new java.util.ArrayList<>();
        Deque<Found> open = new ArrayDeque<>(List.of(new Found("", "", root)));
        while (!open.isEmpty()) {
            Found at = open.poll();
            for (Map.Entry<String, JsonNode> member : at.value.properties()) {
                String step = member.getKey().replace("~", "~0").replace("/", "~1");
                Found found = new Found(at.pointer + "/" + step, plain(member.getKey()), member.getValue());
                all.add(found);
                if (found.value.isObject()) {
                    open.add(found);
                }
            }
        }
        return all;
    }
}

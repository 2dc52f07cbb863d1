package org.qiantang.catalog;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.org.Department;

/**
 * What the city's one search box finds: whatever kind it is of, in one form, with why it was found.
 *
 * @param total of which {@code items} are a part
 * @param loosely too few things answer the whole question, so those that answer a part of it follow
 * @param meant what was probably meant, when it was written otherwise
 */
public record Found(
        long total,
        List<Hit> items,
        List<Facet> facets,
        boolean loosely,
        @Nullable String meant) {
    public Found {
        items = List.copyOf(items);
        facets = List.copyOf(facets);
    }

    /** What can be found. */
    public enum Kind {
        RESOURCE,
        /** An entry of the directory that somebody has stated; what is only discovered says no more than its resource. */
        ENTRY,
        APPLICATION,
        COMPONENT,
        CLOUD,
        DEPARTMENT,
    }

    /** How far data has been worked on. */
    public enum Layer {
        RAW,
        STANDARD,
        BASE,
        INDICATOR;

        static Layer ofNamespace(String namespace) {
            return namespace.startsWith("std_")
                    ? STANDARD
                    : namespace.startsWith("base_") ? BASE : namespace.startsWith("ind_") ? INDICATOR : RAW;
        }
    }

    /** How old the newest rows are. */
    public enum Freshness {
        DAY,
        WEEK,
        MONTH,
        OLDER,
    }

    /** A column, or an item of a statement. */
    public record Column(String name, @Nullable String comment) {}

    /**
     * A thing that can be found.
     *
     * @param id in its own list
     * @param name by which programs know it: its lake table, its resource code
     * @param state of an entry or a thing of the ledger
     */
    public record Thing(
            Kind kind,
            String id,
            String title,
            String name,
            @Nullable String summary,
            Department department,
            @Nullable String source,
            Guide.@Nullable Theme theme,
            @Nullable Level level,
            @Nullable Layer layer,
            Guide.@Nullable ShareClass shareClass,
            @Nullable String state,
            @Nullable Instant asOf) {
        public Thing {
            requireNonNull(kind, "kind is null");
            requireNonNull(id, "id is null");
            requireNonNull(title, "title is null");
            requireNonNull(name, "name is null");
            requireNonNull(department, "department is null");
        }
    }

    /** Where in a thing words were found. */
    public enum Place {
        TITLE,
        NAME,
        SUMMARY,
        COLUMN,
        /** Of a code list. */
        CODE,
        DEPARTMENT,
        SOURCE,
    }

    /** A stretch of a text, from its first character to behind its last one. */
    public record Span(int from, int to) {}

    /**
     * Why a thing was found.
     *
     * @param text what stands there
     * @param marked what of it was meant
     */
    public record Match(Place place, String text, List<Span> marked) {
        public Match {
            marked = List.copyOf(marked);
        }
    }

    /** A thing with why it was found. */
    public record Hit(Thing thing, List<Match> matches) {
        public Hit {
            matches = List.copyOf(matches);
        }
    }

    /** How many there are of a value, every other condition kept. */
    public record Facet(String name, String value, long count) {}
}

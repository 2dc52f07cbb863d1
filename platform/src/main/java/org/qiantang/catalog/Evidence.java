package org.qiantang.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a field was taken for what it was taken, for the person who confirms or overrules it. Holds no value.
 *
 * @param seen samples that were looked at
 * @param matched of them of the kind's shape, with the right check digit where it has one
 * @param faulty of the shape with a wrong check digit
 * @param alike of a shape that only the name makes telling
 * @param words of the name or comment that spoke of it; null when none did
 * @param shapes a few masked samples
 */
public record Evidence(
        Basis basis,
        int seen,
        int matched,
        int faulty,
        int alike,
        @Nullable String words,
        List<String> shapes) {
    public Evidence {
        shapes = List.copyOf(shapes);
    }

    /** What the proposal rests on. */
    public enum Basis {
        CONTENT,
        CONTENT_AND_NAME,
        /** The name says it, and the content is of a shape that does not speak against it. */
        NAME_AND_SHAPE,
        NAME,
        /** Nothing speaks of it: text can hold anything, numbers and dates cannot. */
        TYPE,
        /** The fields it was made of. */
        ORIGIN,
    }

    Evidence withoutShapes() {
        return new Evidence(basis, seen, matched, faulty, alike, words, List.of());
    }
}

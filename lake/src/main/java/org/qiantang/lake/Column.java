package org.qiantang.lake;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * A column as it is to be written.
 *
 * @param name the lake's name: the source's own, unless that collides with another when case is ignored
 * @param sourceType the type as the source names it, kept so that nothing about the source is lost
 * @param comment the source's own comment
 */
public record Column(
        String name,
        LakeType type,
        String sourceType,
        @Nullable String comment) {
    public Column {
        requireNonNull(name, "name is null");
        requireNonNull(type, "type is null");
        requireNonNull(sourceType, "sourceType is null");
    }
}

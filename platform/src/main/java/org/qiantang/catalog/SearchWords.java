package org.qiantang.catalog;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a bureau keeps the words its offices use for the same thing, beside those that the search knows by itself.
 *
 * @param own a file in the form of docs/search.md; null for none
 */
public record SearchWords(@Nullable Path own) {}

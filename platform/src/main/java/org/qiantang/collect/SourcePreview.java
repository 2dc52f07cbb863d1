package org.qiantang.collect;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The first rows of something in a source, for whoever connects it to see that it is the right thing.
 *
 * @param rows values as text, null for null, at most a few dozen
 * @param total how many the source says there are, if it says so
 * @param found how it is read, in the words of its kind's settings, found out or given
 */
public record SourcePreview(
        String object,
        List<String> columns,
        List<List<@Nullable String>> rows,
        @Nullable Long total,
        String found) {
    public SourcePreview {
        columns = List.copyOf(columns);
        List<List<@Nullable String>> copy = new ArrayList<>();
        for (List<@Nullable String> row : rows) {
            copy.add(Collections.unmodifiableList(new ArrayList<>(row)));
        }
        rows = Collections.unmodifiableList(copy);
    }
}

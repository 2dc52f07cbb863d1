package org.qiantang.collect.internal.files;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.qiantang.collect.internal.Connector.Unreadable;

/** What lies in a folder or an archive: the files, and whatever else is there with the reason why it is not read. */
record Listed(List<? extends FileBytes> files, List<Skipped> others) {
    /** Something that is no file to read; {@code why} is null for what needs no reading. */
    record Skipped(String relative, @Nullable Unreadable why) {}
}

package org.qiantang.collect.internal.files;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.qiantang.collect.SourceObject.SourceColumn;
import org.qiantang.collect.internal.Connector.PartReader;
import org.qiantang.collect.internal.Connector.RejectedRow;

/** One table in a file, understood, and ready to be read. */
sealed interface FileTable permits CsvTable, SheetTable {
    List<SourceColumn> columns();

    /** What was found out about it, for people to see. */
    Map<String, String> details();

    /** Rows it has, rejected ones included. */
    long rows();

    /** Reads it in the types of {@code asked}, which may be wider than {@link #columns()}. */
    PartReader open(List<SourceColumn> asked, Consumer<RejectedRow> rejects) throws java.io.IOException;
}

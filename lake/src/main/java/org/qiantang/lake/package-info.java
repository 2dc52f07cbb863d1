/**
 * The lake (湖): every table of the city with its history, in Iceberg tables whose Parquet is written and read by DuckDB.
 *
 * <p>A plain library: it knows tables, snapshots, scans and SQL, and nothing of departments, sources or people.
 */
@NullMarked
package org.qiantang.lake;

import org.jspecify.annotations.NullMarked;

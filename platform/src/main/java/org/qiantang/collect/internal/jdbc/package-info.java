/**
 * Any database with a JDBC driver as a source, MySQL and MariaDB first among them: what it holds by its own catalogue or by the driver's
 * metadata, and every table in ranges of its key.
 *
 * <p>{@link org.qiantang.collect.internal.jdbc.DatabaseConnector} is the way in.
 */
@NullMarked
package org.qiantang.collect.internal.jdbc;

import org.jspecify.annotations.NullMarked;

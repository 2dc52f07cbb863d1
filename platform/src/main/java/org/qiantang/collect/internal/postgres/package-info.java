/**
 * PostgreSQL as a source: the whole catalogue, and every table under one snapshot through binary COPY.
 *
 * <p>{@link org.qiantang.collect.internal.postgres.PostgresConnector} is the way in.
 */
@NullMarked
package org.qiantang.collect.internal.postgres;

import org.jspecify.annotations.NullMarked;

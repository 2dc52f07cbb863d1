/**
 * Departments' HTTP interfaces that answer JSON: pages are asked for one after another, spooled, and become tables.
 *
 * <p>{@link org.qiantang.collect.internal.api.ApiConnector} is the way in; {@code docs/sources/api.md} says what can be set.
 */
@NullMarked
package org.qiantang.collect.internal.api;

import org.jspecify.annotations.NullMarked;

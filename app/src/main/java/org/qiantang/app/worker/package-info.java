/** The boundary between the hub and the lake worker: one process each, so that a query or a collection can die without the hub. */
@NullMarked
package org.qiantang.app.worker;

import org.jspecify.annotations.NullMarked;

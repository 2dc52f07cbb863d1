@NullMarked
package org.qiantang.collect.internal;

import org.jspecify.annotations.NullMarked;

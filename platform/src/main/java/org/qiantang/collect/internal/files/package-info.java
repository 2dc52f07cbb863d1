@NullMarked
package org.qiantang.collect.internal.files;

import org.jspecify.annotations.NullMarked;

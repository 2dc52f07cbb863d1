@NullMarked
package org.qiantang.quality.web;

import org.jspecify.annotations.NullMarked;

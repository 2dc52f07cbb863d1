@NullMarked
package org.qiantang.refine.web;

import org.jspecify.annotations.NullMarked;

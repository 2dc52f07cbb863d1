@NullMarked
package org.qiantang.org.web;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.qiantang.invoke.web;

import org.jspecify.annotations.NullMarked;

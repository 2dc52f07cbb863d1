@NullMarked
package org.qiantang.exchange.web;

import org.jspecify.annotations.NullMarked;

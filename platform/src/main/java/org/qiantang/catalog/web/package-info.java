@NullMarked
package org.qiantang.catalog.web;

import org.jspecify.annotations.NullMarked;

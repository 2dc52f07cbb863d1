@NullMarked
package org.qiantang.collect.web;

import org.jspecify.annotations.NullMarked;

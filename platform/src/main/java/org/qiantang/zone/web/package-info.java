@NullMarked
package org.qiantang.zone.web;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.qiantang.portal.web;

import org.jspecify.annotations.NullMarked;

@NullMarked
package org.qiantang.share.web;

import org.jspecify.annotations.NullMarked;

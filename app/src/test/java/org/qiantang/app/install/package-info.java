@NullMarked
package org.qiantang.app.install;

import org.jspecify.annotations.NullMarked;

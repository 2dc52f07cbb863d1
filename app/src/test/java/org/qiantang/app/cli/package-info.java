@NullMarked
package org.qiantang.app.cli;

import org.jspecify.annotations.NullMarked;

/** The command line: a client of the same API the console uses, for people at a terminal and for scripts. */
@NullMarked
package org.qiantang.app.cli;

import org.jspecify.annotations.NullMarked;

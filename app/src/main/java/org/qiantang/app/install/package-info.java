/**
 * Installation: what turns one downloaded program into a running city platform on one machine. It owns the home directory, the
 * secrets made for it, the PostgreSQL and the lake worker started as children, and the order in which all of them start and stop.
 */
@NullMarked
package org.qiantang.app.install;

import org.jspecify.annotations.NullMarked;

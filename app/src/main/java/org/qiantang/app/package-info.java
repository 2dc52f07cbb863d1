/** The one program: it decides its role by the first word of its command line, and wires the platform's parts together. */
@NullMarked
package org.qiantang.app;

import org.jspecify.annotations.NullMarked;

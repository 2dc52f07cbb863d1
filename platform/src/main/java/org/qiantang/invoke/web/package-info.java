/** Data services and clients over HTTP; what is public here is for the program's door for clients. */
@NamedInterface("web")
@NullMarked
package org.qiantang.invoke.web;

import org.jspecify.annotations.NullMarked;
import org.springframework.modulith.NamedInterface;

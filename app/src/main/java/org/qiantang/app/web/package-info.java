/** The edge of the web: refusals as problem+json, the console's files, the description of the API. */
@NullMarked
package org.qiantang.app.web;

import org.jspecify.annotations.NullMarked;

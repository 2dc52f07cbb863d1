/**
 * The demo city: the source systems of a city's departments, made from a seed, so that everything Qiantang does can be tried and judged
 * without anybody's data. No person, number or company in it is taken from a register.
 */
@NullMarked
package org.qiantang.app.demo;

import org.jspecify.annotations.NullMarked;

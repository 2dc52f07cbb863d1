/**
 * What the city does with its data: one pack a scenario, none of which sees another. The first packs arrive after the platform's
 * loop is closed; until then this module holds only its place on the ladder.
 */
@NullMarked
package org.qiantang.scenario;

import org.jspecify.annotations.NullMarked;

/** How fast a pipeline may spend request units. */
@NullMarked
package io.reverseetl.ratelimit;

import org.jspecify.annotations.NullMarked;

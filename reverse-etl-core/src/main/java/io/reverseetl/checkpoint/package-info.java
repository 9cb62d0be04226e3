/** Where a pipeline stands, kept so that a crash repeats work and never skips any. */
@NullMarked
package io.reverseetl.checkpoint;

import org.jspecify.annotations.NullMarked;

/** One idea each, ready to run and to copy. */
@NullMarked
package io.reverseetl.examples;

import org.jspecify.annotations.NullMarked;

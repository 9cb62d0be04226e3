/** Loads and polls inside Azure Functions. A sample to copy. */
@NullMarked
package io.reverseetl.functions;

import org.jspecify.annotations.NullMarked;

/**
 * The writing side: documents, their keys, the operations on them, and the sinks that take them.
 */
@NullMarked
package io.reverseetl.document;

import org.jspecify.annotations.NullMarked;

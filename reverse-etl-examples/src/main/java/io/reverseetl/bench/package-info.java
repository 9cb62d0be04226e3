/** Benchmarks: a generator of large Delta tables, and what measures loads and reads of them. */
@NullMarked
package io.reverseetl.bench;

import org.jspecify.annotations.NullMarked;

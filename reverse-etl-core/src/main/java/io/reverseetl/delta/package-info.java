/**
 * Reads Delta tables through Delta Kernel. {@link io.reverseetl.delta.DeltaTableSource} is the way
 * in; everything that knows Kernel, Parquet or Hadoop stays inside this package.
 */
@NullMarked
package io.reverseetl.delta;

import org.jspecify.annotations.NullMarked;

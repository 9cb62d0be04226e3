/**
 * Initial loads and ranges of changes on Apache Spark's executors: the units of a {@link
 * io.reverseetl.LoadPlan} are tasks of a Spark job. Mapper, sink and checkpoint stay those of the
 * pipeline.
 */
@NullMarked
package io.reverseetl.spark;

import org.jspecify.annotations.NullMarked;

/**
 * Metrics and spans of pipelines through Micrometer, which whoever uses this package adds to their
 * own build.
 */
@NullMarked
package io.reverseetl.metrics;

import org.jspecify.annotations.NullMarked;

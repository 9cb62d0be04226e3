/** A report of a run as one HTML file. */
@NullMarked
package io.reverseetl.report;

import org.jspecify.annotations.NullMarked;

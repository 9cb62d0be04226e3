/** The reading side: rows, row changes, and the tables they come from. */
@NullMarked
package io.reverseetl.table;

import org.jspecify.annotations.NullMarked;

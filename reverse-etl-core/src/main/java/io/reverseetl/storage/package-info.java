/** Where a table's files are, if they are neither local nor in one of Hadoop's file systems. */
@NullMarked
package io.reverseetl.storage;

import org.jspecify.annotations.NullMarked;

/**
 * From rows to documents: your own mapper, or the ready-made {@link
 * io.reverseetl.mapping.ColumnMapper}.
 */
@NullMarked
package io.reverseetl.mapping;

import org.jspecify.annotations.NullMarked;

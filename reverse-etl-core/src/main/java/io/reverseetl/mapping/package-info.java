/** From rows to documents: your own mapper, or the ready-made {@code ColumnMapper}. */
@NullMarked
package io.reverseetl.mapping;

import org.jspecify.annotations.NullMarked;

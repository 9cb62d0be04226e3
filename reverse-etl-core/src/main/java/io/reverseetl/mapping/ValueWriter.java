package io.reverseetl.mapping;

import com.fasterxml.jackson.core.JsonGenerator;
import io.reverseetl.table.Values;
import java.io.IOException;

/**
 * Writes the values of one column, or of one place inside a column, as JSON. Made for its type when
 * a mapper is bound, so that no row asks for a type again. May hold buffers: for one thread.
 */
abstract class ValueWriter {
  /** How deeply objects and arrays may nest in a document of Cosmos DB, the document included. */
  static final int MAX_NESTING = 128;

  /** Whether there is nothing to write but null. */
  boolean isNull(Values values, int index) {
    return values.isNull(index);
  }

  /** Writes a value that {@link #isNull} does not call null. */
  abstract void write(Values values, int index, JsonGenerator out) throws IOException;

  /** Writes a value or null. */
  final void writeNullable(Values values, int index, JsonGenerator out) throws IOException {
    if (isNull(values, index)) {
      out.writeNull();
    } else {
      write(values, index, out);
    }
  }
}

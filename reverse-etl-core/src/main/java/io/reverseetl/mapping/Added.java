package io.reverseetl.mapping;

import io.reverseetl.table.Row;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A property that no column gives. */
sealed interface Added {

  /** The name as the user wrote it, which ids, partition keys and options refer to. */
  String name();

  /** Where it stands in the document. */
  List<String> target();

  /** The same value in every document. */
  record Constant(String name, List<String> target, String json, @Nullable Object value)
      implements Added {}

  /** A value made of the row. */
  record Computed(
      String name, List<String> target, Function<? super Row, ? extends @Nullable Object> function)
      implements Added {}
}

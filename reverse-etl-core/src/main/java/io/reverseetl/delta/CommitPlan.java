package io.reverseetl.delta;

import io.reverseetl.table.SchemaChange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to read one commit.
 *
 * @param version which commit
 * @param timestamp when it was made, in milliseconds since 1970
 * @param state protocol and metadata after it
 * @param schemaChange what it did to the columns, if it did
 * @param before what to read in the columns from before the change
 * @param after what to read in the columns from after the change
 */
record CommitPlan(
    long version,
    long timestamp,
    TableState state,
    @Nullable SchemaChange schemaChange,
    List<PlannedRead> before,
    List<PlannedRead> after) {
  CommitPlan {
    before = List.copyOf(before);
    after = List.copyOf(after);
  }
}

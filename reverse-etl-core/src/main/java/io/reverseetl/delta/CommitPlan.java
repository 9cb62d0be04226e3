package io.reverseetl.delta;

import io.reverseetl.table.CommitSize;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.StructType;
import java.util.List;
import java.util.Optional;
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

  /** What there is to read. */
  CommitSize size(ReadShare share) {
    return new CommitSize(
        version,
        Math.max(share.parts(before), share.parts(after)),
        bytes(before) + bytes(after),
        columns(before),
        Optional.ofNullable(schemaChange),
        columns(after));
  }

  /** Old writers do not tell the bytes of files that they remove. */
  private static long bytes(List<PlannedRead> reads) {
    return reads.stream().mapToLong(read -> Math.max(0, read.file().size())).sum();
  }

  private static Optional<StructType> columns(List<PlannedRead> reads) {
    return reads.stream().findFirst().map(read -> read.schema().shown());
  }
}

package io.reverseetl.delta;

import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.delta.kernel.internal.actions.Metadata;
import io.delta.kernel.internal.actions.Protocol;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one commit file says, as far as row changes need it.
 *
 * @param version which commit
 * @param inCommitTimestamp milliseconds since 1970; null where the commit does not hold it
 * @param mergeWithoutEffect whether it is a MERGE that says that it changed no row
 * @param protocol the new protocol, if it changed
 * @param metadata the new metadata, if it changed
 * @param added the files that it adds with new data, in the order of the log
 * @param removed the files that it removes with their data, in the order of the log
 * @param changeFiles its change data files, in the order of the log
 */
record Commit(
    long version,
    @Nullable Long inCommitTimestamp,
    boolean mergeWithoutEffect,
    @Nullable Protocol protocol,
    @Nullable Metadata metadata,
    List<FileAction> added,
    List<FileAction> removed,
    List<FileAction> changeFiles) {

  /**
   * A file that a commit adds, removes or brings as change data.
   *
   * @param path as it is in the log: percent-encoded, relative or absolute
   * @param partitionValues texts by physical column name; null where the action does not tell
   * @param size its bytes; -1 where the action does not tell
   * @param vector which of its rows are deleted; null for none
   */
  record FileAction(
      String path,
      @Nullable Map<String, @Nullable String> partitionValues,
      long size,
      @Nullable DeletionVectorDescriptor vector) {}
}

package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.table.ChangeMethod;
import java.util.List;

/**
 * What a plan of a range of commits, each of its units and each of its tasks belong to, so that
 * nothing else runs them.
 *
 * @param id names the plan; another one of the same range has another
 * @param owner whom the checkpoint names while the plan is carried out
 * @param checkpoint what the checkpoint is saved under
 * @param tableUri where the table is
 * @param tableId the identity of the table
 * @param fromVersion the first commit of the range
 * @param toVersion the last commit of the range; one less than the first if there is nothing to do
 * @param method where row changes come from
 * @param schemaHash a hash of the table's schema after the range
 * @param pipelineHash a hash of what of a pipeline decides about its documents
 * @param target the identity of the target
 * @param filter the row filter; empty text if there is none
 * @param leaseMillis the lease of the pipeline that planned
 */
record PollIdentity(
    String id,
    String owner,
    String checkpoint,
    String tableUri,
    String tableId,
    long fromVersion,
    long toVersion,
    ChangeMethod method,
    String schemaHash,
    String pipelineHash,
    String target,
    String filter,
    long leaseMillis) {

  /** The identity of a plan that is made now, without an id. */
  static PollIdentity of(
      Pipeline pipeline,
      String owner,
      Checkpoint before,
      long toVersion,
      ChangeMethod method,
      String schemaHash) {
    return new PollIdentity(
        "",
        owner,
        pipeline.checkpointName(),
        before.tableUri(),
        before.tableId(),
        before.version() + 1,
        toVersion,
        method,
        schemaHash,
        pipelineHash(pipeline),
        before.targetIdentity(),
        PlanIdentity.filter(pipeline),
        pipeline.lease().toMillis());
  }

  PollIdentity named(String newId) {
    return new PollIdentity(
        newId,
        owner,
        checkpoint,
        tableUri,
        tableId,
        fromVersion,
        toVersion,
        method,
        schemaHash,
        pipelineHash,
        target,
        filter,
        leaseMillis);
  }

  /** A mapper is code; where it puts the partition key stands for it. */
  private static String pipelineHash(Pipeline pipeline) {
    return Fingerprint.of(
        List.of(
            pipeline.mapper().partitionKeyPaths().toString(),
            pipeline.writeMode().toString(),
            pipeline.deletes().toString(),
            String.valueOf(pipeline.duplicateKeys().column()),
            String.valueOf(pipeline.duplicateKeys().setsAside()),
            String.valueOf(pipeline.stampSourceVersion())));
  }

  boolean isEmpty() {
    return toVersion < fromVersion;
  }

  /** Refuses a pipeline that is another one, as far as it can be seen without its table. */
  void checkPipeline(Pipeline pipeline) {
    PlanIdentity.check(checkpoint, "pipeline", checkpoint, pipeline.checkpointName());
    // A filter may hold values of rows, and a message must not.
    PlanIdentity.check(
        checkpoint,
        "row filter",
        Fingerprint.of(List.of(filter)),
        Fingerprint.of(List.of(PlanIdentity.filter(pipeline))));
    PlanIdentity.check(checkpoint, "mapper or write mode", pipelineHash, pipelineHash(pipeline));
  }

  /** Refuses another target. */
  void checkTarget(TargetDescription found) {
    PlanIdentity.check(checkpoint, "target", target, found.identity());
  }

  /** Refuses a table at another place. */
  void checkTable(String foundUri) {
    PlanIdentity.check(checkpoint, "table", tableUri, foundUri);
  }

  /** Whether a checkpoint is inside the range, by whomever it was begun. */
  boolean isInside(Checkpoint found) {
    return found.tableId().equals(tableId)
        && found.tableUri().equals(tableUri)
        && found.targetIdentity().equals(target)
        && found.version() == fromVersion - 1
        && found.poll().filter(poll -> poll.toVersion() == toVersion).isPresent();
  }
}

package io.reverseetl;

import io.reverseetl.document.TargetDescription;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.TableSnapshot;
import java.util.List;

/**
 * What a plan and each of its units belong to, so that nothing else runs them.
 *
 * @param id names the plan; another one of the same version has another
 * @param owner whom the checkpoint names while the plan is carried out
 * @param checkpoint what the checkpoint is saved under
 * @param tableUri where the table is
 * @param tableId the identity of the table
 * @param version the commit version
 * @param schemaHash a hash of the table's schema in it
 * @param partsHash a hash of the parts and the row filter, as the checkpoint has it
 * @param pipelineHash a hash of what of a pipeline decides about its documents
 * @param target the identity of the target
 * @param filter the row filter; empty text if there is none
 * @param leaseMillis the lease of the pipeline that planned
 */
record PlanIdentity(
    String id,
    String owner,
    String checkpoint,
    String tableUri,
    String tableId,
    long version,
    String schemaHash,
    String partsHash,
    String pipelineHash,
    String target,
    String filter,
    long leaseMillis) {

  /** The identity of a plan that is made now, without an id. */
  static PlanIdentity of(
      Pipeline pipeline,
      String owner,
      TableSnapshot snapshot,
      List<SnapshotPart> parts,
      TargetDescription target) {
    return new PlanIdentity(
        "",
        owner,
        pipeline.checkpointName(),
        snapshot.version().tableUri(),
        snapshot.version().tableId(),
        snapshot.version().version(),
        Fingerprint.of(snapshot.tableSchema()),
        Fingerprint.of(parts, pipeline.filter()),
        pipelineHash(pipeline, snapshot),
        target.identity(),
        filter(pipeline),
        pipeline.lease().toMillis());
  }

  PlanIdentity named(String newId) {
    return new PlanIdentity(
        newId,
        owner,
        checkpoint,
        tableUri,
        tableId,
        version,
        schemaHash,
        partsHash,
        pipelineHash,
        target,
        filter,
        leaseMillis);
  }

  static String filter(Pipeline pipeline) {
    return pipeline.filter().map(Object::toString).orElse("");
  }

  /** A mapper is code; what it reads and where it puts the partition key stand for it. */
  private static String pipelineHash(Pipeline pipeline, TableSnapshot snapshot) {
    return Fingerprint.of(
        List.of(
            snapshot.schema().toString(),
            pipeline.mapper().partitionKeyPaths().toString(),
            pipeline.writeMode().toString(),
            String.valueOf(pipeline.duplicateKeys().column()),
            String.valueOf(pipeline.stampSourceVersion())));
  }

  /** Refuses a pipeline that is another one, as far as it can be seen without its table. */
  void checkPipeline(Pipeline pipeline) {
    check("pipeline", checkpoint, pipeline.checkpointName());
    // A filter may hold values of rows, and a message must not.
    check("row filter", Fingerprint.of(List.of(filter)), Fingerprint.of(List.of(filter(pipeline))));
  }

  /** Refuses another target. */
  void checkTarget(TargetDescription found) {
    check("target", target, found.identity());
  }

  /** Refuses another table, version, list of files, or way to make documents. */
  void checkTable(Pipeline pipeline, TableSnapshot snapshot) {
    check("table", tableUri, snapshot.version().tableUri());
    check("table", tableId, snapshot.version().tableId());
    check("version", Long.toString(version), Long.toString(snapshot.version().version()));
    check("schema", schemaHash, Fingerprint.of(snapshot.tableSchema()));
    check("mapper or write mode", pipelineHash, pipelineHash(pipeline, snapshot));
    check("list of files", partsHash, Fingerprint.of(snapshot.parts(), pipeline.filter()));
  }

  private void check(String what, String planned, String found) {
    check(checkpoint, what, planned, found);
  }

  /** Refuses what is not as it was when the plan was made. */
  static void check(String checkpoint, String what, String planned, String found) {
    if (!planned.equals(found)) {
      throw new ConfigurationException(
          "The plan for pipeline \""
              + checkpoint
              + "\" was made with another "
              + what
              + ": "
              + planned
              + ", but here it is "
              + found
              + ". Run it with the pipeline that it was made with, or make another plan.");
    }
  }
}

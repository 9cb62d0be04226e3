package io.reverseetl;

import io.reverseetl.table.SchemaChange;
import java.time.Duration;
import java.util.Optional;

/**
 * What one poll of {@link CdcPoller} did.
 *
 * @param pipeline the pipeline's name
 * @param tableUri where the table is, without credentials
 * @param outcome how the poll ended
 * @param fromVersion the version that the target held before
 * @param toVersion the version that the target holds now
 * @param newestVersion the table's newest version when the poll began
 * @param reloaded whether the table was loaded anew to close a gap, see {@link GapPolicy}
 * @param ranges how many ranges of commits were finished
 * @param changesRead row changes read, preimages included
 * @param operationsReduced changes of documents that needed no operation of their own, as others of
 *     the same range replaced them; those without effect are not among them
 * @param documentsUnchanged documents that were not written because they are what they were
 * @param documentsWritten documents made durable, soft deletes included
 * @param documentsDeleted documents deleted, those that were not there included
 * @param bytesWritten JSON bytes made durable
 * @param deadLetters rows and documents set aside
 * @param requestUnits the cost in request units
 * @param requestUnitsSaved what unchanged documents would have cost, estimated
 * @param throttled answers of the target that asked to slow down
 * @param retried attempts beyond the first of an operation
 * @param lagVersions how many commits are not in the target yet
 * @param lag how long ago the commit was made that the target holds; zero if it is the newest,
 *     empty if the poll read no commit
 * @param retentionLeft for how long the table promised, when the poll began, to keep the changes
 *     that were to be read first; zero or negative if they might have been gone, empty if there
 *     were none or the source does not tell
 * @param elapsed how long the poll took
 * @param firstDocument how long it took until the first document was durable; empty if none was
 * @param schemaChange the change of the schema that the poll ended at
 */
public record PollReport(
    String pipeline,
    String tableUri,
    Outcome outcome,
    long fromVersion,
    long toVersion,
    long newestVersion,
    boolean reloaded,
    int ranges,
    long changesRead,
    long operationsReduced,
    long documentsUnchanged,
    long documentsWritten,
    long documentsDeleted,
    long bytesWritten,
    long deadLetters,
    double requestUnits,
    double requestUnitsSaved,
    long throttled,
    long retried,
    long lagVersions,
    Optional<Duration> lag,
    Optional<Duration> retentionLeft,
    Duration elapsed,
    Optional<Duration> firstDocument,
    Optional<SchemaChange> schemaChange) {

  /** How a poll ended. */
  public enum Outcome {
    /** The target holds the version that was to be reached. */
    UP_TO_DATE,
    /** The deadline came first; progress is saved, and the next poll goes on from there. */
    DEADLINE_REACHED,
    /** Somebody asked to stop; progress is saved, and the next poll goes on from there. */
    STOPPED,
    /** The next commit changes a column that the mapper reads; see {@link SchemaPolicy#PAUSE}. */
    SCHEMA_CHANGED
  }
}

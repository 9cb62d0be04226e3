package io.reverseetl;

import io.reverseetl.document.DocumentKey;
import java.time.Duration;
import java.util.List;

/**
 * How the target compares with the table at the checkpoint's version.
 *
 * @param pipeline the pipeline's name
 * @param version the version that was compared
 * @param rows rows read from the table
 * @param documents documents found in the target; those flagged as deleted are not counted
 * @param equal documents that are what the table makes
 * @param missing documents that the table makes and that are not there
 * @param different documents that say something else than the table
 * @param extra documents that the table does not make and that are ours
 * @param foreign documents that the table does not make and that somebody else wrote, as far as
 *     this can be told
 * @param unmappable rows that cannot become documents
 * @param examples the keys of the first differences, as many as were asked for; they hold row
 *     values, so keep them out of logs
 * @param elapsed how long it took
 */
public record VerifyReport(
    String pipeline,
    long version,
    long rows,
    long documents,
    long equal,
    long missing,
    long different,
    long extra,
    long foreign,
    long unmappable,
    List<Difference> examples,
    Duration elapsed) {

  /**
   * One difference.
   *
   * @param kind what is wrong
   * @param key which document
   */
  public record Difference(Kind kind, DocumentKey key) {}

  /** What is wrong with a document. */
  public enum Kind {
    /** The table makes it, and it is not there. */
    MISSING,
    /** It says something else than the table. */
    DIFFERENT,
    /** The table does not make it. */
    EXTRA
  }

  /** Copies. */
  public VerifyReport {
    examples = List.copyOf(examples);
  }

  /**
   * Whether the target holds exactly what the table makes; foreign documents and unmappable rows
   * are not looked at.
   *
   * @return true if nothing is missing, different or extra
   */
  public boolean isEqual() {
    return missing == 0 && different == 0 && extra == 0;
  }
}

package io.reverseetl.checkpoint;

import java.util.Collections;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far an initial load is. Parts are the snapshot's parts by position.
 *
 * @param partCount how many parts the snapshot has
 * @param partsHash a hash of the parts' ids and the row filter, so that progress is never applied
 *     to other rows
 * @param finished the parts whose documents are all durable
 * @param partial for parts that were left in the middle, how many of their first rows are done and
 *     durable; never a finished part
 * @param rowsRead rows read so far, over all runs
 * @param documentsWritten documents made durable so far, over all runs
 * @param deadLetters dead letters so far, over all runs
 */
public record LoadProgress(
    int partCount,
    String partsHash,
    PartSet finished,
    SortedMap<Integer, Long> partial,
    long rowsRead,
    long documentsWritten,
    long deadLetters) {

  /** Checks and copies. */
  public LoadProgress {
    Objects.requireNonNull(partsHash, "partsHash");
    Objects.requireNonNull(finished, "finished");
    partial = Collections.unmodifiableSortedMap(new TreeMap<>(partial));
  }
}

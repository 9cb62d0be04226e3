package io.reverseetl.table;

/**
 * A table source that can tell how long its changes are kept, so that a reader that falls behind is
 * warned before it is too late. Thread-safe.
 */
public interface RetainingTableSource extends TableSource {

  /**
   * Looks at how long the changes after a version are kept. Costs about one listing of the log from
   * there on.
   *
   * @param known the version that the reader holds, at least 0
   * @return how long
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if the version's successor is
   *     cleaned already, or the table now has fewer versions
   * @throws io.reverseetl.exceptions.TableReadException if the table cannot be read
   */
  ChangeRetention retention(long known);

  /**
   * Looks for the earliest version whose changes can still be had, as far as the log tells. Costs a
   * listing of the whole log.
   *
   * @return the version; a reader that holds the one before it, or a later one, can go on
   * @throws io.reverseetl.exceptions.TableReadException if the table cannot be read
   */
  long earliestChanges();
}

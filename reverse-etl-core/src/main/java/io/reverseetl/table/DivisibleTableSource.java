package io.reverseetl.table;

import java.util.List;

/**
 * A table source that tells the size of commits beforehand, and reads the changes of a large one in
 * {@linkplain ChangeQuery#share shares}. Thread-safe.
 */
public interface DivisibleTableSource extends TableSource {

  /**
   * Looks at the commits of a range, and checks them as {@link #openChanges} does: that they are
   * there, with the files that hold their changes. Reads no row.
   *
   * @param query which commits; its listener is not called, and its share has no meaning here
   * @return every commit of the range up to the newest, in order; empty if there is none yet
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if the changes cannot be had
   * @throws io.reverseetl.exceptions.TableReadException if the table cannot be read
   */
  List<CommitSize> commits(ChangeQuery query);
}

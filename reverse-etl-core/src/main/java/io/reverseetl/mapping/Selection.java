package io.reverseetl.mapping;

import java.util.Set;

/**
 * Which columns go into the document.
 *
 * @param included only these and what is inside them; none means all
 * @param excluded not these and what is inside them
 */
record Selection(Set<ColumnPath> included, Set<ColumnPath> excluded) {

  Selection {
    included = Set.copyOf(included);
    excluded = Set.copyOf(excluded);
  }

  /** Whether the column is written, or at least something inside it. */
  boolean isWritten(ColumnPath path) {
    if (excluded.stream().anyMatch(path::isWithin)) {
      return false;
    }
    return included.isEmpty()
        || included.stream().anyMatch(other -> path.isWithin(other) || other.isWithin(path));
  }
}

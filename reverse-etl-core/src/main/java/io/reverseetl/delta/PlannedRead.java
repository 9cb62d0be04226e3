package io.reverseetl.delta;

import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One file to read for the changes of a commit, and which of its rows are what.
 *
 * @param kind which rows
 * @param file the file
 * @param schema the columns
 * @param removed the deletion vector that the commit removes, if it does
 * @param added the deletion vector that the commit adds, if it does
 */
record PlannedRead(
    Kind kind,
    DataFile file,
    ReadSchema schema,
    @Nullable DeletionVectorDescriptor removed,
    @Nullable DeletionVectorDescriptor added) {

  /** Which rows of the file are changes, and of which type. */
  enum Kind {
    /** All rows, each with its own type in a column of the file. */
    CHANGE_FILE,
    /** Inserts: the rows of an added file that its vector does not mark. */
    ADDED,
    /** Deletes: the rows of a removed file that its vector did not mark. */
    REMOVED,
    /** Deletes, which the new vector alone marks, and inserts, which the old one alone marks. */
    DIFFERENCE,
    /** Of a difference, the deletes. */
    NEWLY_MARKED,
    /** Of a difference, the inserts. */
    NO_LONGER_MARKED
  }

  PlannedRead {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(schema, "schema");
  }
}

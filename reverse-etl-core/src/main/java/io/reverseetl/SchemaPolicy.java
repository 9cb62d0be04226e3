package io.reverseetl;

/**
 * What a poll does at a commit that drops, renames or retypes a column that the mapper reads, or
 * forbids its nulls. New columns, and changes of columns that the mapper does not read, never stop
 * a poll; a mapper that no longer fits the table always does.
 */
public enum SchemaPolicy {
  /**
   * Everything before the commit is written and saved, and the poll ends with {@link
   * PollReport.Outcome#SCHEMA_CHANGED}. Every later poll ends so, too, until one has {@link
   * #CONTINUE} or the table is loaded again. This is the default.
   */
  PAUSE,
  /**
   * Everything before the commit is written and saved, and the poll throws a {@link
   * io.reverseetl.exceptions.ChangesUnavailableException}.
   */
  FAIL,
  /** Goes on with the new columns. Documents that no row changes keep their old form. */
  CONTINUE
}

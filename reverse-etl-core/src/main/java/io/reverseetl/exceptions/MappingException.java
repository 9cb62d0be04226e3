package io.reverseetl.exceptions;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A row cannot become a document: a value that JSON or Cosmos DB cannot hold without loss, an id or
 * partition key that is missing or not allowed. Mend the data, or tell the mapper what to do with
 * such values.
 */
public class MappingException extends ReverseEtlException {
  private static final long serialVersionUID = 1L;

  private final @Nullable String column;

  /**
   * Without a cause.
   *
   * @param column the column (a dotted path inside structs) at fault, if one is
   * @param message what failed, why, and what to do; never the value itself
   */
  public MappingException(@Nullable String column, String message) {
    this(column, message, null);
  }

  /**
   * With a cause.
   *
   * @param column the column (a dotted path inside structs) at fault, if one is
   * @param message what failed, why, and what to do; never the value itself
   * @param cause what led to it, if anything
   */
  public MappingException(@Nullable String column, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.column = column;
  }

  /**
   * The column at fault.
   *
   * @return its name, or dotted path inside structs; empty if no single column is at fault
   */
  public Optional<String> column() {
    return Optional.ofNullable(column);
  }
}

package io.reverseetl.table;

import java.util.List;

/**
 * Translates a {@link BoundRowFilter} into the language of another reader, so that this can skip
 * what cannot pass. Negations are already resolved: {@code NOT (a > 1 OR b IS NULL)} arrives as
 * {@code a <= 1 AND b IS NOT NULL}.
 *
 * @param <R> what a condition is translated into
 */
public interface FilterVisitor<R> {

  /** How a column is compared with a value. */
  enum Comparison {
    /** Equal. */
    EQUAL,
    /** Not equal. */
    NOT_EQUAL,
    /** Less. */
    LESS,
    /** Less or equal. */
    LESS_OR_EQUAL,
    /** Greater. */
    GREATER,
    /** Greater or equal. */
    GREATER_OR_EQUAL
  }

  /**
   * A column compared with a value that fits the column's type exactly.
   *
   * @param path the names from the column down into structs
   * @param type the type of the last one
   * @param comparison how
   * @param value a Boolean; a Long for whole numbers, for DATE (days since 1970-01-01), TIMESTAMP
   *     and TIMESTAMP_NTZ (microseconds); a BigDecimal; a Double; or a String
   * @return the translation
   */
  R compare(List<String> path, DataType type, Comparison comparison, Object value);

  /**
   * Whether a column is null.
   *
   * @param path the names from the column down into structs
   * @param type the type of the last one
   * @param negated whether it is asked to be not null
   * @return the translation
   */
  R isNull(List<String> path, DataType type, boolean negated);

  /**
   * All of some conditions.
   *
   * @param operands the translations of at least two conditions
   * @return the translation
   */
  R and(List<R> operands);

  /**
   * Any of some conditions.
   *
   * @param operands the translations of at least two conditions
   * @return the translation
   */
  R or(List<R> operands);

  /**
   * A condition of another form.
   *
   * @return what stands for "it may be true or not"
   */
  R other();
}

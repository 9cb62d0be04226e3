package io.reverseetl.table;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a row must meet to be read: a condition in the words of SQL, with SQL's three-valued logic.
 * A row passes if the condition is true; false and unknown do not pass. Immutable and thread-safe.
 *
 * <pre>{@code
 * RowFilter.parse("region IN ('eu', 'uk') AND price > 10.5 AND deleted_at IS NULL")
 * }</pre>
 *
 * <p>The grammar: {@code =} ({@code ==}), {@code <>} ({@code !=}), {@code <}, {@code <=}, {@code
 * >}, {@code >=}, {@code <=>}, {@code [NOT] IN (...)}, {@code [NOT] BETWEEN ... AND ...}, {@code
 * [NOT] LIKE '...' [ESCAPE '.']}, {@code IS [NOT] NULL}, {@code AND}, {@code OR}, {@code NOT} and
 * parentheses, over columns and literals. A column is a name, in back quotes if it holds other
 * characters than letters, digits and underscores; a dot leads into a struct. A literal is a
 * number, a {@code 'text'} (a quote inside is doubled), {@code TRUE}, {@code FALSE}, {@code NULL},
 * {@code DATE '2024-02-29'} or {@code TIMESTAMP '2024-02-29 12:00:00'} (UTC unless it names an
 * offset). Words are recognised in upper and lower case.
 *
 * <p>Integers and decimals compare exactly, whatever their size. A FLOAT or DOUBLE column and a
 * number compare as doubles; NaN equals NaN and is greater than all other numbers. Text compares by
 * code points. A date or timestamp may be compared with a text that looks like one.
 */
public final class RowFilter {
  private final String text;
  private final FilterExpression expression;

  private RowFilter(String text, FilterExpression expression) {
    this.text = text;
    this.expression = expression;
  }

  /**
   * Reads a condition.
   *
   * @param condition the condition, as after {@code WHERE}
   * @return the filter
   * @throws IllegalArgumentException if it does not follow the grammar; the message names the
   *     position and what was expected there
   */
  public static RowFilter parse(String condition) {
    Objects.requireNonNull(condition, "condition");
    return new RowFilter(condition, new FilterParser(condition).parse());
  }

  /**
   * Prepares the filter for rows of a type.
   *
   * @param type the columns of the rows
   * @return a test of rows, for one thread at a time
   * @throws io.reverseetl.exceptions.ConfigurationException if a column is not there, or cannot be
   *     compared with what it is compared with; the message names the column
   */
  public BoundRowFilter bind(StructType type) {
    return new BoundRowFilter(expression, type, text);
  }

  /**
   * The filters that a row must all pass to pass this one: the operands of an {@code AND} at the
   * top, or this filter alone.
   *
   * @return at least one filter
   */
  public List<RowFilter> conjuncts() {
    if (expression instanceof FilterExpression.And and) {
      return and.operands().stream()
          .flatMap(e -> new RowFilter(text, e).conjuncts().stream())
          .toList();
    }
    return List.of(this);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RowFilter that && expression.equals(that.expression);
  }

  @Override
  public int hashCode() {
    return expression.hashCode();
  }

  /**
   * The condition as it was parsed.
   *
   * @return the text
   */
  @Override
  public String toString() {
    return text;
  }
}

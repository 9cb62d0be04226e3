package io.reverseetl.table;

import io.reverseetl.table.FilterVisitor.Comparison;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A condition as it was parsed: names are not resolved, literals have no type of a column yet. */
sealed interface FilterExpression {

  record And(List<FilterExpression> operands) implements FilterExpression {}

  record Or(List<FilterExpression> operands) implements FilterExpression {}

  record Not(FilterExpression operand) implements FilterExpression {}

  record Compare(Term left, Comparison comparison, Term right) implements FilterExpression {}

  /** {@code left <=> right}: never unknown. */
  record NullSafeEqual(Term left, Term right) implements FilterExpression {}

  record IsNull(Term term) implements FilterExpression {}

  record Like(Term term, String pattern, char escape) implements FilterExpression {}

  /** A BOOLEAN column or literal by itself. */
  record IsTrue(Term term) implements FilterExpression {}

  /** What is compared. */
  sealed interface Term {}

  record ColumnTerm(List<String> path) implements Term {
    String name() {
      return String.join(".", path);
    }
  }

  /**
   * A literal.
   *
   * @param value a BigDecimal, String, Boolean, LocalDate, or LocalDateTime in UTC; null for NULL
   */
  record Literal(@Nullable Object value) implements Term {}
}

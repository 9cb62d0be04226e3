package io.reverseetl.table;

import io.reverseetl.table.FilterExpression.And;
import io.reverseetl.table.FilterExpression.Compare;
import io.reverseetl.table.FilterExpression.IsNull;
import io.reverseetl.table.FilterExpression.IsTrue;
import io.reverseetl.table.FilterExpression.Not;
import io.reverseetl.table.FilterExpression.Or;
import io.reverseetl.table.FilterOperand.ColumnOperand;
import io.reverseetl.table.FilterOperand.Constant;
import io.reverseetl.table.FilterOperand.Kind;
import io.reverseetl.table.FilterVisitor.Comparison;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A {@link RowFilter} whose columns are found and whose types are checked. Tests rows of the type
 * that it was bound to. Not thread-safe.
 */
public final class BoundRowFilter implements Predicate<Row> {
  private final FilterExpression expression;
  private final FilterBinder binder;
  private final FilterCompiler.Test test;
  private final String text;

  BoundRowFilter(FilterExpression expression, StructType type, String text) {
    this.expression = expression;
    this.binder = new FilterBinder(type);
    this.test = new FilterCompiler(binder).compile(expression);
    this.text = text;
  }

  /**
   * Whether a row passes.
   *
   * @param row a row of the type that the filter is bound to
   * @return true if the condition is true; false if it is false or unknown
   */
  @Override
  public boolean test(Row row) {
    return test.test(row) == FilterCompiler.TRUE;
  }

  /**
   * The columns that the filter reads, those at the top that hold the structs it looks into.
   *
   * @return names as the type has them, each once
   */
  public List<String> columns() {
    List<String> columns = new ArrayList<>();
    FilterCompiler.collect(expression, binder, columns);
    return List.copyOf(columns);
  }

  /**
   * Translates the filter.
   *
   * @param visitor the translation
   * @param <R> what the filter is translated into
   * @return the translation of the whole filter
   */
  public <R> R accept(FilterVisitor<R> visitor) {
    return accept(expression, false, visitor);
  }

  private <R> R accept(FilterExpression e, boolean negated, FilterVisitor<R> visitor) {
    if (e instanceof Not not) {
      return accept(not.operand(), !negated, visitor);
    } else if (e instanceof And and) {
      List<R> operands = acceptAll(and.operands(), negated, visitor);
      return negated ? visitor.or(operands) : visitor.and(operands);
    } else if (e instanceof Or or) {
      List<R> operands = acceptAll(or.operands(), negated, visitor);
      return negated ? visitor.and(operands) : visitor.or(operands);
    } else if (e instanceof Compare compare) {
      return compare(compare, negated, visitor);
    } else if (e instanceof IsNull isNull
        && binder.operand(isNull.term()) instanceof ColumnOperand column) {
      return visitor.isNull(column.path(), column.type(), negated);
    } else if (e instanceof IsTrue isTrue
        && binder.operand(isTrue.term()) instanceof ColumnOperand column) {
      return visitor.compare(column.path(), column.type(), Comparison.EQUAL, !negated);
    }
    return visitor.other();
  }

  private <R> List<R> acceptAll(
      List<FilterExpression> expressions, boolean negated, FilterVisitor<R> visitor) {
    List<R> all = new ArrayList<>(expressions.size());
    for (FilterExpression e : expressions) {
      all.add(accept(e, negated, visitor));
    }
    return all;
  }

  private <R> R compare(Compare compare, boolean negated, FilterVisitor<R> visitor) {
    FilterBinder.Pair pair = binder.pair(compare.left(), compare.right());
    Comparison comparison = negated ? negate(compare.comparison()) : compare.comparison();
    if (pair.left() instanceof ColumnOperand column && pair.right() instanceof Constant constant) {
      return compare(column, comparison, constant, visitor);
    }
    if (pair.left() instanceof Constant constant && pair.right() instanceof ColumnOperand column) {
      return compare(column, mirror(comparison), constant, visitor);
    }
    return visitor.other();
  }

  private static <R> R compare(
      ColumnOperand column, Comparison comparison, Constant constant, FilterVisitor<R> visitor) {
    Object value = constant.value();
    if (value == null) {
      return visitor.other();
    }
    Kind kind = constant.kind();
    if (kind == Kind.INTEGRAL && column.kind() == Kind.DECIMAL) {
      value = BigDecimal.valueOf((Long) value);
    } else if (kind != column.kind() || kind == Kind.BINARY) {
      return visitor.other();
    }
    return visitor.compare(column.path(), column.type(), comparison, value);
  }

  private static Comparison negate(Comparison comparison) {
    return switch (comparison) {
      case EQUAL -> Comparison.NOT_EQUAL;
      case NOT_EQUAL -> Comparison.EQUAL;
      case LESS -> Comparison.GREATER_OR_EQUAL;
      case LESS_OR_EQUAL -> Comparison.GREATER;
      case GREATER -> Comparison.LESS_OR_EQUAL;
      case GREATER_OR_EQUAL -> Comparison.LESS;
    };
  }

  private static Comparison mirror(Comparison comparison) {
    return switch (comparison) {
      case EQUAL, NOT_EQUAL -> comparison;
      case LESS -> Comparison.GREATER;
      case LESS_OR_EQUAL -> Comparison.GREATER_OR_EQUAL;
      case GREATER -> Comparison.LESS;
      case GREATER_OR_EQUAL -> Comparison.LESS_OR_EQUAL;
    };
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

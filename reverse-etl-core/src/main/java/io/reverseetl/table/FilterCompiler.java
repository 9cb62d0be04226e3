package io.reverseetl.table;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.FilterExpression.And;
import io.reverseetl.table.FilterExpression.Compare;
import io.reverseetl.table.FilterExpression.IsNull;
import io.reverseetl.table.FilterExpression.IsTrue;
import io.reverseetl.table.FilterExpression.Like;
import io.reverseetl.table.FilterExpression.Not;
import io.reverseetl.table.FilterExpression.NullSafeEqual;
import io.reverseetl.table.FilterExpression.Or;
import io.reverseetl.table.FilterExpression.Term;
import io.reverseetl.table.FilterOperand.Kind;
import io.reverseetl.table.FilterVisitor.Comparison;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Makes tests of rows from conditions. */
final class FilterCompiler {
  private final FilterBinder binder;

  FilterCompiler(FilterBinder binder) {
    this.binder = binder;
  }

  /** Three-valued logic; ordered so that AND is the minimum and OR the maximum. */
  static final int FALSE = 0;

  static final int UNKNOWN = 1;
  static final int TRUE = 2;

  /** A condition on a row. */
  interface Test {
    int test(Row row);
  }

  /** The order of two operands that are not null. */
  private interface Order {
    int compare(Row row);
  }

  Test compile(FilterExpression expression) {
    if (expression instanceof And and) {
      Test[] tests = compileAll(and.operands());
      return row -> {
        int result = TRUE;
        for (Test test : tests) {
          result = Math.min(result, test.test(row));
          if (result == FALSE) {
            return FALSE;
          }
        }
        return result;
      };
    } else if (expression instanceof Or or) {
      Test[] tests = compileAll(or.operands());
      return row -> {
        int result = FALSE;
        for (Test test : tests) {
          result = Math.max(result, test.test(row));
          if (result == TRUE) {
            return TRUE;
          }
        }
        return result;
      };
    } else if (expression instanceof Not not) {
      Test test = compile(not.operand());
      return row -> TRUE - test.test(row);
    } else if (expression instanceof Compare compare) {
      return comparison(compare);
    } else if (expression instanceof NullSafeEqual equal) {
      return nullSafe(equal);
    } else if (expression instanceof IsNull isNull) {
      FilterOperand operand = binder.operand(isNull.term());
      return row -> operand.isNull(row) ? TRUE : FALSE;
    } else if (expression instanceof Like like) {
      return like(like);
    }
    FilterOperand operand = binder.operand(((IsTrue) expression).term());
    if (operand.kind() != Kind.BOOLEAN && !isNullConstant(operand)) {
      throw incomparable(operand, operand);
    }
    return row -> operand.isNull(row) ? UNKNOWN : operand.longValue(row) == 1 ? TRUE : FALSE;
  }

  private Test[] compileAll(List<FilterExpression> expressions) {
    return expressions.stream().map(this::compile).toArray(Test[]::new);
  }

  private static boolean isNullConstant(FilterOperand operand) {
    return operand instanceof FilterOperand.Constant constant && constant.value() == null;
  }

  private Test comparison(Compare compare) {
    FilterBinder.Pair pair = binder.pair(compare.left(), compare.right());
    FilterOperand left = pair.left();
    FilterOperand right = pair.right();
    if (isNullConstant(left) || isNullConstant(right)) {
      return row -> UNKNOWN;
    }
    Order order = order(left, right);
    Comparison comparison = compare.comparison();
    return row ->
        left.isNull(row) || right.isNull(row)
            ? UNKNOWN
            : holds(comparison, order.compare(row)) ? TRUE : FALSE;
  }

  private static boolean holds(Comparison comparison, int order) {
    return switch (comparison) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case LESS -> order < 0;
      case LESS_OR_EQUAL -> order <= 0;
      case GREATER -> order > 0;
      case GREATER_OR_EQUAL -> order >= 0;
    };
  }

  private Test nullSafe(NullSafeEqual equal) {
    FilterBinder.Pair pair = binder.pair(equal.left(), equal.right());
    FilterOperand left = pair.left();
    FilterOperand right = pair.right();
    if (isNullConstant(left) || isNullConstant(right)) {
      return row -> left.isNull(row) == right.isNull(row) ? TRUE : FALSE;
    }
    Order order = order(left, right);
    return row -> {
      boolean leftNull = left.isNull(row);
      boolean rightNull = right.isNull(row);
      return ((leftNull || rightNull) ? leftNull == rightNull : order.compare(row) == 0)
          ? TRUE
          : FALSE;
    };
  }

  private static Order order(FilterOperand left, FilterOperand right) {
    Kind l = left.kind();
    Kind r = right.kind();
    boolean same = l == r;
    if (same && (l == Kind.INTEGRAL || l == Kind.BOOLEAN || l == Kind.DATE || l == Kind.TIME)) {
      return row -> Long.compare(left.longValue(row), right.longValue(row));
    }
    if (same && (l == Kind.TEXT || l == Kind.BINARY)) {
      return row -> Arrays.compareUnsigned(left.bytesValue(row), right.bytesValue(row));
    }
    if (same && l == Kind.FLOATING) {
      return row -> compareDoubles(left.doubleValue(row), right.doubleValue(row));
    }
    if (isExact(l) && isExact(r)) {
      return row -> left.decimalValue(row).compareTo(right.decimalValue(row));
    }
    if (l == Kind.FLOATING && isExact(r)) {
      return row -> compareMixed(left.doubleValue(row), right.decimalValue(row));
    }
    if (isExact(l) && r == Kind.FLOATING) {
      return row -> -compareMixed(right.doubleValue(row), left.decimalValue(row));
    }
    if (l == Kind.DATE && r == Kind.TIME) {
      return row -> FilterTimes.compareDayWithMicros(left.longValue(row), right.longValue(row));
    }
    if (l == Kind.TIME && r == Kind.DATE) {
      return row -> -FilterTimes.compareDayWithMicros(right.longValue(row), left.longValue(row));
    }
    throw incomparable(left, right);
  }

  private static boolean isExact(Kind kind) {
    return kind == Kind.INTEGRAL || kind == Kind.DECIMAL;
  }

  /** NaN equals NaN and is the greatest; the two zeros are equal. */
  static int compareDoubles(double left, double right) {
    return left == right ? 0 : Double.compare(left, right);
  }

  private static int compareMixed(double left, BigDecimal right) {
    if (Double.isNaN(left) || Double.isInfinite(left)) {
      return left == Double.NEGATIVE_INFINITY ? -1 : 1;
    }
    return new BigDecimal(left).compareTo(right);
  }

  private static ConfigurationException incomparable(FilterOperand left, FilterOperand right) {
    return new ConfigurationException(
        "The filter compares "
            + describe(left)
            + (left == right ? "" : " with " + describe(right))
            + (left == right ? " as a condition; only BOOLEAN is one." : ", which have no order."));
  }

  private static String describe(FilterOperand operand) {
    return operand instanceof FilterOperand.ColumnOperand column
        ? "column \"" + String.join(".", column.path()) + "\" (" + column.type() + ")"
        : "a literal";
  }

  private Test like(Like like) {
    FilterOperand operand = binder.operand(like.term());
    if (operand.kind() != Kind.TEXT) {
      throw new ConfigurationException(
          "The filter uses LIKE on " + describe(operand) + "; it needs a STRING.");
    }
    Pattern pattern = pattern(like.pattern(), like.escape());
    return row ->
        operand.isNull(row)
            ? UNKNOWN
            : pattern.matcher(new String(operand.bytesValue(row), StandardCharsets.UTF_8)).matches()
                ? TRUE
                : FALSE;
  }

  private static Pattern pattern(String like, char escape) {
    StringBuilder regex = new StringBuilder();
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < like.length(); i++) {
      char c = like.charAt(i);
      if (c == escape && i + 1 < like.length()) {
        plain.append(like.charAt(++i));
      } else if (c == '%' || c == '_') {
        regex.append(Pattern.quote(plain.toString())).append(c == '%' ? ".*" : ".");
        plain.setLength(0);
      } else {
        plain.append(c);
      }
    }
    regex.append(Pattern.quote(plain.toString()));
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  /** The columns of a condition. */
  static void collect(FilterExpression expression, FilterBinder binder, List<String> columns) {
    if (expression instanceof And and) {
      and.operands().forEach(e -> collect(e, binder, columns));
    } else if (expression instanceof Or or) {
      or.operands().forEach(e -> collect(e, binder, columns));
    } else if (expression instanceof Not not) {
      collect(not.operand(), binder, columns);
    } else {
      for (Term term : terms(expression)) {
        if (term instanceof FilterExpression.ColumnTerm column) {
          String name = binder.column(column).path().get(0);
          if (!columns.contains(name)) {
            columns.add(name);
          }
        }
      }
    }
  }

  private static List<Term> terms(FilterExpression expression) {
    if (expression instanceof Compare compare) {
      return List.of(compare.left(), compare.right());
    } else if (expression instanceof NullSafeEqual equal) {
      return List.of(equal.left(), equal.right());
    } else if (expression instanceof IsNull isNull) {
      return List.of(isNull.term());
    } else if (expression instanceof Like like) {
      return List.of(like.term());
    } else if (expression instanceof IsTrue isTrue) {
      return List.of(isTrue.term());
    }
    return List.of();
  }
}

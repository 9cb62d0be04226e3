package io.reverseetl.table;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.FilterExpression.ColumnTerm;
import io.reverseetl.table.FilterExpression.Literal;
import io.reverseetl.table.FilterExpression.Term;
import io.reverseetl.table.FilterOperand.ColumnOperand;
import io.reverseetl.table.FilterOperand.Constant;
import io.reverseetl.table.FilterOperand.Kind;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Finds the columns of a filter in a schema, and gives its literals the types of the columns. */
final class FilterBinder {
  private final StructType schema;

  FilterBinder(StructType schema) {
    this.schema = schema;
  }

  /** Both sides of a comparison. */
  record Pair(FilterOperand left, FilterOperand right) {}

  Pair pair(Term left, Term right) {
    if (left instanceof ColumnTerm column && right instanceof Literal literal) {
      ColumnOperand operand = column(column);
      return new Pair(operand, literal(literal, operand.kind(), column.name(), operand.type()));
    }
    if (left instanceof Literal literal && right instanceof ColumnTerm column) {
      ColumnOperand operand = column(column);
      return new Pair(literal(literal, operand.kind(), column.name(), operand.type()), operand);
    }
    return new Pair(operand(left), operand(right));
  }

  FilterOperand operand(Term term) {
    if (term instanceof ColumnTerm column) {
      return column(column);
    }
    return constant(((Literal) term).value());
  }

  private static Constant constant(@Nullable Object value) {
    if (value instanceof BigDecimal number) {
      return number(number);
    } else if (value instanceof Boolean) {
      return new Constant(Kind.BOOLEAN, value);
    } else if (value instanceof LocalDate date) {
      return new Constant(Kind.DATE, date.toEpochDay());
    } else if (value instanceof LocalDateTime time) {
      return new Constant(Kind.TIME, FilterTimes.micros(time));
    }
    return new Constant(Kind.TEXT, value);
  }

  /** Whole numbers that fit become longs, so that they compare fast and push down exactly. */
  private static Constant number(BigDecimal number) {
    try {
      return new Constant(Kind.INTEGRAL, number.longValueExact());
    } catch (ArithmeticException e) {
      return new Constant(Kind.DECIMAL, number);
    }
  }

  private static Constant literal(Literal literal, Kind kind, String column, DataType type) {
    Object value = literal.value();
    if (value == null) {
      return new Constant(kind, null);
    }
    Constant constant =
        value instanceof String text ? fromText(text, kind) : fromValue(value, kind);
    if (constant == null) {
      throw new ConfigurationException(
          "The filter compares column \""
              + column
              + "\" with a literal that is no "
              + type
              + ". Write a literal of the column's type.");
    }
    return constant;
  }

  private static @Nullable Constant fromValue(Object value, Kind kind) {
    Constant constant = constant(value);
    return switch (kind) {
      case INTEGRAL, DECIMAL -> value instanceof BigDecimal ? constant : null;
      case FLOATING ->
          value instanceof BigDecimal number
              ? new Constant(Kind.FLOATING, number.doubleValue())
              : null;
      case DATE, TIME ->
          value instanceof LocalDate || value instanceof LocalDateTime ? constant : null;
      case BOOLEAN -> value instanceof Boolean ? constant : null;
      case TEXT, BINARY, NONE -> null;
    };
  }

  private static @Nullable Constant fromText(String text, Kind kind) {
    try {
      return switch (kind) {
        case TEXT -> new Constant(Kind.TEXT, text);
        case BINARY -> new Constant(Kind.BINARY, text.getBytes(StandardCharsets.UTF_8));
        case INTEGRAL, DECIMAL -> number(new BigDecimal(text.strip()));
        case FLOATING -> new Constant(Kind.FLOATING, Double.valueOf(text.strip()));
        case DATE -> dateOrTime(text);
        case TIME -> new Constant(Kind.TIME, FilterTimes.micros(FilterTimes.timestamp(text)));
        case BOOLEAN ->
            text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")
                ? new Constant(Kind.BOOLEAN, text.equalsIgnoreCase("true"))
                : null;
        case NONE -> null;
      };
    } catch (NumberFormatException | DateTimeException e) {
      return null;
    }
  }

  private static Constant dateOrTime(String text) {
    return text.strip().length() > 10
        ? new Constant(Kind.TIME, FilterTimes.micros(FilterTimes.timestamp(text)))
        : new Constant(Kind.DATE, FilterTimes.date(text).toEpochDay());
  }

  ColumnOperand column(ColumnTerm term) {
    List<String> path = new ArrayList<>();
    int[] ordinals = new int[term.path().size()];
    DataType type = schema;
    for (int i = 0; i < ordinals.length; i++) {
      if (!(type instanceof StructType struct)) {
        throw new ConfigurationException(
            "The filter looks for \""
                + term.name()
                + "\", but \""
                + String.join(".", path)
                + "\" is no struct; it is "
                + type
                + ".");
      }
      ordinals[i] = find(struct, term.path().get(i), term);
      Column column = struct.column(ordinals[i]);
      path.add(column.name());
      type = column.type();
    }
    return new ColumnOperand(List.copyOf(path), ordinals, type);
  }

  /** The exact name, or else the only one that differs in upper and lower case alone. */
  private static int find(StructType struct, String name, ColumnTerm term) {
    int exact = struct.indexOf(name);
    if (exact >= 0) {
      return exact;
    }
    int found = -1;
    for (int i = 0; i < struct.size(); i++) {
      if (struct.column(i).name().equalsIgnoreCase(name)) {
        if (found >= 0) {
          throw new ConfigurationException(
              "The filter's column \""
                  + term.name()
                  + "\" may be \""
                  + struct.column(found).name()
                  + "\" or \""
                  + struct.column(i).name()
                  + "\". Write the name as it is in the table.");
        }
        found = i;
      }
    }
    if (found < 0) {
      throw new ConfigurationException(
          "The filter's column \""
              + term.name()
              + "\" is not in the table. The columns are "
              + struct.names()
              + ".");
    }
    return found;
  }
}

package io.reverseetl.delta;

import io.delta.kernel.expressions.And;
import io.delta.kernel.expressions.Column;
import io.delta.kernel.expressions.Expression;
import io.delta.kernel.expressions.Literal;
import io.delta.kernel.expressions.Or;
import io.delta.kernel.expressions.Predicate;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.FilterVisitor;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Translates what is safe of a filter into a Kernel predicate, which Kernel holds against the
 * statistics of files. Empty where nothing can be said.
 *
 * <p>Left out: partition columns, since Kernel reads timestamps among their values in the zone of
 * the JVM; floating point, since writers differ on NaN in statistics; binary and nested values,
 * which have no statistics.
 */
final class KernelFilter implements FilterVisitor<Optional<Predicate>> {
  private static final int DATE_SLACK_DAYS = 11;

  private final Set<String> partitionColumns;

  KernelFilter(Set<String> partitionColumns) {
    this.partitionColumns = partitionColumns;
  }

  @Override
  public Optional<Predicate> compare(
      List<String> path, DataType type, Comparison comparison, Object value) {
    if (partitionColumns.contains(path.get(0))) {
      return Optional.empty();
    }
    if (type == Primitive.DATE) {
      return compareDate(path, comparison, (Long) value);
    }
    Literal literal = literal(type, value);
    return literal == null ? Optional.empty() : predicate(path, comparison, literal);
  }

  /**
   * Kernel reads dates of statistics through java.sql.Date, which moves days that the local
   * calendar does not have: up to ten in October 1582, one where a zone crossed the date line.
   */
  private static Optional<Predicate> compareDate(
      List<String> path, Comparison comparison, long day) {
    Literal earlier = date(day - DATE_SLACK_DAYS);
    Literal later = date(day + DATE_SLACK_DAYS);
    if (earlier == null || later == null) {
      return Optional.empty();
    }
    return switch (comparison) {
      case EQUAL ->
          predicate(path, Comparison.GREATER_OR_EQUAL, earlier)
              .flatMap(
                  low ->
                      predicate(path, Comparison.LESS_OR_EQUAL, later)
                          .map(high -> new And(low, high)));
      case NOT_EQUAL -> Optional.empty();
      case LESS, LESS_OR_EQUAL -> predicate(path, comparison, later);
      case GREATER, GREATER_OR_EQUAL -> predicate(path, comparison, earlier);
    };
  }

  private static @Nullable Literal date(long day) {
    return fits(day, Integer.MIN_VALUE, Integer.MAX_VALUE) ? Literal.ofDate((int) day) : null;
  }

  private static Optional<Predicate> predicate(
      List<String> path, Comparison comparison, Literal literal) {
    String name =
        switch (comparison) {
          case EQUAL -> "=";
          case NOT_EQUAL -> "";
          case LESS -> "<";
          case LESS_OR_EQUAL -> "<=";
          case GREATER -> ">";
          case GREATER_OR_EQUAL -> ">=";
        };
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(new Predicate(name, List.of(column(path), literal)));
  }

  private static Expression column(List<String> path) {
    return new Column(path.toArray(String[]::new));
  }

  private static @Nullable Literal literal(DataType type, Object value) {
    if (type instanceof DecimalType decimal) {
      return decimal((BigDecimal) value, decimal);
    }
    if (!(type instanceof Primitive primitive)) {
      return null;
    }
    return switch (primitive) {
      case BYTE ->
          fits(value, Byte.MIN_VALUE, Byte.MAX_VALUE)
              ? Literal.ofByte(((Long) value).byteValue())
              : null;
      case SHORT ->
          fits(value, Short.MIN_VALUE, Short.MAX_VALUE)
              ? Literal.ofShort(((Long) value).shortValue())
              : null;
      case INTEGER ->
          fits(value, Integer.MIN_VALUE, Integer.MAX_VALUE)
              ? Literal.ofInt(((Long) value).intValue())
              : null;
      case LONG -> Literal.ofLong((Long) value);
      case TIMESTAMP -> Literal.ofTimestamp((Long) value);
      case TIMESTAMP_NTZ -> Literal.ofTimestampNtz((Long) value);
      case STRING -> Literal.ofString((String) value);
      case BOOLEAN, DATE, FLOAT, DOUBLE, BINARY, VARIANT -> null;
    };
  }

  private static boolean fits(Object value, long min, long max) {
    long number = (Long) value;
    return number >= min && number <= max;
  }

  private static @Nullable Literal decimal(BigDecimal value, DecimalType type) {
    try {
      BigDecimal scaled = value.setScale(type.scale());
      return scaled.precision() <= type.precision()
          ? Literal.ofDecimal(scaled, type.precision(), type.scale())
          : null;
    } catch (ArithmeticException e) {
      return null;
    }
  }

  @Override
  public Optional<Predicate> isNull(List<String> path, DataType type, boolean negated) {
    boolean leaf = type instanceof Primitive || type instanceof DecimalType;
    if (!leaf || type == Primitive.VARIANT || partitionColumns.contains(path.get(0))) {
      return Optional.empty();
    }
    // A null struct may count its fields as null or not at all.
    return path.size() > 1
        ? Optional.empty()
        : Optional.of(new Predicate(negated ? "IS_NOT_NULL" : "IS_NULL", List.of(column(path))));
  }

  @Override
  public Optional<Predicate> and(List<Optional<Predicate>> operands) {
    return joined(operands.stream().flatMap(Optional::stream).toList(), And::new);
  }

  @Override
  public Optional<Predicate> or(List<Optional<Predicate>> operands) {
    return operands.stream().allMatch(Optional::isPresent)
        ? joined(operands.stream().flatMap(Optional::stream).toList(), Or::new)
        : Optional.empty();
  }

  /** By halves: Kernel walks down a predicate by recursion, and a list may have many values. */
  private static Optional<Predicate> joined(
      List<Predicate> operands, BinaryOperator<Predicate> join) {
    int count = operands.size();
    if (count < 2) {
      return operands.stream().findFirst();
    }
    return joined(operands.subList(0, count / 2), join)
        .flatMap(
            low ->
                joined(operands.subList(count / 2, count), join)
                    .map(high -> join.apply(low, high)));
  }

  @Override
  public Optional<Predicate> other() {
    return Optional.empty();
  }
}

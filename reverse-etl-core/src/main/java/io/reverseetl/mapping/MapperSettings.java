package io.reverseetl.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a {@link ColumnMapper} was told, before any table is known. Immutable. */
record MapperSettings(
    List<String> id,
    @Nullable IdFormat chosenIdFormat,
    List<String> partitionKey,
    List<String> include,
    List<String> exclude,
    Map<String, String> renames,
    List<Added> added,
    ColumnOption<NullPolicy> nulls,
    ColumnOption<LongFormat> longs,
    ColumnOption<DecimalFormat> decimals,
    ColumnOption<NonFiniteFormat> nonFinite,
    ColumnOption<TimestampFormat> timestamps,
    ColumnOption<DateFormat> dates,
    ColumnOption<MapFormat> maps) {

  static final String ID = "id";
  private static final int MAX_LEVELS = 3;
  static final List<String> ID_TARGET = List.of(ID);

  IdFormat idFormat() {
    if (chosenIdFormat != null) {
      return chosenIdFormat;
    }
    return id.size() == 1 ? IdFormat.PLAIN : IdFormat.ESCAPED;
  }

  /** What is wrong whatever the table is. */
  Problems check() {
    Problems problems = new Problems();
    checkNames("id", id, Integer.MAX_VALUE, problems);
    checkNames("partitionKey", partitionKey, MAX_LEVELS, problems);
    if (idFormat() == IdFormat.PLAIN && id.size() > 1) {
      problems.add(
          "IdFormat.PLAIN takes one id column, because joined without escaping different values"
              + " could give the same id. Use IdFormat.ESCAPED or IdFormat.HASHED.");
    }
    renames.values().forEach(to -> checkPath("rename", to, problems));
    added.forEach(property -> checkPath("The property", property.name(), problems));
    return problems;
  }

  private static void checkNames(String option, List<String> names, int max, Problems problems) {
    if (names.isEmpty()) {
      problems.add(option + " is missing. Name at least one column.");
    } else if (names.size() > max) {
      problems.add(option + " takes at most " + max + " columns, but has " + names.size() + ".");
    }
    if (Set.copyOf(names).size() < names.size()) {
      problems.add(option + " names a column twice.");
    }
  }

  private static void checkPath(String option, String path, Problems problems) {
    String problem = PropertyPath.problem(path);
    if (!problem.isEmpty()) {
      problems.add(option + " \"" + path + "\" " + problem + ".");
    }
  }

  Set<String> addedNames() {
    return added.stream().map(Added::name).collect(Collectors.toSet());
  }

  boolean hasComputed() {
    return added.stream().anyMatch(Added.Computed.class::isInstance);
  }

  @Nullable Added added(String name) {
    return added.stream().filter(a -> a.name().equals(name)).findFirst().orElse(null);
  }

  /**
   * Whether the property {@code id} is the one id column itself, so that the column needs no
   * property of its own. A hash does not hold the column, so it never is.
   */
  boolean idIsTheColumn() {
    if (id.size() != 1 || idFormat() == IdFormat.HASHED) {
      return false;
    }
    String column = id.get(0);
    Added source = added(column);
    if (source != null) {
      return source.target().equals(ID_TARGET);
    }
    String target = renames.get(column);
    return target == null
        ? column.equalsIgnoreCase(ID)
        : PropertyPath.parse(target).equals(ID_TARGET);
  }

  /** Where the partition key's levels stand in the document. */
  List<List<String>> partitionKeyTargets() {
    return partitionKey.stream().map(this::target).toList();
  }

  private List<String> target(String column) {
    Added source = added(column);
    if (source != null) {
      return source.target();
    }
    if (idIsTheColumn() && column.equals(id.get(0))) {
      return ID_TARGET;
    }
    for (int end = column.length(); end > 0; end = column.lastIndexOf('.', end - 1)) {
      String renamed = renames.get(column.substring(0, end));
      if (renamed != null) {
        List<String> target = new ArrayList<>(PropertyPath.parse(renamed));
        if (end < column.length()) {
          target.addAll(List.of(column.substring(end + 1).split("\\.", -1)));
        }
        return List.copyOf(target);
      }
    }
    return List.of(column.split("\\.", -1));
  }
}

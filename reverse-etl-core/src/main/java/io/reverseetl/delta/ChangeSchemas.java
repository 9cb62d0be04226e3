package io.reverseetl.delta;

import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructField;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns in which files of a range are read: those in force at each commit, or the same ones
 * for the whole range. For one thread.
 */
final class ChangeSchemas {
  private static final StructField CHANGE_TYPE =
      new StructField("_change_type", StringType.STRING, true);
  private static final int KEPT = 8;

  private final @Nullable TableState fixed;
  private final List<Made> made = new ArrayList<>();

  private record Made(TableState files, TableState shown, ReadSchema data, ReadSchema changes) {}

  /**
   * For one range.
   *
   * @param fixed the state whose columns all rows have; null for those in force at each commit
   */
  ChangeSchemas(@Nullable TableState fixed) {
    this.fixed = fixed;
  }

  /**
   * For data files.
   *
   * @param files the state at which they were in the table
   * @param inForce the state whose columns the rows have, unless these are fixed
   */
  ReadSchema data(TableState files, TableState inForce) {
    return find(files, inForce).data();
  }

  /** For change data files, which a commit with this state after it brings. */
  ReadSchema changes(TableState inForce) {
    return find(inForce, inForce).changes();
  }

  private Made find(TableState files, TableState inForce) {
    TableState shown = fixed == null ? inForce : fixed;
    for (Made pair : made) {
      if (pair.files() == files && pair.shown() == shown) {
        return pair;
      }
    }
    if (made.size() == KEPT) {
      made.remove(0);
    }
    Made pair =
        new Made(
            files, shown, make(files, shown, List.of()), make(files, shown, List.of(CHANGE_TYPE)));
    made.add(pair);
    return pair;
  }

  private static ReadSchema make(TableState files, TableState shown, List<StructField> extra) {
    return ReadSchema.of(
        shown.schema(),
        partitionColumns(files, shown),
        shown.mappingMode(),
        shown.columns().names(),
        List.of(),
        extra);
  }

  /**
   * The shown names of the columns that are not in the files, but in the partition values of their
   * actions. Which ones these are is a matter of the files' own state.
   */
  private static Set<String> partitionColumns(TableState files, TableState shown) {
    Set<String> physical = files.physicalPartitionColumns();
    Set<String> names = new HashSet<>();
    for (StructField field : shown.schema().fields()) {
      if (physical.contains(KernelTable.physicalName(field, shown.mappingMode()))) {
        names.add(field.getName());
      }
    }
    return names;
  }
}

package io.reverseetl;

import io.reverseetl.exceptions.ChangesUnavailableException;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SchemaChange.ColumnChange;
import io.reverseetl.table.SchemaChange.Kind;
import io.reverseetl.table.StructType;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells changes of columns that matter to a pipeline from those that do not. */
final class SchemaChanges {
  private SchemaChanges() {}

  /** Whether the change drops, renames, retypes or tightens a column that the pipeline reads. */
  static boolean touch(SchemaChange change, DocumentMapper mapper, @Nullable RowFilter filter) {
    List<ColumnChange> hard = change.columns().stream().filter(c -> isHard(c, change)).toList();
    if (hard.isEmpty()) {
      return false;
    }
    Set<String> read = new HashSet<>();
    try {
      Optional<List<String>> mapped = mapper.columns(change.before());
      if (mapped.isEmpty()) {
        return true;
      }
      read.addAll(mapped.get());
      if (filter != null) {
        read.addAll(filter.bind(change.before()).columns());
      }
    } catch (ConfigurationException e) {
      return true;
    }
    return hard.stream().anyMatch(column -> read.stream().anyMatch(name -> within(column, name)));
  }

  /** The failure of a poll that must not go on over the change. */
  static ChangesUnavailableException incompatible(Pipeline pipeline, SchemaChange change) {
    return new ChangesUnavailableException(
        ChangesUnavailableException.Reason.INCOMPATIBLE_SCHEMA,
        change.commitVersion(),
        "Commit "
            + change.commitVersion()
            + " changes columns that the mapper of pipeline \""
            + pipeline.name()
            + "\" reads: "
            + change.columns()
            + ". Everything before it is in the target. Adapt the mapper and load the table"
            + " again, or go on with SchemaPolicy.CONTINUE.");
  }

  /** Whether a path is that of a column, or leads into it. */
  private static boolean within(ColumnChange change, String column) {
    return change.path().equals(column) || change.path().startsWith(column + ".");
  }

  private static boolean isHard(ColumnChange column, SchemaChange change) {
    if (column.kind() == Kind.NULLABILITY_CHANGED) {
      // Without a column of that name it is inside an array or map, and not looked into.
      Column after = find(change.after(), column.newPath());
      return after == null || !after.nullable();
    }
    return column.kind() != Kind.ADDED;
  }

  private static @Nullable Column find(StructType type, String path) {
    for (Column column : type.columns()) {
      if (column.name().equals(path)) {
        return column;
      }
      if (path.startsWith(column.name() + ".") && column.type() instanceof StructType inner) {
        return find(inner, path.substring(column.name().length() + 1));
      }
    }
    return null;
  }
}

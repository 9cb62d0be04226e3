package io.reverseetl.delta;

import io.delta.kernel.types.ArrayType;
import io.delta.kernel.types.DataType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.SchemaChange.ColumnChange;
import io.reverseetl.table.SchemaChange.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells what a commit did to the columns of a table. For one commit. */
final class SchemaDifference {
  private final String modeBefore;
  private final String modeAfter;
  private final List<ColumnChange> changes = new ArrayList<>();

  private SchemaDifference(String modeBefore, String modeAfter) {
    this.modeBefore = modeBefore;
    this.modeAfter = modeAfter;
  }

  /** The change from one state to the next; null if the columns stay as they are. */
  static @Nullable SchemaChange between(long version, TableState before, TableState after) {
    if (before.columns().equals(after.columns())) {
      return null;
    }
    SchemaDifference difference = new SchemaDifference(before.mappingMode(), after.mappingMode());
    difference.compare("", before.schema(), "", after.schema());
    return new SchemaChange(version, before.columns(), after.columns(), difference.changes);
  }

  private void compare(String oldPrefix, StructType before, String newPrefix, StructType after) {
    Map<String, StructField> afterFields = SchemaRules.byIdentity(after, modeAfter);
    Set<String> kept = new HashSet<>();
    for (StructField field : before.fields()) {
      String path = oldPrefix + field.getName();
      StructField match = afterFields.get(KernelTable.physicalName(field, modeBefore));
      if (match == null) {
        changes.add(new ColumnChange(Kind.DROPPED, path, path));
        continue;
      }
      kept.add(match.getName());
      String newPath = newPrefix + match.getName();
      if (!match.getName().equals(field.getName())) {
        changes.add(new ColumnChange(Kind.RENAMED, path, newPath));
      }
      compare(path, field.getDataType(), newPath, match.getDataType());
      if (field.isNullable() != match.isNullable()) {
        changes.add(new ColumnChange(Kind.NULLABILITY_CHANGED, path, newPath));
      }
    }
    for (StructField field : after.fields()) {
      if (!kept.contains(field.getName())) {
        String path = newPrefix + field.getName();
        changes.add(new ColumnChange(Kind.ADDED, path, path));
      }
    }
  }

  private void compare(String path, DataType before, String newPath, DataType after) {
    if (before instanceof StructType a && after instanceof StructType b) {
      compare(path + ".", a, newPath + ".", b);
    } else if (before instanceof ArrayType a && after instanceof ArrayType b) {
      compare(path + ".element", a.getElementType(), newPath + ".element", b.getElementType());
      if (a.containsNull() != b.containsNull()) {
        changes.add(
            new ColumnChange(Kind.NULLABILITY_CHANGED, path + ".element", newPath + ".element"));
      }
    } else if (before instanceof MapType a && after instanceof MapType b) {
      compare(path + ".key", a.getKeyType(), newPath + ".key", b.getKeyType());
      compare(path + ".value", a.getValueType(), newPath + ".value", b.getValueType());
      if (a.isValueContainsNull() != b.isValueContainsNull()) {
        changes.add(
            new ColumnChange(Kind.NULLABILITY_CHANGED, path + ".value", newPath + ".value"));
      }
    } else if (!before.equals(after)) {
      changes.add(new ColumnChange(Kind.TYPE_CHANGED, path, newPath));
    }
  }
}

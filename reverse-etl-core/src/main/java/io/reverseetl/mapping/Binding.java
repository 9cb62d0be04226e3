package io.reverseetl.mapping;

import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Fits the settings of a mapper to a schema: finds every column that they name. */
final class Binding {
  private final MapperSettings settings;
  private final StructType schema;
  private final Problems problems = new Problems();
  private final Set<ColumnPath> keyColumns = new LinkedHashSet<>();
  private final Placement placement;
  private final Formats formats;

  /**
   * Finds the columns.
   *
   * @param whole whether this is the schema of the table, not one of which excluded columns may
   *     have been left out already
   */
  Binding(MapperSettings settings, StructType schema, boolean whole) {
    this.settings = settings;
    this.schema = schema;
    settings.id().forEach(this::findKeyColumn);
    settings.partitionKey().forEach(this::findKeyColumn);
    Selection selection = select();
    if (whole || needed(selection).size() < schema.size()) {
      settings.exclude().forEach(name -> find("exclude", name));
    }
    this.placement = new Placement(selection, renames(selection));
    this.formats = formats(selection);
  }

  MapperSettings settings() {
    return settings;
  }

  StructType schema() {
    return schema;
  }

  Problems problems() {
    return problems;
  }

  Placement placement() {
    return placement;
  }

  Formats formats() {
    return formats;
  }

  /** The columns that the mapper reads, in the schema's order. */
  List<String> needed() {
    return needed(placement.selection());
  }

  private List<String> needed(Selection selection) {
    if (settings.hasComputed()) {
      return schema.names();
    }
    List<String> needed = new ArrayList<>();
    for (Column column : schema.columns()) {
      boolean isKey = keyColumns.stream().anyMatch(key -> key.column().equals(column.name()));
      if (isKey || selection.isWritten(ColumnPath.of(column.name()))) {
        needed.add(column.name());
      }
    }
    return needed;
  }

  private void findKeyColumn(String name) {
    if (settings.added(name) == null) {
      ColumnPath.Found found = ColumnPath.find(schema, name);
      if (found != null) {
        keyColumns.add(found.path());
      }
    }
  }

  private ColumnPath.@Nullable Found find(String option, String name) {
    ColumnPath.Found found = ColumnPath.find(schema, name);
    if (found == null) {
      problems.unknownColumn(option, name, schema);
    }
    return found;
  }

  private Selection select() {
    Set<ColumnPath> included = new LinkedHashSet<>();
    for (String name : settings.include()) {
      ColumnPath.Found found = find("include", name);
      if (found != null) {
        included.add(found.path());
      }
    }
    if (!settings.include().isEmpty()) {
      included.addAll(keyColumns);
    }
    Set<ColumnPath> excluded = new LinkedHashSet<>();
    for (String name : settings.exclude()) {
      ColumnPath.Found found = ColumnPath.find(schema, name);
      if (found != null) {
        excluded.add(found.path());
      }
    }
    return new Selection(included, excluded);
  }

  private Map<ColumnPath, List<String>> renames(Selection selection) {
    Map<ColumnPath, List<String>> targets = new LinkedHashMap<>();
    settings
        .renames()
        .forEach(
            (from, to) -> {
              ColumnPath.Found found = find("rename", from);
              if (found == null) {
                return;
              }
              if (found.inCollection()) {
                problems.add(
                    "rename names \""
                        + from
                        + "\", which is inside an array or map. Write a DocumentMapper for that.");
              } else if (!selection.isWritten(found.path())) {
                problems.add("rename names the column \"" + from + "\", which is not mapped.");
              } else {
                targets.put(found.path(), PropertyPath.parse(to));
              }
            });
    return targets;
  }

  private Formats formats(Selection selection) {
    Set<String> noNames = Set.of();
    return new Formats(
        settings.nulls().resolve(schema, type -> true, settings.addedNames(), selection, problems),
        settings
            .longs()
            .resolve(
                schema,
                type -> type == Primitive.LONG || type == Primitive.VARIANT,
                noNames,
                selection,
                problems),
        settings
            .decimals()
            .resolve(
                schema,
                type -> type instanceof DecimalType || type == Primitive.VARIANT,
                noNames,
                selection,
                problems),
        settings
            .nonFinite()
            .resolve(
                schema,
                type -> type == Primitive.FLOAT || type == Primitive.DOUBLE,
                noNames,
                selection,
                problems),
        settings
            .timestamps()
            .resolve(schema, type -> type == Primitive.TIMESTAMP, noNames, selection, problems),
        settings
            .dates()
            .resolve(schema, type -> type == Primitive.DATE, noNames, selection, problems),
        settings.maps().resolve(schema, MapType.class::isInstance, noNames, selection, problems));
  }
}

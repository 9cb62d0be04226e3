package io.reverseetl.mapping;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each column goes in the document: what is written, and under which path.
 *
 * @param selection what is written
 * @param targets the paths of renamed columns and fields
 */
record Placement(Selection selection, Map<ColumnPath, List<String>> targets) {

  Placement {
    // Map.copyOf has another order in every run, and the order of renames is the order of
    // properties.
    targets = Collections.unmodifiableMap(new LinkedHashMap<>(targets));
  }

  boolean isWritten(ColumnPath path) {
    return selection.isWritten(path);
  }

  /** Where the column stands in the document. */
  List<String> target(ColumnPath path) {
    List<String> renamed = targets.get(path);
    if (renamed != null) {
      return renamed;
    }
    List<String> segments = path.segments();
    ColumnPath parent = path.parent();
    List<String> target = new ArrayList<>(parent == null ? List.of() : target(parent));
    target.add(segments.get(segments.size() - 1));
    return target;
  }

  /** Whether a column has a place of its own, which is not inside the object of its struct. */
  boolean isElsewhere(ColumnPath path) {
    ColumnPath parent = path.parent();
    List<String> renamed = targets.get(path);
    if (parent == null || renamed == null) {
      return parent == null;
    }
    return !renamed.subList(0, renamed.size() - 1).equals(target(parent));
  }

  /** The name of a field that stays in its struct. */
  String nameInStruct(ColumnPath path) {
    List<String> renamed = targets.get(path);
    List<String> names = renamed == null ? path.segments() : renamed;
    return names.get(names.size() - 1);
  }
}

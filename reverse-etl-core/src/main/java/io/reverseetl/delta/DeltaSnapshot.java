package io.reverseetl.delta;

import io.reverseetl.delta.KernelTable.AddedFile;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A version of a Delta table. The list of files is read when it is first asked for. */
final class DeltaSnapshot implements TableSnapshot {
  private final KernelTable table;
  private final KernelTable.Version version;
  private final TableVersion tableVersion;
  private final StructType tableSchema;
  private final ReadSchema schema;
  private final DataFileReader reader;
  private final TablePaths paths;
  private final SnapshotFilter filter;
  private final Object planLock = new Object();
  private @Nullable Plan plan;

  /** The parts, and what is needed to open each. */
  private record Plan(List<SnapshotPart> parts, Map<String, PlannedFile> files) {}

  private record PlannedFile(
      DataFile file,
      io.delta.kernel.internal.actions.@Nullable DeletionVectorDescriptor deletionVector) {}

  DeltaSnapshot(
      KernelTable table,
      KernelTable.Version version,
      TableVersion tableVersion,
      SnapshotQuery query,
      DataFileReader reader,
      boolean allowFilesOutsideTable) {
    this.table = table;
    this.version = version;
    this.tableVersion = tableVersion;
    this.reader = reader;
    this.tableSchema = KernelTypes.toStruct(version.schema());
    this.paths = new TablePaths(version.root(), allowFilesOutsideTable);
    List<String> columns = query.columns().orElseGet(tableSchema::names);
    for (String column : columns) {
      if (tableSchema.indexOf(column) < 0) {
        throw ColumnNames.notFound(table.errors(), tableVersion, tableSchema, column);
      }
    }
    this.filter = SnapshotFilter.of(query.filter(), version, tableSchema);
    List<String> hidden = new ArrayList<>(filter.columns());
    hidden.removeAll(columns);
    this.schema =
        ReadSchema.of(
            version.schema(),
            version.partitionColumns(),
            version.mappingMode(),
            columns,
            hidden,
            List.of());
  }

  @Override
  public TableVersion version() {
    return tableVersion;
  }

  @Override
  public StructType schema() {
    return schema.shown();
  }

  @Override
  public StructType tableSchema() {
    return tableSchema;
  }

  @Override
  public List<SnapshotPart> parts() {
    return plan().parts();
  }

  private Plan plan() {
    synchronized (planLock) {
      if (plan == null) {
        plan = makePlan();
      }
      return plan;
    }
  }

  private Plan makePlan() {
    Map<String, PlannedFile> files = new TreeMap<>();
    Map<String, SnapshotPart> parts = new TreeMap<>();
    filter.forEachFile(
        version,
        added -> {
          TablePaths.Resolved path = paths.resolve(added.path());
          DataFile file = dataFile(path, added);
          if (filter.mayMatch(file)) {
            checkVectorInside(added);
            files.put(file.id(), new PlannedFile(file, added.deletionVector()));
            parts.put(file.id(), new SnapshotPart(file.id(), added.size(), added.rowCount()));
          }
        });
    return new Plan(List.copyOf(parts.values()), Collections.unmodifiableMap(files));
  }

  private static DataFile dataFile(TablePaths.Resolved path, AddedFile added) {
    return new DataFile(
        path.id(), path.path(), added.size(), added.modificationTime(), added.partitionValues());
  }

  private void checkVectorInside(AddedFile added) {
    var vector = added.deletionVector();
    if (vector != null && vector.getStorageType().equals("p")) {
      paths.resolve(vector.getPathOrInlineDv());
    }
  }

  @Override
  public Cursor<Row> open(SnapshotPart part) {
    PlannedFile planned = plan().files().get(part.id());
    if (planned == null) {
      throw new IllegalArgumentException(
          "There is no part \"" + part.id() + "\" in version " + tableVersion.version() + ".");
    }
    String action = "read version " + tableVersion.version();
    Cursor<Row> rows = reader.open(planned.file(), schema, mask(planned, action), action);
    return filter.apply(rows, schema.all());
  }

  private @Nullable RowMask mask(PlannedFile planned, String action) {
    var descriptor = planned.deletionVector();
    if (descriptor == null) {
      return null;
    }
    try {
      return RowMask.dropping(DeletionVector.load(table.engine(), version.root(), descriptor));
    } catch (IOException | RuntimeException e) {
      throw table.errors().data(e, action, "the deletion vector of " + planned.file().path());
    }
  }

  @Override
  public void close() {}

  /** What to say about a column that is not there. */
  static final class ColumnNames {
    private ColumnNames() {}

    static TableReadException notFound(
        ReadErrors errors, TableVersion version, StructType schema, String column) {
      String suggestion = closest(schema, column);
      return errors.of(
          Reason.COLUMN_NOT_FOUND,
          "select column \"" + column + "\" in version " + version.version(),
          (suggestion == null ? "" : "did you mean \"" + suggestion + "\"? ")
              + "The columns are "
              + schema.names()
              + ".",
          null);
    }

    private static @Nullable String closest(StructType schema, String column) {
      String best = null;
      int bestDistance = Math.max(1, column.length() / 3) + 1;
      for (String name : schema.names()) {
        int distance = name.equalsIgnoreCase(column) ? 0 : distance(name, column);
        if (distance < bestDistance) {
          best = name;
          bestDistance = distance;
        }
      }
      return best;
    }

    private static int distance(String a, String b) {
      int[] previous = new int[b.length() + 1];
      for (int j = 0; j <= b.length(); j++) {
        previous[j] = j;
      }
      for (int i = 1; i <= a.length(); i++) {
        int[] current = new int[b.length() + 1];
        current[0] = i;
        for (int j = 1; j <= b.length(); j++) {
          int change =
              Character.toLowerCase(a.charAt(i - 1)) == Character.toLowerCase(b.charAt(j - 1))
                  ? 0
                  : 1;
          current[j] =
              Math.min(previous[j - 1] + change, Math.min(previous[j], current[j - 1]) + 1);
        }
        previous = current;
      }
      return previous[b.length()];
    }
  }
}

package io.reverseetl.delta;

import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.reverseetl.delta.KernelTable.AddedFile;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.PartRange;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.SplittableSnapshot;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableVersion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A version of a Delta table. The list of files is read when it is first asked for. */
final class DeltaSnapshot implements SplittableSnapshot {
  /** A file takes two requests, one after the other, before its first row can be decoded. */
  private static final int FILES_AHEAD = 3;

  private final KernelTable table;
  private final KernelTable.Version version;
  private final TableVersion tableVersion;
  private final StructType tableSchema;
  private final ReadSchema schema;
  private final DataFileReader reader;
  private final TablePaths paths;
  private final SnapshotFilter filter;
  private final Object planLock = new Object();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final Set<String> soon = ConcurrentHashMap.newKeySet();
  private @Nullable Plan plan;

  /** The parts, and what is needed to open each. */
  private record Plan(List<SnapshotPart> parts, NavigableMap<String, PlannedFile> files) {}

  private record PlannedFile(DataFile file, @Nullable DeletionVectorDescriptor deletionVector) {}

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
    this.paths = table.paths(version.root(), allowFilesOutsideTable);
    List<String> columns = query.columnsOf(tableSchema);
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
    NavigableMap<String, PlannedFile> files = new TreeMap<>();
    Map<String, SnapshotPart> parts = new TreeMap<>();
    for (AddedFile added : filter.files(version)) {
      DataFile file = dataFile(paths.resolve(added.path()), added);
      if (filter.mayMatch(file)) {
        checkVectorInside(added);
        files.put(file.id(), new PlannedFile(file, added.deletionVector()));
        parts.put(
            file.id(),
            new SnapshotPart(
                file.id(),
                added.size(),
                added.rowCount(),
                Optional.ofNullable(added.deletionVector())
                    .map(DeletionVectorDescriptor::getUniqueId)));
      }
    }
    return new Plan(List.copyOf(parts.values()), Collections.unmodifiableNavigableMap(files));
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

  private PlannedFile planned(SnapshotPart part) {
    PlannedFile planned = plan().files().get(part.id());
    if (planned == null) {
      throw new IllegalArgumentException(
          "There is no part \"" + part.id() + "\" in version " + tableVersion.version() + ".");
    }
    return planned;
  }

  /** Only a reading of the whole file can tell whether a deletion vector belongs to it. */
  private boolean isSplittable(PlannedFile planned) {
    return planned.deletionVector() == null && reader.readsRanges();
  }

  @Override
  public List<PartRange> split(SnapshotPart part, long bytes) {
    PlannedFile planned = planned(part);
    long size = planned.file().size();
    if (!isSplittable(planned) || size <= bytes) {
      return List.of();
    }
    long count = (size + bytes - 1) / bytes;
    List<PartRange> ranges = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      ranges.add(new PartRange(bytes * i, i == count - 1 ? size : bytes * (i + 1)));
    }
    return List.copyOf(ranges);
  }

  @Override
  public Cursor<Row> open(SnapshotPart part, PartRange range) {
    PlannedFile planned = planned(part);
    if (!isSplittable(planned)) {
      throw new IllegalArgumentException("Part \"" + part.id() + "\" can only be read as a whole.");
    }
    Cursor<Row> rows =
        reader.open(planned.file(), range, schema, "read version " + tableVersion.version());
    return filter.apply(rows, schema.all());
  }

  @Override
  public Cursor<Row> open(SnapshotPart part) {
    PlannedFile planned = planned(part);
    String action = "read version " + tableVersion.version();
    asked.add(part.id());
    soon.remove(part.id());
    Cursor<Row> rows =
        reader.open(
            planned.file(), schema, mask(planned, action), action, () -> prepareNext(part.id()));
    return filter.apply(rows, schema.all());
  }

  /** Whoever reads the parts reads them in order, on one thread or on several. */
  private void prepareNext(String id) {
    for (Map.Entry<String, PlannedFile> next : plan().files().tailMap(id, false).entrySet()) {
      if (soon.size() >= FILES_AHEAD) {
        return;
      }
      if (asked.add(next.getKey())) {
        soon.add(next.getKey());
        PlannedFile file = next.getValue();
        reader.prepare(file.file(), schema, file.deletionVector() != null);
      }
    }
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
}

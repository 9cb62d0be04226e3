package io.reverseetl.delta;

import io.delta.kernel.Snapshot;
import io.delta.kernel.SnapshotBuilder;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.exceptions.TableNotFoundException;
import io.delta.kernel.expressions.Predicate;
import io.delta.kernel.internal.DeltaHistoryManager;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.ScanImpl;
import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.internal.actions.AddFile;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.delta.kernel.internal.fs.Path;
import io.delta.kernel.internal.util.ColumnMapping;
import io.delta.kernel.internal.util.ColumnMapping.ColumnMappingMode;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.types.StructField;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One table in Kernel's eyes, and the only class that knows the inside of Kernel's log replay.
 * Thread-safe.
 */
final class KernelTable {
  private final Engine engine;
  private final String location;
  private final ReadErrors errors;
  private final UnaryOperator<String> storageForm;

  KernelTable(Engine engine, String location, ReadErrors errors) {
    this(engine, location, errors, UnaryOperator.identity());
  }

  /**
   * For a table of a storage that knows one form of its paths.
   *
   * @param storageForm gives an absolute path in that form
   */
  KernelTable(
      Engine engine, String location, ReadErrors errors, UnaryOperator<String> storageForm) {
    this.engine = engine;
    this.location = location;
    this.errors = errors;
    this.storageForm = storageForm;
  }

  /** Finds the files that the log names. */
  TablePaths paths(String root, boolean allowOutside) {
    return new TablePaths(root, allowOutside, storageForm);
  }

  Engine engine() {
    return engine;
  }

  ReadErrors errors() {
    return errors;
  }

  /** A version of the table, with its metadata read and its files not yet listed. */
  final class Version {
    private final SnapshotImpl snapshot;

    private Version(Snapshot snapshot) {
      this.snapshot = (SnapshotImpl) snapshot;
    }

    long number() {
      return snapshot.getVersion();
    }

    String tableId() {
      return snapshot.getMetadata().getId();
    }

    /** What the log says of the table besides its files. */
    TableState state() {
      try {
        return TableState.of(snapshot.getProtocol(), snapshot.getMetadata(), errors.table());
      } catch (RuntimeException e) {
        throw errors.log(e, "read the metadata of version " + number());
      }
    }

    /** Milliseconds since 1970. */
    long timestamp() {
      try {
        return snapshot.getTimestamp(engine);
      } catch (RuntimeException e) {
        throw errors.log(e, "read the time of version " + number());
      }
    }

    /** The logical schema, with the metadata of column mapping. */
    StructType schema() {
      try {
        return snapshot.getSchema();
      } catch (RuntimeException e) {
        throw errors.log(e, "read the schema of version " + number());
      }
    }

    Map<String, String> properties() {
      return snapshot.getMetadata().getConfiguration();
    }

    /** The names of the partition columns, as they are in the schema. */
    Set<String> partitionColumns() {
      Set<String> lowerCase = snapshot.getMetadata().getPartitionColNames();
      Set<String> names = new LinkedHashSet<>();
      for (StructField field : schema().fields()) {
        if (lowerCase.contains(field.getName().toLowerCase(Locale.ROOT))) {
          names.add(field.getName());
        }
      }
      return names;
    }

    /** {@code none}, {@code name} or {@code id}. */
    String mappingMode() {
      return ColumnMapping.getColumnMappingMode(properties()).toString();
    }

    /** The table's root in Kernel's form. */
    String root() {
      return snapshot.getDataPath().toString();
    }

    /**
     * Lists the files of this version, without those that the filter rules out by their statistics.
     */
    void forEachFile(@Nullable Predicate filter, Consumer<AddedFile> action) {
      var builder = snapshot.getScanBuilder();
      if (filter != null) {
        builder = builder.withFilter(filter);
      }
      ScanImpl scan = (ScanImpl) builder.build();
      try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine, true)) {
        while (batches.hasNext()) {
          if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedException();
          }
          try (CloseableIterator<Row> rows = batches.next().getRows()) {
            while (rows.hasNext()) {
              action.accept(AddedFile.of(rows.next()));
            }
          }
        }
      } catch (IOException | InterruptedException | RuntimeException e) {
        throw errors.log(e, "list the files of version " + number());
      }
    }
  }

  /** An add action. */
  record AddedFile(
      String path,
      long size,
      long modificationTime,
      Map<String, @Nullable String> partitionValues,
      @Nullable DeletionVectorDescriptor deletionVector,
      OptionalLong rowCount) {

    private static AddedFile of(Row scanFile) {
      AddFile add = new AddFile(scanFile.getStruct(InternalScanFileUtils.ADD_FILE_ORDINAL));
      DeletionVectorDescriptor vector = add.getDeletionVector().orElse(null);
      long deleted = vector == null ? 0 : vector.getCardinality();
      OptionalLong records = Statistics.rowCount(add.getStatsJson().orElse(null));
      return new AddedFile(
          add.getPath(),
          add.getSize(),
          add.getModificationTime(),
          VectorUtils.toJavaMap(add.getPartitionValues()),
          vector,
          records.isPresent()
              ? OptionalLong.of(Math.max(0, records.getAsLong() - deleted))
              : records);
    }
  }

  /** The newest version. */
  Version latest() {
    return new Version(build(TableManager.loadSnapshot(location), "read the newest version"));
  }

  /** A version by number, or by the instant at which it was the newest; or else the newest. */
  Version load(OptionalLong version, Optional<Instant> timestamp) {
    if (version.isPresent()) {
      return atVersion(version.getAsLong());
    }
    return timestamp.isPresent() ? atTimestamp(timestamp.get()) : latest();
  }

  private Version atVersion(long version) {
    String action = "read version " + version;
    try {
      return new Version(TableManager.loadSnapshot(location).atVersion(version).build(engine));
    } catch (RuntimeException e) {
      if (ReadErrors.find(e, TableNotFoundException.class) != null) {
        throw notFound(e, action);
      }
      throw explainVersion(e, version, action);
    }
  }

  /** Kernel tells a version that is not there from a broken one by message text only. */
  private RuntimeException explainVersion(RuntimeException failure, long version, String action) {
    RuntimeException translated = errors.log(failure, action);
    boolean explained =
        translated instanceof TableReadException e
            && e.reason() != Reason.CORRUPT_LOG
            && e.reason() != Reason.FILE_NOT_FOUND;
    if (explained) {
      return translated;
    }
    long latest = latest().number();
    long earliest = earliestVersion();
    if (version >= earliest && version <= latest) {
      return translated;
    }
    return errors.of(
        Reason.VERSION_NOT_FOUND,
        action,
        "the versions that can be read are "
            + earliest
            + " to "
            + latest
            + ". Ask for one of these.",
        failure);
  }

  /**
   * By the times that Delta's history has: each commit is later than the one before, whatever the
   * times of the files are. The builder of Kernel's snapshots goes by the newest file's own time.
   */
  private Version atTimestamp(Instant timestamp) {
    String action = "read the version at " + timestamp;
    Version latest = latest();
    DeltaHistoryManager.Commit commit;
    try {
      commit =
          DeltaHistoryManager.getActiveCommitAtTimestamp(
              engine, latest.snapshot, logPath(), millis(timestamp), true, true, true, List.of());
    } catch (RuntimeException e) {
      throw errors.log(e, action);
    }
    Instant committed = Instant.ofEpochMilli(commit.getTimestamp());
    if (timestamp.isBefore(committed)) {
      throw errors.of(
          Reason.VERSION_NOT_FOUND,
          action,
          "the earliest version that can be read is "
              + commit.getVersion()
              + ", which is later. Ask for that version.",
          null);
    }
    if (commit.getVersion() == latest.number() && timestamp.isAfter(committed)) {
      throw errors.of(
          Reason.VERSION_NOT_FOUND,
          action,
          "the newest version, "
              + latest.number()
              + ", is from "
              + committed
              + ". Ask for an instant up to that, or for the newest version.",
          null);
    }
    return atVersion(commit.getVersion());
  }

  private static long millis(Instant instant) {
    try {
      return instant.toEpochMilli();
    } catch (ArithmeticException e) {
      return instant.isBefore(Instant.EPOCH) ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
  }

  /** The earliest version that a snapshot can be made of. */
  long earliestVersion() {
    try {
      return DeltaHistoryManager.getEarliestRecreatableCommit(engine, logPath(), Optional.empty());
    } catch (RuntimeException e) {
      throw errors.log(e, "list the versions");
    }
  }

  /** The table's root in Kernel's form, found without reading the log. */
  String root() {
    try {
      return engine.getFileSystemClient().resolvePath(location);
    } catch (IOException e) {
      throw errors.log(e, "find the log");
    }
  }

  Path logPath() {
    return new Path(root(), "_delta_log");
  }

  private Snapshot build(SnapshotBuilder builder, String action) {
    try {
      return builder.build(engine);
    } catch (RuntimeException e) {
      if (ReadErrors.find(e, TableNotFoundException.class) != null) {
        throw notFound(e, action);
      }
      throw errors.log(e, action);
    }
  }

  private RuntimeException notFound(RuntimeException failure, String action) {
    boolean somethingThere;
    try (CloseableIterator<?> files = engine.getFileSystemClient().listFrom(location + "/!")) {
      somethingThere = files.hasNext() || exists(location);
    } catch (IOException | RuntimeException e) {
      somethingThere = exists(location);
    }
    return somethingThere
        ? errors.of(
            Reason.NOT_A_DELTA_TABLE,
            action,
            "there are files, but no Delta log with a commit in \"_delta_log\". Check the path: it"
                + " should be the folder that holds \"_delta_log\".",
            failure)
        : errors.of(
            Reason.TABLE_NOT_FOUND,
            action,
            "there is nothing at this place. Check the path.",
            failure);
  }

  private boolean exists(String path) {
    try {
      engine.getFileSystemClient().getFileStatus(path);
      return true;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  /** The name of a column in data files and in partition values. */
  static String physicalName(StructField field, String mappingMode) {
    return mode(mappingMode) == ColumnMappingMode.NONE
        ? field.getName()
        : ColumnMapping.getPhysicalName(field);
  }

  /** A column as it is in data files: physical names inside as well, and field ids in id mode. */
  static StructField physicalField(StructField field, StructType table, String mappingMode) {
    return ColumnMapping.convertToPhysicalColumn(field, table, mode(mappingMode));
  }

  private static ColumnMappingMode mode(String name) {
    return ColumnMappingMode.fromTableConfig(name);
  }
}

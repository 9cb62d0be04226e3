package io.reverseetl.delta;

import io.delta.kernel.data.ColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.delta.kernel.internal.actions.Metadata;
import io.delta.kernel.internal.actions.Protocol;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.types.BooleanType;
import io.delta.kernel.types.LongType;
import io.delta.kernel.types.MapType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.reverseetl.delta.Commit.FileAction;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads single commit files. Kernel's own reader of commits wants more of a {@code commitInfo} than
 * the protocol does, so this one asks for only what is used, and lets everything be missing that
 * may be. Thread-safe.
 */
final class CommitReader {
  private static final MapType TEXTS = new MapType(StringType.STRING, StringType.STRING, true);
  private static final StructType COMMIT_INFO =
      new StructType()
          .add("inCommitTimestamp", LongType.LONG, true)
          .add("operation", StringType.STRING, true)
          .add("operationMetrics", TEXTS, true);
  private static final StructType FILE =
      new StructType()
          .add("path", StringType.STRING, false)
          .add("partitionValues", TEXTS, true)
          .add("size", LongType.LONG, true);
  private static final StructType DATA_FILE =
      FILE.add("dataChange", BooleanType.BOOLEAN, true)
          .add("deletionVector", DeletionVectorDescriptor.READ_SCHEMA, true);
  private static final StructType ACTION =
      new StructType()
          .add("commitInfo", COMMIT_INFO, true)
          .add("protocol", Protocol.FULL_SCHEMA, true)
          .add("metaData", Metadata.FULL_SCHEMA, true)
          .add("add", DATA_FILE, true)
          .add("remove", DATA_FILE, true)
          .add("cdc", FILE, true);

  private final KernelTable table;

  CommitReader(KernelTable table) {
    this.table = table;
  }

  /**
   * Reads a commit.
   *
   * @throws TableReadException if the file is gone, cannot be read, or makes no sense
   */
  Commit read(long version, FileStatus file) {
    Builder builder = new Builder(version);
    try (CloseableIterator<ColumnarBatch> batches =
        table
            .engine()
            .getJsonHandler()
            .readJsonFiles(Utils.singletonCloseableIterator(file), ACTION, Optional.empty())) {
      while (batches.hasNext()) {
        builder.add(batches.next());
      }
      return builder.build();
    } catch (IOException | RuntimeException e) {
      throw table.errors().log(e, "read the log of version " + version);
    }
  }

  private static final class Builder {
    private final long version;
    private @Nullable Long inCommitTimestamp;
    private boolean mergeWithoutEffect;
    private @Nullable Protocol protocol;
    private @Nullable Metadata metadata;
    private final List<FileAction> added = new ArrayList<>();
    private final List<FileAction> removed = new ArrayList<>();
    private final List<FileAction> changeFiles = new ArrayList<>();

    Builder(long version) {
      this.version = version;
    }

    void add(ColumnarBatch batch) throws IOException {
      int index = 0;
      try (CloseableIterator<Row> rows = batch.getRows()) {
        while (rows.hasNext()) {
          Row row = rows.next();
          if (!row.isNullAt(0)) {
            addCommitInfo(row.getStruct(0));
          }
          if (!row.isNullAt(1)) {
            protocol = Protocol.fromColumnVector(batch.getColumnVector(1), index);
          }
          if (!row.isNullAt(2)) {
            metadata = Metadata.fromColumnVector(batch.getColumnVector(2), index);
          }
          addFile(row, 3, added);
          addFile(row, 4, removed);
          addFile(row, 5, changeFiles);
          index++;
        }
      }
    }

    private void addCommitInfo(Row info) {
      if (!info.isNullAt(0)) {
        inCommitTimestamp = info.getLong(0);
      }
      if (!info.isNullAt(1) && info.getString(1).equals("MERGE") && !info.isNullAt(2)) {
        Map<String, String> metrics = VectorUtils.toJavaMap(info.getMap(2));
        mergeWithoutEffect =
            "0".equals(metrics.get("numTargetRowsInserted"))
                && "0".equals(metrics.get("numTargetRowsUpdated"))
                && "0".equals(metrics.get("numTargetRowsDeleted"));
      }
    }

    private void addFile(Row row, int ordinal, List<FileAction> files) {
      if (row.isNullAt(ordinal)) {
        return;
      }
      Row file = row.getStruct(ordinal);
      boolean isChangeFile = ordinal == 5;
      if (!isChangeFile) {
        if (file.isNullAt(3)) {
          throw new TableReadException(
              Reason.CORRUPT_LOG,
              "A file action of version "
                  + version
                  + " does not tell whether it changes data. Repair the log.");
        }
        if (!file.getBoolean(3)) {
          return;
        }
      }
      Map<String, @Nullable String> partitionValues =
          file.isNullAt(1) ? null : VectorUtils.toJavaMap(file.getMap(1));
      files.add(
          new FileAction(
              file.getString(0),
              partitionValues,
              file.isNullAt(2) ? -1 : file.getLong(2),
              isChangeFile || file.isNullAt(4)
                  ? null
                  : DeletionVectorDescriptor.fromRow(file.getStruct(4))));
    }

    Commit build() {
      return new Commit(
          version,
          inCommitTimestamp,
          mergeWithoutEffect,
          protocol,
          metadata,
          List.copyOf(added),
          List.copyOf(removed),
          List.copyOf(changeFiles));
    }
  }
}

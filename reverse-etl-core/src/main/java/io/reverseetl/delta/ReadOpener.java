package io.reverseetl.delta;

import io.delta.kernel.engine.ParquetHandler;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Opens planned reads. For one thread. */
final class ReadOpener {
  private static final byte[] INSERT = bytes("insert");
  private static final byte[] DELETE = bytes("delete");
  private static final byte[] PREIMAGE = bytes("update_preimage");
  private static final byte[] POSTIMAGE = bytes("update_postimage");

  private final KernelTable table;
  private final String root;
  private final DataFileReader reader;
  private final ChangeErrors errors;

  ReadOpener(KernelTable table, String root, ParquetHandler parquet, ChangeErrors errors) {
    this.table = table;
    this.root = root;
    this.reader = new DataFileReader(parquet, errors.reading());
    this.errors = errors;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Opens a file; the caller closes what it gets. */
  CommitRows open(PlannedRead read) {
    DataFile file = withSize(read.file());
    return switch (read.kind()) {
      case CHANGE_FILE -> new TypedRows(rows(file, read, null), read.schema().shown().size(), file);
      case ADDED -> inserts(file, read, dropping(read.added(), read));
      case REMOVED -> deletes(file, read, dropping(read.removed(), read));
      case DIFFERENCE -> {
        VectorDifference mask =
            new VectorDifference(load(read.removed(), read), load(read.added(), read));
        yield new MarkedRows(rows(file, read, mask), mask);
      }
      case NEWLY_MARKED ->
          deletes(
              file,
              read,
              RowMask.keepingOnly(load(read.added(), read), load(read.removed(), read)));
      case NO_LONGER_MARKED ->
          inserts(
              file,
              read,
              RowMask.keepingOnly(load(read.removed(), read), load(read.added(), read)));
    };
  }

  /** Says that a file will be opened soon. */
  void prepare(PlannedRead read) {
    if (read.file().size() <= 0) {
      return;
    }
    boolean masked =
        switch (read.kind()) {
          case CHANGE_FILE -> false;
          case ADDED -> read.added() != null;
          case REMOVED -> read.removed() != null;
          case DIFFERENCE, NEWLY_MARKED, NO_LONGER_MARKED -> true;
        };
    reader.prepare(read.file(), read.schema(), masked);
  }

  private Cursor<Row> rows(DataFile file, PlannedRead read, @Nullable RowMask mask) {
    return reader.open(file, read.schema(), mask, errors.action());
  }

  private CommitRows inserts(DataFile file, PlannedRead read, @Nullable RowMask mask) {
    return new Rows(rows(file, read, mask), ChangeType.INSERT);
  }

  private CommitRows deletes(DataFile file, PlannedRead read, @Nullable RowMask mask) {
    return new Rows(rows(file, read, mask), ChangeType.DELETE);
  }

  /** Actions that remove a file need not tell its size, and no Parquet file is empty. */
  private DataFile withSize(DataFile file) {
    if (file.size() > 0) {
      return file;
    }
    try {
      long size = table.engine().getFileSystemClient().getFileStatus(file.path()).getSize();
      return new DataFile(file.id(), file.path(), size, 0, file.partitionValues());
    } catch (IOException | RuntimeException e) {
      throw errors.reading().data(e, errors.action(), file.path());
    }
  }

  private @Nullable RowMask dropping(@Nullable DeletionVectorDescriptor vector, PlannedRead read) {
    return vector == null ? null : RowMask.dropping(load(vector, read));
  }

  private DeletionVector load(@Nullable DeletionVectorDescriptor vector, PlannedRead read) {
    if (vector == null) {
      return DeletionVector.NONE;
    }
    try {
      return DeletionVector.load(table.engine(), root, vector);
    } catch (IOException | RuntimeException e) {
      throw errors
          .reading()
          .data(e, errors.action(), "the deletion vector of " + read.file().path());
    }
  }

  /** Rows that are all of one type. */
  private static class Rows implements CommitRows {
    final Cursor<Row> rows;
    private final ChangeType type;

    Rows(Cursor<Row> rows, ChangeType type) {
      this.rows = rows;
      this.type = type;
    }

    @Override
    public boolean advance() {
      return rows.advance();
    }

    @Override
    public ChangeType type() {
      return type;
    }

    @Override
    public Row row() {
      return rows.current();
    }

    @Override
    public void close() {
      rows.close();
    }
  }

  /** Rows whose type follows from which vector marks them. */
  private static final class MarkedRows extends Rows {
    private final VectorDifference mask;

    MarkedRows(Cursor<Row> rows, VectorDifference mask) {
      super(rows, ChangeType.INSERT);
      this.mask = mask;
    }

    @Override
    public ChangeType type() {
      return mask.isDelete() ? ChangeType.DELETE : ChangeType.INSERT;
    }
  }

  /** The rows of a change data file. */
  private final class TypedRows extends Rows {
    private final int ordinal;
    private final DataFile file;
    private ChangeType type = ChangeType.INSERT;

    TypedRows(Cursor<Row> rows, int ordinal, DataFile file) {
      super(rows, ChangeType.INSERT);
      this.ordinal = ordinal;
      this.file = file;
    }

    @Override
    public boolean advance() {
      if (!super.advance()) {
        return false;
      }
      type = typeOf(rows.current());
      return true;
    }

    @Override
    public ChangeType type() {
      return type;
    }

    private ChangeType typeOf(Row row) {
      if (!row.isNull(ordinal)) {
        byte[] text = row.getUtf8(ordinal);
        if (Arrays.equals(text, POSTIMAGE)) {
          return ChangeType.UPDATE_POSTIMAGE;
        } else if (Arrays.equals(text, PREIMAGE)) {
          return ChangeType.UPDATE_PREIMAGE;
        } else if (Arrays.equals(text, INSERT)) {
          return ChangeType.INSERT;
        } else if (Arrays.equals(text, DELETE)) {
          return ChangeType.DELETE;
        }
      }
      throw errors
          .reading()
          .data(
              new IllegalArgumentException(
                  "a row's _change_type is none of insert, update_preimage, update_postimage,"
                      + " delete"),
              errors.action(),
              file.path());
    }
  }
}

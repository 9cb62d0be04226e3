package io.reverseetl;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.Document;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.reduce.DocumentChanges;
import io.reverseetl.reduce.OrderValue;
import io.reverseetl.table.CommitSize;
import io.reverseetl.table.SchemaChange;
import io.reverseetl.table.StructType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The commits that a plan takes in. The range ends where {@link RangeReader} would end it: before a
 * commit whose columns stop it, or do not fit the mapper. For one thread.
 */
final class PlannedRange {
  private final Pipeline pipeline;
  private final Checkpoint before;
  private final ChangeMapping columns;
  private final List<CommitSize> commits = new ArrayList<>();

  private @Nullable StructType schema;
  private @Nullable SchemaChange blockedBy;
  private @Nullable ConfigurationException misfit;

  PlannedRange(Pipeline pipeline, Checkpoint before) {
    this.pipeline = pipeline;
    this.before = before;
    this.columns = new ChangeMapping(pipeline, new RejectedRows(pipeline, 0), new NoChanges(), "");
  }

  /** Takes commits, in order, as far as the range goes. */
  void take(List<CommitSize> found, SchemaPolicy policy) {
    for (CommitSize commit : found) {
      StructType after = schema;
      if (commit.oldColumns().isPresent()) {
        after = commit.oldColumns().get();
        if (!fits(after)) {
          return;
        }
      }
      if (commit.schemaChange().isPresent()) {
        SchemaChange change = commit.schemaChange().get();
        pipeline.listener().onSchemaChange(change);
        if (policy != SchemaPolicy.CONTINUE
            && SchemaChanges.touch(change, pipeline.mapper(), pipeline.filter().orElse(null))) {
          blockedBy = change;
          return;
        }
        after = change.after();
      }
      if (commit.newColumns().isPresent()) {
        after = commit.newColumns().get();
        if (!fits(after)) {
          return;
        }
      }
      schema = after;
      commits.add(commit);
    }
  }

  private boolean fits(StructType type) {
    try {
      columns.bind(type);
      return true;
    } catch (ConfigurationException e) {
      misfit = e;
      return false;
    }
  }

  /** The last commit; the one before the first if there is none. */
  long end() {
    return before.version() + commits.size();
  }

  /** The change of columns that the range ends before; null if it ends for another reason. */
  @Nullable SchemaChange blockedBy() {
    return blockedBy;
  }

  /** Throws what a poll throws that cannot go on with the next commit. */
  void throwIfBlocked(SchemaPolicy policy) {
    if (misfit != null) {
      throw misfit;
    }
    if (blockedBy != null && policy == SchemaPolicy.FAIL) {
      throw SchemaChanges.incompatible(pipeline, blockedBy);
    }
  }

  /** A hash of the table's schema after the range. */
  String schemaHash() {
    return schema == null ? before.schemaHash() : Fingerprint.of(schema);
  }

  /** Packs what there is to read into units of about so many bytes. */
  List<ChangeUnit.Piece> pieces(long unitBytes) {
    List<ChangeUnit.Piece> pieces = new ArrayList<>();
    ChangeUnit.Piece open = null;
    for (CommitSize commit : commits) {
      long version = commit.version();
      int shares = shares(commit, unitBytes);
      boolean joins = open != null && shares == 1 && open.bytes() + commit.bytes() <= unitBytes;
      if (commit.parts() == 0) {
        continue;
      }
      if (open != null && !joins) {
        pieces.add(open);
        open = null;
      }
      if (shares > 1) {
        for (int share = 0; share < shares; share++) {
          pieces.add(
              new ChangeUnit.Piece(version, version, share, shares, commit.bytes() / shares));
        }
      } else {
        open =
            new ChangeUnit.Piece(
                open == null ? version : open.from(),
                version,
                0,
                1,
                (open == null ? 0 : open.bytes()) + commit.bytes());
      }
    }
    if (open != null) {
      pieces.add(open);
    }
    return pieces;
  }

  private static int shares(CommitSize commit, long unitBytes) {
    long wanted = (commit.bytes() + unitBytes - 1) / unitBytes;
    return (int) Math.max(1, Math.min(commit.parts(), wanted));
  }

  /** Only columns are looked at, so nothing comes. */
  private static final class NoChanges implements DocumentChanges {
    @Override
    public void live(long version, Document document, @Nullable OrderValue order) {}

    @Override
    public void gone(long version, Document document) {}
  }
}

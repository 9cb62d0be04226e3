package io.reverseetl.delta;

import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.reverseetl.delta.Commit.FileAction;
import io.reverseetl.delta.PlannedRead.Kind;
import io.reverseetl.table.SchemaChange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which files of a commit hold its row changes, by Delta's rules: the change data files
 * alone where there are any; otherwise the files added and removed with data, where a file that is
 * both was given another deletion vector. For one thread.
 */
final class CommitPlanner {
  private static final Logger LOG = LoggerFactory.getLogger(CommitPlanner.class);

  private final TablePaths paths;
  private final ChangeSchemas schemas;
  private final @Nullable TableState fixed;
  private final long readVersion;
  private final boolean diff;
  private final ChangeErrors errors;
  private long warnedTo = -1;

  /**
   * For one range.
   *
   * @param fixed the state whose columns all rows have; null for those in force at each commit
   * @param readVersion the version of that state
   * @param diff whether change data files are left aside
   */
  CommitPlanner(
      TablePaths paths,
      @Nullable TableState fixed,
      long readVersion,
      boolean diff,
      ChangeErrors errors) {
    this.paths = paths;
    this.schemas = new ChangeSchemas(fixed);
    this.fixed = fixed;
    this.readVersion = readVersion;
    this.diff = diff;
    this.errors = errors;
  }

  /**
   * Plans a commit.
   *
   * @param before the state before it; null if it is not known
   * @param after the state after it
   */
  CommitPlan plan(Commit commit, long timestamp, @Nullable TableState before, TableState after) {
    SchemaChange change =
        fixed == null && before != null
            ? SchemaDifference.between(commit.version(), before, after)
            : null;
    Reads reads = new Reads(commit, before == null ? after : before, after, change != null);
    if (!diff && !commit.changeFiles().isEmpty()) {
      commit.changeFiles().forEach(reads::addChangeFile);
    } else if (!commit.mergeWithoutEffect()) {
      reads.addPairs();
    }
    Long inCommit = commit.inCommitTimestamp();
    return new CommitPlan(
        commit.version(),
        inCommit == null ? timestamp : inCommit,
        after,
        change,
        reads.inOldColumns,
        reads.inNewColumns);
  }

  /** The removed and the added action of one path. */
  private static final class Pair {
    private @Nullable FileAction removed;
    private @Nullable FileAction added;
  }

  /** The reads of one commit. */
  private final class Reads {
    private final Commit commit;
    private final TableState before;
    private final TableState after;
    private final boolean split;
    private final List<PlannedRead> inOldColumns = new ArrayList<>();
    private final List<PlannedRead> inNewColumns = new ArrayList<>();

    Reads(Commit commit, TableState before, TableState after, boolean columnsChanged) {
      this.commit = commit;
      this.before = before;
      this.after = after;
      // A difference of rows needs the rows of both sides in the same columns, if that can be had.
      this.split =
          columnsChanged && !(diff && SchemaRules.whyFilesUnreadable(before, after) == null);
    }

    void addChangeFile(FileAction action) {
      inNewColumns.add(
          new PlannedRead(
              Kind.CHANGE_FILE,
              file(action, action.partitionValues(), after),
              schemas.changes(after),
              null,
              null));
    }

    void addPairs() {
      int unchanged = 0;
      for (Pair pair : pairs().values()) {
        FileAction removed = pair.removed;
        FileAction added = pair.added;
        if (removed != null && added != null) {
          if (Objects.equals(removed.vector(), added.vector())) {
            unchanged++;
          } else {
            addDifference(removed, added);
          }
        } else if (removed != null) {
          addRemoved(Kind.REMOVED, removed, removed.partitionValues(), removed.vector(), null);
        } else if (added != null) {
          addAdded(Kind.ADDED, added, null, added.vector());
        }
      }
      // A commit is planned once to be checked, and once to be read.
      if (unchanged > 0 && commit.version() > warnedTo) {
        warnedTo = commit.version();
        LOG.warn(
            "Version {} removes and adds {} of the same files without a change; left out.",
            commit.version(),
            unchanged);
      }
    }

    private void addDifference(FileAction removed, FileAction added) {
      var partitionValues =
          removed.partitionValues() == null ? added.partitionValues() : removed.partitionValues();
      if (split) {
        addRemoved(Kind.NEWLY_MARKED, removed, partitionValues, removed.vector(), added.vector());
        addAdded(Kind.NO_LONGER_MARKED, added, removed.vector(), added.vector());
      } else {
        addAdded(Kind.DIFFERENCE, added, removed.vector(), added.vector());
      }
    }

    private void addRemoved(
        Kind kind,
        FileAction action,
        @Nullable Map<String, @Nullable String> partitionValues,
        @Nullable DeletionVectorDescriptor removed,
        @Nullable DeletionVectorDescriptor added) {
      TableState strict = fixed;
      if (strict != null && before != after) {
        String why = SchemaRules.whyFilesUnreadable(before, strict);
        if (why != null) {
          throw errors.incompatible(commit.version(), readVersion, why);
        }
      }
      DataFile file = file(action, partitionValues, before);
      ReadSchema schema = schemas.data(before, split ? before : after);
      (split ? inOldColumns : inNewColumns)
          .add(new PlannedRead(kind, file, schema, removed, added));
    }

    private void addAdded(
        Kind kind,
        FileAction action,
        @Nullable DeletionVectorDescriptor removed,
        @Nullable DeletionVectorDescriptor added) {
      DataFile file = file(action, action.partitionValues(), after);
      inNewColumns.add(new PlannedRead(kind, file, schemas.data(after, after), removed, added));
    }

    /** By path; the removed ones first, and otherwise in the order of the log. */
    private Map<String, Pair> pairs() {
      Map<String, Pair> pairs = new LinkedHashMap<>();
      for (FileAction action : commit.removed()) {
        Pair pair = pairs.computeIfAbsent(path(action), path -> new Pair());
        checkOnce(pair.removed, action);
        pair.removed = action;
      }
      for (FileAction action : commit.added()) {
        Pair pair = pairs.computeIfAbsent(path(action), path -> new Pair());
        checkOnce(pair.added, action);
        pair.added = action;
      }
      return pairs;
    }

    private void checkOnce(@Nullable FileAction first, FileAction second) {
      if (first != null && !first.equals(second)) {
        throw errors.corruptLog(
            commit.version(), "adds or removes one file twice, in different ways");
      }
    }

    private String path(FileAction action) {
      return paths.resolve(action.path()).path();
    }

    private DataFile file(
        FileAction action,
        @Nullable Map<String, @Nullable String> partitionValues,
        TableState state) {
      if (partitionValues == null && !state.partitionColumns().isEmpty()) {
        throw errors.corruptLog(
            commit.version(),
            "removes files without telling their partition values, as old writers do, so that the"
                + " rows of these files are not known");
      }
      checkVectorInside(action.vector());
      TablePaths.Resolved path = paths.resolve(action.path());
      return new DataFile(
          path.id(),
          path.path(),
          action.size(),
          0,
          partitionValues == null ? Map.of() : partitionValues);
    }

    private void checkVectorInside(@Nullable DeletionVectorDescriptor vector) {
      if (vector != null && vector.getStorageType().equals("p")) {
        paths.resolve(vector.getPathOrInlineDv());
      }
    }
  }
}

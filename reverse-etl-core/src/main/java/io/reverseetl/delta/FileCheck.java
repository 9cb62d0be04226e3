package io.reverseetl.delta;

import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Looks whether the files that a commit's changes are in are still there. */
final class FileCheck {
  private final KernelTable table;
  private final String root;
  private final ChangeErrors errors;

  FileCheck(KernelTable table, String root, ChangeErrors errors) {
    this.table = table;
    this.root = root;
    this.errors = errors;
  }

  /**
   * Checks all files of a commit.
   *
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if one is gone
   */
  void check(CommitPlan plan) {
    Set<String> files = new HashSet<>();
    for (List<PlannedRead> reads : List.of(plan.before(), plan.after())) {
      for (PlannedRead read : reads) {
        files.add(read.file().path());
        addVector(read.removed(), files);
        addVector(read.added(), files);
      }
    }
    for (String file : files) {
      check(plan.version(), file);
    }
  }

  private void addVector(@Nullable DeletionVectorDescriptor vector, Set<String> files) {
    if (vector != null && vector.isOnDisk()) {
      try {
        files.add(vector.getAbsolutePath(root));
      } catch (RuntimeException e) {
        throw errors.reading().log(e, errors.action());
      }
    }
  }

  private void check(long version, String file) {
    try {
      table.engine().getFileSystemClient().getFileStatus(file);
    } catch (IOException | RuntimeException e) {
      if (ReadErrors.isMissingFile(e)) {
        throw errors.vacuumed(version, file, e);
      }
      throw errors.reading().data(e, errors.action(), file);
    }
  }
}

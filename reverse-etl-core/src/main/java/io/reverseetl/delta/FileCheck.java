package io.reverseetl.delta;

import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** Looks whether the files that a commit's changes are in are still there. */
final class FileCheck {
  /** From so many files on, threads are worth it. */
  private static final int SEVERAL = 16;

  private static final int THREADS = 16;

  private final KernelTable table;
  private final String root;
  private final ReadShare share;
  private final ChangeErrors errors;

  FileCheck(KernelTable table, String root, ReadShare share, ChangeErrors errors) {
    this.table = table;
    this.root = root;
    this.share = share;
    this.errors = errors;
  }

  /**
   * Checks the files of a commit that are read for the share.
   *
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if one is gone
   */
  void check(CommitPlan plan) {
    Set<String> files = new LinkedHashSet<>();
    for (List<PlannedRead> reads : List.of(plan.before(), plan.after())) {
      for (PlannedRead read : share.of(reads)) {
        files.add(read.file().path());
        addVector(read.removed(), files);
        addVector(read.added(), files);
      }
    }
    if (files.size() < SEVERAL) {
      files.forEach(file -> check(plan.version(), file));
    } else {
      checkAtOnce(plan.version(), files);
    }
  }

  /** On cloud storage each look takes a while; many are made at the same time. */
  private void checkAtOnce(long version, Set<String> files) {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.min(THREADS, files.size() / 2),
            job -> {
              Thread thread = new Thread(job, "reverse-etl-file-check");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Callable<Object>> looks = new ArrayList<>();
      files.forEach(file -> looks.add(Executors.callable(() -> check(version, file))));
      for (Future<Object> look : threads.invokeAll(looks)) {
        look.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw errors.reading().log(e, errors.action());
    } catch (InterruptedException e) {
      throw errors.reading().log(e, errors.action());
    } finally {
      threads.shutdownNow();
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

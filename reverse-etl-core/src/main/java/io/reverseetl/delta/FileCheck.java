package io.reverseetl.delta;

import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether the files that the changes of commits are in are still there: those of several
 * commits together. For one thread.
 */
final class FileCheck {
  /** From so many files on, threads are worth it. */
  private static final int SEVERAL = 4;

  /** So many files are not put off any longer. */
  private static final int MANY = 256;

  private static final int THREADS = 16;

  private final KernelTable table;
  private final String root;
  private final ReadShare share;
  private final ChangeErrors errors;

  /** The files to look at, each with the first version that needs it, in the order of those. */
  private final Map<String, Long> pending = new LinkedHashMap<>();

  FileCheck(KernelTable table, String root, ReadShare share, ChangeErrors errors) {
    this.table = table;
    this.root = root;
    this.share = share;
    this.errors = errors;
  }

  /**
   * Notes the files of a commit that are read for the share, or checks them.
   *
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if one that was noted is gone
   */
  void add(CommitPlan plan) {
    for (List<PlannedRead> reads : List.of(plan.before(), plan.after())) {
      for (PlannedRead read : share.of(reads)) {
        pending.putIfAbsent(read.file().path(), plan.version());
        addVector(plan.version(), read.removed());
        addVector(plan.version(), read.added());
      }
    }
    if (pending.size() >= MANY) {
      flush();
    }
  }

  /**
   * Checks what is noted.
   *
   * @throws io.reverseetl.exceptions.ChangesUnavailableException if a file is gone: that of the
   *     earliest version
   */
  void flush() {
    Map<String, Long> files = new LinkedHashMap<>(pending);
    pending.clear();
    if (files.size() < SEVERAL) {
      files.forEach(this::check);
    } else {
      checkAtOnce(files);
    }
  }

  /** On cloud storage each look takes a while; many are made at the same time. */
  private void checkAtOnce(Map<String, Long> files) {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            Math.min(THREADS, files.size()),
            job -> {
              Thread thread = new Thread(job, "reverse-etl-file-check");
              thread.setDaemon(true);
              return thread;
            });
    try {
      List<Callable<Object>> looks = new ArrayList<>();
      files.forEach((file, version) -> looks.add(Executors.callable(() -> check(file, version))));
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

  private void addVector(long version, @Nullable DeletionVectorDescriptor vector) {
    if (vector != null && vector.isOnDisk()) {
      try {
        pending.putIfAbsent(vector.getAbsolutePath(root), version);
      } catch (RuntimeException e) {
        throw errors.reading().log(e, errors.action());
      }
    }
  }

  private void check(String file, long version) {
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

package io.reverseetl;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.reduce.KeyBuckets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What of a plan is written, by step and share, and what is to be written next. */
final class WrittenShares {
  private final PollPlan plan;
  private final Map<ChangeStep, SortedMap<Integer, ChangeWriteResult>> done =
      new EnumMap<>(ChangeStep.class);

  /** Makes a task. */
  interface Tasks {
    ChangeTask of(ChangeStep step, int share, KeyBuckets refused);
  }

  /**
   * Takes one result of each task.
   *
   * @throws ConfigurationException if one belongs to another plan
   */
  WrittenShares(PollPlan plan, Collection<ChangeWriteResult> results) {
    this.plan = plan;
    for (ChangeStep step : ChangeStep.values()) {
      done.put(step, new TreeMap<>());
    }
    for (ChangeWriteResult result : results) {
      plan.checkOwn(
          result.planId(),
          result.share() >= 0 && result.share() < plan.shares(),
          "share " + result.share());
      of(result.step()).putIfAbsent(result.share(), result);
    }
  }

  private SortedMap<Integer, ChangeWriteResult> of(ChangeStep step) {
    return done.getOrDefault(step, new TreeMap<>());
  }

  /** One result of each task. */
  List<ChangeWriteResult> all() {
    List<ChangeWriteResult> all = new ArrayList<>();
    done.values().forEach(results -> all.addAll(results.values()));
    return all;
  }

  /** The tasks without a result of the first step that has such. */
  List<ChangeTask> unfinished(long changesRead, Tasks tasks) {
    List<ChangeTask> upserts = new ArrayList<>();
    List<ChangeTask> deletes = new ArrayList<>();
    List<ChangeTask> refused = new ArrayList<>();
    for (int share = 0; share < plan.shares(); share++) {
      ChangeWriteResult upserted = of(ChangeStep.UPSERTS).get(share);
      ChangeWriteResult deleted = of(ChangeStep.DELETES).get(share);
      if (upserted == null) {
        upserts.add(tasks.of(ChangeStep.UPSERTS, share, KeyBuckets.none()));
        continue;
      }
      if (upserted.deletes() > 0) {
        if (deleted == null) {
          deletes.add(tasks.of(ChangeStep.DELETES, share, KeyBuckets.none()));
          continue;
        }
        checkSameDocuments(upserted, deleted);
      }
      KeyBuckets again = KeyBuckets.parse(upserted.refused());
      addRefused(deleted, again);
      if (!again.isEmpty() && !of(ChangeStep.REFUSED).containsKey(share)) {
        refused.add(tasks.of(ChangeStep.REFUSED, share, again));
      }
    }
    if (!upserts.isEmpty()) {
      return upserts;
    }
    checkNoneLost(changesRead);
    return deletes.isEmpty() ? refused : deletes;
  }

  private static void addRefused(@Nullable ChangeWriteResult deleted, KeyBuckets again) {
    if (deleted != null) {
      again.addAll(KeyBuckets.parse(deleted.refused()));
    }
  }

  private void checkNoneLost(long changesRead) {
    long written = PollPlan.sum(of(ChangeStep.UPSERTS).values(), ChangeWriteResult::changes);
    if (written < changesRead) {
      throw new ConfigurationException(
          "The units of the plan "
              + plan.id()
              + " gave "
              + changesRead
              + " changes of documents, but only "
              + written
              + " were handed over to be written. Hand over each of them, in the share that its"
              + " document belongs to, and run all tasks again.");
    }
  }

  private void checkSameDocuments(ChangeWriteResult upserted, ChangeWriteResult deleted) {
    if (upserted.deletes() != deleted.deletes()) {
      throw new ConfigurationException(
          "Share "
              + upserted.share()
              + " of the plan "
              + plan.id()
              + " has "
              + upserted.deletes()
              + " documents to delete in step UPSERTS and "
              + deleted.deletes()
              + " in step DELETES. Hand over the same changes in both, and run its tasks again.");
    }
  }
}

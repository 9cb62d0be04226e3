package io.reverseetl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * An engine that runs plans of changes. Only texts and bytes pass between its steps, and each unit
 * and task has a pipeline of its own, as in a process of its own. It runs them in any order, some
 * of them twice, and some are killed half-way and run again.
 */
public final class PollEngine {

  /** The end of a worker. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  private final Supplier<Pipeline> pipelines;
  private final Random random;
  private final List<String> reads = new ArrayList<>();
  private final List<String> writes = new ArrayList<>();
  private final Map<Integer, List<byte[]>> outputs = new HashMap<>();

  /** The steps that were run, with repeats. */
  private final List<ChangeStep> steps = new ArrayList<>();

  /**
   * An engine.
   *
   * @param pipelines makes the parts of a process
   */
  public PollEngine(Supplier<Pipeline> pipelines, Random random) {
    this.pipelines = pipelines;
    this.random = random;
  }

  /** Runs the plan to its end. */
  public PollReport run(PollPlan begun) throws InterruptedException {
    String plan = begun.toJson();
    read(PollPlan.ofJson(plan));
    write(PollPlan.ofJson(plan));
    return PollPlan.ofJson(plan).completeNow(pipelines.get(), reads(), writes());
  }

  /** Reads all units. */
  public void read(PollPlan plan) throws InterruptedException {
    for (ChangeUnit unit : shuffled(plan.unfinishedUnits(reads()))) {
      String json = unit.toJson();
      if (random.nextInt(3) == 0) {
        readUpTo(json, random.nextInt(3));
      }
      boolean twice = random.nextInt(3) == 0;
      boolean kept = random.nextInt(4) == 0;
      readOnce(json, false);
      if (twice) {
        readOnce(json, kept);
      }
    }
  }

  /** Reads a unit; its output is thrown away unless both that of this run and others is kept. */
  private void readOnce(String json, boolean keepsEarlier) throws InterruptedException {
    ChangeUnit unit = ChangeUnit.ofJson(json);
    List<byte[]> output = new ArrayList<>();
    try (ChangeRunner runner = ChangeRunner.of(pipelines.get())) {
      reads.add(runner.read(unit, change -> output.add(change.toBytes())).toJson());
    }
    if (keepsEarlier) {
      outputs.get(unit.index()).addAll(output);
    } else {
      outputs.put(unit.index(), output);
    }
  }

  /** A worker that is killed after so many changes. */
  private void readUpTo(String json, int changes) {
    try (ChangeRunner runner = ChangeRunner.of(pipelines.get());
        UnitChanges cursor = runner.open(ChangeUnit.ofJson(json))) {
      for (int i = 0; i < changes; i++) {
        cursor.advance();
      }
    }
  }

  /** Writes all steps. */
  public void write(PollPlan plan) throws InterruptedException {
    for (List<ChangeTask> tasks = plan.unfinishedTasks(reads(), writes());
        !tasks.isEmpty();
        tasks = plan.unfinishedTasks(reads(), writes())) {
      for (ChangeTask task : shuffled(tasks)) {
        writeOnce(task.toJson(), plan.shares());
      }
    }
  }

  /** Writes one task, perhaps after a run that was killed, perhaps twice. */
  public void writeOnce(String json, int shares) throws InterruptedException {
    ChangeTask task = ChangeTask.ofJson(json);
    List<KeyedChange> sorted = share(task.share(), shares);
    if (random.nextInt(3) == 0) {
      writeUpTo(task, sorted, random.nextInt(1 + sorted.size()));
    }
    for (int i = random.nextInt(4) == 0 ? 2 : 1; i > 0; i--) {
      steps.add(task.step());
      try (ChangeRunner runner = ChangeRunner.of(pipelines.get())) {
        writes.add(runner.write(task, sorted.iterator()).toJson());
      }
    }
  }

  private void writeUpTo(ChangeTask task, List<KeyedChange> sorted, int changes)
      throws InterruptedException {
    Iterator<KeyedChange> first = sorted.subList(0, changes).iterator();
    Iterator<KeyedChange> dying =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public KeyedChange next() {
            if (!first.hasNext()) {
              throw new Killed();
            }
            return first.next();
          }
        };
    try (ChangeRunner runner = ChangeRunner.of(pipelines.get())) {
      runner.write(task, dying);
      throw new AssertionError("A killed run gives no result.");
    } catch (Killed e) {
      // It is run again.
    }
  }

  /** The shuffle: what a share has, sorted. */
  public List<KeyedChange> share(int share, int shares) {
    List<KeyedChange> own = new ArrayList<>();
    for (List<byte[]> output : outputs.values()) {
      for (byte[] bytes : output) {
        KeyedChange change = KeyedChange.ofBytes(bytes);
        if (Math.floorMod(Arrays.hashCode(change.key()), shares) == share) {
          own.add(change);
        }
      }
    }
    Collections.shuffle(own, random);
    own.sort(KeyedChange.ORDER);
    return own;
  }

  /** What came back from reading, repeats included. */
  public List<ChangeUnitResult> reads() {
    return reads.stream().map(ChangeUnitResult::ofJson).toList();
  }

  /** What came back from writing, repeats included. */
  public List<ChangeWriteResult> writes() {
    return writes.stream().map(ChangeWriteResult::ofJson).toList();
  }

  List<ChangeStep> steps() {
    return steps;
  }

  private <T> List<T> shuffled(Collection<T> things) {
    List<T> all = new ArrayList<>(things);
    Collections.shuffle(all, random);
    return all;
  }
}

package io.reverseetl.spark;

import io.reverseetl.ChangeRunner;
import io.reverseetl.ChangeUnit;
import io.reverseetl.KeyedChange;
import io.reverseetl.UnitChanges;
import io.reverseetl.exceptions.ReverseEtlException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.PairFlatMapFunction;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/** Reads the unit of a partition, for the shuffle. */
final class ReadTask implements PairFlatMapFunction<Iterator<String>, ChangeKey, byte[]> {
  private static final long serialVersionUID = 1L;

  private final RunnerOf runners;

  /** Takes the results. A unit that is read again is in it again, which is no harm. */
  private final CollectionAccumulator<String> results;

  ReadTask(RunnerOf runners, CollectionAccumulator<String> results) {
    this.runners = runners;
    this.results = results;
  }

  @Override
  public Iterator<Tuple2<ChangeKey, byte[]>> call(Iterator<String> units) throws Exception {
    ExecutorPipelines.Use<ChangeRunner> use = runners.use();
    closeAtEnd(use::close);
    try {
      UnitChanges changes = use.runner().open(ChangeUnit.ofJson(units.next()));
      closeAtEnd(changes::close);
      return new Changes(changes, results);
    } catch (ReverseEtlException e) {
      throw TaskFailure.of(e);
    }
  }

  /** What is closed later is registered earlier. */
  private static void closeAtEnd(Runnable close) {
    TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close.run());
  }

  /** The changes as Spark takes them. */
  private static final class Changes implements Iterator<Tuple2<ChangeKey, byte[]>> {
    private final UnitChanges changes;
    private final CollectionAccumulator<String> results;
    private @Nullable KeyedChange next;
    private boolean ended;

    Changes(UnitChanges changes, CollectionAccumulator<String> results) {
      this.changes = changes;
      this.results = results;
    }

    @Override
    public boolean hasNext() {
      if (next == null && !ended) {
        try {
          if (changes.advance()) {
            next = changes.current();
          } else {
            ended = true;
            results.add(changes.result().toJson());
          }
        } catch (ReverseEtlException e) {
          throw TaskFailure.of(e);
        }
      }
      return next != null;
    }

    @Override
    public Tuple2<ChangeKey, byte[]> next() {
      KeyedChange change = hasNext() ? next : null;
      if (change == null) {
        throw new NoSuchElementException();
      }
      next = null;
      return new Tuple2<>(new ChangeKey(change.key(), change.version()), change.toBytes());
    }
  }
}

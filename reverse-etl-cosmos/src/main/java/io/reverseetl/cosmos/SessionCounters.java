package io.reverseetl.cosmos;

import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.WriteStatistics;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/** What a session has done. Thread-safe. */
final class SessionCounters {
  final LongAdder unchanged = new LongAdder();
  final LongAdder rejected = new LongAdder();
  final LongAdder throttled = new LongAdder();
  final LongAdder retried = new LongAdder();
  final DoubleAdder requestUnits = new DoubleAdder();
  private final LongAdder upserted = new LongAdder();
  private final LongAdder deleted = new LongAdder();

  void written(DocumentOperation operation) {
    (operation.deletes() ? deleted : upserted).increment();
  }

  WriteStatistics snapshot() {
    return new WriteStatistics(
        upserted.sum(),
        deleted.sum(),
        unchanged.sum(),
        rejected.sum(),
        throttled.sum(),
        retried.sum(),
        requestUnits.sum());
  }
}

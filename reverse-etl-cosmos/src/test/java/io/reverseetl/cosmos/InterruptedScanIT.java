package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.document.ReadBudget;
import io.reverseetl.exceptions.WriteException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** A thread that is interrupted while it waits for a page of documents. */
class InterruptedScanIT extends FaultySinkFixture {
  private static final ReadBudget FREE =
      new ReadBudget() {
        @Override
        public void acquire(double requestUnits) {}

        @Override
        public void settle(double difference) {}
      };

  /** Interrupts what waits for the first page, and gives what it ended with. */
  private String interrupted(Callable<String> scan) throws Exception {
    FaultRule held = faults().onQuery().hold();
    FutureTask<String> scanning = new FutureTask<>(scan);
    Thread thread = new Thread(scanning);
    thread.start();
    while (held.hits() == 0) {
      Thread.onSpinWait();
    }
    thread.interrupt();
    try {
      return scanning.get();
    } finally {
      held.release();
    }
  }

  @Test
  void endsByTheInterruptWhereOneIsExpected() throws Exception {
    ContainerScan scan = new ContainerScan(container, "c", List.of("/region"));

    String ended =
        interrupted(
            () -> {
              try {
                scan.eachWhile(FREE, document -> true);
                return "read";
              } catch (InterruptedException e) {
                return "interrupted";
              }
            });

    assertThat(ended).isEqualTo("interrupted");
  }

  @Test
  void failsWithTheInterruptKeptWhereNoneIsExpected() throws Exception {
    String ended =
        interrupted(
            () -> {
              try {
                sink.scan(document -> {});
                return "read";
              } catch (WriteException e) {
                return "failed, interrupted: " + Thread.currentThread().isInterrupted();
              }
            });

    assertThat(ended).isEqualTo("failed, interrupted: true");
  }
}

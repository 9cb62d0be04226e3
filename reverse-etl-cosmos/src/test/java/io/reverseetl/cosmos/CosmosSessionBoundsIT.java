package io.reverseetl.cosmos;

import static io.reverseetl.document.DocumentSinkContract.upsert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.document.WriteSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How much is in flight, and how threads wait. */
class CosmosSessionBoundsIT extends FaultySinkFixture {
  @Test
  void blocksWritersAtTheBoundAndLetsThemOn() throws Exception {
    FaultRule held = faults().onBatch().hold();
    AtomicInteger handedOver = new AtomicInteger();
    try (WriteSession session = builder().maxInFlightOperations(50).build().openSession()) {
      Future<?> writer =
          threads.submit(
              () -> {
                for (int i = 0; i < MANY; i++) {
                  session.write(upsert("d" + i, "r" + i % 20, Map.of()), callback);
                  handedOver.incrementAndGet();
                }
                session.flush();
                return null;
              });
      while (held.hits() == 0) {
        Thread.onSpinWait();
      }
      assertThat(handedOver.get()).isLessThanOrEqualTo(50);
      assertThat(writer.isDone()).isFalse();
      held.release();
      writer.get();
    }
    assertManyWrittenOnce();
  }

  @Test
  void boundsTheBytesInFlight() throws Exception {
    String text = "x".repeat(1_000);
    FaultRule held = faults().onBatch().hold();
    AtomicInteger handedOver = new AtomicInteger();
    try (WriteSession session = builder().maxInFlightBytes(20_000).build().openSession()) {
      Future<?> writer =
          threads.submit(
              () -> {
                for (int i = 0; i < 100; i++) {
                  session.write(upsert("d" + i, "r" + i % 20, Map.of("text", text)), callback);
                  handedOver.incrementAndGet();
                }
                session.flush();
                return null;
              });
      while (held.hits() == 0) {
        Thread.onSpinWait();
      }
      assertThat(handedOver.get()).isLessThan(20);
      held.release();
      writer.get();
    }
    assertThat(stored().documentCount()).isEqualTo(100);
  }

  @Test
  void writesADocumentThatIsLargerThanTheBound() throws Exception {
    try (WriteSession session = builder().maxInFlightBytes(100).build().openSession()) {
      for (int i = 0; i < 3; i++) {
        session.write(upsert("d" + i, "eu", Map.of("text", "x".repeat(500))), callback);
      }
      session.flush();
    }
    assertThat(stored().documentCount()).isEqualTo(3);
  }

  @Test
  void interruptsAWriterThatWaits() throws Exception {
    FaultRule held = faults().onBatch().hold();
    try (WriteSession session = builder().maxInFlightOperations(1).build().openSession()) {
      session.write(upsert("1", "eu", Map.of()), callback);
      Thread writer = Thread.currentThread();
      threads.submit(
          () -> {
            while (held.hits() == 0) {
              Thread.onSpinWait();
            }
            writer.interrupt();
          });
      assertThatThrownBy(() -> session.write(upsert("2", "eu", Map.of()), callback))
          .isInstanceOf(InterruptedException.class);

      held.release();
      session.write(upsert("3", "eu", Map.of()), callback);
      session.flush();
    }
    assertThat(stored().documents().stream().map(document -> document.get("id").textValue()))
        .containsExactlyInAnyOrder("1", "3");
  }

  @Test
  void freesWaitingThreadsWhenItIsClosed() throws Exception {
    FaultRule held = faults().onBatch().hold();
    WriteSession session = builder().maxInFlightOperations(1).build().openSession();
    session.write(upsert("1", "eu", Map.of()), callback);
    List<Future<Throwable>> waiting = new ArrayList<>();
    waiting.add(threads.submit(() -> catchThrowable(session::flush)));
    waiting.add(
        threads.submit(
            () -> catchThrowable(() -> session.write(upsert("2", "eu", Map.of()), callback))));
    waiting.add(
        threads.submit(
            () -> catchThrowable(() -> session.write(upsert("1", "eu", Map.of()), callback))));
    while (held.hits() == 0) {
      Thread.onSpinWait();
    }

    session.close();

    for (Future<Throwable> each : waiting) {
      assertThat(each.get()).isInstanceOf(IllegalStateException.class);
    }
    held.release();
    assertThat(callback.count()).isZero();
  }
}

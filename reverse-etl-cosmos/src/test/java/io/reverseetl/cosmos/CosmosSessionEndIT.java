package io.reverseetl.cosmos;

import static io.reverseetl.document.DocumentSinkContract.delete;
import static io.reverseetl.document.DocumentSinkContract.upsert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.WriteCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a session ends when it cannot go on. */
class CosmosSessionEndIT extends FaultySinkFixture {
  @Test
  void failsWhenAnOperationHasUsedUpItsAttempts() throws Exception {
    faults().onBatchedOperation().document("secret7").status(503, 21008);
    try (WriteSession session = builder().maxAttempts(3).build().openSession()) {
      session.write(upsert("secret7", "secretRegion", Map.of("name", "secretName")), callback);

      assertThatThrownBy(session::flush)
          .isInstanceOfSatisfying(
              WriteException.class, e -> assertThat(e.statusCode()).contains(503))
          .hasMessageContaining(container.getId())
          .hasMessageContaining("503/21008")
          .hasMessageContaining("3 attempts")
          .hasMessageNotContaining("secret");
      assertThatThrownBy(() -> session.write(delete("8", "eu"), callback))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("503/21008");
      assertThatThrownBy(session::flush).isInstanceOf(WriteException.class);
    }
    assertThat(callback.count()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"401, 0", "403, 0"})
  void failsAtOnceWhenTheCredentialsAreRefused(int status, int subStatus) throws Exception {
    FaultRule rule = faults().onBatch().status(status, subStatus);
    try (WriteSession session = sink.openSession()) {
      assertThatThrownBy(() -> writeMany(session))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("credentials")
          .hasMessageContaining(container.getId());
    }
    assertThat(rule.hits()).isLessThan(10);
    assertThat(callback.count()).isZero();
  }

  @Test
  void failsWhenTheContainerIsGone() throws Exception {
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
      emulator().database(account.database().getId()).deleteContainer(container.getId());

      assertThatThrownBy(() -> writeMany(session))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining(container.getId());
    }
  }

  @Test
  void failsWhenACallbackDoes() throws Exception {
    RuntimeException cause = new IllegalStateException("broken callback");
    WriteCallback broken =
        new WriteCallback() {
          @Override
          public void written(DocumentOperation operation, double requestUnits) {
            throw cause;
          }

          @Override
          public void rejected(DocumentOperation operation, Rejection why, double requestUnits) {}
        };
    try (WriteSession session = sink.openSession()) {
      session.write(upsert("7", "eu", Map.of()), broken);

      assertThatThrownBy(session::flush).isInstanceOf(WriteException.class).hasCause(cause);
    }
  }

  @Test
  void sendsAgainWhatIsNotAnsweredAndIgnoresLateAnswers() throws Exception {
    FaultRule held = faults().onBatch().times(1).afterApply().hold();
    try (WriteSession session =
        builder().stallTimeout(Duration.ofSeconds(3)).build().openSession()) {
      writeMany(session);
      assertThat(session.statistics().retried()).isGreaterThanOrEqualTo(1);
      held.release();
      session.write(upsert("last", "r1", Map.of()), new RecordingCallback());
      session.flush();
    }

    assertThat(callback.written()).hasSize(MANY);
    assertThat(stored().documentCount()).isEqualTo(MANY + 1);
  }

  @Test
  void failsWhenNothingIsAnsweredForLong() throws Exception {
    FaultRule held = faults().onBatch().hold();
    try (WriteSession session =
        builder().stallTimeout(Duration.ofMillis(200)).build().openSession()) {
      assertThatThrownBy(() -> writeMany(session))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining(container.getId())
          .hasMessageContaining(SlowStart.FIRST + " operations");
    }
    held.release();
    assertThat(callback.count()).isZero();
  }

  @Test
  void countsTheStallTimeoutFromTheFirstOperationInFlight() throws Exception {
    try (WriteSession session =
        builder().stallTimeout(Duration.ofSeconds(1)).build().openSession()) {
      writeMany(session);
      FaultRule held = faults().onBatch().hold();
      // Idle for longer than the timeout, which is no stall.
      assertThat(threads.awaitTermination(1_100, TimeUnit.MILLISECONDS)).isFalse();
      session.write(upsert("last", "r1", Map.of()), callback);
      held.release();
      session.flush();

      assertThat(session.statistics().retried()).isZero();
    }
  }

  @Test
  void sendsNothingAgainBecauseAConflictHasWaitedForAFlush() throws Exception {
    FaultRule conflict = faults().onBatchedOperation().document("conflict").times(1).status(409);
    try (WriteSession session =
        builder().stallTimeout(Duration.ofSeconds(1)).build().openSession()) {
      session.write(upsert("conflict", "r1", Map.of()), callback);
      while (session.statistics().retried() == 0) {
        Thread.onSpinWait();
      }
      // Whoever writes has nothing to write for longer than the timeout.
      assertThat(threads.awaitTermination(1_100, TimeUnit.MILLISECONDS)).isFalse();
      faults().onBatch().times(1).delay(Duration.ofMillis(300));

      session.write(upsert("last", "r1", Map.of()), callback);
      session.flush();

      assertThat(conflict.hits()).isEqualTo(1);
      assertThat(session.statistics().retried()).isEqualTo(1);
    }
    assertThat(callback.written()).hasSize(2);
  }
}

package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.exceptions.SwitchOutcomeUnknownException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** A thread that is interrupted while it pauses before another attempt to save the pointer. */
class InterruptedPointerIT extends FaultySinkFixture {
  @Test
  void leavesOpenWhetherAnEarlierAttemptTookEffect() throws Exception {
    PointerStore pointers = new PointerStore(account.container(List.of("/id")), "orders");
    FaultRule refused = faults().onCreate().times(1).status(503).retryAfter(Duration.ofSeconds(30));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread saving =
        new Thread(
            () -> {
              try {
                pointers.save(JsonNodeFactory.instance.objectNode(), Optional.empty());
              } catch (RuntimeException e) {
                failure.set(e);
              }
            });
    saving.start();
    while (refused.hits() == 0) {
      Thread.onSpinWait();
    }
    // The answer is on its way, and the pause after it takes half a minute.
    assertThat(threads.awaitTermination(200, TimeUnit.MILLISECONDS)).isFalse();

    saving.interrupt();
    saving.join();

    assertThat(failure.get()).isInstanceOf(SwitchOutcomeUnknownException.class);
  }
}

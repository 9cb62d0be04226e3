package io.reverseetl.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.SnapshotTargetContract;
import io.reverseetl.exceptions.SwitchOutcomeUnknownException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InMemorySnapshotTargetTest extends SnapshotTargetContract {
  private final InMemorySnapshotTarget target = InMemorySnapshotTarget.of("/region");

  @Override
  protected SnapshotTarget target() {
    return target;
  }

  @Test
  void losesASaveOrItsAnswerWhenATestAsksForIt() {
    SnapshotPointer pointer = SnapshotPointer.empty("orders");

    target.loseNextSave();
    assertThatThrownBy(() -> target.save(pointer, Optional.empty()))
        .isInstanceOf(SwitchOutcomeUnknownException.class);
    assertThat(target.read()).isEmpty();

    target.loseAnswerOfNextSave();
    assertThatThrownBy(() -> target.save(pointer, Optional.empty()))
        .isInstanceOf(SwitchOutcomeUnknownException.class);
    assertThat(target.read().orElseThrow().pointer()).isEqualTo(pointer);
  }
}

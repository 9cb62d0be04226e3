package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SlowStartTest {
  private final SlowStart start = new SlowStart();

  private FlightGate gate(int maxOperations) {
    return new FlightGate(maxOperations, 1_000, start);
  }

  private static int fill(FlightGate gate) {
    int entered = 0;
    while (gate.tryEnter(0)) {
      entered++;
    }
    return entered;
  }

  private static void empty(FlightGate gate) {
    while (gate.operations() > 0) {
      gate.leave(0);
    }
  }

  @Test
  void letsFewOperationsInUntilHalfOfThemHaveEnded() {
    FlightGate gate = gate(1_000);
    assertThat(fill(gate)).isEqualTo(16);

    for (int i = 0; i < 7; i++) {
      gate.leave(0);
    }
    assertThat(fill(gate)).isEqualTo(7);

    gate.leave(0);
    assertThat(gate.operations() + fill(gate)).isEqualTo(64);
  }

  @Test
  void growsToWhatTheSessionMayHaveInFlight() {
    FlightGate gate = gate(500);

    for (int flight : new int[] {16, 64, 256, 500, 500}) {
      assertThat(fill(gate)).isEqualTo(flight);
      empty(gate);
    }
  }

  @Test
  void neverLetsInMoreThanTheSessionMayHaveInFlight() {
    assertThat(fill(gate(5))).isEqualTo(5);
  }

  @Test
  void asksOnceForEachWindowThatWhatIsInFlightLeaves() {
    FlightGate gate = gate(1_000);
    fill(gate);
    assertThat(gate.shallLeaveNow()).isTrue();
    assertThat(gate.shallLeaveNow()).isFalse();

    empty(gate);
    fill(gate);
    assertThat(gate.shallLeaveNow()).isTrue();
    assertThat(gate.shallLeaveNow()).isFalse();
  }

  @Test
  void wakesWritersForEachAnswerUntilItIsOver() {
    FlightGate gate = gate(64);
    fill(gate);
    assertThat(gate.leave(0)).isTrue();

    empty(gate);
    fill(gate);
    assertThat(gate.leave(0)).isFalse();
    assertThat(gate.shallLeaveNow()).isFalse();
  }

  @Test
  void staysOverForLaterSessionsOfTheSink() {
    FlightGate first = gate(64);
    for (int i = 0; i < 2; i++) {
      fill(first);
      empty(first);
    }

    assertThat(fill(gate(64))).isEqualTo(64);
  }
}

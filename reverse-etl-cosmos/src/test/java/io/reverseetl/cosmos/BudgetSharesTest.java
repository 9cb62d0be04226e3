package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BudgetSharesTest {
  private static final Duration LEASE = Duration.ofSeconds(45);

  private final ManualClock clock = new ManualClock();
  private final ObjectNode document = new ObjectMapper().createObjectNode();

  private BudgetShares.Share renew(String runner) {
    return BudgetShares.renew(document, runner, clock.instant(), LEASE);
  }

  @Test
  void givesTheWholeToTheOnlyOne() {
    assertThat(renew("a")).isEqualTo(new BudgetShares.Share(1, true, 1));
    assertThat(renew("a")).isEqualTo(new BudgetShares.Share(1, true, 1));
  }

  @Test
  void letsANewcomerWaitUntilTheOthersHaveMadeRoom() {
    renew("a");

    BudgetShares.Share early = renew("b");
    BudgetShares.Share madeRoom = renew("a");
    BudgetShares.Share later = renew("b");

    assertThat(early).isEqualTo(new BudgetShares.Share(0, false, 2));
    assertThat(madeRoom).isEqualTo(new BudgetShares.Share(0.5, true, 2));
    assertThat(later).isEqualTo(new BudgetShares.Share(0.5, true, 2));
  }

  @Test
  void dividesWhatACrashedRunnerHadWhenItsLeaseIsOver() {
    renew("a");
    renew("b");
    renew("a");
    renew("b");

    clock.advance(LEASE.minusSeconds(1));
    BudgetShares.Share before = renew("a");
    clock.advance(Duration.ofSeconds(1));
    BudgetShares.Share after = renew("a");

    assertThat(before.part()).isEqualTo(0.5);
    assertThat(after).isEqualTo(new BudgetShares.Share(1, true, 1));
  }

  @Test
  void dividesWhatALeavingRunnerHadAtOnce() {
    renew("a");
    renew("b");
    renew("a");
    renew("b");

    BudgetShares.leave(document, "b");

    assertThat(renew("a").part()).isEqualTo(1);
  }

  @Test
  void neverGivesAwayMoreThanTheWholeAndIsFairInTheEnd() {
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      document.removeAll();
      Map<String, Double> parts = new HashMap<>();
      for (int step = 0; step < 400; step++) {
        String runner = "r" + random.nextInt(6);
        if (random.nextInt(20) == 0) {
          BudgetShares.leave(document, runner);
          parts.remove(runner);
        } else {
          parts.put(runner, renew(runner).part());
        }
        assertThat(parts.values().stream().mapToDouble(Double::doubleValue).sum())
            .as("seed %d, step %d", seed, step)
            .isLessThanOrEqualTo(1 + 1e-6);
      }
      for (int round = 0; round < 3; round++) {
        parts.replaceAll((runner, part) -> renew(runner).part());
      }
      assertThat(parts.values())
          .as("seed %d", seed)
          .allSatisfy(
              part -> assertThat(part).isBetween(0.999 / parts.size(), 1.001 / parts.size()));
    }
  }
}

package io.reverseetl.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Resilience4jRateLimiterTest extends WriteRateLimiterContract {

  @Override
  protected WriteRateLimiter limiter(double requestUnitsPerSecond) {
    return Resilience4jRateLimiter.requestUnitsPerSecond(requestUnitsPerSecond);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 0.01, 1e9, Double.NaN, Double.POSITIVE_INFINITY})
  void refusesABudgetThatIsNone(double budget) {
    assertThatThrownBy(() -> Resilience4jRateLimiter.requestUnitsPerSecond(budget))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("request units per second");
  }

  @Test
  void refusesADifferenceThatIsNoNumber() {
    var limiter = Resilience4jRateLimiter.requestUnitsPerSecond(1);

    assertThatThrownBy(() -> limiter.settle(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void takesTheLongestBudgetsAsTheyAre() throws Exception {
    var limiter = Resilience4jRateLimiter.requestUnitsPerSecond(100_000_000);

    limiter.acquire(5_000_000);

    assertThat(limiter.requestUnitsPerSecond()).isEqualTo(100_000_000);
  }
}

package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.CosmosContainerProperties;
import com.azure.cosmos.models.ThroughputProperties;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.ratelimit.WriteRateLimiterContract;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CosmosRateLimiterIT {
  private final ManualClock clock = new ManualClock();

  private void pass(CosmosRateLimiter limiter, Duration time) throws Exception {
    clock.advance(time);
    limiter.refreshIfDue();
  }

  private static void change(CosmosAsyncContainer container, int requestUnitsPerSecond) {
    container
        .replaceThroughput(ThroughputProperties.createManualThroughput(requestUnitsPerSecond))
        .block();
  }

  @Nested
  class AsALimiter extends WriteRateLimiterContract {
    @Override
    protected WriteRateLimiter limiter(double requestUnitsPerSecond) {
      return CosmosRateLimiter.requestUnitsPerSecond(requestUnitsPerSecond).build();
    }
  }

  @Test
  void takesAShareOfStandardThroughput() {
    try (var account = new ThroughputAccount(CosmosEmulator.builder());
        var limiter =
            CosmosRateLimiter.shareOfProvisioned(account.standard("c", 5_000), 0.4).build()) {
      assertThat(limiter.requestUnitsPerSecond()).isEqualTo(2_000);
    }
  }

  @Test
  void takesAShareOfTheAutoscaleMaximum() {
    try (var account = new ThroughputAccount(CosmosEmulator.builder());
        var limiter =
            CosmosRateLimiter.shareOfProvisioned(account.autoscale("c", 4_000), 0.5).build()) {
      assertThat(limiter.requestUnitsPerSecond()).isEqualTo(2_000);
    }
  }

  @Test
  void takesAShareOfWhatTheDatabaseShares() {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      account
          .client
          .createDatabase("shared", ThroughputProperties.createManualThroughput(1_000))
          .block();
      var shared = account.client.getDatabase("shared");
      shared.createContainer(new CosmosContainerProperties("c", "/pk")).block();

      try (var limiter =
          CosmosRateLimiter.shareOfProvisioned(shared.getContainer("c"), 0.4).build()) {
        assertThat(limiter.requestUnitsPerSecond()).isEqualTo(400);
      }
    }
  }

  @Test
  void followsAChangeWithinAMinute() throws Exception {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      CosmosAsyncContainer container = account.standard("c", 5_000);
      try (var limiter =
          CosmosRateLimiter.shareOfProvisioned(container, 0.4).clock(clock).build()) {
        change(container, 10_000);
        limiter.acquire(1);
        double atOnce = limiter.requestUnitsPerSecond();
        clock.advance(Duration.ofSeconds(30));
        limiter.acquire(1);

        assertThat(atOnce).isEqualTo(2_000);
        assertThat(limiter.requestUnitsPerSecond()).isEqualTo(4_000);
      }
    }
  }

  @Test
  void waitsWithARiseUntilItIsInForceAndNotWithAFall() throws Exception {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      CosmosAsyncContainer container = account.standard("c", 5_000);
      try (var limiter = CosmosRateLimiter.shareOfProvisioned(container, 1).clock(clock).build()) {
        account.emulator.deferThroughputChanges(true);
        change(container, 10_000);
        pass(limiter, Duration.ofSeconds(15));
        double pending = limiter.requestUnitsPerSecond();
        account.emulator.completeThroughputChanges();
        pass(limiter, Duration.ofSeconds(15));
        double done = limiter.requestUnitsPerSecond();
        change(container, 1_000);
        pass(limiter, Duration.ofSeconds(15));

        assertThat(pending).isEqualTo(5_000);
        assertThat(done).isEqualTo(10_000);
        assertThat(limiter.requestUnitsPerSecond()).isEqualTo(1_000);
      }
    }
  }

  @Test
  void asksNoMoreOftenThanEveryFifteenSeconds() throws Exception {
    try (var account = new ThroughputAccount(CosmosEmulator.builder());
        var limiter =
            CosmosRateLimiter.shareOfProvisioned(account.standard("c", 5_000), 1)
                .clock(clock)
                .build()) {
      long asked = account.emulator.calls().count(EmulatorOperation.READ_OFFER);

      for (int i = 0; i < 60; i++) {
        limiter.acquire(0.1);
        clock.advance(Duration.ofSeconds(1));
      }

      assertThat(account.emulator.calls().count(EmulatorOperation.READ_OFFER) - asked)
          .isBetween(3L, 4L);
    }
  }

  @Test
  void keepsItsBudgetWhenTheThroughputCannotBeLookedAt() throws Exception {
    try (var account = new ThroughputAccount(CosmosEmulator.builder());
        var limiter =
            CosmosRateLimiter.shareOfProvisioned(account.standard("c", 5_000), 1)
                .clock(clock)
                .build()) {
      account.emulator.faults().onOffer().status(403).times(100);

      pass(limiter, Duration.ofSeconds(15));

      assertThat(limiter.requestUnitsPerSecond()).isEqualTo(5_000);
    }
  }

  @Test
  void refusesAServerlessAccount() {
    try (var account = new ThroughputAccount(CosmosEmulator.builder().serverless())) {
      account.database.createContainer(new CosmosContainerProperties("c", "/pk")).block();

      assertThatThrownBy(
              () ->
                  CosmosRateLimiter.shareOfProvisioned(account.database.getContainer("c"), 0.4)
                      .build())
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("serverless")
          .hasMessageContaining("absolute rate");
    }
  }

  @Test
  void saysThatAnIdentityMayNotRead() {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      CosmosAsyncContainer container = account.standard("c", 5_000);
      account.emulator.faults().onOffer().status(403, 5300).times(100);

      assertThatThrownBy(() -> CosmosRateLimiter.shareOfProvisioned(container, 0.4).build())
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("403/5300")
          .hasMessageContaining("account's key");
    }
  }

  @Test
  void dividesABudgetAmongProcesses() throws Exception {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      CosmosAsyncContainer state = account.state();
      CosmosRateLimiter first = shared(state);
      double alone = first.requestUnitsPerSecond();
      CosmosRateLimiter second = shared(state);
      double newcomer = second.requestUnitsPerSecond();
      pass(first, Duration.ofSeconds(15));
      pass(second, Duration.ofSeconds(1));

      assertThat(alone).isEqualTo(1_000);
      assertThat(newcomer).isZero();
      assertThat(first.requestUnitsPerSecond()).isEqualTo(500);
      assertThat(second.requestUnitsPerSecond()).isEqualTo(500);

      second.close();
      pass(first, Duration.ofSeconds(15));
      assertThat(first.requestUnitsPerSecond()).isEqualTo(1_000);
      first.close();
    }
  }

  private CosmosRateLimiter shared(CosmosAsyncContainer state) {
    return CosmosRateLimiter.requestUnitsPerSecond(1_000)
        .sharedThrough(state, "nightly")
        .clock(clock)
        .build();
  }

  @Test
  void takesOverWhatACrashedProcessHad() throws Exception {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      CosmosAsyncContainer state = account.state();
      CosmosRateLimiter survivor = shared(state);
      shared(state); // Crashes: it neither renews nor leaves.
      pass(survivor, Duration.ofSeconds(15));
      double shared = survivor.requestUnitsPerSecond();

      pass(survivor, Duration.ofSeconds(15));
      pass(survivor, Duration.ofSeconds(15));

      assertThat(shared).isEqualTo(500);
      assertThat(survivor.requestUnitsPerSecond()).isEqualTo(1_000);
      survivor.close();
    }
  }

  @Test
  void survivesALostAnswerWhenItRenews() throws Exception {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      CosmosAsyncContainer state = account.state();
      CosmosRateLimiter limiter = shared(state);
      account.emulator.faults().onReplace().afterApply().status(503).times(1);

      pass(limiter, Duration.ofSeconds(15));
      pass(limiter, Duration.ofSeconds(1));

      assertThat(limiter.requestUnitsPerSecond()).isEqualTo(1_000);
      limiter.close();
    }
  }

  @Test
  void stopsRatherThanSpendAPartThatHasExpired() throws Exception {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      CosmosRateLimiter limiter = shared(account.state());
      account.emulator.faults().onRead().status(500).times(1_000);

      pass(limiter, Duration.ofSeconds(44));
      limiter.acquire(1);
      clock.advance(Duration.ofSeconds(1));

      assertThatThrownBy(() -> limiter.acquire(1))
          .isInstanceOf(WriteException.class)
          .hasMessageContaining("expired");
      account.emulator.faults().clear();
      limiter.acquire(1);
      limiter.close();
    }
  }

  @Test
  void saysWhatAContainerOfLeasesLooksLike() {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      assertThatThrownBy(() -> shared(account.database.getContainer("nowhere")))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("/id or /pipeline");
      CosmosAsyncContainer wrong = account.standard("wrong", 400);
      assertThatThrownBy(() -> shared(wrong))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("/id or /pipeline");
    }
  }

  @Test
  void refusesSharesThatAreNone() {
    try (var account = new ThroughputAccount(CosmosEmulator.builder())) {
      CosmosAsyncContainer container = account.standard("c", 400);
      for (double share : new double[] {0, -1, 1.01, Double.NaN}) {
        assertThatThrownBy(() -> CosmosRateLimiter.shareOfProvisioned(container, share))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }
}

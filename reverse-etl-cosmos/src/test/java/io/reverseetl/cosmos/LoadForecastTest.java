package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.cosmos.ProvisionedThroughput.Level;
import io.reverseetl.cosmos.ProvisionedThroughput.Mode;
import org.junit.jupiter.api.Test;

class LoadForecastTest {
  private static final long GIGABYTE = 1024L * 1024 * 1024;

  private static ProvisionedThroughput standard(int requestUnitsPerSecond) {
    return new ProvisionedThroughput(
        Level.CONTAINER, Mode.STANDARD, requestUnitsPerSecond, 400, false);
  }

  @Test
  void plansANewContainerThatIsPreSplit() {
    LoadForecast forecast = LoadForecast.of(1_000_000_000, 800 * GIGABYTE, 10).cores(1_000).build();

    assertThat(forecast.storedGigabytes()).isEqualTo(1_000);
    assertThat(forecast.partitions()).isEqualTo(25);
    assertThat(forecast.createStandard()).isEqualTo(150_000);
    assertThat(forecast.createAutoscale()).isEqualTo(250_000);
    assertThat(forecast.loadAt()).isEqualTo(250_000);
    assertThat(forecast.standardFloorAfterwards()).isEqualTo(2_500);
    assertThat(forecast.autoscaleFloorAfterwards()).isEqualTo(25_000);
    assertThat(forecast.duration().toSeconds()).isEqualTo(40_000);
    assertThat(forecast.pacedBy()).isEqualTo(LoadForecast.Pace.PROVISIONED);
    assertThat(forecast.advice().get(0)).contains("150,000").contains("250,000");
  }

  @Test
  void isPacedByTheSmallestOfBudgetThroughputAndClient() {
    LoadForecast.Builder load =
        LoadForecast.of(1_000_000, GIGABYTE, 6).existing(standard(8_000), 1);

    LoadForecast byClient = load.cores(1).build();
    LoadForecast byThroughput = load.cores(8).build();
    LoadForecast byBudget = load.budget(1_000).build();

    assertThat(byClient.pacedBy()).isEqualTo(LoadForecast.Pace.CLIENT);
    assertThat(byClient.duration().toSeconds()).isEqualTo(2_000);
    assertThat(byThroughput.pacedBy()).isEqualTo(LoadForecast.Pace.PROVISIONED);
    assertThat(byThroughput.duration().toSeconds()).isEqualTo(750);
    assertThat(byBudget.pacedBy()).isEqualTo(LoadForecast.Pace.BUDGET);
    assertThat(byBudget.duration().toSeconds()).isEqualTo(6_000);
  }

  @Test
  void isBoundByTheBusiestPartitionKey() {
    LoadForecast forecast =
        LoadForecast.of(1_000_000, GIGABYTE, 10)
            .existing(standard(40_000), 4)
            .cores(100)
            .hottestShare(0.5)
            .build();

    // Half of 10,000,000 RU at the 10,000 RU/s of one partition, in place of 250 s.
    assertThat(forecast.duration().toSeconds()).isEqualTo(500);
    assertThat(forecast.boundBySkew()).isTrue();
    assertThat(forecast.advice().get(0)).contains("50.0 %");
  }

  @Test
  void warnsOfALogicalPartitionAboveTwentyGigabytes() {
    LoadForecast tooMuch = LoadForecast.of(1_000_000, 100 * GIGABYTE, 10).hottestShare(0.2).build();
    LoadForecast justNot =
        LoadForecast.of(1_000_000, 100 * GIGABYTE, 10).hottestShare(0.15).build();

    assertThat(tooMuch.hottestGigabytes()).isEqualTo(25);
    assertThat(tooMuch.advice().get(0)).contains("20 GB is the limit");
    assertThat(justNot.advice()).noneMatch(sentence -> sentence.contains("20 GB"));
  }

  @Test
  void warnsOfAFirstLevelWithFewValues() {
    LoadForecast.Builder load =
        LoadForecast.of(1_000_000, GIGABYTE, 10).existing(standard(40_000), 4);

    assertThat(load.firstLevelShare(0.9).build().advice())
        .anyMatch(sentence -> sentence.contains("first level"));
    assertThat(load.firstLevelShare(0.1).build().advice())
        .noneMatch(sentence -> sentence.contains("first level"));
  }

  @Test
  void saysThatAnExistingContainerIsTooSmall() {
    LoadForecast forecast =
        LoadForecast.of(100_000_000, 200 * GIGABYTE, 10).existing(standard(400), 1).build();

    assertThat(forecast.advice()).anyMatch(sentence -> sentence.contains("want 7 physical"));
  }

  @Test
  void refusesWhatCannotBe() {
    assertThatThrownBy(() -> LoadForecast.of(-1, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LoadForecast.of(1, 1, Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    LoadForecast.Builder load = LoadForecast.of(1, 1, 1);
    assertThatThrownBy(() -> load.hottestShare(1.1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> load.budget(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> load.cores(0)).isInstanceOf(IllegalArgumentException.class);
  }
}

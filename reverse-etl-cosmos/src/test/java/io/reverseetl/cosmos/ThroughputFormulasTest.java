package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThroughputFormulasTest {

  @Test
  void insertOfOneKilobyteWithoutIndexCostsFiveAndAHalf() {
    assertThat(ThroughputFormulas.insertCost(1_024, 0)).isEqualTo(5.5);
    assertThat(ThroughputFormulas.insertCost(10, 0)).isEqualTo(5.5);
    assertThat(ThroughputFormulas.insertCost(1_024, 20)).isEqualTo(8.5);
    assertThat(ThroughputFormulas.replaceCost(5.5)).isEqualTo(11);
  }

  @Test
  void microsoftsExampleOfATerabyteBeginsWithTwentyFivePartitions() {
    int partitions = ThroughputFormulas.partitionsFor(1_000, 40);

    assertThat(partitions).isEqualTo(25);
    assertThat(ThroughputFormulas.createWith(partitions, false)).isEqualTo(150_000);
    assertThat(ThroughputFormulas.createWith(partitions, true)).isEqualTo(250_000);
    assertThat(ThroughputFormulas.instantMaximum(partitions)).isEqualTo(250_000);
  }

  @Test
  void microsoftsExampleOfATerabyteTakesElevenHours() {
    double work = 1e9 * 10;

    assertThat(ThroughputFormulas.evenSeconds(work, 250_000) / 3_600).isCloseTo(11.1, within(0.05));
  }

  @Test
  void aSmallContainerBeginsWithTheLeastThroughput() {
    assertThat(ThroughputFormulas.partitionsFor(0, 40)).isEqualTo(1);
    assertThat(ThroughputFormulas.createWith(1, false)).isEqualTo(400);
    assertThat(ThroughputFormulas.createWith(1, true)).isEqualTo(1_000);
  }

  @ParameterizedTest
  @CsvSource({
    // partitions, wanted, target
    "1, 400, 400",
    "1, 10000, 10000",
    "1, 10001, 20000",
    "2, 30000, 40000",
    "2, 40000, 40000",
    "5, 250000, 400000",
    "3, 30000, 30000"
  })
  void anEvenSplitDoublesThePartitions(int partitions, long wanted, long target) {
    assertThat(ThroughputFormulas.evenSplitTarget(partitions, wanted)).isEqualTo(target);
  }

  @ParameterizedTest
  @CsvSource({
    // GB, highest, sharing, standard, autoscale
    "0, 0, 0, 400, 1000",
    "0, 100000, 0, 1000, 10000",
    "0, 100001, 0, 1100, 11000",
    "1000, 0, 0, 1000, 10000",
    "450.5, 4000, 0, 500, 5000",
    "0, 400, 30, 900, 6000"
  })
  void aFloorRemainsAfterwards(
      double gigabytes, int highest, int sharing, int standard, int autoscale) {
    assertThat(ThroughputFormulas.standardFloor(gigabytes, highest, sharing)).isEqualTo(standard);
    assertThat(ThroughputFormulas.autoscaleFloor(gigabytes, highest, sharing)).isEqualTo(autoscale);
  }

  @Test
  void theBusiestKeyGetsAPartitionsThroughputAtMost() {
    // 40,000 RU/s over 4 partitions are 10,000 for each.
    assertThat(ThroughputFormulas.skewSeconds(1_000_000, 0.5, 40_000, 4)).isEqualTo(50);
    assertThat(ThroughputFormulas.skewSeconds(1_000_000, 0.5, 20_000, 4)).isEqualTo(100);
    // A single partition cannot give more than 10,000 to one key, whatever is provisioned.
    assertThat(ThroughputFormulas.skewSeconds(1_000_000, 1, 50_000, 1)).isEqualTo(100);
    assertThat(ThroughputFormulas.skewSeconds(1_000_000, 0, 50_000, 1)).isZero();
  }

  @ParameterizedTest
  @CsvSource({"1, 5000", "5, 5000", "6, 6000", "20, 20000", "100, 20000"})
  void serverlessGrowsWithItsPartitions(int partitions, int rate) {
    assertThat(ThroughputFormulas.serverlessRate(partitions)).isEqualTo(rate);
  }

  @Test
  void refusesToFillAPartitionBeyondItsLimit() {
    assertThatThrownBy(() -> ThroughputFormulas.partitionsFor(100, 51))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ThroughputFormulas.partitionsFor(100, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

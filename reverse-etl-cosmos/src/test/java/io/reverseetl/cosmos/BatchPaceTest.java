package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchPaceTest {

  @Test
  void fillsBatchesWithoutABudget() {
    BatchPace pace = new BatchPace(() -> Double.POSITIVE_INFINITY, 4);

    assertThat(pace.size(BatchPace.FULL)).isEqualTo(BatchPace.FULL);
    assertThat(pace.size(3)).isEqualTo(BatchPace.FULL);
  }

  @ParameterizedTest
  @CsvSource({"400, 4, 1", "4000, 4, 5", "40000, 4, 50", "40000, 1, 100", "0, 4, 1"})
  void sendsAPartitionsBudgetInTwentyBatchesASecond(double budget, int ranges, int size) {
    // Nothing is known of the cost, so an operation counts as 10 RU.
    assertThat(new BatchPace(() -> budget, ranges).size(BatchPace.FULL)).isEqualTo(size);
  }

  @Test
  void learnsWhatOperationsCost() {
    BatchPace pace = new BatchPace(() -> 40_000, 4);

    for (int i = 0; i < 1_000; i++) {
      pace.learn(20);
    }

    assertThat(pace.size(BatchPace.FULL)).isEqualTo(25);
  }

  @Test
  void staysWhereItIsForALittle() {
    BatchPace pace = new BatchPace(() -> 40_000, 4);

    assertThat(pace.size(45)).isEqualTo(45);
    assertThat(pace.size(60)).isEqualTo(60);
    assertThat(pace.size(80)).isEqualTo(50);
    assertThat(pace.size(20)).isEqualTo(50);
  }
}

package io.reverseetl.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.ConfigurationException;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkersTest {
  private static final int MANY = 1_000;

  private final SparkConf conf = new SparkConf(false).set("spark.master", "yarn");

  private double share(Workers workers, int tasks) {
    return workers.share(conf, tasks).of(12_000);
  }

  @Test
  void dividesABudgetByANumber() {
    assertThat(share(Workers.atMost(3), MANY)).isEqualTo(4_000);
    assertThat(Workers.atMost(3).share(conf, MANY).parts()).isEqualTo(3);
  }

  @Test
  void fewTasksDivideItAmongThem() {
    assertThat(share(Workers.atMost(3), 2)).isEqualTo(6_000);
    assertThat(share(Workers.atMost(3), 0)).isEqualTo(12_000);
  }

  @Test
  void speculationMayBusyAllExecutorsWithOneTask() {
    conf.set("spark.speculation", "true");

    assertThat(share(Workers.atMost(3), 1)).isEqualTo(4_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "local|1",
        "local[4]|1",
        "local-cluster[2,1,1024]|2",
        "local-cluster[ 3 , 2,1024]|3"
      })
  void knowsTheProcessesOfOneMachine(String master, int processes) {
    conf.set("spark.master", master);

    assertThat(share(Workers.configured(), MANY)).isEqualTo(12_000.0 / processes);
  }

  @Test
  void readsSparksConfiguration() {
    conf.set("spark.executor.instances", "4").set("spark.dynamicAllocation.maxExecutors", "6");
    assertThat(share(Workers.configured(), MANY)).isEqualTo(3_000);

    conf.set("spark.dynamicAllocation.enabled", "true");
    assertThat(share(Workers.configured(), MANY)).isEqualTo(2_000);
  }

  @Test
  void refusesToGuess() {
    assertThatThrownBy(() -> share(Workers.configured(), MANY))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("spark.executor.instances is not set");

    conf.set("spark.dynamicAllocation.enabled", "true").set("spark.executor.instances", "4");
    assertThatThrownBy(() -> share(Workers.configured(), MANY))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("spark.dynamicAllocation.maxExecutors is not set");
  }

  @Test
  void anyNumberHasNoPart() {
    BudgetShare share = Workers.anyNumber().share(conf, MANY);

    assertThat(share.parts()).isEqualTo(Integer.MAX_VALUE);
    assertThatThrownBy(() -> share.of(12_000)).isInstanceOf(ConfigurationException.class);
  }

  @Test
  void thereIsAtLeastOneWorker() {
    assertThatThrownBy(() -> Workers.atMost(0)).isInstanceOf(IllegalArgumentException.class);
  }
}

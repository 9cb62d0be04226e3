package io.reverseetl.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.reverseetl.exceptions.WriteException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PipelineObservationsTest {
  private final ObservationRegistry registry = ObservationRegistry.create();
  private final List<Observation.Context> started = new ArrayList<>();
  private final List<Observation.Context> stopped = new ArrayList<>();
  private final MeasuredPipeline orders =
      new MeasuredPipeline(PipelineObservations.of(MeasuredPipeline.NAME, registry));

  @BeforeEach
  void record() {
    registry
        .observationConfig()
        .observationHandler(
            new ObservationHandler<Observation.Context>() {
              @Override
              public void onStart(Observation.Context context) {
                started.add(context);
              }

              @Override
              public void onStop(Observation.Context context) {
                stopped.add(context);
              }

              @Override
              public boolean supportsContext(Observation.Context context) {
                return true;
              }
            });
  }

  private static Map<String, String> low(Observation.Context context) {
    return context.getLowCardinalityKeyValues().stream()
        .collect(Collectors.toMap(KeyValue::getKey, KeyValue::getValue));
  }

  private static String high(Observation.Context context, String key) {
    return context.getHighCardinalityKeyValue(key).getValue();
  }

  @Test
  void observesALoadFromItsBeginToItsEnd() {
    orders.insert("1", "2", "3");

    orders.loader().load();

    assertThat(stopped).hasSize(1).isEqualTo(started);
    Observation.Context load = stopped.get(0);
    assertThat(load.getName()).isEqualTo("reverseetl.load");
    assertThat(load.getContextualName()).isEqualTo("load orders");
    assertThat(low(load)).isEqualTo(Map.of("pipeline", "orders", "outcome", "completed"));
    assertThat(high(load, "documents")).isEqualTo("3");
    assertThat(load.getError()).isNull();
  }

  @Test
  void observesOneRangeHoweverManyRowsItHas() {
    orders.insert("1");
    orders.loader().load();
    orders.insert("2", "3", "4");
    stopped.clear();

    orders.poller().pollOnce();

    assertThat(stopped).hasSize(1);
    Observation.Context range = stopped.get(0);
    assertThat(range.getName()).isEqualTo("reverseetl.range");
    assertThat(low(range)).isEqualTo(Map.of("pipeline", "orders", "outcome", "written"));
    assertThat(high(range, "from.version")).isEqualTo("1");
    assertThat(high(range, "to.version")).isEqualTo("3");
    assertThat(high(range, "upserts")).isEqualTo("3");
  }

  @Test
  void aPollThatFindsNothingIsNotObserved() {
    orders.insert("1");
    orders.loader().load();
    started.clear();

    orders.poller().pollOnce();

    assertThat(started).isEmpty();
  }

  @Test
  void theFailureIsTheErrorOfWhatWasUnderWay() {
    orders.insert("1");
    orders.loader().load();
    orders.insert("2");
    orders.sink.crashAfter(0);
    stopped.clear();

    assertThatThrownBy(() -> orders.poller().pollOnce()).isInstanceOf(WriteException.class);

    assertThat(stopped).hasSize(1);
    assertThat(stopped.get(0).getError()).isInstanceOf(WriteException.class);
    assertThat(low(stopped.get(0))).containsEntry("outcome", "failed");
  }

  @Test
  void isAChildOfWhatIsObservedOnTheThread() {
    orders.insert("1");
    Observation request = Observation.start("request", registry);

    try (Observation.Scope ignored = request.openScope()) {
      orders.loader().load();
    }
    request.stop();

    assertThat(stopped.get(0).getName()).isEqualTo("reverseetl.load");
    assertThat(stopped.get(0).getParentObservation()).isEqualTo(request);
  }
}

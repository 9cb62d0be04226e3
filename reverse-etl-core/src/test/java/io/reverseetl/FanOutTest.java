package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The fan-out of docs/scale-out.md. */
class FanOutTest {
  private final InMemoryTableSource table =
      InMemoryTableSource.of(
          StructType.of(Column.required("id", Primitive.STRING)), new ManualClock(), 1);
  private final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");

  String plan(Pipeline pipeline) {
    return LoadPlan.of(pipeline).unitBytes(1).begin().toJson();
  }

  List<String> units(String plan) {
    return LoadPlan.ofJson(plan).units().stream().map(WorkUnit::toJson).toList();
  }

  String unit(UnitRunner runner, String unit) throws InterruptedException {
    return runner.run(WorkUnit.ofJson(unit)).toJson();
  }

  boolean complete(Pipeline pipeline, String plan, List<String> results)
      throws InterruptedException {
    return LoadPlan.ofJson(plan)
        .complete(pipeline, results.stream().map(UnitResult::ofJson).toList())
        .isLoaded();
  }

  @Test
  void onlyTextsPassBetweenTheSteps() throws Exception {
    table.commit(table.insert("a"), table.insert("b"), table.insert("c"));
    Pipeline pipeline =
        Pipeline.builder("fan-out")
            .source(table)
            .mapper(
                (row, documents) ->
                    documents.accept(
                        Document.of(
                            DocumentKey.of(row.getString(0), "eu"), Map.of("region", "eu"))))
            .sink(sink)
            .checkpoints(InMemoryCheckpointStore.create())
            .lease(Duration.ofSeconds(1))
            .build();

    String plan = plan(pipeline);
    List<String> results = new ArrayList<>();
    try (UnitRunner runner = UnitRunner.of(pipeline)) {
      for (String unit : units(plan)) {
        results.add(unit(runner, unit));
      }
    }

    assertThat(results).hasSize(3);
    assertThat(complete(pipeline, plan, results)).isTrue();
    assertThat(sink.documents()).hasSize(3);
  }
}

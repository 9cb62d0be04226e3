package io.reverseetl.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.PipelineListener;
import io.reverseetl.PollReport;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.PipelineTester;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PlainServiceTest {
  private final CompletableFuture<PollReport> polled = new CompletableFuture<>();
  private final PipelineTester tester =
      PipelineTester.builder(
              StructType.of(
                  Column.required("product_id", Primitive.STRING),
                  Column.required("category", Primitive.STRING)),
              ColumnMapper.builder().id("product_id").partitionKey("category").build())
          .pipeline(
              pipeline ->
                  pipeline.listener(
                      new PipelineListener() {
                        @Override
                        public void onPollFinished(PollReport report) {
                          polled.complete(report);
                        }
                      }))
          .build();

  @Test
  void loadsAndPollsUntilItIsClosed() throws Exception {
    tester.commit(tester.insert("7", "tea"));
    PlainService service = new PlainService(tester.pipeline());
    Thread runner = new Thread(() -> run(service));

    runner.start();
    polled.join();
    service.close();
    runner.join();

    assertThat(tester.document("7", "tea")).isPresent();
    assertThat(tester.sink().openSessions()).isZero();
  }

  @Test
  void doesNotBeginToPollAfterItWasClosed() throws Exception {
    tester.commit(tester.insert("7", "tea"));
    tester.load();
    PlainService service = new PlainService(tester.pipeline());
    service.close();

    service.run();

    assertThat(polled).isNotDone();
  }

  @Test
  void throwsWhatALoadFailsWith() {
    tester.commit(tester.insert("7", "tea"));
    tester.failWrite(1);

    assertThatThrownBy(() -> new PlainService(tester.pipeline()).run())
        .isInstanceOf(WriteException.class);
  }

  private static void run(PlainService service) {
    try {
      service.run();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

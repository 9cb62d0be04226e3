package io.reverseetl.metrics;

import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.PipelineListener;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.DeadLetterSink;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.Rejection;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;

/** A pipeline of fakes that tells a listener. */
final class MeasuredPipeline {
  static final String NAME = "orders";

  final ManualClock clock = new ManualClock();
  final InMemoryTableSource table =
      InMemoryTableSource.of(
          StructType.of(
              Column.required("id", Primitive.STRING),
              Column.required("region", Primitive.STRING),
              Column.nullable("state", Primitive.STRING)),
          clock,
          2);
  final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region").requestUnits(op -> 5);

  private final Pipeline pipeline;

  MeasuredPipeline(PipelineListener listener) {
    pipeline =
        Pipeline.builder(NAME)
            .source(table)
            .mapper(ColumnMapper.builder().id("id").partitionKey("region").build())
            .sink(sink)
            .checkpoints(InMemoryCheckpointStore.create())
            .deadLetters(new Forgetful())
            .readThreads(1)
            .clock(clock)
            .listener(listener)
            .build();
  }

  InitialLoader loader() {
    return InitialLoader.of(pipeline);
  }

  CdcPoller poller() {
    return CdcPoller.of(pipeline);
  }

  void insert(String... ids) {
    for (String id : ids) {
      table.commit(table.insert(id, "eu", "placed"));
    }
  }

  void update(String id, String before, String after) {
    table.commit(table.update(table.row(id, "eu", before), table.row(id, "eu", after)));
  }

  void delete(String id, String state) {
    table.commit(table.delete(id, "eu", state));
  }

  void rejectDocument(String id) {
    sink.reject(
        operation -> operation.key().equals(DocumentKey.of(id, "eu")),
        new Rejection(Rejection.Reason.TOO_LARGE, 413, "It is too large."));
  }

  private static final class Forgetful implements DeadLetterSink {
    @Override
    public void write(DeadLetter letter) {}

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}

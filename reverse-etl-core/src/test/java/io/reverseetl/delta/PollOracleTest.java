package io.reverseetl.delta;

import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import java.util.List;

class PollOracleTest extends PollOracleContract {
  @Override
  protected int seeds() {
    return 2;
  }

  @Override
  protected Target open() {
    InMemoryDocumentSink sink = InMemoryDocumentSink.of("/pk");
    InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
    return new Target() {
      @Override
      public DocumentSink sink() {
        return sink;
      }

      @Override
      public CheckpointStore checkpoints() {
        return checkpoints;
      }

      @Override
      public List<String> documents() {
        return sink.documents().keySet().stream().map(key -> sink.json(key).orElseThrow()).toList();
      }

      @Override
      public void clear() {
        sink.documents().keySet().forEach(sink::remove);
      }

      @Override
      public void close() {
        sink.close();
      }
    };
  }
}

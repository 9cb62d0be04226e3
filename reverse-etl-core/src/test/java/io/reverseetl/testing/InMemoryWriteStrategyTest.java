package io.reverseetl.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.WriteStrategyContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

class InMemoryWriteStrategyTest extends WriteStrategyContract {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  protected Target open(List<String> partitionKeyPaths) {
    InMemoryDocumentSink sink = InMemoryDocumentSink.of(partitionKeyPaths.toArray(String[]::new));
    return new Target() {
      @Override
      public DocumentSink sink() {
        return sink;
      }

      @Override
      public Optional<JsonNode> read(DocumentKey key) {
        return sink.json(key)
            .map(
                text -> {
                  try {
                    return JSON.readTree(text);
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                });
      }

      @Override
      public long count() {
        return sink.size();
      }

      @Override
      public int maxInFlightOperations() {
        return 1_000;
      }

      @Override
      public String etag(DocumentKey key) {
        return sink.etag(key).orElseThrow();
      }

      @Override
      public void define(String condition, Predicate<Map<String, Object>> meaning) {
        sink.condition(condition, meaning);
      }

      @Override
      public void close() {
        sink.close();
      }
    };
  }
}

package io.reverseetl.delta;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.CdcPoller;
import io.reverseetl.InitialLoader;
import io.reverseetl.Pipeline;
import io.reverseetl.checkpoint.FileCheckpointStore;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/** A process that loads and polls a table into a folder of documents, until it is killed. */
public final class PollingProcess {
  private PollingProcess() {}

  /** Arguments: the table, the work folder, the column of the id, a seed. */
  public static void main(String[] args) {
    Path work = Path.of(args[1]);
    Random random = new Random(Long.parseLong(args[3]));
    try (DeltaTableSource source = DeltaTableSource.open(args[0])) {
      Pipeline pipeline =
          Pipeline.builder("killed")
              .source(source)
              .mapper(new IdMapper(args[2]))
              .sink(new FolderSink(work.resolve("documents")))
              .checkpoints(FileCheckpointStore.of(work.resolve("checkpoints")))
              .readThreads(1)
              .build();
      System.out.println("ready");
      if (pipeline.status().checkpoint().filter(c -> c.load().isEmpty()).isEmpty()) {
        InitialLoader.of(pipeline).atVersion(0).load();
      }
      CdcPoller.builder(pipeline)
          .maxRangeCommits(1 + random.nextInt(4))
          .memoryBudgetBytes(1 + random.nextInt(20_000))
          .spillFolder(work.resolve("spill"))
          .build()
          .pollOnce();
    }
  }

  /** The id from one column, and the canonical row. */
  record IdMapper(String column) implements DocumentMapper {
    @Override
    public void map(Row row, Consumer<Document> documents) {
      String json = new RowJson().toString(row);
      try {
        String id = new ObjectMapper().readTree(json).get(column).asText();
        documents.accept(
            Document.ofJson(
                DocumentKey.of(id, "p"),
                ("{\"id\":\"" + id + "\",\"pk\":\"p\",\"row\":" + json + "}")
                    .getBytes(StandardCharsets.UTF_8)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** One file for each document, replaced in one step. */
  record FolderSink(Path folder) implements DocumentSink {
    @Override
    public TargetDescription describe() {
      return new TargetDescription(folder.toString(), List.of("/pk"));
    }

    @Override
    public WriteSession openSession() {
      return new WriteSession() {
        @Override
        public void write(DocumentOperation operation, WriteCallback callback) {
          Path file = folder.resolve(operation.key().id() + ".json");
          try {
            if (operation instanceof DocumentOperation.Upsert upsert) {
              Files.createDirectories(folder);
              Path fresh = folder.resolve(operation.key().id() + ".new");
              Files.write(fresh, upsert.document().json());
              Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
            } else {
              Files.deleteIfExists(file);
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          callback.written(operation, 1);
        }

        @Override
        public void flush() {}

        @Override
        public WriteStatistics statistics() {
          return WriteStatistics.NONE;
        }

        @Override
        public void close() {}
      };
    }

    @Override
    public void close() {}
  }
}

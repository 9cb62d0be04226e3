package io.reverseetl.spark;

import com.azure.cosmos.CosmosAsyncClient;
import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.CosmosClientBuilder;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.Pipeline;
import io.reverseetl.cosmos.CosmosCheckpointStore;
import io.reverseetl.cosmos.CosmosDocumentSink;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatedContainer;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.document.Document;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.ratelimit.Resilience4jRateLimiter;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The pipeline of the product catalog in the emulator, with trouble on executors.
 *
 * @param table the Delta table
 * @param endpoint the emulator
 * @param name of the pipeline and of its container
 * @param budget request units per second of all processes together
 * @param trouble what happens on executors
 * @param scratch a folder for marks
 */
record Catalog(
    String table, String endpoint, String name, double budget, Trouble trouble, String scratch)
    implements PipelineFactory {
  static final String TABLE = Path.of("../data/product-catalog/table").toAbsolutePath().toString();
  static final String DATABASE = "shop";
  static final String CHECKPOINTS = "checkpoints";
  private static final long PLENTY = 1_000_000;

  /** What happens on an executor. */
  enum Trouble {
    NONE,
    /** Each process waits for a second one, so that no executor is too late for its share. */
    MEET,
    /** The process of the first one that gets so far ends at once, as by SIGKILL. */
    KILL_ONCE,
    /** The first one that gets so far throws something that the library does not know. */
    FAIL_ONCE,
    /** Throws something that the library does not know, each time. */
    FAIL,
    /** A row cannot be mapped. */
    BAD_ROW,
    /** As {@link #KILL_ONCE}, while it writes. */
    KILL_WRITER_ONCE,
    /** As {@link #FAIL}, while it writes. */
    FAIL_WRITER
  }

  /** A pipeline into a new container, with its own copy of nothing. */
  static Catalog create(CosmosEmulator emulator, String name, Path scratch) {
    emulator.createDatabase(DATABASE).createContainer(name, 2, "/category");
    if (!emulator.database(DATABASE).containerNames().contains(CHECKPOINTS)) {
      emulator.database(DATABASE).createContainer(CHECKPOINTS, 1, "/id");
    }
    return new Catalog(
        TABLE, emulator.endpoint().toString(), name, PLENTY, Trouble.NONE, scratch.toString());
  }

  Catalog with(Trouble other) {
    return new Catalog(table, endpoint, name, budget, other, scratch);
  }

  Catalog withBudget(double other) {
    return new Catalog(table, endpoint, name, other, trouble, scratch);
  }

  @Override
  public OpenPipeline open(BudgetShare share) {
    CosmosAsyncClient client =
        new CosmosClientBuilder()
            .endpoint(endpoint)
            .key(CosmosEmulator.DEFAULT_KEY)
            .gatewayMode()
            .buildAsyncClient();
    CosmosAsyncDatabase shop = client.getDatabase(DATABASE);
    DeltaTableSource source = DeltaTableSource.open(table);
    CosmosDocumentSink sink = CosmosDocumentSink.of(shop.getContainer(name));
    Pipeline pipeline =
        Pipeline.builder(name)
            .source(source)
            .mapper(
                new TroubledMapper(
                    ColumnMapper.builder().id("product_id").partitionKey("category").build(),
                    trouble,
                    Path.of(scratch, "mark")))
            .sink(sink)
            .checkpoints(CosmosCheckpointStore.of(shop.getContainer(CHECKPOINTS)))
            .rateLimiter(
                new TroubledLimiter(
                    Resilience4jRateLimiter.requestUnitsPerSecond(share.of(budget)),
                    trouble,
                    Path.of(scratch, "mark")))
            // Completing waits a third of it where a task was repeated.
            .lease(Duration.ofSeconds(6))
            .build();
    return OpenPipeline.of(pipeline, client, source, sink);
  }

  /** The documents that are stored, by key, without what the account adds. */
  static Map<String, String> documents(EmulatedContainer container) {
    Map<String, String> documents = new TreeMap<>();
    for (ObjectNode document : container.documents()) {
      document.remove(List.of("_rid", "_self", "_etag", "_attachments", "_ts", "_lsn"));
      documents.put(document.get("id") + " " + document.get("category"), document.toString());
    }
    return documents;
  }

  /** Trouble begins with the 100th row that a process maps; drivers map none. */
  private record TroubledMapper(DocumentMapper mapper, Trouble trouble, Path mark, int[] rows)
      implements DocumentMapper {
    TroubledMapper(DocumentMapper mapper, Trouble trouble, Path mark) {
      this(mapper, trouble, mark, new int[1]);
    }

    @Override
    public void map(Row row, Consumer<Document> out) {
      rows[0]++;
      if (rows[0] == 1 && trouble == Trouble.MEET) {
        meet(mark.resolveSibling("met"));
      }
      if (rows[0] == 100) {
        happen();
      }
      mapper.map(row, out);
    }

    private void happen() {
      switch (trouble) {
        case NONE, MEET -> {}
        case KILL_ONCE -> {
          if (isFirst(mark)) {
            Runtime.getRuntime().halt(137);
          }
        }
        case FAIL_ONCE -> {
          if (isFirst(mark)) {
            throw new IllegalStateException("trouble");
          }
        }
        case FAIL -> throw new IllegalStateException("trouble");
        case BAD_ROW -> throw new MappingException("price", "This cannot be mapped.");
        case KILL_WRITER_ONCE, FAIL_WRITER -> {}
      }
    }

    @Override
    public DocumentMapper bind(StructType schema) {
      return new TroubledMapper(mapper.bind(schema), trouble, mark);
    }

    @Override
    public Optional<List<String>> columns(StructType schema) {
      return mapper.columns(schema);
    }

    @Override
    public List<String> partitionKeyPaths() {
      return mapper.partitionKeyPaths();
    }
  }

  /** Trouble begins with the 20th document that a process writes; drivers write none. */
  private record TroubledLimiter(
      WriteRateLimiter limiter, Trouble trouble, Path mark, AtomicInteger documents)
      implements WriteRateLimiter {
    TroubledLimiter(WriteRateLimiter limiter, Trouble trouble, Path mark) {
      this(limiter, trouble, mark, new AtomicInteger());
    }

    @Override
    public void acquire(double requestUnits) throws InterruptedException {
      if (documents.incrementAndGet() >= 20) {
        if (trouble == Trouble.FAIL_WRITER) {
          throw new IllegalStateException("trouble");
        }
        if (trouble == Trouble.KILL_WRITER_ONCE && isFirst(mark)) {
          Runtime.getRuntime().halt(137);
        }
      }
      limiter.acquire(requestUnits);
    }

    @Override
    public void settle(double difference) {
      limiter.settle(difference);
    }

    @Override
    public void throttled(Duration pause) {
      limiter.throttled(pause);
    }

    @Override
    public double requestUnitsPerSecond() {
      return limiter.requestUnitsPerSecond();
    }
  }

  /** Waits until two processes were here. */
  private static void meet(Path folder) {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    try {
      Files.createDirectories(folder);
      Files.write(folder.resolve(Long.toString(ProcessHandle.current().pid())), new byte[0]);
      while (count(folder) < 2) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException("No second executor came in a minute.");
        }
        LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  private static boolean isFirst(Path mark) {
    try {
      Files.createFile(mark);
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncContainer;
import com.azure.cosmos.models.SqlParameter;
import com.azure.cosmos.models.SqlQuerySpec;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.GuardedDocumentSink;
import io.reverseetl.document.PacedDocumentSink;
import io.reverseetl.document.ReadBudget;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.ScannableDocumentSink;
import io.reverseetl.document.SharedDocumentSink;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The documents of one generation in a container that holds several: to the pipeline they look as
 * if they were alone there. Thread-safe.
 */
final class FlaggedSink
    implements GuardedDocumentSink, PacedDocumentSink, ScannableDocumentSink, SharedDocumentSink {
  private final CosmosDocumentSink all;
  private final CosmosAsyncContainer container;
  private final String generation;

  FlaggedSink(CosmosDocumentSink all, CosmosAsyncContainer container, String generation) {
    this.all = all;
    this.container = container;
    this.generation = generation;
  }

  @Override
  public TargetDescription describe() {
    TargetDescription shared = all.describe();
    return new TargetDescription(shared.identity() + "@" + generation, shared.partitionKeyPaths());
  }

  private GenerationTag tag() {
    return new GenerationTag(generation, all.describe().partitionKeyPaths());
  }

  @Override
  public WriteSession openSession() {
    return new Session(all.openSession(), tag());
  }

  @Override
  public WriteSession openSession(DoubleSupplier requestUnitsPerSecond) {
    return new Session(all.openSession(requestUnitsPerSecond), tag());
  }

  @Override
  public void scan(Consumer<? super Document> each) {
    GenerationTag tag = tag();
    scanStored(
        tag,
        stored -> {
          each.accept(tag.untag(stored));
          return true;
        });
  }

  @Override
  public void keys(Predicate<? super DocumentKey> each) {
    GenerationTag tag = tag();
    scanStored(tag, stored -> each.test(tag.untag(stored.key())));
  }

  @Override
  public void keys(ReadBudget budget, Predicate<? super DocumentKey> each)
      throws InterruptedException {
    GenerationTag tag = tag();
    ofGeneration()
        .eachWhile(
            budget, stored -> !tag.isOurs(stored.key()) || each.test(tag.untag(stored.key())));
  }

  private void scanStored(GenerationTag tag, Predicate<Document> each) {
    ofGeneration().eachWhile(stored -> !tag.isOurs(stored.key()) || each.test(stored));
  }

  private ContainerScan ofGeneration() {
    SqlQuerySpec ours =
        new SqlQuerySpec(
            "SELECT * FROM c WHERE c[\"" + SnapshotView.GENERATION + "\"] = @generation",
            List.of(new SqlParameter("@generation", generation)));
    List<String> paths = all.describe().partitionKeyPaths();
    return new ContainerScan(container, new ContainerReader(container).name(), paths, ours);
  }

  /**
   * Deletes what a switcher has left of the generation, without asking a limiter; what is not gone
   * at the end is an exception.
   */
  void deleteAll() {
    GenerationTag tag = tag();
    AtomicReference<@Nullable Rejection> refused = new AtomicReference<>();
    WriteCallback callback =
        new WriteCallback() {
          @Override
          public void written(DocumentOperation operation, double requestUnits) {}

          @Override
          public void rejected(
              DocumentOperation operation, Rejection rejection, double requestUnits) {
            refused.compareAndSet(null, rejection);
          }
        };
    try (WriteSession session = all.openSession()) {
      scanStored(
          tag,
          stored -> {
            try {
              session.write(new DocumentOperation.Delete(stored.key(), 0), callback);
              return true;
            } catch (InterruptedException e) {
              throw interrupted(e);
            }
          });
      session.flush();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    Rejection rejection = refused.get();
    if (rejection != null) {
      throw new WriteException(
          "A document of generation "
              + generation
              + " cannot be deleted: "
              + rejection.message()
              + " Run again; the rest is deleted then.",
          null);
    }
  }

  private WriteException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new WriteException(
        "The thread was interrupted while generation "
            + generation
            + " was deleted. Run again; the rest is deleted then.",
        e);
  }

  /** Does nothing: the container is shared. */
  @Override
  public void close() {}

  private record Session(WriteSession shared, GenerationTag tag) implements WriteSession {
    @Override
    public void write(DocumentOperation operation, WriteCallback callback)
        throws InterruptedException {
      shared.write(tag.tag(operation), new Told(operation, callback));
    }

    @Override
    public void flush() throws InterruptedException {
      shared.flush();
    }

    @Override
    public WriteStatistics statistics() {
      return shared.statistics();
    }

    @Override
    public void close() {
      shared.close();
    }
  }

  /** Tells the pipeline of the operation that it handed over. */
  private record Told(DocumentOperation operation, WriteCallback callback)
      implements WriteCallback {
    @Override
    public void throttled(DocumentOperation tagged, Duration pause) {
      callback.throttled(operation, pause);
    }

    @Override
    public void written(DocumentOperation tagged, double requestUnits) {
      callback.written(operation, requestUnits);
    }

    @Override
    public void unchanged(DocumentOperation tagged, double requestUnits) {
      callback.unchanged(operation, requestUnits);
    }

    @Override
    public void rejected(DocumentOperation tagged, Rejection rejection, double requestUnits) {
      callback.rejected(operation, rejection, requestUnits);
    }
  }
}

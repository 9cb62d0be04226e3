package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentSink;
import io.reverseetl.document.Generation;
import io.reverseetl.document.ReadBudget;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.ScannableDocumentSink;
import io.reverseetl.document.SharedDocumentSink;
import io.reverseetl.document.SnapshotPointer;
import io.reverseetl.document.SnapshotTarget;
import io.reverseetl.document.StoredPointer;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemorySnapshotTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of expired generations whose documents lie among others. */
@Timeout(60)
class GenerationDeletionTest {
  private static final double COST = 7;
  private static final double PAGE = 50;

  private final SwitchWorld world = new SwitchWorld();
  private final InMemorySnapshotTarget generations = InMemorySnapshotTarget.of("/region");
  private final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
  private final CountingLimiter limiter = new CountingLimiter();
  private final List<Integer> leftAtDiscard = new ArrayList<>();
  private final SnapshotSwitcher switcher = SnapshotSwitcher.of(pipeline());
  private String old = "";
  private InMemoryDocumentSink documents = InMemoryDocumentSink.of("/region");

  private static final class CountingLimiter implements WriteRateLimiter {
    private double spent;
    private int asked;
    private boolean interrupted;

    /** Is done at each document, and not at the page before them. */
    private Runnable atEach = () -> {};

    @Override
    public synchronized void acquire(double requestUnits) throws InterruptedException {
      if (interrupted) {
        throw new InterruptedException("The test interrupts the wait.");
      }
      asked++;
      spent += requestUnits;
      if (asked > 1) {
        atEach.run();
      }
    }

    @Override
    public synchronized void settle(double difference) {
      spent += difference;
    }

    @Override
    public void throttled(Duration pause) {}
  }

  private record SharedSink(InMemoryDocumentSink sink)
      implements ScannableDocumentSink, SharedDocumentSink {
    @Override
    public TargetDescription describe() {
      return sink.describe();
    }

    @Override
    public WriteSession openSession() {
      return sink.openSession();
    }

    @Override
    public void scan(Consumer<? super Document> each) {
      sink.scan(each);
    }

    @Override
    public void keys(Predicate<? super DocumentKey> each) {
      throw new AssertionError("Nobody may read without the budget.");
    }

    @Override
    public void keys(ReadBudget budget, Predicate<? super DocumentKey> each)
        throws InterruptedException {
      budget.acquire(PAGE + 2);
      budget.settle(-2);
      for (DocumentKey key : sink.documents().keySet()) {
        if (!each.test(key)) {
          return;
        }
      }
    }

    @Override
    public void close() {}
  }

  private final class SharedTarget implements SnapshotTarget {
    @Override
    public Optional<StoredPointer> read() {
      return generations.read();
    }

    @Override
    public StoredPointer save(SnapshotPointer next, Optional<StoredPointer> expected) {
      return generations.save(next, expected);
    }

    @Override
    public DocumentSink stage(Generation generation) {
      return new SharedSink((InMemoryDocumentSink) generations.stage(generation));
    }

    @Override
    public DocumentSink open(Generation generation) {
      return new SharedSink((InMemoryDocumentSink) generations.open(generation));
    }

    @Override
    public void discard(Generation generation) {
      leftAtDiscard.add(generations.sink(generation.id()).orElseThrow().size());
      generations.discard(generation);
    }
  }

  private Pipeline pipeline() {
    return Pipeline.builder("orders")
        .source(world.table)
        .mapper(SwitchWorld.MAPPER)
        .checkpoints(checkpoints)
        .clock(world.clock)
        .snapshots(new SharedTarget())
        .rateLimiter(limiter)
        .build();
  }

  @BeforeEach
  void letAGenerationExpire() {
    old = switcher.switchToLatest().activeGeneration().orElseThrow();
    world.commitBatch();
    switcher.switchToLatest();
    world.clock.advance(Duration.ofMinutes(10));
    documents = generations.sink(old).orElseThrow().requestUnits(operation -> COST);
    documents.forgetOperations();
    limiter.spent = 0;
    limiter.asked = 0;
  }

  @Test
  void deletesDocumentByDocumentWithinTheBudget() {
    List<String> discarded = switcher.discardExpired();

    assertThat(discarded).containsExactly(old);
    assertThat(documents.operations())
        .hasSize(SwitchWorld.ROWS)
        .allMatch(operation -> operation instanceof DocumentOperation.Delete);
    assertThat(limiter.asked).isEqualTo(1 + SwitchWorld.ROWS);
    assertThat(limiter.spent).isEqualTo(PAGE + SwitchWorld.ROWS * COST);
    assertThat(leftAtDiscard).containsExactly(0);
    assertThat(generations.served().orElseThrow().size()).isEqualTo(SwitchWorld.ROWS);
  }

  @Test
  void stopsBetweenTwoDocumentsAndEndsItInTheNextRun() {
    limiter.atEach = switcher::requestStop;

    SwitchReport stopped = switcher.switchToLatest();

    assertThat(stopped.outcome()).isEqualTo(SwitchReport.Outcome.STOPPED);
    assertThat(stopped.discarded()).isEmpty();
    assertThat(documents.size()).isEqualTo(SwitchWorld.ROWS - 1);
    assertThat(leftAtDiscard).isEmpty();

    assertThat(SnapshotSwitcher.of(pipeline()).discardExpired()).containsExactly(old);
    assertThat(leftAtDiscard).containsExactly(0);
  }

  @Test
  void stopsWhenItIsInterrupted() {
    limiter.atEach = () -> Thread.currentThread().interrupt();

    List<String> discarded = switcher.discardExpired();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(discarded).isEmpty();
    assertThat(leftAtDiscard).isEmpty();
    limiter.atEach = () -> {};
    assertThat(switcher.discardExpired()).containsExactly(old);
  }

  @Test
  void stopsWhenItIsInterruptedWhileItWaitsForAPage() {
    limiter.interrupted = true;

    List<String> discarded = switcher.discardExpired();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(discarded).isEmpty();
    assertThat(documents.operations()).isEmpty();
    limiter.interrupted = false;
    assertThat(switcher.discardExpired()).containsExactly(old);
  }

  @Test
  void saysThatTheTargetRefusesAndKeepsTheGenerationListed() {
    documents.reject(
        operation -> operation.key().equals(DocumentKey.of("3", "3")),
        new Rejection(Rejection.Reason.INVALID, 400, "The test refuses."));

    assertThatThrownBy(switcher::discardExpired)
        .isInstanceOf(WriteException.class)
        .hasMessageContaining(old)
        .hasMessageContaining("The test refuses.");

    assertThat(leftAtDiscard).isEmpty();
    assertThat(generations.read().orElseThrow().pointer().generation(old)).isPresent();
  }
}

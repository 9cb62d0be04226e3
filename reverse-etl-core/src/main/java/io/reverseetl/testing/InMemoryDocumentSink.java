package io.reverseetl.testing;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.document.ConditionalDocumentSink;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.GuardedDocumentSink;
import io.reverseetl.document.PatchingDocumentSink;
import io.reverseetl.document.Rejection;
import io.reverseetl.document.ScannableDocumentSink;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.WriteException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * A container for unit tests. It refuses what Cosmos DB refuses, tells what was written in which
 * order, and can be made to reject, to be throttled, to crash, and to hold operations in flight
 * until the test completes them.
 *
 * <p>Unless told otherwise an operation is done when {@link WriteSession#write} returns.
 *
 * <pre>{@code
 * InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
 * sink.put(DocumentKey.of("7", "eu"), Map.of("state", "placed"));
 * assertThat(sink.documents()).containsOnlyKeys(DocumentKey.of("7", "eu"));
 * }</pre>
 *
 * <p>Thread-safe.
 */
public final class InMemoryDocumentSink
    implements GuardedDocumentSink,
        ConditionalDocumentSink,
        PatchingDocumentSink,
        ScannableDocumentSink {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, @Nullable Object>> MAP = new TypeReference<>() {};

  private record Refusal(Predicate<? super DocumentOperation> which, Rejection rejection) {}

  final ReentrantLock lock = new ReentrantLock();
  final Condition changed = lock.newCondition();
  private final TargetDescription description;
  private final Map<DocumentKey, Document> documents = new LinkedHashMap<>();
  private final List<DocumentOperation> operations = new ArrayList<>();
  private final Map<DocumentKey, Integer> writes = new HashMap<>();
  private final Map<String, Predicate<? super Map<String, @Nullable Object>>> conditions =
      new HashMap<>();
  private final Map<DocumentKey, Long> etags = new HashMap<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<InMemoryWriteSession.Pending> inFlight = new ArrayList<>();
  private ToDoubleFunction<? super DocumentOperation> requestUnits = operation -> 1.0;
  private int maxInFlightOperations = 1_000;
  private int mostInFlight;
  private boolean manual;
  private int throttles;
  private long operationsBeforeCrash = Long.MAX_VALUE;
  private @Nullable WriteException crash;
  private @Nullable RuntimeException describeFailure;
  private int openSessions;
  private int sessions;

  private InMemoryDocumentSink(TargetDescription description) {
    this.description = description;
  }

  /**
   * An empty container.
   *
   * @param partitionKeyPaths the partition key's property paths, one to three, for example {@code
   *     /region}
   * @return the sink
   */
  public static InMemoryDocumentSink of(String... partitionKeyPaths) {
    return of(new TargetDescription("in-memory", List.of(partitionKeyPaths)));
  }

  /**
   * An empty container that describes itself as given.
   *
   * @param description identity and partition key paths
   * @return the sink
   * @throws IllegalArgumentException if there are no or more than three partition key paths
   */
  public static InMemoryDocumentSink of(TargetDescription description) {
    int levels = description.partitionKeyPaths().size();
    if (levels < 1 || levels > 3) {
      throw new IllegalArgumentException("A container has one to three partition key paths.");
    }
    return new InMemoryDocumentSink(description);
  }

  @Override
  public TargetDescription describe() {
    return locked(
        () -> {
          if (describeFailure != null) {
            throw describeFailure;
          }
          return description;
        });
  }

  @Override
  public WriteSession openSession() {
    return locked(
        () -> {
          openSessions++;
          sessions++;
          return new InMemoryWriteSession(this, description.partitionKeyPaths());
        });
  }

  /** Does nothing: the documents stay, and so a test can look at them. */
  @Override
  public void close() {}

  /** {@inheritDoc} Gives the documents that were there when the call began. */
  @Override
  public void scan(Consumer<? super Document> each) {
    locked(() -> List.copyOf(documents.values())).forEach(each);
  }

  // What is there

  /**
   * The documents that are there, as plain Java values.
   *
   * @return a copy, in the order of their first writes
   */
  public Map<DocumentKey, Map<String, @Nullable Object>> documents() {
    return locked(
        () -> {
          Map<DocumentKey, Map<String, @Nullable Object>> copy = new LinkedHashMap<>();
          documents.forEach((key, document) -> copy.put(key, parse(document)));
          return copy;
        });
  }

  /**
   * One document as plain Java values.
   *
   * @param key id and partition key
   * @return the document; empty if it is not there
   */
  public Optional<Map<String, @Nullable Object>> document(DocumentKey key) {
    return locked(() -> Optional.ofNullable(documents.get(key)).map(InMemoryDocumentSink::parse));
  }

  /**
   * One document's JSON as it was written.
   *
   * @param key id and partition key
   * @return the text; empty if the document is not there
   */
  public Optional<String> json(DocumentKey key) {
    return locked(() -> Optional.ofNullable(documents.get(key)).map(Document::text));
  }

  /**
   * How many documents are there.
   *
   * @return the number
   */
  public int size() {
    return locked(documents::size);
  }

  /**
   * Puts a document as somebody else would: nothing is counted or checked.
   *
   * @param key id and partition key
   * @param properties the body without {@code id}
   */
  public void put(DocumentKey key, Map<String, ? extends @Nullable Object> properties) {
    Document document = Document.of(key, properties);
    set(() -> store(document));
  }

  /**
   * Removes a document as somebody else would: nothing is counted.
   *
   * @param key id and partition key
   */
  public void remove(DocumentKey key) {
    set(() -> documents.remove(key));
  }

  // What was done

  /**
   * The operations that took effect, in order.
   *
   * @return a copy
   */
  public List<DocumentOperation> operations() {
    return locked(() -> List.copyOf(operations));
  }

  /**
   * How often a document was upserted or deleted.
   *
   * @param key id and partition key
   * @return the number of operations that took effect
   */
  public int writes(DocumentKey key) {
    return locked(() -> writes.getOrDefault(key, 0));
  }

  /** Forgets which operations took effect; the documents stay. */
  public void forgetOperations() {
    set(
        () -> {
          operations.clear();
          writes.clear();
        });
  }

  /**
   * The largest number of operations that were in flight at once.
   *
   * @return the number, over all sessions
   */
  public int mostInFlight() {
    return locked(() -> mostInFlight);
  }

  /**
   * How many sessions are open.
   *
   * @return the number that were opened and not closed
   */
  public int openSessions() {
    return locked(() -> openSessions);
  }

  /**
   * How many sessions were opened.
   *
   * @return the number, closed ones included
   */
  public int sessions() {
    return locked(() -> sessions);
  }

  // How it behaves

  /**
   * Sets what an operation costs.
   *
   * @param cost gives the request units of an operation; 1 for each unless set
   * @return this sink
   */
  public InMemoryDocumentSink requestUnits(ToDoubleFunction<? super DocumentOperation> cost) {
    return set(() -> requestUnits = cost);
  }

  /**
   * Sets how many operations a session has in flight before {@link WriteSession#write} blocks.
   *
   * @param operations at least 1; 1,000 unless set
   * @return this sink
   */
  public InMemoryDocumentSink maxInFlightOperations(int operations) {
    if (operations < 1) {
      throw new IllegalArgumentException("At least one operation must be allowed in flight.");
    }
    return set(() -> maxInFlightOperations = operations);
  }

  /**
   * Rejects operations from now on.
   *
   * @param which which operations
   * @param rejection why
   * @return this sink
   */
  public InMemoryDocumentSink reject(
      Predicate<? super DocumentOperation> which, Rejection rejection) {
    return set(() -> refusals.add(new Refusal(which, rejection)));
  }

  /**
   * Says what a condition of a {@link DocumentOperation.Patch} means, as this sink does not know a
   * query language. One that is not known fails the session.
   *
   * @param text the condition as it stands in operations
   * @param meaning whether a document meets it
   * @return this sink
   */
  public InMemoryDocumentSink condition(
      String text, Predicate<? super Map<String, @Nullable Object>> meaning) {
    return set(() -> conditions.put(text, meaning));
  }

  /**
   * What names the state that a document has, for {@link DocumentOperation.ReplaceIfUnmodified} and
   * {@link DocumentOperation.DeleteIfUnmodified}. Every write of a document changes it.
   *
   * @param key id and partition key
   * @return the etag; empty if the document is not there
   */
  public Optional<String> etag(DocumentKey key) {
    return locked(() -> documents.containsKey(key) ? Optional.of(etagOf(key)) : Optional.empty());
  }

  private String etagOf(DocumentKey key) {
    return "\"" + etags.getOrDefault(key, 0L) + "\"";
  }

  /**
   * Lets the next operations be throttled once each before they take effect; the session's
   * statistics tell.
   *
   * @param count how many
   * @return this sink
   */
  public InMemoryDocumentSink throttle(int count) {
    return set(() -> throttles = count);
  }

  /**
   * Lets the process seem to crash: after so many more operations took effect, the session that
   * goes on fails, and what is in flight in it has no effect. Sessions opened later work.
   *
   * @param count how many operations still take effect
   * @return this sink
   */
  public InMemoryDocumentSink crashAfter(long count) {
    return crashAfter(count, new WriteException("The test made the session fail.", null));
  }

  /**
   * As {@link #crashAfter(long)}, with a failure of the test's choice.
   *
   * @param count how many operations still take effect
   * @param failure what the session throws
   * @return this sink
   */
  public InMemoryDocumentSink crashAfter(long count, WriteException failure) {
    return set(
        () -> {
          operationsBeforeCrash = count;
          crash = failure;
        });
  }

  /**
   * Lets {@link #describe} fail.
   *
   * @param failure what it throws from now on; null for nothing
   * @return this sink
   */
  public InMemoryDocumentSink failDescribe(@Nullable RuntimeException failure) {
    return set(() -> describeFailure = failure);
  }

  // Completing by hand

  /**
   * From now on operations stay in flight until the test completes them.
   *
   * @return this sink
   */
  public InMemoryDocumentSink completeManually() {
    return set(() -> manual = true);
  }

  /**
   * From now on operations are done at once again; those in flight are completed, in order.
   *
   * @return this sink
   */
  public InMemoryDocumentSink completeAutomatically() {
    set(() -> manual = false);
    completeAll();
    return this;
  }

  /**
   * The operations in flight.
   *
   * @return a copy, in the order in which they were handed over
   */
  public List<DocumentOperation> inFlight() {
    return locked(() -> inFlight.stream().map(pending -> pending.operation).toList());
  }

  /**
   * Waits until so many operations are in flight.
   *
   * @param count how many at least
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public void awaitInFlight(int count) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (inFlight.size() < count) {
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Completes the operation in flight on a document.
   *
   * @param key which document
   * @throws IllegalArgumentException if no operation on it is in flight
   */
  public void complete(DocumentKey key) {
    InMemoryWriteSession.Pending pending =
        locked(
            () ->
                inFlight.stream()
                    .filter(candidate -> !candidate.claimed && candidate.key().equals(key))
                    .findFirst()
                    .map(InMemoryWriteSession.Pending::claim)
                    .orElseThrow(
                        () -> new IllegalArgumentException("Nothing is in flight there.")));
    pending.complete();
  }

  /** Completes every operation that is in flight now, in the order of their hand-over. */
  public void completeAll() {
    List<InMemoryWriteSession.Pending> all =
        locked(
            () ->
                inFlight.stream()
                    .filter(pending -> !pending.claimed)
                    .map(InMemoryWriteSession.Pending::claim)
                    .toList());
    all.forEach(InMemoryWriteSession.Pending::complete);
  }

  // For the sessions; all of these are called with the lock held

  boolean isManual() {
    return manual;
  }

  int maxInFlightOperations() {
    return maxInFlightOperations;
  }

  void entered(InMemoryWriteSession.Pending pending) {
    inFlight.add(pending);
    mostInFlight = Math.max(mostInFlight, inFlight.size());
    changed.signalAll();
  }

  void left(InMemoryWriteSession.Pending pending) {
    inFlight.remove(pending);
    changed.signalAll();
  }

  void sessionClosed() {
    openSessions--;
    changed.signalAll();
  }

  @Nullable Rejection refusal(DocumentOperation operation) {
    for (Refusal refusal : refusals) {
      if (refusal.which().test(operation)) {
        return refusal.rejection();
      }
    }
    return null;
  }

  boolean throttlesNext() {
    if (throttles == 0) {
      return false;
    }
    throttles--;
    return true;
  }

  double cost(DocumentOperation operation) {
    return requestUnits.applyAsDouble(operation);
  }

  /** Returns the failure of a session that is to crash before its next operation. */
  @Nullable WriteException crash() {
    if (crash == null || operationsBeforeCrash > 0) {
      return null;
    }
    WriteException failure = crash;
    crash = null;
    operationsBeforeCrash = Long.MAX_VALUE;
    return failure;
  }

  /** Lets an operation take effect, unless what stands there makes it do nothing. */
  Effects.Effect apply(DocumentOperation operation) {
    Document stored = documents.get(operation.key());
    Effects.Effect effect =
        Effects.of(operation, stored, stored == null ? null : etagOf(operation.key()), conditions);
    if (effect.rejection() == null) {
      operationsBeforeCrash--;
      operations.add(operation);
      writes.merge(operation.key(), 1, Integer::sum);
      if (effect.deletes()) {
        documents.remove(operation.key());
      } else if (effect.document() != null) {
        store(effect.document());
      }
    }
    return effect;
  }

  private void store(Document document) {
    documents.put(document.key(), document);
    etags.merge(document.key(), 1L, Long::sum);
  }

  private InMemoryDocumentSink set(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
    return this;
  }

  private <T> T locked(Supplier<T> action) {
    lock.lock();
    try {
      return action.get();
    } finally {
      lock.unlock();
    }
  }

  private static Map<String, @Nullable Object> parse(Document document) {
    try {
      return JSON.readValue(document.json(), MAP);
    } catch (IOException e) {
      throw new UncheckedIOException("A document in the sink is no JSON.", e);
    }
  }
}

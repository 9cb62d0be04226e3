package io.reverseetl.cosmos;

import com.azure.cosmos.CosmosAsyncDatabase;
import com.azure.cosmos.models.CosmosQueryRequestOptions;
import com.azure.cosmos.models.PartitionKey;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.SwitchWorld;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;

/** A service that reads whatever snapshot is served, over and over, and notes what is wrong. */
final class SnapshotReader implements AutoCloseable {
  private final CosmosAsyncDatabase database;
  private final ActiveSnapshot active;
  private final Lock reading;
  private final AtomicBoolean ended = new AtomicBoolean();
  private final AtomicInteger reads = new AtomicInteger();
  private final AtomicInteger attempts = new AtomicInteger();
  private final Set<String> seen = new HashSet<>();
  private final List<Throwable> wrong = new ArrayList<>();
  private final Thread thread;

  /**
   * Starts to read.
   *
   * @param reading is held while one read lasts, so that a test can let time pass between reads
   */
  SnapshotReader(CosmosAsyncDatabase database, ActiveSnapshot active, Lock reading) {
    this.database = database;
    this.active = active;
    this.reading = reading;
    this.thread = new Thread(this::loop, "reader");
    thread.start();
  }

  private void loop() {
    while (!ended.get()) {
      reading.lock();
      try {
        active.read(
            view -> {
              read(view);
              return 0;
            });
        reads.incrementAndGet();
      } catch (RuntimeException | Error e) {
        synchronized (this) {
          wrong.add(e);
        }
      } finally {
        attempts.incrementAndGet();
        reading.unlock();
      }
    }
  }

  /** All documents by a query, and each one by its id: all there, and all of one batch. */
  private void read(SnapshotView view) {
    var container = database.getContainer(view.containerName());
    Set<Integer> batches = new HashSet<>();
    Set<String> ids = new HashSet<>();
    List<ObjectNode> all =
        Objects.requireNonNull(
            container
                .queryItems(
                    "SELECT * FROM c WHERE " + view.filter("c"),
                    new CosmosQueryRequestOptions(),
                    ObjectNode.class)
                .collectList()
                .block());
    for (ObjectNode document : all) {
      batches.add(document.get("batch").intValue());
      ids.add(view.originalId(document.get("id").textValue()));
    }
    for (int i = 0; i < SwitchWorld.ROWS; i++) {
      String id = Integer.toString(i);
      ObjectNode document =
          Objects.requireNonNull(
                  container.readItem(view.id(id), new PartitionKey(id), ObjectNode.class).block())
              .getItem();
      batches.add(document.get("batch").intValue());
    }
    if (all.size() != SwitchWorld.ROWS || ids.size() != SwitchWorld.ROWS || batches.size() != 1) {
      throw new AssertionError(view + " shows the documents " + ids + " of batches " + batches);
    }
    synchronized (this) {
      seen.add(view.toString());
    }
  }

  /** How many reads ended, well or not. */
  int attempts() {
    return attempts.get();
  }

  int reads() {
    return reads.get();
  }

  synchronized int snapshotsSeen() {
    return seen.size();
  }

  synchronized List<Throwable> wrong() {
    return List.copyOf(wrong);
  }

  @Override
  public void close() throws InterruptedException {
    ended.set(true);
    thread.join();
  }
}

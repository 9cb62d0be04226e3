package io.reverseetl.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.CheckpointConflictException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link CheckpointStore} keeps. A test of an implementation extends it. */
public abstract class CheckpointStoreContract {
  private static final int RUNNERS = 8;

  /** The store under test, without a checkpoint at the start of each test. */
  protected abstract CheckpointStore store();

  /** Another store over the same storage, as a second process opens it; or the same one. */
  protected CheckpointStore secondStore() {
    return store();
  }

  @Test
  void readsNothingWhereNothingWasSaved() {
    assertThat(store().read("orders")).isEmpty();
  }

  @Test
  void readsWhatItCreated() {
    StoredCheckpoint created = store().create(checkpoint("orders", 3));

    assertThat(created.checkpoint()).isEqualTo(checkpoint("orders", 3));
    assertThat(store().read("orders")).contains(created);
    assertThat(secondStore().read("orders")).contains(created);
  }

  @Test
  void keepsEveryFieldOfALoadUnderWay() {
    LoadProgress load =
        new LoadProgress(
            20,
            "hash \"é你\"",
            PartSet.parse("0-17,19"),
            new TreeMap<>(java.util.Map.of(18, 5_000_000_000L)),
            Long.MAX_VALUE,
            2,
            3);
    Checkpoint checkpoint =
        new Checkpoint(
            "orders",
            "abfss://lake@acme.dfs.core.windows.net/gold/o r d e r s",
            "9f0e-id",
            "acme/shop/orders/AbC=",
            "schema",
            0,
            Optional.of(load),
            Instant.parse("2024-02-29T23:59:59.123456789Z"));

    store().create(checkpoint);

    assertThat(store().read("orders").orElseThrow().checkpoint()).isEqualTo(checkpoint);
  }

  @Test
  void keepsALeaseAndARangeThatIsBeingWritten() {
    Lease lease =
        new Lease("host:1/2.3/über \"x\"", Instant.parse("2024-05-01T10:01:00.000000001Z"), 7);
    Checkpoint polling =
        checkpoint("orders", 3)
            .polling(new PollProgress(5_000_000_000L, 128, 17))
            .leased(lease, Instant.parse("2024-05-01T10:00:00Z"));

    StoredCheckpoint created = store().create(polling);

    assertThat(store().read("orders").orElseThrow().checkpoint()).isEqualTo(polling);
    assertThat(secondStore().replace(polling.movedTo(5, "hash"), created).checkpoint().lease())
        .contains(lease);
    assertThat(store().read("orders").orElseThrow().checkpoint().poll()).isEmpty();
  }

  @Test
  void letsOneOfManyRunnersTakeTheLease() throws Exception {
    StoredCheckpoint free = store().create(checkpoint("orders", 3));
    Instant now = Instant.parse("2024-05-01T10:00:00Z");

    int taken =
        race(
            runner ->
                runner.replace(
                    free.checkpoint().leased(new Lease("runner " + runner.hashCode(), now, 1), now),
                    free));

    assertThat(taken).isEqualTo(1);
    assertThat(store().read("orders").orElseThrow().checkpoint().lease()).isPresent();
  }

  @Test
  void refusesToCreateWhereThereIsOne() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));

    assertThatThrownBy(() -> secondStore().create(checkpoint("orders", 4)))
        .isInstanceOf(CheckpointConflictException.class)
        .hasMessageContaining("orders");
    assertThat(store().read("orders")).contains(first);
  }

  @Test
  void replacesWhatItStillHolds() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));

    StoredCheckpoint second = store().replace(checkpoint("orders", 4), first);
    StoredCheckpoint third = secondStore().replace(checkpoint("orders", 5), second);

    assertThat(List.of(first.tag(), second.tag(), third.tag())).doesNotHaveDuplicates();
    assertThat(store().read("orders")).contains(third);
    assertThat(third.checkpoint().version()).isEqualTo(5);
  }

  @Test
  void replacesByACheckpointThatWasRead() {
    store().create(checkpoint("orders", 3));
    StoredCheckpoint read = secondStore().read("orders").orElseThrow();

    store().replace(checkpoint("orders", 4), read);

    assertThat(store().read("orders").orElseThrow().checkpoint().version()).isEqualTo(4);
  }

  @Test
  void changesTheTagEvenIfTheSameIsSavedAgain() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));
    StoredCheckpoint second = store().replace(checkpoint("orders", 3), first);

    assertThat(second.tag()).isNotEqualTo(first.tag());
    assertThatThrownBy(() -> store().replace(checkpoint("orders", 4), first))
        .isInstanceOf(CheckpointConflictException.class);
  }

  @Test
  void refusesToReplaceWhatAnotherRunnerMoved() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));
    StoredCheckpoint moved = secondStore().replace(checkpoint("orders", 4), first);

    assertThatThrownBy(() -> store().replace(checkpoint("orders", 5), first))
        .isInstanceOf(CheckpointConflictException.class)
        .hasMessageContaining("orders");
    assertThat(store().read("orders")).contains(moved);
  }

  @Test
  void refusesToReplaceWhatIsNotThere() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));
    store().remove(first);

    assertThatThrownBy(() -> store().replace(checkpoint("orders", 4), first))
        .isInstanceOf(CheckpointConflictException.class);
    assertThat(store().read("orders")).isEmpty();
  }

  @Test
  void refusesToReplaceTheCheckpointOfAnotherPipeline() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));

    assertThatThrownBy(() -> store().replace(checkpoint("customers", 4), first))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(store().read("customers")).isEmpty();
    assertThat(store().read("orders")).contains(first);
  }

  @Test
  void removesWhatItStillHolds() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));

    secondStore().remove(first);

    assertThat(store().read("orders")).isEmpty();
  }

  @Test
  void refusesToRemoveWhatAnotherRunnerMoved() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));
    StoredCheckpoint moved = secondStore().replace(checkpoint("orders", 4), first);

    assertThatThrownBy(() -> store().remove(first)).isInstanceOf(CheckpointConflictException.class);
    assertThat(store().read("orders")).contains(moved);
  }

  @Test
  void refusesToRemoveWhatIsNotThere() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));
    store().remove(first);

    assertThatThrownBy(() -> store().remove(first)).isInstanceOf(CheckpointConflictException.class);
  }

  @Test
  void tellsACheckpointFromOneThatWasRemovedAndCreatedAgain() {
    StoredCheckpoint first = store().create(checkpoint("orders", 3));
    store().remove(first);
    StoredCheckpoint again = secondStore().create(checkpoint("orders", 3));

    assertThatThrownBy(() -> store().replace(checkpoint("orders", 4), first))
        .isInstanceOf(CheckpointConflictException.class);
    assertThat(store().read("orders")).contains(again);
  }

  @Test
  void keepsPipelinesApart() {
    StoredCheckpoint orders = store().create(checkpoint("orders.v2_eu-west", 3));
    StoredCheckpoint customers = store().create(checkpoint("customers", 7));

    store().remove(orders);

    assertThat(store().read("orders.v2_eu-west")).isEmpty();
    assertThat(store().read("customers")).contains(customers);
  }

  @Test
  void letsOneOfManyRunnersCreate() throws Exception {
    int created = race(runner -> runner.create(checkpoint("orders", 1)));

    assertThat(created).isEqualTo(1);
    assertThat(store().read("orders")).isPresent();
  }

  @Test
  void letsOneOfManyRunnersReplaceEachTag() throws Exception {
    StoredCheckpoint current = store().create(checkpoint("orders", 0));
    for (long version = 1; version <= 10; version++) {
      Checkpoint next = checkpoint("orders", version);
      StoredCheckpoint expected = current;

      int replaced = race(runner -> runner.replace(next, expected));

      assertThat(replaced).isEqualTo(1);
      current = store().read("orders").orElseThrow();
      assertThat(current.checkpoint().version()).isEqualTo(version);
    }
  }

  @Test
  void countsWithoutLossWhenRunnersTryAgainAfterConflicts() throws Exception {
    store().create(checkpoint("orders", 0));

    race(
        runner -> {
          for (int i = 0; i < 5; ) {
            StoredCheckpoint read = runner.read("orders").orElseThrow();
            try {
              runner.replace(checkpoint("orders", read.checkpoint().version() + 1), read);
              i++;
            } catch (CheckpointConflictException e) {
              // Another runner was faster.
            }
          }
        });

    assertThat(store().read("orders").orElseThrow().checkpoint().version()).isEqualTo(RUNNERS * 5L);
  }

  /** A checkpoint whose load is complete. */
  protected static Checkpoint checkpoint(String pipeline, long version) {
    return new Checkpoint(
        pipeline,
        "file:/lake/" + pipeline,
        "table-id",
        "target",
        "schema-hash",
        version,
        Optional.empty(),
        Instant.parse("2024-05-01T10:00:00Z"));
  }

  private interface Attempt {
    void run(CheckpointStore store);
  }

  /** Runs an attempt on many threads at once; returns how many met no conflict. */
  private int race(Attempt attempt) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(RUNNERS);
    try {
      CyclicBarrier start = new CyclicBarrier(RUNNERS);
      List<Callable<Boolean>> runners = new ArrayList<>();
      for (int i = 0; i < RUNNERS; i++) {
        CheckpointStore runner = i % 2 == 0 ? store() : secondStore();
        runners.add(
            () -> {
              start.await();
              try {
                attempt.run(runner);
                return true;
              } catch (CheckpointConflictException e) {
                return false;
              }
            });
      }
      int won = 0;
      for (Future<Boolean> result : threads.invokeAll(runners)) {
        won += result.get() ? 1 : 0;
      }
      return won;
    } finally {
      threads.shutdownNow();
    }
  }
}

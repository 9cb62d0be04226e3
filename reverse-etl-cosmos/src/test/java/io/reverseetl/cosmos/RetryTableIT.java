package io.reverseetl.cosmos;

import static io.reverseetl.document.DocumentSinkContract.upsert;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.cosmos.CosmosAsyncClient;
import io.reverseetl.cosmos.emulator.CosmosEmulator;
import io.reverseetl.cosmos.emulator.EmulatorOperation;
import io.reverseetl.cosmos.emulator.FaultRule;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.exceptions.WriteException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each line of the table of what can go wrong on the wire, under operations of every kind: the
 * outcome becomes known or the operation is run again, and the documents end as if nothing had
 * happened.
 */
class RetryTableIT extends FaultySinkFixture {
  private final MixedJob job = new MixedJob();

  /** A line of the table. */
  record Line(String name, int times, Consumer<FaultRule> fault) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Line status(int status, int subStatus, String what) {
    return new Line(
        status + "/" + subStatus + " " + what,
        4,
        rule -> rule.status(status, subStatus).retryAfter(Duration.ofMillis(1)));
  }

  static Stream<Line> wholeRequests() {
    return Stream.of(
        status(408, 0, "timed out in the service"),
        status(410, 0, "gone"),
        status(410, 1000, "name cache is stale"),
        status(410, 1002, "range gone"),
        status(410, 1007, "range is splitting"),
        status(410, 1008, "range is migrating"),
        status(400, 1024, "container id is stale"),
        status(413, 0, "batch too large"),
        status(429, 3200, "throttled"),
        status(449, 0, "retry with"),
        status(500, 0, "internal error"),
        status(503, 0, "unavailable"),
        status(503, 21008, "unavailable, as the service says it"),
        status(404, 1002, "session token behind"),
        status(403, 3, "writes forbidden in a failover"),
        new Line("connection dropped before", 4, rule -> rule.beforeApply().dropConnection()),
        new Line("answer lost after it was applied", 4, rule -> rule.afterApply().dropConnection()),
        new Line("connection reset before", 4, rule -> rule.beforeApply().resetConnection()),
        new Line("connection reset after", 4, rule -> rule.afterApply().resetConnection()),
        new Line("body truncated", 4, FaultRule::truncateBody),
        new Line("fewer results than operations", 4, FaultRule::dropLastResult),
        new Line("server silent before", 1, rule -> rule.beforeApply().silent()),
        new Line("server silent after", 1, rule -> rule.afterApply().silent()));
  }

  @ParameterizedTest
  @MethodSource("wholeRequests")
  void outlivesWhatBefallsAWholeRequest(Line line) throws Exception {
    job.prepare(stored());
    FaultRule rule = faults().onBatch().container(container.getId()).times(line.times());
    line.fault().accept(rule);

    try (WriteSession session =
        builder().stallTimeout(Duration.ofSeconds(2)).build().openSession()) {
      job.write(session, callback);
    }

    assertThat(rule.hits()).isBetween(1L, (long) line.times());
    job.assertOutcome(stored(), callback);
  }

  static Stream<Line> singleRequests() {
    return wholeRequests()
        .filter(line -> !line.name().startsWith("413") && !line.name().startsWith("fewer"));
  }

  @ParameterizedTest
  @MethodSource("singleRequests")
  void outlivesWhatBefallsARequestOfItsOwn(Line line) throws Exception {
    job.prepare(stored());
    FaultRule rule =
        faults().on(EmulatorOperation.READ).container(container.getId()).times(line.times());
    line.fault().accept(rule);

    try (WriteSession session =
        builder().stallTimeout(Duration.ofSeconds(2)).build().openSession()) {
      job.write(session, callback);
    }

    assertThat(rule.hits()).isBetween(1L, (long) line.times());
    job.assertOutcome(stored(), callback);
  }

  static Stream<Line> singleOperations() {
    return Stream.of(
        status(408, 0, "timed out in the service"),
        status(410, 0, "gone"),
        status(410, 1002, "range gone"),
        status(424, 0, "another one failed"),
        status(429, 3200, "throttled"),
        status(449, 0, "retry with"),
        status(500, 0, "internal error"),
        status(503, 0, "unavailable"),
        status(404, 1002, "session token behind"),
        status(403, 3, "writes forbidden in a failover"),
        new Line("503 after it was applied", 40, rule -> rule.afterApply().status(503, 0)),
        new Line("408 after it was applied", 40, rule -> rule.afterApply().status(408, 0)));
  }

  @ParameterizedTest
  @MethodSource("singleOperations")
  void outlivesWhatBefallsOneOperation(Line line) throws Exception {
    job.prepare(stored());
    FaultRule rule =
        faults().onBatchedOperation().container(container.getId()).times(40).probability(0.3, 7);
    line.fault().accept(rule);

    try (WriteSession session = sink.openSession()) {
      job.write(session, callback);
    }

    assertThat(rule.hits()).isEqualTo(40);
    job.assertOutcome(stored(), callback);
  }

  @Test
  void outlivesEverythingAtOnce() throws Exception {
    job.prepare(stored());
    faults().onBatchedOperation().probability(0.1, 1).status(503, 0);
    faults().onBatchedOperation().probability(0.1, 2).afterApply().status(500, 0);
    faults().onBatch().probability(0.1, 3).afterApply().dropConnection();
    faults().onBatch().probability(0.1, 4).status(410, 1002);
    faults().onRead().probability(0.2, 5).status(449, 0);

    try (WriteSession session = builder().maxAttempts(1_000).build().openSession()) {
      job.write(session, callback);
    }

    job.assertOutcome(stored(), callback);
  }

  @Test
  void outlivesSplitsUnderLoad() throws Exception {
    job.prepare(stored());
    List<String> ranges = List.copyOf(stored().rangeIds());
    try (WriteSession session = sink.openSession()) {
      for (int part = 0; part < 4; part++) {
        int from = part * job.size() / 4;
        FaultRule held = faults().onBatch().container(container.getId()).hold();
        Future<?> writer =
            threads.submit(
                () -> {
                  job.write(session, callback, from, from + job.size() / 4);
                  return null;
                });
        while (held.hits() == 0) {
          Thread.onSpinWait();
        }
        // The batches are on their way to a range that is gone when they arrive.
        stored().split(ranges.get(part));
        held.disable();
        writer.get();
      }
    }

    assertThat(stored().rangeIds()).hasSize(2 * ranges.size());
    job.assertOutcome(stored(), callback);
  }

  @Test
  void outlivesRefusedConnections() throws Exception {
    job.prepare(stored());
    try (WriteSession session = sink.openSession()) {
      job.write(session, callback, 0, job.size() / 2);
      emulator().refuseConnections();
      Future<?> writer =
          threads.submit(
              () -> {
                job.write(session, callback, job.size() / 2, job.size());
                return null;
              });
      assertThatThrownBy(() -> writer.get(300, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);
      emulator().acceptConnections();
      writer.get();
    }

    job.assertOutcome(stored(), callback);
  }

  @Test
  void stopsWhenTheKeyIsRotatedAndGoesOnWithTheNewOne() throws Exception {
    String rotated = Base64.getEncoder().encodeToString(new byte[64]);
    job.prepare(stored());
    try (WriteSession session = sink.openSession()) {
      job.write(session, callback, 0, job.size() / 2);
      emulator().key(rotated);

      assertThatThrownBy(() -> job.write(session, callback, job.size() / 2, job.size()))
          .isInstanceOfSatisfying(
              WriteException.class, e -> assertThat(e.statusCode()).contains(401))
          .hasMessageContaining("credentials")
          .hasMessageNotContaining(rotated);
      try (CosmosAsyncClient client = TestAccount.connect(emulator());
          WriteSession again =
              CosmosDocumentSink.of(
                      client
                          .getDatabase(account.database().getId())
                          .getContainer(container.getId()))
                  .openSession()) {
        job.write(again, new RecordingCallback());
      }
    } finally {
      emulator().key(CosmosEmulator.DEFAULT_KEY);
    }

    job.assertDocuments(stored());
  }

  @Test
  void goesOnInAContainerThatWasMadeAgainWhichDescribeTellsApart() throws Exception {
    String identity = sink.describe().identity();
    try (WriteSession session = sink.openSession()) {
      writeMany(session);
      emulator().database(account.database().getId()).deleteContainer(container.getId());
      account.database().createContainer(container.getId(), "/region").block();

      session.write(upsert("last", "eu", Map.of()), callback);
      session.flush();
    }

    // What was written before is gone, and the next run is refused by this identity.
    assertThat(stored().documentCount()).isEqualTo(1);
    assertThat(sink.describe().identity()).isNotEqualTo(identity);
  }
}

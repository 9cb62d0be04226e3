package io.reverseetl.cosmos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.DocumentOperation.IfMissing;
import io.reverseetl.document.RecordingCallback;
import io.reverseetl.document.WriteSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two runners that know nothing of each other write random versions of the same few documents,
 * while requests fail, get lost and come late.
 */
class GuardedWritesModelIT extends FaultySinkFixture {
  private static final int KEYS = 6;
  private static final int WRITES = 200;

  private static DocumentKey key(int number) {
    return DocumentKey.of("k" + number, "r" + number % 3);
  }

  private static Document document(int number, long version, int more) {
    Map<String, Object> body = new HashMap<>();
    body.put("region", "r" + number % 3);
    body.put("ours", version);
    for (int i = 0; i < more; i++) {
      body.put("f" + i, version);
    }
    body.put(Document.SOURCE_VERSION, version);
    return Document.of(key(number), body);
  }

  private void trouble(long seed) {
    faults().onBatchedOperation().probability(0.1, seed).status(503, 0);
    faults().onBatchedOperation().probability(0.1, seed + 1).afterApply().status(500, 0);
    faults().onBatch().probability(0.1, seed + 2).afterApply().dropConnection();
    faults().onRead().probability(0.1, seed + 3).status(408, 0);
  }

  private Callable<Void> runner(List<DocumentOperation> operations, RecordingCallback told) {
    return () -> {
      try (WriteSession session = builder().maxAttempts(1_000).build().openSession()) {
        for (DocumentOperation operation : operations) {
          session.write(operation, told);
        }
        session.flush();
      }
      return null;
    };
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 22, 333, 4444})
  void neverGoesBack(long seed) throws Exception {
    trouble(seed);
    long[] greatest = new long[KEYS];
    List<Callable<Void>> runners = new ArrayList<>();
    RecordingCallback told = new RecordingCallback();
    for (int runner = 0; runner < 2; runner++) {
      Random random = new Random(seed + 100 * runner);
      List<DocumentOperation> operations = new ArrayList<>();
      for (int i = 0; i < WRITES; i++) {
        int number = random.nextInt(KEYS);
        long version = random.nextInt(1_000);
        greatest[number] = Math.max(greatest[number], version);
        operations.add(
            switch (random.nextInt(3)) {
              case 0 ->
                  new DocumentOperation.MergeFields(
                      document(number, version, 2),
                      Set.of("ours", "f0", "f1"),
                      IfMissing.CREATE,
                      true,
                      version);
              case 1 ->
                  new DocumentOperation.MergeFields(
                      document(number, version, 12),
                      Set.of("ours", "gone"),
                      IfMissing.CREATE,
                      true,
                      version);
              default -> new DocumentOperation.UpsertIfNewer(document(number, version, 1), version);
            });
      }
      runners.add(runner(operations, told));
    }
    AtomicBoolean over = new AtomicBoolean();
    Future<Void> observer = threads.submit(() -> observe(over));

    for (Future<Void> runner : threads.invokeAll(runners)) {
      runner.get();
    }
    over.set(true);
    observer.get();

    assertThat(told.count()).isEqualTo(2 * WRITES);
    assertThat(told.rejections()).isEmpty();
    for (int number = 0; number < KEYS; number++) {
      ObjectNode last = stored().document("k" + number, "r" + number % 3).orElseThrow();
      assertThat(last.get(Document.SOURCE_VERSION).longValue()).isEqualTo(greatest[number]);
      assertThat(last.get("ours").longValue()).isEqualTo(greatest[number]);
    }
  }

  private Void observe(AtomicBoolean over) {
    long[] seen = new long[KEYS];
    while (!over.get()) {
      for (int number = 0; number < KEYS; number++) {
        Optional<ObjectNode> now = stored().document("k" + number, "r" + number % 3);
        long version = now.map(body -> body.get(Document.SOURCE_VERSION).longValue()).orElse(0L);
        assertThat(version).isGreaterThanOrEqualTo(seen[number]);
        // A document is of one version as a whole.
        now.ifPresent(body -> assertThat(body.get("ours").longValue()).isEqualTo(version));
        seen[number] = version;
      }
    }
    return null;
  }

  @ParameterizedTest
  @ValueSource(longs = {5, 66, 777})
  void neverDeletesWhatIsNewer(long seed) throws Exception {
    for (int number = 0; number < KEYS; number++) {
      stored().put(document(number, 500, 0).text());
    }
    trouble(seed);
    Random random = new Random(seed);
    List<DocumentOperation> deletes = new ArrayList<>();
    List<DocumentOperation> upserts = new ArrayList<>();
    for (int i = 0; i < WRITES; i++) {
      deletes.add(
          new DocumentOperation.DeleteIfNewer(key(random.nextInt(KEYS)), random.nextInt(500)));
      int number = random.nextInt(KEYS);
      long version = 500 + random.nextInt(500);
      upserts.add(new DocumentOperation.UpsertIfNewer(document(number, version, 0), version));
    }
    RecordingCallback told = new RecordingCallback();
    AtomicBoolean over = new AtomicBoolean();
    Future<?> observer =
        threads.submit(
            () -> {
              while (!over.get()) {
                assertThat(stored().documentCount()).isEqualTo(KEYS);
              }
            });

    for (Future<Void> runner :
        threads.invokeAll(List.of(runner(deletes, told), runner(upserts, told)))) {
      runner.get();
    }
    over.set(true);
    observer.get();

    assertThat(told.count()).isEqualTo(2 * WRITES);
    assertThat(stored().documentCount()).isEqualTo(KEYS);
  }
}

package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.checkpoint.CheckpointStore;
import io.reverseetl.checkpoint.StoredCheckpoint;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.document.DocumentOperation;
import io.reverseetl.document.GuardedDocumentSink;
import io.reverseetl.document.TargetDescription;
import io.reverseetl.document.WriteCallback;
import io.reverseetl.document.WriteSession;
import io.reverseetl.document.WriteStatistics;
import io.reverseetl.exceptions.CheckpointConflictException;
import io.reverseetl.exceptions.CheckpointException;
import io.reverseetl.exceptions.ReverseEtlException;
import io.reverseetl.exceptions.WriteException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.ratelimit.WriteRateLimiter;
import io.reverseetl.table.Column;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.StructType;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryRow;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories, polled by processes that crash at random points, lose answers, are throttled,
 * run out of time, and sleep past their lease while another one takes over. Whenever the checkpoint
 * stands between ranges, the documents are the table's at exactly that version.
 */
class PollerModelTest {
  private static final int HISTORIES = Integer.getInteger("reverseetl.model.histories", 2_000);

  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.required("active", Primitive.BOOLEAN),
          Column.required("n", Primitive.INTEGER),
          Column.required("hidden", Primitive.INTEGER));

  private static final RowFilter ACTIVE = RowFilter.parse("active = TRUE");

  private static final DocumentMapper MAPPER =
      new DocumentMapper() {
        @Override
        public void map(Row row, Consumer<Document> documents) {
          documents.accept(
              Document.of(
                  DocumentKey.of(row.getString(0), row.getString(1)),
                  Map.of("region", row.getString(1), "n", row.getInt(3))));
        }

        @Override
        public List<String> partitionKeyPaths() {
          return List.of("/region");
        }
      };

  @TempDir private Path folder;

  /** The end of a process: nothing in it works any more. */
  private static final class Killed extends Error {
    private static final long serialVersionUID = 1L;

    Killed() {
      super("killed", null, false, false);
    }
  }

  @Test
  void theTargetEqualsTheTableAtTheCheckpointWhateverHappens() {
    int crashes = 0;
    int conflicts = 0;
    int spills = 0;
    for (int seed = 0; seed < HISTORIES; seed++) {
      try {
        World world = new World(seed);
        world.play();
        crashes += world.crashes;
        conflicts += world.conflicts;
        spills += world.spills;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertThat(crashes).isGreaterThan(HISTORIES);
    assertThat(conflicts).isGreaterThan(HISTORIES / 10);
    assertThat(spills).isGreaterThan(HISTORIES / 10);
  }

  private final class World {
    final Random random;
    final ManualClock clock = new ManualClock();
    final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 3);
    final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
    final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
    final boolean filtered;

    /** Guarded worlds also have operations that land after another process has gone on. */
    final boolean guarded;

    int crashes;
    int conflicts;
    int spills;
    int depth;

    World(int seed) {
      random = new Random(seed);
      filtered = random.nextBoolean();
      guarded = random.nextBoolean();
    }

    void play() {
      Map<String, InMemoryRow> rows = new TreeMap<>();
      int commits = 3 + random.nextInt(12);
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        commit(rows);
      }
      InitialLoader.of(new Process(this, false).pipeline()).load();
      check();
      while (table.latestVersion().version() < commits) {
        commit(rows);
        if (random.nextInt(3) == 0) {
          runProcess();
        }
      }
      for (int i = 0; i < 3; i++) {
        runProcess();
      }
      clock.advance(Duration.ofMinutes(5));
      CdcPoller.of(new Process(this, false).pipeline()).pollOnce();
      assertThat(checkpoint().version()).isEqualTo(table.latestVersion().version());
      check();
    }

    void runProcess() {
      Process process = new Process(this, true);
      try {
        CdcPoller poller = process.poller();
        switch (random.nextInt(3)) {
          case 0 -> poller.pollOnce(Duration.ofSeconds(1 + random.nextInt(5)));
          case 1 -> poller.pollUntil(random.nextInt((int) table.latestVersion().version() + 2));
          default -> poller.pollOnce();
        }
      } catch (CheckpointConflictException e) {
        conflicts++;
      } catch (ReverseEtlException e) {
        // An answer was lost; the next process goes on.
      } catch (Killed e) {
        crashes++;
      } catch (IllegalStateException e) {
        if (!process.dead) {
          throw e;
        }
      }
      spills += process.spilled ? 1 : 0;
      check();
      if (random.nextInt(4) > 0) {
        clock.advance(Duration.ofMinutes(5));
      }
    }

    Checkpoint checkpoint() {
      return checkpoints.checkpoint("orders").orElseThrow();
    }

    void check() {
      if (checkpoint().poll().isPresent()) {
        return;
      }
      assertThat(documents()).isEqualTo(expected(checkpoint().version()));
    }

    private Map<DocumentKey, Map<String, Object>> documents() {
      Map<DocumentKey, Map<String, Object>> documents = new HashMap<>(sink.documents());
      documents.values().removeIf(document -> document.containsKey("gone"));
      documents.values().forEach(document -> document.remove(Document.SOURCE_VERSION));
      return documents;
    }

    private Map<DocumentKey, Map<String, Object>> expected(long version) {
      Map<DocumentKey, Map<String, Object>> documents = new HashMap<>();
      SnapshotQuery query = SnapshotQuery.atVersion(version);
      try (TableSnapshot snapshot = table.openSnapshot(query)) {
        for (SnapshotPart part : snapshot.parts()) {
          try (Cursor<Row> rows = snapshot.open(part)) {
            while (rows.advance()) {
              Row row = rows.current();
              if (!filtered || row.getBoolean(2)) {
                documents.put(
                    DocumentKey.of(row.getString(0), row.getString(1)),
                    Map.of("id", row.getString(0), "region", row.getString(1), "n", row.getInt(3)));
              }
            }
          }
        }
      }
      return documents;
    }

    /** Inserts, updates, deletes, moves, swaps, rewrites without a change, and empty commits. */
    @SuppressWarnings("unchecked")
    private void commit(Map<String, InMemoryRow> rows) {
      clock.advance(Duration.ofSeconds(1));
      List<List<InMemoryTableSource.Change>> changes = new ArrayList<>();
      Map<String, InMemoryRow> next = new TreeMap<>(rows);
      List<String> touched = new ArrayList<>();
      for (int i = 0; i < random.nextInt(8); i++) {
        String id = "k" + random.nextInt(8);
        if (touched.contains(id)) {
          continue;
        }
        InMemoryRow before = rows.get(id);
        if (before == null) {
          if (next.containsKey(id)) {
            continue;
          }
          touched.add(id);
          next.put(id, row(id));
          changes.add(List.of(change(io.reverseetl.table.ChangeType.INSERT, next.get(id))));
          continue;
        }
        touched.add(id);
        switch (random.nextInt(5)) {
          case 0 -> {
            next.remove(id);
            changes.add(List.of(change(io.reverseetl.table.ChangeType.DELETE, before)));
          }
          case 1 -> {
            // Carried over: rewritten without a change that the document shows.
            InMemoryRow after =
                table.row(
                    before.getString(0),
                    before.getString(1),
                    before.getBoolean(2),
                    before.getInt(3),
                    random.nextInt());
            next.put(id, after);
            changes.add(
                List.of(
                    change(io.reverseetl.table.ChangeType.INSERT, after),
                    change(io.reverseetl.table.ChangeType.DELETE, before)));
          }
          case 2 -> {
            // Two rows change places.
            String other = "k" + random.nextInt(8);
            InMemoryRow otherBefore = rows.get(other);
            if (otherBefore == null || touched.contains(other)) {
              break;
            }
            touched.add(other);
            InMemoryRow one = like(otherBefore, before.getInt(3));
            InMemoryRow two = like(before, otherBefore.getInt(3));
            next.put(other, one);
            next.put(id, two);
            changes.add(table.update(before, one));
            changes.add(table.update(otherBefore, two));
          }
          default -> {
            next.put(id, row(id));
            changes.add(table.update(before, next.get(id)));
          }
        }
      }
      // The fake takes deletes only of rows that are there, so they come first; the order inside a
      // commit has no meaning, and is shuffled by the reader below.
      List<InMemoryTableSource.Change> flat = new ArrayList<>();
      changes.forEach(flat::addAll);
      Collections.shuffle(flat, random);
      flat.sort(java.util.Comparator.comparing(change -> change.type().isLive()));
      List<InMemoryTableSource.Change> shuffled = flat;
      table.commit(shuffled);
      rows.clear();
      rows.putAll(next);
    }

    private InMemoryTableSource.Change change(
        io.reverseetl.table.ChangeType type, InMemoryRow row) {
      return new InMemoryTableSource.Change(type, row);
    }

    private InMemoryRow like(InMemoryRow place, int n) {
      return table.row(place.getString(0), place.getString(1), place.getBoolean(2), n, 0);
    }

    private InMemoryRow row(String id) {
      return table.row(
          id,
          random.nextInt(4) > 0 ? "eu" : "us",
          random.nextInt(4) > 0,
          random.nextInt(3),
          random.nextInt(3));
    }
  }

  /** One process: its own view of sink and store, which ends when it is killed. */
  private final class Process implements GuardedDocumentSink, CheckpointStore, WriteRateLimiter {
    private final World world;
    private final boolean unlucky;
    private int stepsToLive;
    private boolean dead;
    private boolean spilled;

    Process(World world, boolean unlucky) {
      this.world = world;
      this.unlucky = unlucky;
      this.stepsToLive =
          unlucky && world.random.nextInt(3) > 0 ? 1 + world.random.nextInt(40) : Integer.MAX_VALUE;
    }

    Pipeline pipeline() {
      Pipeline.Builder builder =
          Pipeline.builder("orders")
              .source(world.table)
              .mapper(MAPPER)
              .sink(this)
              .checkpoints(this)
              .rateLimiter(this)
              .readThreads(1)
              .clock(world.clock)
              .listener(
                  new PipelineListener() {
                    @Override
                    public void onRangeReduced(PollRange range) {
                      spilled |= range.spilled();
                    }
                  });
      if (world.filtered) {
        builder.where(ACTIVE);
      }
      if (world.guarded) {
        builder.writeMode(WriteMode.UPSERT_IF_NEWER).deletes(Deletes.tombstone("gone"));
      }
      return builder.build();
    }

    CdcPoller poller() {
      Random random = world.random;
      CdcPoller.Builder builder = CdcPoller.builder(pipeline()).spillFolder(folder);
      if (random.nextBoolean()) {
        builder.maxRangeCommits(1 + random.nextInt(4));
      }
      if (random.nextBoolean()) {
        builder.maxRangeRows(1 + random.nextInt(10));
      }
      if (random.nextInt(4) == 0) {
        builder.memoryBudgetBytes(1 + random.nextInt(2_000));
      }
      return builder.build();
    }

    private void live() {
      if (dead) {
        throw new Killed();
      }
      if (--stepsToLive <= 0) {
        dead = true;
        throw new Killed();
      }
    }

    private boolean happens(int oneIn) {
      return unlucky && world.random.nextInt(oneIn) == 0;
    }

    /** The process sleeps past its lease, and another one polls meanwhile. */
    private void perhapsSleep() {
      if (world.depth == 0 && happens(60)) {
        world.depth++;
        world.clock.advance(Duration.ofMinutes(5));
        world.runProcess();
        world.depth--;
      }
    }

    @Override
    public void acquire(double requestUnits) {
      live();
      world.clock.advance(Duration.ofMillis(world.random.nextInt(300)));
      perhapsSleep();
    }

    @Override
    public void settle(double difference) {}

    @Override
    public void throttled(Duration pause) {}

    @Override
    public Optional<StoredCheckpoint> read(String pipeline) {
      live();
      return world.checkpoints.read(pipeline);
    }

    @Override
    public StoredCheckpoint create(Checkpoint checkpoint) {
      live();
      return world.checkpoints.create(checkpoint);
    }

    @Override
    public StoredCheckpoint replace(Checkpoint checkpoint, StoredCheckpoint expected) {
      live();
      perhapsSleep();
      if (happens(40)) {
        throw new CheckpointException("The store did not answer.");
      }
      StoredCheckpoint stored = world.checkpoints.replace(checkpoint, expected);
      if (happens(40)) {
        throw new CheckpointException("The store's answer was lost.");
      }
      live();
      return stored;
    }

    @Override
    public void remove(StoredCheckpoint expected) {
      throw new UnsupportedOperationException();
    }

    @Override
    public TargetDescription describe() {
      live();
      return world.sink.describe();
    }

    @Override
    public WriteSession openSession() {
      live();
      world.sink.throttle(happens(4) ? 5 : 0);
      return new Session(world.sink.openSession());
    }

    @Override
    public void close() {}

    /** Operations take effect in any order, at the latest when the session is flushed. */
    private final class Session implements WriteSession {
      private record Waiting(DocumentOperation operation, WriteCallback callback) {}

      private final WriteSession inner;
      private final List<Waiting> waiting = new ArrayList<>();
      private boolean failed;

      Session(WriteSession inner) {
        this.inner = inner;
      }

      @Override
      public void write(DocumentOperation operation, WriteCallback callback)
          throws InterruptedException {
        live();
        check();
        waiting.add(new Waiting(operation, callback));
        while (!waiting.isEmpty() && world.random.nextInt(3) == 0) {
          one();
        }
      }

      private void one() throws InterruptedException {
        live();
        Waiting next = waiting.remove(world.random.nextInt(waiting.size()));
        if (world.guarded) {
          // What was handed to the network lands when it lands.
          perhapsSleep();
        }
        double before = version(next.operation().key());
        inner.write(next.operation(), next.callback());
        if (world.guarded) {
          assertThat(version(next.operation().key())).isGreaterThanOrEqualTo(before);
        }
        if (happens(80)) {
          failed = true;
          check();
        }
      }

      private double version(DocumentKey key) {
        return world
            .sink
            .document(key)
            .map(document -> (Number) document.get(Document.SOURCE_VERSION))
            .map(Number::doubleValue)
            .orElse(-1.0);
      }

      private void check() {
        if (failed) {
          throw new WriteException("The target's answer was lost.", null);
        }
      }

      @Override
      public void flush() throws InterruptedException {
        live();
        check();
        while (!waiting.isEmpty()) {
          one();
        }
        live();
      }

      @Override
      public WriteStatistics statistics() {
        return inner.statistics();
      }

      @Override
      public void close() {
        inner.close();
      }
    }
  }
}

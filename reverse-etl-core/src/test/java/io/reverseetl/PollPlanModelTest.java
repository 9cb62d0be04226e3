package io.reverseetl;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.checkpoint.Checkpoint;
import io.reverseetl.document.DeadLetter;
import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryCheckpointStore;
import io.reverseetl.testing.InMemoryDeadLetterSink;
import io.reverseetl.testing.InMemoryDocumentSink;
import io.reverseetl.testing.InMemoryRow;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Random histories, in which rows change, move, are carried over, are mapped to none or two
 * documents or to none at all, and share documents. One target is polled, the other is written by
 * plans that an unreliable engine runs, in every write mode with every delete policy that fits.
 * Both end the same: documents, dead letters, checkpoint.
 */
class PollPlanModelTest {
  private static final int HISTORIES = Integer.getInteger("reverseetl.model.plans", 400);

  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("region", Primitive.STRING),
          Column.required("active", Primitive.BOOLEAN),
          Column.required("n", Primitive.INTEGER),
          Column.required("hidden", Primitive.INTEGER));

  private static final DocumentMapper MAPPER =
      new DocumentMapper() {
        @Override
        public void map(Row row, Consumer<Document> documents) {
          if (row.getInt(3) == 6) {
            throw new MappingException("n", "It is no number for a document.");
          }
          documents.accept(document(row.getString(0), row));
          if (row.getInt(3) == 5) {
            documents.accept(document(row.getString(0) + "-twin", row));
          }
        }

        private Document document(String id, Row row) {
          return Document.of(
              DocumentKey.of(id, row.getString(1)),
              Map.of("region", row.getString(1), "n", row.getInt(3), "old", row.getBoolean(2)));
        }

        @Override
        public List<String> partitionKeyPaths() {
          return List.of("/region");
        }
      };

  /** How documents are written and deleted. */
  private record Way(WriteMode mode, Deletes deletes) {}

  private static final List<Way> WAYS = ways();

  private static List<Way> ways() {
    List<Way> ways = new ArrayList<>();
    for (WriteMode mode : List.of(WriteMode.UPSERT, WriteMode.UPSERT_IF_NEWER, WriteMode.CREATE)) {
      for (Deletes deletes :
          List.of(
              Deletes.hard(),
              Deletes.soft("gone"),
              Deletes.tombstone("gone").expireAfter(Duration.ofDays(1)),
              Deletes.ignored())) {
        ways.add(new Way(mode, deletes));
      }
    }
    WriteMode owned = WriteMode.ownedFields("n", "old");
    for (WriteMode mode : List.of(owned, owned.ifNewer(), owned.skipMissing())) {
      ways.add(new Way(mode, Deletes.ownedFields()));
      ways.add(new Way(mode, Deletes.ignored()));
      ways.add(new Way(mode, Deletes.hard()));
    }
    ways.add(new Way(WriteMode.replaceIfUnmodified("n"), Deletes.hard()));
    return ways;
  }

  @Test
  void plansLeaveWhatPollsLeave() throws Exception {
    int letters = 0;
    int units = 0;
    int resumed = 0;
    for (int seed = 0; seed < HISTORIES; seed++) {
      try {
        World world = new World(seed);
        world.play();
        letters += world.planned.letters.letters().size();
        units += world.units;
        resumed += world.resumed;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + " " + WAYS.get(seed % WAYS.size()), e);
      }
    }
    assertThat(letters).isGreaterThan(HISTORIES / 4);
    assertThat(units).isGreaterThan(5 * HISTORIES);
    assertThat(resumed).isGreaterThan(HISTORIES / 20);
  }

  /** A target with what belongs to it. */
  private static final class Side {
    final InMemoryDocumentSink sink = InMemoryDocumentSink.of("/region");
    final InMemoryCheckpointStore checkpoints = InMemoryCheckpointStore.create();
    final InMemoryDeadLetterSink letters = InMemoryDeadLetterSink.create();

    Checkpoint checkpoint() {
      return checkpoints.checkpoint("orders").orElseThrow();
    }

    /** What of letters does not depend on how often and where rows were read. */
    List<String> lettersTold() {
      return letters.letters().stream()
          .map(
              letter ->
                  letter.sourceVersion()
                      + letter.reason()
                      + letter.key()
                      + letter.document().map(Document::text)
                      + (letter.reason().equals("MAPPING") ? "" : letter.sourceLocation()))
          .distinct()
          .sorted()
          .toList();
    }

    long mappingLetters() {
      return letters.letters().stream()
          .filter(letter -> letter.reason().equals("MAPPING"))
          .map(DeadLetter::id)
          .distinct()
          .count();
    }
  }

  private static final class World {
    final Random random;
    final ManualClock clock = new ManualClock();
    final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 3);
    final Side polled = new Side();
    final Side planned = new Side();
    final Way way;
    final boolean filtered;
    final boolean stamps;
    final DuplicateKeys duplicates;
    int units;
    int resumed;
    int row;

    World(int seed) {
      random = new Random(seed);
      way = WAYS.get(seed % WAYS.size());
      filtered = random.nextBoolean();
      stamps = random.nextInt(3) == 0;
      duplicates =
          random.nextBoolean() ? DuplicateKeys.deadLetters() : DuplicateKeys.latestBy("hidden");
    }

    Pipeline pipeline(Side side) {
      Pipeline.Builder builder =
          Pipeline.builder("orders")
              .source(table)
              .mapper(MAPPER)
              .sink(side.sink)
              .checkpoints(side.checkpoints)
              .deadLetters(side.letters)
              .maxDeadLetterShare(1)
              .readThreads(1)
              .lease(Duration.ofSeconds(1))
              .writeMode(way.mode())
              .deletes(way.deletes())
              .duplicateKeys(duplicates)
              .stampSourceVersion(stamps)
              .clock(clock);
      if (filtered) {
        builder.where(RowFilter.parse("active = TRUE"));
      }
      return builder.build();
    }

    void play() throws InterruptedException {
      List<InMemoryRow> rows = new ArrayList<>();
      commit(rows);
      commit(rows);
      InitialLoader.of(pipeline(polled)).trustKeys().load();
      InitialLoader.of(pipeline(planned)).trustKeys().load();
      for (int round = 0; round < 4; round++) {
        int commits = 1 + random.nextInt(4);
        for (int i = 0; i < commits; i++) {
          commit(rows);
        }
        while (planned.checkpoint().version() < table.latestVersion().version()) {
          // The same ranges, as what lies between has effects in some write modes.
          CdcPoller.of(pipeline(polled)).pollUntil(plan());
          compare();
        }
      }
    }

    private long plan() throws InterruptedException {
      PollPlanner planner =
          PollPlan.of(pipeline(planned))
              .unitBytes(1 + random.nextInt(6))
              .shares(1 + random.nextInt(4))
              .maxRangeCommits(1 + random.nextInt(4));
      PollPlan plan = planner.begin();
      units += plan.units().size();
      PollEngine engine = new PollEngine(() -> pipeline(planned), random);
      if (way.mode().isGuarded() && random.nextInt(3) == 0) {
        // The driver is lost; a poller finishes the range.
        engine.read(plan);
        for (ChangeTask task : plan.tasks()) {
          if (random.nextBoolean()) {
            engine.writeOnce(task.toJson(), plan.shares());
          }
        }
        resumed++;
        CdcPoller.of(pipeline(planned)).pollUntil(plan.toVersion());
        return plan.toVersion();
      }
      if (random.nextInt(4) == 0) {
        // The driver is lost, and another one goes on.
        engine.read(plan);
        assertThat(planner.begin()).isEqualTo(plan);
      }
      engine.run(plan);
      return plan.toVersion();
    }

    private void compare() {
      assertThat(planned.sink.documents()).isEqualTo(polled.sink.documents());
      assertThat(planned.lettersTold()).isEqualTo(polled.lettersTold());
      if (resumed == 0) {
        assertThat(planned.mappingLetters()).isEqualTo(polled.mappingLetters());
      }
      assertThat(planned.checkpoint())
          .usingRecursiveComparison()
          .ignoringFields("lease", "savedAt")
          .isEqualTo(polled.checkpoint());
    }

    /** Rows come, go, change and move; documents may have several rows. */
    private void commit(List<InMemoryRow> rows) {
      clock.advance(Duration.ofSeconds(1));
      List<InMemoryTableSource.Change> changes = new ArrayList<>();
      List<InMemoryRow> next = new ArrayList<>();
      for (InMemoryRow each : rows) {
        switch (random.nextInt(6)) {
          case 0 -> changes.add(change(ChangeType.DELETE, each));
          case 1 -> {
            InMemoryRow after = row(each.getString(0));
            changes.add(change(ChangeType.UPDATE_PREIMAGE, each));
            changes.add(change(ChangeType.UPDATE_POSTIMAGE, after));
            next.add(after);
          }
          case 2 -> {
            // Carried over, without a change that the document shows.
            InMemoryRow after =
                table.row(
                    each.getString(0),
                    each.getString(1),
                    each.getBoolean(2),
                    each.getInt(3),
                    row++);
            changes.add(change(ChangeType.DELETE, each));
            changes.add(change(ChangeType.INSERT, after));
            next.add(after);
          }
          default -> next.add(each);
        }
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        InMemoryRow fresh = row("k" + random.nextInt(7));
        changes.add(change(ChangeType.INSERT, fresh));
        next.add(fresh);
      }
      changes.sort(Comparator.comparing(each -> each.type().isLive()));
      table.commit(changes);
      rows.clear();
      rows.addAll(next);
    }

    private static InMemoryTableSource.Change change(ChangeType type, InMemoryRow row) {
      return new InMemoryTableSource.Change(type, row);
    }

    /** Each with another value to order by. */
    private InMemoryRow row(String id) {
      return table.row(
          id, random.nextInt(4) > 0 ? "eu" : "us", random.nextInt(4) > 0, random.nextInt(7), row++);
    }
  }
}

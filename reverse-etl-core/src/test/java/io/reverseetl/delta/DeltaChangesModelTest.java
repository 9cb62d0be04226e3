package io.reverseetl.delta;

import static io.reverseetl.delta.HandMadeTable.commitInfo;
import static org.assertj.core.api.Assertions.assertThat;

import io.delta.kernel.types.LongType;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.reverseetl.delta.ChangeLines.Read;
import io.reverseetl.table.ChangeMethod;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.SchemaMode;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.testing.InMemoryRow;
import io.reverseetl.testing.InMemoryTableSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random histories: the same changes are made to a table in memory and written as a Delta log in
 * one of the many forms that a log has for them. The feed must give the changes of the table in
 * memory. To run one history again, set the system property {@code changes.seed} to the seed in its
 * name.
 */
class DeltaChangesModelTest {
  private static final int HISTORIES = 12;
  private static final int COMMITS = 14;
  private static final StructType COLUMNS =
      new StructType()
          .add("id", LongType.LONG)
          .add("p", StringType.STRING)
          .add("v", StringType.STRING);
  private static final List<String> PARTITIONS = List.of("north", "a b:c/d%", "");

  @TempDir Path folder;

  @TestFactory
  Stream<DynamicTest> theFeedIsTheModel() {
    Long only = Long.getLong("changes.seed");
    long first = only == null ? new Random().nextLong() : only;
    return LongStream.range(first, first + (only == null ? HISTORIES : 1))
        .mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> new History(seed).check()));
  }

  /** One file of the table: its rows, and which of them are deleted. */
  private static final class LiveFile {
    private final String path;
    private final String partition;
    private final List<InMemoryRow> rows;
    private final boolean[] deleted;

    LiveFile(String path, String partition, List<InMemoryRow> rows) {
      this.path = path;
      this.partition = partition;
      this.rows = rows;
      this.deleted = new boolean[rows.size()];
    }

    long[] vector() {
      return LongStream.range(0, deleted.length).filter(i -> deleted[(int) i]).toArray();
    }

    List<InMemoryRow> standing() {
      List<InMemoryRow> standing = new ArrayList<>();
      for (int i = 0; i < deleted.length; i++) {
        if (!deleted[i]) {
          standing.add(rows.get(i));
        }
      }
      return standing;
    }
  }

  private final class History {
    private final long seed;
    private final Random random;
    private final InMemoryTableSource model = InMemoryTableSource.of(KernelTypes.toStruct(COLUMNS));
    private final HandMadeTable table;
    private final List<LiveFile> files = new ArrayList<>();
    private List<InMemoryTableSource.Change> changes = new ArrayList<>();
    private List<String> lines = new ArrayList<>();
    private long nextId;

    History(long seed) {
      this.seed = seed;
      this.random = new Random(seed);
      this.table = new HandMadeTable(folder.resolve("table" + seed), COLUMNS).partitionedBy("p");
    }

    void check() {
      table.create();
      model.commit();
      for (int i = 0; i < COMMITS; i++) {
        lines.add(commitInfo("STEP"));
        step();
        table.commit(lines.toArray(String[]::new));
        model.commit(changes);
        lines = new ArrayList<>();
        changes = new ArrayList<>();
      }
      long from = random.nextInt(COMMITS);
      long to = from + random.nextInt((int) (COMMITS - from) + 1);
      try (DeltaTableSource source =
          DeltaTableSource.builder(table.folder().toString())
              .changeReadThreads(1 + random.nextInt(3))
              .diffMemoryBytes(1 + random.nextInt(3_000))
              .build()) {
        for (ChangeQuery query : List.of(ChangeQuery.from(0), ChangeQuery.from(from).to(to))) {
          for (SchemaMode mode : SchemaMode.values()) {
            assertThat(counted(ChangeLines.read(source, query.schemaMode(mode))))
                .as("feed, seed %s, %s..%s", seed, query.fromVersion(), query.toVersion())
                .isEqualTo(counted(ChangeLines.read(model, query)));
          }
          for (List<String> keys : List.of(List.<String>of(), List.of("id"))) {
            assertThat(moves(ChangeLines.read(source, query.method(ChangeMethod.DIFF).keys(keys))))
                .as("diff, seed %s, %s..%s", seed, query.fromVersion(), query.toVersion())
                .isEqualTo(moves(ChangeLines.read(model, query)));
          }
        }
        assertThat(Tables.rows(source, SnapshotQuery.latest()))
            .as("snapshot, seed %s", seed)
            .containsExactlyInAnyOrderElementsOf(Tables.rows(model, SnapshotQuery.latest()));
      }
    }

    /** Changes the table somehow. */
    private void step() {
      LiveFile file = files.isEmpty() ? null : files.get(random.nextInt(files.size()));
      if (file == null) {
        insert();
        return;
      }
      switch (random.nextInt(10)) {
        case 0, 1 -> insert();
        case 2 -> deleteWithVector(file);
        case 3 -> restoreWithVector(file);
        case 4 -> deleteFile(file);
        case 5 -> update(file, false);
        case 6 -> update(file, true);
        case 7 -> overwrite();
        case 8 -> compact();
        default -> {
          deleteWithVector(file);
          insert();
        }
      }
    }

    private InMemoryRow row(long id, String partition) {
      String value = random.nextInt(4) == 0 ? null : "v" + random.nextInt(5);
      return model.row(id, partition.isEmpty() ? null : partition, value);
    }

    private LiveFile write(String partition, List<InMemoryRow> rows) {
      String path = table.write(rows.stream().map(this::data).toArray(Object[][]::new));
      LiveFile file = new LiveFile(path, partition, rows);
      files.add(file);
      return file;
    }

    private Object[] data(InMemoryRow row) {
      return new Object[] {row.getLong(0), row.isNull(2) ? null : row.getString(2)};
    }

    private HandMadeTable.FileAction add(LiveFile file) {
      return withVector(table.add(file.path), file);
    }

    private HandMadeTable.FileAction remove(LiveFile file) {
      return withVector(table.remove(file.path), file);
    }

    private HandMadeTable.FileAction withVector(HandMadeTable.FileAction action, LiveFile file) {
      action.partition("p", file.partition.isEmpty() ? null : file.partition);
      long[] vector = file.vector();
      return vector.length == 0 ? action : action.vector(vector);
    }

    private void insert() {
      String partition = PARTITIONS.get(random.nextInt(PARTITIONS.size()));
      List<InMemoryRow> rows = new ArrayList<>();
      int count = 1 + random.nextInt(5);
      for (int i = 0; i < count; i++) {
        rows.add(row(random.nextInt(5) == 0 ? 0 : nextId++, partition));
      }
      LiveFile file = write(partition, rows);
      rows.forEach(this::inserted);
      lines.add(add(file).toString());
    }

    private void inserted(InMemoryRow row) {
      changes.add(new InMemoryTableSource.Change(ChangeType.INSERT, row));
    }

    private void deleted(InMemoryRow row) {
      changes.add(new InMemoryTableSource.Change(ChangeType.DELETE, row));
    }

    private void deleteWithVector(LiveFile file) {
      changeVector(file, true);
    }

    /** As RESTORE does: rows come back, and others go. */
    private void restoreWithVector(LiveFile file) {
      changeVector(file, random.nextBoolean());
    }

    private void changeVector(LiveFile file, boolean onlyMore) {
      String removed = remove(file).toString();
      long[] before = file.vector();
      for (int i = 0; i < file.deleted.length; i++) {
        boolean mark = random.nextBoolean();
        if (mark && !file.deleted[i]) {
          deleted(file.rows.get(i));
        } else if (!mark && file.deleted[i] && !onlyMore) {
          inserted(file.rows.get(i));
        } else {
          mark = file.deleted[i];
        }
        file.deleted[i] = mark;
      }
      String added = add(file).toString();
      if (Arrays.equals(before, file.vector())) {
        return; // the protocol wants no file removed and added as it is
      }
      lines.add(random.nextBoolean() ? removed + "\n" + added : added + "\n" + removed);
    }

    private void deleteFile(LiveFile file) {
      lines.add(remove(file).toString());
      file.standing().forEach(this::deleted);
      files.remove(file);
    }

    /** With change data: the file is written anew, or its old rows are marked. */
    private void update(LiveFile file, boolean withVector) {
      List<InMemoryRow> images = new ArrayList<>();
      List<Object[]> cdc = new ArrayList<>();
      List<InMemoryRow> copied = new ArrayList<>();
      String removed = remove(file).toString();
      for (int i = 0; i < file.deleted.length; i++) {
        InMemoryRow before = file.rows.get(i);
        if (file.deleted[i]) {
          continue;
        }
        if (random.nextBoolean()) {
          copied.add(before);
          continue;
        }
        file.deleted[i] = withVector;
        if (random.nextInt(4) == 0) {
          deleted(before);
          cdc.add(image("delete", before));
        } else {
          InMemoryRow after = row(before.getLong(0), file.partition);
          model.update(before, after).forEach(changes::add);
          images.add(after);
          cdc.add(image("update_preimage", before));
          cdc.add(image("update_postimage", after));
        }
      }
      if (cdc.isEmpty()) {
        files.remove(file);
        lines.add(removed);
        copied.forEach(this::deleted);
        return;
      }
      lines.add(removed);
      if (withVector) {
        lines.add(add(file).toString());
        copied.clear();
      } else {
        files.remove(file);
      }
      copied.addAll(images);
      if (!copied.isEmpty()) {
        lines.add(add(write(file.partition, copied)).toString());
      }
      String change = table.writeChanges(cdc.toArray(Object[][]::new));
      lines.add(
          table
              .cdc(change)
              .partition("p", file.partition.isEmpty() ? null : file.partition)
              .toString());
    }

    private Object[] image(String type, InMemoryRow row) {
      Object[] data = data(row);
      return new Object[] {type, data[0], data[1]};
    }

    private void overwrite() {
      for (LiveFile file : List.copyOf(files)) {
        deleteFile(file);
      }
      insert();
    }

    /** As OPTIMIZE does: other files, the same rows. */
    private void compact() {
      Map<String, List<InMemoryRow>> standing = new TreeMap<>();
      for (LiveFile file : List.copyOf(files)) {
        lines.add(remove(file).with("dataChange", false).toString());
        standing.computeIfAbsent(file.partition, p -> new ArrayList<>()).addAll(file.standing());
        files.remove(file);
      }
      standing.forEach(
          (partition, rows) -> {
            if (!rows.isEmpty()) {
              lines.add(add(write(partition, rows)).with("dataChange", false).toString());
            }
          });
    }
  }

  private static Map<String, Integer> counted(List<Read> changes) {
    Map<String, Integer> counts = new TreeMap<>();
    changes.forEach(
        c -> counts.merge(c.version() + " " + c.typeName() + " " + c.row(), 1, Integer::sum));
    return counts;
  }

  private static Map<String, Integer> moves(List<Read> changes) {
    Map<String, Integer> moves = new HashMap<>();
    changes.forEach(
        c ->
            moves.merge(
                c.version() + " " + c.row(),
                c.type().isLive() ? 1 : -1,
                (a, b) -> a + b == 0 ? null : a + b));
    return moves;
  }
}

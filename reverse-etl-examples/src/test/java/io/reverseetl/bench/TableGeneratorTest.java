package io.reverseetl.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.table.ArrayView;
import io.reverseetl.table.ChangeCursor;
import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.ChangeType;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowChange;
import io.reverseetl.table.RowJson;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TableGeneratorTest {
  @TempDir Path folder;

  private static BenchRun generate(Path table, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.addAll(List.of("--out", table.toString()));
    return BenchRun.of(TableGenerator.commandLine(), all.toArray(String[]::new));
  }

  private static void read(Path table, long version, Consumer<Row> rows) {
    try (DeltaTableSource source = DeltaTableSource.open(table.toString());
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.atVersion(version))) {
      for (SnapshotPart part : snapshot.parts()) {
        try (Cursor<Row> cursor = snapshot.open(part)) {
          while (cursor.advance()) {
            rows.accept(cursor.current());
          }
        }
      }
    }
  }

  /** A version's rows as JSON, by their ids. */
  private static Map<String, String> rows(Path table, long version) {
    Map<String, String> rows = new TreeMap<>();
    RowJson json = new RowJson();
    read(
        table,
        version,
        row -> assertThat(rows.put(row.getString("id"), json.toString(row))).isNull());
    return rows;
  }

  @Test
  void writesRowsThatAreReadBackEqual() {
    Path table = folder.resolve("table");

    BenchRun run = generate(table, "--rows", "400", "--files", "3");

    assertThat(run.exitCode()).as(run.err()).isZero();
    List<Long> numbers = new ArrayList<>();
    read(table, 0, row -> numbers.add(checked(row)));
    assertThat(numbers).hasSize(400).doesNotHaveDuplicates().allMatch(n -> n >= 0 && n < 400);
  }

  /** Compares a row with what its number makes of it, and gives the number. */
  private static long checked(Row row) {
    String title = row.getString("title");
    long number = Long.parseLong(title.substring(title.lastIndexOf(' ') + 1));
    BenchRow expected = new BenchRow();
    expected.set(number, 0);
    assertThat(title).isEqualTo(new String(expected.title, UTF_8));
    assertThat(row.getString("id")).isEqualTo(new String(expected.id, UTF_8)).hasSize(36);
    assertThat(row.getString("tenant")).isEqualTo(new String(expected.tenant, UTF_8));
    assertThat(row.getInt("n1")).isEqualTo(expected.n1);
    assertThat(row.getInt("n2")).isEqualTo(expected.n2);
    assertThat(row.getLong("l1")).isEqualTo(expected.l1);
    assertThat(row.getDouble("d1")).isEqualTo(expected.d1);
    assertThat(row.isNull("d2")).isEqualTo(expected.d2Null);
    if (!expected.d2Null) {
      assertThat(row.getDouble("d2")).isEqualTo(expected.d2);
    }
    assertThat(row.getDecimal(row.ordinal("price")))
        .isEqualByComparingTo(BigDecimal.valueOf(expected.price, 4));
    assertThat(row.getLong(row.ordinal("updated"))).isEqualTo(expected.updated);
    ArrayView tags = row.getArray(row.ordinal("tags"));
    assertThat(tags.size()).isEqualTo(expected.tags.size()).isBetween(1, 4);
    for (int i = 0; i < tags.size(); i++) {
      assertThat(tags.elements().getUtf8(i)).isEqualTo(expected.tags.get(i));
    }
    Row address = row.getStruct(row.ordinal("address"));
    assertThat(address.getString("street")).isEqualTo(new String(expected.street, UTF_8));
    assertThat(address.getInt("zip")).isEqualTo(expected.zip);
    Row geo = address.getStruct(address.ordinal("geo"));
    assertThat(geo.getDouble("lat")).isEqualTo(expected.lat);
    assertThat(geo.getDouble("lon")).isEqualTo(expected.lon);
    return number;
  }

  @Test
  void changesRowsInEachCommitAndSaysSoInItsChangeData() throws Exception {
    Path table = folder.resolve("table");
    String[] args = {
      "--rows", "600", "--files", "4", "--commits", "5", "--updated", "5", "--deleted", "2"
    };

    BenchRun run = generate(table, args);

    assertThat(run.exitCode()).as(run.err()).isZero();
    for (int version = 1; version <= 5; version++) {
      Map<String, String> before = rows(table, version - 1);
      Map<String, String> after = rows(table, version);
      long inserted = after.keySet().stream().filter(id -> !before.containsKey(id)).count();
      long deleted = before.keySet().stream().filter(id -> !after.containsKey(id)).count();
      long updated =
          after.entrySet().stream()
              .filter(row -> before.containsKey(row.getKey()))
              .filter(row -> !Objects.equals(before.get(row.getKey()), row.getValue()))
              .count();
      assertThat(run.out())
          .contains(
              "version %d: %d updated, %d inserted, %d deleted"
                  .formatted(version, updated, inserted, deleted));
      assertThat(inserted).isEqualTo(3);
      assertThat(updated).isPositive();
      assertThat(deleted).isPositive();
      assertThat(changedRows(table, version)).isEqualTo(inserted + 2 * updated + deleted);
      assertThat(replayed(table, version, before)).isEqualTo(after);
    }
  }

  /** Rows after the changes that the change data feed tells of. */
  private static Map<String, String> replayed(Path table, int version, Map<String, String> before) {
    Map<String, String> rows = new TreeMap<>(before);
    RowJson json = new RowJson();
    try (DeltaTableSource source = DeltaTableSource.open(table.toString());
        ChangeCursor changes = source.openChanges(ChangeQuery.from(version).to(version))) {
      while (changes.advance()) {
        RowChange change = changes.current();
        String id = change.row().getString("id");
        switch (change.type()) {
          case INSERT -> assertThat(rows.put(id, json.toString(change.row()))).isNull();
          case UPDATE_PREIMAGE, DELETE ->
              assertThat(before).containsEntry(id, json.toString(change.row()));
          case UPDATE_POSTIMAGE -> rows.put(id, json.toString(change.row()));
        }
        if (change.type() == ChangeType.DELETE) {
          rows.remove(id);
        }
      }
    }
    return rows;
  }

  private static long changedRows(Path table, int version) throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.list(table.resolve("_change_data"))) {
      files = all.filter(f -> f.toString().endsWith("-" + version + ".snappy.parquet")).toList();
    }
    long rows = 0;
    for (Path file : files) {
      try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(file))) {
        rows += reader.getRecordCount();
      }
    }
    return rows;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--rows 0",
        "--rows many",
        "--files 8",
        "--rows 3 --files 4",
        "--rows 3 --files 0",
        "--rows 9 --commits -1",
        "--rows 9 --updated 12 --deleted 1",
        "--rows 9 --change-files 0"
      })
  void refusesWrongOptions(String options) {
    BenchRun run = generate(folder.resolve("table"), options.split(" "));

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("--");
    assertThat(folder.resolve("table")).doesNotExist();
  }

  @Test
  void leavesAFolderAloneThatIsNotEmpty() throws Exception {
    Path table = Files.createDirectories(folder.resolve("table"));
    Files.createFile(table.resolve("mine"));

    BenchRun run = generate(table, "--rows", "10");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("is not empty");
    assertThat(table.resolve("_delta_log")).doesNotExist();
  }
}

package io.reverseetl.delta;

import static io.reverseetl.delta.DeltaChangesTest.change;
import static io.reverseetl.delta.DeltaChangesTest.row;
import static io.reverseetl.delta.DeltaChangesTest.texts;
import static io.reverseetl.delta.HandMadeTable.commitInfo;
import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.table.ChangeQuery;
import io.reverseetl.table.SchemaMode;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often a poll lists the log: on cloud storage each listing takes its time. */
class PollListingTest {
  @TempDir Path folder;
  private HandMadeTable table;
  private CountingStorage storage;
  private DeltaTableSource source;

  @BeforeEach
  void followATable() {
    table = new HandMadeTable(folder.resolve("table"), DeltaChangesTest.COLUMNS);
    source =
        DeltaTableSource.builder(table.folder().toString())
            .storage(
                files -> {
                  storage = new CountingStorage(files);
                  return storage;
                })
            .build();
    table.create();
    table.commit(commitInfo("WRITE"));
    assertThat(source.newestVersion(0)).isEqualTo(1);
    assertThat(ChangeLines.read(source, query(1, 1))).isEmpty();
    storage.reset();
  }

  @AfterEach
  void close() {
    source.close();
  }

  private ChangeQuery query(long from, long to) {
    return ChangeQuery.from(from).to(to).schemaMode(SchemaMode.PER_COMMIT).tableId(table.id());
  }

  private long insert(long id, String text) {
    return table.commit(table.add(table.write(row(id, text))).toString());
  }

  @Test
  void listsTheLogOnceInAPollThatFindsACommit() {
    for (long id = 1; id <= 3; id++) {
      long version = insert(id, "a");

      assertThat(source.newestVersion(version - 1)).isEqualTo(version);
      assertThat(source.retention(version - 1).nextCommit()).isPresent();
      assertThat(texts(ChangeLines.read(source, query(version, version))))
          .containsExactly(change(version, "insert", (int) id, "a"));

      assertThat(storage.listings()).isEqualTo(1);
      storage.reset();
    }
  }

  @Test
  void tellsTheTimesThatALongerListingTells() {
    table.commitTime(0, 9_000);
    table.commitTime(1, 2_000);
    assertThat(ChangeLines.read(source, query(1, 1))).isEmpty();
    for (long id = 1; id <= 3; id++) {
      long version = insert(id, "a");
      table.commitTime(version, 1_000 * id);
      storage.reset();
      source.newestVersion(version - 1);

      assertThat(ChangeLines.read(source, query(version, version)))
          .extracting(ChangeLines.Read::timestamp)
          .containsExactly(Instant.ofEpochMilli(9_000 + version));

      assertThat(storage.listings()).isEqualTo(1);
    }
  }

  @Test
  void listsAgainForCommitsThatTheLookDidNotShow() {
    long seen = insert(1, "a");
    assertThat(source.newestVersion(seen - 1)).isEqualTo(seen);
    long later = insert(2, "b");

    assertThat(texts(ChangeLines.read(source, query(seen, later))))
        .containsExactly(change(seen, "insert", 1, "a"), change(later, "insert", 2, "b"));
  }

  @Test
  void goesByALookOnlyOnce() {
    long version = insert(1, "a");
    source.newestVersion(version - 1);
    assertThat(ChangeLines.read(source, query(version, version))).hasSize(1);
    storage.reset();

    assertThat(ChangeLines.read(source, query(version, version))).hasSize(1);

    assertThat(storage.listings()).isEqualTo(1);
  }

  @Test
  void listsAgainWithoutAnEnd() {
    long version = insert(1, "a");
    source.newestVersion(version - 1);
    long later = insert(2, "b");

    assertThat(
            texts(
                ChangeLines.read(
                    source, ChangeQuery.from(version).schemaMode(SchemaMode.PER_COMMIT))))
        .contains(change(later, "insert", 2, "b"));
  }
}

package io.reverseetl.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A table that is committed to while somebody polls it: each commit inserts, updates or deletes one
 * row, in turn. Rows that change are in files of their own. Not thread-safe.
 */
final class LiveTable {
  private final Path folder;
  private final TableLog log;
  private final BenchRow row = new BenchRow();

  /** Rows that are still there, oldest first, and the file of each. */
  private final Deque<Single> singles = new ArrayDeque<>();

  private long nextRow;
  private int commits;

  private record Single(long number, String file) {}

  /**
   * One commit.
   *
   * @param id of the document that it changes
   * @param tenant its partition key
   * @param title what the document says afterwards; empty if it is gone
   * @param visibleMillis when the commit could be seen, in milliseconds since 1970
   */
  record Change(String id, String tenant, String title, long visibleMillis) {}

  private LiveTable(Path folder) throws IOException {
    this.folder = folder;
    this.log = new TableLog(folder);
  }

  /** Writes version 0, with so many rows that never change and one that will. */
  static LiveTable create(Path folder, long rows) throws IOException {
    LiveTable table = new LiveTable(folder);
    table.log.create();
    RowFile many = RowFile.data(folder, "part-many.snappy.parquet");
    try (many) {
      for (long number = 0; number < rows; number++) {
        table.row.set(number, 0);
        many.write(table.row);
      }
    }
    table.log.add(many);
    table.nextRow = rows;
    table.insertNext();
    table.log.commit("WRITE");
    return table;
  }

  /** Makes the next commit. */
  Change commit() throws IOException {
    String title =
        switch (commits % 3) {
          case 0 -> insert();
          case 1 -> update();
          default -> delete();
        };
    commits++;
    return new Change(
        new String(row.id, UTF_8),
        new String(row.tenant, UTF_8),
        title,
        System.currentTimeMillis());
  }

  private String insert() throws IOException {
    insertNext();
    log.commit("WRITE");
    return title();
  }

  private void insertNext() throws IOException {
    row.set(nextRow, 0);
    singles.addLast(new Single(nextRow, write("part-%d-0.snappy.parquet".formatted(nextRow))));
    nextRow++;
  }

  private String update() throws IOException {
    Single last = singles.removeLast();
    log.remove(last.file());
    RowFile changes = changes();
    try (changes) {
      row.set(last.number(), 0);
      changes.write(row, "update_preimage");
      row.set(last.number(), 1);
      changes.write(row, "update_postimage");
    }
    log.changes(changes);
    String file = write("part-%d-1.snappy.parquet".formatted(last.number()));
    singles.addLast(new Single(last.number(), file));
    log.commit("UPDATE");
    return title();
  }

  private String delete() throws IOException {
    Single first = singles.removeFirst();
    log.remove(first.file());
    RowFile changes = changes();
    try (changes) {
      // The first of all rows was never updated, all others once.
      row.set(first.number(), commits < 3 ? 0 : 1);
      changes.write(row, "delete");
    }
    log.changes(changes);
    log.commit("DELETE");
    return "";
  }

  private String title() {
    return new String(row.title, UTF_8);
  }

  private RowFile changes() throws IOException {
    return RowFile.changes(folder, "_change_data/cdc-%d.snappy.parquet".formatted(commits));
  }

  private String write(String name) throws IOException {
    RowFile file = RowFile.data(folder, name);
    try (file) {
      file.write(row);
    }
    log.add(file);
    return name;
  }
}

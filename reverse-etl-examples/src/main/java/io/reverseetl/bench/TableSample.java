package io.reverseetl.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.document.Document;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a version of a table makes of some of its rows. Which rows are looked at depends on their
 * ids alone, so two versions have the same ones, and what came, changed and went is among them.
 *
 * @param count how many documents the version makes
 * @param documents those of the sample, by id
 */
record TableSample(long count, Map<String, Documents.Ready> documents) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a version.
   *
   * @param every one row of so many is looked at
   */
  static TableSample of(String table, SnapshotQuery version, int every) {
    Map<String, Documents.Ready> sampled = new TreeMap<>();
    long count = 0;
    try (DeltaTableSource source = DeltaTableSource.open(table);
        TableSnapshot snapshot = source.openSnapshot(version)) {
      DocumentMapper mapper = Documents.mapper().bind(snapshot.schema());
      List<Document> mapped = new ArrayList<>(1);
      for (SnapshotPart part : snapshot.parts()) {
        try (Cursor<Row> rows = snapshot.open(part)) {
          while (rows.advance()) {
            count++;
            String id = rows.current().getString("id");
            if (Math.floorMod(id.hashCode(), every) == 0) {
              mapped.clear();
              mapper.map(rows.current(), mapped::add);
              sampled.put(id, Documents.ready(mapped.get(0)));
            }
          }
        }
      }
    }
    return new TableSample(count, sampled);
  }

  /**
   * Compares a container with this version, which it was brought to from an earlier one.
   *
   * @throws IllegalStateException if it holds anything else
   */
  void verify(EmulatorProcess emulator, String container, TableSample earlier) throws IOException {
    long found = emulator.count(container);
    if (found != count) {
      throw new IllegalStateException("There are " + found + " documents instead of " + count);
    }
    for (Documents.Ready each : documents.values()) {
      String text = emulator.get(container, each.id(), each.partitionKey());
      if (text.equals("none") || !JSON.readTree(text).equals(JSON.readTree(each.json()))) {
        throw new IllegalStateException("There is " + text + " instead of " + each.json());
      }
    }
    for (Documents.Ready each : earlier.documents.values()) {
      if (!documents.containsKey(each.id())
          && !emulator.get(container, each.id(), each.partitionKey()).equals("none")) {
        throw new IllegalStateException("Document " + each.id() + " should be gone.");
      }
    }
  }
}

package io.reverseetl.delta;

import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.RowJson;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import io.reverseetl.table.TableSource;
import java.util.ArrayList;
import java.util.List;

/** Reads whole snapshots, for tests. */
final class Tables {
  private Tables() {}

  static List<String> rows(TableSource source, SnapshotQuery query) {
    List<String> lines = new ArrayList<>();
    RowJson json = new RowJson();
    try (TableSnapshot snapshot = source.openSnapshot(query)) {
      for (SnapshotPart part : snapshot.parts()) {
        try (Cursor<Row> rows = snapshot.open(part)) {
          while (rows.advance()) {
            lines.add(json.toString(rows.current()));
          }
        }
      }
    }
    return lines;
  }
}

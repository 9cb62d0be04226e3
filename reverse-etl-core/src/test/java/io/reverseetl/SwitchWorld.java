package io.reverseetl;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryTableSource;
import io.reverseetl.testing.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A table whose every row tells which batch rewrote it last: a batch changes all rows in one
 * commit, and small commits change something else.
 */
public final class SwitchWorld {
  public static final int ROWS = 6;

  private static final StructType SCHEMA =
      StructType.of(
          Column.required("id", Primitive.STRING),
          Column.required("batch", Primitive.INTEGER),
          Column.required("n", Primitive.INTEGER));

  public final ManualClock clock = new ManualClock();
  public final InMemoryTableSource table = InMemoryTableSource.of(SCHEMA, clock, 2);
  private final int[] numbers = new int[ROWS];
  private int batch;

  public SwitchWorld() {
    List<InMemoryTableSource.Change> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.addAll(table.insert(Integer.toString(i), 0, 0));
    }
    table.commit(rows);
  }

  public int batch() {
    return batch;
  }

  public long newest() {
    return table.latestVersion().version();
  }

  /** Changes every row. */
  public long commitBatch() {
    List<InMemoryTableSource.Change> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      String id = Integer.toString(i);
      rows.addAll(
          table.update(table.row(id, batch, numbers[i]), table.row(id, batch + 1, numbers[i])));
    }
    batch++;
    return table.commit(rows);
  }

  /** Changes one row, but not its batch. */
  public long commitSmall(int row) {
    String id = Integer.toString(row);
    int before = numbers[row]++;
    return table.commit(
        table.update(table.row(id, batch, before), table.row(id, batch, before + 1)));
  }

  public static final DocumentMapper MAPPER =
      new DocumentMapper() {
        @Override
        public void map(Row row, Consumer<Document> documents) {
          String id = row.getString(0);
          documents.accept(
              Document.of(
                  DocumentKey.of(id, id),
                  Map.of("region", id, "batch", row.getInt(1), "n", row.getInt(2))));
        }

        @Override
        public List<String> partitionKeyPaths() {
          return List.of("/region");
        }
      };
}

package io.reverseetl.bench;

import io.reverseetl.delta.DeltaTableSource;
import io.reverseetl.document.Document;
import io.reverseetl.mapping.ColumnMapper;
import io.reverseetl.mapping.DocumentMapper;
import io.reverseetl.mapping.LongFormat;
import io.reverseetl.table.Cursor;
import io.reverseetl.table.Row;
import io.reverseetl.table.SnapshotPart;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The documents of a table in a file, ready to be sent: a line for each with its id, its partition
 * key and its JSON, parted by tabs.
 *
 * @param file where they are
 * @param count how many they are
 * @param samples a few of them
 */
record Documents(Path file, long count, List<Ready> samples) {
  private static final int SAMPLES = 20;

  /** One document. */
  record Ready(String id, String partitionKey, String json) {
    static Ready parse(String line) {
      int first = line.indexOf('\t');
      int second = line.indexOf('\t', first + 1);
      return new Ready(
          line.substring(0, first), line.substring(first + 1, second), line.substring(second + 1));
    }

    private String line() {
      return id + "\t" + partitionKey + "\t" + json;
    }
  }

  /** The mapper of all benchmarks. */
  static ColumnMapper mapper() {
    // Most values of "l1" are beyond what a double holds, so they are text.
    return ColumnMapper.builder()
        .id("id")
        .partitionKey("tenant")
        .longs("l1", LongFormat.STRING)
        .build();
  }

  /** Maps the newest version of a table, and writes its documents to a file. */
  static Documents prepare(String table, Path file) throws IOException {
    List<Ready> samples = new ArrayList<>();
    long count = 0;
    try (DeltaTableSource source = DeltaTableSource.open(table);
        TableSnapshot snapshot = source.openSnapshot(SnapshotQuery.latest());
        BufferedWriter out = Files.newBufferedWriter(file)) {
      DocumentMapper mapper = mapper().bind(snapshot.schema());
      List<Document> mapped = new ArrayList<>(1);
      for (SnapshotPart part : snapshot.parts()) {
        try (Cursor<Row> rows = snapshot.open(part)) {
          while (rows.advance()) {
            mapped.clear();
            mapper.map(rows.current(), mapped::add);
            Ready ready = ready(mapped.get(0));
            out.write(ready.line());
            out.newLine();
            // A sample that ends up spread over all of them, however many they are.
            if (Long.bitCount(count) <= 1 && samples.size() < SAMPLES) {
              samples.add(ready);
            }
            count++;
          }
        }
      }
    }
    return new Documents(file, count, samples);
  }

  static Ready ready(Document document) {
    Object partitionKey = Objects.requireNonNull(document.key().levels().get(0));
    return new Ready(document.key().id(), partitionKey.toString(), document.text());
  }
}

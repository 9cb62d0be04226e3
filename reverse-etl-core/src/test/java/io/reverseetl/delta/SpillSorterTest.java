package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.table.Column;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.Row;
import io.reverseetl.table.StructType;
import io.reverseetl.testing.InMemoryRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpillSorterTest {
  private static final StructType TYPE =
      StructType.of(Column.nullable("id", Primitive.LONG), Column.nullable("v", Primitive.STRING));

  @TempDir Path folder;

  /** From one run for each record, so that runs are merged again and again, to none. */
  @ParameterizedTest
  @ValueSource(longs = {1, 500, 5_000, 1 << 20})
  void sortsInAnyAmountOfMemory(long memory) throws Exception {
    RowCodec codec = new RowCodec(TYPE, new int[] {0});
    List<byte[]> records = new ArrayList<>();
    Random random = new Random(memory);
    for (int i = 0; i < 1_000; i++) {
      InMemoryRow row = InMemoryRow.of(TYPE, (long) random.nextInt(300), "v" + random.nextInt(3));
      records.add(codec.encode(row, (byte) random.nextInt(2)));
    }
    List<String> sorted = new ArrayList<>();

    try (SpillSorter sorter = new SpillSorter(folder, memory)) {
      for (byte[] row : records) {
        sorter.add(row);
      }
      assertThat(sorter.runs()).isLessThanOrEqualTo(65);
      assertThat(sorter.runs() > 0).isEqualTo(memory < 1 << 20);
      SpillSorter.Merge merge = sorter.sorted();
      byte[] last = null;
      for (byte[] row = merge.next(); row != null; row = merge.next()) {
        if (last != null) {
          assertThat(RowCodec.compare(last, row)).isNotPositive();
        }
        sorted.add(text(codec, row));
        last = row;
      }
    }

    assertThat(sorted)
        .containsExactlyInAnyOrderElementsOf(records.stream().map(r -> text(codec, r)).toList());
    assertThat(left()).isEmpty();
  }

  private static String text(RowCodec codec, byte[] encoded) {
    Row row = codec.decode(encoded);
    return row.getLong("id") + " " + row.getString("v") + " " + RowCodec.mark(encoded);
  }

  @Test
  void deletesItsFilesBeforeItsEndToo() throws Exception {
    RowCodec codec = new RowCodec(TYPE, new int[0]);
    try (SpillSorter sorter = new SpillSorter(folder, 1)) {
      for (long i = 0; i < 10; i++) {
        sorter.add(codec.encode(InMemoryRow.of(TYPE, i, null), (byte) 0));
      }
      sorter.sorted().next();
      assertThat(left()).hasSize(1);
    }
    assertThat(left()).isEmpty();
  }

  private List<Path> left() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}

package io.reverseetl.delta;

import static io.reverseetl.delta.HandWrittenTable.field;
import static org.assertj.core.api.Assertions.assertThat;

import io.delta.kernel.defaults.engine.DefaultEngine;
import io.reverseetl.table.SnapshotQuery;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random files, read by this library and by Kernel's own reader, which assembles every record: both
 * give the same rows.
 */
class FlatColumnsModelTest {
  private static final String FIELDS =
      String.join(
          ",",
          field("id", "long"),
          field("i", "integer"),
          field("wide", "long"),
          field("day", "date"),
          field("flag", "boolean"),
          field("f", "float"),
          field("d", "double"),
          field("text", "string"),
          field("bytes", "binary"),
          field("micros", "timestamp"),
          field("old", "timestamp"),
          field("small", "decimal(7,2)"),
          field("medium", "decimal(15,3)"),
          field("large", "decimal(30,5)"),
          field("grown", "decimal(20,4)"),
          field("tags", array("string")),
          field("numbers", array("integer")),
          field(
              "inner",
              struct(
                  field("a", "integer"),
                  field("missing", "string"),
                  field("deep", struct(field("b", "string"), field("l", array("long")))))),
          field("absent", "double"),
          field(
              "map",
              "{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":\"integer\","
                  + "\"valueContainsNull\":true}"));

  private static final String FILE =
      "message m { required int64 id; optional int32 i; optional int32 wide; optional int32 day"
          + " (DATE); optional boolean flag; optional float f; optional double d; optional binary"
          + " text (STRING); optional binary bytes; optional int64 micros (TIMESTAMP(MICROS,true));"
          + " optional int96 old; optional int32 small (DECIMAL(7,2)); optional int64 medium"
          + " (DECIMAL(15,3)); optional fixed_len_byte_array(13) large (DECIMAL(30,5)); optional"
          + " binary grown (DECIMAL(18,2)); optional group tags (LIST) { repeated group list {"
          + " optional binary element (STRING); } } required group numbers (LIST) { repeated group"
          + " bag { required int32 array; } } optional group inner { optional int32 a; optional"
          + " group deep { required binary b (STRING); optional group l (LIST) { repeated group"
          + " list { optional int64 element; } } } } optional group map (MAP) { repeated group"
          + " key_value { required binary key (STRING); optional int32 value; } } }";

  @TempDir Path folder;

  private static String array(String element) {
    return "{\"type\":\"array\",\"elementType\":\"" + element + "\",\"containsNull\":true}";
  }

  private static String struct(String... fields) {
    return "{\"type\":\"struct\",\"fields\":[" + String.join(",", fields) + "]}";
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void readsTheSameRowsAsKernel(long seed) throws Exception {
    Random random = new Random(seed);
    HandWrittenTable table = HandWrittenTable.create(folder, FIELDS, "[]", "[]");
    List<Consumer<Group>> rows = new ArrayList<>();
    int count = 1 + random.nextInt(5_000);
    int distinct = random.nextBoolean() ? 5 : 1_000_000;
    double nulls = random.nextBoolean() ? 0.02 : 0.7;
    for (int i = 0; i < count; i++) {
      int id = i;
      rows.add(row -> fill(row, id, new Random(seed * 31 + id), distinct, nulls));
    }
    table.add(
        "a.parquet",
        "{}",
        "",
        FILE,
        rows,
        writer ->
            writer
                .withWriterVersion(
                    random.nextBoolean() ? WriterVersion.PARQUET_1_0 : WriterVersion.PARQUET_2_0)
                .withDictionaryEncoding(random.nextInt(4) > 0)
                .withDictionaryPageSize(200 + random.nextInt(20_000))
                .withPageSize(100 + random.nextInt(20_000))
                .withPageRowCountLimit(1 + random.nextInt(2_000))
                .withRowGroupSize(5_000L + random.nextInt(200_000))
                .withMinRowCountForPageSizeCheck(10)
                .withMaxRowCountForPageSizeCheck(50));

    String path = folder.toString();
    List<String> ours;
    List<String> kernels;
    try (DeltaTableSource source = DeltaTableSource.open(path)) {
      ours = Tables.rows(source, SnapshotQuery.latest());
    }
    try (DeltaTableSource source =
        DeltaTableSource.open(path, DefaultEngine.create(new Configuration()))) {
      kernels = Tables.rows(source, SnapshotQuery.latest());
    }

    assertThat(ours).hasSize(count).isEqualTo(kernels);
  }

  private static void fill(Group row, int id, Random random, int distinct, double nulls) {
    row.append("id", (long) id);
    Values values = new Values(random, distinct, nulls);
    values.some(n -> row.append("i", n));
    values.some(n -> row.append("wide", n));
    values.some(n -> row.append("day", n % 100_000));
    values.some(n -> row.append("flag", n % 2 == 0));
    values.some(n -> row.append("f", n / 7f));
    values.some(n -> row.append("d", n / 7d));
    values.some(n -> row.append("text", "text " + n));
    values.some(n -> row.append("bytes", Binary.fromConstantByteArray(("b" + n).getBytes())));
    values.some(n -> row.append("micros", n * 1_000_001L));
    values.some(n -> row.append("old", int96(2_440_588 + n % 20_000, n * 1_000L)));
    values.some(n -> row.append("small", n % 10_000_000));
    values.some(n -> row.append("medium", n * 1_000L));
    values.some(n -> row.append("large", Binary.fromConstantByteArray(bigEndian(-n, 13))));
    values.some(
        n ->
            row.append(
                "grown", Binary.fromConstantByteArray(BigInteger.valueOf(-n).toByteArray())));
    values.some(
        n -> {
          Group tags = row.addGroup("tags");
          for (int i = 0; i < n % 4; i++) {
            Group element = tags.addGroup("list");
            values.some(m -> element.append("element", "tag " + m));
          }
        });
    Group numbers = row.addGroup("numbers");
    values.some(n -> numbers.addGroup("bag").append("array", n));
    values.some(n -> numbers.addGroup("bag").append("array", n));
    values.some(
        n -> {
          Group inner = row.addGroup("inner");
          values.some(m -> inner.append("a", m));
          values.some(
              m -> {
                Group deep = inner.addGroup("deep").append("b", "deep " + m);
                values.some(
                    k -> {
                      Group list = deep.addGroup("l");
                      for (int i = 0; i < k % 40; i++) {
                        Group element = list.addGroup("list");
                        values.some(j -> element.append("element", (long) j));
                      }
                    });
              });
        });
    values.some(
        n -> row.addGroup("map").addGroup("key_value").append("key", "k" + n).append("value", n));
  }

  private static Binary int96(int julianDay, long nanos) {
    return Binary.fromConstantByteArray(
        ByteBuffer.allocate(12)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(nanos)
            .putInt(julianDay)
            .array());
  }

  private static byte[] bigEndian(long value, int length) {
    return ByteBuffer.allocate(length)
        .put(new byte[] {(byte) (value < 0 ? -1 : 0)}, 0, 1)
        .putInt(value < 0 ? -1 : 0)
        .putLong(length - 8, value)
        .array();
  }

  private record Values(Random random, int distinct, double nulls) {
    void some(IntConsumer use) {
      if (random.nextDouble() >= nulls) {
        use.accept(random.nextInt(distinct));
      }
    }

    private interface IntConsumer {
      void accept(int value);
    }
  }
}

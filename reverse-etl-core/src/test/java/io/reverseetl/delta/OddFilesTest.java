package io.reverseetl.delta;

import static io.reverseetl.delta.HandWrittenTable.field;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.delta.kernel.internal.deletionvectors.Base85Codec;
import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.exceptions.TableReadException.Reason;
import io.reverseetl.table.RowFilter;
import io.reverseetl.table.SnapshotQuery;
import io.reverseetl.table.TableSnapshot;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.TimeZone;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.variant.Variant;
import org.apache.parquet.variant.VariantBuilder;
import org.apache.parquet.variant.VariantObjectBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** Files as other writers than Spark make them, and what Kernel alone would read wrong. */
class OddFilesTest {
  @TempDir Path folder;

  private static List<String> rows(HandWrittenTable table) {
    return rows(table, SnapshotQuery.latest());
  }

  private static List<String> rows(HandWrittenTable table, SnapshotQuery query) {
    try (DeltaTableSource source = DeltaTableSource.open(table.folder().toString())) {
      return Tables.rows(source, query);
    }
  }

  private static void assertRefused(HandWrittenTable table, Reason reason, String word) {
    assertThatThrownBy(() -> rows(table))
        .isInstanceOf(TableReadException.class)
        .hasMessageContaining(word)
        .extracting("reason")
        .isEqualTo(reason);
  }

  private HandWrittenTable table(String fields) throws IOException {
    return HandWrittenTable.create(folder.resolve("t"), fields, "[]", "[]");
  }

  private static void addOne(HandWrittenTable table, String schema, Consumer<Group> row)
      throws IOException {
    table.add("a.parquet", "{}", "", "message m { " + schema + " }", List.of(row));
  }

  // schema evolution

  @Test
  void readsPlainIntegersAsNarrowDecimals() throws Exception {
    HandWrittenTable table =
        table(
            field("a", "decimal(5,1)")
                + ","
                + field("b", "decimal(19,0)")
                + ","
                + field(
                    "c",
                    "{\"type\":\"array\",\"elementType\":\"decimal(4,2)\",\"containsNull\":true}"));
    addOne(
        table,
        "optional int32 a; optional int64 b; optional group c (LIST) { repeated group list {"
            + " optional int32 element; } }",
        row -> {
          row.append("a", -7).append("b", Long.MAX_VALUE);
          row.addGroup("c").addGroup("list").append("element", 3);
        });

    assertThat(rows(table))
        .containsExactly("{\"a\":\"-7.0\",\"b\":\"9223372036854775807\",\"c\":[\"3.00\"]}");
  }

  @Test
  void tellsAStructOfNewFieldsFromANullStruct() throws Exception {
    String struct = "{\"type\":\"struct\",\"fields\":[" + field("new", "string") + "]}";
    HandWrittenTable table = table(field("s", struct));
    table.add(
        "a.parquet",
        "{}",
        "",
        "message m { optional group s { optional group g { optional int96 t; } optional int32 old;"
            + " } }",
        List.of(row -> row.addGroup("s").append("old", 1), row -> row.addGroup("s"), row -> {}));

    assertThat(rows(table))
        .containsExactly("{\"s\":{\"new\":null}}", "{\"s\":{\"new\":null}}", "{\"s\":null}");
  }

  @Test
  void readsStructsInMapsFieldByField() throws Exception {
    String struct =
        "{\"type\":\"struct\",\"fields\":["
            + field("c", "string")
            + ","
            + field("a", "long")
            + "]}";
    HandWrittenTable table =
        table(
            field(
                "m",
                "{\"type\":\"map\",\"keyType\":\"string\",\"valueType\":"
                    + struct
                    + ",\"valueContainsNull\":true}"));
    addOne(
        table,
        "optional group m (MAP) { repeated group key_value { required binary key (STRING);"
            + " optional group value { optional int64 a; optional int64 b; optional binary c"
            + " (STRING); } } }",
        row -> {
          Group entry = row.addGroup("m").addGroup("key_value").append("key", "k");
          entry.addGroup("value").append("a", 1L).append("b", 2L).append("c", "three");
        });

    assertThat(rows(table))
        .containsExactly("{\"m\":[{\"key\":\"k\",\"value\":{\"c\":\"three\",\"a\":1}}]}");
  }

  // variants

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static Binary value(Variant variant) {
    return Binary.fromConstantByteArray(bytes(variant.getValueBuffer()));
  }

  private static Binary metadata(Variant variant) {
    return Binary.fromConstantByteArray(bytes(variant.getMetadataBuffer()));
  }

  private HandWrittenTable variantTable() throws IOException {
    return HandWrittenTable.create(
        folder.resolve("v"),
        field("v", "variant"),
        "[]",
        "[\"variantType\",\"variantShredding-preview\"]");
  }

  @Test
  void writesVariantsAsSparkDoes() throws Exception {
    VariantBuilder builder = new VariantBuilder();
    VariantObjectBuilder object = builder.startObject();
    object.appendKey("date");
    object.appendDate(19_782);
    object.appendKey("ts");
    object.appendTimestampTz(1_709_209_800_000_001L);
    object.appendKey("ntz");
    object.appendTimestampNtz(-1L);
    object.appendKey("bin");
    object.appendBinary(ByteBuffer.wrap(new byte[] {1, 2}));
    object.appendKey("nan");
    object.appendDouble(Double.NaN);
    object.appendKey("float");
    object.appendFloat(0.1f);
    object.appendKey("dec");
    object.appendDecimal(new BigDecimal("1.50"));
    object.appendKey("text");
    object.appendString("a\"\\\n\u0001é");
    builder.endObject();
    Variant variant = builder.build();
    HandWrittenTable table = variantTable();
    addOne(
        table,
        "optional group v { required binary value; required binary metadata; }",
        row ->
            row.addGroup("v")
                .append("value", value(variant))
                .append("metadata", metadata(variant)));

    assertThat(rows(table).get(0).replace("\\\\", "\\").replace("\\\"", "\""))
        .contains("\"date\":\"2024-02-29\"")
        .contains("\"ts\":\"2024-02-29 12:30:00.000001+00:00\"")
        .contains("\"ntz\":\"1969-12-31 23:59:59.999999\"")
        .contains("\"bin\":\"AQI=\"")
        .contains("\"nan\":\"NaN\"")
        .contains("\"float\":0.1")
        .contains("\"dec\":1.50");
  }

  @Test
  void readsShreddedVariants() throws Exception {
    VariantBuilder rest = new VariantBuilder();
    VariantObjectBuilder object = rest.startObject();
    object.appendKey("other");
    object.appendBoolean(true);
    rest.endObject();
    Variant residual = rest.build();
    VariantBuilder text = new VariantBuilder();
    text.appendString("no number");
    Variant string = text.build();
    String schema =
        "message m { optional group v { required binary metadata; optional binary value; optional"
            + " group typed_value { required group a { optional binary value; optional int64"
            + " typed_value; } required group l { optional binary value; optional group typed_value"
            + " (LIST) { repeated group list { required group element { optional binary value;"
            + " optional binary typed_value (STRING); } } } } } } }";
    HandWrittenTable table = variantTable();
    table.add(
        "a.parquet",
        "{}",
        "",
        schema,
        List.of(
            row -> {
              Group v = row.addGroup("v").append("metadata", metadata(residual));
              v.append("value", value(residual));
              Group typed = v.addGroup("typed_value");
              typed.addGroup("a").append("typed_value", 7L);
              Group list = typed.addGroup("l").addGroup("typed_value");
              list.addGroup("list").addGroup("element").append("typed_value", "x");
              list.addGroup("list").addGroup("element");
            },
            row -> {
              Group v = row.addGroup("v").append("metadata", metadata(string));
              Group typed = v.addGroup("typed_value");
              typed.addGroup("a").append("value", value(string));
              typed.addGroup("l");
            },
            row ->
                row.addGroup("v")
                    .append("metadata", metadata(string))
                    .append("value", value(string)),
            row -> {}));

    assertThat(rows(table))
        .containsExactly(
            "{\"v\":\"{\\\"a\\\":7,\\\"l\\\":[\\\"x\\\",null],\\\"other\\\":true}\"}",
            "{\"v\":\"{\\\"a\\\":\\\"no number\\\"}\"}",
            "{\"v\":\"\\\"no number\\\"\"}",
            "{\"v\":null}");
  }

  @Test
  void namesAShreddedTypeThatItCannotRead() throws Exception {
    HandWrittenTable table = variantTable();
    addOne(
        table,
        "optional group v { required binary metadata; optional binary value; optional"
            + " fixed_len_byte_array(16) typed_value (UUID); }",
        row -> {});

    assertRefused(table, Reason.UNSUPPORTED_FEATURE, "UUID");
  }

  @Test
  void namesATypeInsideAVariantThatItCannotRead() throws Exception {
    // given
    VariantBuilder builder = new VariantBuilder();
    builder.appendTime(3_600_000_000L);
    Variant time = builder.build();
    HandWrittenTable table = variantTable();

    // when
    addOne(
        table,
        "optional group v { required binary value; required binary metadata; }",
        row -> row.addGroup("v").append("value", value(time)).append("metadata", metadata(time)));

    // then
    assertRefused(table, Reason.UNSUPPORTED_FEATURE, "TIME");
  }

  // deletion vectors

  private static final String VECTOR_TABLE = "[\"deletionVectors\"]";

  private HandWrittenTable vectorTable(String vector) throws IOException {
    HandWrittenTable table =
        HandWrittenTable.create(folder.resolve("dv"), field("id", "long"), "[]", VECTOR_TABLE);
    List<Consumer<Group>> rows =
        LongStream.range(0, 10)
            .<Consumer<Group>>mapToObj(id -> row -> row.append("id", id))
            .toList();
    table.add(
        "a.parquet",
        "{}",
        ",\"stats\":\"{\\\"numRecords\\\":10}\",\"deletionVector\":" + vector,
        "message m { optional int64 id; }",
        rows);
    return table;
  }

  /** What marks the rows 3 and 4: magic, one bitmap with key 0, one array container. */
  private static byte[] rowsThreeAndFour() {
    ByteBuffer bytes = ByteBuffer.allocate(36).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(1681511377).putLong(1).putInt(0);
    bytes.putInt(12346).putInt(1).putShort((short) 0).putShort((short) 1).putInt(16);
    bytes.putShort((short) 3).putShort((short) 4);
    return bytes.array();
  }

  private static String encode(byte[] bytes) {
    return Base85Codec.encodeBytes(bytes);
  }

  private static String inline(String text, int size, int cardinality) {
    return "{\"storageType\":\"i\",\"pathOrInlineDv\":\""
        + text
        + "\",\"sizeInBytes\":"
        + size
        + ",\"cardinality\":"
        + cardinality
        + "}";
  }

  @Test
  void appliesInlineDeletionVectors() throws Exception {
    HandWrittenTable table = vectorTable(inline(encode(rowsThreeAndFour()), 36, 2));

    assertThat(rows(table)).hasSize(8).doesNotContain("{\"id\":3}", "{\"id\":4}");
    assertThat(rows(table, SnapshotQuery.latest().where(RowFilter.parse("id >= 3")))).hasSize(5);
  }

  @Test
  void appliesInlineDeletionVectorsThatArePaddedWithMarks() throws Exception {
    // One row only: 34 bytes, of which the last two are the row number, written behind two marks.
    byte[] two = rowsThreeAndFour();
    byte[] one = Arrays.copyOf(two, 34);
    one[26] = 0;
    byte[] aligned = Arrays.copyOf(one, 36);
    aligned[32] = 0;
    aligned[33] = 0;
    aligned[34] = one[32];
    aligned[35] = one[33];
    String text = encode(aligned);
    String marked = text.substring(0, 40) + "##" + text.substring(42);
    assertThat(text.substring(40, 42)).isEqualTo("00");

    assertThat(rows(vectorTable(inline(marked, 34, 1)))).hasSize(9).doesNotContain("{\"id\":3}");
  }

  @Test
  void refusesADeletionVectorThatMarksRowsTheFileDoesNotHave() throws Exception {
    byte[] bytes = rowsThreeAndFour();
    bytes[34] = 99;

    assertRefused(vectorTable(inline(encode(bytes), 36, 2)), Reason.CORRUPT_FILE, "marks 1");
  }

  @Test
  void refusesADeletionVectorThatIsNone() throws Exception {
    assertRefused(vectorTable(inline("00000", 4, 2)), Reason.CORRUPT_FILE, "deletion vector of");
  }

  @Test
  void refusesADeletionVectorOutsideTheTable() throws Exception {
    HandWrittenTable table =
        vectorTable(
            "{\"storageType\":\"p\",\"pathOrInlineDv\":\"file:/elsewhere/dv.bin\",\"offset\":1,"
                + "\"sizeInBytes\":36,\"cardinality\":2}");

    assertRefused(table, Reason.FILE_OUTSIDE_TABLE, "/elsewhere/dv.bin");
  }

  // partition values and features

  @Test
  @ResourceLock(Resources.TIME_ZONE)
  void readsPartitionTimestampsAsUtcInEveryZone() throws Exception {
    HandWrittenTable table =
        HandWrittenTable.create(
            folder.resolve("p"),
            field("id", "long")
                + ","
                + field("ts", "timestamp")
                + ","
                + field("ntz", "timestamp_ntz")
                + ","
                + field("d", "date"),
            "[\"ts\",\"ntz\",\"d\"]",
            "[\"timestampNtz\"]");
    table.add(
        "a.parquet",
        "{\"ts\":\"2024-03-31 02:30:00\",\"ntz\":\"2024-03-31 02:30:00.5\",\"d\":\"2011-12-30\"}",
        "",
        "message m { optional int64 id; }",
        List.of(row -> row.append("id", 1L)));
    String expected =
        "{\"id\":1,\"ts\":\"2024-03-31T02:30:00.000000Z\",\"ntz\":\"2024-03-31T02:30:00.500000\","
            + "\"d\":\"2011-12-30\"}";
    TimeZone before = TimeZone.getDefault();
    try {
      for (String zone : List.of("UTC", "Europe/Berlin", "Pacific/Apia", "America/Los_Angeles")) {
        TimeZone.setDefault(TimeZone.getTimeZone(zone));
        assertThat(rows(table)).as(zone).containsExactly(expected);
        assertThat(
                rows(
                    table,
                    SnapshotQuery.latest()
                        .where(
                            RowFilter.parse(
                                "ts = '2024-03-31 02:30:00Z' AND d = DATE '2011-12-30'"))))
            .as(zone)
            .containsExactly(expected);
      }
    } finally {
      TimeZone.setDefault(before);
    }
  }

  @Test
  void doesNotSkipFilesForDaysThatTheHybridCalendarLacks() throws Exception {
    HandWrittenTable table = table(field("d", "date"));
    long day = LocalDate.of(1582, 10, 10).toEpochDay();
    table.add(
        "a.parquet",
        "{}",
        ",\"stats\":\"{\\\"numRecords\\\":1,\\\"minValues\\\":{\\\"d\\\":\\\"1582-10-10\\\"},"
            + "\\\"maxValues\\\":{\\\"d\\\":\\\"1582-10-10\\\"},\\\"nullCount\\\":{\\\"d\\\":0}}\"",
        "message m { optional int32 d (DATE); }",
        List.of(row -> row.append("d", (int) day)));

    for (String condition : List.of("d = '1582-10-10'", "d <= '1582-10-10'", "d < '1582-10-12'")) {
      assertThat(rows(table, SnapshotQuery.latest().where(RowFilter.parse(condition))))
          .as(condition)
          .hasSize(1);
    }
    try (DeltaTableSource source = DeltaTableSource.open(table.folder().toString());
        TableSnapshot snapshot =
            source.openSnapshot(
                SnapshotQuery.latest().where(RowFilter.parse("d > '1600-01-01'")))) {
      assertThat(snapshot.parts()).isEmpty();
    }
  }

  @Test
  void readsEmptyPartitionValuesAsNull() throws Exception {
    HandWrittenTable table =
        HandWrittenTable.create(
            folder.resolve("p"),
            field("id", "long") + "," + field("n", "integer") + "," + field("s", "string"),
            "[\"n\",\"s\"]",
            "[]");
    table.add(
        "a.parquet",
        "{\"n\":\"\",\"s\":\"\"}",
        "",
        "message m { optional int64 id; }",
        List.of(row -> row.append("id", 1L)));

    assertThat(rows(table)).containsExactly("{\"id\":1,\"n\":null,\"s\":null}");
    assertThat(rows(table, SnapshotQuery.latest().where(RowFilter.parse("n IS NULL")))).hasSize(1);
  }

  @Test
  void refusesPartitionValuesOfTheWrongType() throws Exception {
    HandWrittenTable table =
        HandWrittenTable.create(
            folder.resolve("p"),
            field("id", "long") + "," + field("n", "integer"),
            "[\"n\"]",
            "[]");
    table.add(
        "a.parquet",
        "{\"n\":\"many\"}",
        "",
        "message m { optional int64 id; }",
        List.of(row -> row.append("id", 1L)));

    assertRefused(table, Reason.CORRUPT_LOG, "\"n\"");
  }

  @Test
  void refusesTablesThatACatalogManages() throws Exception {
    HandWrittenTable table =
        HandWrittenTable.create(
            folder.resolve("c"), field("id", "long"), "[]", "[\"catalogManaged\"]");

    assertRefused(table, Reason.UNSUPPORTED_FEATURE, "catalogManaged");
  }

  @Test
  void refusesTypesThatItDoesNotKnow() throws Exception {
    assertRefused(table(field("x", "void")), Reason.UNSUPPORTED_FEATURE, "VOID");
  }
}

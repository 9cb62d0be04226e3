package io.reverseetl.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.Document;
import io.reverseetl.document.DocumentKey;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PartitionKeyTest {
  private static final long BEYOND = (1L << 53) + 1;

  @Test
  void isTextForTextAndWhatIsMappedAsText() {
    assertThat(level(Primitive.STRING, "é")).isEqualTo("é");
    assertThat(level(Primitive.STRING, "")).isEqualTo("");
    assertThat(level(Primitive.DATE, 0)).isEqualTo("1970-01-01");
    assertThat(level(Primitive.TIMESTAMP, 0L)).isEqualTo("1970-01-01T00:00:00.000000Z");
    assertThat(level(Primitive.TIMESTAMP_NTZ, 0L)).isEqualTo("1970-01-01T00:00:00.000000");
    assertThat(level(Primitive.LONG, BEYOND, b -> b.longs("v", LongFormat.STRING)))
        .isEqualTo("9007199254740993");
    assertThat(
            level(
                new DecimalType(9, 2),
                new BigDecimal("1.50"),
                b -> b.decimals(DecimalFormat.STRING)))
        .isEqualTo("1.50");
  }

  @Test
  void isADoubleForWholeNumbers() {
    assertThat(level(Primitive.BYTE, (byte) 7)).isEqualTo(7.0);
    assertThat(level(Primitive.SHORT, (short) -7)).isEqualTo(-7.0);
    assertThat(level(Primitive.INTEGER, 7)).isEqualTo(7.0);
    assertThat(level(Primitive.LONG, 1L << 60)).isEqualTo(0x1p60);
    assertThat(level(Primitive.DATE, 5, b -> b.dates(DateFormat.EPOCH_DAYS))).isEqualTo(5.0);
    assertThat(level(Primitive.TIMESTAMP, 5L, b -> b.timestamps(TimestampFormat.EPOCH_MICROS)))
        .isEqualTo(5.0);
  }

  @Test
  void isABooleanForABoolean() {
    assertThat(level(Primitive.BOOLEAN, true)).isEqualTo(true);
  }

  @Test
  void isNullOrAbsentForANullAsItsPolicySays() {
    assertThat(level(Primitive.STRING, null)).isNull();
    assertThat(level(Primitive.STRING, null, b -> b.nulls(NullPolicy.OMIT)))
        .isSameAs(DocumentKey.ABSENT);
    assertThat(level(Primitive.LONG, null, b -> b.nulls("v", NullPolicy.OMIT)))
        .isSameAs(DocumentKey.ABSENT);
  }

  @Test
  void isAbsentForANullTimeToLiveAsThatIsNeverWritten() {
    StructType withTtl = TestRow.schema("id", Primitive.STRING, "ttl", Primitive.INTEGER);
    StructType without = TestRow.schema("id", Primitive.STRING);
    ColumnMapper.Builder builder = ColumnMapper.builder().id("id").partitionKey("ttl");

    Document ofColumn = Mapping.map(builder.build(), new TestRow(withTtl, "1", null));
    Document computed =
        Mapping.map(builder.computed("ttl", row -> null).build(), new TestRow(without, "1"));

    for (Document document : List.of(ofColumn, computed)) {
      assertThat(document.key()).isEqualTo(DocumentKey.of("1", DocumentKey.ABSENT));
      assertThat(document.text()).isEqualTo("{\"id\":\"1\"}");
    }
  }

  @Test
  void failsOnNumbersThatADoubleDoesNotHold() {
    assertThatThrownBy(() -> level(Primitive.LONG, BEYOND)).isInstanceOf(MappingException.class);
    assertThatThrownBy(
            () ->
                level(Primitive.TIMESTAMP, BEYOND, b -> b.timestamps(TimestampFormat.EPOCH_MICROS)))
        .isInstanceOf(MappingException.class);
  }

  @Test
  void refusesTypesAndFormatsThatCannotTellKeysApart() {
    refuses(Primitive.LONG, b -> b.longs(LongFormat.NUMBER_LOSSY));
    refuses(Primitive.TIMESTAMP, b -> b.timestamps(TimestampFormat.EPOCH_MILLIS));
    refuses(new DecimalType(9, 2), UnaryOperator.identity());
    refuses(Primitive.FLOAT, UnaryOperator.identity());
    refuses(Primitive.DOUBLE, UnaryOperator.identity());
    refuses(Primitive.BINARY, UnaryOperator.identity());
    refuses(Primitive.VARIANT, UnaryOperator.identity());
    refuses(new ArrayType(Primitive.STRING, true), UnaryOperator.identity());
    refuses(TestRow.schema("a", Primitive.STRING), UnaryOperator.identity());
  }

  @Test
  void failsOnMoreThan2048Bytes() {
    assertThat((String) level(Primitive.STRING, "é".repeat(1024))).hasSize(1024);
    assertThatThrownBy(() -> level(Primitive.STRING, "é".repeat(1024) + "x"))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("2049 bytes");
  }

  @Test
  void hasOneToThreeLevels() {
    StructType table =
        TestRow.schema("a", Primitive.STRING, "b", Primitive.INTEGER, "c", Primitive.BOOLEAN);
    ColumnMapper mapper = ColumnMapper.builder().id("a").partitionKey("c", "b", "a").build();

    Document document = Mapping.map(mapper, new TestRow(table, "x", 1, true));

    assertThat(document.key()).isEqualTo(DocumentKey.of("x", true, 1, "x"));
    assertThat(mapper.partitionKeyPaths()).containsExactly("/c", "/b", "/a");
    assertThatThrownBy(
            () -> ColumnMapper.builder().id("a").partitionKey("a", "b", "c", "d").build())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("at most 3");
    assertThatThrownBy(() -> ColumnMapper.builder().id("a").partitionKey("a", "a").build())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("twice");
  }

  @Test
  void canBeTheId() {
    StructType table = TestRow.schema("id", Primitive.LONG);
    ColumnMapper mapper = ColumnMapper.builder().id("id").partitionKey("id").build();

    Document document = Mapping.map(mapper, new TestRow(table, 42L));

    assertThat(mapper.partitionKeyPaths()).containsExactly("/id");
    assertThat(document.key()).isEqualTo(DocumentKey.of("42", "42"));
    assertThat(document.text()).isEqualTo("{\"id\":\"42\"}");
  }

  @Test
  void canBeTheIdThatIsMadeOfOtherColumns() {
    StructType table = TestRow.schema("a", Primitive.LONG, "b", Primitive.LONG);
    ColumnMapper mapper = ColumnMapper.builder().id("a", "b").partitionKey("a", "id").build();

    Document document = Mapping.map(mapper, new TestRow(table, 1L, 2L));

    assertThat(mapper.partitionKeyPaths()).containsExactly("/a", "/id");
    assertThat(document.key()).isEqualTo(DocumentKey.of("1:2", 1, "1:2"));
  }

  @Test
  void canBeAColumnThatIsAlsoTheIdInItsOwnType() {
    StructType table = TestRow.schema("customer", Primitive.LONG);
    ColumnMapper mapper = ColumnMapper.builder().id("customer").partitionKey("customer").build();

    Document document = Mapping.map(mapper, new TestRow(table, 42L));

    assertThat(document.key()).isEqualTo(DocumentKey.of("42", 42));
    assertThat(document.text()).isEqualTo("{\"id\":\"42\",\"customer\":42}");
  }

  @Test
  void canBeAFieldOfAStructAndIsAbsentIfThatIsNull() {
    StructType table =
        TestRow.schema(
            "id", Primitive.STRING, "address", TestRow.schema("country", Primitive.STRING));
    ColumnMapper mapper = ColumnMapper.builder().id("id").partitionKey("address.country").build();

    Document document = Mapping.map(mapper, new TestRow(table, "1", TestRow.struct("NL")));
    Document ofNull = Mapping.map(mapper, new TestRow(table, "1", TestRow.struct((Object) null)));
    Document ofNullStruct = Mapping.map(mapper, new TestRow(table, "1", null));

    assertThat(mapper.partitionKeyPaths()).containsExactly("/address/country");
    assertThat(document.key()).isEqualTo(DocumentKey.of("1", "NL"));
    assertThat(ofNull.key().levels()).containsExactly((Object) null);
    assertThat(ofNullStruct.key().levels()).containsExactly(DocumentKey.ABSENT);
    assertThat(ofNullStruct.text()).isEqualTo("{\"id\":\"1\",\"address\":null}");
  }

  @Test
  void followsRenames() {
    StructType table =
        TestRow.schema(
            "id",
            Primitive.STRING,
            "a",
            TestRow.schema("b", Primitive.STRING),
            "c",
            Primitive.LONG);
    TestRow row = new TestRow(table, "1", TestRow.struct("x"), 7L);
    ColumnMapper.Builder builder =
        ColumnMapper.builder().id("id").partitionKey("a.b", "c").rename("c", "key.number");

    ColumnMapper ofStruct = builder.rename("a", "address").build();
    ColumnMapper ofField = builder.rename("a.b", "/address/street").build();
    ColumnMapper ofMoved = builder.rename("a.b", "street").build();

    assertThat(ofStruct.partitionKeyPaths()).containsExactly("/address/b", "/key/number");
    assertThat(ofField.partitionKeyPaths()).containsExactly("/address/street", "/key/number");
    assertThat(ofMoved.partitionKeyPaths()).containsExactly("/street", "/key/number");
    assertThat(Mapping.map(ofStruct, row).text())
        .isEqualTo("{\"id\":\"1\",\"address\":{\"b\":\"x\"},\"key\":{\"number\":7}}");
    assertThat(Mapping.map(ofField, row).text())
        .isEqualTo("{\"id\":\"1\",\"address\":{\"street\":\"x\"},\"key\":{\"number\":7}}");
    assertThat(Mapping.map(ofMoved, row).text())
        .isEqualTo("{\"id\":\"1\",\"street\":\"x\",\"key\":{\"number\":7}}");
    for (ColumnMapper mapper : List.of(ofStruct, ofField, ofMoved)) {
      assertThat(Mapping.map(mapper, row).key()).isEqualTo(DocumentKey.of("1", "x", 7));
    }
  }

  @Test
  void canBeConstantOrComputed() {
    StructType table = TestRow.schema("id", Primitive.LONG);
    ColumnMapper mapper =
        ColumnMapper.builder()
            .id("id")
            .partitionKey("tenant", "bucket", "big")
            .constant("tenant", "acme")
            .computed("bucket", row -> row.getLong("id") % 16)
            .computed("big", row -> row.getLong("id") == 18 ? null : BigInteger.ONE)
            .build();

    Document document = Mapping.map(mapper, new TestRow(table, 17L));
    Document withNull = Mapping.map(mapper, new TestRow(table, 18L));

    assertThat(document.key()).isEqualTo(DocumentKey.of("17", "acme", 1, 1));
    assertThat(document.text())
        .isEqualTo("{\"id\":\"17\",\"tenant\":\"acme\",\"bucket\":1,\"big\":1}");
    assertThat(withNull.key()).isEqualTo(DocumentKey.of("18", "acme", 2, null));
  }

  @Test
  void failsIfAComputedLevelCannotBeAKey() {
    for (Object bad : List.of(1.5, BEYOND, List.of(), "x".repeat(2049))) {
      StructType table = TestRow.schema("id", Primitive.LONG);
      ColumnMapper mapper =
          ColumnMapper.builder().id("id").partitionKey("k").computed("k", row -> bad).build();

      assertThatThrownBy(() -> Mapping.map(mapper, new TestRow(table, 1L)))
          .isInstanceOf(MappingException.class)
          .hasMessageContaining("\"k\"");
    }
  }

  @Test
  void isAlwaysTheValueThatStandsInTheDocument() {
    long seed = 23L;
    Random random = new Random(seed);
    List<Primitive> types =
        List.of(
            Primitive.STRING,
            Primitive.BOOLEAN,
            Primitive.INTEGER,
            Primitive.LONG,
            Primitive.DATE,
            Primitive.TIMESTAMP);
    for (int i = 0; i < 3_000; i++) {
      DataType top = types.get(random.nextInt(types.size()));
      DataType inner = types.get(random.nextInt(types.size()));
      StructType table =
          TestRow.schema("id", Primitive.INTEGER, "t", top, "s", TestRow.schema("f", inner));
      ColumnMapper.Builder builder =
          ColumnMapper.builder()
              .id("id")
              .partitionKey("t", "s.f", "id")
              .nulls(random.nextBoolean() ? NullPolicy.WRITE : NullPolicy.OMIT)
              .longs(random.nextBoolean() ? LongFormat.STRING : LongFormat.NUMBER_EXACT)
              .dates(random.nextBoolean() ? DateFormat.ISO : DateFormat.EPOCH_DAYS)
              .timestamps(
                  random.nextBoolean() ? TimestampFormat.ISO : TimestampFormat.EPOCH_MICROS);
      if (random.nextBoolean()) {
        builder.rename("t", random.nextBoolean() ? "u" : "/n/u");
      }
      if (random.nextBoolean()) {
        builder.rename(random.nextBoolean() ? "s" : "s.f", random.nextBoolean() ? "w" : "m.w");
      }
      ColumnMapper mapper = builder.build();
      TestRow row =
          new TestRow(
              table,
              random.nextInt(),
              value(top, random),
              random.nextInt(4) == 0 ? null : TestRow.struct(value(inner, random)));

      Document document = Mapping.map(mapper, row);

      List<Object> found = new ArrayList<>();
      mapper.partitionKeyPaths().forEach(path -> found.add(Json.level(document, path)));
      assertThat(document.key().levels()).as("seed %s, step %s", seed, i).isEqualTo(found);
    }
  }

  private static Object value(DataType type, Random random) {
    if (random.nextInt(4) == 0) {
      return null;
    }
    return switch ((Primitive) type) {
      case STRING -> Long.toString(random.nextLong(), 36) + "é\"\\\u0001你";
      case BOOLEAN -> random.nextBoolean();
      case INTEGER, DATE -> random.nextInt();
      default -> random.nextLong() >> 11;
    };
  }

  private static Object level(DataType type, Object value) {
    return level(type, value, UnaryOperator.identity());
  }

  private static Object level(
      DataType type, Object value, UnaryOperator<ColumnMapper.Builder> options) {
    StructType table = TestRow.schema("id", Primitive.STRING, "v", type);
    ColumnMapper mapper = options.apply(ColumnMapper.builder().id("id").partitionKey("v")).build();
    Document document = Mapping.map(mapper, new TestRow(table, "1", value));
    assertThat(document.key().levels()).isEqualTo(Arrays.asList(Json.level(document, "/v")));
    return document.key().levels().get(0);
  }

  private static void refuses(DataType type, UnaryOperator<ColumnMapper.Builder> options) {
    assertThatThrownBy(() -> level(type, null, options))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("partitionKey names the column \"v\"");
  }
}

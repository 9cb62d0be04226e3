package io.reverseetl.mapping;

import static io.reverseetl.mapping.Mapping.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.DataType.Primitive;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Every line of the table in docs/type-mapping.md. */
class TypeMappingTest {
  private static final long BEYOND = (1L << 53) + 1;
  private static final DataType DECIMAL = new DecimalType(38, 2);
  private static final DataType TEXT_MAP = new MapType(Primitive.STRING, Primitive.INTEGER, true);

  @Test
  void writesABooleanAsABoolean() {
    assertThat(json(Primitive.BOOLEAN, true)).isEqualTo("true");
    assertThat(json(Primitive.BOOLEAN, false)).isEqualTo("false");
  }

  @Test
  void writesBytesShortsAndIntegersAsNumbers() {
    assertThat(json(Primitive.BYTE, (byte) -128)).isEqualTo("-128");
    assertThat(json(Primitive.SHORT, Short.MAX_VALUE)).isEqualTo("32767");
    assertThat(json(Primitive.INTEGER, Integer.MIN_VALUE)).isEqualTo("-2147483648");
  }

  @Test
  void writesALongAsANumberIfADoubleHoldsItAndElseFails() {
    assertThat(json(Primitive.LONG, 1L << 53)).isEqualTo("9007199254740992");
    assertThat(json(Primitive.LONG, 1L << 60)).isEqualTo("1152921504606846976");
    assertThat(json(Primitive.LONG, Long.MIN_VALUE)).isEqualTo("-9223372036854775808");
    fails(Primitive.LONG, BEYOND, "LongFormat.STRING");
    fails(Primitive.LONG, -BEYOND, "LongFormat.STRING");
    fails(Primitive.LONG, Long.MAX_VALUE, "LongFormat.STRING");
  }

  @Test
  void writesALongAsTextOnRequest() {
    assertThat(json(Primitive.LONG, BEYOND, b -> b.longs(LongFormat.STRING)))
        .isEqualTo("\"9007199254740993\"");
    assertThat(json(Primitive.LONG, 7L, b -> b.longs("v", LongFormat.STRING))).isEqualTo("\"7\"");
  }

  @Test
  void roundsALongOnRequest() {
    assertThat(json(Primitive.LONG, BEYOND, b -> b.longs(LongFormat.NUMBER_LOSSY)))
        .satisfies(n -> assertThat(new BigDecimal(n)).isEqualByComparingTo("9007199254740992"));
    assertThat(json(Primitive.LONG, 7L, b -> b.longs(LongFormat.NUMBER_LOSSY))).isEqualTo("7");
  }

  @Test
  void writesFloatsAndDoublesAsTheShortestNumberThatReadsBackTheSame() {
    assertThat(json(Primitive.FLOAT, 0.1f)).isEqualTo("0.1");
    assertThat(json(Primitive.FLOAT, Float.MIN_VALUE)).isEqualTo("1.4E-45");
    assertThat(json(Primitive.DOUBLE, 0.1)).isEqualTo("0.1");
    // For this one, JDK 17 itself prints 1.9999999999999998E23.
    assertThat(json(Primitive.DOUBLE, Double.parseDouble("2e23"))).isEqualTo("2.0E23");
    assertThat(json(Primitive.DOUBLE, Double.MAX_VALUE)).isEqualTo("1.7976931348623157E308");
    assertThat(json(Primitive.DOUBLE, -0.0)).isEqualTo("-0.0");
  }

  @Test
  void failsOnNanAndTheInfinities() {
    fails(Primitive.DOUBLE, Double.NaN, "NonFiniteFormat");
    fails(Primitive.DOUBLE, Double.NEGATIVE_INFINITY, "NonFiniteFormat");
    fails(Primitive.FLOAT, Float.NaN, "NonFiniteFormat");
    fails(Primitive.FLOAT, Float.POSITIVE_INFINITY, "NonFiniteFormat");
  }

  @Test
  void takesNanAndTheInfinitiesForNullOnRequest() {
    UnaryOperator<ColumnMapper.Builder> asNull = b -> b.nonFinite(NonFiniteFormat.NULL);

    assertThat(json(Primitive.DOUBLE, Double.NaN, asNull)).isEqualTo("null");
    assertThat(json(Primitive.FLOAT, Float.NEGATIVE_INFINITY, asNull)).isEqualTo("null");
    assertThat(json(Primitive.DOUBLE, Double.NaN, b -> asNull.apply(b).nulls(NullPolicy.OMIT)))
        .isEmpty();
    assertThat(json(array(Primitive.DOUBLE), List.of(1.5, Double.NaN), asNull))
        .isEqualTo("[1.5,null]");
  }

  @Test
  void writesNanAndTheInfinitiesAsTextOnRequest() {
    UnaryOperator<ColumnMapper.Builder> asText = b -> b.nonFinite("v", NonFiniteFormat.STRING);

    assertThat(json(Primitive.DOUBLE, Double.NaN, asText)).isEqualTo("\"NaN\"");
    assertThat(json(Primitive.DOUBLE, Double.NEGATIVE_INFINITY, asText)).isEqualTo("\"-Infinity\"");
    assertThat(json(Primitive.FLOAT, Float.POSITIVE_INFINITY, asText)).isEqualTo("\"Infinity\"");
    assertThat(json(Primitive.FLOAT, 1f, asText)).isEqualTo("1.0");
  }

  @Test
  void writesADecimalAsANumberIfItsDigitsComeBackFromADoubleAndElseFails() {
    assertThat(json(DECIMAL, new BigDecimal("12.50"))).isEqualTo("12.50");
    assertThat(json(DECIMAL, new BigDecimal("-9999999999999.99"))).isEqualTo("-9999999999999.99");
    fails(DECIMAL, new BigDecimal("123456789012345678.91"), "DecimalFormat.STRING");
  }

  @Test
  void writesADecimalAsTextWithItsScaleOnRequest() {
    UnaryOperator<ColumnMapper.Builder> asText = b -> b.decimals("v", DecimalFormat.STRING);

    assertThat(json(DECIMAL, new BigDecimal("123456789012345678901234.50"), asText))
        .isEqualTo("\"123456789012345678901234.50\"");
    assertThat(json(new DecimalType(38, 18), new BigDecimal("0.000000000000000001"), asText))
        .isEqualTo("\"0.000000000000000001\"");
  }

  @Test
  void roundsADecimalOnRequest() {
    assertThat(
            json(
                DECIMAL,
                new BigDecimal("123456789012345678.91"),
                b -> b.decimals(DecimalFormat.NUMBER_LOSSY)))
        .isEqualTo("1.2345678901234568E17");
  }

  @Test
  void writesTextAsText() {
    assertThat(json(Primitive.STRING, "a\"\\\n\u0001é你\ud83d\ude00"))
        .isEqualTo("\"a\\\"\\\\\\n\\u0001é你\ud83d\ude00\"");
    assertThat(json(Primitive.STRING, "")).isEqualTo("\"\"");
  }

  @Test
  void failsOnTextThatIsNotUnicode() {
    fails(Primitive.STRING, "a\ud83d", "not valid Unicode");
    fails(Primitive.STRING, "\ude00b", "not valid Unicode");
    for (int[] bytes :
        new int[][] {
          {0xC3},
          {0xC0, 0x80},
          {0xE0, 0x9F, 0x80},
          {0xED, 0xA0, 0x80},
          {0xF0, 0x8F, 0x80, 0x80},
          {0xF4, 0x90, 0x80, 0x80},
          {0xFF},
          {0x80},
          {0xE4, 0xBD, 'a'}
        }) {
      byte[] utf8 = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        utf8[i] = (byte) bytes[i];
      }
      fails(Primitive.STRING, utf8, "not valid Unicode");
    }
  }

  @Test
  void writesBinaryAsStandardBase64WithPadding() {
    assertThat(json(Primitive.BINARY, new byte[] {(byte) 0xFB, (byte) 0xFF, 1, 2}))
        .isEqualTo("\"+/8BAg==\"");
    assertThat(json(Primitive.BINARY, new byte[100])).doesNotContain("\\n").hasSize(138);
    assertThat(json(Primitive.BINARY, new byte[0])).isEqualTo("\"\"");
  }

  @Test
  void writesADateAsIsoText() {
    assertThat(json(Primitive.DATE, day("2024-02-29"))).isEqualTo("\"2024-02-29\"");
    assertThat(json(Primitive.DATE, day("0001-01-01"))).isEqualTo("\"0001-01-01\"");
    assertThat(json(Primitive.DATE, day("+10000-01-01"))).isEqualTo("\"+10000-01-01\"");
    assertThat(json(Primitive.DATE, day("-0001-12-31"))).isEqualTo("\"-0001-12-31\"");
    for (int extreme : List.of(Integer.MIN_VALUE, Integer.MAX_VALUE)) {
      assertThat(json(Primitive.DATE, extreme))
          .isEqualTo("\"" + LocalDate.ofEpochDay(extreme) + "\"");
    }
  }

  @Test
  void writesADateAsDaysOnRequest() {
    assertThat(json(Primitive.DATE, -1, b -> b.dates(DateFormat.EPOCH_DAYS))).isEqualTo("-1");
  }

  @Test
  void writesATimestampAsIsoTextInUtcWithSixDigits() {
    assertThat(json(Primitive.TIMESTAMP, micros("2024-02-29T12:34:56.123456Z")))
        .isEqualTo("\"2024-02-29T12:34:56.123456Z\"");
    assertThat(json(Primitive.TIMESTAMP, 0L)).isEqualTo("\"1970-01-01T00:00:00.000000Z\"");
    assertThat(json(Primitive.TIMESTAMP, -1L)).isEqualTo("\"1969-12-31T23:59:59.999999Z\"");
    assertThat(json(Primitive.TIMESTAMP, Long.MAX_VALUE))
        .isEqualTo("\"+294247-01-10T04:00:54.775807Z\"");
    assertThat(json(Primitive.TIMESTAMP, Long.MIN_VALUE))
        .isEqualTo("\"-290308-12-21T19:59:05.224192Z\"");
  }

  @Test
  void textOrderOfTimestampsIsTimeOrder() {
    String shorter = json(Primitive.TIMESTAMP, micros("2024-01-01T00:00:00.1Z"));
    String longer = json(Primitive.TIMESTAMP, micros("2024-01-01T00:00:00.12Z"));

    assertThat(shorter).isLessThan(longer).hasSameSizeAs(longer);
  }

  @Test
  void writesATimestampAsMillisecondsRoundedDownOnRequest() {
    UnaryOperator<ColumnMapper.Builder> millis = b -> b.timestamps(TimestampFormat.EPOCH_MILLIS);

    assertThat(json(Primitive.TIMESTAMP, 1_700_000_000_123_999L, millis))
        .isEqualTo("1700000000123");
    assertThat(json(Primitive.TIMESTAMP, -1L, millis)).isEqualTo("-1");
    // 9223372036854775 milliseconds are beyond 2^53.
    fails(Primitive.TIMESTAMP, Long.MAX_VALUE, "TimestampFormat.ISO", millis);
  }

  @Test
  void writesATimestampAsMicrosecondsOnRequest() {
    UnaryOperator<ColumnMapper.Builder> micros =
        b -> b.timestamps("v", TimestampFormat.EPOCH_MICROS);

    assertThat(json(Primitive.TIMESTAMP, 1_700_000_000_123_999L, micros))
        .isEqualTo("1700000000123999");
    fails(Primitive.TIMESTAMP, BEYOND, "TimestampFormat.ISO", micros);
  }

  @Test
  void writesATimestampWithoutZoneAsIsoTextWithoutZone() {
    long micros =
        LocalDateTime.parse("2024-02-29T12:34:56").toEpochSecond(ZoneOffset.UTC) * 1_000_000 + 5;

    assertThat(json(Primitive.TIMESTAMP_NTZ, micros)).isEqualTo("\"2024-02-29T12:34:56.000005\"");
    assertThat(json(Primitive.TIMESTAMP_NTZ, 0L, b -> b.timestamps(TimestampFormat.EPOCH_MILLIS)))
        .isEqualTo("\"1970-01-01T00:00:00.000000\"");
    assertThatThrownBy(
            () -> json(Primitive.TIMESTAMP_NTZ, 0L, b -> b.timestamps("v", TimestampFormat.ISO)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("timestamps says nothing about the column \"v\"");
  }

  @Test
  void writesAStructAsAnObject() {
    DataType type = TestRow.schema("a", Primitive.INTEGER, "b", Primitive.STRING);

    assertThat(json(type, TestRow.struct(1, "x"))).isEqualTo("{\"a\":1,\"b\":\"x\"}");
    assertThat(json(type, TestRow.struct(null, null))).isEqualTo("{\"a\":null,\"b\":null}");
    assertThat(json(type, TestRow.struct(null, null), b -> b.nulls(NullPolicy.OMIT)))
        .isEqualTo("{}");
  }

  @Test
  void writesAnArrayAsAnArrayAndKeepsItsNulls() {
    DataType type = array(Primitive.INTEGER);

    assertThat(json(type, Arrays.asList(1, null, 3))).isEqualTo("[1,null,3]");
    assertThat(json(type, List.of())).isEqualTo("[]");
    assertThat(json(type, Arrays.asList(1, null), b -> b.nulls(NullPolicy.OMIT)))
        .isEqualTo("[1,null]");
  }

  @Test
  void writesAMapWithTextKeysAsAnObject() {
    assertThat(json(TEXT_MAP, entries("b", 2, "a", 1))).isEqualTo("{\"b\":2,\"a\":1}");
    assertThat(json(TEXT_MAP, entries())).isEqualTo("{}");
  }

  @Test
  void keepsNullsInMaps() {
    assertThat(json(TEXT_MAP, entries("a", null), b -> b.nulls(NullPolicy.OMIT)))
        .isEqualTo("{\"a\":null}");
  }

  @Test
  void failsIfAMapAsAnObjectHasAKeyTwice() {
    fails(TEXT_MAP, entries("a", 1, "a", 2), "MapFormat.ENTRIES");
  }

  @Test
  void writesAMapWithOtherKeysAsEntries() {
    DataType type = new MapType(Primitive.INTEGER, Primitive.STRING, true);

    assertThat(json(type, entries(1, "a", 2, null)))
        .isEqualTo("[{\"key\":1,\"value\":\"a\"},{\"key\":2,\"value\":null}]");
    assertThat(json(type, entries())).isEqualTo("[]");
  }

  @Test
  void writesAMapWithTextKeysAsEntriesOnRequest() {
    assertThat(json(TEXT_MAP, entries("a", 1), b -> b.maps("v", MapFormat.ENTRIES)))
        .isEqualTo("[{\"key\":\"a\",\"value\":1}]");
  }

  @Test
  void writesAMapWithOtherKeysAsAnObjectOnRequest() {
    assertThat(object(Primitive.LONG, BEYOND)).isEqualTo("{\"9007199254740993\":1}");
    assertThat(object(Primitive.BOOLEAN, true)).isEqualTo("{\"true\":1}");
    assertThat(object(Primitive.DATE, day("2024-02-29"))).isEqualTo("{\"2024-02-29\":1}");
    assertThat(object(Primitive.TIMESTAMP, 0L)).isEqualTo("{\"1970-01-01T00:00:00.000000Z\":1}");
    assertThat(object(DECIMAL, new BigDecimal("1.50"))).isEqualTo("{\"1.50\":1}");
    assertThat(object(Primitive.DOUBLE, 0.1)).isEqualTo("{\"0.1\":1}");
    assertThat(object(Primitive.FLOAT, Float.NaN)).isEqualTo("{\"NaN\":1}");
    assertThat(object(Primitive.BINARY, new byte[] {1})).isEqualTo("{\"AQ==\":1}");
  }

  @Test
  void failsIfKeysOfAMapBecomeTheSameText() {
    fails(
        new MapType(Primitive.DOUBLE, Primitive.INTEGER, true),
        entries(Double.NaN, 1, Double.longBitsToDouble(0x7ff8000000000001L), 2),
        "MapFormat.ENTRIES",
        b -> b.maps(MapFormat.OBJECT));
  }

  @Test
  void refusesNestedKeysAsPropertyNames() {
    DataType type = new MapType(array(Primitive.STRING), Primitive.INTEGER, true);

    assertThat(json(type, entries(List.of("a"), 1))).isEqualTo("[{\"key\":[\"a\"],\"value\":1}]");
    assertThatThrownBy(() -> json(type, entries(), b -> b.maps(MapFormat.OBJECT)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("cannot be property names");
  }

  @Test
  void embedsAVariantAsItsJson() {
    assertThat(json(Primitive.VARIANT, "{\"a\": [1, 2.5e0, \"x\\u00e9\", null, true, {}]}"))
        .isEqualTo("{\"a\":[1,2.5e0,\"xé\",null,true,{}]}");
    assertThat(json(Primitive.VARIANT, "7")).isEqualTo("7");
    assertThat(json(Primitive.VARIANT, "null")).isEqualTo("null");
    assertThat(json(array(Primitive.VARIANT), Arrays.asList("{}", null))).isEqualTo("[{},null]");
  }

  @Test
  void holdsNumbersOfAVariantToTheRulesOfColumns() {
    String json = "{\"n\":9007199254740993,\"d\":0.12345678901234567890}";

    fails(Primitive.VARIANT, "9007199254740993", "LongFormat");
    fails(Primitive.VARIANT, "0.12345678901234567890", "DecimalFormat");
    assertThat(
            json(
                Primitive.VARIANT,
                json,
                b -> b.longs(LongFormat.STRING).decimals(DecimalFormat.STRING)))
        .isEqualTo("{\"n\":\"9007199254740993\",\"d\":\"0.12345678901234567890\"}");
    assertThat(
            json(
                Primitive.VARIANT,
                json,
                b -> b.longs(LongFormat.NUMBER_LOSSY).decimals(DecimalFormat.NUMBER_LOSSY)))
        .isEqualTo("{\"n\":9.007199254740992E15,\"d\":0.12345678901234568}");
    fails(Primitive.VARIANT, "1e999", "as text", b -> b.decimals(DecimalFormat.NUMBER_LOSSY));
  }

  @Test
  void failsOnAVariantThatIsNotOneJsonValue() {
    for (String broken : List.of("", "{", "[1", "{\"a\":}", "1 2", "NaN", "[1]]")) {
      fails(Primitive.VARIANT, broken, "not one JSON value");
    }
    fails(Primitive.VARIANT, "\"\\ud83d\"", "not valid Unicode");
    fails(Primitive.VARIANT, "{\"\\ud83d\":1}", "not valid Unicode");
  }

  @Test
  void writesNullsOfEveryTypeOrOmitsThem() {
    for (DataType type :
        List.of(
            Primitive.LONG,
            Primitive.DOUBLE,
            Primitive.STRING,
            Primitive.VARIANT,
            DECIMAL,
            TEXT_MAP,
            array(Primitive.LONG),
            TestRow.schema("a", Primitive.LONG))) {
      assertThat(json(type, null)).isEqualTo("null");
      assertThat(json(type, null, b -> b.nulls("v", NullPolicy.OMIT))).isEmpty();
    }
  }

  @Test
  void writesNestedTypesWithTheOptionsOfTheirPath() {
    DataType items =
        array(
            TestRow.schema(
                "sku", Primitive.LONG, "tags", new MapType(Primitive.STRING, DECIMAL, true)));
    Object value =
        List.of(
            TestRow.struct(BEYOND, entries("x", new BigDecimal("1.10"))), TestRow.struct(1L, null));

    assertThat(
            json(
                items,
                value,
                b ->
                    b.longs("v.sku", LongFormat.STRING)
                        .decimals("v", DecimalFormat.STRING)
                        .nulls("v.tags", NullPolicy.OMIT)))
        .isEqualTo("[{\"sku\":\"9007199254740993\",\"tags\":{\"x\":\"1.10\"}},{\"sku\":\"1\"}]");
    fails(items, value, "\"v.sku\"");
  }

  @Test
  void nestsUpTo128Levels() {
    DataType type = Primitive.INTEGER;
    Object value = 1;
    for (int i = 0; i < 127; i++) {
      type = array(type);
      value = List.of(value);
    }

    assertThat(json(type, value)).isEqualTo("[".repeat(127) + 1 + "]".repeat(127));
    DataType deeper = array(type);
    assertThatThrownBy(() -> json(deeper, null))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("\"v\" nests deeper than the 128 levels");
  }

  @Test
  void countsEntriesOfAMapAsTwoLevels() {
    DataType map = new MapType(Primitive.INTEGER, Primitive.INTEGER, true);
    DataType inside = map;
    DataType around = array(Primitive.INTEGER);
    for (int i = 0; i < 125; i++) {
      inside = array(inside);
      around = i == 0 ? around : array(around);
    }
    DataType fits = inside;
    DataType tooDeep = array(inside);
    DataType fitsAround = new MapType(Primitive.INTEGER, around, true);
    DataType tooDeepAround = new MapType(Primitive.INTEGER, array(around), true);

    assertThat(json(fits, null)).isEqualTo("null");
    assertThat(json(fitsAround, null)).isEqualTo("null");
    for (DataType type : List.of(tooDeep, tooDeepAround)) {
      assertThatThrownBy(() -> json(type, null))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("nests deeper than the 128 levels");
    }
  }

  @Test
  void countsTheLevelsOfAVariant() {
    assertThat(json(Primitive.VARIANT, "[".repeat(127) + "]".repeat(127))).hasSize(254);
    fails(Primitive.VARIANT, "[".repeat(128) + "]".repeat(128), "nests deeper than the 128");
    fails(
        array(Primitive.VARIANT),
        List.of("[".repeat(127) + "]".repeat(127)),
        "nests deeper than the 128");
  }

  private static DataType array(DataType element) {
    return new ArrayType(element, true);
  }

  private static String object(DataType keyType, Object key) {
    return json(
        new MapType(keyType, Primitive.INTEGER, true),
        entries(key, 1),
        b -> b.maps(MapFormat.OBJECT));
  }

  private static List<Map.Entry<?, ?>> entries(Object... keysAndValues) {
    List<Map.Entry<?, ?>> entries = new java.util.ArrayList<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      entries.add(new java.util.AbstractMap.SimpleEntry<>(keysAndValues[i], keysAndValues[i + 1]));
    }
    return entries;
  }

  private static int day(String iso) {
    return (int) LocalDate.parse(iso).toEpochDay();
  }

  private static long micros(String iso) {
    Instant instant = Instant.parse(iso);
    return instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000;
  }

  private static void fails(DataType type, Object value, String saying) {
    fails(type, value, saying, UnaryOperator.identity());
  }

  private static void fails(
      DataType type, Object value, String saying, UnaryOperator<ColumnMapper.Builder> options) {
    assertThatThrownBy(() -> json(type, value, options))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining(saying)
        .hasMessageContaining("\"v")
        .satisfies(e -> assertThat(((MappingException) e).column().orElseThrow()).startsWith("v"));
  }
}

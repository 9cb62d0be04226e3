package io.reverseetl.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.MapType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.testing.InMemoryRow;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RowJsonTest {
  private final RowJson json = new RowJson();

  private String json(DataType type, Object value) {
    return json.toString(InMemoryRow.of(StructType.of(Column.nullable("c", type)), value));
  }

  @Test
  void writesEveryTypeInItsForm() {
    assertThat(json(Primitive.LONG, Long.MAX_VALUE)).isEqualTo("{\"c\":9223372036854775807}");
    assertThat(json(Primitive.DOUBLE, 1e10)).isEqualTo("{\"c\":1.0E10}");
    assertThat(json(Primitive.DOUBLE, -0.0)).isEqualTo("{\"c\":-0.0}");
    assertThat(json(Primitive.FLOAT, Float.NEGATIVE_INFINITY)).isEqualTo("{\"c\":\"-Infinity\"}");
    assertThat(json(new DecimalType(10, 3), new BigDecimal("1E+2")))
        .isEqualTo("{\"c\":\"100.000\"}");
    assertThat(json(Primitive.BINARY, new byte[] {1, 2})).isEqualTo("{\"c\":\"AQI=\"}");
    assertThat(json(Primitive.BOOLEAN, true)).isEqualTo("{\"c\":true}");
    assertThat(json(Primitive.DATE, LocalDate.of(1, 2, 3))).isEqualTo("{\"c\":\"0001-02-03\"}");
    assertThat(json(Primitive.TIMESTAMP, Instant.parse("1969-12-31T23:59:59.9Z")))
        .isEqualTo("{\"c\":\"1969-12-31T23:59:59.900000Z\"}");
    assertThat(json(Primitive.TIMESTAMP_NTZ, LocalDateTime.parse("2024-02-29T00:00:00")))
        .isEqualTo("{\"c\":\"2024-02-29T00:00:00.000000\"}");
    assertThat(json(Primitive.VARIANT, "{\"a\":1}")).isEqualTo("{\"c\":\"{\\\"a\\\":1}\"}");
    assertThat(json(Primitive.STRING, null)).isEqualTo("{\"c\":null}");
    assertThat(json(new ArrayType(Primitive.INTEGER, true), Arrays.asList(1, null)))
        .isEqualTo("{\"c\":[1,null]}");
  }

  @Test
  void escapesOnlyWhatItMust() {
    assertThat(json(Primitive.STRING, "a\"b\\c\n\u001f\u007f\u2028/é\uD83D\uDE80"))
        .isEqualTo("{\"c\":\"a\\\"b\\\\c\\u000a\\u001f\u007f\u2028/é\uD83D\uDE80\"}");
  }

  @Test
  void sortsMapsByTheBytesOfTheirKeys() {
    Map<String, Integer> map = new LinkedHashMap<>();
    map.put("\uD83D\uDE80", 1);
    map.put("\uFF5E", 2);
    map.put("b", null);
    map.put("a", 4);

    assertThat(json(new MapType(Primitive.STRING, Primitive.INTEGER, true), map))
        .isEqualTo(
            "{\"c\":[{\"key\":\"a\",\"value\":4},{\"key\":\"b\",\"value\":null},"
                + "{\"key\":\"\uFF5E\",\"value\":2},{\"key\":\"\uD83D\uDE80\",\"value\":1}]}");
  }

  @Test
  void appendsRowAfterRow() {
    StringBuilder out = new StringBuilder();
    Row row = InMemoryRow.of(StructType.of(Column.nullable("c", Primitive.LONG)), 1L);

    json.append(row, out);
    json.append(row, out);

    assertThat(out).hasToString("{\"c\":1}{\"c\":1}");
  }
}

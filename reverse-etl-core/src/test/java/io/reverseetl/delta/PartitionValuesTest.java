package io.reverseetl.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.TableReadException;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.Primitive;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionValuesTest {
  private static Object parse(DataType type, String text) {
    return PartitionValues.parse("p", type, text);
  }

  @Test
  void readsEveryType() {
    assertThat(parse(Primitive.BOOLEAN, "true")).isEqualTo(true);
    assertThat(parse(Primitive.BYTE, "-128")).isEqualTo((byte) -128);
    assertThat(parse(Primitive.SHORT, "32767")).isEqualTo((short) 32767);
    assertThat(parse(Primitive.INTEGER, "-1")).isEqualTo(-1);
    assertThat(parse(Primitive.LONG, "9223372036854775807")).isEqualTo(Long.MAX_VALUE);
    assertThat(parse(Primitive.FLOAT, "NaN")).isEqualTo(Float.NaN);
    assertThat(parse(Primitive.DOUBLE, "-Infinity")).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(parse(Primitive.STRING, " x ")).isEqualTo(" x ");
    assertThat(parse(Primitive.BINARY, "é")).isEqualTo("é".getBytes(StandardCharsets.UTF_8));
    assertThat(parse(Primitive.DATE, "1969-12-31")).isEqualTo(-1);
    assertThat(parse(new DecimalType(5, 2), "1.5")).isEqualTo(new BigDecimal("1.50"));
  }

  @ParameterizedTest
  @CsvSource({
    "2024-02-29 12:30:00, 2024-02-29T12:30:00Z",
    "2024-02-29 12:30:00.000001, 2024-02-29T12:30:00.000001Z",
    "2024-02-29T12:30:00.000001Z, 2024-02-29T12:30:00.000001Z",
    "2024-02-29T12:30:00+01:00, 2024-02-29T11:30:00Z",
    "2024-02-29, 2024-02-29T00:00:00Z",
    "0001-01-01 00:00:00, 0001-01-01T00:00:00Z",
    "1582-10-10 00:00:00, 1582-10-10T00:00:00Z",
  })
  void readsTimestampsInBothForms(String text, Instant instant) {
    assertThat(parse(Primitive.TIMESTAMP, text))
        .isEqualTo(instant.getEpochSecond() * 1_000_000 + instant.getNano() / 1_000);
  }

  @Test
  void readsNothingAsNull() {
    assertThat(parse(Primitive.STRING, null)).isNull();
    assertThat(parse(Primitive.STRING, "")).isNull();
    assertThat(parse(Primitive.INTEGER, "")).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "BOOLEAN, yes",
    "BYTE, 128",
    "INTEGER, 1.0",
    "DATE, 2023-02-29",
    "TIMESTAMP, noon",
    "TIMESTAMP_NTZ, 2024-02-29T12:30:00Z",
  })
  void refusesWhatIsNotOfTheType(Primitive type, String text) {
    assertThatThrownBy(() -> parse(type, text))
        .isInstanceOf(TableReadException.class)
        .hasMessageContaining("\"p\"")
        .hasMessageContaining(type.name())
        .hasMessageNotContaining(text);
  }

  @Test
  void refusesDecimalsThatDoNotFit() {
    assertThatThrownBy(() -> parse(new DecimalType(3, 1), "1.55"))
        .isInstanceOf(TableReadException.class);
    assertThatThrownBy(() -> parse(new DecimalType(3, 1), "1234.5"))
        .isInstanceOf(TableReadException.class);
  }
}

package io.reverseetl.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.testing.InMemoryRow;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RowFilterTest {
  private static final StructType ADDRESS =
      StructType.of(
          Column.nullable("city", Primitive.STRING), Column.nullable("zip", Primitive.INTEGER));
  private static final StructType TYPE =
      StructType.of(
          Column.nullable("b", Primitive.BOOLEAN),
          Column.nullable("i", Primitive.INTEGER),
          Column.nullable("l", Primitive.LONG),
          Column.nullable("f", Primitive.FLOAT),
          Column.nullable("d", Primitive.DOUBLE),
          Column.nullable("dec", new DecimalType(20, 2)),
          Column.nullable("s", Primitive.STRING),
          Column.nullable("bin", Primitive.BINARY),
          Column.nullable("date", Primitive.DATE),
          Column.nullable("ts", Primitive.TIMESTAMP),
          Column.nullable("ntz", Primitive.TIMESTAMP_NTZ),
          Column.nullable("n", Primitive.STRING),
          Column.nullable("the name", Primitive.STRING),
          Column.nullable("addr", ADDRESS),
          Column.nullable("noaddr", ADDRESS),
          Column.nullable("nan", Primitive.DOUBLE),
          Column.nullable("list", new ArrayType(Primitive.INTEGER, true)));
  private static final Row ROW =
      InMemoryRow.of(
          TYPE,
          true,
          7,
          9_007_199_254_740_993L,
          0.5f,
          0.1,
          new BigDecimal("123456789012345678.25"),
          "it's 100% \uD83D\uDE80_x",
          "ab".getBytes(StandardCharsets.UTF_8),
          LocalDate.of(2024, 2, 29),
          Instant.parse("2024-02-29T12:30:00.000001Z"),
          LocalDateTime.parse("2024-02-29T00:00:00"),
          null,
          "here",
          InMemoryRow.of(ADDRESS, "Rome", 100),
          null,
          Double.NaN,
          List.of(1));

  private static boolean passes(String condition) {
    return RowFilter.parse(condition).bind(TYPE).test(ROW);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "i = 7",
        "i == 7.0",
        "7 = i",
        "i <> 8 and i != 6",
        "i < 8",
        "i <= 7",
        "I > -1",
        "i >= +7",
        "i BETWEEN 7 AND 9",
        "i not between 8 and 9",
        "i IN (1, 7, NULL)",
        "i NOT IN (1, 2)",
        "i < 7.5",
        "i = '7'",
        "b",
        "NOT NOT b",
        "b = TRUE",
        "b AND (i = 1 OR i = 7)",
        "l = 9007199254740993",
        "l > 9007199254740992",
        "l <> 9007199254740993.5",
        "l < 9007199254740993.5",
        "l < 99999999999999999999999",
        "dec = 123456789012345678.25",
        "dec > 123456789012345678.249999",
        "dec > l",
        "d = 0.1",
        "d < 1e3",
        "f = 0.5",
        "f > d",
        "i > f",
        "nan = nan",
        "nan > 1e308",
        "nan = 'NaN'",
        "nan > l",
        "s LIKE 'it''s%'",
        "s LIKE '%\\%%'",
        "s LIKE '%100!% __x' ESCAPE '!' OR s LIKE '%100!% _!_x' ESCAPE '!'",
        "s NOT LIKE 'x%'",
        "s > 'it''s'",
        "s < 'j'",
        "bin = 'ab'",
        "date = DATE '2024-02-29'",
        "date = '2024-02-29'",
        "date < '2024-02-29 00:00:01'",
        "date < ts",
        "ts > date",
        "date = ntz",
        "ts = TIMESTAMP '2024-02-29 12:30:00.000001'",
        "ts = '2024-02-29T12:30:00.000001Z'",
        "ts = TIMESTAMP '2024-02-29 13:30:00.000001+01:00'",
        "ts >= DATE '2024-02-29'",
        "ntz = TIMESTAMP '2024-02-29 00:00:00'",
        "n IS NULL",
        "i IS NOT NULL",
        "n <=> NULL",
        "NOT n <=> 'x'",
        "i <=> 7",
        "`the name` = 'here'",
        "addr.city = 'Rome'",
        "addr . zip >= 100",
        "`addr`.`city` LIKE 'R_me'",
        "noaddr.city IS NULL",
        "noaddr IS NULL",
        "addr IS NOT NULL",
        "list IS NOT NULL",
        "n = 'x' OR i = 7",
        "NOT (n = 'x' AND i = 8)",
        "1 = 1",
        "'a' < 'b'",
        "s > '\uFFFF' OR s < '\uFFFF'",
      })
  void passesTheRow(String condition) {
    assertThat(passes(condition)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "i = 8",
        "n = 'x'",
        "NOT n = 'x'",
        "n <> 'x'",
        "n = NULL",
        "n <> NULL",
        "NULL",
        "NOT NULL",
        "n LIKE '%'",
        "n NOT LIKE '%'",
        "n IN ('x')",
        "n NOT IN ('x')",
        "i NOT IN (1, NULL)",
        "n BETWEEN 'a' AND 'z'",
        "noaddr.city = 'Rome'",
        "noaddr.city <> 'Rome'",
        "NOT (n = 'x' OR i = 7)",
        "n = 'x' AND i = 7",
        "b = FALSE",
        "NOT b",
        "l = 9007199254740992",
        "l = 9007199254740993.5",
        "d > 0.1",
        "nan < 1e308",
        "nan <> nan",
        "s LIKE 'it'",
        "s LIKE '%100\\_%'",
        "i <=> NULL",
        "date <> '2024-02-29'",
        "ts < '2024-02-29'",
      })
  void holdsTheRowBack(String condition) {
    assertThat(passes(condition)).isFalse();
  }

  @Test
  void ordersTextByCodePointsAndNotByUtf16() {
    StructType type = StructType.of(Column.nullable("s", Primitive.STRING));

    BoundRowFilter filter = RowFilter.parse("s > '\uFF5E'").bind(type);

    assertThat(filter.test(InMemoryRow.of(type, "\uD83D\uDE80"))).isTrue();
  }

  @Test
  void takesTheTwoZerosForEqual() {
    StructType type = StructType.of(Column.nullable("d", Primitive.DOUBLE));

    assertThat(RowFilter.parse("d = 0").bind(type).test(InMemoryRow.of(type, -0.0))).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "i = | 4 | a column or a literal",
        "i = 1 x = 2 | 7 | AND, OR or the end",
        "(i = 1 | 7 | \")\"",
        "5 | 2 | a comparison",
        "i NOT 5 | 7 | IN, BETWEEN or LIKE",
        "i IS 5 | 6 | NULL",
        "i IN 5 | 6 | \"(\"",
        "i BETWEEN 1 OR 2 | 13 | AND",
        "s LIKE 5 | 8 | a pattern",
        "s = 'open | 5 | not closed",
        "s = \"x\" | 5 | single quotes",
        "i = 1 & 2 | 7 | unexpected character",
        "d = DATE '2024-02-30' | 10 | a date looks like",
        "d = TIMESTAMP 'x' | 15 | a timestamp looks like",
        "AND = 1 | 1 | a column or a literal",
        "i = 1a | 5 | back quotes",
        "s LIKE 'x' ESCAPE 'yy' | 19 | one character",
        "`` = 1 | 1 | empty",
        "addr. = 1 | 7 | a column",
        "i = 1e99999 | 5 | too large",
      })
  void namesThePositionAndWhatItExpected(String condition, int position, String expectation) {
    assertThatThrownBy(() -> RowFilter.parse(condition))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at position " + position + " ")
        .hasMessageContaining(expectation);
  }

  @Test
  void refusesConditionsThatAreTooDeepRatherThanOverflow() {
    String deep = "(".repeat(5_000) + "i = 1" + ")".repeat(5_000);

    assertThatThrownBy(() -> RowFilter.parse(deep))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nested");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "missing = 1 | missing",
        "addr.street = 1 | addr.street",
        "s.x = 1 | s.x",
        "i = 'seven' | i",
        "i = TRUE | i",
        "date = 5 | date",
        "ts = 'noon' | ts",
        "addr = 1 | addr",
        "addr = addr | addr",
        "list IN (1) | list",
        "i LIKE '7' | i",
        "s | s",
        "s = i | s",
      })
  void namesTheColumnThatDoesNotFit(String condition, String column) {
    RowFilter filter = RowFilter.parse(condition);

    assertThatThrownBy(() -> filter.bind(TYPE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("\"" + column + "\"");
  }

  @Test
  void findsColumnsWithoutCaseUnlessTwoDifferInCaseAlone() {
    StructType type =
        StructType.of(Column.nullable("A", Primitive.LONG), Column.nullable("a", Primitive.LONG));
    Row row = InMemoryRow.of(type, 1L, 2L);

    assertThat(RowFilter.parse("a = 2").bind(type).test(row)).isTrue();
    assertThat(RowFilter.parse("A = 1").bind(type).test(row)).isTrue();
    StructType mixed =
        StructType.of(Column.nullable("Ab", Primitive.LONG), Column.nullable("aB", Primitive.LONG));
    assertThatThrownBy(() -> RowFilter.parse("ab = 1").bind(mixed))
        .isInstanceOf(ConfigurationException.class);
  }

  @Test
  void tellsItsColumnsAndConjuncts() {
    RowFilter filter = RowFilter.parse("i = 1 AND (s = 'x' OR ADDR.city = 'y') AND NOT b");

    assertThat(filter.bind(TYPE).columns()).containsExactly("i", "s", "addr", "b");
    assertThat(filter.conjuncts()).hasSize(3);
    assertThat(filter.conjuncts().get(1).bind(TYPE).columns()).containsExactly("s", "addr");
  }

  @Test
  void translatesWithNegationsResolved() {
    RowFilter filter =
        RowFilter.parse("NOT (i > 1 OR s IS NULL OR 2 <= l) AND dec IN (1, 2) AND i = 1.5");

    String text = filter.bind(TYPE).accept(new Printer());

    assertThat(text)
        .isEqualTo("((i LESS_OR_EQUAL 1 & s!null & l LESS 2) & (dec EQUAL 1 | dec EQUAL 2) & ?)");
  }

  private static final class Printer implements FilterVisitor<String> {
    @Override
    public String compare(List<String> path, DataType type, Comparison comparison, Object value) {
      return path.get(0) + " " + comparison + " " + value;
    }

    @Override
    public String isNull(List<String> path, DataType type, boolean negated) {
      return path.get(0) + (negated ? "!" : "=") + "null";
    }

    @Override
    public String and(List<String> operands) {
      return "(" + String.join(" & ", operands) + ")";
    }

    @Override
    public String or(List<String> operands) {
      return "(" + String.join(" | ", operands) + ")";
    }

    @Override
    public String other() {
      return "?";
    }
  }

  @Test
  void isEqualByConditionAndShowsItsText() {
    assertThat(RowFilter.parse("i=1 AND b")).isEqualTo(RowFilter.parse("i = 1  and b"));
    assertThat(RowFilter.parse("i = 1")).hasToString("i = 1");
  }
}

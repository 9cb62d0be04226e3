package io.reverseetl.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.reverseetl.document.Document;
import io.reverseetl.exceptions.ConfigurationException;
import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.ArrayType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.Primitive;
import io.reverseetl.table.StructType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class DocumentIdTest {
  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9_.~:-]+");

  @Test
  void takesTextAsItIs() {
    assertThat(plain(Primitive.STRING, "a b.c-d_e:é你\ud83d\ude00"))
        .isEqualTo("a b.c-d_e:é你\ud83d\ude00");
    assertThat(plain(Primitive.STRING, "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"))
        .isEqualTo("f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  }

  @Test
  void hasOneTextForEachTypeThatCanBeAnId() {
    assertThat(plain(Primitive.BYTE, (byte) -1)).isEqualTo("-1");
    assertThat(plain(Primitive.SHORT, (short) 7)).isEqualTo("7");
    assertThat(plain(Primitive.INTEGER, 7)).isEqualTo("7");
    assertThat(plain(Primitive.LONG, 1L << 62)).isEqualTo("4611686018427387904");
    assertThat(plain(Primitive.BOOLEAN, true)).isEqualTo("true");
    assertThat(plain(new DecimalType(20, 2), new BigDecimal("1.50"))).isEqualTo("1.50");
    assertThat(plain(Primitive.DATE, 0)).isEqualTo("1970-01-01");
    assertThat(plain(Primitive.TIMESTAMP, 1L)).isEqualTo("1970-01-01T00:00:00.000001Z");
    assertThat(plain(Primitive.TIMESTAMP_NTZ, 1L)).isEqualTo("1970-01-01T00:00:00.000001");
  }

  @Test
  void refusesTypesWithoutOneText() {
    for (DataType type :
        List.of(
            Primitive.FLOAT,
            Primitive.DOUBLE,
            Primitive.BINARY,
            Primitive.VARIANT,
            new ArrayType(Primitive.STRING, true),
            TestRow.schema("a", Primitive.STRING))) {
      assertThatThrownBy(() -> plain(type, null))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageContaining("id names the column \"key\"");
    }
  }

  @Test
  void refusesPlainTextThatCosmosDoesNotTake() {
    for (String bad :
        List.of(
            "a/b",
            "a\\b",
            "a?",
            "#a",
            "",
            "a ",
            "a\u00a0",
            "é\u3000",
            "a\tb",
            "\u0000",
            "\u007f",
            "é\u0085é",
            ".",
            "..",
            "x".repeat(1024),
            "é".repeat(512),
            "a\ud83d")) {
      assertThatThrownBy(() -> plain(Primitive.STRING, bad))
          .as(bad)
          .isInstanceOf(MappingException.class)
          .hasMessageContaining("key")
          .satisfies(e -> assertThat(((MappingException) e).column()).contains("key"));
    }
    assertThat(plain(Primitive.STRING, "x".repeat(1023))).hasSize(1023);
    assertThat(plain(Primitive.STRING, " a")).isEqualTo(" a");
    assertThat(plain(Primitive.STRING, "...")).isEqualTo("...");
  }

  @Test
  void refusesNullInAnyIdColumn() {
    assertThatThrownBy(() -> plain(Primitive.STRING, null))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("\"key\" is null");
    assertThatThrownBy(() -> id(IdFormat.ESCAPED, "a", null))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("\"c1\" is null");
  }

  @Test
  void escapesWithATildeAndJoinsWithAColon() {
    assertThat(id(IdFormat.ESCAPED, "Az09-_.")).isEqualTo("Az09-_.");
    assertThat(id(IdFormat.ESCAPED, "a/b é~:%")).isEqualTo("a~2Fb~20~C3~A9~7E~3A~25");
    assertThat(id(IdFormat.ESCAPED, "..")).isEqualTo("~2E.");
    assertThat(id(IdFormat.ESCAPED, "eu", "a:b", "")).isEqualTo("eu:a~3Ab:");
    assertThatThrownBy(() -> id(IdFormat.ESCAPED, ""))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("empty");
    assertThatThrownBy(() -> id(IdFormat.ESCAPED, "é".repeat(171)))
        .isInstanceOf(MappingException.class)
        .hasMessageContaining("1026 bytes")
        .hasMessageContaining("IdFormat.HASHED");
  }

  @Test
  void severalColumnsAreEscapedByDefault() {
    assertThat(id(null, "a-b", "c")).isEqualTo("a-b:c");
    assertThat(id(null, "a", "b-c")).isEqualTo("a:b-c");
    assertThatThrownBy(() -> id(IdFormat.PLAIN, "a", "b"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("IdFormat.PLAIN takes one id column");
  }

  @Test
  void hashesTheEscapedTextAndKeepsTheColumns() {
    StructType table = TestRow.schema("a", Primitive.STRING, "b", Primitive.STRING);
    ColumnMapper mapper =
        ColumnMapper.builder().id("a", "b").idFormat(IdFormat.HASHED).partitionKey("a").build();

    Document document = Mapping.map(mapper, new TestRow(table, "x", "y".repeat(5000)));
    String known = Mapping.map(mapper, new TestRow(table, "a", "b")).key().id();

    assertThat(document.key().id()).hasSize(43).matches("[A-Za-z0-9_-]+");
    assertThat(document.text()).contains("\"a\":\"x\"", "\"b\":\"yyy");
    // printf 'a:b' | openssl dgst -sha256 -binary | base64
    assertThat(known).isEqualTo("Z4OjHqv2jMwGYPk1wIJigr3SJB86gKny0Q1Zrqnrtdg");
  }

  @Test
  void differentValuesNeverHaveTheSameId() {
    long seed = 22L;
    Random random = new Random(seed);
    Map<String, List<String>> escaped = new HashMap<>();
    Map<String, List<String>> hashed = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      List<String> values = List.of(text(random), text(random));
      String id = id(IdFormat.ESCAPED, values.toArray());
      String hash = id(IdFormat.HASHED, values.toArray());

      assertThat(id).as("seed %s", seed).matches(SAFE);
      assertThat(unescape(id)).as("seed %s", seed).isEqualTo(values);
      assertThat(escaped.getOrDefault(id, values)).as("seed %s", seed).isEqualTo(values);
      assertThat(hashed.getOrDefault(hash, values)).as("seed %s", seed).isEqualTo(values);
      escaped.put(id, values);
      hashed.put(hash, values);
    }
    assertThat(escaped).hasSameSizeAs(hashed).hasSizeGreaterThan(2_000);
  }

  /** Short text of characters that could be mistaken for others. */
  private static String text(Random random) {
    String alphabet = "ab:~%/.2F3A -é你";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return random.nextInt(20) == 0 ? "" : text.toString();
  }

  /** The way back, which shows that nothing is lost. */
  private static List<String> unescape(String id) {
    return java.util.Arrays.stream(id.split(":", -1))
        .map(
            part -> {
              byte[] bytes = new byte[part.length()];
              int length = 0;
              for (int i = 0; i < part.length(); i++) {
                if (part.charAt(i) == '~') {
                  bytes[length++] = (byte) Integer.parseInt(part.substring(i + 1, i + 3), 16);
                  i += 2;
                } else {
                  bytes[length++] = (byte) part.charAt(i);
                }
              }
              return new String(bytes, 0, length, StandardCharsets.UTF_8);
            })
        .toList();
  }

  private static String plain(DataType type, Object value) {
    StructType table = TestRow.schema("key", type, "p", Primitive.STRING);
    ColumnMapper mapper = ColumnMapper.builder().id("key").partitionKey("p").build();
    Document document = Mapping.map(mapper, new TestRow(table, value, "x"));
    assertThat(Json.parse(document).get("id").textValue()).isEqualTo(document.key().id());
    return document.key().id();
  }

  private static String id(IdFormat format, Object... values) {
    Object[] schema = new Object[values.length * 2];
    String[] names = new String[values.length];
    for (int i = 0; i < values.length; i++) {
      names[i] = "c" + i;
      schema[i * 2] = names[i];
      schema[i * 2 + 1] = Primitive.STRING;
    }
    ColumnMapper.Builder builder = ColumnMapper.builder().id(names).partitionKey("c0");
    if (format != null) {
      builder.idFormat(format);
    }
    Document document = Mapping.map(builder.build(), new TestRow(TestRow.schema(schema), values));
    assertThat(Json.parse(document).get("id").textValue()).isEqualTo(document.key().id());
    return document.key().id();
  }
}

package io.reverseetl.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DocumentTest {
  private static final DocumentKey KEY = DocumentKey.of("7", "eu");
  private static final long BEYOND = (1L << 53) + 1;

  @Test
  void tellsWhetherItsBodyIsKnownToFitItsKey() {
    DocumentKey key = DocumentKey.of("7", "eu");
    byte[] json = "{\"id\":\"7\",\"region\":\"eu\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    assertThat(Document.ofConsistentJson(key, json).isConsistent()).isTrue();
    assertThat(Document.ofJson(key, json).isConsistent()).isFalse();
    assertThatThrownBy(() -> Document.ofConsistentJson(key, new byte[] {'x'}))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void putsTheIdFirst() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("region", "eu");
    properties.put("id", "7");

    Document document = Document.of(KEY, properties);

    assertThat(document.text()).isEqualTo("{\"id\":\"7\",\"region\":\"eu\"}");
    assertThat(document.sizeInBytes()).isEqualTo(24);
  }

  @Test
  void writesPlainValuesOfAnyDepth() {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("list", Arrays.asList(1, null, List.of(true)));
    properties.put("number", new BigDecimal("12.50"));
    properties.put("map", Map.of("a", 0.1f));

    Document document = Document.of(KEY, properties);

    assertThat(document.text())
        .isEqualTo("{\"id\":\"7\",\"list\":[1,null,[true]],\"number\":12.50,\"map\":{\"a\":0.1}}");
  }

  @Test
  void refusesNumbersThatCosmosWouldRound() {
    refuses(BEYOND);
    refuses(Long.MAX_VALUE);
    refuses(BigInteger.valueOf(BEYOND));
    refuses(BigInteger.TEN.pow(400));
    refuses(new BigDecimal("0.12345678901234567890"));
    refuses(List.of(Map.of("deep", BEYOND)));
    accepts(1L << 53);
    accepts(Long.MIN_VALUE);
    accepts(new BigDecimal("0.1"));
    accepts(BigInteger.ONE.shiftLeft(80));
  }

  @Test
  void refusesWhatHasNoJsonForm() {
    refuses(Double.NaN);
    refuses(Float.POSITIVE_INFINITY);
    refuses(new AtomicLong(1));
    refuses(Instant.EPOCH);
    refuses(Map.of(1, "one"));
  }

  @Test
  void refusesTextThatIsNotUnicode() {
    refuses("\ud83d");
    refuses("a\ude00b");
    refuses(Map.of("\ud83d", 1));
    accepts("\ud83d\ude00");
  }

  @Test
  void refusesNestingBeyond128Levels() {
    accepts(nested(127));
    refuses(nested(128));
  }

  @Test
  void refusesAnotherIdThanTheKeys() {
    assertThatIllegalArgumentException().isThrownBy(() -> Document.of(KEY, Map.of("id", "8")));
    assertThatIllegalArgumentException().isThrownBy(() -> Document.of(KEY, Map.of("id", 7)));
  }

  @Test
  void refusesBytesThatAreNoObject() {
    for (String json : List.of("", "[]", "{", " {}", "{} ", "1")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Document.ofJson(KEY, json.getBytes(StandardCharsets.UTF_8)));
    }
  }

  @Test
  void keepsItsContentOutOfLogs() {
    assertThat(Document.of(KEY, Map.of("secret", "x")).toString()).doesNotContain("x\"", "secret");
  }

  private static Object nested(int levels) {
    Object value = 1;
    for (int i = 0; i < levels; i++) {
      value = List.of(value);
    }
    return value;
  }

  private static void accepts(Object value) {
    assertThat(Document.of(KEY, Map.of("value", value)).sizeInBytes()).isPositive();
  }

  private static void refuses(Object value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Document.of(KEY, Map.of("value", value)))
        .withMessageContaining("value");
  }
}

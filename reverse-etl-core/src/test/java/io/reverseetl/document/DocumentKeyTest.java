package io.reverseetl.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.reverseetl.exceptions.MappingException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class DocumentKeyTest {
  private static final long BEYOND = (1L << 53) + 1;

  @Test
  void numbersOfAnyClassAreTheSameDouble() {
    DocumentKey key = DocumentKey.of("1", 7.0);

    assertThat(key).isEqualTo(DocumentKey.of("1", 7)).hasSameHashCodeAs(DocumentKey.of("1", 7));
    assertThat(key).isEqualTo(DocumentKey.of("1", 7L));
    assertThat(key).isEqualTo(DocumentKey.of("1", (short) 7));
    assertThat(key).isEqualTo(DocumentKey.of("1", (byte) 7));
    assertThat(key).isEqualTo(DocumentKey.of("1", 7f));
    assertThat(key).isEqualTo(DocumentKey.of("1", BigInteger.valueOf(7)));
    assertThat(key).isEqualTo(DocumentKey.of("1", new BigDecimal("7.00")));
    assertThat(key.levels()).containsExactly(7.0);
  }

  @Test
  void negativeZeroIsZero() {
    assertThat(DocumentKey.of("1", -0.0)).isEqualTo(DocumentKey.of("1", 0));
    assertThat(DocumentKey.of("1", -0.0f)).isEqualTo(DocumentKey.of("1", 0));
  }

  @Test
  void takesIntegersBeyondTwoToThe53ThatAreDoubles() {
    assertThat(DocumentKey.of("1", 1L << 60).levels()).containsExactly(0x1p60);
    assertThat(DocumentKey.of("1", Long.MIN_VALUE).levels()).containsExactly(-0x1p63);
    assertThat(DocumentKey.of("1", BigInteger.ONE.shiftLeft(70)).levels()).containsExactly(0x1p70);
  }

  @Test
  void refusesIntegersThatAreNoDoubles() {
    refuses(BEYOND);
    refuses(-BEYOND);
    refuses(Long.MAX_VALUE);
    refuses(BigInteger.valueOf(BEYOND));
    refuses(BigInteger.ONE.shiftLeft(70).add(BigInteger.ONE));
    refuses(BigInteger.ONE.shiftLeft(2000));
  }

  @Test
  void refusesDecimalsThatAreNoDoubles() {
    refuses(new BigDecimal("0.1"));
    refuses(new BigDecimal(BEYOND));
    refuses(new BigDecimal("1e400"));
    assertThat(DocumentKey.of("1", new BigDecimal("0.5")).levels()).containsExactly(0.5);
  }

  @Test
  void refusesNumbersThatAreNotFinite() {
    refuses(Double.NaN);
    refuses(Double.POSITIVE_INFINITY);
    refuses(Float.NEGATIVE_INFINITY);
  }

  @Test
  void refusesHalvesOfSurrogatePairsInIdAndPartitionKey() {
    for (String cut :
        List.of("a\uD83D", "\uD83Da", "\uDE00", "\uDE00\uD83D", "\uD83D\uD83D\uDE00")) {
      assertThatExceptionOfType(MappingException.class)
          .isThrownBy(() -> DocumentKey.of(cut, "eu"))
          .withMessageContaining("The id is not valid Unicode")
          .withMessageContaining("Mend the data");
      assertThatExceptionOfType(MappingException.class)
          .isThrownBy(() -> DocumentKey.of("1", "eu", cut))
          .withMessageContaining("A text in the partition key is not valid Unicode");
    }
  }

  @Test
  void takesCharactersBeyondSixteenBits() {
    String text = "a\uD83D\uDE00\uD834\uDD1E\uFFFD";

    assertThat(DocumentKey.of(text, text).id()).isEqualTo(text);
  }

  @Test
  void refusesNumberClassesWhoseDigitsItCannotSee() {
    refuses(new AtomicLong(BEYOND));
  }

  @Test
  void takesAFloatAsTheDoubleThatItsJsonTextReadsAs() {
    assertThat(DocumentKey.of("1", 0.1f).levels()).containsExactly(0.1);
  }

  @Test
  void holdsNullAndAbsentApart() {
    DocumentKey ofNull = DocumentKey.of("1", "a", null);
    DocumentKey ofAbsent = DocumentKey.of("1", "a", DocumentKey.ABSENT);

    assertThat(ofNull).isNotEqualTo(ofAbsent);
    assertThat(ofNull.levels()).containsExactly("a", null);
    assertThat(ofAbsent.levels()).containsExactly("a", DocumentKey.ABSENT);
    assertThat(ofAbsent).isEqualTo(DocumentKey.of("1", "a", DocumentKey.ABSENT));
  }

  @Test
  void holdsTextAndNumbersAndBooleansApart() {
    assertThat(DocumentKey.of("1", "7")).isNotEqualTo(DocumentKey.of("1", 7));
    assertThat(DocumentKey.of("1", "true")).isNotEqualTo(DocumentKey.of("1", true));
    assertThat(DocumentKey.of("1", "a", "b")).isNotEqualTo(DocumentKey.of("1", "b", "a"));
    assertThat(DocumentKey.of("1", "a")).isNotEqualTo(DocumentKey.of("2", "a"));
    assertThat(DocumentKey.of("1", "a")).isNotEqualTo(DocumentKey.of("1", "a", "a"));
  }

  @Test
  void hasOneToThreeLevels() {
    assertThatIllegalArgumentException().isThrownBy(() -> DocumentKey.of("1"));
    assertThatIllegalArgumentException().isThrownBy(() -> DocumentKey.of("1", 1, 2, 3, 4));
    assertThat(DocumentKey.of("1", 1, 2, 3).levels()).hasSize(3);
  }

  @Test
  void isNotChangedThroughTheArrayThatItWasMadeOf() {
    Object[] levels = {"a"};
    DocumentKey key = DocumentKey.of("1", levels);

    levels[0] = "b";

    assertThat(key.levels()).containsExactly("a");
  }

  private static void refuses(Object level) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DocumentKey.of("1", level))
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain(level.toString()));
  }
}

package io.reverseetl.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DoubleExactnessTest {

  @Test
  void everyIntegerUpToTwoToThe53IsExact() {
    assertThat(DoubleExactness.isExact(1L << 53)).isTrue();
    assertThat(DoubleExactness.isExact(-(1L << 53))).isTrue();
    assertThat(DoubleExactness.isExact((1L << 53) + 1)).isFalse();
    assertThat(DoubleExactness.isExact((1L << 53) + 2)).isTrue();
    assertThat(DoubleExactness.isExact(Long.MAX_VALUE)).isFalse();
    assertThat(DoubleExactness.isExact(Long.MIN_VALUE)).isTrue();
  }

  @Test
  void agreesWithArithmeticWithoutRounding() {
    long seed = 20_240_229L;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      long value = random.nextLong() >> random.nextInt(20) << random.nextInt(14);
      boolean expected =
          new BigDecimal((double) value).toBigInteger().equals(BigInteger.valueOf(value));

      assertThat(DoubleExactness.isExact(value)).as("seed %s: %s", seed, value).isEqualTo(expected);
      assertThat(DoubleExactness.isExact(BigInteger.valueOf(value))).isEqualTo(expected);
    }
  }

  @Test
  void decimalsOfFifteenDigitsComeBackFromADouble() {
    long seed = 15L;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      BigDecimal value =
          BigDecimal.valueOf(random.nextLong() % 1_000_000_000_000_000L, random.nextInt(39));

      assertThat(DoubleExactness.isExact(value)).isTrue();
      assertThat(new BigDecimal(Double.toString(value.doubleValue())))
          .as("seed %s", seed)
          .isEqualByComparingTo(value);
    }
  }

  @Test
  void longerDecimalsAreExactOnlyIfTheirDigitsComeBack() {
    assertThat(DoubleExactness.isExact(new BigDecimal("0.1234567890123456"))).isTrue();
    assertThat(DoubleExactness.isExact(new BigDecimal("0.12345678901234567"))).isFalse();
    assertThat(DoubleExactness.isExact(new BigDecimal("9007199254740993"))).isFalse();
    assertThat(DoubleExactness.isExact(new BigDecimal("1152921504606846976"))).isTrue();
    // The shortest text of the double is this, but rounded to units it is another number.
    assertThat(DoubleExactness.isExact(new BigDecimal("31793094006040030"))).isFalse();
    assertThat(DoubleExactness.isExact(new BigDecimal("1E400"))).isFalse();
    assertThat(DoubleExactness.isExact(new BigDecimal("1E-400"))).isFalse();
    assertThat(DoubleExactness.isExact(new BigDecimal("1E-2000000000"))).isFalse();
    assertThat(DoubleExactness.isExact(new BigDecimal("0E-2000000000"))).isTrue();
  }
}

package io.reverseetl.mapping;

import static org.assertj.core.api.Assertions.assertThat;

import io.reverseetl.exceptions.MappingException;
import io.reverseetl.table.DataType;
import io.reverseetl.table.DataType.DecimalType;
import io.reverseetl.table.DataType.Primitive;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** By default a number comes back from a double as it was, or mapping fails. */
class NumberRoundTripTest {
  private static final long SEED = 16L;

  private final Random random = new Random(SEED);

  @Test
  void longsComeBackOrFail() {
    int failed = 0;
    for (int i = 0; i < 5_000; i++) {
      long value = random.nextLong() >> random.nextInt(30);
      String json = jsonOrNull(Primitive.LONG, value);
      if (json == null) {
        failed++;
        assertThat((long) (double) value == value && value != Long.MAX_VALUE).isFalse();
      } else {
        assertThat(new BigDecimal(json)).as("seed %s", SEED).isEqualTo(BigDecimal.valueOf(value));
        assertThat((long) Double.parseDouble(json)).as("seed %s", SEED).isEqualTo(value);
      }
    }
    assertThat(failed).isBetween(250, 4_750);
  }

  @Test
  void decimalsComeBackOrFail() {
    int failed = 0;
    for (int i = 0; i < 5_000; i++) {
      int scale = random.nextInt(39);
      BigDecimal value = new BigDecimal(new BigInteger(random.nextInt(126), random), scale);
      if (random.nextBoolean()) {
        value = value.negate();
      }
      String json = jsonOrNull(new DecimalType(38, scale), value);
      if (json == null) {
        failed++;
      } else {
        double stored = Double.parseDouble(json);
        assertThat(new BigDecimal(json)).as("seed %s", SEED).isEqualByComparingTo(value);
        assertThat(new BigDecimal(stored).setScale(scale, RoundingMode.HALF_EVEN))
            .as("seed %s", SEED)
            .isEqualTo(value);
      }
    }
    assertThat(failed).isBetween(250, 4_750);
  }

  @Test
  void doublesAndFloatsComeBack() {
    for (int i = 0; i < 5_000; i++) {
      double value = Double.longBitsToDouble(random.nextLong());
      float small = Float.intBitsToFloat(random.nextInt());
      if (Double.isFinite(value) && Float.isFinite(small)) {
        assertThat(Double.parseDouble(jsonOrNull(Primitive.DOUBLE, value))).isEqualTo(value);
        assertThat((float) Double.parseDouble(jsonOrNull(Primitive.FLOAT, small))).isEqualTo(small);
      }
    }
  }

  private static String jsonOrNull(DataType type, Object value) {
    try {
      return Mapping.json(type, value);
    } catch (MappingException e) {
      return null;
    }
  }
}
